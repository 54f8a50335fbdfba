"""The reads of a night (calls, alerts, evacuations), and where what they return belongs.

A number is judged like rows: so many of the places that were asked about must be in sight.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import jobs
from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as call_services
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.response.alerts import facts as alert_facts
from fengsui.response.alerts import queries as alerts
from fengsui.response.alerts import services as alert_services
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.standards.divisions import village_of
from fengsui.standards.instants import to_ms
from tests.world.scope_cases import COUNTIES, NODE, Belongs, ScopeCase, World, by, one
from tests.world.scope_cases import build_world as build_registers

SEE_CALLS, SEE_ALERTS = Permission.SEE_CALLS, Permission.SEE_ALERTS
SEE_HOUSEHOLDS = Permission.SEE_HOUSEHOLDS


@dataclass
class Tonight(World):
    """The registers of two counties, and a night in each of them."""

    alerts: dict[int, str] = field(default_factory=dict)
    callouts: dict[int, list[str]] = field(default_factory=dict)  # where its people are
    calls: dict[int, str] = field(default_factory=dict)
    evacuations: dict[int, list[str]] = field(default_factory=dict)  # where its households are
    began_at: datetime = field(default_factory=clock.now)


@command
def receive_for(*, viewer: Viewer, owner: str, area: str, state: str) -> int:
    """An alert of another county than this node's can only arrive as a fact."""
    now = to_ms(clock.now())
    fact = record(
        alert_facts.RECEIVED,
        fields={
            "category": "11B03", "level": "red", "starts_at": now, "area_description": area,
            "caution": area, "instruction": area, "issuer": "示例台", "issued_at": now,
            "kind": "official_warning", "category_name": "暴雨", "area_codes": [area],
            "polygons_e7": [], "headline": area, "short_text": area, "verbatim_text": area,
            "identifier": f"{area}.{state}", "msg_type": "Alert", "references": [],
            "exercise": True, "source_format": "text", "source_digest": "", "signature": {},
            "state": state, "self_rescue": False, "instruction_is_default": False,
        },
        scope=owner,
        viewer=viewer,
    )  # fmt: skip
    return fact.entity()


@command
def put_in_force(*, viewer: Viewer, alert_id: int, owner: str, callout_id: int) -> None:
    for kind, fields in (
        (
            alert_facts.APPROVED,
            {"author_id": 0, "approver_id": None, "authorisation_id": 1, "reason": "示意"},
        ),
        (
            alert_facts.ACTIVATED,
            {"sequel": "new", "predecessor_id": None, "callout_id": callout_id},
        ),
    ):
        record(kind, fields={"alert_id": alert_id, **fields}, scope=owner, viewer=viewer)


def build_tonight() -> Tonight:
    """In each county alerts of every level of place, a callout, an evacuation, some answers."""
    registers = build_registers()
    world = Tonight(**vars(registers))
    for county in COUNTIES:
        codes = [code for code in world.codes if code.startswith(county[:6])]
        for area in (code for code in codes if len(code) == 12):
            for state in ("draft", "pending"):
                world.alerts[receive_for(viewer=NODE, owner=county, area=area, state=state)] = area
            _call(world, county, area, [code for code in codes if code.startswith(_stem(area))])
        alert_services.sign_authorisation(
            viewer=NODE,
            levels=["red"],
            place_code=county,
            valid_from=clock.now(),
            valid_until=clock.now() + timedelta(days=1),
        )
        _evacuate(world, county, {i: c for i, c in world.households.items() if c in codes})
    clock.forward(seconds=60)
    jobs.advance(clock.now())
    for number, call_id in enumerate(world.calls):
        if number % 2:
            call_services.record_answer(
                viewer=NODE, call_id=call_id, answer_kind="on_it", how="app"
            )
    clock.forward(seconds=60)
    return world


def _stem(code: str) -> str:
    return code[:6] if code[6:] == "000000" else code[:9] if code[9:] == "000" else code


def _call(world: Tonight, county: str, area: str, codes: list[str]) -> None:
    alert_id = receive_for(viewer=NODE, owner=county, area=area, state="pending")
    persons = {code: person for person, code in world.persons.items()}
    callout_id = call_services.open_callout(
        viewer=NODE,
        subject_kind="alert",
        subject_id=alert_id,
        place_code=area,
        level="red",
        text="示意",
        exercise=True,
        parties=[
            {
                "person_id": persons[code], "name": f"示意{code}", "place_code": code,
                "unit_code": code if len(code) == 12 else "", "post_title": "示意",
                "contacts": [{"kind": "phone", "value": "00012345678"}],
                "deputies": [], "superiors": [],
            }
            for code in codes
        ],
    )["callout_id"]  # fmt: skip
    put_in_force(viewer=NODE, alert_id=alert_id, owner=county, callout_id=callout_id)
    world.alerts[alert_id] = area
    world.callouts[callout_id] = codes
    found = Call.objects.filter(callout_id=callout_id).values_list("id", "place_code")
    world.calls |= dict(found)


def _evacuate(world: Tonight, county: str, households: dict[int, str]) -> None:
    opened = evacuation_services.open_evacuation(
        viewer=NODE,
        alert_id=next(key for key, area in world.alerts.items() if area == county),
        place_code=county,
        exercise=True,
        households=[
            {
                "household_id": key, "place_code": code, "people": 1, "assist_level": 1,
                "shelter": code,
            }
            for key, code in households.items()
        ],
    )  # fmt: skip
    world.evacuations[opened["evacuation_id"]] = list(households.values())


# --- where it belongs -----------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """An answer together with who asked, and the places of what was asked about."""

    viewer: Viewer
    codes: list[str]
    answer: Any


def counted(asked: Asked, number: int, permission: Permission) -> Belongs:
    """As many places as were counted, those in sight first."""
    ranked = sorted(asked.codes, key=lambda code: not asked.viewer.may(permission, code))
    for code in ranked[:number]:
        yield code, permission


def a_number(
    permission: Permission, *numbers: Callable[[Any], int]
) -> Callable[[World, Any], Belongs]:
    def belongs(world: World, asked: Asked) -> Belongs:
        for number in numbers:
            yield from counted(asked, number(asked.answer), permission)

    return belongs


def of_board(world: World, asked: Asked) -> Belongs:
    board = asked.answer
    for name in ("called", "answered", "unanswered"):
        yield from counted(asked, board[name], SEE_CALLS)
    yield from counted(asked, board["curve"][-1][1], SEE_CALLS)
    yield from counted(asked, board["units"]["called"], SEE_CALLS)
    yield from of_places(world, Asked(asked.viewer, asked.codes, board["by_place"]))
    yield from counted(asked, _total(board["by_channel"], "tries"), SEE_CALLS)
    for row in board["units"]["unanswered"]:
        yield row["code"], SEE_CALLS


def of_nights(world: Any, nights: list[tuple[Viewer, dict[str, Any]]]) -> Belongs:
    """Every night counts only those of its own people who are in sight."""
    for viewer, night in nights:
        asked = Asked(viewer, world.callouts[int(night["id"])], None)
        yield from counted(asked, night["called"], SEE_CALLS)
        yield from counted(asked, night["reached"], SEE_CALLS)


def of_places(world: World, asked: Asked) -> Belongs:
    """A village's row counts only those of it who are in sight."""
    for row in asked.answer:
        inside = [code for code in asked.codes if village_of(code) == row["code"]]
        yield from counted(Asked(asked.viewer, inside, None), row["called"], SEE_CALLS)


def of_balances(world: World, asked: Asked) -> Belongs:
    for village, row in asked.answer.items():
        inside = [code for code in asked.codes if code.startswith(village)]
        yield from counted(Asked(asked.viewer, inside, None), row["should"], SEE_HOUSEHOLDS)


def of_alerts(world: World, rows: Any) -> Belongs:
    """What is in force belongs to its area; what is not yet, to the whole county that owns it."""
    for row in rows if isinstance(rows, list) else [rows]:
        if row is None:
            continue
        # No scope below the county contains this place.
        owners = f"{row.place_code[:6]}999999"
        yield (row.area_codes[0] if row.state == "active" else owners), SEE_ALERTS


def of_history(world: World, alert_id: int) -> Belongs:
    yield from of_alerts(world, Alert.objects.get(pk=alert_id))


def of_open_evacuations(world: World, rows: list[Any]) -> Belongs:
    for row in rows:
        yield row.place_code, SEE_HOUSEHOLDS


def _total(rows: Iterable[dict[str, Any]], *names: str) -> int:
    return sum(row[name] for row in rows for name in names)


def about_calls(
    ask: Callable[..., Any],
) -> Callable[[Tonight, random.Random, Viewer], Asked]:
    def asking(world: Tonight, draw: random.Random, viewer: Viewer) -> Asked:
        callout_id = one(world.callouts, draw)
        at = draw.choice([None, world.began_at + timedelta(seconds=90)])
        return Asked(viewer, world.callouts[callout_id], ask(callout_id, viewer=viewer, at=at))

    return asking


def about_evacuation(
    ask: Callable[..., Any],
) -> Callable[[Tonight, random.Random, Viewer], Asked]:
    def asking(world: Tonight, draw: random.Random, viewer: Viewer) -> Asked:
        key = one(world.evacuations, draw)
        return Asked(viewer, world.evacuations[key], ask(key, viewer=viewer))

    return asking


def _history(world: Tonight, draw: random.Random, viewer: Viewer) -> int:
    alert_id: int = one(world.alerts, draw)
    assert alerts.history(alert_id, viewer=viewer)
    return alert_id


def _field_alert(world: Tonight, draw: random.Random, viewer: Viewer) -> Alert | None:
    found = alerts.alert_for_the_field(viewer=viewer)
    return Alert.objects.get(pk=found["id"]) if found else None


CASES_TONIGHT: list[ScopeCase] = [
    ScopeCase("calls.board", about_calls(calls.board), of_board),
    ScopeCase(
        "calls.curve", about_calls(calls.curve), a_number(SEE_CALLS, lambda points: points[-1][1])
    ),
    ScopeCase("calls.progress_by_place", about_calls(calls.progress_by_place), of_places),
    ScopeCase(
        "calls.by_rung", about_calls(calls.by_rung),
        a_number(SEE_CALLS, lambda rows: _total(rows, "unanswered"),
                 lambda rows: _total(rows, "answers")),
    ),
    ScopeCase(
        "calls.by_channel", about_calls(calls.by_channel),
        a_number(SEE_CALLS, lambda rows: _total(rows, "tries")),
    ),
    ScopeCase(
        "calls.units", lambda w, d, v: calls.units(one(w.callouts, d), viewer=v),
        by(SEE_CALLS, "unit_code"),
    ),
    ScopeCase(
        "calls.unanswered",
        lambda w, d, v: calls.unanswered(
            one(w.callouts, d), viewer=v, village=d.choice(["", one(w.codes, d)])
        )["items"],
        by(SEE_CALLS),
    ),
    ScopeCase(
        "calls.levels_board",
        lambda w, d, v: [
            unit
            for level in calls.levels_board(one(w.callouts, d), viewer=v)["levels"]
            for unit in level["units"]
        ],
        by(SEE_CALLS, "code"),
    ),
    ScopeCase(
        "calls.people_on_level",
        lambda w, d, v: calls.people_on_level(
            one(w.callouts, d), level="village", place_code=one(w.codes, d), viewer=v
        ),
        by(SEE_CALLS),
    ),
    ScopeCase(
        "calls.next_to_ring",
        lambda w, d, v: calls.next_to_ring(one(w.callouts, d), viewer=v, limit=50),
        by(SEE_CALLS),
    ),
    ScopeCase(
        "calls.earlier_nights",
        lambda w, d, v: [
            (v, night) for night in calls.earlier_nights(one(w.callouts, d), viewer=v, limit=12)
        ],
        of_nights,
    ),
    ScopeCase(
        "calls.callout", lambda w, d, v: calls.callout(one(w.callouts, d), viewer=v),
        by(SEE_CALLS), chain_above=True,
    ),
    ScopeCase(
        "calls.callouts_of",
        lambda w, d, v: calls.callouts_of("alert", one(w.alerts, d), viewer=v), by(SEE_CALLS),
    ),
    ScopeCase(
        "calls.call", lambda w, d, v: calls.call(one(w.calls, d), viewer=v), by(SEE_CALLS)
    ),
    ScopeCase(
        "alerts.gate", lambda w, d, v: alerts.gate(one(w.alerts, d), viewer=v), of_alerts,
        chain_above=True,
    ),
    ScopeCase(
        "alerts.alerts", lambda w, d, v: alerts.alerts(viewer=v, only_open=d.random() < 0.5),
        of_alerts, chain_above=True,
    ),
    ScopeCase("alerts.history", _history, of_history, chain_above=True),
    ScopeCase(
        "alerts.alert_of_callout",
        lambda w, d, v: alerts.alert_of_callout(one(w.callouts, d), viewer=v), of_alerts,
        chain_above=True,
    ),
    ScopeCase("alerts.alert_for_the_field", _field_alert, of_alerts, chain_above=True),
    ScopeCase(
        "alerts.authorisations", lambda w, d, v: alerts.authorisations(viewer=v), by(SEE_ALERTS)
    ),
    ScopeCase(
        "evacuations.balance", about_evacuation(evacuations.balance),
        a_number(SEE_HOUSEHOLDS, lambda row: row["should"], lambda row: row["households_left"]),
    ),
    ScopeCase(
        "evacuations.balance_at",
        about_evacuation(
            lambda key, viewer: evacuations.balance_at(key, clock.now(), viewer=viewer)
        ),
        a_number(SEE_HOUSEHOLDS, lambda row: row["should"], lambda row: row["households"]),
    ),
    ScopeCase(
        "evacuations.balance_by_place", about_evacuation(evacuations.balance_by_place),
        of_balances,
    ),
    ScopeCase(
        "evacuations.households_of",
        lambda w, d, v: evacuations.households_of(one(w.evacuations, d), viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "evacuations.still_missing",
        lambda w, d, v: evacuations.still_missing(one(w.evacuations, d), viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "evacuations.shelters_of",
        lambda w, d, v: list(evacuations.shelters_of(one(w.evacuations, d), viewer=v)),
        lambda w, codes: ((code, SEE_HOUSEHOLDS) for code in codes),
    ),
    ScopeCase(
        "evacuations.open_evacuations",
        lambda w, d, v: evacuations.open_evacuations(viewer=v), of_open_evacuations,
        chain_above=True,
    ),
]  # fmt: skip

# Reads that need no case, each with the reason.
WITHOUT_CASE_TONIGHT = {
    "alerts.preview": "of an alert that came through its gate; tests/stories/test_venues_concerned",
    "calls.duties": "whether engine and auditor live; they belong to no place",
    "calls.my_call": "one's own call, found by the person; a scope plays no part",
    "calls.my_open_call": "one's own call, found by the person; a scope plays no part",
    "calls.my_open_calls": "one's own calls, found by the person; a scope plays no part",
    "calls.claimed_messages": "for the program alone; anybody else gets nothing",
    "calls.messages_on_their_way": "for the program alone; anybody else gets nothing",
    "alerts.sees": "the question itself, which every other read of alerts asks",
}
