"""A restored backup begins a new incarnation; an ordinary restart does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY, node_viewer
from fengsui.foundation.journal import clock, hlc, incarnation, keys, services, verify
from fengsui.foundation.journal.incarnation import Witness, reason_for_new
from fengsui.foundation.journal.models import NodeState, StoredFact
from tests.beacon import services as beacons

from .conftest import VILLAGE

NOW = datetime(2026, 7, 17, tzinfo=UTC)
SEEN = Witness(("aa", "bb"), 10, 5)


@pytest.mark.parametrize(
    ("nonce", "facts", "ahead", "witness", "expected"),
    [
        ("bb", 10, 0, SEEN, None),
        ("aa", 12, 0, SEEN, None),  # power failed between the file and the database
        ("bb", 9, 0, SEEN, "backup"),
        ("cc", 30, 0, SEEN, "elsewhere"),
        ("bb", 10, 0, None, "companion"),
        ("bb", 10, 90, SEEN, "clock"),
        ("bb", 10, 50, SEEN, None),
    ],
)
def test_when_a_new_incarnation_begins(
    nonce: str, facts: int, ahead: int, witness: Witness | None, expected: str | None
) -> None:
    reason = reason_for_new(
        nonce=nonce,
        facts=facts,
        last_hlc=hlc.of_time(NOW + timedelta(minutes=ahead)),
        witness=witness,
        now=NOW,
    )
    assert (reason is None) == (expected is None)
    assert expected is None or (reason is not None and expected in reason)


def test_incarnations_rise_and_two_restores_differ() -> None:
    assert incarnation.mint(5 << 31) > 5 << 31
    assert len({incarnation.mint(0) for _ in range(50)}) > 45


@pytest.fixture
def home(node: Any, tmp_path: Path, settings: Any) -> Path:
    """A node whose folder is empty: the ledger is opened from it as a writer would."""
    settings.HOME = tmp_path
    NodeState.objects.all().delete()
    return tmp_path


def test_restart_goes_on_and_restore_begins_anew(home: Path, node: Any) -> None:
    from fengsui.foundation.journal import ledger

    first = incarnation.open_ledger()
    ledger.use(first)
    beacons.light(viewer=node_viewer(), place_code=VILLAGE, name="甲")
    incarnation.note_progress(at_end=True)
    again = incarnation.open_ledger()
    assert again.incarnation == first.incarnation
    assert again.heads == first.heads

    Witness((*again.nonces,), 50, again.incarnation).write(
        home / incarnation.FILE_NAME, durable=True
    )
    restored = incarnation.open_ledger()
    assert restored.incarnation > first.incarnation
    assert (1, VILLAGE) not in restored.heads
    ledger.use(restored)
    beacons.light(viewer=node_viewer(), place_code=VILLAGE, name="乙")
    assert StoredFact.objects.filter(seq=0, scope=VILLAGE).count() == 2
    assert verify.check_database(processes=1).is_whole
    assert incarnation.open_ledger().incarnation == restored.incarnation
    ledger.use(node)


def test_a_node_that_was_in_the_future_starts_anew_at_the_true_time(home: Path, node: Any) -> None:
    from fengsui.foundation.journal import ledger

    opened = incarnation.open_ledger()
    NodeState.objects.update(hlc=hlc.of_time(clock.now() + timedelta(days=3650)))
    fresh = incarnation.open_ledger()
    assert fresh.incarnation > opened.incarnation
    assert hlc.is_within_bound(fresh.hlc, clock.now())
    ledger.use(node)


def test_by_hand_and_by_the_node_only(node: Any) -> None:
    before = node.incarnation
    beacons.light(viewer=node_viewer(), place_code=VILLAGE, name="甲")
    made = services.begin_incarnation(viewer=node_viewer(), reason="restored the folder")
    assert made["incarnation"] == node.incarnation > before
    with pytest.raises(Problem, match="not_allowed"):
        services.begin_incarnation(viewer=NOBODY, reason="?")
    beacons.light(viewer=node_viewer(), place_code=VILLAGE, name="乙")
    assert verify.check_database(processes=1).is_whole


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = keys.load_or_make(tmp_path)
    assert keys.load_or_make(tmp_path).public == first.public
    (path,) = (tmp_path / "keys").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_clock_never_goes_back_and_never_repeats() -> None:
    value = hlc.of_time(NOW)
    assert hlc.following(value, NOW - timedelta(days=1)) == value + 1
    assert hlc.following(value, NOW) == value + 1
    assert hlc.to_time(hlc.following(value, NOW + timedelta(seconds=1))) == NOW + timedelta(
        seconds=1
    )
    full = value | 0xFFFF
    assert hlc.to_time(hlc.following(full, NOW)) == NOW + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("wall", "monotonic", "finding"),
    [(10.0, 10.2, ""), (-3600.0, 10.0, "set_back"), (86400.0, 10.0, "set_ahead"), (70.0, 65.0, "")],
)
def test_a_clock_set_by_hand_is_noticed(wall: float, monotonic: float, finding: str) -> None:
    assert clock.judge_jump(wall, monotonic) == finding
