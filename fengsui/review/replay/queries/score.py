"""A night as a score: every step that a page needs to run it forwards and backwards by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.states import ARRIVED, FAILED_FOR_GOOD, FAILED_FOR_NOW, Word
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import kinds, sentences
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.response.evacuations import queries as evacuations
from fengsui.review.replay import rules
from fengsui.review.replay.errors import TOO_MANY
from fengsui.review.replay.queries.nights import Track, headline, tracks_between
from fengsui.review.replay.states import Stand, UnitStand
from fengsui.standards.divisions import scope_prefix, village_of
from fengsui.standards.instants import to_iso

CALLS_MAX = 60_000
EVENTS_MAX = 2_000
BEFORE = timedelta(seconds=5)
AFTER = timedelta(seconds=30)
FAILED = FAILED_FOR_GOOD | FAILED_FOR_NOW
SAID = frozenset({Word.ACKNOWLEDGED})
# Said of what a higher place decided, without the numbers that only that place may see.
_FROM_ABOVE = {
    "callout.opened": ("启动叫应", "Callout opened"),
    "callout.finished": ("叫应结束", "Callout ended"),
    "callout.stopped": ("停止叫应", "Callout stopped"),
    "evacuation.opened": ("列出应转移住户", "Households to move listed"),
    "evacuation.closed": ("转移结束", "Evacuation closed"),
    "alert.activated": ("预警生效", "Warning in force"),
    "alert.superseded": ("由新的预警接替", "Superseded by a later warning"),
    "alert.cancelled": ("预警解除", "Warning lifted"),
    "alert.expired": ("预警到期", "Warning expired"),
}


class _Places:
    """Villages by their position in the list that the score carries."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._at: dict[str, int] = {}

    def index(self, code: str) -> int:
        village = village_of(code)
        if village not in self._at:
            self._at[village] = len(self.codes)
            self.codes.append(village)
        return self._at[village]


def tracks_of(night: date, *, viewer: Viewer) -> list[Track]:
    """The tracks of a night. Raises access.not_found where the viewer may see none of it."""
    begins, ends = rules.window(night)
    found = tracks_between(begins, ends, viewer=viewer)
    if not found:
        raise NOT_FOUND()
    return found


def score(night: date, *, viewer: Viewer, under: str = "") -> dict[str, Any]:
    """Everything that happened in a night, from facts alone, within the viewer's scope.

    Times are whole milliseconds since "begins_at" (before it: negative), places are positions in
    "places", people are counted. `under`: a place code, for a part. docs/interfaces/replay.md says
    it field by field. Raises access.not_found, replay.too_many.
    """
    tracks = tracks_of(night, viewer=viewer)
    listed = sum(one.callout.calls for one in tracks if one.callout is not None)
    if listed > CALLS_MAX and not under:
        raise TOO_MANY(calls=listed, limit=CALLS_MAX)
    told = [(track, facts_of_track(track)) for track in tracks]
    since, until = _span(night, told)
    places = _Places()
    shown = [
        _track(track, facts, viewer=viewer, under=under, epoch=since, places=places)
        for track, facts in told
    ]
    events, left_out = _events(told, viewer=viewer, under=under, epoch=since, until=until)
    known = names(places.codes, viewer=viewer)
    return {
        "night": night.isoformat(),
        "begins_at": to_iso(since),
        "ends_at": to_iso(until),
        "is_running": until == clock.now(),
        "places": [{"code": code, "name": known.get(code, "")} for code in places.codes],
        "tracks": shown,
        "events": events,
        "events_left_out": left_out,
        "facts": len({fact.id for _, facts in told for fact in facts}),
    }


def facts_of_track(track: Track) -> list[Fact]:
    """Every fact about a track, each once, by the time that stands in it."""
    about = {one.pk for one in track.alerts}
    about |= {one.evacuation_id for one in track.alerts if one.evacuation_id}
    callouts = [track.callout] if track.callout is not None else []
    facts = calls.facts_of_callouts(callouts, sorted(about))
    return sorted(facts, key=lambda fact: (fact.at, fact.hlc, fact.id))


def _span(night: date, told: Sequence[tuple[Track, Sequence[Fact]]]) -> tuple[datetime, datetime]:
    """From just before the first fact of the night to just after its last; to now while it runs."""
    begins, ends = rules.window(night)
    now = clock.now()
    times = [fact.at for _, facts in told for fact in facts if begins <= fact.at < ends]
    first = min(times, default=begins)
    is_open = any(one.callout is not None and one.callout.closed_at is None for one, _ in told)
    last = now if is_open else max(times, default=begins) + AFTER
    since = max(begins, first - BEFORE)
    return since, max(min(last, ends, now), since + timedelta(minutes=1))


def _track(
    track: Track,
    facts: Sequence[Fact],
    *,
    viewer: Viewer,
    under: str,
    epoch: datetime,
    places: _Places,
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        **headline(track),
        "opened_ms": 0,
        "answer_within_s": 0,
        "states": [],
        "calls": [],
        "units": [],
        "support": [],
        "channels": [],
        "evacuation": None,
    }
    if track.callout is not None:
        shown |= _called(track, facts, viewer=viewer, under=under, epoch=epoch, places=places)
    if track.evacuation_id is not None and viewer.scopes(Permission.SEE_HOUSEHOLDS):
        shown["evacuation"] = _moved(
            track.evacuation_id, facts, viewer=viewer, under=under, epoch=epoch, places=places
        )
    return shown


def _called(
    track: Track,
    facts: Iterable[Fact],
    *,
    viewer: Viewer,
    under: str,
    epoch: datetime,
    places: _Places,
) -> dict[str, Any]:
    assert track.callout is not None
    course = calls.course_of(track.callout.pk, viewer=viewer, under=under, facts=facts)

    def ms(moment: datetime) -> int:
        return rules.milliseconds(moment, epoch)

    return {
        "opened_ms": ms(course.opened_at or track.callout.opened_at),
        "answer_within_s": int(course.policy.get("answer_within_s", 600)),
        "states": [(ms(at), state) for at, state in course.states],
        "calls": rules.moves(
            (
                places.index(one.place_code),
                [(ms(step.at), Stand.of(step.state)) for step in one.steps],
            )
            for one in course.people.values()
        ),
        "units": rules.moves(
            (places.index(code), [(ms(at), UnitStand.of(state)) for at, state in unit.steps()])
            for code, unit in sorted(course.units.items())
        ),
        "support": sorted(
            ms(one.needs_support_at) for one in course.people.values() if one.needs_support_at
        ),
        "channels": _channels(course, epoch=epoch, places=places),
    }


def _channels(course: calls.Course, *, epoch: datetime, places: _Places) -> list[dict[str, Any]]:
    """Of each channel [[ms, place, tries, arrived, answered by key, failed, of the tries those
    that rang beside the person called], …] as differences."""
    paths: dict[str, list[tuple[int, list[tuple[int, ...]]]]] = {}
    for one in course.tries:
        place = places.index(course.people[one.call_id].place_code)
        words: list[tuple[int, ...]] = [
            (
                rules.milliseconds(at, epoch),
                1,
                int(word in ARRIVED),
                int(word in SAID),
                int(word in FAILED),
                int(one.is_beside),
            )
            for at, word in one.words
        ]
        paths.setdefault(one.channel, []).append((place, words))
    return [
        {"channel": channel, "steps": rules.sums(paths[channel], 5)} for channel in sorted(paths)
    ]


def _moved(
    evacuation_id: int,
    facts: Iterable[Fact],
    *,
    viewer: Viewer,
    under: str,
    epoch: datetime,
    places: _Places,
) -> list[rules.SumStep]:
    """[[ms, place, 应转, 已转, 外出, households left, of them needing help], …] as differences."""
    course = evacuations.course_of(evacuation_id, viewer=viewer, under=under, facts=facts)
    return rules.sums(
        (
            (
                places.index(one.place_code),
                [
                    (
                        rules.milliseconds(seen.at, epoch),
                        seen.should,
                        seen.moved,
                        seen.away,
                        int(seen.should > seen.moved + seen.away),
                        int(seen.should > seen.moved + seen.away and one.assist_level > 0),
                    )
                    for seen in one.steps
                ],
            )
            for one in course.households.values()
        ),
        5,
    )


def _events(
    told: Sequence[tuple[Track, Sequence[Fact]]],
    *,
    viewer: Viewer,
    under: str,
    epoch: datetime,
    until: datetime,
) -> tuple[list[dict[str, Any]], int]:
    """What can be jumped to, oldest first, and how many were left out; decisions stay."""
    prefix = scope_prefix(under)
    found: dict[bytes, tuple[int, Fact, str, str]] = {}
    for index, (_, facts) in enumerate(told):
        for fact in facts:
            if not epoch <= fact.at <= until or fact.kind in rules.NO_EVENTS or fact.id in found:
                continue
            said = _said(fact, viewer, prefix)
            if said is not None:
                found[fact.id] = (index, fact, *said)
    rows = sorted(found.values(), key=lambda row: not rules.is_decision(row[1].kind))
    kept = sorted(rows[:EVENTS_MAX], key=lambda row: (row[1].at, row[1].hlc))
    actors = person_names({fact.actor for _, fact, _, _ in kept if fact.actor}, viewer=viewer)
    where = names({fact.scope for _, fact, _, _ in kept}, viewer=viewer)
    events = [_event(index, fact, zh, en, epoch, actors, where) for index, fact, zh, en in kept]
    return events, len(rows) - len(kept)


def _event(
    index: int,
    fact: Fact,
    zh: str,
    en: str,
    epoch: datetime,
    actors: Mapping[int, str],
    where: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "ms": rules.milliseconds(fact.at, epoch),
        "track": index,
        "kind": fact.kind,
        "is_decision": rules.is_decision(fact.kind),
        "zh": zh,
        "en": en,
        "place_code": fact.scope,
        "place_name": where.get(fact.scope, ""),
        "actor_name": actors.get(fact.actor, "") if fact.actor else "",
    }


def _said(fact: Fact, viewer: Viewer, prefix: str) -> tuple[str, str] | None:
    """The sentence of a fact in sight; of one from above only what everybody concerned knows."""
    if fact.scope.startswith(prefix) and viewer.may(Permission.SEE_ALERTS, fact.scope):
        return sentences(fact) if fact.kind in kinds() else None
    return _FROM_ABOVE.get(fact.kind)
