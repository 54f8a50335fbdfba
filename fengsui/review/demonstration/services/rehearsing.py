"""Who may be rung tonight, and what each of them does when the telephone rings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.engines.calls import services as call_services
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.review.demonstration import scenario
from fengsui.review.demonstration.models import Preparation
from fengsui.standards.divisions import township_of, village_of


def cast(village_codes: Sequence[str]) -> list[dict[str, Any]]:
    """Everybody who may be rung tonight, in an order that is the same on every node."""
    codes = sorted({*village_codes, *(township_of(code) for code in village_codes)})
    rows = {row["id"]: row for row in people.persons_in(codes, viewer=node_viewer())}
    return sorted(rows.values(), key=lambda row: str(row["name"]))


def rehearse(prepared: Preparation) -> None:
    """Tells the simulated carrier what everybody does when the telephone rings."""
    silent = set(prepared.storm["silent_village_codes"])
    script: dict[int, Sequence[str]] = {}
    for number, row in enumerate(cast(prepared.storm["village_codes"])):
        place = str(row["place_code"])
        script[row["id"]] = scenario.behaviour(
            prepared.seed,
            number,
            silent=village_of(place) in silent,
            is_township=township_of(place) == place,
        )
    call_services.script_people(script)
