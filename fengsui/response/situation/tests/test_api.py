"""The situation over HTTP, as a phone and a desk use it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.registers.risks.queries import danger_areas_in
from tests.world import county as world

API = "/api/v1/situation"


def _client(person_id: int) -> Client:
    client = Client()
    session = client.session
    session[SESSION_PERSON] = person_id
    session.save()
    return client


def test_a_village_states_and_the_county_reads(node: Any) -> None:
    county = world.build()
    village, desk = _client(county.ids["shitan_a"]), _client(county.ids["officer"])
    (area,) = danger_areas_in([world.SHITAN], viewer=county.viewer("officer"))

    def post(path: str, **body: Any) -> dict[str, Any]:
        said = {"place_code": world.SHITAN} | body
        answer = village.post(f"{API}/{path}", said, content_type="application/json")
        assert answer.status_code == 200, answer.content.decode()
        plain: dict[str, Any] = answer.json()
        return plain

    sos = {"sos_id": "s-1", "people": 3, "need": ["boat"], "lon_e7": 1100800000, "lat_e7": 0}
    assert post("sos", **sos)["outcome"] == "recorded"
    assert post("sos", **sos)["outcome"] == "already_recorded"
    moved = post("moved-first", sign="gauge", gauge_value_mm=61, danger_area_ids=[str(area["id"])])
    post("headcounts", evacuation_id=moved["evacuation_id"], should=11, moved=9)
    post("reports", disaster="11B03", affected=11, needs=[{"code": "food", "amount": 20}])

    def read(path: str) -> dict[str, Any]:
        answer = desk.get(f"{API}/{path}")
        assert answer.status_code == 200, answer.content.decode()
        plain: dict[str, Any] = answer.json()
        return plain

    (shown,) = read("sos")["items"]
    assert (shown["people"], shown["need_words_zh"], shown["lon"]) == (3, ["舟艇"], 110.08)
    assert shown["place_name"] == "石滩村"
    counted = read(f"headcounts?evacuation_id={moved['evacuation_id']}")
    assert (counted["total"]["moved"], counted["total"]["not_yet"]) == (9, 2)
    assert read("moved-first")["items"][0]["sign_word_zh"] == "雨量筒或水位尺读数"
    assert read("reports")["items"][0]["needs"] == [{"code": "food", "amount": 20}]
    (row,) = [row for row in read("contact")["items"] if row["place_code"] == world.SHITAN]
    assert (row["path"], row["state"]) == ("report", "in_contact")
    closed = village.post(
        f"{API}/sos/s-1/close", {"outcome": "rescued"}, content_type="application/json"
    )
    assert closed.status_code == 200
    assert read("sos")["items"] == []
