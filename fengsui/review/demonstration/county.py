"""An invented mountain county: boundary, townships, rivers, villages, roads, contours.

Pure and deterministic: the same seed draws the same county. Nothing here exists: every name is
invented, the code 439901 belongs to no county, and whoever shows it must say 示意.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from fengsui.review.demonstration import networks, raster
from fengsui.review.demonstration.raster import Flags, Floats, Integers
from fengsui.review.demonstration.terrain import CELL_M, COLUMNS, ROWS, Terrain, make_terrain

COUNTY_CODE = "439901000000"
COUNTY_NAME = "示意县"
LONGITUDE, LATITUDE = 110.05, 28.48  # the middle of the county, degrees WGS-84
METRES_PER_DEGREE = 110_900.0
EAST_RADIUS_M, NORTH_RADIUS_M = 24_500.0, 20_000.0
TOWNSHIPS_MIN, TOWNSHIPS_MAX = 7, 12
VILLAGES_MAX = 600

_TOWNSHIP_NAMES = (
    ("青溪镇", 100), ("石坝乡", 200), ("云台镇", 101), ("竹坪乡", 201), ("白水镇", 102),
    ("柳湾乡", 202), ("松岭镇", 103), ("岩口乡", 203), ("茶山乡", 204), ("高坪镇", 104),
    ("沙洲乡", 205), ("枫木乡", 206),
)  # fmt: skip
_FIRST = "云竹石茶枫梨桐杉松柳樟桂麻马龙牛鹿鹰白青黄红清双三五"
_SECOND = "溪坪湾坝岩坡冲垭洞塘坳田寨潭滩岭桥井"


@dataclass(frozen=True, slots=True)
class Township:
    """A township and the village where its government sits (an index into `villages`)."""

    code: str
    name: str
    seat: int
    outline: Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Village:
    """A village with its middle, in metres."""

    code: str
    name: str
    township: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class County:
    """Geometries in metres; `degrees` and `feature_collection` turn them into WGS-84."""

    terrain: Terrain
    inside: Flags
    outline: Polygon
    townships: tuple[Township, ...]
    villages: tuple[Village, ...]
    rivers: tuple[tuple[LineString, int], ...]  # (line, rank): 1 river, 2 brook
    roads: tuple[tuple[LineString, int], ...]  # (line, rank): 1 between townships, 2 to villages
    contours: tuple[tuple[float, BaseGeometry], ...]  # (metres, everything higher, in the county)


def make_county(seed: int, townships: int = 9, villages: int = 96) -> County:
    """Draws the county. Takes about two seconds. `villages` includes the township seats."""
    if not TOWNSHIPS_MIN <= townships <= TOWNSHIPS_MAX:
        raise ValueError(f"townships must be {TOWNSHIPS_MIN} to {TOWNSHIPS_MAX}")
    if not 2 * townships <= villages <= VILLAGES_MAX:
        raise ValueError(f"villages must be {2 * townships} to {VILLAGES_MAX}")
    random = np.random.Generator(np.random.PCG64(seed))
    terrain = make_terrain(random)
    inside = _county_cells(terrain, random)
    walking = 1 + 14 * terrain.slope
    sites = _village_scores(terrain, inside)
    seats = _seats(terrain, inside, sites, townships)
    _, _, nearest = raster.cheapest_paths(walking, seats, inside)
    labels = _without_crumbs(np.where(inside, nearest, -1), townships)
    outline, township_outlines = _outlines(terrain, labels, townships)
    placed = _village_cells(terrain, labels, sites, seats, villages, random)
    wander = (
        raster.noise(random, ROWS, COLUMNS, 6, 2) * 55,
        raster.noise(random, ROWS, COLUMNS, 6, 2) * 55,
    )
    named = _named_villages(terrain, labels, placed, seats, wander, random)
    return County(
        terrain=terrain,
        inside=inside,
        outline=outline,
        townships=tuple(
            Township(
                code=f"439901{_TOWNSHIP_NAMES[number][1]:03d}000",
                name=_TOWNSHIP_NAMES[number][0],
                seat=placed.index(seats[number]),
                outline=township_outlines[number],
            )
            for number in range(townships)
        ),
        villages=named,
        rivers=networks.rivers(terrain, inside, outline, wander),
        roads=networks.roads(terrain, inside, walking, placed, seats, wander),
        contours=networks.contours(terrain, outline),
    )


def degrees(x: Any, y: Any) -> tuple[Any, Any]:
    """(longitude, latitude) of a point or of arrays, in degrees WGS-84."""
    narrow = float(np.cos(np.radians(LATITUDE)))
    return (
        LONGITUDE + np.asarray(x) / (METRES_PER_DEGREE * narrow * 1.0034),
        LATITUDE + np.asarray(y) / METRES_PER_DEGREE,
    )


def to_geojson(geometry: BaseGeometry, digits: int = 5) -> dict[str, Any]:
    """A GeoJSON geometry in WGS-84; five digits are about one metre."""
    moved = shapely.transform(
        geometry, lambda points: np.round(np.stack(degrees(points[:, 0], points[:, 1]), 1), digits)
    )
    plain: dict[str, Any] = shapely.geometry.mapping(moved)
    return plain


def layers(county: County) -> dict[str, dict[str, Any]]:
    """The map's layers as GeoJSON feature collections, every feature marked as invented."""
    villages = [
        (shapely.Point(village.x, village.y), {"code": village.code, "name": village.name})
        for village in county.villages
    ]
    return {
        "county": _features([(county.outline, {"code": COUNTY_CODE, "name": COUNTY_NAME})]),
        "townships": _features(
            [(town.outline, {"code": town.code, "name": town.name}) for town in county.townships]
        ),
        "villages": _features(villages),
        "rivers": _features([(line, {"rank": rank}) for line, rank in county.rivers]),
        "roads": _features([(line, {"rank": rank}) for line, rank in county.roads]),
        "contours": _features(
            [(higher, {"elevation_m": int(level)}) for level, higher in county.contours]
        ),
    }


def _features(pairs: list[tuple[BaseGeometry, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {**properties, "is_invented": True},
                "geometry": to_geojson(geometry),
            }
            for geometry, properties in pairs
        ],
    }


def _county_cells(terrain: Terrain, random: np.random.Generator) -> Flags:
    """Whole little valleys whose middle lies in an uneven oval: the border follows the crests."""
    phases = random.uniform(0, 2 * np.pi, 4)
    swings = (0.11, 0.10, 0.06, 0.05)
    count = int(terrain.catchment.max()) + 1
    flat = terrain.catchment.ravel()
    size = np.bincount(flat, minlength=count)
    column_x = np.broadcast_to(terrain.x, (ROWS, COLUMNS)).ravel()
    row_y = np.repeat(terrain.y, COLUMNS)
    x = np.bincount(flat, column_x, count) / size
    y = np.bincount(flat, row_y, count) / size
    angle = np.arctan2(y / NORTH_RADIUS_M, x / EAST_RADIUS_M)
    reach = 1 + sum(
        swing * np.sin((wave + 2) * angle + phases[wave]) for wave, swing in enumerate(swings)
    )
    chosen = np.hypot(x / EAST_RADIUS_M, y / NORTH_RADIUS_M) < reach
    cells = chosen[terrain.catchment]
    cells[:4], cells[-4:], cells[:, :4], cells[:, -4:] = False, False, False, False
    cells = ~raster.shrunk(~raster.shrunk(cells, 4), 4)  # no spits narrower than eight cells
    body = _component(cells, (ROWS // 2, COLUMNS // 2))
    return ~_component(~body, (0, 0))


def _component(cells: Flags, start: tuple[int, int]) -> Flags:
    """The cells joined side by side to `start` (or to the nearest set cell)."""
    if not cells[start]:
        row, column = np.nonzero(cells)
        nearest = int(np.argmin((row - start[0]) ** 2 + (column - start[1]) ** 2))
        start = (int(row[nearest]), int(column[nearest]))
    rows, columns = cells.shape
    wanted: list[bool] = cells.ravel().tolist()
    found = [False] * len(wanted)
    queue = deque([start[0] * columns + start[1]])
    found[queue[0]] = True
    while queue:
        index = queue.popleft()
        column = index % columns
        for other in (
            index - columns,
            index + columns,
            index - 1 if column else -1,
            index + 1 if column < columns - 1 else -1,
        ):
            if 0 <= other < len(wanted) and wanted[other] and not found[other]:
                found[other] = True
                queue.append(other)
    return np.array(found).reshape(rows, columns)


def _village_scores(terrain: Terrain, inside: Flags) -> Floats:
    """How good a cell is to live in: level, beside water but not in it. -inf where nobody lives."""
    beside = np.zeros_like(terrain.stream)
    for down, right in raster.NEIGHBOURS:
        beside |= np.roll(terrain.stream, (down, right), axis=(0, 1))
    water = np.zeros_like(terrain.area_m2)
    for down, right in raster.NEIGHBOURS:
        water = np.maximum(water, np.roll(terrain.area_m2, (down, right), axis=(0, 1)))
    score = 0.35 * np.log10(water) + 0.9 * beside - 5.0 * terrain.slope
    score[~raster.shrunk(inside, 4) | terrain.stream] = -np.inf
    return score


def _seats(terrain: Terrain, inside: Flags, sites: Floats, townships: int) -> list[int]:
    """The county town near the middle, then townships far from each other in good places."""
    row, column = np.nonzero(np.isfinite(sites) & raster.shrunk(inside, 12))
    score = sites[row, column]
    good = score >= np.quantile(score, 0.8)
    row, column, score = row[good], column[good], score[good]
    x, y = terrain.x[column], terrain.y[row]
    first = int(np.argmax(score - 1.5 * np.hypot(x, y) / EAST_RADIUS_M))
    chosen = [first]
    distance = np.hypot(x - x[first], y - y[first])
    while len(chosen) < townships:
        best = int(np.argmax(distance * (1 + 0.1 * (score - score.mean()))))
        chosen.append(best)
        distance = np.minimum(distance, np.hypot(x - x[best], y - y[best]))
    return [int(row[index]) * COLUMNS + int(column[index]) for index in chosen]


def _without_crumbs(labels: Integers, townships: int) -> Integers:
    """Each township in one piece: loose pieces go to the neighbour that surrounds them."""
    labels = labels.copy()
    for _ in range(3):
        votes = np.zeros((townships, *labels.shape), dtype=np.int16)
        for number in range(townships):
            own = labels == number
            for down, right in raster.NEIGHBOURS:
                votes[number] += np.roll(own, (down, right), axis=(0, 1))
            votes[number] += 2 * own
        labels = np.where(labels >= 0, np.argmax(votes, axis=0), -1)
    loose = np.zeros(labels.shape, dtype=bool)
    for number in range(townships):
        own = labels == number
        middle = np.argwhere(own).mean(axis=0)
        loose |= own & ~_component(own, (int(middle[0]), int(middle[1])))
    while loose.any():
        before = int(loose.sum())
        for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            other = np.roll(labels, (down, right), axis=(0, 1))
            settled = ~np.roll(loose, (down, right), axis=(0, 1))
            takes = loose & settled & (other >= 0)
            labels[takes] = other[takes]
            loose &= ~takes
        if int(loose.sum()) == before:
            break
    return labels


def _outlines(
    terrain: Terrain, labels: Integers, townships: int
) -> tuple[Polygon, list[Polygon | MultiPolygon]]:
    half = CELL_M / 2
    x = np.append(terrain.x - half, terrain.x[-1] + half)
    y = np.append(terrain.y - half, terrain.y[-1] + half)
    pieces = raster.outlines(labels, x, y, rounds=10, tolerance_m=45)
    merged = [
        shapely.union_all([polygon for label, polygon in pieces if label == number])
        for number in range(townships)
    ]
    county = shapely.union_all(merged)
    if isinstance(county, MultiPolygon):
        county = max(county.geoms, key=lambda part: part.area)
    return Polygon(county.exterior), merged


def _village_cells(
    terrain: Terrain,
    labels: Integers,
    sites: Floats,
    seats: list[int],
    villages: int,
    random: np.random.Generator,
) -> list[int]:
    """Cells of exactly `villages` villages, the seats first, none close to another."""
    same = np.ones(labels.shape, dtype=bool)
    for down, right in raster.NEIGHBOURS:
        same &= np.roll(labels, (down * 3, right * 3), axis=(0, 1)) == labels
    row, column = np.nonzero(np.isfinite(sites) & same)
    order = np.argsort(-(sites[row, column] + random.gumbel(0, 0.55, len(row))), kind="stable")
    flat = row[order] * COLUMNS + column[order]
    x, y = terrain.x[column[order]], terrain.y[row[order]]
    apart_m = 0.95 * float(np.sqrt((labels >= 0).sum() * CELL_M**2 / villages))
    while True:
        chosen = list(seats)
        free = np.ones(len(flat), dtype=bool)
        for seat in seats:
            free &= np.hypot(x - terrain.x[seat % COLUMNS], y - terrain.y[seat // COLUMNS]) > (
                apart_m
            )
        for index in range(len(flat)):
            if len(chosen) == villages:
                return chosen
            if free[index]:
                chosen.append(int(flat[index]))
                free &= np.hypot(x - x[index], y - y[index]) > apart_m
        apart_m *= 0.88
        if apart_m < CELL_M and len(chosen) < villages:
            raise ValueError(f"no room for {villages} villages, only for {len(chosen)}")


def _named_villages(
    terrain: Terrain,
    labels: Integers,
    placed: list[int],
    seats: list[int],
    wander: tuple[Floats, Floats],
    random: np.random.Generator,
) -> tuple[Village, ...]:
    names = [first + second for first in _FIRST for second in _SECOND]
    names += [way + name for way in "上下" for name in names[:200]]
    order = random.permutation(26 * 18)
    shuffled = [names[int(index)] for index in order] + names[26 * 18 :]
    counts = [0] * len(seats)
    found = []
    for index, cell in enumerate(placed):
        row, column = divmod(cell, COLUMNS)
        township = int(labels[row, column])
        town_name, town_code = _TOWNSHIP_NAMES[township]
        if index < len(seats):
            code, name = f"439901{town_code:03d}001", f"{town_name[:2]}社区"
        else:
            code = f"439901{town_code:03d}{200 + counts[township]:03d}"
            name = f"{shuffled[index]}村"
            counts[township] += 1
        x = float(terrain.x[column] + wander[0][row, column])
        y = float(terrain.y[row] + wander[1][row, column])
        found.append(Village(code, name, township, x, y))
    return tuple(found)
