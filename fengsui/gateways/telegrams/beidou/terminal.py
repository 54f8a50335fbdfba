"""One terminal as a link for frames: what to write, and what happened. Sans-IO, pure.

Payloads: `code` (hexadecimal digits), `mixed` (A4, then bytes), and for terminals that refuse
raw bytes `digits` (decimal armour) or `characters` (GB 2312 armour).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from fengsui.gateways.telegrams import armour
from fengsui.gateways.telegrams.beidou import sentences
from fengsui.gateways.telegrams.beidou.sentences import Card, Feedback, Form, Refusal
from fengsui.gateways.telegrams.messages import TelegramError


class Payload(StrEnum):
    CODE = "code"
    MIXED = "mixed"
    DIGITS = "digits"
    CHARACTERS = "characters"


class Dialect(StrEnum):
    V2_1 = "2.1"
    BDS_3 = "bds3"


_FORMS = {
    Payload.CODE: Form.CODE,
    Payload.MIXED: Form.MIXED,
    Payload.DIGITS: Form.CODE,
    Payload.CHARACTERS: Form.CHARACTERS,
}
# How long a refusal holds the link, in slots of the card: waiting is cheaper than asking.
_HELD_SLOTS = {
    Refusal.TOO_EARLY: 0,
    Refusal.SUPPRESSED: 5,
    Refusal.SILENCE: 10,
    Refusal.NO_POWER_LOCK: 1,
    Refusal.NO_CARD: 10,
    Refusal.NO_RIGHT: 10,
    Refusal.OTHER: 1,
}
PACE_MARGIN_MS = 500  # a terminal counts its interval by its own clock


@dataclass(frozen=True, slots=True)
class FrameArrived:
    sender: str
    frame: bytes


@dataclass(frozen=True, slots=True)
class TextArrived:
    """Somebody typed on a handset."""

    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The terminal took the last frame."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The terminal refused the last frame; try again after `again_ms` from now."""

    refusal: Refusal
    again_ms: int


@dataclass(frozen=True, slots=True)
class CardRead:
    card: Card


Happening = FrameArrived | TextArrived | Sent | NotSent | CardRead


@dataclass
class Terminal:
    """`length_max` and `frequency_s` are defaults until the card has told its own pace."""

    dialect: Dialect = Dialect.V2_1
    payload: Payload = Payload.CODE
    length_max: int = 78
    frequency_s: int = 60
    card_frequency_field: int = 4
    card: Card | None = None
    _lines: sentences.Lines = field(default_factory=sentences.Lines)
    _waiting: bool = False
    _free_at_ms: int = 0

    @property
    def frame_bytes_max(self) -> int:
        """The largest frame that this payload carries."""
        match self.payload:
            case Payload.CODE:
                return self.length_max
            case Payload.MIXED:
                return self.length_max - 1
            case Payload.DIGITS:
                return armour.bytes_in_digits(self.length_max * 2)
            case Payload.CHARACTERS:
                return armour.bytes_in_characters(self.length_max // 2)

    def begin(self) -> bytes:
        """What to write first: who are you, how fast may you send."""
        if self.dialect is Dialect.BDS_3:
            return sentences.ask_card_3()
        return sentences.ask_card()

    def is_free(self, now_ms: int) -> bool:
        return not self._waiting and now_ms >= self._free_at_ms

    def free_at_ms(self) -> int:
        return self._free_at_ms

    def send(self, to: str, frame: bytes, now_ms: int) -> bytes:
        """What to write for a frame. Raises TelegramError where it is too long."""
        if len(frame) > self.frame_bytes_max:
            raise TelegramError("telegrams.too_long", f"{len(frame)} > {self.frame_bytes_max}")
        self._waiting = True
        self._free_at_ms = now_ms + self.frequency_s * 1000 + PACE_MARGIN_MS
        return self._sentence(to, _FORMS[self.payload], self._armoured(frame))

    def send_text(self, to: str, text: str, now_ms: int) -> bytes:
        """What to write for a text that a person with a handset reads."""
        self._waiting = True
        self._free_at_ms = now_ms + self.frequency_s * 1000 + PACE_MARGIN_MS
        return self._sentence(to, Form.CHARACTERS, text.encode("gb2312", "replace"))

    def _sentence(self, to: str, form: Form, content: bytes) -> bytes:
        if self.dialect is Dialect.BDS_3:
            return sentences.send_3(to, form, content)
        return sentences.send_2_1(to, form, content)

    def _armoured(self, frame: bytes) -> bytes:
        match self.payload:
            case Payload.DIGITS:
                digits = armour.to_digits(frame)
                # Two digits to a byte (BCD); a leading zero changes no number.
                return bytes.fromhex(digits if len(digits) % 2 == 0 else f"0{digits}")
            case Payload.CHARACTERS:
                return armour.to_characters(frame).encode("gb2312")
            case _:
                return frame

    def take(self, data: bytes, now_ms: int) -> list[Happening]:
        """What the line brought. Lines that are no sentences, or foreign ones, are passed over."""
        happened: list[Happening] = []
        for line in self._lines.take(data):
            try:
                happened += self._read(sentences.read(line), now_ms)
            except TelegramError:
                continue
        return happened

    def _read(self, sentence: sentences.Sentence, now_ms: int) -> list[Happening]:
        match sentence.name:
            case "BDICI" | "BDICP":
                at = 4 if sentence.name == "BDICI" else self.card_frequency_field
                self.card = sentences.read_card(sentence, frequency_field=at)
                if self.card.is_present and self.card.frequency_s:
                    self.frequency_s = self.card.frequency_s
                return [CardRead(self.card)]
            case "BDFKI":
                return self._feedback(sentences.read_feedback(sentence), now_ms)
            case "BDTXR" | "BDTCI":
                message = sentences.read_message(sentence)
                return [self._arrived(message)]
            case _:
                return []

    def _feedback(self, feedback: Feedback, now_ms: int) -> list[Happening]:
        if not self._waiting or feedback.command[-3:] not in ("TXA", "TCQ"):
            return []
        self._waiting = False
        if feedback.is_done or feedback.refusal is None:
            return [Sent()]
        slots = _HELD_SLOTS[feedback.refusal]
        # Refused: the interval counts from the last message that did leave, not from this try.
        again_ms = max(1000, slots * self.frequency_s * 1000)
        self._free_at_ms = now_ms + again_ms
        return [NotSent(feedback.refusal, again_ms)]

    def _arrived(self, message: sentences.ShortMessage) -> Happening:
        content = message.content
        try:
            return FrameArrived(message.sender, self._frame(content))
        except TelegramError:
            return TextArrived(message.sender, content.decode("gb18030", "replace"))

    def _frame(self, content: bytes) -> bytes:
        """The frame in a content, or TelegramError where a person typed it."""
        if self.payload is Payload.DIGITS:
            return armour.from_digits(content.hex())
        if self.payload is Payload.CHARACTERS:
            try:
                return armour.from_characters(content.decode("gb2312"))
            except UnicodeDecodeError as error:
                raise TelegramError(armour.NOT_ARMOURED) from error
        # A frame begins with version 1 in its two highest bits: 0x40 to 0x7F are also letters,
        # so the caller tries the frame first and its tag decides.
        if not content or content[0] >> 6 != 1:
            raise TelegramError("telegrams.not_a_frame")
        return content

    def give_up_waiting(self) -> None:
        """The terminal never answered: the next frame may be tried."""
        self._waiting = False
