"""Where households stand, for drawing all of them at once: positions without ids or names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, IntegerField
from django.db.models.expressions import ExpressionWrapper

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people.models import Household
from fengsui.foundation.people.queries.households import households_revision

DOTS_MAX = 100_000  # above this the dots are cells of a grid, so that a city stays quick
CELL_E7 = 20_000  # 0.002 degree, about 200 m
_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class HouseholdDots:
    """`rows`: (longitude, latitude in 1e-7 degree WGS-84, households there)."""

    are_cells: bool
    rows: Iterator[tuple[int, int, int]]


def household_dots(*, viewer: Viewer, dots_max: int = DOTS_MAX) -> HouseholdDots:
    """The households in sight that have a point; above `dots_max` gathered into cells."""
    placed = Household.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS),
        is_withdrawn=False,
        lon_e7__isnull=False,
        lat_e7__isnull=False,
    )
    # Neighbours follow each other, so that the differences between them stay small.
    if placed.count() <= dots_max:
        points = placed.order_by("place_code", "id").values_list("lon_e7", "lat_e7")
        return HouseholdDots(
            are_cells=False,
            rows=(
                (lon, lat, 1)
                for lon, lat in points.iterator(chunk_size=_CHUNK)
                if lon is not None and lat is not None
            ),
        )
    cells = (
        placed.annotate(column=_cell("lon_e7"), row=_cell("lat_e7"))
        .values("column", "row")
        .annotate(households=Count("id"))
        .order_by("row", "column")
        .values_list("column", "row", "households")
    )
    half = CELL_E7 // 2
    return HouseholdDots(
        are_cells=True,
        rows=(
            (column * CELL_E7 + half, row * CELL_E7 + half, households)
            for column, row, households in cells
        ),
    )


def _cell(field: str) -> Any:
    return ExpressionWrapper(F(field) / CELL_E7, output_field=IntegerField())


def households_placed(*, viewer: Viewer) -> dict[str, int]:
    """{"total", "without_point"} of the households in sight."""
    there = Household.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), is_withdrawn=False)
    counted = there.aggregate(total=Count("id"), placed=Count("lon_e7"))
    return {"total": counted["total"], "without_point": counted["total"] - counted["placed"]}


def dots_mark(*, viewer: Viewer) -> str:
    """Changes whenever what `household_dots` would give this viewer may have changed."""
    number, highest = households_revision()
    scopes = ",".join(sorted(one.prefix for one in viewer.scopes(Permission.SEE_HOUSEHOLDS)))
    return f"{number}-{highest}-{scopes or 'none'}"
