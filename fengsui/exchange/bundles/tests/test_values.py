"""Every column gives back exactly what went in, whichever way it was written."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.exchange.bundles.values import (
    WAYS,
    MalformedColumnError,
    Varints,
    read_column,
    write_column,
    write_varints,
)

PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.text(max_size=12),
        st.binary(max_size=20),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
COLUMNS = st.one_of(
    st.lists(PLAIN, max_size=12),
    st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=12),
    st.lists(st.binary(min_size=16, max_size=16), max_size=12),
    st.lists(st.uuids().map(str), max_size=12),
    st.lists(st.sampled_from(["moved_central", "refuses", 7, True, 1, None]), max_size=30),
)


def same(left: Any, right: Any) -> bool:
    """Equal, and of the same type all the way down: True is not 1."""
    return repr(left) == repr(right)


@settings(max_examples=150, deadline=None)
@given(COLUMNS)
def test_a_column_comes_back_as_it_was(values: list[Any]) -> None:
    assert same(list(read_column(write_column(values), len(values))), values)


@settings(max_examples=100, deadline=None)
@given(COLUMNS)
def test_every_way_that_takes_a_column_gives_it_back(values: list[Any]) -> None:
    for write, read in WAYS.values():
        data = write(values)
        if data is not None:
            assert same(list(read(data, len(values))), values)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 9))
def test_any_bytes_are_a_column_or_are_refused_in_words(data: bytes, count: int) -> None:
    with contextlib.suppress(MalformedColumnError):
        assert len(list(read_column(data, count))) == count


@given(st.lists(st.integers(0, (1 << 64) - 1)))
def test_numbers_come_back(values: list[int]) -> None:
    assert Varints(write_varints(values)).take(len(values)) == values


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 12])
def test_a_number_that_does_not_end_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedColumnError):
        Varints(data).next()
