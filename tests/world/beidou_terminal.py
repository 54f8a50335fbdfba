"""BeiDou terminals behind pseudo-terminals, and the satellites between them. Seeded, wound by hand.

A terminal enforces what a real one enforces: the length of a message, the interval of its card,
the code table of its content. The satellites lose messages. Nobody sleeps: the clock is a number
that the test winds, and a terminal acts when it is asked to look.
"""

from __future__ import annotations

import os
import random
import select
import tty
from collections.abc import Callable
from dataclasses import dataclass, field

from fengsui.gateways.telegrams.beidou import sentences
from fengsui.gateways.telegrams.beidou.sentences import Form, Lines
from fengsui.gateways.telegrams.messages import TelegramError

LINE_BYTES = 4096


@dataclass
class Satellites:
    """Carries messages between cards; loses some of them."""

    now_ms: Callable[[], int]
    loss: float
    seed: int
    terminals: dict[str, SimulatedTerminal] = field(default_factory=dict)
    carried: int = 0
    lost: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def terminal(self, card: str, **options: object) -> SimulatedTerminal:
        made = SimulatedTerminal(self, card, **options)  # type: ignore[arg-type]
        self.terminals[card.lstrip("0")] = made
        return made

    def carry(self, sender: str, to: str, form: bytes, content: bytes) -> None:
        if self._chance.random() < self.loss:
            self.lost += 1
            return
        self.carried += 1
        receiver = self.terminals.get(to.lstrip("0"))
        if receiver is not None:
            receiver.hear(sender, form, content)

    def look(self) -> None:
        """Every terminal reads what its computer wrote and answers."""
        for terminal in self.terminals.values():
            terminal.look()


@dataclass
class SimulatedTerminal:
    """One terminal with its card. `only_digits`: it takes decimal digits as code and nothing else.

    `says`: what it answers instead of sending, a reason of 2 to 6, while that is set.
    """

    satellites: Satellites
    card: str
    frequency_s: int = 60
    length_max: int = 78
    is_bds3: bool = False
    only_digits: bool = False
    deaf: bool = False
    says: int = 0
    sent: list[bytes] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _sent_at_ms: int | None = None

    def __post_init__(self) -> None:
        self.line, other = os.openpty()
        tty.setraw(self.line)
        tty.setraw(other)
        self.path = os.ttyname(other)
        self._other = other
        os.set_blocking(self.line, False)
        self._lines = Lines()

    def close(self) -> None:
        os.close(self.line)
        os.close(self._other)

    def look(self) -> None:
        while select.select([self.line], [], [], 0)[0]:
            try:
                data = os.read(self.line, LINE_BYTES)
            except OSError:
                return
            for line in self._lines.take(data):
                try:
                    self._obey(sentences.read(line))
                except TelegramError:
                    continue

    def _say(self, data: bytes) -> None:
        os.write(self.line, data)

    def _obey(self, sentence: sentences.Sentence) -> None:
        match sentence.name:
            case "CCICA":
                self._say(
                    sentences.write(
                        "BDICI", self.card, "00242286", "0000011", 6, self.frequency_s, 3, "N", 0
                    )
                )
            case "CCICR":
                self._say(
                    sentences.write(
                        "BDICP", self.card, "00242286", "0000011", 6, self.frequency_s, 3, "N", 0
                    )
                )
            case "CCTXA" if not self.is_bds3:
                to, form, content = sentence.field(0), sentence.field(2), sentence.fields[3]
                self._send("TXA", to, form.encode(), content)
            case "CCTCQ" if self.is_bds3:
                to, form, content = sentence.field(0), sentence.field(3), sentence.fields[4]
                self._send("TCQ", to, form.encode(), content)

    def _send(self, command: str, to: str, form: bytes, content: bytes) -> None:
        reason = self._reason(form, content)
        if reason:
            self.refused.append(reason)
            self._say(sentences.write("BDFKI", "021000", command, "N", reason, 0))
            return
        self._sent_at_ms = self.satellites.now_ms()
        self.sent.append(content)
        self._say(sentences.write("BDFKI", "021000", command, "Y", 5 if self.is_bds3 else "", 0))
        self.satellites.carry(self.card, to, form, content)

    def _reason(self, form: bytes, content: bytes) -> int:
        if self.says:
            return self.says
        now = self.satellites.now_ms()
        if self._sent_at_ms is not None and now < self._sent_at_ms + self.frequency_s * 1000:
            return 1
        if len(content) % 2 or len(content) > self.length_max * 2:
            return 6
        if not all(character in b"0123456789ABCDEF" for character in content):
            return 6
        if self.only_digits and (form != (b"2" if self.is_bds3 else b"1") or not content.isdigit()):
            return 6
        if form == (b"1" if self.is_bds3 else b"0"):
            try:
                bytes.fromhex(content.decode()).decode("gb2312")
            except UnicodeDecodeError:
                return 6
        return 0

    def hear(self, sender: str, form: bytes, content: bytes) -> None:
        if self.deaf:
            return
        if self.is_bds3:
            told = sentences.write("BDTCI", sender, self.card, 2, "021000", form, 0, content)
        else:
            told = sentences.write("BDTXR", 1, sender, form, "0210", content)
        self._say(told)

    def type(self, to: str, text: str) -> None:
        """A person at this terminal's own keys writes to another card."""
        content = sentences.to_hex(Form.CHARACTERS, text.encode("gb2312"))
        self.satellites.carry(self.card, to, b"1" if self.is_bds3 else b"0", content)
