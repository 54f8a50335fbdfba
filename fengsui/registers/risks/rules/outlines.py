"""Whether an outline that a person drew can be a danger area. Pure.

`frontend/packages/domain/src/outline.ts` says the same while it is being drawn; the vectors in
`spec/outlines.json` hold for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

CORNERS_MIN = 3
DRAWN_CORNERS_MAX = 500  # a person draws tens; surveyed outlines come by import
SPAN_DEGREES_MAX = 0.5  # about 50 km: more is a county, not a danger area

Point = Sequence[float]


@dataclass(frozen=True, slots=True)
class OutlineFault:
    """What is wrong and what to do, in both languages."""

    code: str
    zh: str
    en: str


def ring_of(geometry: Any) -> list[list[float]] | None:
    """The corners of a drawn GeoJSON Polygon without the repeated last one; None: not one."""
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Polygon":
        return None
    rings = geometry.get("coordinates")
    if not isinstance(rings, list) or len(rings) != 1 or not isinstance(rings[0], list):
        return None
    corners = []
    for corner in rings[0]:
        if not isinstance(corner, list) or len(corner) < 2:
            return None
        if not all(isinstance(one, (int, float)) and isfinite(one) for one in corner[:2]):
            return None
        corners.append([float(corner[0]), float(corner[1])])
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return corners


def drawing_fault(geometry: Any) -> OutlineFault | None:
    """The first thing that is wrong with a drawn outline, or None."""
    corners = ring_of(geometry)
    if corners is None:
        return OutlineFault(
            "shape", "需要一个没有孔的多边形。请重新画。", "Draw one outline without holes."
        )
    if len(corners) < CORNERS_MIN:
        return OutlineFault(
            "few", "至少要三个角点。请继续点选。", "At least three corners are needed. Add more."
        )
    if len(corners) > DRAWN_CORNERS_MAX:
        return OutlineFault(
            "many",
            f"角点超过 {DRAWN_CORNERS_MAX} 个。请少取一些点，测绘成果请用导入。",
            f"More than {DRAWN_CORNERS_MAX} corners. Use fewer, or import surveyed outlines.",
        )
    return _place_fault(corners) or _shape_fault(corners)


def _place_fault(corners: list[list[float]]) -> OutlineFault | None:
    lons, lats = [one[0] for one in corners], [one[1] for one in corners]
    if min(lons) < -180 or max(lons) > 180 or min(lats) < -90 or max(lats) > 90:
        return OutlineFault(
            "world",
            "坐标超出范围。请核对是不是“经度在前、纬度在后”。",
            "A corner leaves the world. Is it longitude first, latitude second?",
        )
    if max(max(lons) - min(lons), max(lats) - min(lats)) > SPAN_DEGREES_MAX:
        return OutlineFault(
            "wide",
            "范围跨度超过约 50 公里，不像一处危险区。请核对坐标。",
            "The outline spans more than about 50 km. Check the coordinates.",
        )
    return None


def _shape_fault(corners: list[list[float]]) -> OutlineFault | None:
    for number, corner in enumerate(corners):
        if corner == corners[(number + 1) % len(corners)]:
            return OutlineFault(
                "twice",
                f"第 {number + 1} 个角点与下一个重合。请删去其中一个。",
                f"Corner {number + 1} and the next are the same. Take one away.",
            )
    crossed = crossing(corners)
    if crossed is not None:
        first, second = crossed
        return OutlineFault(
            "crosses",
            f"边线自相交：第 {first} 条边与第 {second} 条边相交。请移动角点让边线不再交叉。",
            f"The outline crosses itself: side {first} meets side {second}. Move a corner.",
        )
    return None


def crossing(corners: Sequence[Point]) -> tuple[int, int] | None:
    """The first two sides that meet where they should not, counted from 1; None: simple.

    Side n runs from corner n to the next. Sides that follow each other may share that corner only.
    """
    count = len(corners)
    for first in range(count):
        for second in range(first + 1, count):
            if _sides_clash(corners, first, second, count):
                return first + 1, second + 1
    return None


def _sides_clash(corners: Sequence[Point], first: int, second: int, count: int) -> bool:
    a, b = corners[first], corners[(first + 1) % count]
    c, d = corners[second], corners[(second + 1) % count]
    if second == first + 1:
        return _turns_back(a, b, d)
    if first == 0 and second == count - 1:
        return _turns_back(c, a, b)
    return _meet(a, b, c, d)


def _turns_back(before: Point, corner: Point, after: Point) -> bool:
    """Whether the way from `corner` runs back over the way to it."""
    if _side(before, corner, after) != 0:
        return False
    along = (corner[0] - before[0]) * (after[0] - corner[0])
    return along + (corner[1] - before[1]) * (after[1] - corner[1]) < 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    one, two, three, four = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if one * two < 0 and three * four < 0:
        return True
    return (
        (one == 0 and _within(a, b, c))
        or (two == 0 and _within(a, b, d))
        or (three == 0 and _within(c, d, a))
        or (four == 0 and _within(c, d, b))
    )


def _side(a: Point, b: Point, c: Point) -> int:
    """On which side of a→b lies c: 1, -1, or 0 on the line. Exact on whole 1e-7 degrees."""
    ax, ay, bx, by, cx, cy = (round(one * 10_000_000) for one in (*a[:2], *b[:2], *c[:2]))
    cross = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (cross > 0) - (cross < 0)


def _within(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
