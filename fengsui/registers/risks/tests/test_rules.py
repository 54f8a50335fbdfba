"""Points in areas: exact, boundary included, as shapely decides one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.registers.risks.rules import geometry as rules
from fengsui.standards.coordinates import E7

WHOLE = st.integers(min_value=-30, max_value=30)


def brute(shape, lon_e7, lat_e7):
    return [
        bool(shapely.covers(shape, shapely.Point(lon / E7, lat / E7)))
        for lon, lat in zip(lon_e7.tolist(), lat_e7.tolist(), strict=True)
    ]


@settings(max_examples=200, deadline=None)
@given(
    ring=st.lists(st.tuples(WHOLE, WHOLE), min_size=3, max_size=9),
    points=st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=40),
)
def test_points_are_inside_exactly_where_the_area_covers_them(ring, points):
    """On a coarse grid many points lie on corners and edges: those count as inside."""
    try:
        shape = rules.area_shape([[(1 + x / 1000, 2 + y / 1000) for x, y in ring]])
    except rules.AreaFaultError:
        return
    lon = np.array([E7 + x * 10_000 for x, _ in points], dtype=np.int32)
    lat = np.array([2 * E7 + y * 10_000 for _, y in points], dtype=np.int32)
    expected = brute(shape, lon, lat)
    assert rules.points_inside(shape, lon, lat).tolist() == expected
    assert rules.points_inside(shape, lon, lat, cells_from=0).tolist() == expected


def test_many_points_decided_by_cells_are_those_decided_one_by_one():
    random = np.random.Generator(np.random.PCG64(3))
    turn = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    reach = 0.06 * (1 + 0.3 * np.sin(7 * turn) + 0.05 * random.standard_normal(500))
    ring = np.stack([110 + reach * np.cos(turn), 28.5 + reach * np.sin(turn)], 1)
    shape = rules.area_shape([np.round(ring, 7).tolist()])
    lon = random.integers(1_099_000_000, 1_101_000_000, 60_000).astype(np.int32)
    lat = random.integers(284_000_000, 286_000_000, 60_000).astype(np.int32)
    lon[:500], lat[:500] = np.round(ring * E7).astype(np.int32).T  # on the corners
    covered = shapely.covers(shape, shapely.points(lon / E7, lat / E7))
    assert covered[:500].all()
    for cells_from in (0, 10**9):
        found = rules.points_inside(shape, lon, lat, cells_from=cells_from)
        assert (found == covered).all()


def test_a_corner_and_an_edge_are_inside_and_an_absent_point_is_not():
    shape = rules.area_shape([[(110.0, 28.0), (110.1, 28.0), (110.1, 28.1), (110.0, 28.1)]])
    lon = np.array([1_100_000_000, 1_100_500_000, 1_101_000_001, rules.NO_POINT_E7], np.int32)
    lat = np.array([280_000_000, 280_000_000, 280_500_000, rules.NO_POINT_E7], np.int32)
    assert rules.points_inside(shape, lon, lat).tolist() == [True, True, False, False]


def test_a_ring_that_crosses_itself_counts_with_all_it_encloses():
    """A five-pointed star drawn in one line: its middle is enclosed twice, and is inside."""
    star = [
        (110 + 0.1 * np.cos(turn * 0.8 * np.pi), 28 + 0.1 * np.sin(turn * 0.8 * np.pi))
        for turn in range(5)
    ]
    shape = rules.area_shape([star])
    middle = np.array([1_100_000_000], np.int32), np.array([280_000_000], np.int32)
    assert rules.points_inside(shape, *middle).tolist() == [True]


@pytest.mark.parametrize(
    "polygon",
    [
        [(110.0, 28.0), (110.1, 28.0)],  # two points
        [(28.0, 110.0), (28.1, 110.0), (28.1, 110.1)],  # latitude first
        [(110.0, 28.0), (110.1, 28.0), (110.2, 28.0)],  # a line
        [(110.0, float("nan")), (110.1, 28.0), (110.2, 28.1)],
        ["110.0,28.0", "110.1,28.0", "110.2,28.1"],
    ],
)
def test_what_is_no_polygon_is_refused(polygon):
    with pytest.raises(rules.AreaFaultError):
        rules.area_shape([polygon])
