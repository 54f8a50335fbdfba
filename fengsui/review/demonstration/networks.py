"""Rivers, roads and contours: lines that meet where they should. Pure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from fengsui.review.demonstration.raster import (
    Flags,
    Floats,
    Integers,
    cheapest_paths,
    level_rings,
    merged_paths,
    shrunk,
    smoothed,
)
from fengsui.review.demonstration.terrain import COLUMNS, Terrain

RIVER_AREA_M2 = 60.0e6  # from here on a river, below a brook
CONTOUR_STEP_M = 200.0
LINE_TOLERANCE_M = 18.0


def _wandering(
    terrain: Terrain, wander: tuple[Floats, Floats], cells: Integers
) -> tuple[Floats, Floats]:
    row, column = cells // COLUMNS, cells % COLUMNS
    return terrain.x[column] + wander[0][row, column], terrain.y[row] + wander[1][row, column]


def _network(
    terrain: Terrain,
    wander: tuple[Floats, Floats],
    steps: Integers,
    first_rank: Flags,
    rounds: int,
) -> list[tuple[LineString, int]]:
    """Steps (n, 2) from cell to cell as smooth lines that still meet at their junctions."""
    starts = np.stack(_wandering(terrain, wander, steps[:, 0]), 1)
    ends = np.stack(_wandering(terrain, wander, steps[:, 1]), 1)
    touched = [
        {tuple(point) for point in np.vstack([starts[chosen], ends[chosen]]).tolist()}
        for chosen in (first_rank, ~first_rank)
    ]
    found = []
    for rank, chosen in ((1, first_rank), (2, ~first_rank)):
        for path in merged_paths(starts[chosen], ends[chosen]):
            for part in _split_at(path, touched[2 - rank]):
                line = LineString(smoothed(part, rounds)).simplify(LINE_TOLERANCE_M)
                found.append((line, rank))
    return found


def _split_at(path: Floats, knots: set[tuple[float, ...]]) -> list[Floats]:
    """The path cut at every inner vertex that lines of the other rank also touch."""
    cuts = [0]
    cuts += [at for at in range(1, len(path) - 1) if tuple(path[at].tolist()) in knots]
    cuts.append(len(path) - 1)
    return [path[low : high + 1] for low, high in pairwise(cuts)]


def rivers(
    terrain: Terrain, inside: Flags, outline: Polygon, wander: tuple[Floats, Floats]
) -> tuple[tuple[LineString, int], ...]:
    cells = np.nonzero((terrain.stream & inside).ravel())[0]
    cells = cells[terrain.receiver[cells] != cells]
    steps = np.stack([cells, terrain.receiver[cells]], 1)
    wide = terrain.area_m2.ravel()[cells] >= RIVER_AREA_M2
    found: list[tuple[LineString, int]] = []
    for line, rank in _network(terrain, wander, steps, wide, rounds=4):
        within = line.intersection(outline)
        for part in getattr(within, "geoms", [within]):
            if isinstance(part, LineString):
                found.append((part, rank))
    return tuple(found)


def roads(
    terrain: Terrain,
    inside: Flags,
    walking: Floats,
    placed: list[int],
    seats: list[int],
    wander: tuple[Floats, Floats],
) -> tuple[tuple[LineString, int], ...]:
    """Trunk roads from the county town to the townships, then from them to every village."""
    building = (2 * walking - 1) ** 1.4 * np.where(terrain.stream, 2.4, 1.0)
    building = np.where(terrain.area_m2 > RIVER_AREA_M2, building * 3, building)
    allowed = shrunk(inside, 1)
    _, nearer, _ = cheapest_paths(building, seats[:1], allowed)
    trunk = _traced(nearer, seats[1:])
    on_trunk = sorted({seats[0], *(cell for pair in trunk for cell in pair)})
    _, nearer, _ = cheapest_paths(building, on_trunk, allowed)
    steps = sorted(trunk) + sorted(_traced(nearer, placed) - trunk)
    is_trunk = np.arange(len(steps)) < len(trunk)
    return tuple(_network(terrain, wander, np.array(steps), is_trunk, rounds=3))


def _traced(nearer: Integers, starts: list[int]) -> set[tuple[int, int]]:
    steps: set[tuple[int, int]] = set()
    for cell in starts:
        towards = int(nearer[cell])
        while towards >= 0 and (cell, towards) not in steps:
            steps.add((cell, towards))
            cell, towards = towards, int(nearer[towards])
    return steps


def contours(terrain: Terrain, outline: Polygon) -> tuple[tuple[float, BaseGeometry], ...]:
    calm = terrain.height_m[::2, ::2]
    low, high = np.quantile(calm, 0.08), np.quantile(calm, 0.97)
    level = float(np.ceil(low / CONTOUR_STEP_M) * CONTOUR_STEP_M)
    found: list[tuple[float, BaseGeometry]] = []
    while level < high:
        rings = level_rings(calm, terrain.x[::2], terrain.y[::2], level, 3, 60)
        higher: BaseGeometry = Polygon()
        for ring in sorted((shapely.make_valid(ring) for ring in rings), key=lambda r: -r.area):
            if ring.area > 4e5:
                higher = higher.symmetric_difference(ring)
        found.append((level, _only_areas(higher.intersection(outline))))
        level += CONTOUR_STEP_M
    return tuple((level, higher) for level, higher in found if not higher.is_empty)


def _only_areas(geometry: BaseGeometry) -> BaseGeometry:
    parts = [
        part
        for part in getattr(geometry, "geoms", [geometry])
        if isinstance(part, Polygon) and part.area > 4e5
    ]
    return MultiPolygon(parts)
