"""应转 = 已转 + 外出 + 未转: what the phones bring in is counted once and never guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.foundation.access.problems import Problem
from fengsui.response.evacuations import queries
from fengsui.response.evacuations.services import record_household_status
from fengsui.response.evacuations.states import HouseholdStatus
from tests.world.county import rain_warning
from tests.world.night import Night


def record(night: Night, who: str, household: str, status: str, **more: Any) -> dict[str, Any]:
    more.setdefault("client_id", f"{household}-{status}-{night.clock.now().timestamp()}")
    return record_household_status(
        viewer=night.county.viewer(who),
        household_id=night.county.ids[household],
        status=status,
        **more,
    )


def balance(night: Night, alert_id: int, who: str = "officer") -> dict[str, int]:
    evacuation_id = night.alert(alert_id).evacuation_id or 0
    return queries.balance(evacuation_id, viewer=night.county.viewer(who))


def test_the_same_tick_twice_is_counted_once(night: Night) -> None:
    alert_id = night.county.issue(rain_warning())
    first = record(night, "shitan_grid", "h1", "moved_central", client_id="phone-1")
    again = record(night, "shitan_grid", "h1", "moved_central", client_id="phone-1")
    assert (first["outcome"], again["outcome"]) == ("recorded", "already_recorded")
    assert balance(night, alert_id)["moved"] == 4


def test_away_needs_who_confirmed_it(night: Night) -> None:
    alert_id = night.county.issue(rain_warning())
    with pytest.raises(Problem) as refusal:
        record(night, "shitan_grid", "h2", "away")
    assert refusal.value.kind.code == "evacuations.who_confirmed"
    record(night, "shitan_grid", "h2", "away", confirmed_by="示意儿子", confirmed_how="phone")
    assert balance(night, alert_id)["away"] == 2


def test_an_older_observation_that_arrives_late_does_not_undo_a_newer_one(night: Night) -> None:
    alert_id = night.county.issue(rain_warning())
    seen_early = night.clock.now()
    night.clock.forward(minutes=20)
    record(night, "shitan_grid", "h3", "moved_central")
    night.clock.forward(minutes=10)
    record(night, "shitan_a", "h3", "refuses", observed_at=seen_early)
    assert balance(night, alert_id)["moved"] == 5


def test_nobody_writes_about_another_village(night: Night) -> None:
    night.county.issue(rain_warning())
    with pytest.raises(Problem) as refusal:
        record(night, "shitan_grid", "h6", "told")
    assert refusal.value.kind.status in (403, 404)


def test_each_scope_has_its_own_balance_and_they_add_up(night: Night) -> None:
    alert_id = night.county.issue(rain_warning())
    record(night, "shitan_grid", "h1", "moved_central")
    record(night, "shuikou_a", "h6", "moved_relatives")
    whole, qingshi, baishui = (
        balance(night, alert_id, who) for who in ("officer", "qingshi", "baishui")
    )
    for name in ("should", "moved", "away", "not_yet"):
        assert whole[name] == qingshi[name] + baishui[name]


def test_whoever_is_left_is_named_with_who_answers_for_them(night: Night) -> None:
    alert_id = night.county.issue(rain_warning())
    for household in ("h1", "h2"):
        record(night, "shitan_grid", household, "moved_central")
    record(night, "shitan_grid", "h3", "knocked_no_answer")
    missing = queries.still_missing(
        night.alert(alert_id).evacuation_id or 0, viewer=night.county.viewer("shitan_a")
    )
    assert [(one["label"], one["responsible_name"]) for one in missing] == [("示意户 3", "示意子")]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    entries=st.lists(
        st.tuples(
            st.sampled_from(["h1", "h2", "h3"]),
            st.sampled_from(list(HouseholdStatus)),
            st.integers(0, 8),
            st.integers(-30, 30),
        ),
        max_size=8,
    )
)
def test_the_balance_holds_after_any_entries(
    night: Night, entries: list[tuple[str, HouseholdStatus, int, int]]
) -> None:
    found = night.alerts_open() or [night.county.issue(rain_warning())]
    start = night.clock.now()
    for index, (household, status, moved, minutes) in enumerate(entries):
        record(
            night,
            "shitan_grid",
            household,
            status.value,
            client_id=f"{start.timestamp()}-{index}",
            people_moved=moved,
            confirmed_by="示意邻居",
            confirmed_how="neighbour",
            observed_at=start + timedelta(minutes=minutes),
        )
        night.clock.forward(seconds=7)
    known = balance(night, found[0], "shitan_a")
    assert known["should"] == known["moved"] + known["away"] + known["not_yet"]
    assert min(known.values()) >= 0
    assert known["should"] >= 11
