"""What is signed cannot be altered, answered by another, or used in another place."""

from __future__ import annotations

import random

import cbor2
import pytest
import zstandard

from fengsui.exchange.links import envelopes
from fengsui.exchange.links.envelopes import BadEnvelopeError, Signer
from fengsui.foundation.journal.keys import NodeKey

SESSION = bytes(range(16))


def signer(seed: int = 1) -> Signer:
    key = NodeKey.from_seed(bytes([seed]) * 32)
    return Signer(key.suite.number, key.public, key.sign)


def talk(messages=(b"a", b"b" * 5000), by=None):
    return envelopes.talk_body(
        by or signer(),
        session=SESSION,
        lane=1,
        counter=7,
        now_ms=1_784_225_400_000,
        wait_ms=99_000,
        messages=messages,
    )


def test_a_request_is_read_as_it_was_written():
    read = envelopes.read_request(talk())
    assert read.messages == (b"a", b"b" * 5000)
    assert (read.lane, read.counter, read.session) == (1, 7, SESSION)
    assert read.wait_ms == envelopes.WAIT_MS_MAX
    opened = envelopes.open_body(signer(), nonce=SESSION, now_ms=5, wants_manifest=True)
    assert envelopes.read_request(opened).wants_manifest


def test_large_parts_are_packed_and_small_ones_are_not():
    assert len(talk()) < 1000
    assert cbor2.loads(talk((b"a",)))[0] == 0


def test_every_flipped_bit_is_found():
    body = talk((b"one", b"two"))
    for position in range(len(body) * 8):
        altered = bytearray(body)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises(BadEnvelopeError):
            envelopes.read_request(bytes(altered))


def test_every_truncation_is_found():
    body = talk()
    for length in range(len(body)):
        with pytest.raises(BadEnvelopeError):
            envelopes.read_request(body[:length])


def test_noise_is_refused_and_never_raises_anything_else():
    draw = random.Random(7)
    for _ in range(500):
        with pytest.raises(BadEnvelopeError):
            envelopes.read_request(draw.randbytes(draw.randrange(200)))


def test_an_answer_belongs_to_one_request():
    first, second = talk((b"first",)), talk((b"second",))
    answer = envelopes.answer_body(
        signer(2), request=first, now_ms=1, more=False, messages=[b"news"]
    )
    assert envelopes.read_answer(answer, first).messages == (b"news",)
    with pytest.raises(BadEnvelopeError):
        envelopes.read_answer(answer, second)
    with pytest.raises(BadEnvelopeError):
        envelopes.read_request(answer)
    with pytest.raises(BadEnvelopeError):
        envelopes.read_answer(first, first)


def test_a_welcome_carries_the_manifest():
    request = envelopes.open_body(signer(), nonce=SESSION, now_ms=5, wants_manifest=True)
    body = envelopes.welcome_body(
        signer(2), request=request, session=SESSION, now_ms=6, manifest=[[SESSION, 4]]
    )
    assert envelopes.read_welcome(body, request).manifest == ((SESSION, 4),)


def test_a_small_body_that_unpacks_to_much_is_refused():
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(envelopes.PART_BYTES_MAX + 1))
    assert len(bomb) < 10_000
    with pytest.raises(BadEnvelopeError, match="too much"):
        envelopes.read_request(cbor2.dumps([1, bomb, bytes(64)]))
