"""A leader signs beforehand; what is verified runs at once; the leader can stop it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.response.alerts import services as alerts
from tests.world.county import COUNTY, rain_warning
from tests.world.night import Night
from tests.world.signatures import make_office, pem, signed_cap

OFFICE = make_office("示例县气象局")


def arrive(night: Night, number: int, **changes: Any) -> Any:
    """A signed real warning comes in by machine; returns the alert."""
    message = rain_warning(number, status="Actual", **changes)
    result = alerts.import_warning(
        viewer=night.county.viewer("officer"),
        source_name="signed.xml",
        data=signed_cap(message, OFFICE),
        trust_anchors=[pem(OFFICE)],
    )
    return night.alert(result["items"][0]["alert_id"])


def sign(night: Night, levels: list[str]) -> int:
    now = night.clock.now()
    made = alerts.sign_authorisation(
        viewer=night.county.viewer("leader"),
        levels=levels,
        place_code=COUNTY,
        valid_from=now,
        valid_until=now + timedelta(days=30),
    )
    return made["authorisation_id"]


def test_a_verified_red_warning_runs_under_the_authorisation(night: Night) -> None:
    sign(night, ["red"])
    alert = arrive(night, 0)
    assert alert.state == "active"
    assert alert.authorisation_id is not None
    assert alert.approver_id is None
    assert alert.callout_id is not None


def test_without_a_signature_it_waits_for_a_person(night: Night) -> None:
    sign(night, ["red"])
    item = night.county.import_xml(rain_warning(status="Actual"))["items"][0]
    assert night.alert(item["alert_id"]).state == "pending"


def test_a_tampered_message_is_not_believed(night: Night) -> None:
    sign(night, ["red"])
    document = signed_cap(rain_warning(status="Actual"), OFFICE)
    tampered = document.replace(b"100&#", b"900&#")
    assert tampered != document
    result = alerts.import_warning(
        viewer=night.county.viewer("officer"),
        source_name="tampered.xml",
        data=tampered,
        trust_anchors=[pem(OFFICE)],
    )
    states = [night.alert(item["alert_id"]).state for item in result["items"]]
    assert result["verdict"] == "rejected" or states == ["pending"]


def test_the_leader_stops_it_and_the_next_warning_waits(night: Night) -> None:
    authorisation_id = sign(night, ["red", "orange"])
    assert arrive(night, 0).state == "active"
    with pytest.raises(Problem):
        alerts.stop_authorisation(
            viewer=night.county.viewer("officer"), authorisation_id=authorisation_id, reason="不"
        )
    alerts.stop_authorisation(
        viewer=night.county.viewer("leader"),
        authorisation_id=authorisation_id,
        reason="今夜改由值班领导逐条审批",
    )
    assert arrive(night, 1, severity="Orange").state == "pending"


def test_an_exercise_never_runs_by_itself(night: Night) -> None:
    sign(night, ["red"])
    result = alerts.import_warning(
        viewer=night.county.viewer("officer"),
        source_name="signed.xml",
        data=signed_cap(rain_warning(), OFFICE),
        trust_anchors=[pem(OFFICE)],
    )
    assert night.alert(result["items"][0]["alert_id"]).state == "pending"
