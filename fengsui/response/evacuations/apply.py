"""One fact of an evacuation → rows. Set-based for the list, one row for an observation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.foundation.journal.facts import Fact
from fengsui.response.evacuations.models import (
    Evacuation,
    EvacuationEntry,
    EvacuationHousehold,
)
from fengsui.response.evacuations.states import HouseholdStatus
from fengsui.standards.instants import from_ms


def _list_households(fact: Fact, evacuation_id: int) -> None:
    EvacuationHousehold.objects.bulk_create(
        (
            EvacuationHousehold(evacuation_id=evacuation_id, **item)
            for item in fact.items
            if item is not None
        ),
        ignore_conflicts=True,
    )


def apply_opened(fact: Fact) -> int | None:
    Evacuation.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "alert_id": fact.fields["alert_id"],
            "place_code": fact.scope,
            "exercise": fact.fields["exercise"],
            "opened_at": fact.at,
        },
    )
    _list_households(fact, fact.entity())
    return None


def apply_households_added(fact: Fact) -> int | None:
    evacuation_id = int(fact.fields["evacuation_id"])
    if not Evacuation.objects.filter(id=evacuation_id).exists():
        return evacuation_id
    _list_households(fact, evacuation_id)
    return None


def apply_household_recorded(fact: Fact) -> int | None:
    body = fact.fields
    evacuation_id = int(body["evacuation_id"])
    if not Evacuation.objects.filter(id=evacuation_id).exists():
        return evacuation_id
    if body["status"] not in {known.value for known in HouseholdStatus}:
        return None
    observed = from_ms(body["observed_at"])
    seen = {
        "evacuation_id": evacuation_id,
        "household_id": body["household_id"],
        "status": body["status"],
        "people_moved": body["people_moved"],
        "observed_at": observed,
        "recorded_at": fact.at,
        "recorded_by": fact.actor,
    }
    entry, fresh = EvacuationEntry.objects.get_or_create(client_id=body["client_id"], defaults=seen)
    # One observation may have reached two nodes: the earlier receipt stays, whichever came first.
    if not fresh and fact.at < entry.recorded_at:
        EvacuationEntry.objects.filter(pk=entry.pk).update(**seen)
    personal = fact.personal or {}
    winner = f"{body['observed_at']:015d}.{fact.hlc:020d}"
    # An erasure applies the same fact again: equal, not only greater, must win.
    EvacuationHousehold.objects.filter(
        evacuation_id=evacuation_id, household_id=body["household_id"], winner__lte=winner
    ).update(
        status=body["status"],
        people_moved=body["people_moved"],
        confirmed_how=body["confirmed_how"],
        confirmed_by=personal.get("confirmed_by", ""),
        observed_at=observed,
        recorded_by=fact.actor,
        winner=winner,
    )
    return None


def apply_closed(fact: Fact) -> int | None:
    rows = Evacuation.objects.filter(id=fact.fields["evacuation_id"])
    if not rows.exists():
        return int(fact.fields["evacuation_id"])
    rows.filter(closed_at=None).update(closed_at=fact.at)
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "evacuation.opened": apply_opened,
    "evacuation.households_added": apply_households_added,
    "evacuation.household_recorded": apply_household_recorded,
    "evacuation.closed": apply_closed,
}
