"""号码待核实: the numbers of post-holders and duty rooms that nobody has lately answered at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import ContactPoint, PostHolding
from fengsui.foundation.people.queries.persons import proven_days, titles_of
from fengsui.foundation.people.queries.rows import under
from fengsui.foundation.people.rules import PROVEN_DAYS_DEFAULT, contact_state, phone_masked
from fengsui.foundation.people.states import ContactKind
from fengsui.foundation.places import queries as places

NUMBERS_PER_PAGE_MAX = 200


def numbers_to_verify(
    codes: Iterable[str] | None = None, *, viewer: Viewer, after: int = 0, limit: int = 50
) -> dict[str, Any]:
    """{"items", "next", "total", "days", "is_default_days"}: a page by id, `after` the last seen.

    Telephones only, of posts and of persons who hold a post; dead, stale or never proven.
    """
    limit = max(1, min(limit, NUMBERS_PER_PAGE_MAX))
    now, days = clock.now(), proven_days()
    held = PostHolding.objects.filter(
        person_id=OuterRef("person_id"), until_at__isnull=True, post__is_withdrawn=False
    )
    found = ContactPoint.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE),
        Q(post_id__isnull=False, post__is_withdrawn=False)
        | (Q(person__is_withdrawn=False) & Exists(held)),
        Q(proven_at__isnull=True)
        | Q(proven_at__lt=now - timedelta(days=days))
        | Q(failed_at__gte=F("proven_at")),
        kind=ContactKind.PHONE,
        is_withdrawn=False,
    ).exclude(value="")
    if codes is not None:
        found = found.filter(under(codes))
    total = found.count()
    rows = list(
        found.filter(pk__gt=after).select_related("person", "post").order_by("id")[: limit + 1]
    )
    page = rows[:limit]
    titles = titles_of([row.person_id for row in page if row.person_id], viewer=viewer)
    known = places.names({row.place_code for row in page}, viewer=viewer)
    return {
        "items": [_line(row, known, titles, now, days) for row in page],
        "next": page[-1].pk if len(rows) > limit else None,
        "total": total,
        "days": days,
        "is_default_days": days == PROVEN_DAYS_DEFAULT,
    }


def _line(
    row: ContactPoint,
    known: Mapping[str, str],
    titles: Mapping[int, list[str]],
    now: datetime,
    days: int,
) -> dict[str, Any]:
    return {
        "contact_point_id": row.pk,
        "place_code": row.place_code,
        "place_name": known.get(row.place_code, ""),
        "name": row.person.name if row.person else "",
        "titles": titles.get(row.person_id or 0, []) or ([row.post.title] if row.post else []),
        "value_masked": phone_masked(row.value),
        "state": contact_state(row.proven_at, row.failed_at, now, days=days).value,
        "proven_at": row.proven_at,
        "failed_at": row.failed_at,
    }
