"""Points of households in a warning polygon: exact, and how fast against a plain floor.

    python -m bench.targeting [--seed N] [--repeat N]      one line of JSON

For 10,000, 100,000 and 1,000,000 points and a polygon of 500 vertices. `floor` is the same box
in numpy with `shapely.contains_xy` on a prepared polygon, written straight down; `ours` is
`risks.rules.geometry.points_inside`. Both are timed in the same run; times are medians.
The verdict takes the time of the processor, since this is one thread's work and a busy machine
says nothing about it; the time on the wall stands beside it.
`wrong` counts points on which ours and `shapely.covers`, one by one, disagree: all points that
are near the boundary and a sample of the rest, with points planted on corners and edges.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from fengsui.registers.risks.rules import geometry

SIZES = (10_000, 100_000, 1_000_000)
VERTICES = 500
TARGET_MS = 50.0  # for 1,000,000 points (design.md)
CHECKED_MAX = 60_000
WEST, SOUTH, EAST, NORTH = 109.75, 28.40, 110.27, 28.77  # about the size of a mountain county


def warning_polygon(random: np.random.Generator) -> list[list[float]]:
    """An uneven ring of 500 vertices, each a whole number of 1e-7 degree; covers about a tenth."""
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = 0.062 * (1 + 0.25 * np.sin(5 * turn) + 0.05 * random.standard_normal(VERTICES))
    lon = np.round((110.0 + reach * 1.6 * np.cos(turn)) * geometry.E7) / geometry.E7
    lat = np.round((28.58 + reach * np.sin(turn)) * geometry.E7) / geometry.E7
    return np.stack([lon, lat], 1).tolist()


def household_points(
    random: np.random.Generator, size: int, ring: list[list[float]]
) -> tuple[Any, Any]:
    """Evenly scattered points; the first 500 lie on the corners of the polygon."""
    lon = random.integers(round(WEST * geometry.E7), round(EAST * geometry.E7), size)
    lat = random.integers(round(SOUTH * geometry.E7), round(NORTH * geometry.E7), size)
    corners = np.round(np.array(ring) * geometry.E7).astype(np.int64)
    lon[: len(corners)], lat[: len(corners)] = corners[:, 0], corners[:, 1]
    return lon.astype(np.int32), lat.astype(np.int32)


def floor(shape: Any, lon: Any, lat: Any) -> Any:
    """What the idea costs at least: a box on floats, then contains_xy on what is left."""
    west, south, east, north = shape.bounds
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    inside = np.zeros(len(lon), dtype=bool)
    inside[near] = shapely.contains_xy(shape, lon[near], lat[near])
    return inside


def median_ms(work: Callable[[], Any], repeat: int) -> tuple[float, float]:
    """Medians of (time on the wall, time of the processor); both are one thread's work."""
    wall, processor = [], []
    for _ in range(repeat):
        began, began_processor = time.perf_counter(), time.process_time()
        work()
        processor.append((time.process_time() - began_processor) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(wall), 2), round(statistics.median(processor), 2)


def count_wrong(shape: Any, lon: Any, lat: Any, inside: Any, random: np.random.Generator) -> int:
    """Disagreements with shapely.covers point by point, near the boundary and elsewhere."""
    points = shapely.points(lon / geometry.E7, lat / geometry.E7)
    near = np.flatnonzero(shapely.dwithin(shape.boundary, points, 0.0005))
    rest = random.choice(len(lon), min(len(lon), CHECKED_MAX), replace=False)
    chosen = np.union1d(near, rest)
    return int(np.count_nonzero(shapely.covers(shape, points[chosen]) != inside[chosen]))


def measure(seed: int, repeat: int) -> dict[str, Any]:
    random = np.random.Generator(np.random.PCG64(seed))
    ring = warning_polygon(random)
    shape = geometry.area_shape([ring])
    assert shapely.get_num_coordinates(shape) == VERTICES + 1
    runs = []
    for size in SIZES:
        lon, lat = household_points(random, size, ring)
        lon_degrees, lat_degrees = lon / geometry.E7, lat / geometry.E7
        inside = geometry.points_inside(shape, lon, lat)
        ours, ours_cpu = median_ms(lambda: geometry.points_inside(shape, lon, lat), repeat)  # noqa: B023
        least, least_cpu = median_ms(lambda: floor(shape, lon_degrees, lat_degrees), repeat)  # noqa: B023
        runs.append(
            {
                "points": size,
                "inside": int(inside.sum()),
                "ours_ms": ours,
                "ours_processor_ms": ours_cpu,
                "floor_ms": least,
                "floor_processor_ms": least_cpu,
                "ratio_to_floor": round(least_cpu / ours_cpu, 2),
                "wrong": count_wrong(shape, lon, lat, inside, random),
            }
        )
    largest = runs[-1]
    return {
        "benchmark": "targeting",
        "seed": seed,
        "repeat": repeat,
        "vertices": VERTICES,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "shapely": shapely.__version__,
        "load_1_min": os.getloadavg()[0],
        "target_ms": TARGET_MS,
        "runs": runs,
        "passed": all(run["wrong"] == 0 for run in runs)
        and largest["ours_processor_ms"] <= TARGET_MS,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    result = measure(args.seed, args.repeat)
    print(json.dumps(result))
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
