"""GCJ-02, BD-09 and CGCS2000 by the golden vectors, and the ways back for points at random."""

from __future__ import annotations

import json
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.standards import coordinates
from fengsui.standards.coordinates import CoordinateSystem, from_wgs84, to_wgs84

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "spec" / "coordinates.json").read_text(encoding="utf-8")
)
CLOSE = VECTORS["tolerance_degrees"]
METRES_PER_DEGREE = 111_320
SHIFTED = [CoordinateSystem.GCJ02, CoordinateSystem.BD09]
inside_lon = st.floats(72.1, 137.7)
inside_lat = st.floats(0.9, 55.7)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[0] - other[0]) * cos(radians(one[1]))
    return hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


@pytest.mark.parametrize("vector", VECTORS["forward"], ids=lambda one: one["source"])
def test_the_golden_vectors_hold_both_ways(vector: dict[str, Any]) -> None:
    (lon, lat), there = vector["wgs84"], vector["there"]
    assert from_wgs84(lon, lat, vector["system"]) == pytest.approx(tuple(there), abs=CLOSE)
    assert metres(to_wgs84(there[0], there[1], vector["system"]), (lon, lat)) < 1


@pytest.mark.parametrize("vector", VECTORS["gcj02_to_bd09"], ids=lambda one: one["source"])
def test_baidu_by_its_golden_vector(vector: dict[str, Any]) -> None:
    there = coordinates.gcj02_to_bd09(*vector["gcj02"])
    assert there == pytest.approx(tuple(vector["bd09"]), abs=1e-12)
    assert metres(coordinates.bd09_to_gcj02(*there), tuple(vector["gcj02"])) < 1


@given(lon=inside_lon, lat=inside_lat, system=st.sampled_from(list(CoordinateSystem)))
def test_there_and_back_is_less_than_a_metre(lon: float, lat: float, system: str) -> None:
    assert metres(to_wgs84(*from_wgs84(lon, lat, system), system), (lon, lat)) < 1


@given(lon=inside_lon, lat=inside_lat, system=st.sampled_from(SHIFTED))
def test_a_shift_inside_the_box_is_tens_of_metres_to_two_kilometres(
    lon: float, lat: float, system: str
) -> None:
    assert 10 < metres(from_wgs84(lon, lat, system), (lon, lat)) < 2_500


@given(
    lon=st.one_of(st.floats(-180, 71), st.floats(139, 180)),
    lat=st.floats(-85, 85),
    system=st.sampled_from(list(CoordinateSystem)),
)
def test_outside_china_nothing_is_shifted(lon: float, lat: float, system: str) -> None:
    assert from_wgs84(lon, lat, system) == (lon, lat)
    assert to_wgs84(lon, lat, system) == (lon, lat)


def test_a_system_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="beijing54"):
        to_wgs84(110, 25, "beijing54")
