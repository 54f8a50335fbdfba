"""Coordinates: kept as whole numbers of 1e-7 degree WGS-84, brought in from four systems.

CGCS2000 (EPSG:4490, the legal national system) agrees with WGS-84 within decimetres for our use
and is not shifted. GCJ-02 is what telephones and most Chinese maps show, BD-09 is Baidu's shift
of GCJ-02. The forward formulas are the public ones (krasovsky a = 6378245.0); both inverses are
found by iteration, to less than a centimetre. `spec/coordinates.json` holds the golden vectors
that this file and `frontend/packages/domain/src/coordinates.ts` share.
"""

from __future__ import annotations

from enum import StrEnum
from math import atan2, cos, hypot, pi, sin, sqrt

E7 = 10_000_000  # about a centimetre, and no floats

_A = 6_378_245.0
_EE = 0.00669342162296594323
_BAIDU_PI = pi * 3000.0 / 180.0
# The box of the public formula. It also holds parts of the neighbours: a point there whose
# source did not shift it must be named WGS-84, for no formula can tell.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_ROUNDS_MAX = 12
_CLOSE_DEGREES = 1e-10


class CoordinateSystem(StrEnum):
    """What a pair of numbers means. Longitude and latitude in degrees in each of them."""

    WGS84 = "wgs84"  # GPS
    CGCS2000 = "cgcs2000"  # 国家大地坐标系, 天地图, surveyors
    GCJ02 = "gcj02"  # 高德, 腾讯, telephones
    BD09 = "bd09"  # 百度


def to_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]:
    """(longitude, latitude) in degrees WGS-84 of a pair in `system`.

    Raises ValueError for a system that is not one of CoordinateSystem.
    """
    match CoordinateSystem(system):
        case CoordinateSystem.GCJ02:
            return gcj02_to_wgs84(lon, lat)
        case CoordinateSystem.BD09:
            return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
        case _:
            return lon, lat


def from_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]:
    """(longitude, latitude) in degrees in `system` of a pair in WGS-84.

    Raises ValueError for a system that is not one of CoordinateSystem.
    """
    match CoordinateSystem(system):
        case CoordinateSystem.GCJ02:
            return wgs84_to_gcj02(lon, lat)
        case CoordinateSystem.BD09:
            shifted = wgs84_to_gcj02(lon, lat)
            return gcj02_to_bd09(*shifted) if is_shifted(lon, lat) else shifted
        case _:
            return lon, lat


def is_shifted(lon: float, lat: float) -> bool:
    """Whether the public formula shifts this WGS-84 point at all."""
    return _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Degrees in, degrees out; unchanged outside the box of the formula."""
    return _shift(lon, lat) if is_shifted(lon, lat) else (lon, lat)


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The point whose shift is this one; unchanged where no point inside the box is."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS_MAX):
        shifted_lon, shifted_lat = _shift(guess_lon, guess_lat)
        off_lon, off_lat = shifted_lon - lon, shifted_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if abs(off_lon) < _CLOSE_DEGREES and abs(off_lat) < _CLOSE_DEGREES:
            break
    return (guess_lon, guess_lat) if is_shifted(guess_lon, guess_lat) else (lon, lat)


def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Degrees in, degrees out."""
    reach = hypot(lon, lat) + 0.00002 * sin(lat * _BAIDU_PI)
    turn = atan2(lat, lon) + 0.000003 * cos(lon * _BAIDU_PI)
    return reach * cos(turn) + 0.0065, reach * sin(turn) + 0.006


def bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The point whose BD-09 is this one; unchanged outside the box of the formula."""
    if not is_shifted(lon - 0.0065, lat - 0.006):
        return lon, lat
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_ROUNDS_MAX):
        there_lon, there_lat = gcj02_to_bd09(guess_lon, guess_lat)
        off_lon, off_lat = there_lon - lon, there_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if abs(off_lon) < _CLOSE_DEGREES and abs(off_lat) < _CLOSE_DEGREES:
            break
    return guess_lon, guess_lat


def _shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = lat / 180.0 * pi
    magic = 1.0 - _EE * sin(latitude) ** 2
    meridian = (_A * (1.0 - _EE)) / (magic * sqrt(magic))
    parallel = _A / sqrt(magic) * cos(latitude)
    return lon + east * 180.0 / (parallel * pi), lat + north * 180.0 / (meridian * pi)
