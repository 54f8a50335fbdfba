"""Clocks that are dead, far ahead, or put back (failure cases 8 after a reboot, and 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import (
    clock as the_clock,
)
from fengsui.foundation.journal import (
    hlc,
    incarnation,
    ledger,
    timekeeping,
    writer,
)
from fengsui.foundation.journal.models import Feed, NodeState, StoredFact
from tests.beacon import services as beacons

VILLAGE = "433126101201"
TODAY = datetime(2026, 7, 17, 2, 10, tzinfo=UTC)
DEAD_BATTERY = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
TEN_YEARS = timedelta(days=3653)


@pytest.fixture
def home(node: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node whose ledger is opened from a folder, by a machine clock that the test sets."""
    settings.HOME = tmp_path
    NodeState.objects.all().delete()
    monkeypatch.setattr(the_clock, "_wall", lambda: the_clock.now())
    timekeeping.forget_peers()
    return tmp_path


def reboot() -> Any:
    incarnation.note_progress(at_end=True)
    timekeeping.forget_peers()
    opened = incarnation.open_ledger()
    ledger.use(opened)
    return opened


def light(name: str) -> StoredFact:
    made = beacons.light(viewer=node_viewer(), place_code=VILLAGE, name=name)
    return StoredFact.objects.get(fact_id=made["fact_id"])


def from_a_neighbour(at: datetime) -> None:
    """A fact of another node that stands at the head of its feed."""
    own = StoredFact.objects.order_by("-arrival").first()
    assert own is not None
    feed = Feed.objects.create(
        feed_id=bytes(15) + b"n", suite=1, public_key=bytes(32), incarnation=1 << 31,
        fact_class=1, audience=VILLAGE, head_seq=0,
    )  # fmt: skip
    StoredFact.objects.create(
        arrival=own.arrival + 1, feed=feed, seq=0, fact_id=bytes(15) + b"n", kind=own.kind,
        hlc=hlc.of_time(at),
        scope=VILLAGE, header=own.header, body=own.body, state=3,
    )  # fmt: skip


def test_case_09_dead_battery_time_goes_on_and_is_proposed(home: Path, clock: Any) -> None:
    """The machine starts in 1970: the order of the record holds, and a better time is proposed."""
    clock.wind(TODAY)
    first = reboot()
    before = light("甲")
    clock.wind(DEAD_BATTERY)
    again = reboot()
    assert again.incarnation == first.incarnation, "nothing was put back"
    after = light("乙")
    assert after.hlc > before.hlc
    assert after.hlc - before.hlc < 100, "time did not run away either"

    keeper = timekeeping.Timekeeper()
    keeper.look(ledger.current().hlc)
    said = keeper.plain()
    assert said["finding"] == "dead"
    assert said["source"] == "record"
    assert datetime.fromisoformat(str(said["proposed"])) == TODAY
    timekeeping.note_peer("示意乡", TODAY + timedelta(days=2) - DEAD_BATTERY)
    keeper.looked_at = float("-inf")
    keeper.look(ledger.current().hlc)
    assert keeper.plain()["source"] == "neighbour"
    assert keeper.finding.proposed == TODAY + timedelta(days=2)

    clock.wind(TODAY + timedelta(days=2))
    last = reboot()
    assert last.incarnation == first.incarnation
    assert light("丙").hlc >= hlc.of_time(TODAY + timedelta(days=2))


def test_case_09_a_clock_behind_its_neighbours_does_not_go_back(home: Path, clock: Any) -> None:
    """The battery kept a date of this year, but the neighbours' facts are later."""
    clock.wind(TODAY)
    first = reboot()
    before = light("甲")
    from_a_neighbour(TODAY)
    clock.wind(TODAY - timedelta(days=90))
    assert reboot().incarnation == first.incarnation
    assert light("乙").hlc > before.hlc
    keeper = timekeeping.Timekeeper()
    keeper.look(ledger.current().hlc)
    assert keeper.finding == timekeeping.Finding("behind", TODAY, "record")


def test_case_08_ten_years_ahead_and_set_right_before_the_reboot(home: Path, clock: Any) -> None:
    """The wrong times stay behind in the old incarnation; the author can go on."""
    clock.wind(TODAY + TEN_YEARS)
    first = reboot()
    ahead = light("甲")
    clock.wind(TODAY)
    again = reboot()
    assert again.incarnation > first.incarnation
    after = light("乙")
    assert after.hlc < ahead.hlc
    assert hlc.is_within_bound(after.hlc, TODAY)
    assert reboot().incarnation == again.incarnation, "once is enough"


def test_case_08_a_neighbour_ten_years_ahead_moves_nobody_after_a_reboot(
    home: Path, clock: Any
) -> None:
    """Neither our clock nor what we think of it follows one laptop that is far ahead."""
    clock.wind(TODAY)
    first = reboot()
    light("甲")
    from_a_neighbour(TODAY + TEN_YEARS)
    clock.forward(minutes=5)
    assert reboot().incarnation == first.incarnation
    assert hlc.is_within_bound(light("乙").hlc, clock.now())


def test_case_08_set_right_while_the_writer_runs(home: Path, clock: Any) -> None:
    clock.wind(TODAY + TEN_YEARS)
    before = reboot().incarnation
    light("甲")
    works = writer.Writer([])
    works.keep_time()
    clock.wind(TODAY)
    works.keep_time()
    assert ledger.current().incarnation > before
    assert hlc.is_within_bound(light("乙").hlc, TODAY)
    assert works.status()["clock"]["finding"] == "set_back"


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ([], ""),
        ([timedelta(seconds=40)], ""),
        ([timedelta(minutes=30)], "behind"),
        ([timedelta(minutes=-30), timedelta(minutes=-31)], "ahead"),
        ([timedelta(0), timedelta(seconds=3), timedelta(days=3650)], ""),
    ],
)
def test_drift_against_neighbours_is_noticed(offsets: list[timedelta], expected: str) -> None:
    """The middle one of the neighbours counts: one wrong laptop convinces nobody."""
    found = timekeeping.judge(TODAY, peers=offsets, others=[], own=TODAY)
    assert found.code == expected
    assert (found.proposed is not None) == bool(expected)
