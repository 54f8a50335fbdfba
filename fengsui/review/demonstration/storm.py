"""The night's storm: an area that holds exactly the households the story is about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from fengsui.review.demonstration.county import County
from fengsui.review.demonstration.raster import Integers
from fengsui.review.demonstration.settlement import (
    DANGER_AREA_HOUSEHOLDS_MIN,
    DangerArea,
    Households,
    with_outlines,
)

STORM_HOUSEHOLDS = 212  # danger households in the area of the warning
STORM_ASSIST = 87  # of them with one person who needs help to leave
SILENT_VILLAGES = 3
SILENT_HOUSEHOLDS_MIN = 6
_REACH_M = 1_500.0
_CENTRES_TRIED_MAX = 40


@dataclass(frozen=True, slots=True)
class Storm:
    """The area and those inside it; village numbers index the county's villages."""

    outline: Polygon
    villages: tuple[int, ...]
    silent: tuple[int, ...]  # whose secretaries do not answer tonight


def place_storm(
    random: np.random.Generator,
    county: County,
    households: Households,
    areas: Sequence[DangerArea],
) -> tuple[Storm, Households, list[DangerArea]]:
    """A storm over STORM_HOUSEHOLDS danger households, STORM_ASSIST of which need help.

    A few households are taken off the danger lists inside the storm, and some needs are added,
    so that both numbers hold exactly. Returns the changed columns and the outlined areas.
    """
    x = np.array([village.x for village in county.villages])
    y = np.array([village.y for village in county.villages])
    in_danger = households.danger >= 0
    count = np.bincount(households.village[in_danger], minlength=len(x))
    orders = [np.argsort(np.hypot(x - x[at], (y - y[at]) * 1.15)) for at in range(len(x))]
    needed = [int(np.searchsorted(np.cumsum(count[order]), STORM_HOUSEHOLDS)) for order in orders]
    for at in sorted(range(len(x)), key=lambda index: (needed[index], index))[:_CENTRES_TRIED_MAX]:
        if needed[at] >= len(x):
            break
        villages = orders[at][: needed[at] + 1]
        silent = _silent_villages(villages, count, x, y)
        if len(silent) < SILENT_VILLAGES:
            continue
        changed = _trimmed(households, areas, villages)
        drawn = with_outlines(changed, areas, county)
        outline = _outline(county, drawn, changed, villages)
        if outline is not None:
            storm = Storm(outline, tuple(sorted(villages.tolist())), silent)
            return storm, _with_needs(random, changed, villages), drawn
    raise ValueError(f"no place where a storm meets {STORM_HOUSEHOLDS} danger households")


def _silent_villages(
    villages: Integers, count: Integers, x: np.ndarray, y: np.ndarray
) -> tuple[int, ...]:
    """Villages with enough danger households, far from each other, not the storm's rim."""
    inner = [
        int(index)
        for index in villages[: max(len(villages) - 3, 3)]
        if count[index] >= SILENT_HOUSEHOLDS_MIN
    ]
    chosen = inner[1:2]
    while chosen and len(chosen) < min(SILENT_VILLAGES, len(inner)):
        chosen.append(
            max(
                (one for one in inner if one not in chosen),
                key=lambda one: min(np.hypot(x[one] - x[c], y[one] - y[c]) for c in chosen),
            )
        )
    return tuple(chosen)


def _trimmed(households: Households, areas: Sequence[DangerArea], villages: Integers) -> Households:
    danger = households.danger.copy()
    members = np.isin(households.village, villages) & (danger >= 0)
    excess = int(members.sum()) - STORM_HOUSEHOLDS
    inside = set(villages.tolist())
    for number in range(len(areas) - 1, -1, -1):
        if areas[number].village not in inside:
            continue
        listed = np.nonzero(danger == number)[0]
        taken = min(excess, max(0, len(listed) - DANGER_AREA_HOUSEHOLDS_MIN))
        if taken:
            danger[listed[-taken:]] = -1
            excess -= taken
    return replace(households, danger=danger)


def _with_needs(
    random: np.random.Generator, households: Households, villages: Integers
) -> Households:
    level = households.assist_level.copy()
    members = np.nonzero(np.isin(households.village, villages) & (households.danger >= 0))[0]
    order = random.permutation(members)
    order = order[np.argsort(-(level[order] > 0).astype(int), kind="stable")]
    level[order[STORM_ASSIST:]] = 0
    new = order[:STORM_ASSIST][level[order[:STORM_ASSIST]] == 0]
    level[new] = random.choice(3, size=len(new), p=(0.6, 0.28, 0.12)) + 1
    return replace(households, assist_level=level)


def _outline(
    county: County, areas: Sequence[DangerArea], households: Households, villages: Integers
) -> Polygon | None:
    """One ring around the chosen villages and their danger areas that touches no others."""
    chosen = set(villages.tolist())
    listed = set(np.unique(households.danger[households.danger >= 0]).tolist())
    within: list[BaseGeometry] = []
    beyond: list[BaseGeometry] = []
    for number, village in enumerate(county.villages):
        (within if number in chosen else beyond).append(Point(village.x, village.y))
    for number, area in enumerate(areas):
        if number in listed and area.outline is not None:
            (within if area.village in chosen else beyond).append(area.outline)
    core = shapely.union_all(within)
    reach = core.buffer(_REACH_M)
    closed = reach.buffer(2_500).buffer(-2_500)
    clear = closed.difference(shapely.union_all(beyond).buffer(260)).union(core.buffer(160))
    rounded = clear.buffer(-120).buffer(120).union(core.buffer(120)).simplify(60)
    if not isinstance(rounded, Polygon):
        return None
    outline = Polygon(rounded.exterior)
    exact = outline.covers(core) and not outline.intersects(shapely.union_all(beyond))
    return outline if exact and outline.is_valid else None
