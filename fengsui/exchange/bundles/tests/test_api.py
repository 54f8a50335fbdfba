"""Bundles over HTTP: fetched, brought in whole or part by part, gone on with, turned away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from fengsui.exchange.bundles import api, rules, uploads
from fengsui.foundation.accounts.queries import SESSION_PERSON
from tests.world.journals import Boxes
from tests.world.valley import Valley

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "local"])
URL = "/api/v1/exchange/bundles"


@pytest.fixture
def valley(transactional_db: None, clock: Any, tmp_path: Path) -> Iterator[Valley]:
    boxes = Boxes(tmp_path)
    told = Valley(clock, boxes)
    told.warn()
    yield told
    boxes.close()


def desk(valley: Valley, who: str) -> Client:
    client = Client()
    session = client.session
    session[SESSION_PERSON] = valley.people.ids[who]
    session.save()
    return client


def post(client: Client, data: bytes, **query: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return client.post(f"{URL}?{asked}", data, content_type="application/octet-stream")


def test_a_bundle_is_fetched_at_one_desk_and_brought_in_at_another(valley: Valley) -> None:
    with valley.county.here():
        client = desk(valley, "officer")
        lack = client.get(f"{URL}/青石镇/lack").json()
        response = client.get(f"{URL}/{valley.township.scope}")
        assert response.status_code == 200
        assert int(response["X-Fengsui-Facts"]) == lack["facts"] > 10
        assert 'filename="fengsui-439901101000-20260717-021' in response["Content-Disposition"]
        stick = response.content
    # Grants of the county's accounts come with the first stick; then its people may sign in.
    valley.read(valley.township, stick)
    valley.tick(valley.county, "h1", "refuses", "http-1")
    valley.clock.forward(seconds=60)
    second = valley.stick(valley.county, valley.township)
    with valley.township.here():
        client = desk(valley, "qingshi")
        report = post(client, second, carried_by="示意子").json()["report"]
        assert (report["state"], report["taken"], report["sender_name"]) == ("done", 1, "示例县")
        rows = client.get(URL).json()["items"]
        assert (rows[0]["direction"], rows[0]["carried_by"]) == ("read", "示意子")
        assert list(uploads.folder().iterdir()) == [], "what was read is not kept"


def test_a_large_file_comes_in_parts_and_is_read_on_demand(
    valley: Valley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FACTS_PER_PIECE", 2)
    monkeypatch.setattr(api, "PIECES_A_REQUEST", 1)
    stick = valley.stick(valley.township, valley.county)
    valley.read(valley.county, stick)
    valley.clock.forward(seconds=60)
    valley.tick(valley.county, "h1", "refuses", "parts-1")
    stick = valley.stick(valley.township, valley.county, everything=True)
    with valley.county.here():
        client = desk(valley, "officer")
        half = len(stick) // 2
        query = {"upload": "abc", "total": len(stick)}
        assert post(client, stick[:half], offset=0, **query).json() == {
            "received": half,
            "report": None,
        }
        problem = post(client, stick[half + 9 :], offset=half + 9, **query)
        assert (problem.status_code, problem.json()["code"]) == (409, "bundles.upload_broken")
        assert problem.json()["data"]["held"] == half
        report = post(client, stick[half:], offset=half, **query).json()["report"]
        for _ in range(100):
            if report["state"] != "reading":
                break
            assert report["pieces_done"] < report["pieces"]
            answer = client.post(f"{URL}/{report['digest']}/go-on", {}, "application/json")
            report = answer.json()["report"]
        assert (report["state"], report["pieces_done"]) == ("done", report["pieces"])
        again = client.post(f"{URL}/{report['digest']}/go-on", {}, "application/json")
        assert again.json()["code"] == "bundles.no_such_reading"


def test_what_is_no_bundle_or_too_large_is_turned_away_and_not_kept(
    valley: Valley, monkeypatch: pytest.MonkeyPatch
) -> None:
    with valley.county.here():
        client = desk(valley, "officer")
        for data, code in (
            (b"", "bundles.cut_short"),
            (b"PK\x03\x04 a document", "bundles.not_a_bundle"),
            (b"fengsui bundle\x00\x01", "bundles.cut_short"),
        ):
            response = post(client, data)
            assert response.json()["code"] == code
        monkeypatch.setattr(uploads, "UPLOAD_BYTES_MAX", 100)
        assert post(client, bytes(101)).json()["code"] == "bundles.too_large"
        assert [path for path in uploads.folder().iterdir() if path.stat().st_size] == []
        assert uploads.folder().is_relative_to(settings.HOME)
        for path in ("..%2f..%2fetc", "0" * 63, "g" * 64):
            response = client.post(f"{URL}/{path}/go-on", {}, "application/json")
            assert response.status_code == 404


def test_a_bundle_for_nobody_or_for_oneself_is_refused(valley: Valley) -> None:
    with valley.county.here():
        client = desk(valley, "officer")
        assert client.get(f"{URL}/没有的节点").json()["code"] == "bundles.no_such_node"
        own = valley.county.public_key.hex()
        assert client.get(f"{URL}/{own}").json()["code"] == "bundles.same_node"


def test_a_village_secretary_carries_for_the_village_only(valley: Valley) -> None:
    with valley.county.here():
        client = desk(valley, "shitan_a")
        refused = client.get(f"{URL}/青石镇")
        assert (refused.status_code, refused.json()["code"]) == (403, "access.not_allowed")
        assert post(client, b"x").status_code == 403


def test_a_small_bundle_goes_from_screen_to_scanner(valley: Valley) -> None:
    stick = valley.stick(valley.county, valley.township)
    valley.read(valley.township, stick)
    valley.carry(valley.township, valley.county)
    valley.clock.forward(seconds=60)
    valley.tick(valley.county, "h1", "refuses", "strip-1")
    with valley.county.here():
        shown = desk(valley, "officer").get(f"{URL}/青石镇/strip").json()
    assert shown["facts"] >= 1
    assert all(frame["svg"].startswith("<svg ") for frame in shown["frames"])
    lines = [frame["text"] for frame in shown["frames"]]
    assert len(lines) > 1
    with valley.township.here():
        client = desk(valley, "qingshi")

        def scan(lines: list[str]) -> dict[str, Any]:
            body = {"lines": lines, "carried_by": "示意子"}
            answer = client.post(f"{URL}/frames", body, content_type="application/json")
            assert answer.status_code == 200, answer.content
            found: dict[str, Any] = answer.json()
            return found

        part = scan([lines[-1], "FALSCH"])
        assert part["report"] is None
        assert part["missing"] == list(range(1, len(lines)))
        assert part["wrong"] == [2]
        report = scan(lines[::-1])["report"]
        assert (report["state"], report["taken"]) == ("done", shown["facts"])
