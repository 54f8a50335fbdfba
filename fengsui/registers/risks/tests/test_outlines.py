"""Drawn outlines by the vectors that the page shares, and against shapely for rings at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fengsui.registers.risks.rules.outlines import crossing, drawing_fault

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[4] / "spec" / "outlines.json").read_text(encoding="utf-8")
)
corner = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
    lambda pair: [110 + pair[0] / 1000, 28 + pair[1] / 1000]
)


def polygon(corners: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


@pytest.mark.parametrize("vector", VECTORS["outlines"], ids=lambda one: one["name"])
def test_the_shared_vectors_hold(vector: dict[str, Any]) -> None:
    fault = drawing_fault(polygon(vector["corners"]))
    assert (fault.code if fault else "") == vector["fault"]
    if "sides" in vector:
        assert crossing(vector["corners"]) == tuple(vector["sides"])


@given(st.lists(corner, min_size=3, max_size=9, unique_by=tuple))
def test_what_is_let_through_is_valid_and_what_is_valid_is_let_through(
    corners: list[list[float]],
) -> None:
    """Shapely judges floats; whole thousandths on a small grid leave it no room to round."""
    whole = [[round((lon - 110) * 1000), round((lat - 28) * 1000)] for lon, lat in corners]
    is_good = drawing_fault(polygon(corners)) is None
    assert is_good == shapely.Polygon(whole).is_valid


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Point", "coordinates": [110, 28]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[110]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[[110, 28], [111, 28], [110, 29]], []]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 28], [110.1, 28], [110, 28.1]]]},
        {"type": "MultiPolygon", "coordinates": [[[[110, 28], [110.1, 28], [110, 28.1]]]]},
    ],
)
def test_what_is_no_drawing_is_refused(geometry: Any) -> None:
    fault = drawing_fault(geometry)
    assert fault is not None
    assert fault.zh.endswith("。")
