"""Who stands in, who is absent, which households are away: facts become rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of, merge
from fengsui.foundation.ledgers import apply as registers
from fengsui.foundation.people.models import (
    Absence,
    ContactPoint,
    HouseholdAway,
    LocalRule,
    StandIn,
    ToldApart,
)


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def apply_stand_in_named(fact: Fact) -> None:
    fields = fact.fields
    _append(
        fact,
        StandIn,
        "reason",
        post_id=fields["post_id"],
        person_id=fields["person_id"],
        absent_person_id=fields["absent_person_id"],
        place_code=fact.scope,
        slot=fields["slot"],
        since_at=_at(fields["since_s"]),
        until_at=_at(fields["until_s"]),
        named_by=fact.actor,
        named_at=fact.at,
    )


def apply_stand_in_ended(fact: Fact) -> int | None:
    return _end(fact, StandIn, fact.fields["stand_in_id"])


def apply_absence_reported(fact: Fact) -> None:
    fields = fact.fields
    _append(
        fact,
        Absence,
        "reason",
        person_id=fields["person_id"],
        place_code=fact.scope,
        from_at=_at(fields["from_s"]),
        until_at=_at(fields["until_s"]),
        reported_by=fact.actor,
        reported_at=fact.at,
    )


def apply_absence_ended(fact: Fact) -> int | None:
    return _end(fact, Absence, fact.fields["absence_id"])


def apply_household_left(fact: Fact) -> None:
    fields = fact.fields
    _append(
        fact,
        HouseholdAway,
        "said_by",
        household_id=fields["household_id"],
        place_code=fact.scope,
        people=fields["people"],
        from_at=_at(fields["from_s"]),
        until_at=_at(fields["until_s"]),
        said_how=fields["said_how"],
        recorded_by=fact.actor,
        recorded_at=fact.at,
    )


def apply_household_came_back(fact: Fact) -> int | None:
    return _end(fact, HouseholdAway, fact.fields["away_id"])


def apply_contacts_failed(fact: Fact) -> int | None:
    failed_at = _at(fact.fields["failed_s"])
    said = {one: {"failed_at": failed_at} for one in fact.fields["contact_point_ids"]}
    return registers.merge_rows(fact, ContactPoint, said)


def apply_persons_told_apart(fact: Fact) -> None:
    ToldApart.objects.bulk_create(
        [
            ToldApart(
                id=fact.entity(),
                first_id=fact.fields["first_id"],
                second_id=fact.fields["second_id"],
                place_code=fact.scope,
            )
        ],
        ignore_conflicts=True,
    )


def apply_local_rule_set(fact: Fact) -> None:
    name, number = fact.fields["rule"], fact.fields["number"]
    row = LocalRule.objects.filter(pk=name).first()
    held = row.field_clock if row is not None else NO_CLOCKS
    winning, clocks = merge(held, clock_of(fact), {"number": number}, entity=name)
    if winning:
        LocalRule.objects.update_or_create(
            name=name, defaults={"number": number, "field_clock": clocks}
        )


def _append(fact: Fact, model: type[models.Model], personal: str, **values: Any) -> None:
    """The row, once; without the personal word where that has been erased."""
    said = (fact.personal or {}).get(personal) or ""
    row = model(id=fact.entity(), field_clock=NO_CLOCKS, **{personal: said}, **values)
    model._default_manager.bulk_create([row], ignore_conflicts=True)
    if fact.personal is None:
        model._default_manager.filter(pk=fact.entity()).update(**{personal: ""})


def _end(fact: Fact, model: type[models.Model], pk: int) -> int | None:
    values = {
        "ended_at": _at(fact.fields["ended_s"]),
        "was_mistake": bool(fact.fields["was_mistake"]),
    }
    return registers.merge_rows(fact, model, {pk: values})


APPLY_TONIGHT: Mapping[str, Callable[[Fact], int | None]] = {
    "people.stand_in_named": apply_stand_in_named,
    "people.stand_in_ended": apply_stand_in_ended,
    "people.absence_reported": apply_absence_reported,
    "people.absence_ended": apply_absence_ended,
    "people.household_left": apply_household_left,
    "people.household_came_back": apply_household_came_back,
    "people.contacts_failed": apply_contacts_failed,
    "people.persons_told_apart": apply_persons_told_apart,
    "people.local_rule_set": apply_local_rule_set,
}
