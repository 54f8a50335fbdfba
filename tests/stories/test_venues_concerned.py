"""Schools and sites in the preview of a warning: how many sleep there, and who is told."""

from __future__ import annotations

from fengsui.foundation.access.viewer import Viewer, grants_of
from fengsui.registers.venues.services import register_venues
from fengsui.response.alerts import queries
from fengsui.response.alerts.rules import VENUES_LISTED_MAX
from tests.world import county as world
from tests.world.county import rain_warning
from tests.world.night import Night


def test_the_preview_lists_them_with_most_people_first_and_counts_them_all(night: Night) -> None:
    register_venues(
        viewer=night.county.viewer("officer"),
        venues=[
            {
                "place_code": world.FENGPING,
                "name": "示意公路工地",
                "kind": "construction_site",
                "headcount_tonight": 0,
                "boarding_people": 80,
                "open_when": "3 月至 11 月",
            },
            {"place_code": world.FENGPING, "name": "示意榨油坊", "kind": "榨油坊"},
        ],
    )
    alert = night.alert(night.county.issue(rain_warning()))
    shown = queries.preview(alert, night.county.viewer("officer"))
    assert shown["venues"] == 3
    assert [(one["name"], one["kind_zh"]) for one in shown["venue_list"]] == [
        ("示意公路工地", "在建工地"),
        ("枫坪小学", "学校"),
        ("示意榨油坊", "榨油坊"),
    ]
    site, school, _ = shown["venue_list"]
    assert (site["boarding_people"], site["open_when"], site["contact_name"]) == (
        80,
        "3 月至 11 月",
        "",
    )
    assert (school["contact_name"], school["contact_has_number"]) == ("示意丑", True)
    assert school["place_name"] == "枫坪村"


def test_whoever_may_not_see_their_places_gets_the_number_and_no_names(night: Night) -> None:
    alert = night.alert(night.county.issue(rain_warning()))
    elsewhere = Viewer(99, "示意外人", grants_of([["township_officer", world.BAISHUI]]))
    shown = queries.preview(alert, elsewhere)
    assert shown["venues"] == 1
    assert shown["venue_list"] == []
    assert VENUES_LISTED_MAX == 200
