"""One thin link at work: bytes from the line in, bytes for the line out. Sans-IO.

The shell around it (`fengsui.config.thin_links`) moves bytes; this decides. It calls commands, so
it runs wherever those may be called: in the link process, or in a test with a wound clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fengsui.exchange.telegrams import queries, services
from fengsui.exchange.telegrams.models import ThinLink
from fengsui.exchange.telegrams.rules import read_address
from fengsui.exchange.telegrams.services.linking import terminal_for
from fengsui.exchange.telegrams.states import Carrier
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.gateways.telegrams.beidou import sentences
from fengsui.gateways.telegrams.beidou.terminal import (
    CardRead,
    FrameArrived,
    Happening,
    NotSent,
    Sent,
    Terminal,
    TextArrived,
)
from fengsui.gateways.telegrams.datagrams import Datagrams

ANSWER_MS = 10_000  # a terminal that says nothing for so long has lost the command
ASK_AGAIN_MS = 60_000


@dataclass(frozen=True, slots=True)
class Out:
    """Bytes for the line; `to` is host:port on a radio, "" on a serial line."""

    data: bytes
    to: str = ""


class Running(Protocol):
    """What the shell drives."""

    def take(self, data: bytes, sender: str, now_ms: int) -> list[Out]: ...
    def tick(self, now_ms: int) -> list[Out]: ...


def run(row: ThinLink) -> Running:
    """The driver for a link as it is configured."""
    address = read_address(row.address)
    assert address is not None, row.address
    if address.carrier is Carrier.RADIO:
        return RadioLink(row.name, Datagrams(row.frame_bytes_max))
    return TerminalLink(row.name, terminal_for(address.options))


@dataclass
class RadioLink:
    """Datagrams: what is due leaves, what comes is taken in."""

    name: str
    datagrams: Datagrams

    def take(self, data: bytes, sender: str, now_ms: int) -> list[Out]:
        frame = self.datagrams.read(data)
        if frame is not None:
            services.receive_frame(link_name=self.name, address=sender, frame=frame)
        return []

    def tick(self, now_ms: int) -> list[Out]:
        if not queries.has_something_to_send(self.name):
            return []
        claimed = services.next_frame(link_name=self.name)
        if claimed["frame"] is None:
            return []
        services.confirm(link_name=self.name, claim=claimed["claim"], is_sent=True)
        return [Out(self.datagrams.write(claimed["frame"]), claimed["address"])]


@dataclass
class TerminalLink:
    """A BeiDou terminal: one frame at a time, each answered by the terminal."""

    name: str
    terminal: Terminal
    claim: int | None = None
    sent_at_ms: int = 0
    asked_at_ms: int | None = None

    def take(self, data: bytes, sender: str, now_ms: int) -> list[Out]:
        for happened in self.terminal.take(data, now_ms):
            self._note(happened)
        return []

    def _note(self, happened: Happening) -> None:
        match happened:
            case CardRead(card):
                state = "" if card.is_present else sentences.Refusal.NO_CARD.value
                services.note_card(link_name=self.name, state=state, frequency_s=card.frequency_s)
            case FrameArrived(sender, frame):
                told = services.receive_frame(link_name=self.name, address=sender, frame=frame)
                if told["outcome"] == "refused":
                    self._text(sender, frame.decode("gb18030", "replace"))
            case TextArrived(sender, text):
                self._text(sender, text)
            case Sent():
                self._settle(True)
            case NotSent(refusal, again_ms):
                self._settle(False, again_ms, refusal.value)

    def _text(self, sender: str, text: str) -> None:
        """Somebody typed on a handset; a text that says nothing known is only counted."""
        if not text.isprintable():
            return
        try:
            services.receive_text(
                viewer=node_viewer("telegrams"), number=sender, text=text, path="beidou"
            )
        except Problem:
            return

    def _settle(self, is_sent: bool, again_ms: int = 0, reason: str = "") -> None:
        if self.claim is None:
            return
        services.confirm(
            link_name=self.name,
            claim=self.claim,
            is_sent=is_sent,
            again_ms=again_ms,
            reason=reason,
        )
        self.claim = None

    def tick(self, now_ms: int) -> list[Out]:
        if self.asked_at_ms is None or (
            self.terminal.card is None and now_ms - self.asked_at_ms >= ASK_AGAIN_MS
        ):
            self.asked_at_ms = now_ms
            return [Out(self.terminal.begin())]
        if self.claim is not None:
            if now_ms - self.sent_at_ms < ANSWER_MS:
                return []
            # Nobody knows whether it left: the try stands, and the receipt will tell.
            self.terminal.give_up_waiting()
            self._settle(True)
        if not self.terminal.is_free(now_ms) or not queries.has_something_to_send(self.name):
            return []
        claimed = services.next_frame(link_name=self.name)
        if claimed["frame"] is None:
            return []
        self.claim, self.sent_at_ms = claimed["claim"], now_ms
        return [Out(self.terminal.send(claimed["address"], claimed["frame"], now_ms))]
