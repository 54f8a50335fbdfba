"""County, township and village as real processes on loopback: cut, alone for 72 hours, together."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.world import county as world
from tests.world import nodes
from tests.world.nodes import Place
from tests.world.running_node import until
from tests.world.wire import Wire

pytestmark = pytest.mark.slow

HOURS = 72
STEPS = 12
FACTS = 10_000
MERGE_SECONDS = 60.0
NEWS_SECONDS = 2.0
BUSY = 5.0  # how much slower than alone this machine may be while other tests run beside


@dataclass
class Tree:
    county: Place
    township: Place
    village: Place
    wire: Wire  # between county and township


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """Three certified nodes, level with each other."""
    named = (("示例县", world.COUNTY), ("青石镇", world.QINGSHI), ("石滩村", world.SHITAN))
    with nodes.places(tmp_path, *named) as (county, township, village):
        for place in (county, township, village):
            place.start()
        county.run("from tests.world import county\nresult = county.build().ids")
        nodes.found_county(county, tmp_path / "root")
        nodes.enrol(county, township, "township")
        nodes.enrol(township, village, "village")
        wire = Wire(county.port)
        township.restart(upstream=wire.address)
        village.restart(upstream=township.address)
        try:
            township.until_level()
            village.until_level()
            yield Tree(county, township, village, wire)
        finally:
            wire.close()


def warn(county: Place) -> dict[str, Any]:
    """A red warning comes in at the county and a second person approves it."""
    found: dict[str, Any] = county.run(
        """
        from fengsui.foundation.accounts.queries import viewer_for_person
        from fengsui.foundation.people.models import Person
        from fengsui.response.alerts import services
        from fengsui.response.alerts.models import Alert
        from tests.world.county import rain_warning
        who = {one.name: viewer_for_person(one.pk) for one in Person.objects.all()}
        item = services.import_warning(viewer=who["示意甲"], source_name="message.xml",
                                       data=rain_warning().encode())["items"][0]
        services.approve_alert(viewer=who["示意乙"], alert_id=item["alert_id"])
        alert = Alert.objects.get(id=item["alert_id"])
        result = {"alert_id": alert.id, "evacuation_id": alert.evacuation_id}
        """
    )
    return found


def has_row(place: Place, model: str, **named: Any) -> bool:
    return bool(
        place.run(
            """
            from django.apps import apps
            result = apps.get_model(model).objects.filter(**named).exists()
            """,
            model=model,
            named=named,
        )
    )


TICKS_AND_HEADCOUNTS = """
    from concurrent.futures import ThreadPoolExecutor
    from fengsui.foundation.people.models import Household
    from fengsui.response.evacuations import services as evacuations
    from fengsui.response.evacuations.models import EvacuationHousehold
    from fengsui.response.situation import services as situation

    rows = list(EvacuationHousehold.objects
                .filter(evacuation_id=evacuation_id, place_code__startswith="439901101")
                .values_list("household_id", "place_code"))

    def write(number):
        household, village = rows[number % len(rows)]
        if number % 2:
            evacuations.record_household_status(
                viewer=V, household_id=household, client_id=f"tick-{number}",
                evacuation_id=evacuation_id,
                status=("moved_central", "refuses")[number // 2 % 2])
        else:
            situation.report_headcount(viewer=V, content={
                "place_code": village, "series": number % 100, "should": 35,
                "moved": number % 30, "away": 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(first, last)))
    result = len(rows)
"""


def test_a_township_alone_for_three_days_and_its_ten_thousand_facts_merge(tree: Tree) -> None:
    night = warn(tree.county)
    began = time.monotonic()
    until(
        lambda: has_row(tree.township, "alerts.Alert", id=night["alert_id"]),
        "the warning to reach the township",
        NEWS_SECONDS * BUSY,
    )
    news = time.monotonic() - began
    until(
        lambda: has_row(tree.village, "alerts.Alert", id=night["alert_id"]),
        "the warning to reach the village",
        NEWS_SECONDS * BUSY,
    )
    assert news < NEWS_SECONDS * BUSY
    listed = {"evacuation_id": night["evacuation_id"]}
    until(
        lambda: has_row(tree.township, "evacuations.EvacuationHousehold", **listed),
        "the list of households to reach the township",
        NEWS_SECONDS * BUSY,
    )

    tree.wire.pull()
    per_step = FACTS // STEPS + 1
    for step in range(STEPS):
        tree.county.wind(HOURS / STEPS)
        tree.township.run(
            TICKS_AND_HEADCOUNTS,
            evacuation_id=night["evacuation_id"],
            first=step * per_step,
            last=(step + 1) * per_step,
        )
        if step % 4 == 0:
            call_for_oneself(tree.township)
    alone = tree.township.upstream_state()
    assert alone["state"] == "cut_off"
    assert alone["facts"] >= FACTS
    assert alone["life_safety"] >= FACTS
    tree.village.until_level()

    tree.wire.plug()
    began = time.monotonic()
    tree.township.until_level(MERGE_SECONDS * BUSY)
    seconds = time.monotonic() - began
    assert seconds < MERGE_SECONDS, f"{alone['facts']} facts; news took {news:.2f} s"

    same_digests(tree)


def call_for_oneself(township: Place) -> None:
    """自救呼叫: the village's secretary, alone, calls his own people."""
    township.run(
        """
        from fengsui.foundation.accounts.queries import viewer_for_person
        from fengsui.foundation.people.models import Person
        from fengsui.response.alerts import services
        secretary = viewer_for_person(Person.objects.get(name="示意己").pk)
        services.self_rescue_call(viewer=secretary, place_code="439901101201",
                                  text="溪水上涨，请立即上学校")
        """
    )


def digests(place: Place, scope: str) -> dict[str, str]:
    found: dict[str, str] = place.run(
        "from fengsui.foundation.journal import replay\nresult = replay.digest_of_place(scope)",
        scope=scope,
    )
    return found


def same_digests(tree: Tree) -> None:
    """Nodes that hold the same place hold the same of it.

    County and township: every table. The village lacks what is routine in the whole township
    (its persons, posts, contacts), so of the village all three hold the same facts.
    """
    assert differing(world.QINGSHI, (tree.county, tree.township)) == []
    everywhere = differing(world.SHITAN, (tree.county, tree.township, tree.village))
    assert "journal_fact" not in everywhere, everywhere


def differing(scope: str, places: tuple[Place, ...]) -> list[str]:
    """Tables of a place that differ between nodes; jobs may still be at work, so look again."""
    deadline = time.monotonic() + 10.0 * BUSY
    while True:
        found = [digests(place, scope) for place in places]
        tables = [table for table in found[0] if len({one[table] for one in found}) > 1]
        if not tables or time.monotonic() > deadline or scope != world.QINGSHI:
            return tables
        time.sleep(0.5)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Place, Place, Wire]]:
    """A county and a township, level; the wire between them."""
    named = (("示例县", world.COUNTY), ("青石镇", world.QINGSHI))
    with nodes.places(tmp_path, *named) as (county, township):
        county.start()
        township.start()
        county.run("from tests.world import county\nresult = county.build().ids")
        nodes.found_county(county, tmp_path / "root")
        nodes.enrol(county, township, "township")
        wire = Wire(county.port)
        township.restart(upstream=wire.address)
        try:
            township.until_level()
            yield county, township, wire
        finally:
            wire.close()


HEADCOUNTS = """
    from fengsui.response.situation import services as situation
    for number in range(count):
        situation.report_headcount(viewer=V, content={
            "place_code": "439901101201", "series": number % 200, "should": 35, "moved": 30})
"""


def test_case_23_a_line_that_dies_at_every_byte_loses_and_doubles_nothing(
    pair: tuple[Place, Place, Wire],
) -> None:
    county, township, wire = pair
    wire.pull()
    township.run(HEADCOUNTS, count=150)
    # Short and long in turn: the caller waits longer and longer only where it never gets through.
    both = zip(range(1, 3000, 97), range(3000, 6000, 97), strict=True)
    wire.limits = [limit for pair_of_limits in both for limit in pair_of_limits]
    wire.plug()
    until(lambda: not wire.limits, "sixty lines that die", 60.0 * BUSY)
    assert wire.deaths > 20
    township.until_level(30.0 * BUSY)
    assert differing(world.QINGSHI, (county, township)) == []
    assert headcounts(county) == headcounts(township) == 150


def headcounts(place: Place) -> int:
    count: int = place.run(
        "from fengsui.response.situation.models import Headcount\n"
        "result = Headcount.objects.count()"
    )
    return count


def test_case_02_power_cut_between_apply_and_receipt_makes_the_resend_a_no_op(
    pair: tuple[Place, Place, Wire],
) -> None:
    county, township, wire = pair
    wire.pull()
    township.run(HEADCOUNTS, count=400)
    wire.plug()
    for name, enough in (("writer", 1), ("web", 100), ("writer", 200)):
        until(
            lambda enough=enough: headcounts(county) >= enough,
            f"{enough} of it to be on the county's disk",
            30 * BUSY,
        )
        assert county.node is not None
        os.kill(county.node.pids()[name], signal.SIGKILL)
    assert township.node is not None
    os.kill(township.node.pids()["link"], signal.SIGKILL)
    township.until_level(60.0 * BUSY)
    assert headcounts(county) == 400
    assert differing(world.QINGSHI, (county, township)) == []


def test_case_24_a_new_node_whose_first_fetch_is_cut_counts_nothing_before_it_is_whole(
    tmp_path: Path,
) -> None:
    named = (("示例县", world.COUNTY), ("青石镇", world.QINGSHI))
    with nodes.places(tmp_path, *named) as (county, township):
        county.start()
        township.start()
        county.run("from tests.world import county\nresult = county.build().ids")
        warn(county)
        nodes.found_county(county, tmp_path / "root")
        nodes.enrol(county, township, "township")
        wire = Wire(county.port)
        wire.limits = [5_000] * 2  # opened, a manifest, and then the line dies
        township.restart(upstream=wire.address)
        until(lambda: wire.deaths >= 1, "the line to die", 30.0 * BUSY)
        wire.pull()
        state = township.upstream_state()["state"]
        if state == "bootstrapping":
            assert held(township)
        wire.limits = []
        wire.plug()
        township.until_level()
        assert not held(township)
        assert has_row(township, "neighbours.Bootstrap", ended_by="manifest")
        wire.close()


def held(place: Place) -> bool:
    return bool(
        place.run(
            "from fengsui.exchange.neighbours import services\n"
            "from fengsui.foundation.journal import jobs\nresult = jobs.are_held()"
        )
    )
