"""Somebody who sees masked numbers tries out the digits that the mask hides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.access.limits import Window
from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.states import RowKind
from fengsui.review.search import api as search
from fengsui.review.search import services as index
from tests.world import county as world
from tests.world import office

TRIES = 5
THEIRS = "00010000021"  # of shitan_a, see tests.world.county


@pytest.fixture
def county(node: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> world.County:
    monkeypatch.setattr(search, "NUMBER_GUESSES", Window(TRIES, timedelta(hours=1)))
    monkeypatch.setattr(registers, "NUMBER_GUESSES", Window(TRIES, timedelta(hours=1)))
    made = world.build()
    while index.follow(clock.now()):
        pass
    return made


def guesses(first: int, count: int) -> list[str]:
    return [f"0001{number:07d}" for number in range(first, first + count)]


def ask(client: Client, question: str) -> Any:
    return client.post("/api/v1/search", {"question": question}, content_type="application/json")


def test_the_search_box_answers_a_few_wrong_numbers_and_no_more(
    county: world.County, clock: Any
) -> None:
    client = Client()
    session = client.session
    session[SESSION_PERSON] = county.ids["qingshi"]
    session.save()
    for number in guesses(9_000_000, TRIES - 1):
        assert ask(client, number).json()["items"] == []
    # Numbers that are registered may be looked up as often as one likes.
    for _ in range(TRIES):
        assert [one["kind"] for one in ask(client, THEIRS).json()["items"]] == ["persons"]
    assert ask(client, "00019999999").status_code == 200
    refused = ask(client, THEIRS)
    assert refused.status_code == 429
    assert refused.json()["code"] == "search.too_many_numbers"
    assert THEIRS not in refused.content.decode()
    # Names, and the four digits that are shown, still find; after an hour numbers do too.
    assert ask(client, "示意己").json()["items"]
    assert ask(client, THEIRS[-4:]).json()["items"]
    clock.forward(minutes=61)
    assert ask(client, THEIRS).json()["items"]


def test_a_sheet_of_guesses_learns_nothing_after_a_few(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    header = ["村", "户主", "人口", "包保责任人"]
    tried = [*guesses(9_000_000, TRIES + 1), THEIRS]
    rows = [["石滩村", f"示意猜{n}户", 1, number] for n, number in enumerate(tried)]
    one = office.settle(clerk, office.bring(clerk, "households", office.csv_of([header, *rows])))
    last = office.rows_of(one)[-1]
    assert last.kind is RowKind.FAULTY
    assert "responsible_person" not in last.said
    assert "对不上的号码太多" in office.said(clerk, one)[-1]
    # By name it goes on, and a colleague is not held up by it.
    named = [header, ["石滩村", "示意名户", 1, "示意己"]]
    by_name = office.settle(clerk, office.bring(clerk, "households", office.csv_of(named)))
    assert [row.kind for row in office.rows_of(by_name)] == [RowKind.NEW]
    other = county.viewer("officer")
    fair = [header, ["石滩村", "示意他户", 1, THEIRS]]
    known = office.settle(other, office.bring(other, "households", office.csv_of(fair)))
    assert [row.kind for row in office.rows_of(known)] == [RowKind.NEW]
