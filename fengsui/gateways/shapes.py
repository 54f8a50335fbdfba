"""Polygons and circles as CAP and 12379 write them: latitude first, WGS-84, kilometres.

Source: CAP 1.2 §3.2.4; the 12379 layout took the fields over.
"""

from __future__ import annotations

import math
import re

from fengsui.gateways.findings import Finding, FindingKind
from fengsui.gateways.warnings import Circle, Ring, Warning

POINTS_MAX = 20_000
CIRCLE_CORNERS = 64
EARTH_RADIUS_KM = 6_371.0088  # mean radius, IUGG
RADIUS_KM_MAX = 20_040.0  # half the girth of the earth
_NUMBER = r"[+-]?(?:\d{1,4}(?:\.\d{0,20})?|\.\d{1,20})"
_POSITION = re.compile(rf"^({_NUMBER}),({_NUMBER})$", re.ASCII)
_RADIUS = re.compile(r"^[+-]?(?:\d{1,9}(?:\.\d{0,20})?|\.\d{1,20})$", re.ASCII)


POLYGON_MALFORMED = FindingKind(
    "shape.polygon_malformed",
    "多边形“{value}”无法读取。应为以空格分隔的“纬度,经度”。",
    "The polygon “{value}” cannot be read. It should be “lat,lon” pairs with spaces between.",
)

POLYGON_TOO_SHORT = FindingKind(
    "shape.polygon_too_short",
    "多边形只有 {points} 个点，至少需要 4 个。",
    "The polygon has {points} points; at least 4 are needed.",
)

POLYGON_NOT_CLOSED = FindingKind(
    "shape.polygon_not_closed",
    "多边形没有闭合（首尾两点不同）。请联系发送方更正。",
    "The polygon is not closed (its first and last points differ). Ask the sender to correct it.",
)

POSITION_OUT_OF_RANGE = FindingKind(
    "shape.position_out_of_range",
    "坐标“{value}”超出范围（纬度 ±90，经度 ±180）。请核对是否写反。",
    "The position “{value}” is out of range (lat ±90, lon ±180). Perhaps it is swapped.",
)

CIRCLE_MALFORMED = FindingKind(
    "shape.circle_malformed",
    "圆形“{value}”无法读取。应为“纬度,经度 半径（千米）”。",
    "The circle “{value}” cannot be read. It should be “lat,lon radius in km”.",
)

CIRCLE_RADIUS = FindingKind(
    "shape.circle_radius",
    "圆形半径“{value}”不合理。请联系发送方更正。",
    "The radius “{value}” of the circle makes no sense. Ask the sender to correct it.",
)


def read_polygon(text: str, *, line: int, field: str) -> tuple[Ring | None, list[Finding]]:
    """A closed ring of (longitude, latitude), or what is wrong with it."""
    pairs = re.sub(r"\s*,\s*", ",", text).split()
    if not pairs or len(pairs) > POINTS_MAX:
        return None, [POLYGON_MALFORMED(line=line, field=field, value=text)]
    ring = []
    for pair in pairs:
        position, fault = _position(pair, line, field, POLYGON_MALFORMED)
        if position is None:
            return None, fault
        ring.append(position)
    if len(ring) < 4:
        return None, [POLYGON_TOO_SHORT(line=line, field=field, points=len(ring))]
    if ring[0] != ring[-1]:
        return None, [POLYGON_NOT_CLOSED(line=line, field=field)]
    return tuple(ring), []


def read_circle(text: str, *, line: int, field: str) -> tuple[Circle | None, list[Finding]]:
    """(longitude, latitude, radius in km), or what is wrong with it."""
    parts = re.sub(r"\s*,\s*", ",", text).split()
    if len(parts) != 2 or not _RADIUS.match(parts[1]):
        return None, [CIRCLE_MALFORMED(line=line, field=field, value=text)]
    position, fault = _position(parts[0], line, field, CIRCLE_MALFORMED)
    if position is None:
        return None, fault
    radius_km = float(parts[1])
    if not 0.0 <= radius_km <= RADIUS_KM_MAX:
        return None, [CIRCLE_RADIUS(line=line, field=field, value=parts[1])]
    return (*position, radius_km), []


def _position(
    pair: str, line: int, field: str, malformed: FindingKind
) -> tuple[tuple[float, float] | None, list[Finding]]:
    found = _POSITION.match(pair)
    if not found:
        return None, [malformed(line=line, field=field, value=pair)]
    latitude, longitude = float(found.group(1)), float(found.group(2))
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        return None, [POSITION_OUT_OF_RANGE(line=line, field=field, value=pair)]
    return (longitude, latitude), []


def write_polygon(ring: Ring) -> str:
    return " ".join(f"{_decimal(latitude)},{_decimal(longitude)}" for longitude, latitude in ring)


def write_circle(circle: Circle) -> str:
    longitude, latitude, radius_km = circle
    return f"{_decimal(latitude)},{_decimal(longitude)} {_decimal(radius_km)}"


def _decimal(number: float) -> str:
    """Seven decimals are a centimetre; never an exponent."""
    return f"{number:.7f}".rstrip("0").rstrip(".") if number else "0"


def outlines(warning: Warning) -> tuple[Ring, ...]:
    """The polygons, and each circle as a ring that leaves nobody inside it out."""
    rings = [ring_round(circle) for circle in warning.circles if circle[2] > 0.0]
    return (*warning.polygons, *rings)


def ring_round(circle: Circle) -> Ring:
    """A closed ring of CIRCLE_CORNERS corners round a circle; latitudes stay within ±90.

    The corners lie a little outside, so that the sides touch the circle and none cuts it.
    """
    longitude, latitude, radius_km = circle
    angle = radius_km / math.cos(math.pi / CIRCLE_CORNERS) / EARTH_RADIUS_KM
    centre = math.radians(latitude)
    corners = []
    for corner in range(CIRCLE_CORNERS):
        bearing = 2.0 * math.pi * corner / CIRCLE_CORNERS
        sine = math.sin(centre) * math.cos(angle)
        sine += math.cos(centre) * math.sin(angle) * math.cos(bearing)
        north = math.asin(max(-1.0, min(1.0, sine)))
        east = math.atan2(
            math.sin(bearing) * math.sin(angle) * math.cos(centre),
            math.cos(angle) - math.sin(centre) * math.sin(north),
        )
        degrees_east = (longitude + math.degrees(east) + 540.0) % 360.0 - 180.0
        corners.append((degrees_east, math.degrees(north)))
    return (*corners, corners[0])
