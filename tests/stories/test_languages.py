"""Who understands a dialect only is rung in it where checked words exist; else somebody goes."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import queries as calling
from fengsui.engines.calls.models import Call, Callout, CallParty
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import Household, Post
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.readiness.policies import rules, services
from fengsui.response.alerts import queries as alerts
from tests.world.county import BAISHUI, COUNTY, SHITAN, rain_warning
from tests.world.night import Night

pytestmark = pytest.mark.usefixtures("wired")

STANDARD = rules.DEFAULT_TEXTS["warning"][0][3]
DIALECT = (
    "示意话：{issuer}{issued_at}讲，{category}{level}，{starts_at}，{area}{caution}，{measures}。"
)


def adopt(night: Night, text: str = DIALECT, *, spoken_only: bool = False) -> None:
    services.adopt_template(
        viewer=night.county.viewer("leader"),
        name="warning",
        texts=[
            {"code": "zh", "language": "普通话", "spoken_only": False, "text": STANDARD},
            {"code": "sy", "language": "示意话", "spoken_only": spoken_only, "text": text},
        ],
        based_on=0,
        reason="示意：山上几户只听得懂示意话",
    )


def understands(night: Night, household: str = "h1", language: str = "示意话") -> Household:
    found = Household.objects.get(pk=night.county.ids[household])
    services.state_route(
        viewer=night.county.viewer("officer"),
        household_id=found.id,
        need="dialect",
        language=language,
        way="door",
        person_id=night.county.ids["shitan_grid"],
    )
    return found


def heard(night: Night, monkeypatch: pytest.MonkeyPatch) -> dict[int, set[str]]:
    """Person → every text that was said to them on the telephone."""
    said: dict[int, set[str]] = {}
    send = night.carrier.send

    def noted(message: Any) -> Any:
        said.setdefault(message.person_id, set()).add(message.text)
        return send(message)

    monkeypatch.setattr(night.carrier, "send", noted)
    return said


def call_for(night: Night, alert_id: int, household: Household) -> Call:
    return Call.objects.get(callout_id=night.alert(alert_id).callout_id, household_id=household.id)


def test_the_text_is_in_the_language_of_whoever_is_rung(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(night)
    household = understands(night)
    said = heard(night, monkeypatch)
    night.everybody(Behaviour.NO_ANSWER, "h1-contact")
    alert_id = night.county.issue(rain_warning())
    night.forward(seconds=30)
    call = call_for(night, alert_id, household)
    (text,) = said[call.person_id]
    assert text.startswith("【演练】示意话：")
    assert "{" not in text
    alert = night.alert(alert_id)
    said_of = alerts.slot_values(alert)
    for name in ("issuer", "category", "level", "area", "caution", "measures"):
        assert said_of[name] in text
    standard = Callout.objects.get(pk=alert.callout_id).text
    others = {one for who, texts in said.items() if who != call.person_id for one in texts}
    assert others == {standard}
    items = calling.unanswered(alert.callout_id or 0, viewer=night.county.viewer("officer"))
    shown = {one["call_id"]: one for one in items["items"]}
    assert shown[str(call.id)]["language"] == "示意话"
    assert shown[str(call.id)]["language_used"] == "示意话"
    assert {one["language"] for key, one in shown.items() if key != str(call.id)} == {""}


def test_how_many_move_where_to_and_whom_to_ring_are_said(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(night, DIALECT + "{people}个人，到{shelter}去，打{phone}。")
    household = understands(night)
    said = heard(night, monkeypatch)
    room = Post.objects.get(role="duty_room", place_code=COUNTY)
    number = {"post": room.id, "kind": "phone", "value": "00011112222"}
    people.register_people(viewer=node_viewer(), contact_points=[number])
    alert_id = night.county.issue(rain_warning(codes=SHITAN, area="石滩村"))
    night.forward(seconds=30)
    (text,) = said[call_for(night, alert_id, household).person_id]
    concerned = alerts.concerned_by(night.alert(alert_id))
    (shelter,) = {one["shelter"] for one in concerned["households"]}
    count = sum(one["people"] for one in concerned["households"])
    assert text.endswith(f"{count}个人，到{shelter}去，打00011112222。")


def test_where_not_all_go_to_one_place_no_place_is_named(night: Night) -> None:
    adopt(night, DIALECT + "到{shelter}去。")
    understands(night)
    alert_id = night.county.issue(rain_warning())
    concerned = alerts.concerned_by(night.alert(alert_id))
    assert len({one["shelter"] for one in concerned["households"]}) > 1
    assert Callout.objects.get(pk=night.alert(alert_id).callout_id).texts == []


def test_who_joins_a_running_callout_is_rung_in_words_that_hold_for_them_only(night: Night) -> None:
    """The words of a callout are those of its opening: nobody is sent to the shelter of others."""
    adopt(night, DIALECT + "到{shelter}去。")
    household = understands(night)
    night.county.issue(rain_warning(codes=BAISHUI, area="白水乡"))
    first = "43990141600000_20260717021000_0"
    moved_on = rain_warning(1, msg_type="Update", references=first, codes=SHITAN, area="石滩村")
    alert_id = night.county.issue(moved_on)
    call = call_for(night, alert_id, household)
    callout = Callout.objects.get(pk=night.alert(alert_id).callout_id)
    concerned = alerts.concerned_by(night.alert(alert_id))
    assert callout.texts != alerts.texts_of(night.alert(alert_id), concerned)
    assert CallParty.objects.get(pk=call.id).contacts == [], "somebody goes"


def test_without_words_in_the_dialect_somebody_goes(night: Night) -> None:
    household = understands(night)
    night.everybody(Behaviour.NO_ANSWER, "shitan_grid")
    alert_id = night.county.issue(rain_warning())
    night.forward(seconds=40)
    call = call_for(night, alert_id, household)
    holder = CallParty.objects.get(pk=call.id)
    assert holder.contacts == []
    assert holder.stand_ins["deputies"][0]["person_id"] == night.county.ids["shitan_grid"]
    assert call.rung > 0, "the telephone says nothing that they understand"


def test_words_that_leave_an_element_out_are_not_said(night: Night) -> None:
    adopt(night, "示意话：{category}，{measures}。")
    household = understands(night)
    alert_id = night.county.issue(rain_warning())
    assert Callout.objects.get(pk=night.alert(alert_id).callout_id).texts == []
    assert CallParty.objects.get(pk=call_for(night, alert_id, household).id).contacts == []


def test_a_dialect_that_is_spoken_only_goes_by_voice_and_nothing_else(night: Night) -> None:
    adopt(night, spoken_only=True)
    understands(night)
    alert_id = night.county.issue(rain_warning())
    callout = Callout.objects.get(pk=night.alert(alert_id).callout_id)
    said = calling.text_for(callout.texts, callout.text, " 示意话 ", is_voice=True)
    assert (said.text[:8], said.language) == ("【演练】示意话：", "示意话")
    written = calling.text_for(callout.texts, callout.text, "示意话", is_voice=False)
    assert (written.text, written.language) == (callout.text, "")
    other = calling.text_for(callout.texts, callout.text, "别处话", is_voice=True)
    assert (other.text, other.language) == (callout.text, "")


def test_the_approver_sees_who_is_rung_in_which_language(night: Night) -> None:
    adopt(night)
    understands(night)
    understands(night, "h2", "别处话")
    alert = night.alert(night.county.issue(rain_warning()))
    other, own = alerts.preview(alert, night.county.viewer("leader"))["languages"]
    assert other == {"language": "别处话", "households": 1, "text": ""}, "somebody goes"
    assert (own["language"], own["households"]) == ("示意话", 1)
    assert own["text"] == alerts.texts_of(alert)[0][3]


def test_what_is_over_is_told_in_the_same_language(night: Night) -> None:
    adopt(night)
    services.adopt_template(
        viewer=night.county.viewer("leader"),
        name="lifted",
        texts=[
            {"code": "zh", "language": "普通话", "spoken_only": False, "text": "{area}解除。"},
            {"code": "sy", "language": "示意话", "spoken_only": False, "text": "{area}没事了。"},
        ],
        based_on=0,
        reason="示意",
    )
    household = understands(night)
    alert_id = night.county.issue(rain_warning())
    night.forward(seconds=30)
    person = call_for(night, alert_id, household).person_id
    night.county.issue(
        rain_warning(2, msg_type="Cancel", references=night.alert(alert_id).identifier)
    )
    told = Callout.objects.get(follows=night.alert(alert_id).callout_id)
    assert [text[-4:] for *_, text in told.texts] == ["没事了。"]
    party = CallParty.objects.get(call__callout=told, person_id=person, rung=0)
    assert party.stand_ins["language"] == "示意话"
