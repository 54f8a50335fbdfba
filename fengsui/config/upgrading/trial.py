"""The new release at work on a copy of the data, in a process of its own. Uses Django."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

PAGES = ("/public/", "/desk/", "/field/", "/healthz")
PROCESSES_OF_CHECK = 2


def run(depth: str) -> int:
    """`depth` is full (a rehearsal: everything is checked) or quick (the real data)."""
    began = time.monotonic()
    found: dict[str, Any] = {"why_zh": "", "why_en": ""}
    try:
        found |= _work(depth == "full")
    except Exception as error:
        found |= {
            "why_zh": f"新版本处理数据时出错（{type(error).__name__}：{error}）",
            "why_en": f"the new release failed on the data ({type(error).__name__}: {error})",
        }
    found["seconds"] = round(time.monotonic() - began, 2)
    sys.stdout.write("\n" + json.dumps(found, ensure_ascii=False) + "\n")
    return 0


def _work(is_full: bool) -> dict[str, Any]:
    from fengsui.config import schema
    from fengsui.foundation.journal import replay, services, verify, writer
    from fengsui.foundation.journal.models import StoredFact

    steps = schema.migrate()
    with writer.holding_the_pen():
        rebuilt = replay.rebuild_if_outdated()
        services.apply_newly_known(limit=None)
        differing = replay.rebuild_and_compare() if is_full else []
        facts = StoredFact.objects.count()
    found: dict[str, Any] = {"steps": steps, "rebuilt": rebuilt, "facts": facts}
    if is_full:
        report = verify.check_database(processes=PROCESSES_OF_CHECK)
        if not report.is_whole:
            return found | _because(
                f"记录核验不通过：{report.findings[0].zh}",
                f"the record is not whole: {report.findings[0].en}",
            )
        if differing:
            return found | _because(
                f"由记录重建的表与现有的不同：{'、'.join(differing)}",
                f"tables differ from what the facts add up to: {', '.join(differing)}",
            )
    return found | _pages()


def _because(zh: str, en: str) -> dict[str, str]:
    return {"why_zh": zh, "why_en": en}


def _pages() -> dict[str, str]:
    """The pages come from this program, over this data."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = Client(raise_request_exception=False)
    for path in PAGES:
        status = client.get(path).status_code
        # Nobody writes here, so the health check may say 503, and nothing else.
        if status != 200 and not (path == "/healthz" and status == 503):
            return _because(f"页面 {path} 打不开（{status}）", f"{path} answers {status}")
    return {}
