"""Two records of one person become one, as one step that can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.ledgers import queries as ledgers
from fengsui.foundation.ledgers import services as change_sets
from fengsui.foundation.ledgers.states import ChangeSetKind, ColumnKind
from fengsui.foundation.people import facts, rules
from fengsui.foundation.people.errors import (
    NOT_TWO_PERSONS,
    REASON_NEEDED,
    STANDS_IN_NOW,
)
from fengsui.foundation.people.models import Absence, ContactPoint, Person, PostHolding, StandIn
from fengsui.foundation.people.queries.duplicates import gate_twins
from fengsui.standards.divisions import county_of, township_of

ROWS_PER_COMMAND = 200
PERSONS_LEDGER = "persons"
CONTACTS, HOLDINGS = "contacts", "holdings"
# (ledger, field, ids of rows to point to the one that stays)
Move = tuple[str, str, list[int]]


def preview_merge(*, viewer: Viewer, keep_id: int, drop_id: int) -> dict[str, Any]:
    """What a merge would do: {"keep", "drop" (see queries.twins), "moves": [{"ledger", "zh", "en",
    "rows"}], "withdrawn": rows that both have and one loses}. Raises as `merge_persons`."""
    found = _gated(viewer, keep_id, drop_id)
    words = ledgers.all_ledgers()
    moves: dict[str, int] = {}
    for name, _, ids in _moves(viewer, keep_id, drop_id):
        moves[name] = moves.get(name, 0) + len(ids)
    return {
        "keep": found[keep_id],
        "drop": found[drop_id],
        "moves": [
            {"ledger": name, "zh": words[name].zh, "en": words[name].en, "rows": rows}
            for name, rows in moves.items()
        ],
        "withdrawn": sum(len(ids) for _, ids in _twice(keep_id, drop_id)),
    }


def merge_persons(*, viewer: Viewer, keep_id: int, drop_id: int, reason: str) -> dict[str, Any]:
    """Everything that points to the one points to the other; the one leaves the register.

    One change set: every row that moves is a change of its own in its register, with the value
    before, so that undoing it leaves later edits alone. Returns {"change_set_id", "moved"}.
    Raises access.not_found, .not_allowed, people.not_two_persons, .stands_in_now.
    """
    found = _gated(viewer, keep_id, drop_id)
    if not rules.REASON_LENGTH_MIN <= len(reason.strip()) <= rules.REASON_LENGTH_MAX:
        raise REASON_NEEDED(least=rules.REASON_LENGTH_MIN, most=rules.REASON_LENGTH_MAX)
    places = [found[one]["place_code"] for one in (keep_id, drop_id)]
    townships = {township_of(place) for place in places}
    moves = _moves(viewer, keep_id, drop_id)  # before anything is written: all of it, or nothing
    cause = change_sets.open_change_set(
        viewer=viewer,
        kind=ChangeSetKind.MERGE,
        title="合并重复人员",
        ledger=PERSONS_LEDGER,
        scope=townships.pop() if len(townships) == 1 else county_of(places[0]),
        reason=reason.strip(),
    )
    moved = 0
    for name, ids in _twice(keep_id, drop_id):
        for piece in rules.chunks(ids, ROWS_PER_COMMAND):
            _withdraw(viewer=viewer, ledger=name, ids=list(piece), reason=reason, cause=cause)
    for name, field, ids in moves:
        for piece in rules.chunks(ids, ROWS_PER_COMMAND):
            moved += _point(
                viewer=viewer, ledger=name, field=field, ids=list(piece), to=keep_id, cause=cause
            )
    _withdraw(
        viewer=viewer, ledger=PERSONS_LEDGER, ids=[drop_id], reason=reason.strip(), cause=cause
    )
    change_sets.close_change_set(viewer=viewer, cause=cause)
    return {"change_set_id": entity_id(cause), "moved": moved}


@command
def tell_apart(*, viewer: Viewer, first_id: int, second_id: int) -> dict[str, int]:
    """They are two, however alike: they are not asked about again."""
    low, high = sorted((first_id, second_id))
    found = gate_twins(low, high, viewer=viewer)
    if low == high:
        raise NOT_TWO_PERSONS()
    for one in found.values():
        require(viewer, Permission.EDIT_REGISTERS, one["place_code"])
    fact = record(
        facts.PERSONS_TOLD_APART,
        fields={"first_id": low, "second_id": high},
        scope=found[low]["place_code"],
        viewer=viewer,
        about=[low, high],
    )
    return {"id": fact.entity()}


@command
def _point(
    *, viewer: Viewer, ledger: str, field: str, ids: list[int], to: int, cause: bytes
) -> int:
    return change_sets.change_rows(
        viewer=viewer,
        register=ledgers.all_ledgers()[ledger].register,
        changes=[(pk, {field: to}) for pk in ids],
        cause=cause,
    )


@command
def _withdraw(*, viewer: Viewer, ledger: str, ids: list[int], reason: str, cause: bytes) -> int:
    return change_sets.withdraw_rows(
        viewer=viewer,
        register=ledgers.all_ledgers()[ledger].register,
        keys=ids,
        reason=reason,
        cause=cause,
    )


def _gated(viewer: Viewer, keep_id: int, drop_id: int) -> dict[int, dict[str, Any]]:
    if keep_id == drop_id:
        raise NOT_TWO_PERSONS()
    found = gate_twins(keep_id, drop_id, viewer=viewer)
    for one in found.values():
        require(viewer, Permission.EDIT_REGISTERS, one["place_code"])
    now = clock.now()
    running = Q(until_at__gt=now, ended_at__isnull=True)
    if (
        StandIn.objects.filter(running, Q(person_id=drop_id) | Q(absent_person_id=drop_id)).exists()
        or Absence.objects.filter(running, person_id=drop_id).exists()
    ):
        raise STANDS_IN_NOW(name=found[drop_id]["name"])
    return found


def _references() -> Iterator[tuple[str, Any, str]]:
    """(ledger, its register, field) of whatever, anywhere, points to a person."""
    for ledger in ledgers.all_ledgers().values():
        for column in ledger.columns:
            points = column.kind is ColumnKind.REFERENCE and column.reference == PERSONS_LEDGER
            if points and column.is_stored and ledger.register.model is not Person:
                yield ledger.name, ledger.register, column.attribute


def _moves(viewer: Viewer, keep_id: int, drop_id: int) -> list[Move]:
    """Rows that will point to the other. Raises access.not_allowed for one that is not ours."""
    twice = {pk for _, ids in _twice(keep_id, drop_id) for pk in ids}
    moves: list[Move] = []
    for name, register, field in _references():
        model = register.model
        rows = model._default_manager.filter(**{field: drop_id}, **_current(model))
        found = [
            (pk, place)
            for pk, place in rows.order_by("pk").values_list("pk", register.place)
            if pk not in twice
        ]
        for place in {place for _, place in found}:
            require(viewer, Permission.EDIT_REGISTERS, place)
        if found:
            moves.append((name, field, [pk for pk, _ in found]))
    return moves


def _current(model: Any) -> dict[str, Any]:
    """What was withdrawn or has ended stays as it was: it is history."""
    if any(one.attname == "is_withdrawn" for one in model._meta.concrete_fields):
        return {"is_withdrawn": False}
    return {"until_at__isnull": True}


def _twice(keep_id: int, drop_id: int) -> list[tuple[str, list[int]]]:
    """Rows of the one that goes which the one that stays has as well: a number, a post."""
    numbers = set(
        ContactPoint.objects.filter(person_id=keep_id, is_withdrawn=False).values_list(
            "kind", "value"
        )
    )
    contacts = [
        pk
        for pk, kind, value in ContactPoint.objects.filter(
            person_id=drop_id, is_withdrawn=False
        ).values_list("pk", "kind", "value")
        if (kind, value) in numbers
    ]
    posts = set(
        PostHolding.objects.filter(person_id=keep_id, until_at__isnull=True).values_list(
            "post_id", flat=True
        )
    )
    holdings = [
        pk
        for pk, post_id in PostHolding.objects.filter(
            person_id=drop_id, until_at__isnull=True
        ).values_list("pk", "post_id")
        if post_id in posts
    ]
    found: Sequence[tuple[str, list[int]]] = ((CONTACTS, contacts), (HOLDINGS, holdings))
    return [(name, ids) for name, ids in found if ids]
