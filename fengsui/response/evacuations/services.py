"""Open an evacuation; record what was seen of a household."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.response.evacuations import rules
from fengsui.response.evacuations.errors import (
    ALREADY_ONE,
    BAD_COUNT,
    NOT_IN_EVACUATION,
    UNKNOWN_STATUS,
    WHO_CONFIRMED,
)
from fengsui.response.evacuations.facts import (
    CLOSED,
    HOUSEHOLD_RECORDED,
    HOUSEHOLDS_ADDED,
    HOUSEHOLDS_LINKED,
    HOUSEHOLDS_UNLINKED,
    OPENED,
)
from fengsui.response.evacuations.models import (
    Evacuation,
    EvacuationEntry,
    EvacuationHousehold,
    HouseholdLink,
)
from fengsui.response.evacuations.states import MOVED, HouseholdStatus
from fengsui.standards.instants import to_ms

HOUSEHOLDS_PER_FACT = 2000
PEOPLE_IN_A_HOUSEHOLD_MAX = 200
REASON_CHARACTERS_MAX = 300


def _chunks(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), HOUSEHOLDS_PER_FACT):
        yield rows[start : start + HOUSEHOLDS_PER_FACT]


@command
def open_evacuation(
    *,
    viewer: Viewer,
    alert_id: int,
    place_code: str,
    exercise: bool,
    households: list[dict[str, Any]],
    cause: bytes | None = None,
) -> dict[str, int]:
    """List the households that should leave.

    `households`: [{household_id, place_code, people, assist_level, shelter}]. Only the alert desk
    calls this, after the alert was approved.
    """
    pieces = list(_chunks(households)) or [[]]
    opened = record(
        OPENED,
        fields={"alert_id": alert_id, "exercise": exercise},
        items=pieces[0],
        scope=place_code,
        viewer=viewer,
        cause=cause,
        about=[alert_id],
    )
    for piece in pieces[1:]:
        _add(viewer, opened.entity(), place_code, piece, alert_id)
    return {"evacuation_id": opened.entity()}


@command
def add_households(
    *, viewer: Viewer, evacuation_id: int, households: list[dict[str, Any]]
) -> dict[str, int]:
    """List more households; those already on the list stay as they are."""
    evacuation = Evacuation.objects.get(id=evacuation_id)
    listed = set(
        EvacuationHousehold.objects.filter(evacuation=evacuation).values_list(
            "household_id", flat=True
        )
    )
    fresh = [one for one in households if one["household_id"] not in listed]
    for piece in _chunks(fresh):
        _add(viewer, evacuation_id, evacuation.place_code, piece, evacuation.alert_id)
    return {"added": len(fresh)}


def _add(
    viewer: Viewer,
    evacuation_id: int,
    place_code: str,
    piece: Sequence[dict[str, Any]],
    alert_id: int,
) -> None:
    record(
        HOUSEHOLDS_ADDED,
        fields={"evacuation_id": evacuation_id},
        items=piece,
        scope=place_code,
        viewer=viewer,
        about=[alert_id],
    )


@command
def record_household_status(
    *,
    viewer: Viewer,
    household_id: int,
    status: str,
    client_id: str,
    evacuation_id: int | None = None,
    people_moved: int | None = None,
    confirmed_by: str = "",
    confirmed_how: str = "",
    observed_at: datetime | None = None,
) -> dict[str, Any]:
    """What was seen of one household. The same `client_id` twice is one observation.

    Returns {outcome: "recorded" | "already_recorded", evacuation_id}. Raises
    evacuations.who_confirmed, .unknown_status, .bad_count, .not_in_evacuation, access.not_allowed.
    """
    if status not in {known.value for known in HouseholdStatus}:
        raise UNKNOWN_STATUS(status=status)
    row = _on_the_list(household_id, evacuation_id, observed_at)
    require(viewer, Permission.RECORD_HOUSEHOLD, row.place_code)
    if EvacuationEntry.objects.filter(client_id=client_id).exists():
        return {"outcome": "already_recorded", "evacuation_id": row.evacuation_id}
    missing = rules.missing_for(
        status=status, confirmed_by=confirmed_by, confirmed_how=confirmed_how
    )
    if missing:
        raise WHO_CONFIRMED(field=missing)
    moved = row.people if people_moved is None else people_moved
    if not 0 <= moved <= PEOPLE_IN_A_HOUSEHOLD_MAX:
        raise BAD_COUNT(limit=PEOPLE_IN_A_HOUSEHOLD_MAX)
    now = clock.now()
    seen = rules.observed_at(phone_says=observed_at or now, received=now)
    record(
        HOUSEHOLD_RECORDED,
        fields={
            "evacuation_id": row.evacuation_id,
            "household_id": household_id,
            "status": status,
            "people_moved": moved if HouseholdStatus(status) in MOVED else 0,
            "confirmed_how": confirmed_how,
            "observed_at": to_ms(seen),
            "client_id": client_id,
        },
        personal={"confirmed_by": confirmed_by.strip()[:60]},
        scope=row.place_code,
        viewer=viewer,
        about=[row.evacuation.alert_id],
    )
    on_commit_notify(f"evacuation:{row.evacuation_id}", {"household_id": str(household_id)})
    return {"outcome": "recorded", "evacuation_id": row.evacuation_id}


def _on_the_list(
    household_id: int, evacuation_id: int | None, observed_at: datetime | None
) -> EvacuationHousehold:
    """The household on the open list; on a closed one for what was seen before it was closed."""
    wanted = Q(evacuation__closed_at=None)
    rows = EvacuationHousehold.objects.filter(household_id=household_id)
    if evacuation_id is not None:
        rows = rows.filter(evacuation_id=evacuation_id)
        if observed_at is not None:
            wanted |= Q(evacuation__closed_at__gte=observed_at)
    row = (
        rows.filter(wanted).select_related("evacuation").order_by("-evacuation__opened_at").first()
    )
    if row is None:
        raise NOT_IN_EVACUATION()
    return row


@command
def link_households(
    *, viewer: Viewer, evacuation_id: int, household_id: int, same_as: int, reason: str
) -> dict[str, int]:
    """Two rows of the list are one household that two people registered: it counts once.

    Nothing is thrown away: each row keeps what was seen of it, and `unlink_households` undoes it.
    Returns {"link_id"}. Raises evacuations.not_in_evacuation, .already_one, access.not_allowed.
    """
    rows = {
        row.household_id: row
        for row in EvacuationHousehold.objects.filter(
            evacuation_id=evacuation_id, household_id__in=[household_id, same_as]
        )
    }
    if len(rows) != 2:
        raise NOT_IN_EVACUATION()
    for row in rows.values():
        require(viewer, Permission.MARK_REACHED, row.place_code)
    pair = {"household_id__in": list(rows), "same_as__in": list(rows)}
    standing = HouseholdLink.objects.filter(evacuation_id=evacuation_id, unlinked_at=None)
    if standing.filter(**pair).exists():
        raise ALREADY_ONE()
    fact = record(
        HOUSEHOLDS_LINKED,
        fields={
            "evacuation_id": evacuation_id,
            "household_id": household_id,
            "same_as": same_as,
            "reason": reason.strip()[:REASON_CHARACTERS_MAX],
        },
        scope=rows[household_id].place_code,
        viewer=viewer,
        about=[evacuation_id],
    )
    on_commit_notify(f"evacuation:{evacuation_id}", {"household_id": str(household_id)})
    return {"link_id": fact.entity()}


@command
def unlink_households(*, viewer: Viewer, link_id: int, reason: str) -> dict[str, int]:
    """They are two households after all: both count again."""
    link = HouseholdLink.objects.filter(id=link_id, unlinked_at=None).first()
    if link is None:
        raise NOT_IN_EVACUATION()
    require(viewer, Permission.MARK_REACHED, link.place_code)
    record(
        HOUSEHOLDS_UNLINKED,
        fields={
            "evacuation_id": link.evacuation_id,
            "link_id": link_id,
            "reason": reason.strip()[:REASON_CHARACTERS_MAX],
        },
        scope=link.place_code,
        viewer=viewer,
        about=[link.evacuation_id],
    )
    on_commit_notify(f"evacuation:{link.evacuation_id}", {"household_id": str(link.household_id)})
    return {"link_id": link_id}


@command
def close_evacuation(*, viewer: Viewer, evacuation_id: int, reason: str) -> dict[str, int]:
    evacuation = Evacuation.objects.get(id=evacuation_id)
    record(
        CLOSED,
        fields={"evacuation_id": evacuation_id, "reason": reason},
        scope=evacuation.place_code,
        viewer=viewer,
        about=[evacuation.alert_id],
    )
    on_commit_notify(f"evacuation:{evacuation_id}", {})
    return {"evacuation_id": evacuation_id}
