"""The call list over HTTP: shapes, refusals, callbacks."""

from __future__ import annotations

from typing import Any

import pytest
from ninja.testing import TestClient

from fengsui.engines.calls import queries
from fengsui.engines.calls.api import router
from fengsui.engines.calls.models import Answer, Attempt
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture
def client() -> TestClient:
    return TestClient(router)


@pytest.fixture
def callout_id(clock: Any) -> int:
    town.phones({}, **town.silent_by_default())
    unit = town.village(0, 1)
    opened = town.open_callout([town.party(1, place=unit, unit=unit), town.party(2, place=unit)])
    town.step()
    return opened


def _call_id(callout_id: int, person_id: int) -> int:
    return town.call_of(callout_id, person_id).id


def test_the_unanswered_list_gives_ids_as_strings_and_masks_numbers(
    client: TestClient, callout_id: int
) -> None:
    answer = client.get(f"/callouts/{callout_id}/unanswered?limit=1", viewer=town.LEADER)
    page = answer.json()
    assert answer.status_code == 200
    assert page["items"][0]["call_id"] == str(_call_id(callout_id, 1))
    assert page["items"][0]["phone_masked"].endswith("0001")
    assert page["items"][0]["last_word_en"] == "handed over"
    rest = client.get(
        f"/callouts/{callout_id}/unanswered?after={page['next']}", viewer=town.LEADER
    ).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)


def test_answer_reached_and_stop(client: TestClient, callout_id: int) -> None:
    call_id = _call_id(callout_id, 1)
    body = {"answer_kind": "on_it", "client_id": "a"}
    for outcome in ("recorded", "already_recorded"):
        told = client.post(f"/calls/{call_id}/answer", json=body, viewer=town.viewer_of(1))
        assert told.json() == {"outcome": outcome}
    other = _call_id(callout_id, 2)
    reached = client.post(
        f"/calls/{other}/reached-in-person", json={"note": "示意"}, viewer=town.LEADER
    )
    assert reached.json() == {"outcome": "recorded"}
    with pytest.raises(Problem, match="reason_required"):
        client.post(f"/callouts/{callout_id}/stop", json={"reason": " "}, viewer=town.LEADER)
    stopped = client.post(
        f"/callouts/{callout_id}/stop", json={"reason": "解除"}, viewer=town.LEADER
    )
    assert stopped.json() == {"outcome": "recorded"}
    board = queries.board(callout_id, viewer=town.LEADER)
    assert (board["answered"], board["reached_in_person"], board["unanswered"]) == (1, 1, 0)
    assert board["callout"]["state"] == "stopped"


def test_what_waits_for_me(client: TestClient, callout_id: int) -> None:
    mine = client.get("/calls/mine", viewer=town.viewer_of(1)).json()["items"]
    assert [row["callout_id"] for row in mine] == [str(callout_id)]
    with pytest.raises(Problem, match="sign_in_first"):
        client.get("/calls/mine", viewer=NOBODY)


def test_a_recorded_answer_names_whom_it_was_heard_from(
    client: TestClient, callout_id: int
) -> None:
    call_id = _call_id(callout_id, 1)
    body = {"answer_kind": "need_support", "heard_from": "示意1", "note": "断路"}
    told = client.post(f"/calls/{call_id}/answer-for", json=body, viewer=town.TOWNSHIP_OFFICER)
    assert told.json() == {"outcome": "recorded"}
    assert Answer.objects.get().note == "断路"
    acted = client.post(
        f"/callouts/{callout_id}/first-action",
        json={"unit_code": town.village(0, 1), "heard_from": "示意1"},
        viewer=town.TOWNSHIP_OFFICER,
    )
    assert acted.json() == {"outcome": "recorded"}
    phone = client.post(
        f"/calls/{call_id}/reveal", json={"reason": "核实"}, viewer=town.TOWNSHIP_OFFICER
    )
    assert phone.json() == {"phone": town.phone(1)}


def test_a_carriers_callback_needs_the_shared_secret(
    client: TestClient, callout_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = Attempt.objects.filter(call__person_id=1).get()
    body = b'{"reference": "%d", "event": "shown"}' % attempt.id
    with pytest.raises(Problem, match="not_found"):
        client.post("/callbacks/in_app", data=body, viewer=NOBODY, body=body, headers={})
    monkeypatch.setenv("FENGSUI_CALLBACK_SECRET", "示意".encode().hex())
    headers = {"X-Fengsui-Callback": "示意".encode().hex()}
    told = client.post("/callbacks/in_app", viewer=NOBODY, body=body, headers=headers)
    assert told.json() == {"outcome": "recorded"}
    assert Attempt.objects.get(pk=attempt.id).word == "delivered"
    with pytest.raises(Problem, match="callback_unreadable"):
        client.post("/callbacks/in_app", viewer=NOBODY, body=b"{", headers=headers)
