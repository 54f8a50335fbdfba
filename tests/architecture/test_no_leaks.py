"""Marks are planted in every personal field; nobody reads one who holds no right to it.

Every GET of the OpenAPI document is asked by every role over the whole county. Full telephone
numbers stand in no answer at all: they are shown one by one, for a reason. The same marks are
looked for in the logs, in refusals, in what the live stream announces and in the metrics.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from fengsui.engines.calls import services as calls
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.viewer import ROLES, Permission, node_viewer
from fengsui.foundation.attachments import services as attachments
from fengsui.foundation.journal import clock as time
from fengsui.foundation.journal import services as journal
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import ContactPoint, Household
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import services as evacuations
from fengsui.response.situation import services as situation
from fengsui.review.search import services as search
from tests.architecture.test_permissions import (  # noqa: F401 - night is a fixture
    Endpoint,
    Visitor,
    endpoints,
    newcomer,
    night,
)
from tests.world import county as world

P = Permission
NODE = node_viewer()
PHONES = ("00099900001", "00099900002", "00099900003")
# Whoever may erase somebody must be able to find them by name; so that right shows names.
PEOPLE = {P.SEE_PEOPLE, P.SEE_CALLS, P.SEE_HOUSEHOLDS, P.ERASE_PERSONAL}


@dataclass(frozen=True)
class Mark:
    """What was planted, and any one of which permissions lets it be read."""

    text: str
    opens: frozenset[Permission]


def mark(text: str, *permissions: Permission) -> Mark:
    return Mark(text, frozenset(permissions))


MARKS = (
    *(mark(phone) for phone in PHONES),
    mark("泄漏名甲", *PEOPLE),
    mark("泄漏户乙", P.SEE_HOUSEHOLDS, P.ERASE_PERSONAL),
    mark("泄漏亲丙", P.SEE_HOUSEHOLDS),
    mark("1100123457", P.SEE_HOUSEHOLDS),  # where the household stands
    mark("110.0123457", P.SEE_HOUSEHOLDS),
    mark("泄漏求救丁", P.SEE_HOUSEHOLDS),
    mark("泄漏确认戊", P.SEE_HOUSEHOLDS),
    mark("泄漏转述己", P.SEE_CALLS),
    mark("泄漏说明庚", P.SEE_CALLS),
    mark("泄漏附件辛", P.SEE_HOUSEHOLDS),
    mark("泄漏结案壬", P.SEE_HOUSEHOLDS),
)
HEARD: list[str] = []


@pytest.fixture
def planted(
    night: tuple[world.County, dict[str, str]],  # noqa: F811
) -> Iterator[tuple[world.County, dict[str, str]]]:
    """The night of the permission tests, with a mark in every personal field of the village."""
    HEARD.clear()
    stop = journal.add_listener(lambda topic, data: HEARD.append(f"{topic} {data!r}"))
    county, known = night
    ids = county.ids
    people.rename_person(viewer=NODE, person_id=ids["shitan_a"], name="泄漏名甲")
    number = ContactPoint.objects.filter(person_id=ids["shitan_a"]).values_list("pk", flat=True)[0]
    people.replace_contact(viewer=NODE, contact_point_id=number, value=PHONES[0], reason="示意换号")
    people.change_household(
        viewer=NODE,
        household_id=ids["h1"],
        changes={
            "label": "泄漏户乙",
            "relative_name": "泄漏亲丙",
            "relative_phone": PHONES[1],
            "lon_e7": 1_100_123_457,
            "lat_e7": 284_400_000,
        },
    )
    alert = Alert.objects.get(pk=int(known["alert_id"]))
    evacuations.record_household_status(
        viewer=county.viewer("shitan_a"),
        household_id=ids["h1"],
        status="away",
        client_id="leak-1",
        evacuation_id=alert.evacuation_id,
        confirmed_by="泄漏确认戊",
        confirmed_how="phone",
    )
    call_id = int(known["call_id"])
    calls.replace_number(
        viewer=county.viewer("leader"), call_id=call_id, value=PHONES[2], reason="示意换号"
    )
    calls.answer_for(
        viewer=county.viewer("leader"),
        call_id=call_id,
        answer_kind="on_it",
        heard_from="泄漏转述己",
        note="泄漏说明庚",
    )
    said = {"place_code": world.SHITAN, "text": "泄漏求救丁"}
    situation.raise_sos(viewer=county.viewer("shitan_a"), content=said)
    sos = situation.raise_sos(viewer=county.viewer("shitan_a"), content=said)
    situation.close_sos(
        viewer=county.viewer("leader"), sos_id=sos["sos_id"], outcome="rescued", reason="泄漏结案壬"
    )
    attachments.attach(
        viewer=NODE,
        owner_ledger="households",
        owner_key=str(ids["h1"]),
        file_name="泄漏附件辛.pdf",
        sha256="1" * 64,
        size=1,
        found={"kind": "pdf", "public_sha256": "", "thumbnail_sha256": ""},
    )
    assert Household.objects.get(pk=ids["h1"]).label == "泄漏户乙"
    assert Call.objects.filter(pk=call_id).exists()
    # Paths that name an object name the marked one.
    known |= {"household_id": str(ids["h1"]), "person_id": str(ids["shitan_a"])}
    yield county, known
    stop()


def text_of(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    plain = content.decode(errors="replace")
    if "json" in response.headers.get("Content-Type", ""):
        # As characters, whatever way they were escaped.
        plain = json.dumps(json.loads(plain), ensure_ascii=False)
    return str(plain)


# Lists that are asked for by POST: what is looked for stands in no address.
LISTS = ("places", "persons", "posts", "holdings", "contacts", "households", "danger_areas",
         "venues")  # fmt: skip


def answers_to_posts(visitor: Visitor) -> Iterator[tuple[str, str]]:
    """Every mark is looked for, and every list taken out as a file, masked."""

    def post(path: str, body: dict[str, str]) -> str:
        sent = json.dumps(body, ensure_ascii=False)
        return text_of(visitor.client.post(f"/api/v1{path}", sent, content_type="application/json"))

    for one in MARKS:
        yield "POST /search", post("/search", {"question": one.text})
    for name in LISTS:
        path = f"/ledgers/{name}/export"
        yield f"POST {path}", post(path, {"format": "csv", "recipient": "示意单位"})


def asked(visitor: Visitor) -> Iterator[tuple[Endpoint, str]]:
    for endpoint in endpoints():
        if endpoint.method == "GET":
            response = visitor.call(endpoint)
            if "pdf" not in response.headers.get("Content-Type", ""):
                yield endpoint, text_of(response)


@pytest.mark.one_database
def test_nobody_reads_what_the_role_does_not_show(
    planted: tuple[world.County, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    county, known = planted
    caplog.set_level(logging.DEBUG)
    leaks = []
    for role, held in sorted(ROLES.items()):
        visitor = Visitor(newcomer(county, role, world.COUNTY), known)
        for endpoint, text in asked(visitor):
            leaks += [
                f"{role} reads {one.text} in {endpoint.name}"
                for one in MARKS
                if not one.opens & held and one.text in text
            ]
    for endpoint, text in asked(Visitor(None, known)):
        leaks += [
            f"nobody reads {one.text} in {endpoint.name}" for one in MARKS if one.text in text
        ]
    assert not leaks, "\n".join(leaks)
    logged = [one.text for one in MARKS if one.text in caplog.text]
    assert logged == [], "personal data stands in a log"


def test_nobody_finds_or_takes_out_what_the_role_does_not_show(
    planted: tuple[world.County, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    county, known = planted
    caplog.set_level(logging.DEBUG)
    while search.follow(time.now()):
        pass
    leaks, found, taken = [], set(), 0
    for role, held in [*sorted(ROLES.items()), ("nobody", frozenset())]:
        person = None if role == "nobody" else newcomer(county, role, world.COUNTY)
        for name, text in answers_to_posts(Visitor(person, known)):
            read = {one for one in MARKS if one.text in text}
            found |= {one.text for one in read if name == "POST /search"}
            taken += "石滩村" in text and name.endswith("/households/export")
            leaks += [f"{role} reads {one.text} in {name}" for one in read if not one.opens & held]
    assert not leaks, "\n".join(leaks)
    assert {"泄漏名甲", "泄漏户乙"} <= found
    assert taken, "somebody's file has the households of the village, masked"
    assert [one.text for one in MARKS if one.text in caplog.text] == []


@pytest.mark.one_database
def test_the_marks_are_there_for_those_who_may(
    planted: tuple[world.County, dict[str, str]],
) -> None:
    """Else the test above would be content with a county without people."""
    county, known = planted
    visitor = Visitor(newcomer(county, "duty_leader", world.COUNTY), known)
    everything = " ".join(text for _, text in asked(visitor))
    found = {one.text for one in MARKS if one.text in everything}
    assert {"泄漏名甲", "泄漏户乙", "泄漏求救丁", "泄漏确认戊"} <= found


@pytest.mark.one_database
def test_refusals_do_not_say_back_what_was_typed(
    planted: tuple[world.County, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    """A number typed into the wrong field must not stand in an error, nor in a log of errors."""
    county, known = planted
    caplog.set_level(logging.DEBUG)
    typed = "00088877766"
    client = Client(raise_request_exception=False)
    session = client.session
    session["person_id"] = newcomer(county, "grid_worker", world.COUNTY)
    session.save()
    leaks = []
    for endpoint in endpoints():
        content = endpoint.operation.get("requestBody", {}).get("content", {})
        if endpoint.method == "GET" or "application/json" not in content:
            continue
        path = "/api/v1" + endpoint.path
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", value)
        for body in (
            json.dumps(typed),
            json.dumps({"text": typed, "name": typed, "value": [typed]}),
        ):
            answer = client.generic(endpoint.method, path, body, content_type="application/json")
            if answer.status_code >= 400 and typed in answer.content.decode(errors="replace"):
                leaks.append(f"{endpoint.name}: {answer.content.decode()[:200]}")
    assert not leaks, "\n".join(leaks)
    said = [f"{one.name} {one.getMessage()}" for one in caplog.records if typed in one.getMessage()]
    assert said == []


@pytest.mark.one_database
def test_stream_and_metrics_hold_nobody(
    planted: tuple[world.County, dict[str, str]],
) -> None:
    assert HEARD, "the stream had something to tell"
    told = " ".join(HEARD)
    metrics = text_of(Client().get("/metrics"))
    assert [one.text for one in MARKS if one.text in told or one.text in metrics] == []
