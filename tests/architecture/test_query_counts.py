"""How many questions to the database every read of the API costs, and that rows add none.

The golden file is `spec/query_counts.json`: endpoint -> statements, at a small county. A change
that needs more says so there: run this file with WRITE_QUERY_COUNTS=1 and look at the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import services as people
from fengsui.registers.risks import services as risks
from fengsui.registers.venues import services as venues
from tests.architecture.test_permissions import Visitor, called_out, endpoints, newcomer
from tests.world import county as world

pytestmark = pytest.mark.usefixtures("wired")

GOLDEN = Path(__file__).parents[2] / "spec" / "query_counts.json"
TIMES = 10
LEDGERS = (
    "places",
    "persons",
    "posts",
    "holdings",
    "contacts",
    "households",
    "danger_areas",
    "venues",
)
ROWS = "GET /ledgers/{name}/rows"
# What stands in memory or in the session after the first question is not asked again.
REPETITIONS = 2


def more_of_everything(times: int) -> None:
    """So many times the households, persons, numbers, posts, venues and danger areas."""
    node = node_viewer()
    for number in range(1, times):
        refs = people.register_people(
            viewer=node,
            persons=[
                {"ref": f"{number}-{one}", "name": f"示意{number}", "place_code": world.SHITAN}
                for one in range(12)
            ],
            posts=[
                {"ref": f"{number}-post-{one}", "place_code": world.SHITAN,
                 "role": "grid_worker", "title": f"网格员{number}"}
                for one in range(6)
            ],
            holdings=[
                {"post": f"{number}-post-{one}", "person": f"{number}-{one}"} for one in range(6)
            ],
            contact_points=[
                {"person": f"{number}-{one}", "kind": "phone", "value": f"000{number:03d}{one:05d}"}
                for one in range(12)
            ],
        )  # fmt: skip
        refs = people.register_households(
            viewer=node,
            refs=refs,
            households=[
                {"ref": f"{number}-h{one}", "place_code": world.SHITAN, "people_count": 3,
                 "label": f"示意户 {number}{one}", "contact_person": f"{number}-{one}",
                 "responsible_person": f"{number}-{one}", "relative_phone": "00012345678"}
                for one in range(8)
            ],
        )  # fmt: skip
        risks.register_danger_areas(
            viewer=node,
            refs=refs,
            areas=[
                {"place_code": world.FENGPING, "name": f"示意沟{number}{one}", "geometry": None,
                 "kind": "flash_flood", "households": [f"{number}-h{one}"]}
                for one in range(4)
            ],
        )  # fmt: skip
        venues.register_venues(
            viewer=node,
            refs=refs,
            venues=[
                {"place_code": world.SHITAN, "name": f"示意小学{number}", "kind": "学校",
                 "warning_contact": f"{number}-0"}
            ],
        )  # fmt: skip


def counted(times: int) -> dict[str, int]:
    """Endpoint -> statements on both databases, as the county's duty officer."""
    county = world.build()
    more_of_everything(times)
    known = called_out(county)
    visitor = Visitor(newcomer(county, "duty_officer", world.COUNTY), known)
    found = {}
    for endpoint in endpoints():
        if endpoint.method != "GET":
            continue
        for name in LEDGERS if endpoint.name == ROWS else (known["name"],):
            visitor.known = {**known, "name": name}
            title = endpoint.name.replace("{name}", name)
            found[title] = min(statements(visitor, endpoint) for _ in range(REPETITIONS))
    return dict(sorted(found.items()))


def statements(visitor: Visitor, endpoint: Any) -> int:
    with (
        CaptureQueriesContext(connections["default"]) as here,
        CaptureQueriesContext(connections["local"]) as local,
    ):
        response = visitor.call(endpoint)
        if response.streaming:
            response.close()
    asked = [each["sql"] for each in (*here.captured_queries, *local.captured_queries)]
    return sum(sql.startswith(("SELECT", "WITH")) for sql in asked)


def test_every_read_costs_what_the_golden_file_says(node: Any) -> None:
    found = counted(1)
    if os.environ.get("WRITE_QUERY_COUNTS"):
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    golden = json.loads(GOLDEN.read_text())
    assert found.keys() == golden.keys(), "run it with WRITE_QUERY_COUNTS=1 and look at the change"
    dearer = {name: (golden[name], cost) for name, cost in found.items() if cost > golden[name]}
    assert dearer == {}, "name: (before, now)"


# Asked once where there is anything of the kind, which the small night has not: names and numbers
# of the contacts of venues.
ONCE_WHERE_THERE_ARE = {"GET /alerts/{alert_id}/concerned": 2}


def test_ten_times_the_rows_cost_no_question_more(node: Any) -> None:
    """A question for every row is fast on the day it is written and slow in a real county."""
    golden = json.loads(GOLDEN.read_text())
    grown = {
        name: (golden[name], cost)
        for name, cost in counted(TIMES).items()
        if cost > golden.get(name, cost) + ONCE_WHERE_THERE_ARE.get(name, 0)
    }
    assert grown == {}, "name: (statements once, statements with ten times the rows)"
