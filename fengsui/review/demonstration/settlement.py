"""Invented households: where they stand, how many sleep there, which are in danger. Arrays.

Pure and deterministic. Works for the invented county and for the villages of a real one
(then without rivers or roads: hamlets are scattered around each village's point). Lengths in
metres on a plane; a household of a village without a point has NaN as coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from fengsui.review.demonstration.county import County
from fengsui.review.demonstration.raster import Floats, Integers

HOUSEHOLDS_PER_GROUP = 10
HOUSEHOLDS_PER_GRID = 60
GROUPS_PER_GRID = HOUSEHOLDS_PER_GRID // HOUSEHOLDS_PER_GROUP
GROUPS_MAX, GRIDS_MAX = 99, 899
RIVER_CLEARANCE_M = 30.0  # no house stands closer to the middle of a stream
FLOOD_REACH_M = 85.0
STEEP_SLOPE = 0.2
DANGER_AREA_HOUSEHOLDS_MIN = 3
ASSIST_SHARE = 0.12
FLOOD, SLOPE = 1, 2  # kinds of danger; 0 is none
KINDS = {FLOOD: "flash_flood", SLOPE: "geohazard"}
ANCHOR_SPACING_M = 40.0
ANCHOR_REACH_M = 1500.0
_PEOPLE_SHARES = (0.10, 0.19, 0.21, 0.22, 0.15, 0.08, 0.05)  # households of 1, 2, … 7 people
_LEVEL_SHARES = (0.6, 0.28, 0.12)  # of those needing help: level 1, 2, 3


@dataclass(frozen=True, slots=True)
class Site:
    """A village with its point in metres, or NaN where nobody knows it."""

    code: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Households:
    """Columns of equal length, sorted by village, grid and group."""

    village: NDArray[np.int32]  # index into the sites
    grid: NDArray[np.int16]  # from 1 in each village
    group: NDArray[np.int16]  # from 1 in each grid
    x: Floats
    y: Floats
    people: NDArray[np.int8]  # by the household register
    tonight: NDArray[np.int8]
    assist_level: NDArray[np.int8]  # 0 none … 3 must be carried
    danger: NDArray[np.int32]  # index into the danger areas, or -1

    def __len__(self) -> int:
        return len(self.village)


@dataclass(frozen=True, slots=True)
class DangerArea:
    """A stretch where water or slope threatens houses; no outline where houses have no point."""

    village: int
    kind: int
    outline: Polygon | MultiPolygon | None


@dataclass(frozen=True, slots=True)
class Anchors:
    """Points that houses may stand beside: along roads and brooks, or in scattered hamlets."""

    x: Floats
    y: Floats
    across_x: Floats  # unit vector to the side
    across_y: Floats
    village: Integers
    weight: Floats
    hint: NDArray[np.int8]  # danger that goes with the place, where no stream is drawn


def make_households(
    random: np.random.Generator, sites: Sequence[Site], count: int, county: County | None = None
) -> tuple[Households, list[DangerArea]]:
    """Exactly `count` households over the sites, and the danger areas among them."""
    if not sites or count < len(sites):
        raise ValueError("every village needs at least one household")
    sizes = _village_sizes(random, len(sites), count)
    anchors = _county_anchors(county, sites) if county else _scattered_anchors(random, sites, sizes)
    village = np.repeat(np.arange(len(sites), dtype=np.int32), sizes)
    chosen = _chosen_anchors(random, anchors, sizes)
    x, y = _beside(random, anchors, chosen, sites, village)
    place = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    if county is not None:
        rivers = STRtree([line for line, _ in county.rivers])
        x, y, to_water = _out_of_the_water(x, y, rivers, [line for line, _ in county.rivers])
        row, column = county.terrain.cell_of(x, y)
        hint = np.where(county.terrain.slope[row, column] > STEEP_SLOPE, SLOPE, 0)
        hint = np.where(to_water < FLOOD_REACH_M, FLOOD, hint).astype(np.int8)
    else:
        hint = np.where(chosen >= 0, anchors.hint[np.maximum(chosen, 0)], 0).astype(np.int8)
    people = (random.choice(7, size=count, p=_PEOPLE_SHARES) + 1).astype(np.int8)
    gone = random.binomial(np.maximum(people - 1, 0), 0.25).astype(np.int8)
    needs = random.random(count) < ASSIST_SHARE
    level = np.where(needs, random.choice(3, size=count, p=_LEVEL_SHARES) + 1, 0).astype(np.int8)
    grid = (place // HOUSEHOLDS_PER_GRID + 1).astype(np.int16)
    group = (place % HOUSEHOLDS_PER_GRID // HOUSEHOLDS_PER_GROUP + 1).astype(np.int16)
    danger, areas = _danger_areas(village, grid, group, hint, sizes)
    households = Households(
        village, grid, group, x, y, people, (people - gone).astype(np.int8), level, danger
    )
    return households, [DangerArea(area_village, kind, None) for area_village, kind in areas]


def with_outlines(
    households: Households, areas: Sequence[DangerArea], county: County | None
) -> list[DangerArea]:
    """The same danger areas drawn around the houses in them, along the water where there is any."""
    rivers = [line for line, _ in county.rivers] if county else []
    tree = STRtree(rivers)
    order = np.argsort(households.danger, kind="stable")
    bounds = np.searchsorted(households.danger[order], np.arange(len(areas) + 1))
    drawn = []
    for number, area in enumerate(areas):
        members = order[bounds[number] : bounds[number + 1]]
        points = np.stack([households.x[members], households.y[members]], 1)
        if len(points) == 0 or np.isnan(points).any():
            drawn.append(area)
            continue
        hull: BaseGeometry = shapely.MultiPoint(points).convex_hull
        outline: BaseGeometry = hull.buffer(38, quad_segs=4)
        if area.kind == FLOOD and rivers:
            outline = _along_the_water(points, rivers, tree)
        drawn.append(DangerArea(area.village, area.kind, _without_holes(outline.simplify(4))))
    return drawn


def _without_holes(outline: BaseGeometry) -> Polygon | MultiPolygon:
    parts = [Polygon(part.exterior) for part in getattr(outline, "geoms", [outline])]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _along_the_water(points: Floats, rivers: Sequence[LineString], tree: STRtree) -> BaseGeometry:
    """The banks between the first and the last house, with each house's ground down to them."""
    nearest = tree.query_nearest(shapely.points(points), all_matches=False)[1]
    pieces: list[BaseGeometry] = []
    for index in np.unique(nearest).tolist():
        river, houses = rivers[index], points[nearest == index]
        at = shapely.line_locate_point(river, shapely.points(houses))
        feet = shapely.get_coordinates(shapely.line_interpolate_point(river, at))
        stretch = substring(river, max(0, at.min() - 60), min(river.length, at.max() + 60))
        pieces.append(stretch.buffer(48, quad_segs=4))
        ways = shapely.linestrings(np.stack([houses, feet], axis=1))
        pieces.extend(shapely.buffer(ways, 30, quad_segs=3))
    outline = shapely.union_all(pieces)
    # Houses on two brooks far apart stay two pieces of one area; near ones grow together.
    outline = outline.union(outline.buffer(60, quad_segs=3).buffer(-60, quad_segs=3))
    return outline.buffer(25, quad_segs=3).buffer(-25, quad_segs=3)


def _village_sizes(random: np.random.Generator, villages: int, count: int) -> Integers:
    share = random.lognormal(0, 0.35, villages)
    exact = share / share.sum() * (count - villages)
    sizes = np.floor(exact).astype(np.int64)
    missing = count - villages - int(sizes.sum())
    sizes[np.argsort(sizes - exact, kind="stable")[:missing]] += 1
    limit = GRIDS_MAX * HOUSEHOLDS_PER_GRID
    if int(sizes.max()) + 1 > limit:
        raise ValueError(f"a village has at most {limit} households")
    full: Integers = sizes + 1
    return full


def _county_anchors(county: County, sites: Sequence[Site]) -> Anchors:
    lines = [(line, 1.0) for line, _ in county.roads]
    lines += [(line, 0.5) for line, rank in county.rivers if rank == 2]
    room = county.outline.buffer(-200)
    shapely.prepare(room)
    points, across, weight = [], [], []
    for line, worth in lines:
        along = np.arange(0, line.length, ANCHOR_SPACING_M)
        here = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
        ahead = shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.minimum(along + 5, line.length))
        )
        behind = shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.maximum(along - 5, 0))
        )
        direction = ahead - behind
        direction /= np.maximum(np.hypot(direction[:, :1], direction[:, 1:]), 1e-9)
        points.append(here)
        across.append(np.stack([-direction[:, 1], direction[:, 0]], 1))
        weight.append(np.full(len(here), worth))
    point, side, worths = np.vstack(points), np.vstack(across), np.concatenate(weight)
    inside = shapely.contains_xy(room, point[:, 0], point[:, 1])
    point, side, worths = point[inside], side[inside], worths[inside]
    tree = STRtree([Point(site.x, site.y) for site in sites])
    nearest, distance = tree.query_nearest(
        shapely.points(point), return_distance=True, all_matches=False
    )
    village = nearest[1]
    near = distance < ANCHOR_REACH_M
    row, column = county.terrain.cell_of(point[:, 0], point[:, 1])
    level = np.exp(-5 * county.terrain.slope[row, column])
    weighted = worths * level * np.exp(-distance / 450)
    order = np.argsort(village[near], kind="stable")
    kept = np.nonzero(near)[0][order]
    return Anchors(
        x=point[kept, 0],
        y=point[kept, 1],
        across_x=side[kept, 0],
        across_y=side[kept, 1],
        village=village[kept],
        weight=weighted[kept],
        hint=np.zeros(len(kept), dtype=np.int8),
    )


def _scattered_anchors(
    random: np.random.Generator, sites: Sequence[Site], sizes: Integers
) -> Anchors:
    """Hamlets around each village: rows of places 40 m apart, some by water, some below slopes."""
    columns: list[list[Floats]] = [[], [], [], [], [], [], []]
    for index, site in enumerate(sites):
        if np.isnan(site.x):
            continue
        hamlets = int(np.clip(sizes[index] // 25 + 2, 3, 40))
        distance = random.uniform(60, 300 + 120 * np.sqrt(hamlets), hamlets)
        bearing = random.uniform(0, 2 * np.pi, hamlets)
        turn = random.uniform(0, np.pi, hamlets)
        steps = np.arange(-5, 6) * ANCHOR_SPACING_M
        middle_x, middle_y = (
            site.x + distance * np.cos(bearing),
            site.y + distance * np.sin(bearing),
        )
        along_x, along_y = np.cos(turn), np.sin(turn)
        shape = (hamlets, len(steps))
        kind = random.choice(3, size=hamlets, p=(0.7, 0.2, 0.1))
        for column, values in zip(
            columns,
            (
                middle_x[:, None] + along_x[:, None] * steps,
                middle_y[:, None] + along_y[:, None] * steps,
                np.broadcast_to(-along_y[:, None], shape),
                np.broadcast_to(along_x[:, None], shape),
                np.full(shape, float(index)),
                np.broadcast_to(np.exp(-distance / 600)[:, None], shape),
                np.broadcast_to(kind[:, None], shape).astype(float),
            ),
            strict=True,
        ):
            column.append(np.ravel(values))
    joined = [np.concatenate(column) if column else np.zeros(0) for column in columns]
    x, y, across_x, across_y, village, weight, hint = joined
    return Anchors(x, y, across_x, across_y, village.astype(np.int64), weight, hint.astype(np.int8))


def _chosen_anchors(random: np.random.Generator, anchors: Anchors, sizes: Integers) -> Integers:
    """For each household the anchor it stands beside, neighbours next to each other; or -1."""
    starts = np.searchsorted(anchors.village, np.arange(len(sizes) + 1))
    chosen = []
    for index, size in enumerate(sizes.tolist()):
        low, high = int(starts[index]), int(starts[index + 1])
        if low == high:
            chosen.append(np.full(size, -1, dtype=np.int64))
            continue
        share = np.cumsum(anchors.weight[low:high])
        draw = random.random(size) * share[-1]
        chosen.append(low + np.sort(np.minimum(np.searchsorted(share, draw), high - low - 1)))
    return np.concatenate(chosen)


def _beside(
    random: np.random.Generator,
    anchors: Anchors,
    chosen: Integers,
    sites: Sequence[Site],
    village: NDArray[np.int32],
) -> tuple[Floats, Floats]:
    count = len(chosen)
    off = random.gamma(2.0, 17.0, count) + 12
    off = np.minimum(off, 120) * np.where(random.random(count) < 0.5, -1, 1)
    shift_x, shift_y = random.uniform(-18, 18, (2, count))
    at = np.maximum(chosen, 0)
    middle_x = np.array([site.x for site in sites])[village]
    middle_y = np.array([site.y for site in sites])[village]
    if len(anchors.x) == 0:
        return middle_x, middle_y
    x = anchors.x[at] + anchors.across_x[at] * off + shift_x
    y = anchors.y[at] + anchors.across_y[at] * off + shift_y
    return np.where(chosen >= 0, x, middle_x), np.where(chosen >= 0, y, middle_y)


def _out_of_the_water(
    x: Floats, y: Floats, tree: STRtree, rivers: Sequence[LineString]
) -> tuple[Floats, Floats, Floats]:
    """Houses nearer than RIVER_CLEARANCE_M to a stream are moved to its bank."""
    lines = np.array(rivers, dtype=object)
    x, y = x.copy(), y.copy()
    distance = np.zeros(len(x))
    pending = np.arange(len(x))
    for round_number in range(12):
        points = shapely.points(x[pending], y[pending])
        pairs, found = tree.query_nearest(points, return_distance=True, all_matches=False)
        distance[pending] = found
        wet = found < RIVER_CLEARANCE_M
        pending, points, nearest = pending[wet], points[wet], pairs[1][wet]
        if len(pending) == 0:
            break
        river = lines[nearest]
        foot = shapely.get_coordinates(
            shapely.line_interpolate_point(river, shapely.line_locate_point(river, points))
        )
        away = np.stack([x[pending], y[pending]], 1) - foot
        length = np.hypot(away[:, 0], away[:, 1])
        angle = 2.4 * (pending + round_number)  # a house on the line itself: any direction
        away = np.where(
            (length > 1)[:, None],
            away / np.maximum(length, 1e-9)[:, None],
            np.stack([np.cos(angle), np.sin(angle)], 1),
        )
        reach = RIVER_CLEARANCE_M + 6 + 14 * round_number
        x[pending], y[pending] = (foot + away * reach).T
    return x, y, distance


def _danger_areas(
    village: NDArray[np.int32],
    grid: NDArray[np.int16],
    group: NDArray[np.int16],
    hint: NDArray[np.int8],
    sizes: Integers,
) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
    """Groups with at least three threatened houses become danger areas, a few in each village."""
    danger = np.full(len(village), -1, dtype=np.int32)
    key = (village.astype(np.int64) * 1000 + grid) * 100 + group
    areas: list[tuple[int, int]] = []
    used = np.zeros(len(sizes), dtype=np.int64)
    for kind, share in ((FLOOD, 0.10), (SLOPE, 0.05)):
        threatened = np.nonzero((hint == kind) & (danger < 0))[0]
        groups, inverse, count = np.unique(key[threatened], return_inverse=True, return_counts=True)
        allowed = np.maximum(1, np.rint(sizes * share / 7)).astype(np.int64)
        used[:] = 0
        number_of = np.full(len(groups), -1, dtype=np.int64)
        for index in np.argsort(-count, kind="stable").tolist():
            if count[index] < DANGER_AREA_HOUSEHOLDS_MIN:
                break
            home = int(groups[index] // 100_000)
            if used[home] < allowed[home]:
                used[home] += 1
                number_of[index] = len(areas)
                areas.append((home, kind))
        danger[threatened] = number_of[inverse]
    return danger, areas
