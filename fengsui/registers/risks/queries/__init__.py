"""The reads on danger areas, and whom a warning area concerns.

Numpy and shapely are loaded by the first question about an area, not by every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.registers.risks.queries.areas import (
    danger_area,
    danger_area_map,
    danger_areas_in,
    danger_areas_of_household,
)
from fengsui.registers.risks.queries.drawing import drawn_area

__all__ = [
    "called",
    "concerned",
    "danger_area",
    "danger_area_map",
    "danger_areas_in",
    "danger_areas_of_household",
    "drawn_area",
    "parties",
]


def concerned(
    *, area: Mapping[str, Any], viewer: Viewer, include_other_households: bool = False
) -> dict[str, Any]:
    """Whom a warning area concerns, among what the viewer may see: see `concern.concerned`."""
    from fengsui.registers.risks.queries import concern

    return concern.concerned(
        area=area, viewer=viewer, include_other_households=include_other_households
    )


def called(found: Mapping[str, Any], *, viewer: Viewer) -> dict[str, int]:
    """How many are called for what `concerned` found, and can be: see `concern.called`."""
    from fengsui.registers.risks.queries import concern

    return concern.called(found, viewer=viewer)


def parties(
    *,
    area: Mapping[str, Any],
    viewer: Viewer,
    include_other_households: bool = False,
    found: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The parties of a call to whom an area concerns: see `concern.parties`."""
    from fengsui.registers.risks.queries import concern

    return concern.parties(
        area=area,
        viewer=viewer,
        include_other_households=include_other_households,
        found=found,
    )
