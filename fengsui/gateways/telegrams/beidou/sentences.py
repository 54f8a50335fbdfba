"""Sentences between a computer and a BeiDou terminal: `$NAME,field,…*XOR` and CR LF. Pure.

Source: the 2.1 protocol of RDSS terminals and the sentences of BDS-3 modules as published by
their makers. Terminals differ: fields may be empty, ids have 6 to 8 digits with or without
leading zeros, the content comes as hexadecimal digits or as raw GB bytes. The checksum is never
optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fengsui.gateways.telegrams.messages import TelegramError

BAD_SENTENCE = "telegrams.bad_sentence"
LINE_BYTES_MAX = 4096
MIXED_MARK = 0xA4  # what a mixed payload begins with
_HEX = frozenset(b"0123456789ABCDEFabcdef")


class Form(StrEnum):
    """What kind of content a short message has: 电文形式."""

    CHARACTERS = "characters"  # 汉字, GB 2312
    CODE = "code"  # 代码
    MIXED = "mixed"  # 混发


_FORM_2_1 = {Form.CHARACTERS: b"0", Form.CODE: b"1", Form.MIXED: b"2"}
_FORM_3 = {Form.CHARACTERS: b"1", Form.CODE: b"2", Form.MIXED: b"3"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """`name` without the `$`; fields as they came."""

    name: str
    fields: tuple[bytes, ...]

    def field(self, place: int) -> str:
        """A field as text; "" where the terminal left it out."""
        if place >= len(self.fields):
            return ""
        return self.fields[place].decode("ascii", "replace").strip()


@dataclass(frozen=True, slots=True)
class Card:
    """The card in the terminal. `frequency_s`: at least so many seconds between two messages."""

    id: str
    frequency_s: int
    level: int

    @property
    def is_present(self) -> bool:
        return bool(self.id.strip("0"))


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """A message from another card; `content` as bytes, whatever form it travelled in."""

    sender: str
    form: Form
    content: bytes


class Refusal(StrEnum):
    """Why a terminal did not send; what it means for the next try."""

    TOO_EARLY = "too_early"  # 频率未到: wait and send again
    SUPPRESSED = "suppressed"  # 发射抑制: hold, the network forbids it
    SILENCE = "silence"  # 无线电静默: hold, an order of radio silence
    NO_POWER_LOCK = "no_power_lock"  # 功率未锁: hold, the aerial does not see the satellite
    NO_CARD = "no_card"  # 无IC
    NO_RIGHT = "no_right"  # 权限不足
    OTHER = "other"


_REFUSALS = {
    "1": Refusal.TOO_EARLY,
    "2": Refusal.SUPPRESSED,
    "3": Refusal.SILENCE,
    "4": Refusal.NO_POWER_LOCK,
    "5": Refusal.NO_CARD,
    "6": Refusal.NO_RIGHT,
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """The terminal's answer to a command (`TXA`, `TCQ`, …)."""

    command: str
    is_done: bool
    refusal: Refusal | None


def checksum(body: bytes) -> int:
    """XOR of what stands between `$` and `*`."""
    total = 0
    for byte in body:
        total ^= byte
    return total


def write(name: str, *fields: bytes | str | int) -> bytes:
    parts = [name.encode("ascii")]
    parts += [one if isinstance(one, bytes) else str(one).encode("ascii") for one in fields]
    body = b",".join(parts)
    return b"$" + body + b"*%02X\r\n" % checksum(body)


# Content may hold commas where it is raw; so many commas come before it.
_COMMAS_BEFORE_CONTENT = {"BDTXR": 5, "BDTCI": 7}


def read(line: bytes) -> Sentence:
    """One line without its CR LF. Raises TelegramError: no sentence, or a wrong checksum."""
    start, star = line.find(b"$"), line.rfind(b"*")
    if start < 0 or star < start or len(line) > LINE_BYTES_MAX:
        raise TelegramError(BAD_SENTENCE, "no sentence")
    body, said = line[start + 1 : star], line[star + 1 : star + 3]
    try:
        fits = int(said, 16) == checksum(body)
    except ValueError:
        fits = False
    if not fits:
        raise TelegramError(BAD_SENTENCE, "wrong checksum")
    name = body.split(b",", 1)[0].decode("ascii", "replace")
    commas = _COMMAS_BEFORE_CONTENT.get(name, -1)
    return Sentence(name, tuple(body.split(b",", commas)[1:]))


class Lines:
    """Cuts what a serial line brings into lines; an endless line is dropped, not kept."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest if len(rest) <= LINE_BYTES_MAX else b""
        return [line.rstrip(b"\r") for line in lines if line.strip()]


# --- what we ask ------------------------------------------------------------------------------


def ask_card() -> bytes:
    """2.1: 读 IC 卡."""
    return write("CCICA", "0", "00")


def ask_card_3() -> bytes:
    """BDS-3: 读 IC 卡."""
    return write("CCICR", "0", "00")


def report_beams(seconds: int) -> bytes:
    """2.1: let the terminal tell its beams every so many seconds (0: no more)."""
    return write("CCRMO", "BSI", 2 if seconds else 1, seconds)


def send_2_1(to: str, form: Form, content: bytes, *, is_express: bool = False) -> bytes:
    """通信申请 TXA. `to` as the terminal wants it, usually seven digits."""
    return write(
        "CCTXA", to.zfill(7), 0 if is_express else 1, _FORM_2_1[form], to_hex(form, content)
    )


def send_3(to: str, form: Form, content: bytes, *, frequency_point: int = 2) -> bytes:
    """BDS-3 通信申请 TCQ, without the receipt of the network."""
    return write("CCTCQ", to.zfill(7), frequency_point, 1, _FORM_3[form], to_hex(form, content), 0)


def to_hex(form: Form, content: bytes) -> bytes:
    marked = bytes([MIXED_MARK]) + content if form is Form.MIXED else content
    return marked.hex().upper().encode("ascii")


# --- what it tells ----------------------------------------------------------------------------


def read_card(sentence: Sentence, *, frequency_field: int = 4) -> Card:
    """BDICI (2.1) or BDICP (BDS-3). The place of 频度 in BDICP is a setting: makers differ."""
    return Card(
        id=sentence.field(0),
        frequency_s=_number(sentence.field(frequency_field)),
        level=_number(sentence.field(frequency_field + 1)),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def read_feedback(sentence: Sentence) -> Feedback:
    """BDFKI: 时间, 指令, Y/N, 原因."""
    is_done = sentence.field(2).upper() == "Y"
    refusal = None if is_done else _REFUSALS.get(sentence.field(3), Refusal.OTHER)
    return Feedback(sentence.field(1), is_done, refusal)


def read_message(sentence: Sentence) -> ShortMessage:
    """BDTXR (2.1) or BDTCI (BDS-3). Raises TelegramError where there is no content."""
    if sentence.name == "BDTCI":
        sender, form, at = sentence.field(0), _form(sentence.field(4), _FORM_3), 6
    else:
        sender, form, at = sentence.field(1), _form(sentence.field(2), _FORM_2_1), 4
    if at >= len(sentence.fields) or not sentence.fields[at]:
        raise TelegramError(BAD_SENTENCE, "no content")
    return ShortMessage(sender.lstrip("0"), form, content_of(form, sentence.fields[at]))


def _form(said: str, table: dict[Form, bytes]) -> Form:
    for form, digit in table.items():
        if digit.decode() == said:
            return form
    return Form.MIXED  # compressed or unknown: the content says


def content_of(form: Form, raw: bytes) -> bytes:
    """Bytes of a content: hexadecimal digits or raw, without the mark of a mixed one."""
    data = raw
    if len(raw) % 2 == 0 and _HEX.issuperset(raw):
        data = bytes.fromhex(raw.decode("ascii"))
    if form is Form.MIXED and data[:1] == bytes([MIXED_MARK]):
        data = data[1:]
    return data


def same_card(one: str, other: str) -> bool:
    """Ids are compared without leading zeros: 0179773 is 179773."""
    return one.lstrip("0") == other.lstrip("0")
