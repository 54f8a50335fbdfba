"""报平安: somebody in the field agrees to be heard of; silence is noticed, and the leader is rung.

Never asked for by default: a person starts it, or a superior for a task with danger in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import (
    command,
    on_commit_notify,
    own_public_key,
    record,
)
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.states import PostRole
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.errors import (
    CHECK_INS_ENDED,
    EVERY_OUT_OF_RANGE,
    LEADER_NOT_FIT,
    POSITION_NOT_VALID,
    UNKNOWN_OUTCOME,
    WATCHED_ALREADY,
)
from fengsui.readiness.watch.facts import (
    CHECK_IN_ENDED,
    CHECK_IN_MISSED,
    CHECK_IN_STARTED,
    CHECKED_IN,
)
from fengsui.readiness.watch.models import CheckIn, Word
from fengsui.readiness.watch.queries.checking import check_in as seen
from fengsui.readiness.watch.queries.checking import due, leaders_above
from fengsui.readiness.watch.services.planning import TOPIC
from fengsui.readiness.watch.states import OUTCOME_WORDS
from fengsui.standards.divisions import county_of, township_of
from fengsui.standards.instants import BEIJING, from_ms, to_ms

CHECK_IN = "check_in"
TEXT_CHARACTERS_MAX = 200
CLIENT_ID_MAX = 64
LON_E7_MAX, LAT_E7_MAX = 1_800_000_000, 900_000_000
ACCURACY_M_MAX = 100_000
MISSED_AT_ONCE = 20  # a turn of the writer


@command
def start_check_ins(
    *,
    viewer: Viewer,
    person_id: int,
    every_s: int,
    hours: int,
    leader_id: int | None = None,
    task: str = "",
    exercise: bool = False,
) -> dict[str, Any]:
    """From now on this person is to be heard of every so often. By oneself, or by a superior.

    `leader_id`: who is rung when a word is due and missing; None: the duty rooms above. Returns
    {"check_in_id", "due_ms"}. Raises watch.every_out_of_range, .watched_already, .leader_not_fit.
    """
    place_code = _place_of(viewer, person_id)
    if not rules.EVERY_MIN_S <= every_s <= rules.EVERY_MAX_S or not (
        1 <= hours <= rules.WATCH_HOURS_MAX
    ):
        raise EVERY_OUT_OF_RANGE(
            least=rules.EVERY_MIN_S // 60,
            most=rules.EVERY_MAX_S // 60,
            hours=rules.WATCH_HOURS_MAX,
        )
    if CheckIn.objects.filter(person_id=person_id, ended_at=None).exists():
        raise WATCHED_ALREADY()
    if leader_id is not None:
        _check_leader(viewer, person_id, leader_id)
    now = clock.now()
    until = now + timedelta(hours=hours)
    first_due = rules.next_due(now, every_s, until)
    fact = record(
        CHECK_IN_STARTED,
        fields={
            "person_id": person_id,
            "every_s": every_s,
            "first_due_ms": to_ms(first_due),
            "until_ms": to_ms(until),
            "leader_id": leader_id,
            "exercise": exercise,
        },
        personal={"task": task.strip()[:TEXT_CHARACTERS_MAX]},
        scope=place_code,
        viewer=viewer,
        about=[person_id],
    )
    on_commit_notify(TOPIC, {"verb": "check_in"})
    return {"check_in_id": fact.entity(), "due_ms": to_ms(first_due)}


def _place_of(viewer: Viewer, person_id: int) -> str:
    """Where somebody is kept; refused where this viewer may not ask for their word."""
    found = people.persons([person_id], viewer=node_viewer("watch"))
    if not found or found[0]["is_withdrawn"]:
        raise NOT_FOUND()
    place_code = str(found[0]["place_code"])
    if person_id != viewer.person_id or not viewer.person_id:
        if not viewer.may(Permission.SEE_PEOPLE, place_code):
            raise NOT_FOUND()
        require(viewer, Permission.MARK_REACHED, place_code)
    return place_code


def _check_leader(viewer: Viewer, person_id: int, leader_id: int) -> None:
    named = people.persons([leader_id], viewer=viewer)
    is_there = bool(named) and not named[0]["is_withdrawn"]
    is_there = is_there or leader_id in leaders_above(person_id)
    if not is_there or leader_id == person_id or people.only_in_the_grid([leader_id]):
        raise LEADER_NOT_FIT()


@command
def check_in(
    *,
    viewer: Viewer,
    check_in_id: int,
    at_ms: int | None = None,
    lon_e7: int | None = None,
    lat_e7: int | None = None,
    accuracy_m: int | None = None,
    text: str = "",
    client_id: str = "",
) -> dict[str, Any]:
    """平安: this person is heard of; or a superior has heard of them, and says how.

    `at_ms`: when it was said, where a phone sends it later. The same `client_id` twice is one.
    A miss that it answers is over, and the leader is rung no further. Returns {"outcome",
    "due_ms"}. Raises watch.check_ins_ended, watch.position_not_valid.
    """
    row = seen(check_in_id, viewer=viewer)
    is_own = row.person_id == viewer.person_id and bool(viewer.person_id)
    if not is_own:
        require(viewer, Permission.MARK_REACHED, row.place_code)
    client_id = client_id[:CLIENT_ID_MAX]
    known = Word.objects.filter(check_in_id=row.pk, client_id=client_id)
    if client_id and known.exists():
        return {"outcome": "already_recorded", "due_ms": to_ms(row.due_at)}
    if row.ended_at is not None:
        raise CHECK_INS_ENDED()
    now = clock.now()
    said_at = now if at_ms is None else max(min(from_ms(at_ms), now), row.started_at)
    next_due = rules.next_due(said_at, row.every_s, row.until_at)
    record(
        CHECKED_IN,
        fields={
            "check_in_id": row.pk,
            "at_ms": to_ms(said_at),
            "next_due_ms": to_ms(next_due),
            "how": "self" if is_own else "heard",
            "client_id": client_id,
        },
        personal={**_position(lon_e7, lat_e7, accuracy_m), "text": text.strip()[:200]},
        scope=row.place_code,
        viewer=viewer,
        about=[row.person_id],
    )
    _stop_ringing(row, now, next_due)
    on_commit_notify(TOPIC, {"verb": "check_in"})
    return {"outcome": "recorded", "due_ms": to_ms(next_due)}


def _position(lon_e7: int | None, lat_e7: int | None, accuracy_m: int | None) -> dict[str, Any]:
    if lon_e7 is None or lat_e7 is None:
        return {"lon_e7": None, "lat_e7": None, "accuracy_m": None}
    if abs(lon_e7) > LON_E7_MAX or abs(lat_e7) > LAT_E7_MAX:
        raise POSITION_NOT_VALID()
    known = None if accuracy_m is None else max(0, min(accuracy_m, ACCURACY_M_MAX))
    return {"lon_e7": lon_e7, "lat_e7": lat_e7, "accuracy_m": known}


def _stop_ringing(row: CheckIn, now: datetime, next_due: datetime) -> None:
    """Somebody who was missed is heard of: nobody is rung about it any more."""
    if row.callout_id is not None and next_due > now:
        calls.stop_callout(
            viewer=node_viewer("watch"), callout_id=row.callout_id, reason="已报平安"
        )


@command
def end_check_ins(
    *, viewer: Viewer, check_in_id: int, outcome: str, reason: str = ""
) -> dict[str, Any]:
    """Back, found, handed over to a rescue, or started by mistake. By oneself or a superior."""
    row = seen(check_in_id, viewer=viewer)
    if row.person_id != viewer.person_id or not viewer.person_id:
        require(viewer, Permission.MARK_REACHED, row.place_code)
    if outcome not in OUTCOME_WORDS:
        raise UNKNOWN_OUTCOME()
    if row.ended_at is not None:
        return {"outcome": "already_recorded"}
    record(
        CHECK_IN_ENDED,
        fields={"check_in_id": row.pk, "outcome": outcome},
        personal={"reason": reason.strip()[:TEXT_CHARACTERS_MAX]},
        scope=row.place_code,
        viewer=viewer,
        about=[row.person_id],
    )
    if row.callout_id is not None:
        said = OUTCOME_WORDS[outcome][0]
        calls.stop_callout(viewer=node_viewer("watch"), callout_id=row.callout_id, reason=said)
    on_commit_notify(TOPIC, {"verb": "check_in"})
    return {"outcome": "recorded"}


@command
def watch_check_ins(*, viewer: Viewer) -> dict[str, int]:
    """Names whoever is due and was not heard of, and rings their leader. Returns {"missed"}."""
    missed = 0
    for row in due(clock.now(), own_public_key().hex())[:MISSED_AT_ONCE]:
        _miss(viewer, row)
        missed += 1
    if missed:
        on_commit_notify(TOPIC, {"verb": "check_in"})
    return {"missed": missed}


def _miss(viewer: Viewer, row: CheckIn) -> None:
    record(
        CHECK_IN_MISSED,
        fields={
            "check_in_id": row.pk,
            "due_ms": to_ms(row.due_at),
            "callout_id": _ring_leader(row),
        },
        scope=row.place_code,
        viewer=viewer,
        about=[row.person_id],
    )


def _ring_leader(row: CheckIn) -> int | None:
    """The callout that rings whoever leads this person; None where nobody can be rung."""
    program = node_viewer("watch")
    title = people.main_post_title(row.person_id, viewer=program) or "处置人员"
    at = row.due_at.astimezone(BEIJING)
    parties = _leaders(row, program)
    if not parties:
        return None
    try:
        opened = calls.open_callout(
            viewer=program,
            subject_kind=CHECK_IN,
            subject_id=row.pk,
            place_code=row.place_code,
            level="none",
            text=f"失联待核：{title}应于{at:%H时%M分}报平安，没有报。请马上联系核实，应答按1。",
            exercise=row.exercise,
            parties=parties,
            policy=rules.missing_policy(),
        )
    except Problem:
        # Somebody is missing: that is written down whether or not a leader can be rung.
        return None
    return int(opened["callout_id"])


def _leaders(row: CheckIn, program: Viewer) -> list[dict[str, Any]]:
    """The leader who was named; else whoever is on duty in the nearest room above."""
    if row.leader_id:
        found = people.parties_for_persons(
            [{"person_id": row.leader_id, "title": "带队人"}], viewer=program
        )
        if found and any(one["contacts"] for one in found):
            return found
    codes = dict.fromkeys((row.place_code, township_of(row.place_code), county_of(row.place_code)))
    for code in codes:
        posts = people.posts_at([code], [PostRole.DUTY_ROOM], viewer=program)
        found = people.parties_for_posts([one["id"] for one in posts], viewer=program)
        others = [one for one in found if one["person_id"] != row.person_id]
        if others:
            return others
    return []
