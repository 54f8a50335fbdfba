"""An event becomes known, its reports are timed; late is recorded and asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.models import Incident, IncidentReport
from fengsui.readiness.watch.queries.reporting import IncidentClock
from fengsui.readiness.watch.tests.room import plan, room_of, wired
from tests.world import county as world


def _enter(county: world.County, clock: Any, who: str = "officer", **said: Any) -> int:
    wanted = {
        "post_id": room_of(world.COUNTY),
        "title": "示意：山体滑坡压住公路",
        "grade": "ordinary",
        "known_at": clock.now(),
        "heard_from": "示意甲 电话",
    }
    made = services.enter_incident(viewer=county.viewer(who), **(wanted | said))
    return int(made["incident_id"])


def _one(county: world.County, who: str = "officer") -> IncidentClock:
    (found,) = queries.incidents(viewer=county.viewer(who))
    return found


def _states(found: IncidentClock) -> dict[str, str]:
    return {one.kind.value: one.state.value for one in found.deadlines}


def _report(county: world.County, key: int, kind: str, **said: Any) -> dict[str, Any]:
    done: dict[str, Any] = services.record_report(
        viewer=county.viewer("officer"), incident_id=key, kind=kind, **said
    )
    return done


def test_from_known_to_the_final_report(node: Any, clock: Any) -> None:
    county = world.build()
    heard_at = clock.now()
    clock.forward(minutes=10)
    key = _enter(county, clock, known_at=heard_at, occurred_at=heard_at - timedelta(minutes=50))
    found = _one(county)
    assert found.next_due is not None
    assert found.next_due.due_at == heard_at + timedelta(minutes=15), "from 获悉, not from entry"
    assert _states(found)["phone"] == "waiting"
    clock.forward(minutes=3)
    assert _states(_one(county))["phone"] == "soon"
    assert _report(county, key, "phone", told_to="市局值班室")["owes_reason"] is False
    clock.forward(minutes=18)
    assert _states(_one(county)) == {"phone": "done", "written": "late", "follow_up": "waiting"}

    late = _report(county, key, "written")
    assert late["owes_reason"] is True, "recorded without a reason: late never blocks"
    found = _one(county)
    assert (_states(found)["written"], found.owed) == ("done_late", {late["report_id"]})
    with pytest.raises(Problem, match="still_handled"):
        _report(county, key, "final")
    services.close_incident(viewer=county.viewer("officer"), incident_id=key)
    with pytest.raises(Problem, match="incident_over"):
        services.close_incident(viewer=county.viewer("officer"), incident_id=key)
    found = _one(county)
    assert found.next_due is not None
    assert found.next_due.kind == "final"
    clock.forward(hours=2)
    _report(county, key, "final")
    assert _one(county).owed, "over, and the reason is still asked for"
    services.give_late_reason(
        viewer=county.viewer("officer"), report_id=late["report_id"], reason="示意：传真机坏了"
    )
    assert queries.incidents(viewer=county.viewer("officer")) == []
    row = IncidentReport.objects.get(pk=late["report_id"])
    assert (row.has_reason, row.late_reason) == (True, "示意：传真机坏了")


def test_a_wrong_time_is_corrected_and_both_stay_shown(node: Any, clock: Any) -> None:
    county = world.build()
    clock.forward(minutes=40)
    key = _enter(county, clock, profile="henan_2019", grade="major")
    first = clock.now()
    assert _report(county, key, "phone")["owes_reason"] is False
    officer = county.viewer("officer")
    with pytest.raises(Problem, match="text_needed"):
        services.correct_incident(viewer=officer, incident_id=key, reason=" ", grade="larger")
    services.correct_incident(
        viewer=officer,
        incident_id=key,
        reason="示意：村里先报到镇值班室",
        known_at=first - timedelta(minutes=20),
    )
    found = _one(county)
    assert (found.row.first_known_at, found.row.known_at) == (
        first,
        first - timedelta(minutes=20),
    )
    assert len(found.owed) == 1, "by the corrected time the phone report was late"
    services.correct_incident(viewer=officer, incident_id=key, reason="定级", grade="larger")
    found = _one(county)
    assert (found.row.grade, found.row.first_grade) == ("larger", "major")
    assert found.owed == set(), "no phone report is timed for 较大"
    assert [one.reason for one in found.corrections] == ["示意：村里先报到镇值班室", "定级"]


def test_an_end_that_was_wrong_is_taken_back(node: Any, clock: Any) -> None:
    """Its follow-ups are due as if it had never been said, also those of the time between."""
    county = world.build()
    key = _enter(county, clock)
    officer = county.viewer("officer")
    _report(county, key, "phone")
    _report(county, key, "written")
    due_before = _one(county).next_due
    with pytest.raises(Problem, match="not_over"):
        services.reopen_incident(viewer=officer, incident_id=key, reason="示意")
    services.close_incident(viewer=officer, incident_id=key)
    clock.forward(minutes=5)
    with pytest.raises(Problem, match="text_needed"):
        services.reopen_incident(viewer=officer, incident_id=key, reason=" ")
    with pytest.raises(Problem, match="not_found"):
        services.reopen_incident(viewer=county.viewer("qingshi"), incident_id=key, reason="x")
    services.reopen_incident(viewer=officer, incident_id=key, reason="示意：按错了")
    found = _one(county)
    assert (found.row.closed_at, found.next_due) == (None, due_before)
    assert [one.reason for one in found.withdrawn] == ["示意：按错了"]

    services.close_incident(viewer=officer, incident_id=key)
    ended = _one(county)
    assert ended.row.closed_at == clock.now(), "the second end counts"
    assert ended.next_due is not None
    assert ended.next_due.kind == "final"
    _report(county, key, "final")
    with pytest.raises(Problem, match="final_made"):
        services.reopen_incident(viewer=officer, incident_id=key, reason="示意")


def test_the_handover_lists_every_running_clock(node: Any, clock: Any) -> None:
    county = world.build()
    plan(county)
    clock.forward(hours=7)  # into the officer's own shift, which begins at 08:00
    room = room_of(world.COUNTY)
    key = _enter(county, clock)
    officer = county.viewer("officer")
    with wired():
        matter = next(
            one for one in queries.matters(room, viewer=officer) if one.reference == f"report-{key}"
        )
        assert (matter.kind, matter.title_zh) == (
            "clock",
            "信息报告，待电话报：示意：山体滑坡压住公路",
        )
        assert matter.due_at == clock.now() + timedelta(minutes=15)
        with pytest.raises(Problem, match="matters_not_signed"):
            services.sign_handover(viewer=officer, post_id=room, keys=[])


def test_whose_clock_it_is(node: Any, clock: Any) -> None:
    """A township sees its own room's events, the county's neither in lists nor by their number."""
    county = world.build()
    counties = _enter(county, clock)
    report = _report(county, counties, "phone")["report_id"]
    for who in ("qingshi", "baishui", "shitan_a"):
        stranger = county.viewer(who)
        assert queries.incidents(viewer=stranger) == []
        tries: list[Any] = [
            lambda one: services.record_report(viewer=one, incident_id=counties, kind="phone"),
            lambda one: services.close_incident(viewer=one, incident_id=counties),
            lambda one: services.correct_incident(viewer=one, incident_id=counties, reason="x"),
            lambda one: services.give_late_reason(viewer=one, report_id=report, reason="x"),
            lambda one: services.enter_incident(
                viewer=one,
                post_id=room_of(world.COUNTY),
                title="x",
                grade="ordinary",
                known_at=clock.now(),
            ),
        ]
        for attempt in tries:
            with pytest.raises(Problem, match="not_found"):
                attempt(stranger)
    _enter(county, clock, "qingshi", post_id=room_of(world.QINGSHI))
    assert len(queries.incidents(viewer=county.viewer("qingshi"))) == 1
    assert queries.incidents(viewer=county.viewer("baishui")) == []
    assert len(queries.incidents(viewer=county.viewer("officer"))) == 2


def test_what_cannot_be_entered(node: Any, clock: Any) -> None:
    county = world.build()
    ahead = clock.now() + timedelta(minutes=1)
    for said, why in (
        ({"title": " "}, "text_needed"),
        ({"grade": "示意"}, "unknown_reporting_word"),
        ({"profile": "示意"}, "unknown_reporting_word"),
        ({"known_at": ahead}, "moment_not_valid"),
        ({"known_at": ahead - timedelta(days=40)}, "moment_not_valid"),
        ({"occurred_at": ahead}, "moment_not_valid"),
        ({"where_code": "439902000000"}, "place_not_of_room"),
    ):
        with pytest.raises(Problem, match=why):
            _enter(county, clock, **said)
    assert not Incident.objects.exists()
    key = _enter(county, clock)
    with pytest.raises(Problem, match="unknown_reporting_word"):
        _report(county, key, "fax")
    with pytest.raises(Problem, match="moment_not_valid"):
        _report(county, key, "phone", at=clock.now() - timedelta(minutes=1))
