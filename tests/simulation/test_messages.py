"""Whatever arrives on a link is a message or is refused; nothing else happens."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.exchange.replication import messages
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.messages import (
    Buckets,
    Facts,
    Head,
    Hello,
    MalformedMessageError,
    State,
    Vector,
    Want,
    decode,
    encode,
)
from fengsui.foundation.journal.codec import FeedKey

KEY = FeedKey(1, b"k" * 32, 0, 2, "433126")
EXAMPLES = (
    Hello(b"n" * 32, "433126000000", 1),
    State(b"d" * 16),
    Buckets(2, b"digs" * 4),
    Vector((Head(KEY, 4, b"h" * 32), Head(KEY._replace(audience="public"), -1, bytes(32)))),
    Vector(()),
    Want(b"f" * 16, -1, 64),
    Facts(b"f" * 16, ((b"header", b"body", None), (b"header", b"body", b"signature"))),
)


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_a_message_reads_back_and_no_flipped_bit_or_cut_gets_through(message):
    data = encode(message)

    assert decode(data) == message
    for position in range(len(data)):
        for bit in (0, 7):
            altered = bytearray(data)
            altered[position] ^= 1 << bit
            with pytest.raises(MalformedMessageError):
                decode(bytes(altered))
        with pytest.raises(MalformedMessageError):
            decode(data[:position])


_values = st.recursive(
    st.none() | st.integers() | st.binary(max_size=40) | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=8),
    max_leaves=16,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 7), st.lists(_values, max_size=4))
def test_sense_in_the_wrapping_and_nonsense_inside_is_refused(number, content):
    body = cbor2.dumps([number, *content])

    try:
        decode(messages._checksum(body) + body)
    except MalformedMessageError:
        return


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused(data):
    with pytest.raises(MalformedMessageError):
        decode(data)


COUNTY, TOWNSHIP, VILLAGE, NEIGHBOUR = (
    "433126000000", "433126100000", "433126100201", "433126101000",
)  # fmt: skip


@pytest.mark.parametrize(
    ("holder", "audience", "fact_class", "author", "is_allowed"),
    [
        (COUNTY, "433126100201", 3, VILLAGE, True),  # up: everything
        (TOWNSHIP, "433126", 3, VILLAGE, True),  # it must pass it on
        (VILLAGE, "433126", 0, COUNTY, True),  # down: life safety
        (VILLAGE, "433126", 1, COUNTY, True),  # down: command
        (VILLAGE, "433126", 2, COUNTY, False),  # rosters do not go down
        (VILLAGE, "public", 3, COUNTY, True),
        (NEIGHBOUR, "433126100", 0, TOWNSHIP, False),  # never sideways
        (NEIGHBOUR, "433126100201", 3, VILLAGE, False),
        (VILLAGE, "433126", 2, VILLAGE, True),  # its own
        ("433127000000", "433126", 0, COUNTY, False),
    ],
)
def test_who_may_hold_what(holder, audience, fact_class, author, is_allowed):
    key = KEY._replace(audience=audience, fact_class=fact_class)

    assert may_hold(holder, key, author) is is_allowed
