"""The verbs on danger areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import queries as people
from fengsui.registers.risks import facts, rules
from fengsui.registers.risks.errors import (
    AREAS_REFUSED,
    OUTLINE_CHANGED,
    OUTLINE_REFUSED,
    REASON_NEEDED,
    UNKNOWN_REFERENCE,
)
from fengsui.registers.risks.models import DangerArea
from fengsui.registers.risks.queries.drawing import danger_area_mark
from fengsui.registers.risks.rules import outlines
from fengsui.standards.divisions import village_of

AREAS_PER_COMMAND = 50
PAIRS_PER_COMMAND = 400
REASON_LENGTH_MIN = 4

Row = Mapping[str, Any]


def register_danger_areas(
    *,
    viewer: Viewer,
    areas: Sequence[Row],
    refs: Mapping[str, int] | None = None,
    is_invented: bool = False,
) -> dict[str, int]:
    """Registers danger areas with their households; returns ref -> id, with `refs`.

    areas: {"ref" optional, "place_code" (the village), "name",
            "kind": flash_flood | geohazard | waterlogging | downstream | other,
            "geometry": GeoJSON Polygon or MultiPolygon in degrees WGS-84, or None,
            "households": [ref or household id, ...], "trigger", "route", "shelter_name"}
    Checks every row first. Raises risks.refused, risks.unknown_reference, access.not_allowed;
    then nothing at all has been written.
    """
    known = dict(refs or {})
    prepared: list[tuple[Row, dict[str, Any]]] = []
    for number, row in enumerate(areas, 1):
        for field, fault in rules.area_faults(row):
            raise AREAS_REFUSED(row=number, field=field, fault=fault)
        for reference in row.get("households") or ():
            if isinstance(reference, str) and reference not in known:
                raise UNKNOWN_REFERENCE(row=number, reference=reference)
        require(viewer, Permission.EDIT_REGISTERS, row["place_code"])
        prepared.append((row, rules.area_row(row)))
    listed: dict[str, list[list[Any]]] = {}
    for village, piece in _by_village(prepared):
        ids = record_danger_areas(
            viewer=viewer, scope=village, rows=[row for _, row in piece], is_invented=is_invented
        )
        for (row, _), identity in zip(piece, ids, strict=True):
            if row.get("ref") is not None:
                known[row["ref"]] = identity
            listed.setdefault(village, []).extend(
                [identity, known[one] if isinstance(one, str) else one, row["place_code"]]
                for one in row.get("households") or ()
            )
    for village, pairs in listed.items():
        for start in range(0, len(pairs), PAIRS_PER_COMMAND):
            record_listings(
                viewer=viewer, scope=village, pairs=pairs[start : start + PAIRS_PER_COMMAND]
            )
    return known


@command
def record_danger_areas(
    *,
    viewer: Viewer,
    scope: str,
    rows: list[dict[str, Any]],
    is_invented: bool,
    cause: bytes | None = None,
) -> list[int]:
    """One fact of danger areas of one village; the ids in the order of the rows."""
    require(viewer, Permission.EDIT_REGISTERS, scope)
    fact = record(
        facts.DANGER_AREAS_REGISTERED,
        fields={"count": len(rows), "is_invented": is_invented},
        items=rows,
        scope=scope,
        viewer=viewer,
        cause=cause,
    )
    return [fact.entity(index) for index in range(len(rows))]


@command
def record_listings(*, viewer: Viewer, scope: str, pairs: list[list[Any]]) -> dict[str, int]:
    """One fact that lists households in danger areas: [area id, household id, place code]."""
    require(viewer, Permission.EDIT_REGISTERS, scope)
    record(
        facts.HOUSEHOLDS_LISTED,
        fields={"count": len(pairs), "pairs": pairs},
        scope=scope,
        viewer=viewer,
    )
    return {"listed": len(pairs)}


@command
def delist_households(
    *, viewer: Viewer, danger_area_id: int, household_ids: Sequence[int], reason: str
) -> dict[str, int]:
    """Takes households off the list of a danger area, with the reason."""
    area = DangerArea.objects.filter(pk=danger_area_id).first()
    if area is None:
        raise NOT_FOUND()
    require(viewer, Permission.EDIT_REGISTERS, area.place_code)
    if len(reason.strip()) < REASON_LENGTH_MIN:
        raise REASON_NEEDED(least=REASON_LENGTH_MIN)
    record(
        facts.HOUSEHOLDS_DELISTED,
        fields={
            "count": len(household_ids),
            "pairs": [[danger_area_id, one, area.place_code] for one in household_ids],
            "reason": reason.strip(),
        },
        scope=area.place_code,
        viewer=viewer,
        about=[danger_area_id],
    )
    return {"delisted": len(household_ids)}


@command
def list_households(
    *, viewer: Viewer, danger_area_id: int, household_ids: Sequence[int]
) -> dict[str, int]:
    """Adds households to the list of a danger area."""
    area = DangerArea.objects.filter(pk=danger_area_id).first()
    if area is None:
        raise NOT_FOUND()
    for one in household_ids:
        people.gate_household(one, viewer=viewer)
    return record_listings(
        viewer=viewer,
        scope=area.place_code,
        pairs=[[danger_area_id, one, area.place_code] for one in household_ids],
    )


@command
def change_danger_area(
    *, viewer: Viewer, danger_area_id: int, changes: Mapping[str, Any]
) -> dict[str, int]:
    """Changes name, kind, geometry, trigger, route or shelter_name; the later word wins."""
    area = DangerArea.objects.filter(pk=danger_area_id).first()
    if area is None:
        raise NOT_FOUND()
    require(viewer, Permission.EDIT_REGISTERS, area.place_code)
    whole = {"place_code": area.place_code, "name": area.name, "kind": area.kind, **changes}
    for field, fault in rules.area_faults(whole):
        raise AREAS_REFUSED(row=1, field=field, fault=fault)
    kept = {name: value for name, value in rules.area_row(whole).items() if name in changes}
    record(
        facts.DANGER_AREA_CHANGED,
        fields={"danger_area_id": danger_area_id, "changes": kept},
        scope=area.place_code,
        viewer=viewer,
        about=[danger_area_id],
    )
    return {"danger_area_id": danger_area_id}


def draw_danger_area(
    *, viewer: Viewer, place_code: str, name: str, kind: str, geometry: Any
) -> dict[str, int]:
    """A new danger area whose outline a person drew: one polygon, simple, of a likely size.

    Raises risks.outline_refused with what is wrong in words, and what `register_danger_areas`
    raises.
    """
    _check_drawing(geometry)
    row = {
        "ref": "drawn",
        "place_code": place_code,
        "name": name,
        "kind": kind,
        "geometry": geometry,
    }
    found = register_danger_areas(viewer=viewer, areas=[row])
    return {"danger_area_id": found["drawn"]}


@command
def redraw_danger_area(
    *, viewer: Viewer, danger_area_id: int, geometry: Any, mark: str
) -> dict[str, int]:
    """Another outline for a danger area, or none. `mark`: of the outline that was looked at.

    Raises risks.outline_changed where somebody drew it anew meanwhile, risks.outline_refused.
    """
    area = DangerArea.objects.filter(pk=danger_area_id, is_withdrawn=False).first()
    if area is None:
        raise NOT_FOUND()
    require(viewer, Permission.EDIT_REGISTERS, area.place_code)
    if mark != danger_area_mark(area):
        raise OUTLINE_CHANGED()
    if geometry is not None:
        _check_drawing(geometry)
    whole = {"place_code": area.place_code, "name": area.name, "kind": area.kind}
    kept = rules.area_row({**whole, "geometry": geometry})
    record(
        facts.DANGER_AREA_CHANGED,
        fields={"danger_area_id": danger_area_id, "changes": {"geometry": kept["geometry"]}},
        scope=area.place_code,
        viewer=viewer,
        about=[danger_area_id],
    )
    return {"danger_area_id": danger_area_id}


def _check_drawing(geometry: Any) -> None:
    fault = outlines.drawing_fault(geometry)
    if fault is not None:
        raise OUTLINE_REFUSED(fault=fault.code, fault_zh=fault.zh, fault_en=fault.en)


def _by_village(
    prepared: Sequence[tuple[Row, dict[str, Any]]],
) -> Iterator[tuple[str, list[tuple[Row, dict[str, Any]]]]]:
    by_village: dict[str, list[tuple[Row, dict[str, Any]]]] = {}
    for pair in prepared:
        by_village.setdefault(village_of(pair[0]["place_code"]), []).append(pair)
    for village, group in by_village.items():
        for start in range(0, len(group), AREAS_PER_COMMAND):
            yield village, group[start : start + AREAS_PER_COMMAND]
