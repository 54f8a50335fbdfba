"""临时顶岗: named at 22:00, called at 02:10 instead of the holder, back by itself at 08:00."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fengsui.engines.calls.models import Call, CallParty, UnitCall
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people import services
from fengsui.foundation.people.models import ContactPoint, Person, Post
from fengsui.gateways.channels.simulated import Behaviour
from tests.world import county as world
from tests.world.county import rain_warning
from tests.world.night import Night
from tests.world.wired import wired_node

TEN_IN_THE_EVENING = datetime(2026, 7, 17, 14, 0, tzinfo=UTC)  # 22:00 Beijing
EIGHT_IN_THE_MORNING = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)  # 08:00 Beijing
TEN_PAST_TWO = datetime(2026, 7, 17, 18, 10, tzinfo=UTC)


def post_of(place: str, role: str = "village_secretary") -> int:
    return Post.objects.get(place_code=place, role=role).pk


def holders(place: str) -> dict[str, list[str]]:
    found = people.holders([post_of(place)], viewer=node_viewer())
    return {
        slot: [one["name"] for one in group]
        for slot, group in found.get(post_of(place), {}).items()
    }


def name_stand_in(
    night: Night, who: str, place: str, *, role: str = "village_secretary", **more: Any
) -> dict[str, Any]:
    said = {"name": "示意顶岗人", "phone": "000 8880 0001", "until_at": EIGHT_IN_THE_MORNING}
    return services.name_stand_in(
        viewer=night.county.viewer(who), post_id=post_of(place, role), **{**said, **more}
    )


def evening(night: Night) -> None:
    night.clock.wind(TEN_IN_THE_EVENING)


def test_the_night_of_a_stand_in(night: Night) -> None:
    evening(night)
    named = name_stand_in(night, "shitan_a", world.SHITAN, reason="家中有事")
    assert named["is_new_person"]
    assert named["role"] == "village_secretary"
    assert holders(world.SHITAN) == {"A": ["示意顶岗人"], "B": ["示意庚"]}

    night.clock.wind(TEN_PAST_TWO)
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=3)
    callout_id = night.alert(alert_id).callout_id
    called = set(Call.objects.filter(callout_id=callout_id).values_list("person_id", flat=True))
    assert named["person_id"] in called
    assert night.county.ids["shitan_a"] not in called
    holder = CallParty.objects.get(call__person_id=named["person_id"], rung=0)
    assert [one["value"] for one in holder.contacts] == ["00088800001"]
    unit = UnitCall.objects.get(callout_id=callout_id, unit_code=world.SHITAN)
    assert unit.acknowledged_at is not None

    night.clock.wind(EIGHT_IN_THE_MORNING - timedelta(seconds=1))
    assert holders(world.SHITAN)["A"] == ["示意顶岗人"]
    night.clock.wind(EIGHT_IN_THE_MORNING)
    assert holders(world.SHITAN) == {"A": ["示意己"], "B": ["示意庚"]}


def test_a_superior_names_one_and_ends_it_early(night: Night) -> None:
    evening(night)
    named = name_stand_in(night, "qingshi", world.FENGPING)
    assert holders(world.FENGPING)["A"] == ["示意顶岗人"]
    night.clock.forward(minutes=30)
    services.end_stand_in(
        viewer=night.county.viewer("qingshi"), stand_in_id=named["stand_in_id"], was_mistake=True
    )
    assert holders(world.FENGPING)["A"] == ["示意辛"]
    with pytest.raises(Problem, match="already_ended"):
        services.end_stand_in(
            viewer=night.county.viewer("qingshi"), stand_in_id=named["stand_in_id"]
        )


def test_the_same_name_and_number_is_the_same_person(night: Night) -> None:
    evening(night)
    first = name_stand_in(night, "shitan_a", world.SHITAN)
    second = name_stand_in(night, "qingshi", world.FENGPING, phone="0008-8800-001")
    assert (first["is_new_person"], second["is_new_person"]) == (True, False)
    assert first["person_id"] == second["person_id"]
    assert Person.objects.filter(name="示意顶岗人").count() == 1
    assert ContactPoint.objects.filter(value="00088800001").count() == 1


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("shitan_grid", "not_allowed"),  # of the village, but neither holder nor superior
        ("baishui", "not_found"),  # another township does not see the post at all
        ("shuikou_a", "not_found"),
    ],
)
def test_nobody_else_names_a_stand_in(night: Night, who: str, code: str) -> None:
    evening(night)
    with pytest.raises(Problem, match=code):
        name_stand_in(night, who, world.SHITAN)
    assert holders(world.SHITAN)["A"] == ["示意己"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"until_at": TEN_IN_THE_EVENING}, "period_not_valid"),
        ({"until_at": TEN_IN_THE_EVENING + timedelta(days=31)}, "period_not_valid"),
        ({"phone": "找老王"}, "phone_not_valid"),
        ({"name": "  "}, "name_needed"),
        ({"name": "示意己", "phone": "00010000021"}, "same_person"),
    ],
)
def test_what_is_refused_says_what_to_do(night: Night, change: dict[str, Any], code: str) -> None:
    evening(night)
    with pytest.raises(Problem, match=code):
        name_stand_in(night, "shitan_a", world.SHITAN, **change)
    assert not Person.objects.filter(name="示意顶岗人").exists()


def test_one_stands_in_at_a_time(night: Night) -> None:
    evening(night)
    name_stand_in(night, "shitan_a", world.SHITAN)
    with pytest.raises(Problem, match="stands_in_already"):
        name_stand_in(night, "qingshi", world.SHITAN, name="示意另一人", phone="00088800002")


def test_absent_without_stand_in_and_without_b_leaves_nobody(night: Night) -> None:
    evening(night)
    ids = night.county.ids
    for who in ("shitan_a", "fengping_a"):
        services.report_absence(
            viewer=night.county.viewer("qingshi"),
            person_id=ids[who],
            from_at=None,
            until_at=EIGHT_IN_THE_MORNING,
            reason="到县里开会",
        )
    assert holders(world.SHITAN) == {"A": [], "B": ["示意庚"]}, "B answers"
    assert holders(world.FENGPING) == {}, "nobody"
    empty = people.posts_without_holder([post_of(world.FENGPING)], viewer=node_viewer())
    assert [row["id"] for row in empty] == [post_of(world.FENGPING)]

    night.clock.wind(TEN_PAST_TWO)
    night.county.issue(rain_warning())
    night.forward(minutes=2)
    called = set(Call.objects.values_list("person_id", flat=True))
    assert ids["shitan_b"] in called
    assert ids["shitan_a"] not in called
    assert ids["fengping_a"] in called, "an empty post is not silence: who would be there is rung"

    night.clock.wind(EIGHT_IN_THE_MORNING)
    assert holders(world.FENGPING)["A"] == ["示意辛"]


def test_a_holder_reports_an_absence_from_the_phone_and_comes_back_early(night: Night) -> None:
    evening(night)
    own = night.county.viewer("shitan_a")
    said = services.report_absence(
        viewer=own,
        person_id=own.person_id,
        from_at=TEN_IN_THE_EVENING + timedelta(hours=1),
        until_at=EIGHT_IN_THE_MORNING,
    )
    assert said["post_ids"] == [post_of(world.SHITAN)]
    assert holders(world.SHITAN)["A"] == ["示意己"], "not away yet"
    night.clock.forward(hours=2)
    assert holders(world.SHITAN)["A"] == []
    services.end_absence(viewer=own, absence_id=said["absence_id"])
    assert holders(world.SHITAN)["A"] == ["示意己"]
    with pytest.raises(Problem, match="not_found"):
        services.end_absence(viewer=night.county.viewer("baishui"), absence_id=said["absence_id"])


def test_a_duty_room_is_whoever_sits_there_when_the_rung_is_reached(night: Night) -> None:
    """The holder of the township's duty room hands over while the callout is running."""
    evening(night)
    with wired_node():
        night.everybody(Behaviour.NO_ANSWER, "fengping_a", "qingshi")
        night.clock.wind(TEN_PAST_TWO)
        alert_id = night.county.issue(rain_warning())
        night.forward(minutes=2)
        named = name_stand_in(night, "qingshi", world.QINGSHI, role="duty_room")
        night.forward(minutes=25)
    call = night.call(alert_id, "fengping_a")
    rung_for = CallParty.objects.filter(call=call, rung__gt=0).values_list("person_id", flat=True)
    assert named["person_id"] in rung_for
    assert night.county.ids["qingshi"] not in rung_for
    assert call.is_covered
