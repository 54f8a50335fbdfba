"""Which leaves of a fact are about given persons, households or events. Pure.

A fact with one personal leaf is about what its `about` and its fields with ids name; a fact with
personal items has one owner an item. Kinds that say it otherwise have a line of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from typing import Any

from fengsui.foundation.journal.facts import Fact, FactKind

Owners = Iterator[tuple[int, Set[int]]]  # leaf -> whom it is about
_IDS_IN_TEXT = re.compile(r"(?<!\d)\d{6,19}(?!\d)")


def leaves_of_kind(fact: Fact, kind: FactKind) -> set[int]:
    """Every personal leaf that still stands."""
    found = {1} if kind.personal and fact.personal is not None else set()
    if kind.item_is_personal:
        first = _first_item(kind)
        found |= {first + index for index, item in enumerate(fact.items) if item is not None}
    return found


def leaves_about(fact: Fact, kind: FactKind, subjects: Set[int]) -> set[int]:
    """The personal leaves that still stand and are about any of the subjects."""
    owners = _OWNERS.get(fact.kind, _by_form)
    wanted = {leaf for leaf, whom in owners(fact, kind) if whom & subjects}
    return wanted & leaves_of_kind(fact, kind)


def _first_item(kind: FactKind) -> int:
    return 2 if kind.personal else 1


def _by_form(fact: Fact, kind: FactKind) -> Owners:
    if kind.personal:
        named = {value for name, value in fact.fields.items() if _is_id(name, value)}
        yield 1, named | set(fact.about) | {fact.entity()}
    if not kind.item_is_personal:
        return
    for index, item in enumerate(fact.items):
        if item is not None:
            # Rows of a register carry the key of their row; new rows are the fact's entities.
            key = item.get("key")
            whom = {fact.entity(index)} if key is None else {int(key)}
            yield _first_item(kind) + index, whom


def _is_id(name: str, value: Any) -> bool:
    return type(value) is int and name.endswith("_id")


def _of_contacts(fact: Fact, kind: FactKind) -> Owners:
    """A number is its person's or its post's too."""
    for index, owner in enumerate(fact.fields["owners"]):
        yield 1 + index, {fact.entity(index), *(one for one in owner[:2] if one)}


def _of_parties(fact: Fact, kind: FactKind) -> Owners:
    """Whoever is called, the household spoken for, and those who stand in, by name and number."""
    fields = fact.fields
    rows = zip(fact.items, fields["person_ids"], fields["household_ids"], strict=False)
    for index, (item, person_id, household_id) in enumerate(rows):
        if item is None:
            continue
        stand_ins = [*(item["deputies"] or ()), *(item["superiors"] or ())]
        named = {one["person_id"] for one in stand_ins if isinstance(one, dict)}
        named |= {one for one in stand_ins if type(one) is int}
        yield 1 + index, {fact.entity(1 + index), person_id, household_id, *named} - {None}


def _of_rung(fact: Fact, kind: FactKind) -> Owners:
    for index, person_id in enumerate(fact.fields["person_ids"]):
        yield 1 + index, {person_id}


def _of_phone(fact: Fact, kind: FactKind) -> Owners:
    """One leaf holds what a phone handed over: about its person and everybody it names by id."""
    said = " ".join((fact.personal or {}).get("bodies") or ())
    whom = {int(one) for one in _IDS_IN_TEXT.findall(said)}
    yield 1, whom | {item["person_id"] for item in fact.items if item is not None}


def _of_refused(fact: Fact, kind: FactKind) -> Owners:
    said = (fact.personal or {}).get("body") or ""
    yield 1, {int(one) for one in _IDS_IN_TEXT.findall(said)}


_OWNERS: dict[str, Callable[[Fact, FactKind], Owners]] = {
    "people.contacts_registered": _of_contacts,
    "callout.parties_added": _of_parties,
    "calls.rung_resolved": _of_rung,
    "devices.items_received": _of_phone,
    "devices.item_refused": _of_refused,
}
