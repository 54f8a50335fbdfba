"""What the simulator cannot find, it does not test: each planted bug is found in 30 seeds."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS, SEEDS, finds


def test_there_are_enough_of_them():
    assert len(BUGS) >= 20


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug):
    assert any(finds(bug, seed) for seed in range(SEEDS)), f"{bug}: not in {SEEDS} seeds"
