"""The relief of an invented mountain county: uplift against running water, then its drainage.

Lengths in metres. The plane has its origin in the middle of the county; x east, y north.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fengsui.review.demonstration.raster import (
    Flags,
    Floats,
    Integers,
    accumulated,
    flooded,
    noise,
    receivers,
    resampled,
    ridged,
)

ROWS, COLUMNS = 288, 312
CELL_M = 200.0
COARSE = 3  # the landscape evolves on cells three times as long
EROSION_ROUNDS = 48
UPLIFT_PER_ERODIBILITY_M = 360.0  # slope = this / sqrt(drained area in m2) once in balance
STREAM_AREA_M2 = 2.0e6  # a stream begins where this much drains together
CATCHMENT_AREA_M2 = 4.0e6


@dataclass(frozen=True, slots=True)
class Terrain:
    """A raster of ROWS by COLUMNS cells of CELL_M."""

    x: Floats  # (COLUMNS,) centres
    y: Floats  # (ROWS,) centres
    height_m: Floats  # (ROWS, COLUMNS), hollows filled
    slope: Floats  # (ROWS, COLUMNS), rise over run
    receiver: Integers  # (ROWS * COLUMNS,) flat index of the cell downstream
    area_m2: Floats  # (ROWS, COLUMNS), drained area
    stream: Flags  # (ROWS, COLUMNS), where water always runs
    catchment: Integers  # (ROWS, COLUMNS), number of the little valley a cell belongs to

    def cell_of(self, x: Floats, y: Floats) -> tuple[Integers, Integers]:
        """(row, column) of points; points outside get the nearest cell."""
        column = np.rint((x - self.x[0]) / CELL_M).astype(np.int64)
        row = np.rint((y - self.y[0]) / CELL_M).astype(np.int64)
        return np.clip(row, 0, ROWS - 1), np.clip(column, 0, COLUMNS - 1)


def make_terrain(random: np.random.Generator) -> Terrain:
    """A landscape cut by rivers that leave to the south and east."""
    coarse_rows, coarse_columns = ROWS // COARSE, COLUMNS // COARSE
    height = _eroded(random, coarse_rows, coarse_columns)
    fine = resampled(height, ROWS, COLUMNS)
    fine += 70 * (ridged(random, ROWS, COLUMNS, 14) - 0.5) + 22 * noise(random, ROWS, COLUMNS, 7, 3)
    fine = flooded(fine, _outlets(ROWS, COLUMNS))
    receiver = receivers(fine, random, 0.45)
    area = accumulated(fine, receiver, CELL_M**2)
    north, east = np.gradient(fine, CELL_M)
    x = (np.arange(COLUMNS, dtype=np.float64) - (COLUMNS - 1) / 2) * CELL_M
    y = (np.arange(ROWS, dtype=np.float64) - (ROWS - 1) / 2) * CELL_M
    return Terrain(
        x=x,
        y=y,
        height_m=fine,
        slope=np.hypot(north, east),
        receiver=receiver,
        area_m2=area,
        stream=area >= STREAM_AREA_M2,
        catchment=_catchments(fine, receiver, area),
    )


def _outlets(rows: int, columns: int) -> list[int]:
    """Where water may leave: parts of the southern, eastern and north-western edges."""
    south = [column for column in range(int(columns * 0.15), int(columns * 0.9))]
    east = [row * columns + columns - 1 for row in range(int(rows * 0.1), int(rows * 0.75))]
    west = [row * columns for row in range(int(rows * 0.55), int(rows * 0.8))]
    north = [(rows - 1) * columns + column for column in range(int(columns * 0.4))]
    return south + east + west + north


def _eroded(random: np.random.Generator, rows: int, columns: int) -> Floats:
    """Stream-power erosion, implicit in time (Braun and Willett 2013, with m 0.5 and n 1)."""
    cell_m = CELL_M * COARSE
    uplift = 1.0 + 0.45 * noise(random, rows, columns, 45, 2)
    uplift *= 0.75 + 0.5 * np.linspace(0, 1, rows)[:, None]
    uplift = np.clip(uplift, 0.35, None)
    height = 200 + 60 * noise(random, rows, columns, 30, 4)
    outlets = _outlets(rows, columns)
    hardness = np.clip(1 + 0.35 * noise(random, rows, columns, 18, 2), 0.4, None)
    step = 26.0
    for _ in range(EROSION_ROUNDS):
        height.ravel()[outlets] = 150.0
        height = flooded(height, outlets)
        receiver = receivers(height, random, 0.35)
        area = accumulated(height, receiver, cell_m**2)
        factor = step / UPLIFT_PER_ERODIBILITY_M * np.sqrt(area) / cell_m / hardness
        height = _implicit_step(height + step * uplift, height, receiver, factor)
        height[1:-1, 1:-1] += 0.02 * (
            height[:-2, 1:-1]
            + height[2:, 1:-1]
            + height[1:-1, :-2]
            + height[1:-1, 2:]
            - 4 * height[1:-1, 1:-1]
        )
    return height


def _implicit_step(raised: Floats, order_by: Floats, receiver: Integers, factor: Floats) -> Floats:
    level: list[float] = raised.ravel().tolist()
    towards: list[int] = receiver.tolist()
    factors: list[float] = factor.ravel().tolist()
    for index in np.argsort(order_by.ravel(), kind="stable").tolist():
        below = towards[index]
        if below == index:
            continue
        strength = factors[index]
        lowered = (level[index] + strength * level[below]) / (1 + strength)
        level[index] = min(level[index], lowered) if level[index] > level[below] else level[below]
    return np.array(level).reshape(raised.shape)


def _catchments(height: Floats, receiver: Integers, area: Floats) -> Integers:
    """Little valleys: everything that drains to one stretch of stream, numbered from 0."""
    wet = (area >= CATCHMENT_AREA_M2).ravel()
    towards: list[int] = receiver.tolist()
    inflows = np.bincount(receiver[wet & (receiver != np.arange(receiver.size))],
                          minlength=receiver.size)  # fmt: skip
    stretch_cells = 14
    label = [-1] * receiver.size
    length = [0] * receiver.size
    count = 0
    is_wet: list[bool] = wet.tolist()
    joins: list[bool] = (inflows >= 2).tolist()
    for index in np.argsort(height.ravel(), kind="stable").tolist():
        below = towards[index]
        starts_anew = below == index or (
            is_wet[index] and (joins[below] or length[below] >= stretch_cells)
        )
        if starts_anew:
            label[index] = count
            count += 1
        else:
            label[index] = label[below]
            length[index] = length[below] + (1 if is_wet[index] else 0)
    return np.array(label).reshape(height.shape)
