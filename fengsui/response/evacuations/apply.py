"""One fact of an evacuation → rows. Set-based for the list, one row for an observation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fengsui.foundation.journal import rowwise
from fengsui.foundation.journal.facts import Fact
from fengsui.response.evacuations import rules
from fengsui.response.evacuations.models import (
    Evacuation,
    EvacuationEntry,
    EvacuationHousehold,
    HouseholdLink,
)
from fengsui.response.evacuations.states import HouseholdStatus
from fengsui.standards.instants import from_ms

PROJECTION_VERSION = 2  # 2: entries keep who confirmed; linked rows count once


def _list_households(fact: Fact, evacuation_id: int) -> None:
    EvacuationHousehold.objects.bulk_create(
        (
            EvacuationHousehold(evacuation_id=evacuation_id, **item)
            for item in fact.items
            if item is not None
        ),
        ignore_conflicts=True,
    )
    _catch_up(evacuation_id, [item["household_id"] for item in fact.items if item is not None])
    settle_links(evacuation_id)


def _catch_up(evacuation_id: int, household_ids: Sequence[int]) -> None:
    """What was seen of a household may have come before the piece of the list that names it."""
    if not EvacuationEntry.objects.filter(evacuation_id=evacuation_id).exists():
        return
    newest: dict[int, EvacuationEntry] = {}
    for entry in EvacuationEntry.objects.filter(
        evacuation_id=evacuation_id, household_id__in=household_ids
    ).order_by("winner", "client_id"):
        newest[entry.household_id] = entry
    names = ("status", "people_moved", "confirmed_how", "confirmed_by", "observed_at")
    for household_id, entry in newest.items():
        EvacuationHousehold.objects.filter(
            evacuation_id=evacuation_id, household_id=household_id, winner__lt=entry.winner
        ).update(
            recorded_by=entry.recorded_by,
            winner=entry.winner,
            **{name: getattr(entry, name) for name in names},
        )


def settle_links(evacuation_id: int) -> None:
    """Of rows that are one household, the one seen last counts, and only that one."""
    links = HouseholdLink.objects.filter(evacuation_id=evacuation_id)
    if not links.exists():
        return
    standing = list(links.filter(unlinked_at=None).values_list("household_id", "same_as"))
    rows = EvacuationHousehold.objects.filter(evacuation_id=evacuation_id)
    named = {one for pair in standing for one in pair}
    winners = dict(rows.filter(household_id__in=named).values_list("household_id", "winner"))
    _, silent = rules.one_of_each(winners, standing)
    rows.filter(counts=False).exclude(household_id__in=silent).update(counts=True)
    rows.filter(household_id__in=silent).update(counts=False)


def apply_linked(fact: Fact) -> int | None:
    body = fact.fields
    if not Evacuation.objects.filter(id=body["evacuation_id"]).exists():
        return int(body["evacuation_id"])
    HouseholdLink.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "evacuation_id": body["evacuation_id"],
            "household_id": body["household_id"],
            "same_as": body["same_as"],
            "place_code": fact.scope,
            "linked_at": fact.at,
            "linked_by": fact.actor,
            "reason": body["reason"],
        },
    )
    settle_links(body["evacuation_id"])
    return None


def apply_unlinked(fact: Fact) -> int | None:
    link = HouseholdLink.objects.filter(id=fact.fields["link_id"]).first()
    if link is None:
        return int(fact.fields["link_id"])
    if link.unlinked_at is None or fact.at < link.unlinked_at:
        link.unlinked_at, link.unlinked_by = fact.at, fact.actor
        link.save()
    settle_links(link.evacuation_id)
    return None


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
    if fact.personal is None:
        entries = EvacuationEntry.objects.filter(client_id=body["client_id"], winner=_winner(fact))
        entries.update(confirmed_by="")
    settle_links(evacuation_id)
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
    for evacuation_id in sorted({int(fact.fields["evacuation_id"]) for fact in here}):
        settle_links(evacuation_id)
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
        "confirmed_by": (fact.personal or {}).get("confirmed_by", ""),
        "confirmed_how": body["confirmed_how"],
        "winner": _winner(fact),
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
    "evacuation.households_linked": apply_linked,
    "evacuation.households_unlinked": apply_unlinked,
}
APPLY_MANY: Mapping[str, Callable[[Sequence[Fact]], Sequence[int | None]]] = {
    "evacuation.household_recorded": apply_households_recorded,
}
