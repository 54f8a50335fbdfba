"""One fact of an evacuation → rows. Set-based for the list, one row for an observation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fengsui.foundation.journal import rowwise
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
    seen = _seen(fact)
    entry, fresh = EvacuationEntry.objects.get_or_create(client_id=body["client_id"], defaults=seen)
    # One observation may have reached two nodes: the earlier receipt stays, whichever came first.
    if not fresh and fact.at < entry.recorded_at:
        EvacuationEntry.objects.filter(pk=entry.pk).update(**seen)
    # An erasure applies the same fact again: equal, not only greater, must win.
    EvacuationHousehold.objects.filter(
        evacuation_id=evacuation_id,
        household_id=body["household_id"],
        winner__lte=_winner(fact),
    ).update(**_won(fact))
    return None


def apply_households_recorded(facts: Sequence[Fact]) -> list[int | None]:
    """`apply_household_recorded` for many: a night's ticks come in by the thousand."""
    wanted = {int(fact.fields["evacuation_id"]) for fact in facts}
    known = set(Evacuation.objects.filter(id__in=wanted).values_list("id", flat=True))
    statuses = {status.value for status in HouseholdStatus}
    here = [
        fact
        for fact in facts
        if int(fact.fields["evacuation_id"]) in known and fact.fields["status"] in statuses
    ]
    _enter(here)
    _let_win(here)
    return [
        None if int(fact.fields["evacuation_id"]) in known else int(fact.fields["evacuation_id"])
        for fact in facts
    ]


def _enter(facts: Sequence[Fact]) -> None:
    """One entry a client id: the earliest receipt."""
    clients = {fact.fields["client_id"] for fact in facts}
    held = dict(
        EvacuationEntry.objects.filter(client_id__in=clients).values_list(
            "client_id", "recorded_at"
        )
    )
    fresh: dict[str, dict[str, Any]] = {}
    for fact in facts:
        client = fact.fields["client_id"]
        if client in held:
            apply_household_recorded(fact)
        elif client not in fresh or fact.at < fresh[client]["recorded_at"]:
            fresh[client] = {"client_id": client, **_seen(fact)}
    rowwise.insert(EvacuationEntry, list(fresh.values()))


def _let_win(facts: Sequence[Fact]) -> None:
    """Each household as it was seen last, among these and what is known of it."""
    best: dict[tuple[int, int], tuple[str, Fact]] = {}
    for fact in facts:
        name = (int(fact.fields["evacuation_id"]), fact.fields["household_id"])
        winner = _winner(fact)
        if name not in best or winner >= best[name][0]:
            best[name] = (winner, fact)
    rows = EvacuationHousehold.objects.filter(
        evacuation_id__in={name[0] for name in best}, household_id__in={name[1] for name in best}
    ).values_list("id", "evacuation_id", "household_id", "winner")
    changed = {}
    for row, evacuation, household, winner in rows:
        later = best.get((evacuation, household))
        if later is not None and winner <= later[0]:
            changed[row] = _won(later[1])
    rowwise.update(EvacuationHousehold, changed)


def _seen(fact: Fact) -> dict[str, Any]:
    body = fact.fields
    return {
        "evacuation_id": int(body["evacuation_id"]),
        "household_id": body["household_id"],
        "status": body["status"],
        "people_moved": body["people_moved"],
        "observed_at": from_ms(body["observed_at"]),
        "recorded_at": fact.at,
        "recorded_by": fact.actor,
    }


def _winner(fact: Fact) -> str:
    return f"{fact.fields['observed_at']:015d}.{fact.hlc:020d}"


def _won(fact: Fact) -> dict[str, Any]:
    body = fact.fields
    return {
        "status": body["status"],
        "people_moved": body["people_moved"],
        "confirmed_how": body["confirmed_how"],
        "confirmed_by": (fact.personal or {}).get("confirmed_by", ""),
        "observed_at": from_ms(body["observed_at"]),
        "recorded_by": fact.actor,
        "winner": _winner(fact),
    }


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
APPLY_MANY: Mapping[str, Callable[[Sequence[Fact]], Sequence[int | None]]] = {
    "evacuation.household_recorded": apply_households_recorded,
}
