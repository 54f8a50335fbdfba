"""Every endpoint of the API against every role and a neighbour's place.

The list of endpoints comes from the OpenAPI document, so a new one cannot be forgotten: it must
say here what it needs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.access.viewer import ROLES, Permission, Viewer, node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.devices import services as devices
from fengsui.foundation.people import services as people
from fengsui.response.situation import services as situation
from fengsui.web.api import api
from tests.world import county as world
from tests.world.phone import make_phone

P = Permission
PUBLIC, SIGNED_IN = "public", "signed in"
# What each endpoint needs. A set: any one of them opens it.
NEEDS: dict[str, str | set[Permission]] = {
    "GET /session": PUBLIC,
    "POST /session/link": PUBLIC,
    "POST /session/password": PUBLIC,
    "POST /session/end": PUBLIC,
    "GET /public/alerts": PUBLIC,
    "GET /public/feed.atom": PUBLIC,
    "GET /public/cap/{alert_id}.xml": PUBLIC,
    "POST /callbacks/{kind}": PUBLIC,  # a carrier's; its secret is tested with the channels
    "GET /map/base": {P.SEE_PLACES},
    "GET /map/danger-areas": {P.SEE_PLACES, P.SEE_HOUSEHOLDS},
    "GET /alerts": {P.SEE_ALERTS},
    "GET /alerts/{alert_id}": {P.SEE_ALERTS},
    "PATCH /alerts/{alert_id}": {P.DRAFT_ALERT, P.APPROVE_ALERT},
    "POST /alerts/import": {P.DRAFT_ALERT},
    "POST /alerts/paste": {P.DRAFT_ALERT},
    "POST /alerts/draft": {P.DRAFT_ALERT},
    "GET /alerts/{alert_id}/concerned": {P.SEE_ALERTS},
    "POST /alerts/{alert_id}/submit": {P.DRAFT_ALERT},
    "POST /alerts/{alert_id}/approve": {P.APPROVE_ALERT},
    "POST /alerts/{alert_id}/return": {P.APPROVE_ALERT},
    "POST /alerts/{alert_id}/cancel": {P.APPROVE_ALERT, P.DRAFT_ALERT},
    "POST /alerts/{alert_id}/review": {P.APPROVE_ALERT},
    "POST /alerts/self-rescue": {P.SELF_RESCUE_CALL},
    "POST /alerts/{alert_id}/carry-on": {P.DRAFT_ALERT},
    "GET /alerts/{alert_id}/timeline": {P.SEE_ALERTS},
    "GET /alerts/{alert_id}/evacuation": {P.SEE_HOUSEHOLDS, P.SEE_ALERTS},
    "GET /authorisations": {P.SEE_ALERTS, P.APPROVE_ALERT},
    "POST /authorisations": {P.APPROVE_ALERT},
    "POST /authorisations/{authorisation_id}/stop": {P.APPROVE_ALERT},
    "GET /callouts/{callout_id}/board": {P.SEE_CALLS},
    "GET /callouts/{callout_id}/unanswered": {P.SEE_CALLS},
    "POST /callouts/{callout_id}/stop": {P.STEER_CALLOUT},
    "POST /callouts/{callout_id}/skip-rung": {P.STEER_CALLOUT},
    "POST /callouts/{callout_id}/pause-channel": {P.STEER_CALLOUT},
    "POST /callouts/{callout_id}/first-action": {P.MARK_REACHED, P.ANSWER_FOR_OTHERS},
    "POST /callouts/{callout_id}/take-over": {P.TAKE_OVER},
    "POST /takeovers/{takeover_id}/hand-back": {P.TAKE_OVER},
    "GET /calls/mine": SIGNED_IN,
    "POST /calls/{call_id}/answer": SIGNED_IN,  # one's own call; a foreign one is not found
    "POST /calls/{call_id}/reveal": {P.REVEAL_PERSONAL},
    "POST /calls/{call_id}/number": {P.MARK_REACHED},
    "POST /calls/{call_id}/reached-in-person": {P.MARK_REACHED},
    "POST /calls/{call_id}/answer-for": {P.ANSWER_FOR_OTHERS},
    "GET /situation/sos": {P.SEE_HOUSEHOLDS},
    "POST /situation/sos": {P.RECORD_HOUSEHOLD},
    "POST /situation/sos/{sos_id}/close": {P.MARK_REACHED},
    "GET /situation/headcounts": {P.SEE_HOUSEHOLDS},
    "POST /situation/headcounts": {P.RECORD_HOUSEHOLD},
    "GET /situation/reports": {P.SEE_HOUSEHOLDS},
    "POST /situation/reports": {P.RECORD_HOUSEHOLD},
    "GET /situation/contact": {P.SEE_PLACES},
    "POST /situation/households/link": {P.MARK_REACHED},
    "POST /situation/households/unlink": {P.MARK_REACHED},
    "GET /telegrams/heard": {P.SEE_HOUSEHOLDS},
    "POST /telegrams/instructions/{heard_id}/answer": {P.RECORD_HOUSEHOLD},
    "POST /telegrams/instructions/{heard_id}/move": {P.SELF_RESCUE_CALL},
    "POST /telegrams/texts": {P.ANSWER_FOR_OTHERS},
    "GET /situation/moved-first": {P.SEE_HOUSEHOLDS},
    "POST /situation/moved-first": {P.SELF_RESCUE_CALL},
    "GET /field/tonight": SIGNED_IN,
    "POST /field/entries": SIGNED_IN,  # each entry is refused by itself
    "POST /field/keys": SIGNED_IN,
    "GET /field/keys/{key_id}": SIGNED_IN,  # one's own phone; another's is not found
    "POST /field/items": PUBLIC,  # a signature stands for a session; each item by itself
    "POST /session/key": PUBLIC,
    "GET /devices": {P.ANSWER_FOR_OTHERS, P.MANAGE_ACCOUNTS},
    "POST /devices/{device_id}/lost": {P.ANSWER_FOR_OTHERS, P.MANAGE_ACCOUNTS},
    "GET /exchange/upstream": SIGNED_IN,
    "GET /exchange/nodes": {P.SEE_PLACES},
    "GET /exchange/bundles": {P.CARRY_BUNDLES},
    "POST /exchange/bundles": {P.CARRY_BUNDLES},
    "POST /exchange/bundles/{digest}/go-on": {P.CARRY_BUNDLES},
    "GET /exchange/bundles/{node}": {P.CARRY_BUNDLES},
    "GET /exchange/bundles/{node}/lack": {P.CARRY_BUNDLES},
    "GET /exchange/sheets/{evacuation_id}/{place}.pdf": {P.SEE_HOUSEHOLDS},
    "GET /exchange/sheets/{evacuation_id}/{place}": {P.SEE_HOUSEHOLDS},
    "POST /exchange/sheets/typed": {P.RECORD_HOUSEHOLD},
    "GET /nodes": {P.SEE_PLACES},
    "GET /nodes/requests": {P.MANAGE_ACCOUNTS},
    "POST /nodes/requests": PUBLIC,  # a person decides, by a code read from the asker's screen
    "GET /nodes/requests/{code}": PUBLIC,  # a chain is public; only its node can use it
    "POST /nodes/enrol": {P.MANAGE_ACCOUNTS},
    "POST /nodes/{short_id}/revoke": {P.MANAGE_ACCOUNTS},
    "GET /record/differences": {P.SEE_PLACES},
    "POST /record/differences/{difference_id}/settle": {P.EDIT_REGISTERS, P.RECORD_HOUSEHOLD},
    "GET /record/refused": {P.VERIFY_RECORD},
    "GET /exchange/bundles/{node}/strip": {P.CARRY_BUNDLES},
    "POST /exchange/bundles/frames": {P.CARRY_BUNDLES},
    "GET /demonstration": SIGNED_IN,
    "POST /demonstration/start": {P.RUN_EXERCISE},
    "POST /demonstration/stop": {P.RUN_EXERCISE},
    "POST /demonstration/cut": {P.RUN_EXERCISE},
    "POST /demonstration/plug-in": {P.RUN_EXERCISE},
}
# Words that a service checks beyond the form.
WORDS = {
    "place_code": world.SHITAN,
    "answer_kind": "on_it",
    "channel": "voice",
    "kind": "monitoring_alarm",
    "evacuation_id": "1",
    "household_id": "1",
    "same_as": "1",
    "link_id": "1",
    "decision": "keep",
}
# These judge each line by itself and answer 200 with the refusals in the body.
ANSWERS_PER_ITEM = {"POST /field/entries", "POST /alerts/import"}


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    operation: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def document() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return plain


def endpoints() -> list[Endpoint]:
    return [
        Endpoint(method.upper(), path.removeprefix("/api/v1"), operation)
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    ]


def example(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """The smallest value that a JSON schema accepts, so that a refusal is not about the form."""
    if "$ref" in schema:
        return example(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], parts)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            wanted = schema.get("required", [])
            return {
                name: WORDS.get(name) or example(each, parts)
                for name, each in schema.get("properties", {}).items()
                if name in wanted
            }
        case "array":
            return [example(schema["items"], parts)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "string" if schema.get("format") == "date-time":
            return "2026-07-16T18:10:00Z"
        case "string" if schema.get("format") == "uuid":
            return "00000000-0000-4000-8000-000000000001"
        case _:
            return "示意文字".ljust(max(4, schema.get("minLength", 0)), "示")


class Visitor:
    """Calls endpoints as one person, or as nobody."""

    def __init__(self, person_id: int | None, known: dict[str, str]) -> None:
        self.client = Client(raise_request_exception=False)
        self.known = known
        self.parts = document()["components"]["schemas"]
        if person_id is not None:
            session = self.client.session
            session[SESSION_PERSON] = person_id
            session.save()

    def call(self, endpoint: Endpoint) -> Any:
        path = "/api/v1" + endpoint.path
        for name, value in self.known.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, f"{endpoint.name}: give `known` a value for this parameter"
        content = endpoint.operation.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in content:
            return self.client.post(path, {"text": world.rain_warning(7)})
        body = None
        if "application/json" in content:
            body = example(content["application/json"]["schema"], self.parts)
        return self.client.generic(
            endpoint.method,
            path,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
        )


def enrolled_phone(viewer: Viewer) -> dict[str, Any]:
    return devices.enrol(
        viewer=viewer, public_key=make_phone().public_key, name="示意机", key_store="script"
    )


@pytest.fixture
def night(node: Any) -> tuple[world.County, dict[str, str]]:
    """The standing county with a warning over one village, called out; ids for the paths."""
    from fengsui.engines.calls.models import Call
    from fengsui.response.alerts.models import Alert

    county = world.build()
    alert_id = county.issue(
        world.rain_warning(severity="Orange", codes=world.SHITAN, area="石滩村")
    )
    alert = Alert.objects.get(id=alert_id)
    call = Call.objects.filter(callout_id=alert.callout_id, place_code=world.SHITAN).first()
    assert call is not None
    phone = enrolled_phone(county.viewer("shitan_grid"))
    known = {
        "alert_id": str(alert_id),
        "callout_id": str(alert.callout_id),
        "call_id": str(call.pk),
        "authorisation_id": "1",
        "takeover_id": "1",
        "difference_id": "1",
        "short_id": "256",
        "code": "0000-0000-0000-0000",
        "heard_id": instruction_by_text(),
        "sos_id": situation.raise_sos(
            viewer=node_viewer(), content={"place_code": world.SHITAN}, sos_id="sos-1"
        )["sos_id"],
        "kind": "voice",
        "evacuation_id": str(alert.evacuation_id),
        "place": world.SHITAN,
        "digest": "0" * 64,
        "node": world.QINGSHI,
        "key_id": "0" * 32,
        "device_id": str(phone["device_id"]),
    }
    return county, known


def instruction_by_text() -> str:
    """An evacuation instruction that somebody typed, as a village has it before the alert."""
    from fengsui.exchange.telegrams import services as telegrams
    from fengsui.exchange.telegrams.models import Heard

    telegrams.receive_text(
        viewer=node_viewer(), number="0", text="ZL 101201 红 转移 #1", place_code=world.SHITAN
    )
    return str(Heard.objects.get().pk)


def newcomer(county: world.County, role: str, place_code: str) -> int:
    """A person with exactly one role over one place."""
    reference = f"{role}-{place_code}"
    ids = people.register_people(
        viewer=node_viewer(),
        persons=[{"ref": reference, "name": "示意来客", "place_code": place_code}],
        posts=[],
        holdings=[],
        contact_points=[],
        is_invented=True,
    )
    accounts.register_account(
        viewer=node_viewer(), person_id=ids[reference], grants=[[role, place_code]]
    )
    return int(ids[reference])


def is_refusal(response: Any) -> bool:
    """Includes that this node, being no demonstration, has nothing of the kind."""
    if response.status_code == 409:
        return str(response.json()["code"]).startswith("demonstration.not_")
    return response.status_code in (401, 403, 404)


def shows_nothing(response: Any, known: dict[str, str]) -> bool:
    """A list may answer an outsider, but with nothing of the night in it."""
    text = response.content.decode()
    secrets = ["示意户", "石滩", known["alert_id"], known["callout_id"], known["call_id"]]
    return response.status_code == 200 and not any(secret in text for secret in secrets)


def test_every_endpoint_says_what_it_needs() -> None:
    names = {endpoint.name for endpoint in endpoints()}
    assert names - NEEDS.keys() == set(), "say in NEEDS what these need"
    assert NEEDS.keys() - names == set(), "these endpoints are gone"


def test_nobody_gets_nothing_but_the_public_pages(
    night: tuple[world.County, dict[str, str]],
) -> None:
    visitor = Visitor(None, night[1])
    let_in = [
        f"{endpoint.name}: {response.status_code}"
        for endpoint in endpoints()
        if NEEDS.get(endpoint.name) != PUBLIC
        and (response := visitor.call(endpoint)).status_code not in (401, 403)
    ]
    assert let_in == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_gets_nothing_that_it_does_not_hold(
    role: str, night: tuple[world.County, dict[str, str]]
) -> None:
    county, known = night
    visitor = Visitor(newcomer(county, role, world.COUNTY), known)
    let_in = []
    for endpoint in endpoints():
        needed = NEEDS.get(endpoint.name)
        if not isinstance(needed, set) or needed & ROLES[role]:
            continue
        response = visitor.call(endpoint)
        if is_refusal(response) or (endpoint.method == "GET" and shows_nothing(response, known)):
            continue
        if endpoint.name in ANSWERS_PER_ITEM and shows_nothing(response, known):
            continue
        let_in.append(f"{endpoint.name}: {response.status_code} {response.content[:160].decode()}")
    assert let_in == []


@pytest.mark.parametrize("role", ["township_officer", "village_secretary", "duty_leader"])
def test_a_neighbour_never_gets_an_object_of_another_township(
    role: str, night: tuple[world.County, dict[str, str]]
) -> None:
    """The same role as one who may, held over the township next door."""
    county, known = night
    visitor = Visitor(newcomer(county, role, world.BAISHUI), known)
    let_in = [
        f"{endpoint.name}: {response.status_code} {response.content[:160].decode()}"
        for endpoint in endpoints()
        if "_id}" in endpoint.path
        and NEEDS.get(endpoint.name) != PUBLIC
        and not is_refusal(response := visitor.call(endpoint))
    ]
    assert let_in == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_read_breaks_for_anybody(role: str, night: tuple[world.County, dict[str, str]]) -> None:
    county, known = night
    visitor = Visitor(newcomer(county, role, world.QINGSHI), known)
    broken = [
        f"{endpoint.name}: {response.status_code}"
        for endpoint in endpoints()
        if endpoint.method == "GET" and (response := visitor.call(endpoint)).status_code >= 500
    ]
    assert broken == []


def test_no_two_schemas_share_a_name() -> None:
    """The document would show one of them for both, and the page's types would lie."""
    from importlib import import_module

    from ninja import Schema

    from fengsui.web.api import ROUTERS

    owners: dict[str, set[str]] = {}
    for name in ROUTERS:
        for value in vars(import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Schema) and value is not Schema:
                owners.setdefault(value.__name__, set()).add(value.__module__)
    assert {name: where for name, where in owners.items() if len(where) > 1} == {}
