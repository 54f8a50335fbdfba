"""The reads on danger areas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Sum

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.people import queries as people
from fengsui.registers.risks.models import DangerArea, DangerAreaHousehold
from fengsui.standards.divisions import village_of

IDS_PER_QUERY = 5_000


def danger_area(danger_area_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One danger area with the ids of its households in sight; raises access.not_found."""
    row = (
        DangerArea.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), pk=danger_area_id)
        .values(
            "id",
            "place_code",
            "name",
            "kind",
            "geometry",
            "trigger",
            "route",
            "shelter_name",
            "is_invented",
            "is_withdrawn",
        )
        .first()
    )
    if row is None:
        raise NOT_FOUND()
    listed = listings([danger_area_id], viewer)
    return {
        **row,
        "geometry": None if row["geometry"] is None else json.loads(row["geometry"]),
        "household_ids": [one["household_id"] for one in listed],
    }


def danger_areas_in(codes: Iterable[str] | None = None, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Danger areas at or below the codes (all in sight if None), with counts of households.

    {"id", "place_code", "name", "kind", "geometry" (GeoJSON or None), "trigger", "route",
     "shelter_name", "is_invented", "households", "people"}
    """
    rows = DangerArea.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), is_withdrawn=False)
    if codes is not None:
        rows = rows.filter(in_scopes("place_code", tuple(Scope.of(code) for code in codes)))
    counts: dict[int, dict[str, Any]] = {
        row["danger_area_id"]: dict(row)
        for row in DangerAreaHousehold.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            visible(viewer, Permission.SEE_HOUSEHOLDS, "household__place_code"),
            is_listed=True,
            household__is_withdrawn=False,
        )
        .values("danger_area_id")
        .annotate(households=Count("id"), people=Sum("household__tonight_people"))
    }
    return [
        {
            **row,
            "geometry": None if row["geometry"] is None else json.loads(row["geometry"]),
            "households": counts.get(row["id"], {}).get("households", 0),
            "people": counts.get(row["id"], {}).get("people") or 0,
        }
        for row in rows.order_by("place_code", "id").values(
            "id",
            "place_code",
            "name",
            "kind",
            "geometry",
            "trigger",
            "route",
            "shelter_name",
            "is_invented",
        )
    ]


def danger_area_map(*, viewer: Viewer) -> dict[str, Any]:
    """The outlines as a GeoJSON FeatureCollection; ids are strings, as in all of the API."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "id": str(row["id"]),
                    "name": row["name"],
                    "kind": row["kind"],
                    "village_code": village_of(row["place_code"]),
                    "households": row["households"],
                    "people": row["people"],
                    "shelter_name": row["shelter_name"],
                    "is_invented": row["is_invented"],
                },
                "geometry": row["geometry"],
            }
            for row in danger_areas_in(viewer=viewer)
            if row["geometry"] is not None
        ],
    }


def danger_areas_of_household(household_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """The danger areas in which a household is listed: {"id", "name", "kind", "place_code"}."""
    people.gate_household(household_id, viewer=viewer)
    rows = (
        DangerArea.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            listings__household_id=household_id,
            listings__is_listed=True,
            is_withdrawn=False,
        )
        .order_by("id")
        .values("id", "name", "kind", "place_code")
    )
    return [dict(row) for row in rows]


def listings(area_ids: Sequence[int], viewer: Viewer) -> list[dict[str, Any]]:
    return [
        dict(row)
        for start in range(0, len(area_ids), IDS_PER_QUERY)
        for row in DangerAreaHousehold.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            visible(viewer, Permission.SEE_HOUSEHOLDS, "household__place_code"),
            danger_area_id__listed=area_ids[start : start + IDS_PER_QUERY],
            is_listed=True,
            household__is_withdrawn=False,
        )
        .order_by("household__place_code", "household_id", "danger_area_id")
        .values(
            "danger_area_id",
            "household_id",
            "household__place_code",
            "household__tonight_people",
            "household__assist_level",
            "household__assist_people",
            "household__contact_person_id",
        )
    ]
