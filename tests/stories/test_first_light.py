"""A warning arrives, a second person says yes, everybody is called and accounted for."""

from __future__ import annotations

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.response.alerts import services as alerts
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from tests.world.county import rain_warning
from tests.world.night import Night


def test_a_red_warning_reaches_everyone_it_concerns(night: Night) -> None:
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=3)
    board = night.board(alert_id)
    # Everybody answers but 示意户 5, who has no telephone and is not claimed to have been reached.
    assert board["called"] == night.heard(alert_id) + 1 > 10
    assert night.call(alert_id, "h5-contact").ended_as == ""
    assert night.alert(alert_id).state == "active"
    # 石滩 11 + 枫坪 9 + 水口 5 + 高寨 2; the household of 云盘 lives in no danger area.
    balance = evacuations.balance(
        night.alert(alert_id).evacuation_id or 0, viewer=night.county.viewer("officer")
    )
    assert balance["should"] == 27
    assert balance["not_yet"] == 27


def test_an_imported_warning_waits_for_a_second_person(night: Night) -> None:
    item = night.county.import_xml(rain_warning())["items"][0]
    assert night.alert(item["alert_id"]).state == "pending"
    with pytest.raises(Problem) as refusal:
        alerts.approve_alert(viewer=night.county.viewer("officer"), alert_id=item["alert_id"])
    assert refusal.value.kind.code == "access.not_allowed"


def test_the_author_may_not_approve_even_when_a_leader(night: Night) -> None:
    item = night.county.import_xml(rain_warning(), by="leader")["items"][0]
    with pytest.raises(Problem) as refusal:
        alerts.approve_alert(viewer=night.county.viewer("leader"), alert_id=item["alert_id"])
    assert refusal.value.kind.code == "alerts.author_may_not_approve"
    assert "示意丙" in refusal.value.to_plain()["zh"]  # it says who may
    alerts.approve_alert(viewer=night.county.viewer("second_leader"), alert_id=item["alert_id"])
    assert night.alert(item["alert_id"]).state == "active"


def test_silence_climbs_to_the_deputy_and_then_to_the_township(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, "shitan_a", "fengping_a")
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=12)
    village = night.call(alert_id, "shitan_a")
    assert village.rung > 0
    assert village.answered_at is None
    unanswered = {one["code"] for one in night.board(alert_id)["by_place"] if one["unanswered"]}
    assert "439901101201" in unanswered


def test_one_answer_never_closes_another_call(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, "shitan_a")
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=2)
    assert night.call(alert_id, "shitan_grid").ended_as == "answered"
    assert night.call(alert_id, "shitan_a").ended_as == ""


def test_a_person_whose_number_is_wrong_is_named_and_knocked_for(night: Night) -> None:
    night.everybody(Behaviour.WRONG_NUMBER, "gaozhai_a", "baishui", "officer", "leader")
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=90)
    assert night.call(alert_id, "gaozhai_a").ended_as == "unreached_named"
    board = night.board(alert_id)
    assert (
        board["answered"] + board["reached_in_person"] + board["unreached_named"]
        == (board["called"])
    )


def test_reached_in_person_ends_a_call_and_a_late_answer_still_counts(night: Night) -> None:
    from fengsui.engines.calls import services as calls

    night.everybody(Behaviour.NO_ANSWER, "gaozhai_a", "fengping_a")
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=12)
    calls.mark_reached_in_person(
        viewer=night.county.viewer("officer"),
        call_id=night.call(alert_id, "gaozhai_a").pk,
        note="乡镇派人敲门",
    )
    assert night.call(alert_id, "gaozhai_a").ended_as == "reached_in_person"
    late = night.call(alert_id, "fengping_a")
    calls.answer_for(
        viewer=night.county.viewer("officer"),
        call_id=late.pk,
        answer_kind="on_it",
        heard_from="示意辛",
        note="回电",
        client_id="late-1",
    )
    answered = night.call(alert_id, "fengping_a")
    assert answered.ended_as == "answered"
    assert answered.is_late


def test_a_continued_warning_calls_nobody_twice_and_whoever_is_new_once(night: Night) -> None:
    first = night.county.issue(rain_warning(codes="439901101000", area="青石镇"))
    night.forward(minutes=3)
    rang = night.attempts(first)
    called = night.board(first)["called"]
    second = night.county.issue(
        rain_warning(1, msg_type="Update", references="43990141600000_20260717021000_0")
    )
    night.forward(minutes=3)
    assert night.alert(first).state == "updated"
    assert night.alert(second).callout_id == night.alert(first).callout_id
    board = night.board(second)
    assert board["called"] > called  # 白水乡 is new
    # Everyone who was new rang once; nobody who had answered rang again.
    assert night.attempts(second) - rang == board["called"] - called


def test_a_continued_warning_calls_everybody_anew_where_its_callout_was_stopped(
    night: Night,
) -> None:
    from fengsui.engines.calls import services as calls

    first = night.county.issue(rain_warning())
    night.forward(minutes=1)
    callout_id, evacuation_id = night.alert(first).callout_id, night.alert(first).evacuation_id
    assert callout_id is not None
    calls.stop_callout(
        viewer=night.county.viewer("leader"), callout_id=callout_id, reason="误按停止"
    )
    second = night.county.issue(
        rain_warning(1, msg_type="Update", references="43990141600000_20260717021000_0")
    )
    night.forward(minutes=3)
    assert night.alert(second).sequel == "continued"
    assert night.alert(second).callout_id not in (None, callout_id)
    assert night.alert(second).evacuation_id == evacuation_id  # one list, nobody counted twice
    assert night.board(second)["called"] == night.board(first)["called"]
    assert night.heard(second) == night.board(second)["called"] - 1


def test_an_upgrade_calls_everybody_anew(night: Night) -> None:
    orange = night.county.issue(rain_warning(severity="Orange"))
    night.forward(minutes=3)
    first = "43990141600000_20260717021000_0"
    red = night.county.issue(rain_warning(1, msg_type="Update", references=first))
    night.forward(minutes=3)
    assert night.alert(red).sequel == "upgraded"
    assert night.alert(red).callout_id != night.alert(orange).callout_id
    assert night.alert(orange).state == "updated"
    assert night.board(red)["called"] == night.board(orange)["called"]
    assert night.board(red)["called"] == night.heard(red) + 1  # 示意户 5 has no telephone


def test_a_lifting_reaches_exactly_those_who_were_called(night: Night) -> None:
    from fengsui.engines.calls.models import Call, Callout, Companion

    alert_id = night.county.issue(rain_warning(codes="439901101000"))
    night.forward(minutes=3)
    lifting = night.county.issue(
        rain_warning(
            5,
            msg_type="Cancel",
            references="43990141600000_20260717021000_0",
            codes="439901101000",
            text="示例县气象台2026年07月17日02时15分解除暴雨红色预警信号。",
        )
    )
    night.forward(minutes=3)
    assert night.alert(alert_id).state == "cancelled"
    assert night.alert(lifting).state == "expired"
    called = set(
        Call.objects.filter(callout_id=night.alert(alert_id).callout_id).values_list(
            "person_id", flat=True
        )
    )
    notice = Callout.objects.get(follows=night.alert(alert_id).callout_id)
    told = set(Call.objects.filter(callout=notice).values_list("person_id", flat=True))
    # Whoever was rung beside somebody has heard of the danger as well.
    beside = set(Companion.objects.values_list("person_id", flat=True)) - {None}
    assert beside - called
    assert told == called | beside


def test_a_village_without_a_point_is_called_by_its_code(night: Night) -> None:
    item = night.county.import_xml(rain_warning())["items"][0]
    from fengsui.response.alerts.queries import preview

    seen = preview(night.alert(item["alert_id"]))
    assert [one["name"] for one in seen["without_point"]] == ["高寨村"]
    alerts.approve_alert(viewer=night.county.viewer("leader"), alert_id=item["alert_id"])
    night.forward(minutes=2)
    assert night.call(item["alert_id"], "gaozhai_a").ended_as == "answered"


def test_the_same_message_twice_is_one_alert(night: Night) -> None:
    night.county.import_xml(rain_warning())
    again = night.county.import_xml(rain_warning())["items"][0]
    assert again["alert_id"] is None
    assert again["errors"][0]["code"] == "alerts.already_received"
    assert Alert.objects.count() == 1


def test_a_classified_message_is_refused_before_it_is_stored(night: Night) -> None:
    secret = rain_warning().replace("<secClassification>None<", "<secClassification>Secret<")
    result = night.county.import_xml(secret)
    assert result["verdict"] == "rejected"
    assert Alert.objects.count() == 0


def test_a_self_rescue_call_rings_the_callers_own_people_at_once(night: Night) -> None:
    made = alerts.self_rescue_call(
        viewer=night.county.viewer("shitan_a"),
        place_code="439901101201",
        text="溪水已进院，全组现在上后山！",
    )
    night.forward(minutes=2)
    alert = night.alert(made["alert_id"])
    assert alert.state == "active"
    assert alert.self_rescue
    assert alert.self_rescue_reviewed_at is None
    with pytest.raises(Problem):
        alerts.self_rescue_call(
            viewer=night.county.viewer("shitan_a"), place_code="439901201201", text="x"
        )
    alerts.review_self_rescue(
        viewer=night.county.viewer("leader"), alert_id=alert.pk, verdict="属实"
    )
    assert night.alert(alert.pk).self_rescue_reviewed_at is not None
