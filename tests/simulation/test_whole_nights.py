"""Units, levels, stand-ins, steps by hand, crashes: whatever is drawn, no promise is broken.

FENGSUI_SEEDS=200 runs more. A failing seed is printed by its test's name.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from fengsui.engines.calls.tests import town
from fengsui.foundation.journal import ledger
from tests.simulation.whole_nights import WholeNight, broken_promises

SEEDS = range(int(os.environ.get("FENGSUI_SEEDS", "10")))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken_in_a_whole_night(seed: int, node: Any, clock: Any) -> None:
    night = WholeNight(seed, node)
    callout_id = town.open_callout(night.parties(), policy=night.policy())
    night.run(callout_id)
    assert broken_promises(callout_id) == [], f"seed {seed}"
    ledger.use(ledger.Ledger.open(node.key, node.incarnation))
