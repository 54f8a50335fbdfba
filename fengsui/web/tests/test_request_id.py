"""One id from the request through its answer to the facts that it led to."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.test.client import MULTIPART_CONTENT

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts.services import make_one_time_link
from fengsui.foundation.journal import queries
from fengsui.foundation.journal.models import StoredFact
from tests.world.county import build, rain_warning

NODE = node_viewer()


def post(client: Client, path: str, body: dict[str, Any], number: str, **more: Any) -> Any:
    as_json = {"content_type": "application/json"} | more
    reply = client.post(f"/api/v1{path}", body, headers={"X-Request-Id": number}, **as_json)
    assert reply.status_code == 200, reply.content
    assert reply["X-Request-Id"] == number
    return reply.json()


def kinds_of(number: str) -> list[str]:
    return [row["fact"].kind for row in queries.facts_of_request(NODE, number)]


def signed_in(person_id: int, number: str) -> Client:
    client = Client()
    post(client, "/session/link", {"token": make_one_time_link(person_id)}, number)
    return client


def test_every_fact_knows_the_request_that_led_to_it(node: Any) -> None:
    county = build()
    assert not StoredFact.objects.exclude(request_id="").exists()
    officer = signed_in(county.ids["officer"], "sign-in-0001")
    assert kinds_of("sign-in-0001") == ["account.signed_in"]
    imported = post(
        officer,
        "/alerts/import",
        {"text": rain_warning()},
        "import-0002",
        content_type=MULTIPART_CONTENT,
    )
    assert kinds_of("import-0002")[0] == "alert.received"
    leader = signed_in(county.ids["leader"], "sign-in-0003")
    alert_id = imported["items"][0]["alert_id"]
    post(leader, f"/alerts/{alert_id}/approve", {"reason": ""}, "approve-0004")
    # Also what the program did of itself because of it: open the callout and the evacuation.
    assert {"alert.approved", "alert.activated", "callout.opened", "evacuation.opened"} <= set(
        kinds_of("approve-0004")
    )


def test_an_answer_without_a_fact_leaves_no_trace(node: Any) -> None:
    build()
    reply = Client().get("/api/v1/session", headers={"X-Request-Id": "only-looking"})
    assert reply["X-Request-Id"] == "only-looking"
    assert kinds_of("only-looking") == []
