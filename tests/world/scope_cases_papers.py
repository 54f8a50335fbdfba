"""The reads of papers, and where what they return belongs."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from fengsui.engines.calls.models import Call
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.response.alerts.models import Alert
from fengsui.review.papers import facts, queries
from fengsui.review.papers.models import Bulletin, Share
from fengsui.standards.instants import to_ms
from tests.world.scope_cases import NODE, Belongs, ScopeCase, by, one
from tests.world.scope_cases_search import build_world as build_before
from tests.world.scope_cases_tonight import SEE_CALLS, Asked, Tonight, a_number

VERIFY_RECORD = Permission.VERIFY_RECORD


def build_world() -> Tonight:
    """Everything before, and of every callout a list, a paper taken, a report and a link; of every
    call a relayed word."""
    world: Any = build_before()
    for callout_id, codes in world.callouts.items():
        calls = dict(Call.objects.filter(callout_id=callout_id).values_list("id", "place_code"))
        _say(viewer=NODE, callout_id=callout_id, place_code=codes[0], calls=calls)
    return world  # type: ignore[no-any-return]


@command
def _say(*, viewer: Viewer, callout_id: int, place_code: str, calls: dict[int, str]) -> None:
    now = to_ms(clock.now())
    alert_id = Alert.objects.filter(callout_id=callout_id).values_list("id", flat=True).first()
    about = {"callout_id": callout_id}
    said: list[tuple[Any, dict[str, Any]]] = [
        (facts.LIST_DRAWN, {"at_ms": now, "called": 1, "unanswered": 1}),
        (
            facts.TAKEN,
            {
                "number": "1", "what": "unanswered", "format": "xlsx", "at_ms": now,
                "rows_count": 1, "with_personal": False, "reason": "", "recipient": "示意",
                "actor_name": "示意",
            },
        ),
        (
            facts.SHARE_MADE,
            {
                "alert_id": alert_id, "token_hash": str(callout_id), "code_hash": "", "parts": [],
                "recipient": "示意", "reason": "示意",
                "expires_at_ms": to_ms(clock.now() + timedelta(days=1)),
            },
        ),
    ]  # fmt: skip
    for kind, fields in said:
        record(kind, fields=about | fields, scope=place_code, viewer=viewer)
    record(
        facts.BULLETIN_ISSUED,
        fields={
            "alert_id": alert_id, "callout_id": callout_id, "year": 2026, "issue": 1, "version": 1,
            "kind": "first", "numbers": {}, "edited": {}, "notes": {}, "main_to": "",
            "copy_to": "", "reason": "", "late_reason": "", "known_at_ms": now, "exercise": True,
        },
        personal={"sections": [], "contact": ""},
        scope=place_code,
        viewer=viewer,
    )  # fmt: skip
    for call_id, code in calls.items():
        record(
            facts.RELAYED,
            fields={
                "call_id": call_id, "callout_id": callout_id, "said": "on_it",
                "heard_at_ms": now, "client_id": f"{callout_id} {call_id}",
            },
            personal={"text": "示意", "group": ""},
            scope=code,
            viewer=viewer,
        )  # fmt: skip


def _by_call(permission: Permission, key: Any) -> Any:
    def belongs(world: Tonight, rows: Any) -> Belongs:
        for row in rows:
            call_id = int(key(row) or 0)
            if call_id:
                yield world.calls[call_id], permission

    return belongs


def _callout(world: Tonight, draw: random.Random) -> int:
    return one(world.callouts, draw)


def _overview(world: Tonight, draw: random.Random, viewer: Viewer) -> Asked:
    callout_id = _callout(world, draw)
    return Asked(viewer, world.callouts[callout_id], queries.overview(callout_id, viewer=viewer))


def _review(world: Tonight, draw: random.Random, viewer: Viewer) -> Asked:
    callout_id = _callout(world, draw)
    return Asked(viewer, world.callouts[callout_id], queries.review(callout_id, viewer=viewer))


def _unanswered(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    return queries.unanswered_at(_callout(world, draw), viewer=viewer, at=clock.now())


def _chain(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    codes = draw.sample(world.codes, 3)
    text = "\n".join(f"{row}. 示意{code} 收到" for row, code in enumerate(codes, 1))
    return queries.chain(_callout(world, draw), text, viewer=viewer)[0]


def _one_of(table: Any, draw: random.Random) -> int:
    ids: list[int] = sorted(table.objects.values_list("id", flat=True))
    return draw.choice(ids)


def _maybe(row: Any) -> list[Any]:
    return [] if row is None else [row]


CASES_PAPERS: list[ScopeCase] = [
    ScopeCase("papers.unanswered_at", _unanswered, _by_call(SEE_CALLS, lambda row: row.call_id)),
    ScopeCase(
        "papers.overview", _overview,
        a_number(SEE_CALLS, lambda row: row["called"], lambda row: row["unanswered"]),
    ),
    ScopeCase(
        "papers.drawn_list",
        lambda w, d, v: _maybe(queries.drawn_list(_callout(w, d), viewer=v)), by(SEE_CALLS),
    ),
    ScopeCase(
        "papers.taken", lambda w, d, v: queries.taken(_callout(w, d), viewer=v), by(SEE_CALLS)
    ),
    ScopeCase(
        "papers.chain", _chain, _by_call(Permission.ANSWER_FOR_OTHERS, lambda row: row.call_id)
    ),
    ScopeCase(
        "papers.relayed", lambda w, d, v: queries.relayed(_callout(w, d), viewer=v),
        _by_call(SEE_CALLS, lambda row: row["call_id"]),
    ),
    ScopeCase("papers.review", _review, a_number(SEE_CALLS, lambda row: row["counts"]["called"])),
    ScopeCase(
        "papers.bulletins", lambda w, d, v: queries.bulletins(one(w.alerts, d), viewer=v),
        by(SEE_CALLS),
    ),
    ScopeCase(
        "papers.bulletin", lambda w, d, v: queries.bulletin(_one_of(Bulletin, d), viewer=v),
        by(SEE_CALLS),
    ),
    ScopeCase(
        "papers.shares",
        lambda w, d, v: [one.share for one in queries.shares(_callout(w, d), viewer=v)],
        by(VERIFY_RECORD),
    ),
    ScopeCase(
        "papers.share_named", lambda w, d, v: queries.share_named(_one_of(Share, d), viewer=v),
        by(VERIFY_RECORD),
    ),
]  # fmt: skip

WITHOUT_CASE_PAPERS = {
    "papers.card": "the warning's own words, behind the callout's gate; the stories look for names",
    "papers.office_of": "one of the viewer's own offices",
    "papers.standing_numbers": "numbers of calls, evacuations and situation, each with its case",
    "papers.draft": "the same numbers in words, behind the alert's gate",
    "papers.paper_verdict": "about bytes that the asker brings",
}
