"""The merge policy `field`: the same winners in any order, however often a fact comes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from fengsui.foundation.journal.merging import NO_CLOCKS, merge

FIELDS = ("name", "point", "level")
SAYING = st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 9), min_size=1)


@given(
    sayings=st.dictionaries(st.integers(0, 30), SAYING, min_size=1, max_size=8),
    data=st.data(),
)
def test_every_order_and_repetition_gives_the_same_row_and_clocks(sayings, data):
    told = [(f"{clock:016x}", values) for clock, values in sayings.items()]
    order = data.draw(st.permutations(told))
    again = data.draw(st.lists(st.sampled_from(told), max_size=4))

    def row_after(sequence):
        row, clocks = {}, NO_CLOCKS
        for clock, values in sequence:
            winning, clocks = merge(clocks, clock, values)
            row.update(winning)
        return row, clocks

    row, clocks = row_after([*order, *again])
    assert (row, clocks) == row_after(sorted(told, key=lambda one: one[0]))
    for field, clock in json.loads(clocks).items():
        assert clock == max(at for at, values in told if field in values)
