"""A Problem as an HTTP answer: the same five fields whatever went wrong."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem


def problem_body(problem: Problem) -> dict[str, Any]:
    plain = problem.to_plain()
    return {
        "code": plain["code"],
        "zh": plain["zh"],
        "en": plain["en"],
        "data": plain["data"],
        "request_id": request_id.current(),
    }


def problem_response(problem: Problem) -> JsonResponse:
    return JsonResponse(
        problem_body(problem),
        status=problem.kind.status,
        json_dumps_params={"ensure_ascii": False, "default": str},
    )
