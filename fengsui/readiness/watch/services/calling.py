"""抽查点名: every duty room of a place is rung at once and has its minutes to answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.errors import NO_ROOMS, ROLL_CALL_RUNS
from fengsui.readiness.watch.facts import ROLL_CALL_OPENED
from fengsui.readiness.watch.models import RollCall
from fengsui.readiness.watch.queries.rota import numbers, rooms
from fengsui.readiness.watch.services.planning import TOPIC

ROLL_CALL = "roll_call"


@command
def open_roll_call(*, viewer: Viewer, place_code: str, exercise: bool = False) -> dict[str, Any]:
    """Rings whoever is on duty tonight in every duty room below the place.

    Each has the local rule's minutes (5 by default). A room in which nobody can be named is
    listed as silent all the same. Returns {"roll_call_id", "callout_id", "rooms"}. Raises
    watch.no_rooms, watch.roll_call_runs, access.not_allowed.
    """
    require(viewer, Permission.STEER_CALLOUT, place_code)
    within_s = numbers(place_code)["answer_within_min"] * 60
    _check_none_runs(place_code)
    below = [
        one for one in rooms(viewer=viewer, under=place_code) if one["place_code"] != place_code
    ]
    program = node_viewer("watch")
    parties = people.parties_for_posts([one["id"] for one in below], viewer=program)
    if not parties:
        raise NO_ROOMS()
    opened = calls.open_callout(
        viewer=viewer,
        subject_kind=ROLL_CALL,
        subject_id=0,
        place_code=place_code,
        level="none",
        text=f"值班点名：请在{within_s // 60}分钟内按1或点“在岗”应答。",
        exercise=exercise,
        parties=parties,
        policy=rules.roll_call_policy(within_s),
    )
    listed = _with_who_is_on_duty(below, program)
    fact = record(
        ROLL_CALL_OPENED,
        fields={
            "callout_id": opened["callout_id"],
            "within_s": within_s,
            "rooms": listed,
            "count": len(listed),
            "exercise": exercise,
        },
        scope=place_code,
        viewer=viewer,
        about=[opened["callout_id"]],
    )
    on_commit_notify(TOPIC, {"verb": "roll_call"})
    return {
        "roll_call_id": fact.entity(),
        "callout_id": opened["callout_id"],
        "rooms": len(listed),
    }


def _with_who_is_on_duty(below: list[dict[str, Any]], program: Viewer) -> list[list[Any]]:
    """Each room as the record keeps it: [post, place, title, person or 0]."""
    on_duty = people.holders([one["id"] for one in below], viewer=program)
    return [
        [one["id"], one["place_code"], one["title"], _first(on_duty.get(one["id"], {}))]
        for one in below
    ]


def _first(slots: dict[str, list[dict[str, Any]]]) -> int:
    people_there = slots.get("A") or slots.get("B") or []
    return int(people_there[0]["person_id"]) if people_there else 0


def _check_none_runs(place_code: str) -> None:
    now = clock.now()
    for row in RollCall.objects.filter(
        place_code=place_code, opened_at__gt=now - timedelta(hours=1)
    ):
        if now < row.opened_at + timedelta(seconds=row.within_s):
            raise ROLL_CALL_RUNS()
