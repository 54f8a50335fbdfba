"""A night told from its facts beside the same night as the tables have it: they must agree."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.models import Attempt, Call, Callout, Companion, UnitCall
from fengsui.engines.calls.states import ENDED, CallState
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.models import EvacuationHousehold
from fengsui.standards.divisions import village_of

COUNTS = ("called", "answered", "reached_in_person", "notified", "unreached_named")


def disagreements(callout_id: int) -> list[str]:
    """Where the course from facts and the tables differ at the end. Nothing, if all is well."""
    course = calls.course_of(callout_id, viewer=node_viewer())
    found = Callout.objects.get(pk=callout_id)
    rows = {row.pk: row for row in Call.objects.filter(callout_id=callout_id)}
    wrong = (
        [f"people: {rows.keys() ^ course.people.keys()}"]
        if rows.keys() != set(course.people)
        else []
    )
    if course.states[-1][1] != found.state:
        wrong.append(f"callout: {found.state} in the table, {course.states[-1][1]} from facts")
    for pk, row in rows.items():
        told = course.people[pk]
        last = told.steps[-1]
        if (row.state, row.ended_as) != (last.state, told.end):
            wrong.append(f"call {pk}: {row.state} in the table, {last.state} from facts")
        if row.rung != last.rung and row.state not in ENDED:
            wrong.append(f"call {pk}: rung {row.rung} in the table, {last.rung} from facts")
        if bool(told.covered_at) != row.is_covered:
            wrong.append(f"call {pk}: covered {row.is_covered} in the table")
        if bool(told.needs_support_at) != row.needs_support:
            wrong.append(f"call {pk}: needs support {row.needs_support} in the table")
        ends = (
            (CallState.ANSWERED, row.answered_at),
            (CallState.REACHED_IN_PERSON, row.reached_at),
            (CallState.NOTIFIED, row.notified_at),
            (CallState.UNREACHED_NAMED, row.named_at),
        )
        for state, at in ends:
            when = next((step.at for step in told.steps if step.state == state), None)
            if state == row.ended_as and when != at:
                wrong.append(f"call {pk}: {state} at {at} in the table, {when} from facts")
    told_tries = Counter((one.channel, one.is_beside, one.words[-1][1]) for one in course.tries)
    tries = Counter(
        (channel, model is Companion, word)
        for model in (Attempt, Companion)
        for channel, word in model.objects.filter(callout_id=callout_id).values_list(
            "channel", "word"
        )
    )
    if tries != told_tries:
        wrong.append(f"tries: {tries - told_tries} in the tables, {told_tries - tries} from facts")
    units = {row.unit_code: row.state for row in UnitCall.objects.filter(callout_id=callout_id)}
    told_units = {code: str(unit.steps()[-1][1]) for code, unit in course.units.items()}
    if units != told_units:
        wrong.append(f"units: {units} in the table, {told_units} from facts")
    return wrong


def frame(callout_id: int, at: datetime, *, viewer: Viewer) -> dict[str, int]:
    """The counts of the board at a moment, told from facts."""
    course = calls.course_of(callout_id, viewer=viewer)
    counts = dict.fromkeys(COUNTS, 0)
    for person in course.people.values():
        past = [step for step in person.steps if step.at <= at]
        if past:
            counts["called"] += 1
            if past[-1].state in ENDED:
                counts[past[-1].state] += 1
    return counts


def board(callout_id: int, at: datetime, *, viewer: Viewer) -> dict[str, int]:
    """The same counts as the board says them."""
    shown = calls.board(callout_id, viewer=viewer, at=at)
    return {name: shown[name] for name in COUNTS}


def moved(evacuation_id: int, at: datetime, *, viewer: Viewer) -> dict[str, int]:
    """The balance at a moment, told from facts."""
    course = evacuations.course_of(evacuation_id, viewer=viewer)
    total = {"should": 0, "moved": 0, "away": 0, "not_yet": 0}
    for household in course.households.values():
        past = [seen for seen in household.steps if seen.at <= at]
        if past:
            last = past[-1]
            total["should"] += last.should
            total["moved"] += last.moved
            total["away"] += last.away
            total["not_yet"] += last.should - last.moved - last.away
    return total


def household_disagreements(evacuation_id: int) -> list[str]:
    """Where the households told from facts and their rows differ at the end."""
    course = evacuations.course_of(evacuation_id, viewer=node_viewer())
    wrong = []
    for row in EvacuationHousehold.objects.filter(evacuation_id=evacuation_id):
        told = course.households[row.household_id]
        if (row.status, row.people_moved) != (told.status, told.people_moved):
            wrong.append(f"household {row.household_id}: {row.status}, {told.status} from facts")
        if not row.counts and told.steps[-1].should:
            wrong.append(f"household {row.household_id}: counts twice")
    return wrong


def by_village(score: dict[str, Any], track: int, at_ms: int) -> dict[str, int]:
    """Village → people on the list at a moment, as the page adds the steps up."""
    found: dict[str, int] = {}
    for ms, place, before, _after, people in score["tracks"][track]["calls"]:
        if ms <= at_ms and before == 0:
            code = village_of(score["places"][place]["code"])
            found[code] = found.get(code, 0) + people
    return found


def sums_at(steps: list[list[int]], at_ms: int) -> list[int]:
    """Differences [[ms, place, …]] added up until a moment, places together."""
    rows = [step[2:] for step in steps if step[0] <= at_ms]
    return [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * 5
