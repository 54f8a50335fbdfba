"""Whom an area touches: geometry on plain arrays. Pure.

Points and outlines are WGS-84. A point on the boundary of an area is inside it (the predicate
`covers` of OGC 06-103r4): a household that stands on the line of a warning is warned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from fengsui.standards.coordinates import E7

NO_POINT_E7 = np.iinfo(np.int32).min  # stands in for an absent coordinate in an array
POLYGONS_MAX = 1_000
POLYGON_POINTS_MAX = 100_000
CELLS = 32  # a side; measured: 16 leaves more points on the boundary, 64 costs more to judge
CELLS_FROM = 20_000  # below, judging the cells costs more than it saves

Integers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class AreaFaultError(ValueError):
    """The polygons of an area cannot be read; the text says why."""


def area_shape(polygons: Sequence[Sequence[Sequence[float]]]) -> Any:
    """One shape of several rings [[lon, lat], ...] in degrees, or None where there are none.

    Rings need not be closed; a ring that crosses itself counts with all it encloses.
    Raises AreaFaultError.
    """
    if len(polygons) > POLYGONS_MAX or sum(map(len, polygons)) > POLYGON_POINTS_MAX:
        raise AreaFaultError(
            f"at most {POLYGONS_MAX} polygons with {POLYGON_POINTS_MAX} points in all"
        )
    shapes = []
    for number, ring in enumerate(polygons, 1):
        try:
            points = np.asarray(ring, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise AreaFaultError(f"polygon {number} is not a list of [lon, lat]") from error
        if points.ndim != 2 or points.shape[1] < 2 or len(points) < 3:
            raise AreaFaultError(f"polygon {number} needs at least three [lon, lat]")
        points = points[:, :2]
        if not np.isfinite(points).all() or (np.abs(points) > (180, 90)).any():
            raise AreaFaultError(f"polygon {number} leaves the world; is it [lon, lat]?")
        shape = _enclosed(points)
        if shape.is_empty:
            raise AreaFaultError(f"polygon {number} encloses nothing")
        shapes.append(shape)
    if not shapes:
        return None
    whole = shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
    shapely.prepare(whole)
    return whole


def _enclosed(points: npt.NDArray[np.float64]) -> Any:
    shape = shapely.Polygon(points)
    if shape.is_valid:
        return shape
    closed = shapely.LineString(np.concatenate([points, points[:1]]))
    return shapely.union_all(shapely.get_parts(shapely.polygonize([shapely.node(closed)])))


def points_inside(
    shape: Any, lon_e7: Integers, lat_e7: Integers, *, cells_from: int = CELLS_FROM
) -> Flags:
    """Which points `shape` covers, boundary included; exact, as shapely.covers one by one.

    A box on the integers leaves few points. Where these are still many (`cells_from`), the box
    is cut into cells: all points of a cell that lies wholly inside or outside are decided at
    once, and only those in cells on the boundary one by one. Absent points are never inside.
    """
    inside = np.zeros(len(lon_e7), dtype=np.bool_)
    west, south, east, north = box_of(shape)
    near = np.flatnonzero(
        (lon_e7 >= west) & (lon_e7 <= east) & (lat_e7 >= south) & (lat_e7 <= north)
    )
    if not len(near):
        return inside
    shapely.prepare(shape)
    if len(near) >= cells_from:
        column, column_edges = _cut(lon_e7[near], west, east)
        row, row_edges = _cut(lat_e7[near], south, north)
        wholly_in, wholly_out = _judge_cells(shape, column_edges, row_edges)
        inside[near[wholly_in[row, column]]] = True
        near = near[~(wholly_in | wholly_out)[row, column]]
    # For a point, "intersects" is "covers"; "contains" would leave the boundary out.
    inside[near] = shapely.intersects_xy(shape, lon_e7[near] / E7, lat_e7[near] / E7)
    return inside


def _cut(values: Integers, low: int, high: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Number of the cell of each value, and the edges of the cells in degrees.

    Cells are cut on whole numbers, so that no rounding puts a point into its neighbour's cell.
    """
    step = (high - low) // CELLS + 1
    return (values.astype(np.int64) - low) // step, (low + np.arange(CELLS + 1) * step) / E7


def _judge_cells(shape: Any, columns: Floats, rows: Floats) -> tuple[Flags, Flags]:
    """Which cells, edges included, lie wholly inside the shape, and which wholly outside."""
    west, south = np.meshgrid(columns[:-1], rows[:-1])
    east, north = np.meshgrid(columns[1:], rows[1:])
    cells = shapely.box(west, south, east, north)
    return shapely.contains_properly(shape, cells), shapely.disjoint(shape, cells)


def outlines_touched(shape: Any, outlines: Sequence[str | None]) -> list[bool]:
    """Which GeoJSON outlines share at least a point with `shape`."""
    shapely.prepare(shape)
    return [text is not None and bool(shapely.intersects(shape, _read(text))) for text in outlines]


def _read(text: str) -> Any:
    outline = shapely.from_geojson(text)
    return outline if outline.is_valid else shapely.make_valid(outline)


def box_of(shape: Any) -> tuple[int, int, int, int]:
    """West, south, east, north of a shape in 1e-7 degree, rounded outwards."""
    west, south, east, north = shape.bounds
    return (
        int(np.floor(west * E7)),
        int(np.floor(south * E7)),
        int(np.ceil(east * E7)),
        int(np.ceil(north * E7)),
    )
