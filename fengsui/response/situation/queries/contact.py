"""Board of villages out of contact: the last word of each, by which path, how long ago."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.places.queries import points
from fengsui.response.alerts import queries as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.situation import rules
from fengsui.response.situation.models import (
    ContactLoss,
    Headcount,
    MovedFirst,
    QuickReport,
    Relay,
    Sos,
)
from fengsui.response.situation.rules import Word
from fengsui.response.situation.states import ContactState
from fengsui.standards.divisions import DivisionLevel, village_of

LEVELS = (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE)
Hearing = Callable[[], Mapping[str, tuple[datetime, str]]]


def _nobody() -> Mapping[str, tuple[datetime, str]]:
    return {}


_hearing: Hearing = _nobody


def set_hearing_resolver(hearing: Hearing | None) -> None:
    """`config` calls this once: place code → (when its node was last heard, by which path)."""
    global _hearing
    _hearing = hearing or _nobody


@dataclass(frozen=True, slots=True)
class Contact:
    """How it stands with one village or township. `since`: from when something is expected."""

    place_code: str
    name: str
    level: str
    state: ContactState
    word: Word | None
    since: datetime | None
    calls: int
    households: int
    alert_id: int
    lost_at: datetime | None


def contact(*, viewer: Viewer, now: datetime, driver: int | None = None) -> list[Contact]:
    """Every village and township in the viewer's scope: the lost first, then the silent ones.

    With `driver` only what that node's own calls expect counts; it alone names the lost.
    """
    # What is expected, and what was heard, is the same for everybody who may see the place.
    program = node_viewer("contact")
    expected = _expected(program, driver)
    words = _words(program)
    lost = {
        row.place_code: row for row in ContactLoss.objects.filter(regained_at=None).order_by("id")
    }
    rows = []
    for place in points(viewer=viewer):
        if place["level"] not in LEVELS:
            continue
        code = place["code"]
        want = expected.get(code)
        word = rules.newest(words.get(code, ()))
        named = lost.get(code)
        state = rules.contact_state(
            word=word,
            expected_since=want["since"] if want else None,
            is_named=named is not None,
            now=now,
        )
        rows.append(
            Contact(
                code,
                place["name"],
                place["level"],
                state,
                word,
                want["since"] if want else None,
                want["calls"] if want else 0,
                want["households"] if want else 0,
                want["alert_id"] if want else 0,
                named.lost_at if named else None,
            )
        )
    rank = [ContactState.LOST, ContactState.SILENT, ContactState.IN_CONTACT, ContactState.QUIET]
    return sorted(rows, key=lambda row: (rank.index(row.state), row.place_code))


def _expected(program: Viewer, driver: int | None) -> dict[str, dict[str, Any]]:
    """Place → {"calls", "households", "since", "alert_id"} over the alerts in force."""
    found: dict[str, dict[str, Any]] = {}
    for alert in alerts.alerts_in_force(viewer=program):
        if alert.callout_id is None:
            continue
        awaited = calls.awaited([alert.callout_id], viewer=program, driver=driver)
        left = {}
        if alert.evacuation_id and awaited:
            left = evacuations.left_by_village([alert.evacuation_id], viewer=program)
        for code, want in awaited.items():
            known = found.setdefault(
                code, {"calls": 0, "households": 0, "since": want["since"], "alert_id": alert.pk}
            )
            known["calls"] += want["calls"]
            known["households"] += left.get(code, {}).get("households", 0)
            known["since"] = min(known["since"], want["since"])
    return found


def _words(program: Viewer) -> dict[str, list[Word]]:
    words: dict[str, list[Word]] = defaultdict(list)
    in_force = alerts.alerts_in_force(viewer=program)
    callout_ids = [one.callout_id for one in in_force if one.callout_id]
    evacuation_ids = [one.evacuation_id for one in in_force if one.evacuation_id]
    for code, at in calls.last_answers(callout_ids, viewer=program).items():
        words[code].append(Word(at, "answer"))
    for code, seen in evacuations.left_by_village(evacuation_ids, viewer=program).items():
        if seen["seen_at"] is not None:
            words[code].append(Word(seen["seen_at"], "tick"))
    for table in (Sos, Headcount, QuickReport, MovedFirst):
        rows = table.objects.filter(visible(program, Permission.SEE_PLACES), is_provisional=False)
        for code, at in rows.values_list("place_code").annotate(at=Max("at")):
            words[village_of(code)].append(Word(at, "report"))
    for code, path, at in Relay.objects.values_list("place_code", "path").annotate(at=Max("at")):
        words[village_of(code)].append(Word(at, path))
    for code, (at, path) in _hearing().items():
        words[code].append(Word(at, path))
    return words
