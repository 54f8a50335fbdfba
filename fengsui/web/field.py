"""The phone of a grid worker: the warning in forty characters, the list, the outbox."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as call_services
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.queries import households, person_names
from fengsui.response.alerts.queries import alert_for_the_field
from fengsui.response.evacuations import queries, services
from fengsui.response.evacuations.errors import BAD_ENTRY, TOO_MANY_ENTRIES
from fengsui.response.evacuations.models import EvacuationHousehold
from fengsui.response.evacuations.states import WORDS, HouseholdStatus
from fengsui.standards.instants import to_iso

router = Router(tags=["field"])

ENTRIES_MAX = 200
CLIENT_ID_MAX = 64


class FieldAlert(Schema):
    id: str
    level: str
    kind: str
    short_text: str
    instruction: str
    issued_at: str
    exercise: bool
    category_name: str
    state: str


class FieldCall(Schema):
    id: str
    state: str
    answer_kind: str | None
    answered_at: str | None


class Totals(Schema):
    should: int
    moved: int
    away: int
    not_yet: int
    households: int
    households_left: int
    needs_help_left: int


class FieldHousehold(Schema):
    id: str
    label: str
    place_code: str
    people: int
    assist_level: int
    shelter: str
    status: str
    status_word_zh: str
    status_word_en: str
    confirmed_by: str
    confirmed_how: str
    confirmed_at: str | None
    people_moved: int


class FieldGroup(Schema):
    head_person_id: str | None
    head_name: str
    households: list[FieldHousehold]


class TonightOut(Schema):
    alert: FieldAlert | None
    evacuation_id: str | None
    call: FieldCall | None
    totals: Totals
    groups: list[FieldGroup]
    server_time: str


class EntryIn(Schema):
    client_id: str
    kind: str
    household_id: str | None = None
    call_id: str | None = None
    evacuation_id: str | None = None
    status: str | None = None
    answer_kind: str | None = None
    people: int | None = None
    confirmed_by: str = ""
    confirmed_how: str = ""
    at: datetime | None = None


class EntriesIn(Schema):
    entries: list[EntryIn]


class EntryResult(Schema):
    client_id: str
    outcome: str
    problem: dict[str, Any] | None = None


class EntriesOut(Schema):
    results: list[EntryResult]
    totals: Totals


_ZERO = {
    "should": 0,
    "moved": 0,
    "away": 0,
    "not_yet": 0,
    "households": 0,
    "households_left": 0,
    "needs_help_left": 0,
}


def _call(call: dict[str, Any] | None) -> dict[str, Any] | None:
    if call is None:
        return None
    answered = call["answered_at"]
    return {
        "id": str(call["call_id"]),
        "state": call["state"],
        "answer_kind": call["answer_kind"] or None,
        "answered_at": to_iso(answered) if answered else None,
    }


def _household(row: EvacuationHousehold, label: str) -> dict[str, Any]:
    zh, en = WORDS[HouseholdStatus(row.status)]
    return {
        "id": str(row.household_id),
        "label": label,
        "place_code": row.place_code,
        "people": row.people,
        "assist_level": row.assist_level,
        "shelter": row.shelter,
        "status": row.status,
        "status_word_zh": zh,
        "status_word_en": en,
        "confirmed_by": row.confirmed_by,
        "confirmed_how": row.confirmed_how,
        "confirmed_at": to_iso(row.observed_at) if row.observed_at else None,
        "people_moved": row.people_moved,
    }


def _groups(evacuation_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """Households by 中心户长; those without one come last, under the village's own name."""
    rows = queries.households_of(evacuation_id, viewer=viewer)
    known = {
        one["id"]: one for one in households([row.household_id for row in rows], viewer=viewer)
    }
    heads = {one["group_head_id"] for one in known.values()} - {None}
    names = person_names(heads, viewer=viewer)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        household = known.get(row.household_id, {})
        head = household.get("group_head_id")
        key = (str(head), names.get(head, "")) if head else ("", "")
        groups[key].append(_household(row, household.get("label", "")))
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][1] == "", pair[0]))
    return [
        {"head_person_id": key[0] or None, "head_name": key[1], "households": households}
        for key, households in ordered
    ]


@router.get("/field/tonight", response=TonightOut)
def tonight(request: HttpRequest) -> dict[str, Any]:
    """What I do now and who is left, within my own scope."""
    viewer = signed_in(request)
    found = alert_for_the_field(viewer=viewer)
    call = calls.my_call(found["callout_id"], viewer=viewer) if found else None
    evacuation_id = found["evacuation_id"] if found else None
    return {
        "alert": {**found, "id": str(found["id"])} if found else None,
        "evacuation_id": str(evacuation_id) if evacuation_id else None,
        "call": _call(call),
        "totals": queries.balance(evacuation_id, viewer=viewer) if evacuation_id else _ZERO,
        "groups": _groups(evacuation_id, viewer) if evacuation_id else [],
        "server_time": to_iso(clock.now()),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def totals_of(viewer: Viewer) -> dict[str, int]:
    found = alert_for_the_field(viewer=viewer)
    evacuation_id = found["evacuation_id"] if found else None
    return queries.balance(evacuation_id, viewer=viewer) if evacuation_id else _ZERO


def record_entry(viewer: Viewer, entry: EntryIn) -> dict[str, Any]:
    """One entry for the person who made it. Raises the Problem of the app that refuses it."""
    if not entry.client_id or len(entry.client_id) > CLIENT_ID_MAX:
        raise BAD_ENTRY(detail="client_id")
    if entry.kind == "household_status" and (entry.household_id or "").isdigit():
        return services.record_household_status(
            viewer=viewer,
            household_id=int(entry.household_id or 0),
            status=entry.status or "",
            client_id=entry.client_id,
            evacuation_id=_number(entry.evacuation_id),
            people_moved=entry.people,
            confirmed_by=entry.confirmed_by,
            confirmed_how=entry.confirmed_how,
            observed_at=entry.at,
        )
    if entry.kind == "answer" and (entry.call_id or "").isdigit():
        return call_services.record_answer(
            viewer=viewer,
            call_id=int(entry.call_id or 0),
            answer_kind=entry.answer_kind or "",
            how="app",
            client_id=entry.client_id,
        )
    raise BAD_ENTRY(detail=entry.kind)


@router.post("/field/entries", response=EntriesOut)
def entries(request: HttpRequest, body: EntriesIn) -> dict[str, Any]:
    """A phone's outbox. Each entry is judged by itself: one refusal never holds the others."""
    viewer = signed_in(request)
    if len(body.entries) > ENTRIES_MAX:
        raise TOO_MANY_ENTRIES(limit=ENTRIES_MAX)
    results = []
    for entry in body.entries:
        try:
            done = record_entry(viewer, entry)
            results.append({"client_id": entry.client_id, "outcome": done["outcome"]})
        except Problem as problem:
            results.append(
                {
                    "client_id": entry.client_id,
                    "outcome": "refused",
                    "problem": problem.to_plain(),
                }
            )
    return {"results": results, "totals": totals_of(viewer)}
