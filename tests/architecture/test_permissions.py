"""Every endpoint of the API × every role × place, generated from the OpenAPI document.

A new endpoint cannot be forgotten: it must say in `tests/architecture/needs/` what it needs.
From that line follow, for each role: refused where the role lacks the right; refused, or empty,
where it holds the right over the township next door or in another county; let in where it holds
it over the county.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.access.viewer import ROLES, node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.people import services as people
from fengsui.web.api import api
from tests.architecture import needs as said
from tests.architecture.needs import PUBLIC
from tests.world import county as world

NEEDS = said.needs()
OTHER_COUNTY = "439902000000"
NEIGHBOURS = (world.BAISHUI, OTHER_COUNTY)
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Words that a service checks beyond the form.
WORDS = {"place_code": world.SHITAN} | said.merged("WORDS")
ANSWERS_PER_ITEM = said.named("ANSWERS_PER_ITEM")
COUNTY_WIDE = said.named("COUNTY_WIDE")
HOLLOW = said.named("HOLLOW")


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    operation: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@cache
def document() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return plain


@cache
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
                name: word(name, each, parts)
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
        case "string" if "pattern" in schema and re.search(schema["pattern"], "1"):
            return "1"
        case "string" if schema.get("format") == "uuid":
            return "00000000-0000-4000-8000-000000000001"
        case _:
            return "示意文字".ljust(max(4, schema.get("minLength", 0)), "示")


def word(name: str, schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """What the service takes for this field; of a closed list one of that list."""
    is_closed = "enum" in parts.get(schema.get("$ref", "").rsplit("/", 1)[-1], schema)
    return (not is_closed and WORDS.get(name)) or example(schema, parts)


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
        assert "{" not in path, f"{endpoint.name}: give KNOWN a value for this parameter"
        query = {
            one["name"]: self.known.get(one["name"]) or example(one["schema"], self.parts)
            for one in endpoint.operation.get("parameters", [])
            if one["in"] == "query" and (one.get("required") or one["name"] in self.known)
        }
        content = endpoint.operation.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in content:
            return self.client.post(path, {"text": world.rain_warning(7)})
        if "application/octet-stream" in content:
            return self.client.generic(endpoint.method, path, b"0", query_params=query)
        body = None
        if "application/json" in content:
            body = example(content["application/json"]["schema"], self.parts)
        return self.client.generic(
            endpoint.method,
            path,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            query_params=query,
        )


def called_out(county: world.County) -> dict[str, str]:
    """A warning over one village of the county, called out: ids for the paths."""
    from fengsui.engines.calls.models import Call
    from fengsui.response.alerts.models import Alert

    alert_id = county.issue(
        world.rain_warning(severity="Orange", codes=world.SHITAN, area="石滩村")
    )
    alert = Alert.objects.get(id=alert_id)
    call = Call.objects.filter(callout_id=alert.callout_id, place_code=world.SHITAN).first()
    assert call is not None
    known = {
        "alert_id": str(alert_id),
        "callout_id": str(alert.callout_id),
        "call_id": str(call.pk),
        "evacuation_id": str(alert.evacuation_id),
    } | said.merged("KNOWN")
    for make in said.makers():
        known |= make(county)
    return known


@pytest.fixture
def night(node: Any) -> tuple[world.County, dict[str, str]]:
    """The standing county on that night, and the ids for the paths."""
    county = world.build()
    return county, called_out(county)


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
    """A list may answer an outsider, but with nothing of the village's night in it."""
    text = response.content.decode(errors="replace")
    objects = [value for name, value in known.items() if name.endswith("_id") and len(value) > 6]
    secrets = ["示意户 1", "示意户 2", "示意户 3", "石滩", *objects]
    return response.status_code == 200 and not any(secret in text for secret in secrets)


def is_closed(endpoint: Endpoint, response: Any, known: dict[str, str]) -> bool:
    """Refused; or a list, or an intake that judges line by line, without anything in it."""
    if is_refusal(response):
        return True
    may_be_empty = endpoint.method == "GET" or endpoint.name in ANSWERS_PER_ITEM
    return may_be_empty and shows_nothing(response, known)


def told(endpoint: Endpoint, who: str, response: Any) -> str:
    answer = response.content[:160].decode(errors="replace")
    return f"{endpoint.name} as {who}: {response.status_code} {answer}"


def with_needs() -> Iterator[tuple[Endpoint, set[Any]]]:
    """The endpoints that some permission opens."""
    for endpoint in endpoints():
        needed = NEEDS.get(endpoint.name)
        if isinstance(needed, set):
            yield endpoint, needed


def test_every_endpoint_says_what_it_needs() -> None:
    names = {endpoint.name for endpoint in endpoints()}
    assert names - NEEDS.keys() == set(), "say in tests/architecture/needs what these need"
    assert NEEDS.keys() - names == set(), "these endpoints are gone"


@pytest.mark.one_database
def test_nobody_gets_nothing_but_the_public_pages(
    night: tuple[world.County, dict[str, str]],
) -> None:
    visitor = Visitor(None, night[1])
    let_in = [
        told(endpoint, "nobody", response)
        for endpoint in endpoints()
        if NEEDS.get(endpoint.name) != PUBLIC
        and (response := visitor.call(endpoint)).status_code not in (401, 403)
    ]
    assert not let_in, "\n".join(let_in)


@pytest.mark.one_database
def test_a_role_gets_nothing_that_it_does_not_hold(
    night: tuple[world.County, dict[str, str]],
) -> None:
    """Every role, held over the whole county."""
    county, known = night
    let_in = []
    for role, held in sorted(ROLES.items()):
        visitor = Visitor(newcomer(county, role, world.COUNTY), known)
        for endpoint, needed in with_needs():
            if needed & held:
                continue
            response = visitor.call(endpoint)
            if not is_closed(endpoint, response, known):
                let_in.append(told(endpoint, role, response))
    assert not let_in, "\n".join(let_in)


@pytest.mark.one_database
@pytest.mark.parametrize("place", NEIGHBOURS)
def test_a_right_over_another_place_opens_nothing_here(
    place: str, night: tuple[world.County, dict[str, str]]
) -> None:
    """Every role over the township next door and in another county, against every endpoint that
    it may use at home: objects are never reached by id, lists are empty, writes are refused."""
    county, known = night
    let_in = []
    for role, held in sorted(ROLES.items()):
        visitor = Visitor(newcomer(county, role, place), known)
        for endpoint, needed in with_needs():
            if not needed & held or endpoint.name in COUNTY_WIDE:
                continue
            response = visitor.call(endpoint)
            # The name of a ledger, or a night, says which list, not which object.
            is_object = "{" in endpoint.path.replace("{name}", "").replace("{night}", "")
            if endpoint.method == "GET" and not is_object:
                fine = is_closed(endpoint, response, known)
            elif is_object:
                fine = is_refusal(response)
            else:  # a form that is refused for its content has not been let in either
                fine = response.status_code >= 400 or endpoint.name in ANSWERS_PER_ITEM
            if not fine:
                let_in.append(told(endpoint, f"{role} of {place}", response))
    assert not let_in, "\n".join(let_in)


@pytest.mark.one_database
def test_a_right_over_the_county_opens_every_read(
    night: tuple[world.County, dict[str, str]],
) -> None:
    """Else the tests above would be content with an API that refuses everybody."""
    county, known = night
    shut = []
    for role, held in sorted(ROLES.items()):
        visitor = Visitor(newcomer(county, role, world.COUNTY), known)
        for endpoint, needed in with_needs():
            if endpoint.method == "GET" and needed & held and endpoint.name not in HOLLOW:
                response = visitor.call(endpoint)
                if response.status_code != 200:
                    shut.append(told(endpoint, role, response))
    assert not shut, "\n".join(shut)


@pytest.mark.one_database
def test_a_right_over_the_county_is_never_answered_as_a_lack_of_right(
    night: tuple[world.County, dict[str, str]],
) -> None:
    """The writes, by a role that holds the right: whatever else is wrong, it is not the role."""
    county, known = night
    shut = []
    for role, held in sorted(ROLES.items()):
        for endpoint, needed in with_needs():
            if endpoint.method in WRITES and needed & held and endpoint.name not in HOLLOW:
                visitor = Visitor(newcomer(county, role, world.COUNTY), known)
                response = visitor.call(endpoint)
                if response.status_code in (401, 403) or response.status_code >= 500:
                    shut.append(told(endpoint, role, response))
    assert not shut, "\n".join(shut)


def test_no_read_breaks_for_anybody(night: tuple[world.County, dict[str, str]]) -> None:
    county, known = night
    broken = []
    for role in sorted(ROLES):
        visitor = Visitor(newcomer(county, role, world.QINGSHI), known)
        broken += [
            told(endpoint, role, response)
            for endpoint in endpoints()
            if endpoint.method == "GET" and (response := visitor.call(endpoint)).status_code >= 500
        ]
    assert not broken, "\n".join(broken)


def test_no_two_schemas_share_a_name() -> None:
    """The document would show one of them for both, and the page's types would lie."""
    from importlib import import_module

    from ninja import Schema

    from fengsui.web.api import ROUTERS

    for name in ROUTERS:
        import_module(name)
    owners: dict[str, set[str]] = {}
    for name, module in list(sys.modules.items()):
        if not any(name == router or name.startswith(f"{router}.") for router in ROUTERS):
            continue
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Schema) and value is not Schema:
                owners.setdefault(value.__name__, set()).add(value.__module__)
    assert {name: where for name, where in owners.items() if len(where) > 1} == {}
