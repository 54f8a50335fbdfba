"""The reads on venues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.registers.venues.models import Venue

_COLUMNS = (
    "id",
    "place_code",
    "name",
    "kind",
    "lon_e7",
    "lat_e7",
    "warning_contact_id",
    "headcount_tonight",
    "headcount_at",
    "boarding_people",
    "open_when",
    "notes",
    "is_invented",
    "is_withdrawn",
)


def venue(venue_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One venue; raises access.not_found out of sight."""
    found = (
        Venue.objects.filter(visible(viewer, Permission.SEE_PEOPLE), pk=venue_id)
        .values(*_COLUMNS)
        .first()
    )
    if found is None:
        raise NOT_FOUND()
    return dict(found)


def venues_in(codes: Iterable[str] | None = None, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Venues at or below the codes, or all in sight: the model's columns."""
    rows = Venue.objects.filter(visible(viewer, Permission.SEE_PEOPLE), is_withdrawn=False)
    if codes is not None:
        rows = rows.filter(in_scopes("place_code", tuple(Scope.of(code) for code in codes)))
    return list(rows.order_by("place_code", "id").values(*_COLUMNS))
