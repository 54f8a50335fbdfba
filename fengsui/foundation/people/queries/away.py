"""Which households are away tonight, how many of their people, and who said so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import rules
from fengsui.foundation.people.models import Household, HouseholdAway
from fengsui.foundation.people.queries.rows import chunked, under
from fengsui.foundation.places import queries as places

AWAYS_PER_PAGE_MAX = 200


def away_in_force(at: datetime) -> Q:
    """Rows of HouseholdAway that are not over at `at`."""
    return Q(until_at__gt=at) & (Q(ended_at__isnull=True) | Q(ended_at__gt=at))


def tonight_of(household_ids: Iterable[int], *, viewer: Viewer) -> dict[int, dict[str, Any]]:
    """Of households of which anybody is away now: {"at_home", "away", "said_by", "said_how",
    "said_at", "until_at"}; `away` are the people left out of tonight's count, the words those of
    the newest that was said. Others are not in the answer. Two queries per 5,000 households."""
    now = clock.now()
    found: dict[int, dict[str, Any]] = {}
    for ids in chunked(household_ids):
        aways: dict[int, list[HouseholdAway]] = defaultdict(list)
        for row in HouseholdAway.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            away_in_force(now),
            from_at__lte=now,
            household_id__listed=ids,
        ).order_by("recorded_at", "id"):
            aways[row.household_id].append(row)
        counts = Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS), pk__listed=list(aways)
        ).values_list("pk", "tonight_people", "tonight_at")
        for pk, counted, counted_at in counts:
            said = [(row.people, row.recorded_at) for row in aways[pk]]
            at_home = rules.people_tonight(counted, counted_at, said)
            newest = aways[pk][-1]
            if at_home == counted:
                continue  # counted since they left
            found[pk] = {
                "at_home": at_home,
                "away": counted - at_home,
                "said_by": newest.said_by,
                "said_how": newest.said_how,
                "said_at": newest.recorded_at,
                "until_at": newest.until_at,
            }
    return found


def households_away(
    codes: Iterable[str] | None = None, *, viewer: Viewer, after: int = 0, limit: int = 100
) -> dict[str, Any]:
    """Households of which somebody is away, now or from a later time: {"items", "next"}."""
    limit = max(1, min(limit, AWAYS_PER_PAGE_MAX))
    now = clock.now()
    found = HouseholdAway.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS),
        away_in_force(now),
        household__is_withdrawn=False,
        pk__gt=after,
    )
    if codes is not None:
        found = found.filter(under(codes))
    rows = list(found.select_related("household").order_by("id")[: limit + 1])
    page = rows[:limit]
    known = places.names({row.place_code for row in page}, viewer=viewer)
    return {
        "items": [
            {
                "id": row.pk,
                "household_id": row.household_id,
                "label": row.household.label,
                "place_code": row.place_code,
                "place_name": known.get(row.place_code, ""),
                "people": row.people,
                "people_count": row.household.people_count,
                "from_at": row.from_at,
                "until_at": row.until_at,
                "said_by": row.said_by,
                "said_how": row.said_how,
                "said_at": row.recorded_at,
                "is_now": row.from_at <= now,
            }
            for row in page
        ],
        "next": page[-1].pk if len(rows) > limit else None,
    }
