"""Sentences of BeiDou terminals: published examples, our own vectors, and bad lines."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.gateways.telegrams import armour
from fengsui.gateways.telegrams.beidou import sentences
from fengsui.gateways.telegrams.beidou.sentences import Form, Refusal
from fengsui.gateways.telegrams.beidou.terminal import (
    CardRead,
    Dialect,
    FrameArrived,
    NotSent,
    Payload,
    Sent,
    Terminal,
    TextArrived,
)
from fengsui.gateways.telegrams.messages import TelegramError

PUBLISHED = [
    "$CCICA,0,00*7B",
    "$BDICI,0242286,00242286,0000011,6,60,3,N,0*38",
    "$BDICI,0000000,00000000,0000000,0,0,0,N,0*0B",
    "$CCRMO,BSI,2,0*26",
    "$CCTXA,0247718,1,1,3132333435*70",
    "$CCTXA,0242407,1,2,A4B9E3D6DDBAA3C1C4BFC6BCBCD3D0CFDEB9ABCBBE*0F",
    "$BDTXR,1,0179773,2,,A468656C6C6F*43",
    "$BDTXR,1,195817,2,1439,A4BF0113ECCB13ECCB48656C6C6F*74",
    "$CCICR,0,00*68",
    "$BDPWI,023628.00,00,04,2,51,44,0,4,50,43,0,11,43,36,0,16,51,44,0*42",
    "$BDFKI,000000,TCQ,Y,5,0*74",
    "$BDTCI,4204986,4204990,2,142204,2,0,3A642B500000000000000A01F35B41EC036542EE74F5*40",
    "$CCTXA,0242407,1,2,A4CFD5C7E9A3BA33D7E9D0E8D7AAD2C6*77",
    "$CCTCQ,4207733,2,1,2,33D7E9D2D1D7AAD2C63132BBA73335C8CB,0*04",
    "$BDTCI,04207733,4207001,2,151233,2,0,CAD5B5BD*77",
]


@pytest.mark.parametrize("line", PUBLISHED)
def test_every_vector_is_read_and_its_checksum_agrees(line: str) -> None:
    sentence = sentences.read(line.encode())
    assert sentences.write(sentence.name, *sentence.fields) == line.encode() + b"\r\n"


@pytest.mark.parametrize("line", PUBLISHED)
def test_a_wrong_checksum_is_refused(line: str) -> None:
    wrong = line[:-2] + f"{int(line[-2:], 16) ^ 1:02X}"
    with pytest.raises(TelegramError):
        sentences.read(wrong.encode())


def test_our_own_sentences_are_the_published_ones() -> None:
    assert sentences.ask_card() == b"$CCICA,0,00*7B\r\n"
    assert sentences.ask_card_3() == b"$CCICR,0,00*68\r\n"
    assert sentences.report_beams(0) == b"$CCRMO,BSI,1,0*25\r\n"
    assert (
        sentences.send_2_1("247718", Form.CODE, b"12345") == b"$CCTXA,0247718,1,1,3132333435*70\r\n"
    )
    assert (
        sentences.send_2_1("242407", Form.MIXED, "险情：3组需转移".encode("gb2312"))
        == b"$CCTXA,0242407,1,2,A4CFD5C7E9A3BA33D7E9D0E8D7AAD2C6*77\r\n"
    )
    assert (
        sentences.send_3("4207733", Form.CODE, "3组已转移12户35人".encode("gb2312"))
        == b"$CCTCQ,4207733,2,1,2,33D7E9D2D1D7AAD2C63132BBA73335C8CB,0*04\r\n"
    )


def message_of(line: str) -> sentences.ShortMessage:
    return sentences.read_message(sentences.read(line.encode()))


def test_contents_of_the_vectors() -> None:
    assert message_of(PUBLISHED[6]).content == b"hello"
    assert message_of(PUBLISHED[7]).content.endswith(b"Hello")
    assert message_of(PUBLISHED[7]).sender == "195817"
    assert message_of(PUBLISHED[11]).content == bytes.fromhex(
        "3A642B500000000000000A01F35B41EC036542EE74F5"
    )
    assert message_of(PUBLISHED[14]).content.decode("gb2312") == "收到"
    assert sentences.same_card(message_of(PUBLISHED[14]).sender, "04207733")
    raw = sentences.write("BDTXR", 1, "0179773", 0, "", "转移,3组".encode("gb2312"))
    assert sentences.read_message(sentences.read(raw.strip())).content.decode("gb2312") == (
        "转移,3组"
    )


def test_a_card_tells_its_pace() -> None:
    card = sentences.read_card(sentences.read(PUBLISHED[1].encode()))
    assert (card.id, card.frequency_s, card.level, card.is_present) == ("0242286", 60, 3, True)
    assert not sentences.read_card(sentences.read(PUBLISHED[2].encode())).is_present


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_foreign_lines_are_refused_by_the_one_error(line: bytes) -> None:
    with contextlib.suppress(TelegramError):
        sentences.read_message(sentences.read(line))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=6))
def test_a_terminal_survives_any_noise_on_the_line(pieces: list[bytes]) -> None:
    terminal = Terminal()
    for piece in pieces:
        terminal.take(piece, 0)
    assert terminal.take(b"\n" + PUBLISHED[1].encode() + b"\r\n", 0)[-1] == CardRead(
        sentences.Card("0242286", 60, 3)
    )


@pytest.mark.parametrize("payload", list(Payload))
@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_frame_goes_through_every_payload(payload: Payload, dialect: Dialect) -> None:
    terminal = Terminal(dialect, payload)
    frame = bytes([0x41, *range(terminal.frame_bytes_max - 1)])
    written = sentences.read(terminal.send("0179773", frame, 0).strip())
    place = 3 if dialect is Dialect.V2_1 else 4
    content = written.fields[place]
    if dialect is Dialect.V2_1:
        came = sentences.write("BDTXR", 1, "0242286", written.fields[2], "0210", content)
    else:
        came = sentences.write(
            "BDTCI", "4204986", "4204990", 2, "021000", written.fields[3], 0, content
        )
    [happened] = terminal.take(came, 0)
    assert isinstance(happened, FrameArrived)
    assert happened.frame == frame


def test_a_card_may_carry_as_much_as_the_arithmetic_says() -> None:
    sizes = {payload: Terminal(payload=payload).frame_bytes_max for payload in Payload}
    assert sizes == {
        Payload.CODE: 78,
        Payload.MIXED: 77,
        Payload.DIGITS: 64,
        Payload.CHARACTERS: 62,
    }
    with pytest.raises(TelegramError):
        Terminal().send("1", bytes(79), 0)


def test_a_handset_is_read_as_text() -> None:
    terminal = Terminal()
    line = sentences.write("BDTXR", 1, "0179773", 0, "0210", "转移 32/35".encode("gb2312"))
    assert terminal.take(line, 0) == [TextArrived("179773", "转移 32/35")]


def test_refusals_say_when_to_try_again() -> None:
    terminal = Terminal(frequency_s=60)
    now = 1_000_000
    terminal.send("1", b"\x40" * 20, now)
    assert not terminal.is_free(now + 10**9), "nothing leaves while an answer is owed"
    [refused] = terminal.take(sentences.write("BDFKI", "021000", "TXA", "N", 1, 0), now)
    assert refused == NotSent(Refusal.TOO_EARLY, 1000)
    assert terminal.is_free(now + 1000)
    terminal.send("1", b"\x40" * 20, now)
    [held] = terminal.take(sentences.write("BDFKI", "", "TXA", "N", 3), now)
    assert held == NotSent(Refusal.SILENCE, 600_000)
    assert not terminal.is_free(now + 599_999)
    terminal.send("1", b"\x40" * 20, now)
    assert terminal.take(sentences.write("BDFKI", "", "TXA", "Y", "", 0), now) == [Sent()]
    assert not terminal.is_free(now + 59_999)
    assert terminal.is_free(now + 61_000)


def test_the_pace_is_the_cards_own() -> None:
    terminal = Terminal(frequency_s=60)
    line = sentences.write("BDICI", "0242286", "00242286", "0000011", 6, 10, 3, "N", 0)
    terminal.take(line, 0)
    assert terminal.frequency_s == 10


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=70))
def test_armour_gives_back_every_byte(data: bytes) -> None:
    assert armour.from_digits(armour.to_digits(data)) == data
    assert armour.from_characters(armour.to_characters(data)) == data


def test_armour_is_as_dense_as_it_can_be() -> None:
    assert len(armour.characters()) == 6763
    assert (armour.bytes_in_digits(156), armour.bytes_in_characters(39)) == (64, 62)
    assert len(armour.to_digits(b"\xff" * 64)) <= 156
    assert len(armour.to_characters(b"\xff" * 62)) <= 39
    for wrong in ("12a", "１２", "-1", "9" * 2000):
        with pytest.raises(TelegramError):
            armour.from_digits(wrong)
    with pytest.raises(TelegramError):
        armour.from_characters("不在表里的字: é")
