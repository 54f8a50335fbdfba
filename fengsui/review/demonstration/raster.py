"""Raster arithmetic for the invented county: noise, flooding, drainage, paths, outlines.

Everything is a pure function of numpy arrays and a seeded generator. A raster is indexed
[row, column]; row 0 is the southern edge. "Flat" indices are row * columns + column.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, Polygon, linestrings
from shapely.ops import linemerge, polygonize

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Eight neighbours, as (row step, column step).
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
FLOOD_STEP_M = 0.01  # how much a flooded hollow rises from cell to cell, so that it drains


def resampled(lattice: Floats, rows: int, columns: int) -> Floats:
    """A coarse lattice (at least 4 by 4) drawn smoothly over rows by columns: cubic B-spline."""
    across: Floats = lattice @ _spline_weights(columns, lattice.shape[1]).T
    return _spline_weights(rows, lattice.shape[0]) @ across


def _spline_weights(cells: int, knots: int) -> Floats:
    position = np.linspace(1, knots - 2 - 1e-9, cells)
    base = np.floor(position).astype(np.int64)
    t = position - base
    weights = np.zeros((cells, knots))
    cells_index = np.arange(cells)
    for offset, value in (
        (-1, (1 - t) ** 3 / 6),
        (0, (3 * t**3 - 6 * t**2 + 4) / 6),
        (1, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6),
        (2, t**3 / 6),
    ):
        weights[cells_index, np.clip(base + offset, 0, knots - 1)] += value
    return weights


def noise(
    random: np.random.Generator, rows: int, columns: int, wavelength_cells: float, octaves: int
) -> Floats:
    """Fractal noise, about -1..1, the longest wave `wavelength_cells` long."""
    total = np.zeros((rows, columns))
    amplitude = 1.0
    for _ in range(octaves):
        knots = (
            max(4, int(rows / wavelength_cells) + 4),
            max(4, int(columns / wavelength_cells) + 4),
        )
        total += amplitude * resampled(random.uniform(-1.7, 1.7, knots), rows, columns)
        amplitude /= 2
        wavelength_cells /= 2
    return total


def ridged(random: np.random.Generator, rows: int, columns: int, wavelength_cells: float) -> Floats:
    """Sharp crests and broad hollows, about 0..1."""
    crest = 1 - np.abs(noise(random, rows, columns, wavelength_cells, 1))
    detail = 1 - np.abs(noise(random, rows, columns, wavelength_cells / 2, 1))
    mixed: Floats = np.clip(crest, 0, 1) ** 2 * 0.7 + np.clip(detail, 0, 1) ** 2 * 0.3
    return mixed


def neighbours_of(rows: int, columns: int) -> list[tuple[int, int, int, float]]:
    """(row step, column step, flat step, distance in cells) of the eight neighbours."""
    return [
        (down, right, down * columns + right, 2**0.5 if down and right else 1.0)
        for down, right in NEIGHBOURS
    ]


def flooded(height: Floats, outlets: Iterable[int]) -> Floats:
    """Every hollow filled until it spills towards one of the flat indices `outlets`.

    Priority flood (Barnes, Lehman, Mulla 2014), rising by FLOOD_STEP_M so that flats drain.
    """
    rows, columns = height.shape
    width = columns + 2
    walled = np.full((rows + 2, width), np.inf)
    walled[1:-1, 1:-1] = height
    level: list[float] = walled.ravel().tolist()
    done = np.ones((rows + 2, width), dtype=bool)
    done[1:-1, 1:-1] = False
    closed: list[bool] = done.ravel().tolist()
    steps = [down * width + right for down, right in NEIGHBOURS]
    heap: list[tuple[float, int]] = []
    for outlet in outlets:
        index = (outlet // columns + 1) * width + outlet % columns + 1
        closed[index] = True
        heap.append((level[index], index))
    heapq.heapify(heap)
    pop, push = heapq.heappop, heapq.heappush
    while heap:
        at, index = pop(heap)
        floor = at + FLOOD_STEP_M
        for step in steps:
            other = index + step
            if not closed[other]:
                closed[other] = True
                if level[other] < floor:
                    level[other] = floor
                push(heap, (level[other], other))
    return np.array(level).reshape(rows + 2, width)[1:-1, 1:-1]


def receivers(height: Floats, random: np.random.Generator, wander: float) -> Integers:
    """For each cell the flat index it drains to: the steepest descent, or itself at an outlet.

    `wander` (0..1) bends the choice at random, so that a stream on an even slope does not run
    straight along the raster (Fairfield and Leymarie 1991).
    """
    rows, columns = height.shape
    walled = np.full((rows + 2, columns + 2), np.inf)
    walled[1:-1, 1:-1] = height
    own = np.arange(rows * columns).reshape(rows, columns)
    best = np.zeros((rows, columns))
    receiver = own.copy()
    for down, right, step, distance in neighbours_of(rows, columns):
        other = walled[1 + down : rows + 1 + down, 1 + right : columns + 1 + right]
        slope = (height - other) / distance * random.uniform(1 - wander, 1 + wander, own.shape)
        steeper = slope > best
        best = np.where(steeper, slope, best)
        receiver = np.where(steeper, own + step, receiver)
    return receiver.ravel()


def accumulated(height: Floats, receiver: Integers, weight: float) -> Floats:
    """How much drains through each cell, itself included, in units of `weight` a cell."""
    total: list[float] = [weight] * receiver.size
    towards: list[int] = receiver.tolist()
    for index in np.argsort(-height.ravel(), kind="stable").tolist():
        below = towards[index]
        if below != index:
            total[below] += total[index]
    return np.array(total).reshape(height.shape)


def shrunk(cells: Flags, by: int) -> Flags:
    """The cells at least `by` steps inside."""
    for _ in range(by):
        inner = cells.copy()
        inner[1:] &= cells[:-1]
        inner[:-1] &= cells[1:]
        inner[:, 1:] &= cells[:, :-1]
        inner[:, :-1] &= cells[:, 1:]
        cells = inner
    return cells


def cheapest_paths(
    cost: Floats, sources: Sequence[int], allowed: Flags
) -> tuple[Floats, Integers, Integers]:
    """Dijkstra over cells: (cost to reach, flat index one step nearer, number of the source).

    `cost` is per cell length; unreachable cells have infinite cost and -1.
    """
    rows, columns = cost.shape
    width = columns + 2
    walled = np.full((rows + 2, width), np.inf)
    walled[1:-1, 1:-1] = np.where(allowed, cost, np.inf)
    price: list[float] = walled.ravel().tolist()
    reach = [float("inf")] * len(price)
    nearer = [-1] * len(price)
    origin = [-1] * len(price)
    steps = [
        (down * width + right, (2**0.5 if down and right else 1.0) / 2)
        for down, right in NEIGHBOURS
    ]
    heap: list[tuple[float, int]] = []
    for number, source in enumerate(sources):
        index = (source // columns + 1) * width + source % columns + 1
        reach[index] = 0.0
        origin[index] = number
        heap.append((0.0, index))
    heapq.heapify(heap)
    pop, push = heapq.heappop, heapq.heappush
    infinite = float("inf")
    while heap:
        spent, index = pop(heap)
        if spent > reach[index]:
            continue
        here = price[index]
        for step, half in steps:
            other = index + step
            there = price[other]
            if there == infinite:
                continue
            total = spent + (here + there) * half
            if total < reach[other]:
                reach[other] = total
                nearer[other] = index
                origin[other] = origin[index]
                push(heap, (total, other))
    nearest = _unwalled(nearer, rows, columns)
    flat = np.where(nearest >= 0, (nearest // width - 1) * columns + nearest % width - 1, -1)
    return (
        np.asarray(_unwalled(reach, rows, columns), dtype=np.float64),
        flat.ravel(),
        _unwalled(origin, rows, columns),
    )


def _unwalled(values: Sequence[float], rows: int, columns: int) -> Integers:
    """The inner cells of a raster that was kept with a wall of one cell around it."""
    inner: Integers = np.array(values).reshape(rows + 2, columns + 2)[1:-1, 1:-1]
    return inner


def smoothed(points: Floats, rounds: int) -> Floats:
    """A line (n, 2) or closed ring whose corners are rounded; the two ends stay where they are."""
    points = np.asarray(points, dtype=float)
    closed = len(points) > 3 and bool(np.all(points[0] == points[-1]))
    for _ in range(rounds):
        if closed:
            ring = points[:-1]
            ring = (np.roll(ring, 1, axis=0) + 2 * ring + np.roll(ring, -1, axis=0)) / 4
            points = np.vstack([ring, ring[:1]])
        elif len(points) > 2:
            inner = (points[:-2] + 2 * points[1:-1] + points[2:]) / 4
            points = np.vstack([points[:1], inner, points[-1:]])
    return points


def merged_paths(starts: Floats, ends: Floats) -> list[Floats]:
    """Segments (n, 2) to (n, 2) joined into paths between junctions, each (vertices, 2)."""
    if len(starts) == 0:
        return []
    merged = linemerge(list(linestrings(np.stack([starts, ends], axis=1))))
    return [np.array(part.coords) for part in getattr(merged, "geoms", [merged])]


def merged_lines(starts: Floats, ends: Floats, rounds: int, tolerance_m: float) -> list[LineString]:
    """Segments joined into lines between junctions, then smoothed and thinned."""
    return [
        LineString(smoothed(path, rounds)).simplify(tolerance_m)
        for path in merged_paths(starts, ends)
    ]


def outlines(
    labels: Integers, x: Floats, y: Floats, rounds: int, tolerance_m: float
) -> list[tuple[int, Polygon]]:
    """Areas of equal label (0 and more) as polygons that share their smoothed borders.

    `x` and `y` are the coordinates of the cell edges: one more than columns and rows.
    """
    rows, columns = labels.shape
    framed = np.full((rows + 2, columns + 2), -1, dtype=np.int64)
    framed[1:-1, 1:-1] = labels
    row, column = np.nonzero(framed[1:-1, :-1] != framed[1:-1, 1:])
    upright = (np.stack([x[column], y[row]], 1), np.stack([x[column], y[row + 1]], 1))
    row, column = np.nonzero(framed[:-1, 1:-1] != framed[1:, 1:-1])
    level = (np.stack([x[column], y[row]], 1), np.stack([x[column + 1], y[row]], 1))
    lines = merged_lines(
        np.vstack([upright[0], level[0]]), np.vstack([upright[1], level[1]]), rounds, tolerance_m
    )
    found = []
    for polygon in polygonize(lines):
        inside = polygon.representative_point()
        column_at = int(np.clip(np.searchsorted(x, inside.x) - 1, 0, columns - 1))
        row_at = int(np.clip(np.searchsorted(y, inside.y) - 1, 0, rows - 1))
        label = int(labels[row_at, column_at])
        if label >= 0:
            found.append((label, polygon))
    return found


def level_rings(
    height: Floats, x: Floats, y: Floats, level: float, rounds: int, tolerance_m: float
) -> list[Polygon]:
    """Polygons of everything higher than `level`: marching squares, rings closed at the edges.

    `x` and `y` are the coordinates of the cell centres.
    """
    step_x, step_y = x[1] - x[0], y[1] - y[0]
    padded = np.full((height.shape[0] + 2, height.shape[1] + 2), level - 1.0)
    padded[1:-1, 1:-1] = height
    x = np.concatenate([[x[0] - step_x], x, [x[-1] + step_x]])
    y = np.concatenate([[y[0] - step_y], y, [y[-1] + step_y]])
    starts, ends = _marching_segments(padded - level, x, y)
    polygons: list[Polygon] = []
    for line in merged_lines(starts, ends, rounds, tolerance_m):
        if line.is_ring and len(line.coords) >= 4:
            polygons.append(Polygon(line))
    return polygons


def _marching_segments(above: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    above = np.where(above == 0, 1e-6, above)
    sw, se, nw, ne = above[:-1, :-1], above[:-1, 1:], above[1:, :-1], above[1:, 1:]
    case = (sw > 0) * 1 + (se > 0) * 2 + (ne > 0) * 4 + (nw > 0) * 8
    # Saddles (5, 10) are read as two separate corners.
    sides = {
        1: ("WS",), 2: ("SE",), 3: ("WE",), 4: ("EN",), 5: ("WS", "EN"), 6: ("SN",), 7: ("WN",),
        8: ("WN",), 9: ("SN",), 10: ("SE", "WN"), 11: ("EN",), 12: ("WE",), 13: ("SE",),
        14: ("WS",),
    }  # fmt: skip
    starts: list[Floats] = []
    ends: list[Floats] = []
    for number, pairs in sides.items():
        row, column = np.nonzero(case == number)
        if len(row) == 0:
            continue
        west, east, south, north = x[column], x[column + 1], y[row], y[row + 1]
        a, b, c, d = sw[row, column], se[row, column], ne[row, column], nw[row, column]

        def along(first: Floats, second: Floats, low: Floats, high: Floats) -> Floats:
            with np.errstate(divide="ignore", invalid="ignore"):
                return low + (high - low) * first / (first - second)

        crossing = {
            "S": np.stack([along(a, b, west, east), south], 1),
            "N": np.stack([along(d, c, west, east), north], 1),
            "W": np.stack([west, along(a, d, south, north)], 1),
            "E": np.stack([east, along(b, c, south, north)], 1),
        }
        for pair in pairs:
            starts.append(crossing[pair[0]])
            ends.append(crossing[pair[1]])
    if not starts:
        return np.zeros((0, 2)), np.zeros((0, 2))
    first: Floats = np.vstack(starts)
    second: Floats = np.vstack(ends)
    return first.round(3), second.round(3)
