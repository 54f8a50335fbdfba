"""The API put together: every app's router, one way to refuse, one document."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

import fengsui
from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.journal import storage
from fengsui.web.answers import problem_response
from fengsui.web.errors import (
    INVALID_INPUT,
    NO_SUCH_PAGE,
    TOO_LARGE,
    UNREADABLE,
    WENT_WRONG,
    WRONG_METHOD,
)

ROUTERS = (
    "fengsui.foundation.nodes.api",
    "fengsui.foundation.ledgers.api",
    "fengsui.foundation.imports.api",
    "fengsui.foundation.accounts.api",
    "fengsui.foundation.devices.api",
    "fengsui.foundation.attachments.api",
    "fengsui.foundation.places.api",
    "fengsui.foundation.people.api",
    "fengsui.registers.risks.api",
    "fengsui.registers.venues.api",
    "fengsui.engines.calls.api",
    "fengsui.readiness.policies.api",
    "fengsui.readiness.watch.api",
    "fengsui.response.alerts.api",
    "fengsui.response.situation.api",
    "fengsui.exchange.neighbours.api",
    "fengsui.exchange.bundles.api",
    "fengsui.exchange.telegrams.api",
    "fengsui.exchange.sheets.api",
    "fengsui.web.board",
    "fengsui.web.levels",
    "fengsui.web.map",
    "fengsui.web.tiles",
    "fengsui.web.record",
    "fengsui.web.field",
    "fengsui.web.phones",
    "fengsui.web.posts",
    "fengsui.review.demonstration.api",
    "fengsui.review.replay.api",
    "fengsui.review.papers.api",
    "fengsui.review.retention.api",
    "fengsui.review.search.api",
)
log = logging.getLogger("fengsui.web")

api = NinjaAPI(
    title="Fengsui 烽燧",
    version=fengsui.__version__,
    description="Errors carry a code, a sentence in Chinese and in English, data and request_id.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


for _name in ROUTERS:
    api.add_router("", import_module(_name).router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = [_field_of(each) for each in error.errors]
    return problem_response(INVALID_INPUT(field=", ".join(places[:5])))


def _field_of(error: dict[str, Any]) -> str:
    """("body", "data", "reason") becomes "reason": the reader knows fields, not our parsing."""
    parts = [str(part) for part in error.get("loc", ()) if part not in ("body", "query", "path")]
    return ".".join(parts[-2:]) or "body"


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    kinds = {404: NO_SUCH_PAGE, 405: WRONG_METHOD}
    return problem_response(kinds.get(error.status_code, UNREADABLE)())


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(NO_SUCH_PAGE())


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem_response(TOO_LARGE(megabytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20))


@api.exception_handler(MultiPartParserError)
def _unreadable_form(request: HttpRequest, error: MultiPartParserError) -> HttpResponse:
    return problem_response(UNREADABLE())


@api.exception_handler(OverflowError)
@api.exception_handler(DataError)
def _no_such_number(request: HttpRequest, error: Exception) -> HttpResponse:
    """A number or text that no column can hold, so no row can have it."""
    return problem_response(NOT_FOUND())


@api.exception_handler(DatabaseError)
def _disk(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    """Sessions are written here, not by the writer: a full disk is said the same way."""
    kind = storage.problem_of(error)
    return _went_wrong(request, error) if kind is None else problem_response(kind())


@api.exception_handler(Exception)
def _went_wrong(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("unhandled error in %s %s", request.method, request.path)
    return problem_response(WENT_WRONG(request_id=request_id.current()))


def not_found_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(NO_SUCH_PAGE())


def unreadable_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(UNREADABLE())


def broken_page(request: HttpRequest) -> HttpResponse:
    return problem_response(WENT_WRONG(request_id=request_id.current()))
