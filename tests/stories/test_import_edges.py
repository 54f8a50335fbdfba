"""Over HTTP: pieces, the four steps, and who is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.people.models import Household
from tests.world import county as world
from tests.world import office

SHEET = office.csv_of(
    [["村", "户主", "人口"], ["石滩村", "示意一户", 3], ["石摊村", "示意二户", 2]]
)


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


class Clerk:
    """Somebody signed in, by plain requests."""

    def __init__(self, county: world.County, who: str) -> None:
        self.client = Client()
        session = self.client.session
        session[SESSION_PERSON] = county.ids[who]
        session.save()

    def ask(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        content = raw if raw is not None else json.dumps(body or {}).encode()
        kind = "application/octet-stream" if raw is not None else "application/json"
        return self.client.generic(method, f"/api/v1{path}", content, content_type=kind)


def announced(size: int, ledger: str = "households") -> dict[str, Any]:
    return {"ledger": ledger, "file_name": "名单.csv", "bytes": size, "sha256": ""}


def test_the_four_steps_in_two_pieces(county: world.County) -> None:
    clerk = Clerk(county, "qingshi")
    one = clerk.ask("POST", "/imports", announced(len(SHEET))).json()
    path = f"/imports/{one['id']}"
    assert clerk.ask("PUT", f"{path}/content?offset=5", raw=SHEET[5:]).status_code == 409
    assert clerk.ask("PUT", f"{path}/content?offset=0", raw=SHEET[:5]).json()["received"] == 5
    read = clerk.ask("PUT", f"{path}/content?offset=5", raw=SHEET[5:]).json()
    assert (read["state"], read["mapping"]["户主"]) == ("read", "label")
    assert clerk.ask("GET", f"{path}/rows").status_code == 409
    guess = clerk.ask("GET", f"{path}/guess?sheet=0&header_row=1").json()
    assert guess["mapping"] == read["mapping"]
    settled = {"sheet": 0, "header_row": 1, "columns": read["mapping"]}
    missing = clerk.ask("PUT", f"{path}/mapping", settled | {"columns": {"户主": "label"}})
    assert (missing.status_code, missing.json()["code"]) == (422, "imports.required_missing")
    checked = clerk.ask("PUT", f"{path}/mapping", settled).json()
    assert (checked["counts"]["new"], checked["counts"]["doubtful"]) == (1, 1)
    row = clerk.ask("GET", f"{path}/rows?kind=doubtful").json()["items"][0]
    choice = {"choose": {"place_code": row["findings"][0]["choices"][0]["text"]}, "alike": True}
    assert clerk.ask("PUT", f"{path}/rows/{row['n']}", choice).json()["row"]["kind"] == "new"
    done = clerk.ask("POST", f"{path}/carry-out").json()
    assert (done["state"], done["counts"]["outcome"]["created"]) == ("done", 2)
    assert clerk.ask("POST", f"{path}/carry-out").status_code == 409
    undo = clerk.ask("POST", f"/change-sets/{done['change_set_id']}/undo", {"reason": "拿错了表"})
    assert undo.status_code == 200
    assert clerk.ask("GET", path).json()["state"] == "undone"
    assert not Household.objects.filter(label="示意一户", is_withdrawn=False).exists()


@pytest.mark.parametrize("who", ["shitan_a", "shitan_grid"])
def test_who_may_not_edit_registers_brings_nothing_in(county: world.County, who: str) -> None:
    clerk = Clerk(county, who)
    assert clerk.ask("POST", "/imports", announced(10)).status_code in (403, 404)
    mapping = {"ledger": "households", "title": "示意", "columns": {"户主": "label"}}
    assert clerk.ask("POST", "/import-mappings", mapping).status_code == 403


def test_another_persons_import_is_not_there(county: world.County) -> None:
    one = Clerk(county, "qingshi").ask("POST", "/imports", announced(len(SHEET))).json()
    other = Clerk(county, "officer")
    for method, rest in (
        ("GET", ""),
        ("GET", "/rows"),
        ("POST", "/carry-out"),
        ("POST", "/cancel"),
    ):
        assert other.ask(method, f"/imports/{one['id']}{rest}").status_code == 404
    raw = other.ask("PUT", f"/imports/{one['id']}/content?offset=0", raw=SHEET)
    assert raw.status_code == 404
    assert other.ask("GET", "/imports").json() == {"items": []}


def test_an_export_is_a_download_with_its_number(county: world.County) -> None:
    clerk = Clerk(county, "officer")
    asked = {"format": "csv", "recipient": "示意县水利局"}
    file = clerk.ask("POST", "/ledgers/households/export", asked)
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Export-Number"] in file.content.decode("utf-8-sig")
    assert clerk.ask("GET", "/exports").json()["items"][0]["number"] == file["X-Export-Number"]
    full = asked | {"with_personal": True}
    assert clerk.ask("POST", "/ledgers/households/export", full).status_code == 422
    assert clerk.ask("GET", "/ledgers/households/template").status_code == 200
