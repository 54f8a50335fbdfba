"""What the whole nights cannot find, they do not test: each planted bug breaks a promise in one
of a few short nights, and none of those nights breaks any without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fengsui.engines.calls.tests import town
from fengsui.foundation.journal import incarnation, ledger
from fengsui.foundation.journal.keys import NodeKey
from tests.simulation.calls_bugs import BUGS
from tests.simulation.whole_nights import WholeNight, broken_promises

SEEDS = range(16)
pytestmark = pytest.mark.django_db(databases=["default", "local"])


@pytest.fixture
def bare_node(db: None, clock: Any) -> Iterator[ledger.Ledger]:
    """A node whose tables need not be what its facts add up to: that is what is planted."""
    opened = ledger.Ledger.open(NodeKey.fresh(), incarnation.mint(0))
    ledger.use(opened)
    yield opened
    ledger.use(None)


def broken_in(seed: int, node: ledger.Ledger) -> list[str]:
    """What one short night breaks; a node that falls over has broken its promise as well."""
    night = WholeNight(seed, node, crashes=False, people_max=7)
    try:
        callout_id = town.open_callout(night.parties(), policy=night.policy())
        night.run(callout_id)
        return broken_promises(callout_id)
    except (AssertionError, LookupError) as fallen:
        return [f"fell over: {fallen!r}"]


def test_there_are_enough_of_them() -> None:
    assert len(BUGS) >= 9


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str, bare_node: ledger.Ledger) -> None:
    with pytest.MonkeyPatch.context() as patch:
        BUGS[bug](patch)
        found = next((seed for seed in SEEDS if broken_in(seed, bare_node)), None)
    assert found is not None, f"{bug}: not in {len(SEEDS)} nights"


def test_the_same_nights_break_nothing_without_them(node: ledger.Ledger) -> None:
    for seed in SEEDS[:4]:
        assert broken_in(seed, node) == [], f"seed {seed}"
