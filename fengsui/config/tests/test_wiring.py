"""What calls and the situation are told of other nodes."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.config import wiring
from fengsui.exchange.neighbours.models import Neighbour
from fengsui.exchange.neighbours.states import OUT_OF_CONTACT_AFTER, Role

pytestmark = pytest.mark.usefixtures("node")
KEY = b"k" * 32


def test_a_neighbour_that_was_heard_is_in_contact_and_a_silent_one_is_cut_off(clock: Any) -> None:
    assert wiring._contact_of(KEY) == "not_known"
    Neighbour.objects.create(
        public_key=KEY,
        name="示例县",
        scope="439901000000",
        role=Role.PARENT,
        last_heard_at=clock.now(),
        last_carrier="session",
    )
    assert wiring._contact_of(KEY) == "in_contact"
    assert wiring._heard() == {"439901000000": (clock.now(), "session")}
    clock.forward(seconds=OUT_OF_CONTACT_AFTER.total_seconds() + 1)
    assert wiring._contact_of(KEY) == "cut_off"
    # Nobody else can be heard either where the node above is silent.
    assert wiring._contact_of(b"x" * 32) == "cut_off"
