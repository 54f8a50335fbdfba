"""The words for kinds of places and layers of the map."""

from __future__ import annotations

from enum import StrEnum


class PlaceKind(StrEnum):
    """What a node of the tree is, beside its level."""

    DIVISION = "division"  # 行政区划
    ZONE = "zone"  # 类似乡级单位: development zone, mine, farm (digits 7-9 are 400-599)
    GRID = "grid"  # 网格
    GROUP = "group"  # 中心户长组


class Layer(StrEnum):
    """What is drawn under the jurisdictions."""

    RIVERS = "rivers"
    ROADS = "roads"
    CONTOURS = "contours"
