"""The reads of the situation and of who drives whose calls, and where what they return belongs."""

from __future__ import annotations

import random
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.facts import CALLOUT_TAKEN_OVER
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.response.alerts import queries as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.response.situation import queries as situation
from fengsui.response.situation import services
from fengsui.standards.divisions import scope_prefix
from tests.world.scope_cases import NODE, ScopeCase, World, by, one
from tests.world.scope_cases_tonight import (
    SEE_CALLS,
    SEE_HOUSEHOLDS,
    Asked,
    Tonight,
    a_number,
    about_evacuation,
    build_tonight,
    of_alerts,
)

SEE_PLACES = Permission.SEE_PLACES


def build_cut_off() -> Tonight:
    """Tonight, with something said of every village and every callout taken over somewhere."""
    world = build_tonight()
    for code in _villages(world):
        services.raise_sos(viewer=NODE, content={"place_code": code})
        services.report_headcount(
            viewer=NODE, content={"place_code": code, "should": 1, "moved": 0}
        )
        services.file_quick_report(viewer=NODE, content={"place_code": code, "affected": 1})
        services.relay(viewer=NODE, kind="sos", content={"place_code": code}, path="beidou")
    for callout_id, codes in world.callouts.items():
        take_over(viewer=NODE, callout_id=callout_id, place_code=codes[0])
    for evacuation_id in world.evacuations:
        rows = evacuations.households_of(evacuation_id, viewer=NODE)
        evacuation_services.link_households(
            viewer=NODE,
            evacuation_id=evacuation_id,
            household_id=rows[0].household_id,
            same_as=rows[1].household_id,
            reason="示意",
        )
    return world


@command
def take_over(*, viewer: Viewer, callout_id: int, place_code: str) -> None:
    fields = {"callout_id": callout_id, "reason": "示意", "contact": "cut_off"}
    record(CALLOUT_TAKEN_OVER, fields=fields, scope=place_code, viewer=viewer)


def _villages(world: World) -> list[str]:
    return [code for code in world.codes if len(code) == 12 and code[9:] != "000"]


def about_every_callout(ask: Any) -> Any:
    def asking(world: Tonight, draw: random.Random, viewer: Viewer) -> Asked:
        codes = [code for codes in world.callouts.values() for code in codes]
        return Asked(viewer, codes, ask(list(world.callouts), viewer=viewer))

    return asking


def _has_calls(world: Tonight, draw: random.Random, viewer: Viewer) -> Asked:
    callout_id, code = one(world.callouts, draw), one(world.codes, draw)
    codes = [each for each in world.callouts[callout_id] if each.startswith(scope_prefix(code))]
    return Asked(viewer, codes, calls.has_calls(callout_id, code, viewer=viewer))


def _same_number(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    return alerts.same_number(alerts.gate(one(world.alerts, draw), viewer=viewer), viewer=viewer)


def _total(rows: dict[str, dict[str, Any]], name: str) -> int:
    return sum(row[name] for row in rows.values())


CASES_CUT_OFF: list[ScopeCase] = [
    ScopeCase(
        "situation.open_sos", lambda w, d, v: situation.open_sos(viewer=v), by(SEE_HOUSEHOLDS)
    ),
    ScopeCase(
        "situation.headcounts", lambda w, d, v: situation.headcounts(None, viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "situation.headcount_total",
        lambda w, d, v: Asked(v, _villages(w), situation.headcount_total(None, viewer=v)),
        a_number(SEE_HOUSEHOLDS, lambda total: total["should"]),
    ),
    ScopeCase("situation.reports", lambda w, d, v: situation.reports(viewer=v), by(SEE_HOUSEHOLDS)),
    ScopeCase("situation.relays", lambda w, d, v: situation.relays(viewer=v), by(SEE_HOUSEHOLDS)),
    ScopeCase(
        "situation.contact", lambda w, d, v: situation.contact(viewer=v, now=clock.now()),
        by(SEE_PLACES),
    ),
    ScopeCase(
        "calls.takeovers", lambda w, d, v: calls.takeovers(one(w.callouts, d), viewer=v),
        by(SEE_CALLS),
    ),
    ScopeCase(
        "calls.awaited", about_every_callout(calls.awaited),
        a_number(SEE_CALLS, lambda rows: _total(rows, "calls")),
    ),
    ScopeCase(
        "calls.last_answers", about_every_callout(calls.last_answers), a_number(SEE_CALLS, len)
    ),
    ScopeCase(
        "calls.together", about_every_callout(calls.together),
        a_number(SEE_CALLS, lambda row: row["called"], lambda row: row["answered"]),
    ),
    ScopeCase("calls.has_calls", _has_calls, a_number(SEE_CALLS, int)),
    ScopeCase(
        "alerts.alerts_in_force", lambda w, d, v: alerts.alerts_in_force(viewer=v), of_alerts,
        chain_above=True,
    ),
    ScopeCase("alerts.same_number", _same_number, of_alerts, chain_above=True),
    ScopeCase(
        "evacuations.balance_together",
        about_evacuation(lambda key, viewer: evacuations.balance_together([key], viewer=viewer)),
        a_number(SEE_HOUSEHOLDS, lambda row: row["should"], lambda row: row["households_left"]),
    ),
    ScopeCase(
        "evacuations.left_by_village",
        about_evacuation(lambda key, viewer: evacuations.left_by_village([key], viewer=viewer)),
        a_number(SEE_HOUSEHOLDS, lambda rows: _total(rows, "households")),
    ),
    ScopeCase(
        "evacuations.links", lambda w, d, v: evacuations.links(one(w.evacuations, d), viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
]  # fmt: skip

WITHOUT_CASE_CUT_OFF = {
    "situation.moved_first": "filtered as its neighbours; the stories ask it from other places",
    "evacuations.met": "about the asker's own items, on rows of households_of",
}
