"""外出与返回: a household, or some of its people, are away; who said so; and back again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import facts, rules
from fengsui.foundation.people.errors import (
    ALREADY_ENDED,
    PERIOD_NOT_VALID,
    TOO_MANY_AWAY,
    WHO_SAID_SO,
)
from fengsui.foundation.people.models import Household, HouseholdAway
from fengsui.foundation.people.queries.away import away_in_force
from fengsui.foundation.people.queries.households import gate_household
from fengsui.foundation.people.states import SaidHow

TOPIC = "households"


@command
def record_household_away(
    *,
    viewer: Viewer,
    household_id: int,
    people: int,
    until_at: datetime,
    said_by: str,
    said_how: str,
    from_at: datetime | None = None,
) -> dict[str, Any]:
    """`people` of the household are away until then; they come back by themselves at the end.

    `said_by` and `said_how` (states.SaidHow) say how it is known. Returns {"away_id"}. Raises
    access.not_found, .not_allowed, people.too_many_away, .who_said_so, .period_not_valid.
    """
    household = gate_household(household_id, viewer=viewer)
    require(viewer, Permission.RECORD_HOUSEHOLD, household.place_code)
    now = clock.now()
    begins = max(from_at or now, now).replace(microsecond=0)
    ends = until_at.replace(microsecond=0)
    if rules.period_fault(begins, ends, now, days_max=rules.AWAY_DAYS_MAX):
        raise PERIOD_NOT_VALID(days=rules.AWAY_DAYS_MAX)
    if not 1 <= people <= _left(household, begins, ends):
        raise TOO_MANY_AWAY(most=_left(household, begins, ends))
    who = said_by.strip()
    if not who or len(who) > rules.SAID_BY_LENGTH_MAX or said_how not in set(SaidHow):
        raise WHO_SAID_SO()
    fact = record(
        facts.HOUSEHOLD_LEFT,
        fields={
            "household_id": household_id,
            "people": people,
            "from_s": int(begins.timestamp()),
            "until_s": int(ends.timestamp()),
            "said_how": said_how,
        },
        personal={"said_by": who},
        scope=household.place_code,
        viewer=viewer,
        about=[household_id],
    )
    on_commit_notify(TOPIC, {"verb": "away"})
    return {"away_id": fact.entity()}


@command
def record_household_back(
    *, viewer: Viewer, away_id: int, was_mistake: bool = False
) -> dict[str, Any]:
    """They are back before the end, or it was a mistake."""
    row = HouseholdAway.objects.filter(pk=away_id).first()
    if row is None or not viewer.may(Permission.SEE_HOUSEHOLDS, row.place_code):
        raise NOT_FOUND()
    require(viewer, Permission.RECORD_HOUSEHOLD, row.place_code)
    now = clock.now()
    if not now < row.until_at or (row.ended_at is not None and row.ended_at <= now):
        raise ALREADY_ENDED()
    record(
        facts.HOUSEHOLD_CAME_BACK,
        fields={
            "away_id": away_id,
            "household_id": row.household_id,
            "ended_s": int(now.timestamp()),
            "was_mistake": was_mistake,
        },
        scope=row.place_code,
        viewer=viewer,
        about=[row.household_id],
    )
    on_commit_notify(TOPIC, {"verb": "back"})
    return {"away_id": away_id, "household_id": row.household_id}


def _left(household: Household, begins: datetime, ends: datetime) -> int:
    """How many of the household have not been said to be away in that time."""
    rows = HouseholdAway.objects.filter(
        away_in_force(begins), household_id=household.pk, from_at__lt=ends
    )
    gone = sum(rows.values_list("people", flat=True))
    most: int = max(household.people_count, household.tonight_people)
    return max(0, most - gone)
