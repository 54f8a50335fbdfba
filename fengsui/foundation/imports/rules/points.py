"""Longitude and latitude as offices write them, in whichever system. Pure."""

from __future__ import annotations

import re

from fengsui.foundation.imports.rules.findings import Choice
from fengsui.foundation.imports.rules.values import Value, doubt, fault
from fengsui.foundation.ledgers.rules import Column
from fengsui.standards import coordinates

E7 = coordinates.E7
SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
_DEGREES = re.compile(r"[EWNS东西南北经纬度:：]*\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[EWNS]?", re.I)
_SEXAGESIMAL = re.compile(
    r"[EWNS东西南北经纬]*\s*(\d{1,3})\s*[°度]\s*(\d{1,2}(?:\.\d+)?)\s*[′'分’]\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*[″\"秒”]?)?\s*[EWNS]?",
    re.I,
)
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)


def degrees(text: str) -> float | None:
    """109.9436, 109°56′36″, 东经109.9436°: as degrees; None where it is neither."""
    found = _SEXAGESIMAL.fullmatch(text)
    if found is not None:
        minutes, seconds = float(found[2]), float(found[3] or 0)
        if minutes >= 60 or seconds >= 60:
            return None
        return float(found[1]) + minutes / 60 + seconds / 3600
    plain = _DEGREES.fullmatch(text)
    return float(plain[1]) if plain is not None else None


def read_point(column: Column, lon_text: str, lat_text: str, system: str) -> Value:
    """[lon_e7, lat_e7] in WGS-84 of two cells in `system` (see SYSTEMS)."""
    if not lon_text or not lat_text:
        return fault(
            column,
            "经度、纬度只填了一个",
            "only one of longitude and latitude is given",
            "请两个都填，或都留空",
            "give both, or neither",
        )
    lon, lat = degrees(lon_text), degrees(lat_text)
    if lon is None or lat is None:
        wrong = lon_text if lon is None else lat_text
        return fault(
            column,
            f"“{wrong[:20]}”不是经纬度",
            f"“{wrong[:20]}” is no coordinate",
            "请填度数，如 109.9436",
            "type degrees, such as 109.9436",
        )
    if _is_china(lat, lon) and not _is_china(lon, lat):
        turned = f"{lat_text},{lon_text}"
        zh, en = f"经度 {lat_text}，纬度 {lon_text}", f"lon {lat_text}, lat {lon_text}"
        choices = (Choice(turned, zh, en),)
        said = ("经度和纬度好像写反了", "longitude and latitude seem to be swapped")
        return doubt(column, *said, choices)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return fault(column, "经纬度超出范围", "the coordinate is out of range")
    lon, lat = to_wgs84(lon, lat, system)
    return Value([round(lon * E7), round(lat * E7)])


def _is_china(lon: float, lat: float) -> bool:
    inside_lon = _CHINA_LON[0] <= lon <= _CHINA_LON[1]
    return inside_lon and _CHINA_LAT[0] <= lat <= _CHINA_LAT[1]


def to_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]:
    """One point in WGS-84. CGCS2000 differs by less than a decimetre: no shift (handbook 16.4)."""
    if system in ("wgs84", "cgcs2000"):
        return lon, lat
    return coordinates.to_wgs84(lon, lat, system)
