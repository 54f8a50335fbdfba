"""Schools and sites: a kind of the table, words of an office's own, a fact of version 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.ledgers import queries, services
from fengsui.foundation.places import services as places
from fengsui.registers.venues import facts
from fengsui.registers.venues.errors import VENUES_REFUSED
from fengsui.registers.venues.models import Venue
from fengsui.registers.venues.services import register_venues

NODE = node_viewer()
VILLAGE = "439902101201"
SITE = {
    "name": "示意公路工地",
    "place_code": VILLAGE,
    "kind": "construction_site",
    "headcount_tonight": 12,
    "boarding_people": 35,
    "open_when": "3 月至 11 月",
    "notes": "营地在桥下游",
}


@pytest.fixture
def village(node: Any) -> None:
    places.register_places(
        viewer=NODE,
        county_code=f"{VILLAGE[:6]}000000",
        is_invented=True,
        places=[
            {"code": f"{VILLAGE[:6]}000000", "name": "示意县"},
            {"code": f"{VILLAGE[:9]}000", "name": "示意镇"},
            {"code": VILLAGE, "name": "示意村"},
        ],
    )


def row_of(one: int) -> dict[str, Any]:
    ledger = queries.ledger("venues", NODE)
    row = queries.one(ledger, one, viewer=NODE)
    return {**row, "shown": queries.shown(ledger, [row], viewer=NODE)[0]}


def test_a_site_is_registered_shown_in_words_and_corrected(village: Any, clock: Any) -> None:
    one = services.register_one(viewer=NODE, ledger="venues", values=SITE)
    row = row_of(one)
    assert {name: row["values"][name] for name in SITE} == SITE
    assert row["shown"]["kind"] == "在建工地"
    clock.forward(minutes=1)
    services.change_one(
        viewer=NODE,
        ledger="venues",
        row_id=one,
        changes={"boarding_people": 20, "open_when": None},
        expected={"boarding_people": 35},
    )
    venue = Venue.objects.get(pk=one)
    assert (venue.boarding_people, venue.open_when) == (20, "")


def test_a_kind_that_is_not_in_the_table_is_refused_with_the_choices(village: Any) -> None:
    with pytest.raises(Problem) as refused:
        services.register_one(viewer=NODE, ledger="venues", values={**SITE, "kind": "炮楼"})
    assert refused.value.kind.code == "ledgers.row_refused"
    assert "学校、幼儿园" in refused.value.data["faults"][0]["fix_zh"]


def test_an_older_row_keeps_the_office_s_own_word_and_can_be_corrected(
    village: Any, clock: Any
) -> None:
    plain = {"ref": "v", "place_code": VILLAGE, "name": "示意榨油坊", "kind": "榨油坊"}
    one = register_venues(viewer=NODE, venues=[plain])["v"]
    assert row_of(one)["shown"]["kind"] == "榨油坊"
    clock.forward(minutes=1)
    services.change_one(
        viewer=NODE, ledger="venues", row_id=one, changes={"boarding_people": 2}, expected={}
    )
    assert Venue.objects.get(pk=one).kind == "榨油坊"
    services.change_one(
        viewer=NODE, ledger="venues", row_id=one, changes={"kind": "workshop"}, expected={}
    )
    assert row_of(one)["shown"]["kind"] == "生产加工作坊"


def test_a_fact_of_version_1_still_makes_its_rows(node: Any) -> None:
    """The rebuild at the end of every test reads it with the kinds of today."""
    old = replace(facts.VENUES_REGISTERED, version=1, item=facts.VENUES_REGISTERED.item[:7])
    item = dict.fromkeys(old.item) | {
        "place_code": VILLAGE, "name": "示意小学", "kind": "school", "headcount_tonight": 40,
    }  # fmt: skip

    @command
    def register_as_before(*, viewer: Any) -> None:
        record(
            old,
            fields={"count": 1, "is_invented": True},
            items=[item],
            scope=VILLAGE[:9] + "000",
            viewer=viewer,
        )

    register_as_before(viewer=NODE)
    assert catalogue().by_number[old.number].version == 2
    venue = Venue.objects.get()
    assert (venue.name, venue.boarding_people, venue.open_when) == ("示意小学", None, "")


@pytest.mark.parametrize(
    "wrong", [{"boarding_people": -1}, {"boarding_people": "12"}, {"open_when": "长" * 101}]
)
def test_what_cannot_be_is_refused_and_nothing_is_written(node: Any, wrong: dict[str, Any]) -> None:
    plain = {"place_code": VILLAGE, "name": "示意小学", "kind": "school"}
    with pytest.raises(Problem) as refused:
        register_venues(viewer=NODE, venues=[plain, {**plain, **wrong}])
    assert refused.value.kind is VENUES_REFUSED
    assert not Venue.objects.exists()
