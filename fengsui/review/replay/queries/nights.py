"""Which nights there are, and which warnings and callouts make up one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.models import Callout
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.response.alerts import queries as alerts
from fengsui.response.alerts.models import Alert
from fengsui.review.replay import rules
from fengsui.standards.instants import to_iso

ALERTS_MAX = 400
NIGHTS_MAX = 60
NIGHTS_OF_ONE_MAX = 14
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Track:
    """What is replayed together: a callout with the alerts that speak through it."""

    callout: Callout | None
    alerts: Sequence[Alert]  # in sight, oldest first; none where a callout has no alert in sight

    @property
    def alert(self) -> Alert | None:
        return self.alerts[0] if self.alerts else None

    @property
    def evacuation_id(self) -> int | None:
        return next((one.evacuation_id for one in self.alerts if one.evacuation_id), None)

    @property
    def begins(self) -> datetime:
        known = [_began(one) for one in self.alerts]
        return min([*known, self.callout.opened_at] if self.callout is not None else known)

    def ends(self, now: datetime) -> datetime:
        """When the last of it was over; now, while it is not."""
        ends = [one.ended_at for one in self.alerts]
        if self.callout is not None:
            ends.append(self.callout.closed_at)
        return max((end or now for end in ends), default=now)


def tracks_between(since: datetime, until: datetime, *, viewer: Viewer) -> list[Track]:
    """Tracks that had begun by `until` and were not over by `since`, oldest first."""
    callouts = calls.callouts_between(since, until, viewer=viewer)
    spoken = {one.pk for one in callouts}
    rows = Alert.objects.filter(
        Q(callout_id__in=sorted(spoken))
        | Q(activated_at__lt=until) & (Q(ended_at=None) | Q(ended_at__gte=since))
    )
    by_callout: dict[int, list[Alert]] = defaultdict(list)
    silent: list[Alert] = []
    for row in rows.order_by("-created_at")[:ALERTS_MAX]:
        if alerts.sees(viewer, row):
            # Whoever sees the alert, but none of its calls, replays the rest of it.
            mine = by_callout[row.callout_id] if row.callout_id in spoken else silent
            mine.insert(0, row)
    tracks = [Track(one, by_callout.get(one.pk, [])) for one in callouts]
    tracks += [Track(None, [one]) for one in silent]
    return sorted(tracks, key=lambda one: one.begins)


def nights(*, viewer: Viewer) -> list[dict[str, Any]]:
    """The nights in which something was in force or called out, newest first.

    [{"night": date, "begins_at", "ends_at", "tracks": [see `headline`]}], at most `NIGHTS_MAX`.
    """
    now = clock.now()
    by_night: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for track in tracks_between(_EVER, now, viewer=viewer):
        shown = headline(track)
        # A warning may stay in force for days; what is looked for are the nights of its calls.
        since = track.callout.opened_at if track.callout is not None else track.begins
        until = (track.callout.closed_at or now) if track.callout is not None else since
        for night in rules.nights_of(since, until, limit=NIGHTS_OF_ONE_MAX):
            by_night[night].append(shown)
    found = []
    for night in sorted(by_night, reverse=True)[:NIGHTS_MAX]:
        begins, ends = rules.window(night)
        found.append(
            {
                "night": night.isoformat(),
                "begins_at": to_iso(begins),
                "ends_at": to_iso(ends),
                "tracks": by_night[night],
            }
        )
    return found


def headline(track: Track) -> dict[str, Any]:
    """What a list says of a track: ids as strings, times in ISO 8601 UTC."""
    alert, callout = track.alert, track.callout
    return {
        "alert_id": str(alert.pk) if alert else None,
        "callout_id": str(callout.pk) if callout else None,
        "evacuation_id": str(track.evacuation_id) if track.evacuation_id else None,
        "level": alert.level if alert else (callout.level if callout else "none"),
        "kind": alert.kind if alert else "callout",
        "category": alert.category if alert else "",
        "category_name": alert.category_name if alert else "",
        "area_description": alert.area_description if alert else "",
        "self_rescue": bool(alert and alert.self_rescue),
        "headline": alert.headline if alert else (callout.text if callout else ""),
        "exercise": alert.exercise if alert else bool(callout and callout.exercise),
        "opened_at": to_iso(callout.opened_at if callout else track.begins),
    }


def _began(alert: Alert) -> datetime:
    return alert.activated_at or alert.created_at
