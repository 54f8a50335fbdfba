"""The live board: 应叫 / 已应 / 未应, the curve, places, units, alarms; now or at a past moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from fengsui.engines.calls import rules
from fengsui.engines.calls.models import Alarm, Call, Callout, Heartbeat, UnitCall
from fengsui.engines.calls.queries.beside import not_counted_at_night
from fengsui.engines.calls.queries.forecast import forecast
from fengsui.engines.calls.queries.gates import callout, calls_in_sight, not_by, settled_by
from fengsui.engines.calls.queries.ladder import by_channel, by_rung
from fengsui.engines.calls.queries.nights import (
    moment_of,
    reached_by_second,
    running_total,
    thinned,
)
from fengsui.engines.calls.queries.owners import takeovers
from fengsui.engines.calls.states import UnitState
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.places.queries import names
from fengsui.standards.divisions import township_of, village_of
from fengsui.standards.instants import to_iso

CURVE_POINTS_MAX = 240
UNITS_SHOWN_MAX = 500
SILENT_AFTER_S = 60
NO_FORECAST: dict[str, Any] = {"ends_by": None, "deadlines": []}


def board(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> dict[str, Any]:
    """应叫 / 已应 / 未应 with curve, units, rungs, channels and places; `at` replays the past.

    Plain values as the API gives them: ids as strings, times in ISO 8601 UTC, counts of people.
    A person who answered after having been named counts as answered.
    """
    found = callout(callout_id, viewer=viewer)
    now = clock.now()
    moment = min(at, now) if at is not None else now
    calls = calls_in_sight(callout_id, viewer).filter(batch__added_at__lte=moment)
    counts = _counts(calls, moment)
    points = _curve(calls, found, moment)
    total = counts["called"]
    places = progress_by_place(callout_id, viewer=viewer, at=moment)
    return {
        "callout": {
            "id": str(found.id),
            "alert_id": str(found.subject_id) if found.subject_kind == "alert" else None,
            "state": _state_at(found, moment),
            "level": found.level,
            "exercise": found.exercise,
            "opened_at": to_iso(found.opened_at),
            "closed_at": to_iso(found.closed_at)
            if found.closed_at and found.closed_at <= moment
            else None,
            "expected": found.expected,
            "now": to_iso(moment),
        },
        **counts,
        "units": _units(found, viewer, moment),
        "curve": points,
        "projected_seconds": rules.projected_seconds(points, total=total),
        "projected_all_seconds": rules.projected_seconds(points, total=total, share_percent=100),
        **(forecast(calls, found, viewer, now) if moment >= now else NO_FORECAST),
        "by_place": places,
        "by_township": _by_township(places, viewer),
        # Now is not a past moment, though the clock has gone on since it was read.
        "by_rung": by_rung(callout_id, viewer=viewer, at=moment if moment < now else None),
        "by_channel": by_channel(callout_id, viewer=viewer, at=moment),
        "policy": policy_shown(found),
        "not_counted_at_night": not_counted_at_night(callout_id, viewer=viewer, at=moment),
        "alarms": _alarms(found, moment),
        "takeovers": takeovers(callout_id, viewer=viewer, at=moment),
    }


def _state_at(found: Callout, moment: datetime) -> str:
    return "open" if found.closed_at and found.closed_at > moment else found.state


def _counts(calls: QuerySet[Call], moment: datetime) -> dict[str, int]:
    answered = Q(answered_at__lte=moment)
    not_answered = not_by("answered_at", moment)
    reached = Q(reached_at__lte=moment) & not_answered
    alone = not_answered & not_by("reached_at", moment)
    notified = Q(notified_at__lte=moment) & alone
    named = Q(named_at__lte=moment) & alone & not_by("notified_at", moment)
    counts = calls.aggregate(
        called=Count("id"),
        answered=Count("id", filter=answered),
        reached_in_person=Count("id", filter=reached),
        notified=Count("id", filter=notified),
        unreached_named=Count("id", filter=named),
        settled=Count("id", filter=settled_by(moment)),
        needs_support=Count("id", filter=answered & Q(needs_support=True)),
        late=Count("id", filter=answered & Q(is_late=True)),
        covered=Count("id", filter=Q(is_covered=True, ended_as="")),
    )
    counts["unanswered"] = counts["called"] - counts.pop("settled")
    return counts


def _curve(calls: QuerySet[Call], found: Callout, moment: datetime) -> list[tuple[int, int]]:
    """[(whole seconds since opening, people answered or reached by then)], thinned."""
    seconds = reached_by_second(calls, moment)
    points = running_total(found.opened_at, [(moment_of(at), n) for _, at, n in seconds])
    elapsed = max(0, int((moment - found.opened_at).total_seconds()))
    if points[-1][0] < elapsed:
        points.append((elapsed, points[-1][1]))
    return thinned(points, CURVE_POINTS_MAX)


def curve(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> list[tuple[int, int]]:
    """The reached curve alone; see `board`."""
    found = callout(callout_id, viewer=viewer)
    moment = at or clock.now()
    calls = calls_in_sight(callout_id, viewer).filter(batch__added_at__lte=moment)
    return _curve(calls, found, moment)


def progress_by_place(
    callout_id: int, *, viewer: Viewer, at: datetime | None = None
) -> list[dict[str, Any]]:
    """One row per village (or township, county) with people called there."""
    moment = at or clock.now()
    rows = (
        calls_in_sight(callout_id, viewer)
        .filter(batch__added_at__lte=moment)
        .values("place_code")
        .annotate(
            called=Count("id"),
            answered=Count("id", filter=settled_by(moment)),
            named=Count(
                "id",
                filter=Q(named_at__lte=moment)
                & not_by("answered_at", moment)
                & not_by("reached_at", moment),
            ),
        )
        .order_by("place_code")
    )
    known = names({village_of(row["place_code"]) for row in rows}, viewer=viewer)
    is_late = _is_past_its_time(callout(callout_id, viewer=viewer), moment)
    places: dict[str, dict[str, Any]] = {}
    for row in rows:
        code = village_of(row["place_code"])
        place = places.setdefault(
            code,
            {
                "code": code,
                "name": known.get(code, ""),
                "called": 0,
                "answered": 0,
                "unanswered": 0,
                "named": 0,
            },
        )
        for name in ("called", "answered", "named"):
            place[name] += row[name]
    for place in places.values():
        place["unanswered"] = place["called"] - place["answered"]
        named = place.pop("named")
        place["state"] = (
            "answered"
            if not place["unanswered"]
            else "unanswered"
            if named or (is_late and not place["answered"])
            else "calling"
        )
    return list(places.values())


def _by_township(places: Sequence[Mapping[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """The villages' rows added up by township (or zone); `silent` counts villages shown red."""
    sums: dict[str, dict[str, Any]] = {}
    for place in places:
        code = township_of(place["code"])
        row = sums.setdefault(
            code,
            {"code": code, "name": "", "called": 0, "answered": 0, "unanswered": 0,
             "villages": 0, "silent": 0},
        )  # fmt: skip
        for name in ("called", "answered", "unanswered"):
            row[name] += place[name]
        row["villages"] += 1
        row["silent"] += place["state"] == "unanswered"
    known = names(sums, viewer=viewer)
    for code, row in sums.items():
        row["name"] = known.get(code, "")
        done = not row["unanswered"]
        row["state"] = "answered" if done else "unanswered" if row["silent"] else "calling"
    return list(sums.values())


def _is_past_its_time(found: Callout, moment: datetime) -> bool:
    """Past the policy's time for an answer, a silent village is shown as unanswered."""
    allowed = timedelta(seconds=int(found.policy.get("answer_within_s", 600)))
    return moment > found.opened_at + allowed


def _units(found: Callout, viewer: Viewer, moment: datetime) -> dict[str, Any]:
    """应叫单位, 应到单位 and those not 应到, by code."""
    units = UnitCall.objects.filter(callout=found).filter(
        visible(viewer, Permission.SEE_CALLS, "unit_code")
    )
    acknowledged = Q(acknowledged_at__lte=moment)
    acted = acknowledged & Q(first_action_at__lte=moment)
    counts = units.aggregate(
        called=Count("id"),
        acknowledged=Count("id", filter=acknowledged),
        answered=Count("id", filter=acted),
    )
    rank = Case(When(acted, then=Value(1)), default=Value(0), output_field=IntegerField())
    missing = list(
        units.annotate(done=rank)
        .filter(done=0)
        .order_by("unit_code")
        .values_list("unit_code", "acknowledged_at")[:UNITS_SHOWN_MAX]
    )
    known = names([code for code, _ in missing], viewer=viewer)
    return {
        **counts,
        "unanswered": [
            {
                "code": code,
                "name": known.get(code, ""),
                "state": UnitState.ACKNOWLEDGED.value
                if seen is not None and seen <= moment
                else UnitState.WAITING.value,
            }
            for code, seen in missing
        ],
    }


def units(callout_id: int, *, viewer: Viewer) -> list[UnitCall]:
    """Every unit of the callout with its state."""
    rows = UnitCall.objects.filter(callout_id=callout_id).order_by("unit_code")
    return list(rows.filter(visible(viewer, Permission.SEE_CALLS, "unit_code")))


def policy_shown(found: Callout) -> dict[str, Any]:
    """What the board says of the frozen policy: name, label, source, whether it is verified."""
    names = ("name", "colour", "label_zh", "source", "clause", "verified", "answer_within_s")
    return {name: found.policy.get(name) for name in names}


def _alarms(found: Callout, moment: datetime) -> list[dict[str, Any]]:
    rows = Alarm.objects.filter(callout=found, raised_at__lte=moment).order_by("-raised_at")[:5]
    alarms = [
        {
            "what": row.what,
            "overdue": row.overdue,
            "oldest_s": row.oldest_s,
            "raised_at": to_iso(row.raised_at),
        }
        for row in rows
    ]
    if found.state == "open":
        for name, silent in duties(viewer=_NODE).items():
            if silent["is_silent"]:
                alarms.insert(
                    0,
                    {
                        "what": f"{name}_silent",
                        "overdue": 0,
                        "oldest_s": silent["seconds"] or 0,
                        "raised_at": to_iso(moment),
                    },
                )
    return alarms


def duties(*, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """Engine and auditor: when each was last heard of. The auditor's own silence shows here."""
    now = clock.now()
    beats = dict(Heartbeat.objects.values_list("name", "beaten_at"))
    found = {}
    for name in ("engine", "auditor"):
        last = beats.get(name)
        seconds = None if last is None else max(0, int((now - last).total_seconds()))
        found[name] = {
            "beaten_at": last,
            "seconds": seconds,
            "is_silent": seconds is not None and seconds > SILENT_AFTER_S,
        }
    return found


_NODE = Viewer(person_id=0, name="fengsui", is_node=True)
