"""One person registered twice becomes one, and two again where that was a mistake."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.people import queries, services
from fengsui.foundation.people.models import ContactPoint, Household, Person, PostHolding
from fengsui.registers.venues import services as venues
from fengsui.registers.venues.models import Venue
from tests.world import county as world
from tests.world.night import Night


@pytest.fixture
def twins(night: Night) -> dict[str, int]:
    """示意己 of 石滩村 once more: another number, a grid post, a household, a venue."""
    made = services.register_people(
        viewer=node_viewer(),
        persons=[
            {"ref": "again", "name": "示意己", "place_code": world.SHITAN},
            {"ref": "sounds", "name": "示意几", "place_code": world.SHITAN},
            {"ref": "shares", "name": "示意另", "place_code": world.FENGPING},
        ],
        posts=[
            {
                "ref": "warner",
                "place_code": world.SHITAN,
                "role": "flash_flood_warner",
                "title": "山洪预警员",
            }
        ],
        holdings=[{"post": "warner", "person": "again"}],
        contact_points=[
            {"person": "again", "kind": "phone", "value": "00010000021"},
            {"person": "again", "kind": "phone", "value": "00088800021"},
            {"person": "shares", "kind": "phone", "value": "00010000021"},
        ],
    )
    services.change_household(
        viewer=node_viewer(),
        household_id=night.county.ids["h1"],
        changes={"group_head_id": made["again"]},
    )
    venue = venues.register_venues(
        viewer=node_viewer(),
        venues=[
            {
                "ref": "inn",
                "place_code": world.SHITAN,
                "name": "示意农家乐",
                "kind": "农家乐",
                "warning_contact": made["again"],
            }
        ],
    )
    return {**made, "keep": night.county.ids["shitan_a"], "inn": venue["inn"]}


def officer(night: Night) -> Viewer:
    return night.county.viewer("officer")


def test_likely_twins_are_found_with_their_reasons(night: Night, twins: dict[str, int]) -> None:
    found = queries.duplicates(viewer=officer(night))
    reasons = {
        frozenset((one["first"]["person_id"], one["second"]["person_id"])): one["reasons"]
        for one in found["items"]
    }
    assert reasons[frozenset((twins["keep"], twins["again"]))] == ["name", "phone"]
    assert reasons[frozenset((twins["keep"], twins["sounds"]))] == ["pinyin"]
    assert reasons[frozenset((twins["keep"], twins["shares"]))] == ["phone"]
    assert found["items"][0]["reasons"] == ["name", "phone"], "most reasons first"
    told = str(found)
    assert "00010000021" not in told, "numbers are masked"
    services.tell_apart(viewer=officer(night), first_id=twins["keep"], second_id=twins["sounds"])
    assert queries.duplicates(viewer=officer(night))["total"] == found["total"] - 1
    assert queries.duplicates(viewer=night.county.viewer("baishui"))["items"] == []


def merge(night: Night, twins: dict[str, int], who: str = "officer") -> dict[str, Any]:
    return services.merge_persons(
        viewer=night.county.viewer(who),
        keep_id=twins["keep"],
        drop_id=twins["again"],
        reason="两次登记，同一人",
    )


def test_everything_points_to_the_one_that_stays(night: Night, twins: dict[str, int]) -> None:
    preview = services.preview_merge(
        viewer=officer(night), keep_id=twins["keep"], drop_id=twins["again"]
    )
    assert {one["ledger"]: one["rows"] for one in preview["moves"]} == {
        "contacts": 1,
        "holdings": 1,
        "households": 1,
        "venues": 1,
    }
    assert preview["withdrawn"] == 1, "the number that both have"
    merge(night, twins)
    assert Person.objects.get(pk=twins["again"]).is_withdrawn
    assert Household.objects.get(pk=night.county.ids["h1"]).group_head_id == twins["keep"]
    assert Venue.objects.get(pk=twins["inn"]).warning_contact_id == twins["keep"]
    numbers = ContactPoint.objects.filter(person_id=twins["keep"], is_withdrawn=False)
    assert sorted(numbers.values_list("value", flat=True)) == ["00010000021", "00088800021"]
    held = PostHolding.objects.filter(person_id=twins["keep"], until_at=None)
    assert set(held.values_list("post__title", flat=True)) == {"村支书", "山洪预警员"}


def test_undoing_it_makes_two_again_and_leaves_later_edits_alone(
    night: Night, twins: dict[str, int]
) -> None:
    done = merge(night, twins)
    night.clock.forward(minutes=5)
    services.change_household(
        viewer=officer(night),
        household_id=night.county.ids["h1"],
        changes={"group_head_id": night.county.ids["shitan_b"]},
    )
    night.clock.forward(minutes=5)
    undone = ledgers.undo(
        viewer=officer(night), change_set_id=done["change_set_id"], reason="其实是两个人"
    )
    assert [(one["ledger"], one["id"]) for one in undone["kept"]] == [
        ("households", str(night.county.ids["h1"]))
    ]
    assert not Person.objects.get(pk=twins["again"]).is_withdrawn
    assert (
        Household.objects.get(pk=night.county.ids["h1"]).group_head_id
        == (night.county.ids["shitan_b"])
    )
    assert Venue.objects.get(pk=twins["inn"]).warning_contact_id == twins["again"]
    held = PostHolding.objects.filter(person_id=twins["again"], until_at=None)
    assert list(held.values_list("post__title", flat=True)) == ["山洪预警员"]


@pytest.mark.parametrize(("who", "code"), [("baishui", "not_found"), ("shitan_a", "not_allowed")])
def test_nobody_merges_what_is_not_theirs(
    night: Night, twins: dict[str, int], who: str, code: str
) -> None:
    with pytest.raises(Problem, match=code):
        merge(night, twins, who)
    assert not Person.objects.get(pk=twins["again"]).is_withdrawn


def test_a_row_out_of_reach_stops_it_before_anything_is_written(
    night: Night, twins: dict[str, int]
) -> None:
    services.change_household(
        viewer=node_viewer(),
        household_id=night.county.ids["h6"],
        changes={"responsible_person_id": twins["again"]},
    )
    with pytest.raises(Problem, match="not_allowed"):
        merge(night, twins, "qingshi")
    assert Household.objects.get(pk=night.county.ids["h1"]).group_head_id == twins["again"]
    assert merge(night, twins)["moved"] == 5
