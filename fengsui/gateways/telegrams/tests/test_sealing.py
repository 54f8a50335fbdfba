"""Frames: who can read them, who can forge them, what happens to an old one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey, VerifyKey

from fengsui.gateways.telegrams import sealing
from fengsui.gateways.telegrams.messages import TelegramError
from fengsui.gateways.telegrams.sealing import Header
from fengsui.gateways.telegrams.window import WINDOW_BITS, ReplayWindow

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
COUNTY = "510822"
TELEGRAM = b"a telegram of some bytes"
HEADER = Header(fact_class=0, sender=4711, epoch=0xBEEF, number=70_000)


def opened(frame: bytes, key: bytes = KEY, county: str = COUNTY, **known: int) -> bytes:
    header = sealing.read_header(frame)
    whole = replace(header, epoch=known.get("epoch", 0xBEEF), number=known.get("number", 70_000))
    return sealing.open_frame(frame, whole, key=key, county=county)


def test_a_frame_costs_thirteen_bytes_and_opens_again() -> None:
    frame = sealing.seal(TELEGRAM, HEADER, key=KEY, county=COUNTY)
    assert len(frame) == len(TELEGRAM) + 13
    assert opened(frame) == TELEGRAM


def test_a_long_frame_says_its_epoch_and_whole_number() -> None:
    frame = sealing.seal(TELEGRAM, replace(HEADER, is_long=True), key=KEY, county=COUNTY)
    header = sealing.read_header(frame)
    assert (header.epoch, header.number, len(frame)) == (0xBEEF, 70_000, len(TELEGRAM) + 17)
    assert sealing.open_frame(frame, header, key=KEY, county=COUNTY) == TELEGRAM


@pytest.mark.parametrize(
    "change",
    [{"key": OTHER_KEY}, {"county": "510823"}, {"epoch": 0xBEEB}, {"number": 70_000 + 65_536}],
)
def test_another_key_county_epoch_or_number_does_not_open_it(change: dict[str, object]) -> None:
    frame = sealing.seal(TELEGRAM, HEADER, key=KEY, county=COUNTY)
    with pytest.raises(TelegramError) as refused:
        opened(frame, **change)  # type: ignore[arg-type]
    assert refused.value.code == sealing.NOT_AUTHENTIC


def test_every_flipped_bit_is_noticed() -> None:
    frame = sealing.seal(TELEGRAM, HEADER, key=KEY, county=COUNTY)
    for bit in range(len(frame) * 8):
        changed = bytearray(frame)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TelegramError):
            opened(bytes(changed))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100))
def test_foreign_bytes_are_refused_by_the_one_error(data: bytes) -> None:
    try:
        opened(data)
    except TelegramError:
        return
    raise AssertionError("a forged frame was opened")


def test_a_signed_frame_proves_its_node() -> None:
    node = SigningKey.generate()
    header = replace(HEADER, is_signed=True)
    frame = sealing.seal(
        TELEGRAM,
        header,
        key=KEY,
        county=COUNTY,
        sign=lambda message: bytes(node.sign(message).signature),
    )
    assert len(frame) == len(TELEGRAM) + 13 + 64

    def by(key: VerifyKey, message: bytes, signature: bytes) -> bool:
        try:
            key.verify(message, signature)
        except Exception:
            return False
        return True

    def is_ours(message: bytes, signature: bytes) -> bool:
        return by(node.verify_key, message, signature)

    assert sealing.open_frame(frame, header, key=KEY, county=COUNTY, is_valid=is_ours) == TELEGRAM
    stranger = SigningKey.generate().verify_key
    with pytest.raises(TelegramError):
        sealing.open_frame(
            frame,
            header,
            key=KEY,
            county=COUNTY,
            is_valid=lambda message, signature: by(stranger, message, signature),
        )


def test_no_two_headers_share_a_nonce() -> None:
    headers = [
        Header(fact_class, sender, epoch, number)
        for fact_class in (0, 1)
        for sender in (1, 256)
        for epoch in (1, 256)
        for number in (0, 1, 256, 65_536)
    ]
    nonces = {sealing.nonce(COUNTY, header) for header in headers}
    assert len(nonces) == len(headers)
    assert {len(one) for one in nonces} == {13}
    assert sealing.nonce("510823", headers[0]) not in nonces


def test_the_window_rebuilds_whole_numbers_and_refuses_repetition() -> None:
    window = ReplayWindow().with_number(65_530)
    for number in (65_533, 65_540, 65_531, 131_000 - 65_530):
        assert window.whole(number & 0xFFFF) == number
        assert window.is_new(number)
        window = window.with_number(number)
        assert not window.is_new(number)
        assert window.has(number)
    assert not window.is_new(window.highest - WINDOW_BITS), "too old to tell"
    assert not window.has(window.highest - WINDOW_BITS)
    assert ReplayWindow.from_bytes(window.highest, window.to_bytes()) == window


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 2**32 - 200_000),
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=40),
)
def test_a_window_takes_each_number_once(start: int, steps: list[int]) -> None:
    window, taken = ReplayWindow().with_number(start + 2000), {start + 2000}
    for step in steps:
        number = start + 2000 + step
        assert window.whole(number & 0xFFFF) == number
        assert window.is_new(number) == (number not in taken)
        if window.is_new(number):
            window = window.with_number(number)
            taken.add(number)
