"""The county's own rules: a version rings from the next callout on; ways are tried out."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import services as calling
from fengsui.engines.calls.models import Call, Callout, CallParty
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.people.models import Household
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.readiness.policies import queries, services
from fengsui.readiness.policies.models import HumanRoute, PolicyVersion
from fengsui.response.alerts import queries as alerts
from tests.world import county as world
from tests.world.county import rain_warning
from tests.world.night import Night

pytestmark = pytest.mark.usefixtures("wired")


def red(**changes: Any) -> dict[str, Any]:
    plain = calling.default_plain()["red"]
    return {**plain, **changes}


def adopt(
    night: Night,
    policy: dict[str, Any] | None,
    *,
    based_on: int = 0,
    by: str = "leader",
    name: str = "red",
) -> int:
    made = services.adopt_policy(
        viewer=night.county.viewer(by),
        name=name,
        policy=policy,
        based_on=based_on,
        reason="示意：演练后改",
    )
    return int(made["version"])


def opened(night: Night, alert_id: int) -> dict[str, Any]:
    return Callout.objects.get(pk=night.alert(alert_id).callout_id).policy


def test_a_version_rings_from_the_next_callout_on(night: Night) -> None:
    first = night.county.issue(rain_warning(codes=world.QINGSHI, area="青石镇"))
    version = adopt(night, red(answer_within_s=420))
    assert opened(night, first)["answer_within_s"] == 600
    second = night.county.issue(rain_warning(2, codes=world.BAISHUI, area="白水乡"))
    assert opened(night, second)["answer_within_s"] == 420
    assert opened(night, second)["version"] == str(version)


def test_the_way_back_to_the_default_is_a_version_too(night: Night) -> None:
    version = adopt(night, red(answer_within_s=420))
    adopt(night, None, based_on=version)
    assert opened(night, night.county.issue(rain_warning()))["answer_within_s"] == 600
    (item,) = [
        one
        for one in queries.policies(viewer=night.county.viewer("officer"))["items"]
        if one["name"] == "red"
    ]
    assert item["is_default"]
    assert [one["by"] for one in item["versions"]] == ["示意乙", "示意乙"]


def test_nobody_overwrites_what_another_has_just_adopted(night: Night) -> None:
    adopt(night, red(answer_within_s=420))
    with pytest.raises(Problem, match=r"policies\.changed_meanwhile"):
        adopt(night, red(answer_within_s=480), based_on=0)


@pytest.mark.parametrize("who", ["officer", "qingshi", "shitan_a", "shitan_grid"])
def test_only_who_may_approve_a_warning_adopts_a_policy(night: Night, who: str) -> None:
    with pytest.raises(Problem, match=r"access\.not_allowed"):
        adopt(night, red(answer_within_s=420), by=who)
    assert not PolicyVersion.objects.exists()


def test_a_policy_that_leaves_somebody_without_an_end_is_refused(night: Night) -> None:
    endless = red()
    endless["rungs"] = [{**endless["rungs"][0], "tries": 99}]
    with pytest.raises(Problem, match=r"calls\.policy_unreadable") as refused:
        adopt(night, endless)
    assert "rungs[0].tries" in refused.value.to_plain()["zh"]


@pytest.mark.parametrize(
    ("name", "left_out", "row"),
    [("orange", {"county", "township", "village", "group"}, "县"), ("yellow", {"village"}, "村")],
)
def test_only_red_may_call_everybody_at_once(
    night: Night, name: str, left_out: set[str], row: str
) -> None:
    plain = calling.default_plain()[name]
    plain["hand_on_s"] = {
        level: after for level, after in plain["hand_on_s"].items() if level not in left_out
    }
    with pytest.raises(Problem, match=r"policies\.level_without_time") as refused:
        adopt(night, plain, name=name)
    assert refused.value.data["row"] == row, "the row of the table that is empty"
    assert refused.value.data["field"] in left_out
    assert not PolicyVersion.objects.exists()
    adopt(night, red(answer_within_s=420, hand_on_s={}))


def test_the_preview_of_a_warning_counts_on_the_county_s_own_lines(night: Night) -> None:
    leader = night.county.viewer("leader")
    alert = night.alert(night.county.issue(rain_warning()))
    before = alerts.preview(alert, leader)
    called = sum(
        bool(one["contacts"]) for one in alerts.parties_of(alert, alerts.concerned_by(alert), ())
    )
    assert before["lines_are_default"]
    assert before["estimate_minutes"] == 1, "a hundred lines reach everybody in one round"
    services.state_lines(viewer=leader, lines=1, seconds_a_call=60, reason="示意：只有一条线")
    after = alerts.preview(alert, leader)
    assert not after["lines_are_default"]
    assert (after["lines"], after["seconds_a_call"]) == (1, 60)
    assert after["estimate_minutes"] == called > 1


def test_a_version_of_a_newer_program_does_not_keep_anybody_from_being_called(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    calling.set_policy_source(lambda name, place: {"name": name, "rungs": [{"who": "drone"}]})
    alert_id = night.county.issue(rain_warning())
    assert opened(night, alert_id)["answer_within_s"] == 600
    assert "the default rings" in caplog.text


def test_tonight_on_paper_says_who_in_what_order_and_how_many_minutes(night: Night) -> None:
    found = queries.dry_run(
        viewer=night.county.viewer("officer"),
        policy=red(),
        area={"codes": [world.QINGSHI], "polygons": []},
        line_count=2,
        seconds_a_call=30,
        exercise=True,
    )
    assert found["is_night"]
    assert found["people"] == found["with_number"] + found["without_number"]
    assert found["first"][0]["starts_after_s"] == 0
    assert [one["starts_after_s"] for one in found["first"]] == sorted(
        one["starts_after_s"] for one in found["first"]
    )
    assert found["all_rung_s"] == -(-found["phones"] // 2) * 30
    assert found["ladder"][0]["who"] == "holder"
    assert found["ladder"][-1]["who"] == "in_person"
    assert not Call.objects.exists(), "on paper nobody is called"


def test_on_paper_a_township_sees_no_other_township(night: Night) -> None:
    for code in (world.BAISHUI, world.COUNTY):
        with pytest.raises(Problem, match=r"access\.not_allowed"):
            queries.dry_run(
                viewer=night.county.viewer("qingshi"),
                policy=red(),
                area={"codes": [code], "polygons": []},
            )


def test_a_household_that_hears_no_phone_is_reached_by_whoever_goes_there(night: Night) -> None:
    household = Household.objects.get(pk=night.county.ids["h1"])
    services.state_route(
        viewer=night.county.viewer("officer"),
        household_id=household.id,
        need="cannot_hear",
        way="light",
        person_id=night.county.ids["shitan_grid"],
        note="示意：从后门进",
    )
    night.everybody(Behaviour.NO_ANSWER, "shitan_grid")
    alert_id = night.county.issue(rain_warning())
    night.forward(seconds=40)
    call = Call.objects.get(callout_id=night.alert(alert_id).callout_id, household_id=household.id)
    holder = CallParty.objects.get(pk=call.id)
    assert holder.contacts == []
    assert holder.stand_ins["deputies"][0]["person_id"] == night.county.ids["shitan_grid"]
    assert call.rung > 0, "the telephone is not rung in vain"


def test_a_way_counts_when_it_was_tried_after_it_was_stated_and_worked(night: Night) -> None:
    officer = night.county.viewer("officer")
    household_id = night.county.ids["h5"]

    def state(person: str) -> None:
        services.state_route(
            viewer=officer,
            household_id=household_id,
            need="no_phone",
            way="neighbour",
            person_id=night.county.ids[person],
        )

    def is_tried() -> bool:
        (item,) = queries.routes(viewer=officer)["items"]
        return bool(item["is_tried"])

    with pytest.raises(Problem, match=r"policies\.nothing_to_try"):
        services.record_trial(viewer=officer, household_id=household_id, worked=True)
    state("fengping_a")
    assert not is_tried()
    services.record_trial(viewer=officer, household_id=household_id, worked=True)
    assert is_tried()
    night.clock.forward(seconds=60)
    services.record_trial(viewer=officer, household_id=household_id, worked=False)
    assert not is_tried(), "it failed since"
    night.clock.forward(seconds=60)
    services.record_trial(viewer=officer, household_id=household_id, worked=True)
    night.clock.forward(seconds=60)
    state("school")
    assert not is_tried(), "another person goes now"
    night.clock.forward(seconds=60)
    services.record_trial(viewer=officer, household_id=household_id, worked=True)
    assert is_tried()
    night.clock.forward(days=366)
    assert not is_tried(), "a year is long"


def test_ways_are_seen_where_households_are(night: Night) -> None:
    officer = night.county.viewer("officer")
    for household, person in (("h1", "shitan_grid"), ("h7", "shuikou_a")):
        services.state_route(
            viewer=officer,
            household_id=night.county.ids[household],
            need="dialect",
            language="示意方言",
            way="speaker",
            person_id=night.county.ids[person],
        )
    mine = queries.routes(viewer=night.county.viewer("shuikou_a"))["items"]
    assert [one["household_id"] for one in mine] == [str(night.county.ids["h7"])]
    with pytest.raises(Problem, match=r"access\.not_found"):
        services.record_trial(
            viewer=night.county.viewer("shuikou_a"),
            household_id=night.county.ids["h1"],
            worked=True,
        )
    assert HumanRoute.objects.count() == 2


def test_households_without_a_number_are_counted_where_they_are(night: Night) -> None:
    def count(who: str) -> int:
        found = queries.routes(viewer=night.county.viewer(who))
        return int(found["counts"]["without_number"])

    assert count("officer") == 1, "h5 of 枫坪村 has no telephone"
    assert count("shuikou_a") == 0
