"""A real county of the shared data, and a real message of the national system sent to it."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import viewer_for_person
from fengsui.foundation.people import services as people
from fengsui.foundation.places import queries as places
from fengsui.foundation.places import services as place_services
from fengsui.response.alerts import queries, services
from fengsui.response.alerts.models import Alert
from tests.world.shared_data import shared

GUZHANG = "433126000000"
MORONG = "433126104000"


@pytest.fixture
def guzhang(node: Any) -> dict[str, int]:
    """古丈县 as the files have it, with an invented duty room and one invented secretary."""
    folder = shared("admin/guzhang_433126")
    files = {
        name: (folder / name).read_bytes()
        for name in place_services.county_file_names()
        if (folder / name).exists()
    }
    place_services.import_county(viewer=node_viewer(), files=files, source="guzhang_433126")
    village = next(
        one.code
        for one in places.places_below(MORONG, "village", viewer=node_viewer())
        if one.lon_e7 is not None
    )
    ids = people.register_people(
        viewer=node_viewer(),
        persons=[
            {"ref": "officer", "name": "示意甲", "place_code": GUZHANG},
            {"ref": "leader", "name": "示意乙", "place_code": GUZHANG},
            {"ref": "secretary", "name": "示意丙", "place_code": village},
        ],
        posts=[{"ref": "p", "place_code": village, "role": "village_secretary", "title": "村支书"}],
        holdings=[{"post": "p", "person": "secretary", "slot": "A"}],
        contact_points=[{"person": "secretary", "kind": "phone", "value": "00010000001"}],
        is_invented=True,
    )
    for who, role in (("officer", "duty_officer"), ("leader", "duty_leader")):
        accounts.register_account(
            viewer=node_viewer(), person_id=ids[who], grants=[[role, GUZHANG]]
        )
    return dict(ids)


def real_message() -> str:
    return shared("alerts_cn/12379_henan_20200205_wind_blue.xml").read_text()


def test_the_real_message_as_it_is_does_not_concern_guzhang(guzhang: dict[str, int]) -> None:
    officer = viewer_for_person(guzhang["officer"])
    result = services.import_warning(
        viewer=officer, source_name="real.xml", data=real_message().encode()
    )
    alert = Alert.objects.get(id=result["items"][0]["alert_id"])
    assert alert.area_codes == []
    assert queries.missing_statutory(alert)  # it cannot be sent before a person gives it ground


def test_the_real_message_readdressed_to_guzhang_calls_the_village(
    guzhang: dict[str, int],
) -> None:
    officer, leader = (viewer_for_person(guzhang[who]) for who in ("officer", "leader"))
    message = real_message().replace("410000000000", MORONG)
    result = services.import_warning(viewer=officer, source_name="real.xml", data=message.encode())
    alert = Alert.objects.get(id=result["items"][0]["alert_id"])
    assert (alert.issuer, alert.level, alert.category) == ("河南省气象局", "blue", "11B06")
    assert "大风蓝色预警" in alert.verbatim_text
    assert alert.area_codes == [MORONG]
    seen = queries.preview(alert)
    assert seen["by_township"][0]["name"] == "默戎镇"
    assert len(seen["without_point"]) == 3  # 11 villages, 8 with a point
    approved = services.approve_alert(viewer=leader, alert_id=alert.pk)
    assert approved["sequel"] == "new"  # it says Update, but this node has nothing before it
    alert.refresh_from_db()
    parties = queries.parties_of(alert, queries.concerned_by(alert), ())
    assert [party["name"] for party in parties] == ["示意丙"]
