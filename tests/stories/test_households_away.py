"""外出与返回: who is away is not at home tonight, and the list says who confirmed it, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people import services
from fengsui.response.alerts import queries as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.models import EvacuationHousehold
from tests.world.county import rain_warning
from tests.world.night import Night


def away(night: Night, household: str, count: int, who: str = "shitan_grid", **more: Any) -> int:
    said = {
        "until_at": night.clock.now() + timedelta(hours=10),
        "said_by": "示意女儿",
        "said_how": "phone",
    }
    made = services.record_household_away(
        viewer=night.county.viewer(who),
        household_id=night.county.ids[household],
        people=count,
        **{**said, **more},
    )
    return int(made["away_id"])


def at_home(night: Night, household: str) -> int:
    row = people.household(night.county.ids[household], viewer=node_viewer())
    return int(row["tonight_people"])


def test_some_are_away_and_come_back_by_themselves(night: Night) -> None:
    away(night, "h1", 3)
    assert at_home(night, "h1") == 1
    night.clock.forward(hours=9, minutes=59)
    assert at_home(night, "h1") == 1
    night.clock.forward(minutes=1)
    assert at_home(night, "h1") == 4


def test_they_come_back_by_a_tap(night: Night) -> None:
    row = away(night, "h1", 4)
    assert at_home(night, "h1") == 0
    night.clock.forward(minutes=5)
    services.record_household_back(viewer=night.county.viewer("shitan_a"), away_id=row)
    assert at_home(night, "h1") == 4
    with pytest.raises(Problem, match="already_ended"):
        services.record_household_back(viewer=night.county.viewer("shitan_a"), away_id=row)


def test_whoever_counted_later_is_believed(night: Night) -> None:
    away(night, "h1", 3)
    night.clock.forward(hours=1)
    services.record_presence(
        viewer=night.county.viewer("shitan_grid"), counts={night.county.ids["h1"]: 2}
    )
    assert at_home(night, "h1") == 2


def test_the_evacuation_list_says_away_with_who_confirmed_it_and_when(night: Night) -> None:
    away(night, "h1", 4)
    away(night, "h3", 2)
    said_at = night.clock.now()
    night.clock.forward(hours=1)
    alert_id = night.county.issue(rain_warning())
    alert = night.alert(alert_id)
    preview = alerts.preview(alert)
    assert preview["danger_people"] == 29 - 4 - 2 - 2
    rows = {
        row.household_id: row
        for row in EvacuationHousehold.objects.filter(evacuation_id=alert.evacuation_id)
    }
    whole, part = rows[night.county.ids["h1"]], rows[night.county.ids["h3"]]
    assert (whole.status, whole.people, whole.confirmed_by) == ("away", 4, "示意女儿")
    assert whole.observed_at == said_at
    assert (part.status, part.people) == ("not_yet", 3)
    balance = evacuations.balance(alert.evacuation_id or 0, viewer=node_viewer())
    assert balance["should"] == balance["moved"] + balance["away"] + balance["not_yet"]
    assert balance["away"] == 4


@pytest.mark.parametrize(
    ("who", "change", "code"),
    [
        ("shitan_grid", {"count": 5}, "too_many_away"),
        ("shitan_grid", {"said_by": " "}, "who_said_so"),
        ("shitan_grid", {"said_how": "guess"}, "who_said_so"),
        ("shuikou_a", {}, "not_found"),
        ("baishui", {}, "not_found"),
    ],
)
def test_what_is_refused(night: Night, who: str, change: dict[str, Any], code: str) -> None:
    change = dict(change)
    with pytest.raises(Problem, match=code):
        away(night, "h1", change.pop("count", 2), who, **change)
    assert at_home(night, "h1") == 4
