"""Single persons and households of a night, each with everything that became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.people.queries import households as registered
from fengsui.foundation.places.queries import names
from fengsui.response.evacuations import queries as evacuations
from fengsui.review.replay.queries.nights import Track
from fengsui.review.replay.queries.score import facts_of_track, tracks_of
from fengsui.review.replay.states import Stand
from fengsui.standards.divisions import village_of
from fengsui.standards.instants import to_ms

LISTED_MAX = 400


def people(night: date, callout_id: int, *, viewer: Viewer, under: str = "") -> dict[str, Any]:
    """The people of one callout of a night: those never reached first, then the last reached.

    {"items": [{"call_id", "name", "post_title", "place_code", "place_name", "steps"}], "is_whole"};
    a step is [milliseconds since 1970 UTC, Stand, rung, word zh, word en]. Raises access.not_found.
    """
    track = _track(night, viewer, callout_id=callout_id)
    facts = facts_of_track(track)
    course = calls.course_of(callout_id, viewer=viewer, under=under, facts=facts)
    rungs = course.policy.get("rungs") or []
    hardest = sorted(
        course.people.values(),
        key=lambda one: (one.end in ("", "unreached_named"), one.steps[-1].at, one.call_id),
        reverse=True,
    )
    page = hardest[:LISTED_MAX]
    known = names({village_of(one.place_code) for one in page}, viewer=viewer)
    return {
        "items": [
            {
                "call_id": str(one.call_id),
                "name": one.name,
                "post_title": one.post_title,
                "place_code": village_of(one.place_code),
                "place_name": known.get(village_of(one.place_code), ""),
                "steps": [
                    [
                        to_ms(step.at),
                        int(Stand.of(step.state)),
                        step.rung,
                        *_words(step),
                    ]
                    for step in one.steps
                ],
            }
            for one in page
        ],
        "is_whole": len(page) == len(hardest),
        "rungs": [
            {"zh": one.get("word_zh") or one["who"], "en": one.get("word_en") or one["who"]}
            for one in rungs
        ],
    }


def households(
    night: date, evacuation_id: int, *, viewer: Viewer, under: str = ""
) -> dict[str, Any]:
    """The households of one evacuation of a night: those left to the end first.

    {"items": [{"household_id", "label", "place_code", "place_name", "people", "assist_level",
    "steps"}], "is_whole"}; a step is [milliseconds since 1970 UTC, status, 已转, 外出, 未转].
    """
    track = _track(night, viewer, evacuation_id=evacuation_id)
    course = evacuations.course_of(
        evacuation_id, viewer=viewer, under=under, facts=facts_of_track(track)
    )
    left = sorted(course.households.values(), key=_how_far_left, reverse=True)
    page = left[:LISTED_MAX]
    labels = {
        row["id"]: str(row["label"])
        for row in registered([one.household_id for one in page], viewer=viewer)
    }
    known = names({village_of(one.place_code) for one in page}, viewer=viewer)
    return {
        "items": [
            {
                "household_id": str(one.household_id),
                "label": labels.get(one.household_id, ""),
                "place_code": village_of(one.place_code),
                "place_name": known.get(village_of(one.place_code), ""),
                "people": one.people,
                "assist_level": one.assist_level,
                "steps": [
                    [
                        to_ms(seen.at),
                        seen.status,
                        seen.moved,
                        seen.away,
                        seen.should - seen.moved - seen.away,
                    ]
                    for seen in one.steps
                ],
            }
            for one in page
        ],
        "is_whole": len(page) == len(left),
    }


def _how_far_left(one: evacuations.Household) -> tuple[bool, datetime, int]:
    last = one.steps[-1]
    return last.should > last.moved + last.away, last.at, one.household_id


def _track(
    night: date, viewer: Viewer, *, callout_id: int | None = None, evacuation_id: int | None = None
) -> Track:
    for track in tracks_of(night, viewer=viewer):
        if callout_id is not None and track.callout is not None and track.callout.pk == callout_id:
            return track
        if evacuation_id is not None and track.evacuation_id == evacuation_id:
            return track
    raise NOT_FOUND()


def _words(step: calls.Step) -> tuple[str, str]:
    """What is known of the last try while the call is open; nothing beyond its end."""
    if step.state not in ("waiting", "planned", "ringing") or not step.word:
        return "", ""
    said = calls.last_words(step.word, step.heard_s)
    return said["last_word_zh"], said["last_word_en"]
