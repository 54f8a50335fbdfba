"""The verbs on venues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, record
from fengsui.registers.venues import facts, rules
from fengsui.registers.venues.errors import BAD_HEADCOUNT, UNKNOWN_REFERENCE, VENUES_REFUSED
from fengsui.registers.venues.models import Venue
from fengsui.standards.divisions import township_of

ROWS_PER_COMMAND = 200

Row = Mapping[str, Any]


def register_venues(
    *,
    viewer: Viewer,
    venues: Sequence[Row],
    refs: Mapping[str, int] | None = None,
    is_invented: bool = False,
) -> dict[str, int]:
    """Registers venues; returns ref -> id of those that carry a "ref", with `refs`.

    venues: {"ref" optional, "place_code" (village), "name", "kind" (see standards.venue_kinds;
             another word is kept as it is),
             "lon_e7", "lat_e7" (integers of 1e-7 degree, or absent),
             "warning_contact": ref or person id or None, "headcount_tonight": int,
             "boarding_people": int or None, "open_when", "notes": texts or absent}
    Checks every row first. Raises venues.refused, venues.unknown_reference, access.not_allowed.
    """
    known = dict(refs or {})
    for number, row in enumerate(venues, 1):
        for field, fault in rules.venue_faults(row):
            raise VENUES_REFUSED(row=number, field=field, fault=fault)
        reference = row.get("warning_contact")
        if isinstance(reference, str) and reference not in known:
            raise UNKNOWN_REFERENCE(row=number, reference=reference)
        require(viewer, Permission.EDIT_REGISTERS, row["place_code"])
    for scope, piece in _pieces(venues):
        rows = [rules.venue_row(row, _resolve(row.get("warning_contact"), known)) for row in piece]
        ids = record_venues(viewer=viewer, scope=scope, rows=rows, is_invented=is_invented)
        known.update(
            {row["ref"]: one for row, one in zip(piece, ids, strict=True) if row.get("ref")}
        )
    return known


@command
def record_venues(
    *,
    viewer: Viewer,
    scope: str,
    rows: list[dict[str, Any]],
    is_invented: bool,
    cause: bytes | None = None,
) -> list[int]:
    """One fact of venues of one township; the ids in the order of the rows."""
    require(viewer, Permission.EDIT_REGISTERS, scope) if not viewer.is_node else None
    fact = record(
        facts.VENUES_REGISTERED,
        fields={"count": len(rows), "is_invented": is_invented},
        items=rows,
        scope=scope,
        viewer=viewer,
        cause=cause,
    )
    return [fact.entity(index) for index in range(len(rows))]


@command
def record_headcount(*, viewer: Viewer, venue_id: int, people: int) -> dict[str, int]:
    """How many people are in the venue tonight."""
    venue = _venue(venue_id)
    require(viewer, Permission.RECORD_HOUSEHOLD, venue.place_code)
    if not 0 <= people <= rules.HEADCOUNT_MAX:
        raise BAD_HEADCOUNT(most=rules.HEADCOUNT_MAX)
    record(
        facts.HEADCOUNT_RECORDED,
        fields={"venue_id": venue_id, "people": people},
        scope=venue.place_code,
        viewer=viewer,
        about=[venue_id],
    )
    return {"venue_id": venue_id}


@command
def name_warning_contact(*, viewer: Viewer, venue_id: int, person_id: int) -> dict[str, int]:
    """Appoints the person who receives and spreads warnings in this venue."""
    venue = _venue(venue_id)
    require(viewer, Permission.EDIT_REGISTERS, venue.place_code)
    record(
        facts.WARNING_CONTACT_NAMED,
        fields={"venue_id": venue_id, "person_id": person_id},
        scope=venue.place_code,
        viewer=viewer,
        about=[venue_id, person_id],
    )
    return {"venue_id": venue_id}


def _venue(venue_id: int) -> Venue:
    venue = Venue.objects.filter(pk=venue_id).first()
    if venue is None:
        raise NOT_FOUND()
    return venue


def _resolve(reference: Any, known: Mapping[str, int]) -> int | None:
    return known[reference] if isinstance(reference, str) else reference


def _pieces(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    by_scope: dict[str, list[Row]] = {}
    for row in rows:
        by_scope.setdefault(township_of(row["place_code"]), []).append(row)
    for scope, group in by_scope.items():
        for start in range(0, len(group), ROWS_PER_COMMAND):
            yield scope, group[start : start + ROWS_PER_COMMAND]
