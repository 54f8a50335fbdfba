"""The office's calendar becomes the rota: by name, moved and not doubled, faults left out."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.models import Shift
from fengsui.readiness.watch.tests.room import plan, room_of
from tests.world import county as world


def _event(uid: str, day: int, summary: str) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:202607{day}T000000Z", "DURATION:PT12H"]
    return "\r\n".join([*lines, f"SUMMARY:{summary}", "END:VEVENT", ""])


def _calendar(*events: str) -> str:
    return "BEGIN:VCALENDAR\r\n" + "".join(events) + "END:VCALENDAR\r\n"


def test_a_file_is_looked_at_taken_and_taken_again_without_doubling(node: Any, clock: Any) -> None:
    county = world.build()
    officer, room = county.viewer("officer"), room_of(world.COUNTY)
    text = _calendar(
        _event("1", 20, "值班 示意甲"),
        _event("2", 20, "带班领导 示意乙"),
        _event("3", 21, "谁也不是"),
        _event("4", 22, "示意甲、示意乙"),
    )
    rows = services.read_calendar(room, text, viewer=officer)
    assert [(row.position, bool(row.problem_zh)) for row in rows] == [
        ("officer", False),
        ("leader", False),
        ("officer", True),
        ("officer", True),
    ]
    done = services.import_calendar(viewer=officer, post_id=room, text=text)
    assert done == {"added": 2, "moved": 0, "known": 0, "left": 2}
    again = services.import_calendar(viewer=officer, post_id=room, text=text)
    assert (again["added"], again["moved"], again["known"]) == (0, 0, 2)
    moved = _calendar(_event("1", 23, "值班 示意丙"))
    done = services.import_calendar(viewer=officer, post_id=room, text=moved)
    assert (done["added"], done["moved"]) == (0, 1)
    row = Shift.objects.get(uid="1")
    assert (row.person_id, row.from_at.day) == (county.ids["second_leader"], 23)


def test_what_goes_out_comes_in_unchanged(node: Any, clock: Any) -> None:
    county = world.build()
    officer, room = county.viewer("officer"), room_of(world.COUNTY)
    plan(county)
    name, text = services.calendar_of(room, viewer=officer)
    assert name.endswith(".ics")
    done = services.import_calendar(viewer=officer, post_id=room, text=text)
    assert (done["added"], done["moved"], done["left"]) == (0, 0, 0)
    assert done["known"] == len(queries.rota(room, viewer=officer).shifts)


def test_a_stranger_neither_reads_nor_writes_a_rota(node: Any, clock: Any) -> None:
    county = world.build()
    room, text = room_of(world.COUNTY), _calendar(_event("1", 20, "示意甲"))
    for who in ("qingshi", "shitan_a", "shitan_grid"):
        viewer = county.viewer(who)
        with pytest.raises(Problem, match="not_found"):
            services.calendar_of(room, viewer=viewer)
        with pytest.raises(Problem, match="not_found"):
            services.read_calendar(room, text, viewer=viewer)
        with pytest.raises(Problem, match="not_found"):
            services.import_calendar(viewer=viewer, post_id=room, text=text)
    assert not Shift.objects.exists()
    with pytest.raises(Problem, match="calendar_unreadable"):
        services.read_calendar(room, "no calendar", viewer=county.viewer("officer"))
