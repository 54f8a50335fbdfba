"""Tonight, on paper: a policy tried on the people of an area. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.places import queries as places
from fengsui.readiness.policies import rules
from fengsui.readiness.policies.errors import TOO_WIDE
from fengsui.readiness.policies.queries.spoken import spoken_on_paper
from fengsui.readiness.policies.queries.versions import lines, own_place
from fengsui.readiness.policies.queries.ways import parties_with_ways, ways_of
from fengsui.registers.risks import queries as risks

PLACES_MAX = 40


def dry_run(
    *,
    viewer: Viewer,
    policy: Mapping[str, Any],
    area: Mapping[str, Any],
    at: datetime | None = None,
    line_count: int | None = None,
    seconds_a_call: int | None = None,
    include_other_households: bool = False,
    exercise: bool = False,
) -> dict[str, Any]:
    """Who would be called in an area {"codes", "polygons"} by a plain policy; nothing is written.

    As `calls.queries.dry_run`, with names of places and what is known of the human ways to those
    whom nobody can ring. Among what the viewer may see and draft for.
    """
    for code in area.get("codes", ()):
        require(viewer, Permission.DRAFT_ALERT, code)
    if not area.get("polygons") and not 1 <= len(area.get("codes", ())) <= PLACES_MAX:
        raise TOO_WIDE(limit=PLACES_MAX)
    place = own_place()
    stated = lines(place)
    parties = parties_with_ways(
        risks.parties(area=area, viewer=viewer, include_other_households=include_other_households),
        spoken_on_paper(place),
    )
    found = calls.dry_run(
        policy,
        parties,
        viewer=viewer,
        at=at or clock.now(),
        lines=max(1, min(line_count or stated["lines"], rules.LINES_MAX)),
        seconds_a_call=max(
            1, min(seconds_a_call or stated["seconds_a_call"], rules.SECONDS_A_CALL_MAX)
        ),
        exercise=exercise,
    )
    rows = [*found["first"], *found["by_township"], *found["nobody_to_ring"]]
    known = places.names({row["place_code"] for row in rows}, viewer=viewer)
    for row in rows:
        row["place_name"] = known.get(row["place_code"], "")
    ways = ways_of(row["household_id"] for row in found["nobody_to_ring"])
    for row in found["nobody_to_ring"]:
        row["way"] = ways.get(int(row["household_id"] or 0))
    return {**found, "lines_are_default": stated["is_default"]}
