"""Whose households stand on paper: those of an evacuation, or, before there is one, those that a
warning from yellow on would move."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.response.alerts import queries as alerts
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations.models import Evacuation, EvacuationHousehold
from fengsui.standards.divisions import scope_prefix

CHAIN_MAX = 20  # warnings that raise or carry on one another


@dataclass(frozen=True, slots=True)
class Source:
    """What a print is for. `evacuation_id` 0: a list in advance, of a warning."""

    evacuation_id: int
    alert_id: int
    place_code: str
    exercise: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One household as it stands on paper."""

    household_id: int
    place_code: str
    people: int
    assist_level: int
    shelter: str


def source_of_evacuation(evacuation_id: int) -> Source | None:
    found = Evacuation.objects.filter(pk=evacuation_id).first()
    if found is None:
        return None
    return Source(found.pk, found.alert_id, found.place_code, found.exercise)


def source_of_alert(alert_id: int, *, viewer: Viewer) -> Source:
    """The evacuation that the warning has opened, else the warning. Raises access.not_found."""
    alert = alerts.gate(alert_id, viewer=viewer)
    return Source(alert.evacuation_id or 0, alert.pk, alert.place_code, alert.exercise)


def listed(source: Source, place_code: str, *, viewer: Viewer) -> list[Listed]:
    """The households at or under a place, in the viewer's scope, by place."""
    prefix = scope_prefix(place_code)
    if source.evacuation_id:
        return [
            Listed(row.household_id, row.place_code, row.people, row.assist_level, row.shelter)
            for row in EvacuationHousehold.objects.filter(
                visible(viewer, Permission.SEE_HOUSEHOLDS),
                evacuation_id=source.evacuation_id,
                counts=True,
                place_code__startswith=prefix,
            ).order_by("place_code", "household_id")
        ]
    concerned = alerts.concerned_by(alerts.gate(source.alert_id, viewer=viewer))
    rows = [
        Listed(
            one["household_id"],
            one["place_code"],
            one["people"],
            one["assist_level"] or 0,
            one["shelter"] or "",
        )
        for one in alerts.households_to_move(concerned)
        if one["place_code"].startswith(prefix)
        and viewer.may(Permission.SEE_HOUSEHOLDS, one["place_code"])
    ]
    return sorted(rows, key=lambda one: (one.place_code, one.household_id))


def chain_before(alert_id: int) -> list[int]:
    """The warning and those that it raised or carried on, itself first."""
    found: list[int] = []
    step: int | None = alert_id
    while step and step not in found and len(found) < CHAIN_MAX:
        found.append(step)
        step = Alert.objects.filter(pk=step).values_list("predecessor_id", flat=True).first()
    return found


def evacuation_since(alert_id: int) -> int:
    """The evacuation that this warning, or one that raised it, has opened by now; 0: none."""
    seen: set[int] = set()
    step: list[int] = [alert_id]
    while step and len(seen) < CHAIN_MAX:
        seen.update(step)
        rows = list(Alert.objects.filter(pk__in=step).exclude(evacuation_id=None))
        if rows:
            return max(rows, key=lambda one: one.created_at).evacuation_id or 0
        later = Alert.objects.filter(predecessor_id__in=step).exclude(pk__in=seen)
        step = list(later.values_list("pk", flat=True))
    return 0
