"""Calls for help by satellite: one sealed telegram of at most 78 bytes a minute, often lost.

Encoding, sealing and the window against replays are those of production.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fengsui.exchange.replication.sync import feed_of
from fengsui.exchange.simulator import kinds
from fengsui.foundation.journal import codec
from fengsui.foundation.journal.codec import FeedKey
from fengsui.gateways.telegrams import coding, sealing
from fengsui.gateways.telegrams.messages import Headcount, Numbers, Reference, Sos, Telegram
from fengsui.gateways.telegrams.window import ReplayWindow

if TYPE_CHECKING:
    from fengsui.exchange.simulator.stations import Station
    from fengsui.exchange.simulator.world import World

SLOT_SECONDS = 60.0
FRAME_BYTES_MAX = 78
LOST = 0.25
LOSSES_IN_A_ROW_MAX = 3
COUNTY = "433126"


class Slots:
    """The terminal of every village, and the township that listens."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.losses: dict[tuple[int, bool], int] = {}
        self.is_awake: set[int] = set()
        self.epochs: dict[tuple[int, int], int] = {}  # short id, epoch -> incarnation

    def wake(self, station: Station) -> None:
        if station.index not in self.is_awake:
            self.is_awake.add(station.index)
            self.world.after(SLOT_SECONDS, self._slot, station)

    def _slot(self, station: Station) -> None:
        self.is_awake.discard(station.index)
        waits = station.calls or station.chatter or self._is_owed(station)
        if self.world.is_tainted(station) or not waits:
            return
        self.wake(station)
        above = self.world.stations[station.parent or 0]
        if station.node is None or above.node is None:
            return
        self.send(station, above)
        self.world.oracle.note_slot(station)

    def _is_owed(self, station: Station) -> bool:
        calls = self.world.oracle.calls
        return any(
            feed in station.disk.feeds and station.disk.feeds[feed].key.public_key == station.name
            for feed, _ in calls
        )

    def send(self, station: Station, above: Station) -> None:
        """An SOS goes before everything else that waits."""
        call = station.next_telegram()
        if call is None:
            return
        frame, number, epoch = self._frame(station, call)
        self.world.counts["telegrams"] += 1
        if self._is_lost(station, is_receipt=False):
            return
        self._hear(above, station, frame, number, epoch)

    def _frame(
        self, station: Station, call: tuple[bytes, int, int] | str
    ) -> tuple[bytes, int, int]:
        at_ms = self.world.now_ms
        if isinstance(call, str):
            telegram = Telegram(Headcount(station.scope, at_ms, Numbers(should=35, moved=32)))
        else:
            of = station.disk.feeds[call[0]].key.incarnation
            epoch = None if of == station.disk.incarnation else self._epoch(station, of)
            fact = Reference(sequence=call[1], epoch=epoch)
            telegram = Telegram(Sos(station.scope, at_ms, people=call[2], fact=fact))
        number = station.next_telegram_number()
        epoch = self._epoch(station, station.disk.incarnation)
        header = sealing.Header(0, station.short_id, epoch, number)
        plain = coding.encode(telegram, county=COUNTY)
        frame = sealing.seal(plain, header, key=self._key(station), county=COUNTY)
        if len(frame) > FRAME_BYTES_MAX:
            raise AssertionError(f"a telegram of {len(frame)} bytes")
        self.world.oracle.note_nonce(sealing.nonce(COUNTY, header) + station.name, frame)
        return frame, number, epoch

    def _epoch(self, station: Station, incarnation: int) -> int:
        epoch = int.from_bytes(hashlib.sha256(str(incarnation).encode()).digest()[:2], "big")
        self.epochs[station.short_id, epoch] = incarnation
        return epoch

    def _key(self, station: Station) -> bytes:
        return hashlib.sha256(b"link" + station.name).digest()

    def _is_lost(self, station: Station, *, is_receipt: bool) -> bool:
        name = (station.index, is_receipt)
        in_a_row = self.losses.get(name, 0)
        lost = not self.world.is_calm and in_a_row < LOSSES_IN_A_ROW_MAX
        lost = lost and self.world.dice.random() < LOST
        self.losses[name] = in_a_row + 1 if lost else 0
        self.world.counts["telegrams lost"] += lost
        return lost

    # --- the listening side

    def _hear(self, above: Station, sender: Station, frame: bytes, number: int, epoch: int) -> None:
        short = sealing.read_header(frame)
        window = above.windows.get((sender.short_id, epoch), ReplayWindow())
        whole = sealing.Header(short.fact_class, short.sender, epoch, window.whole(short.number))
        if whole.number != number or not window.is_new(number):
            raise AssertionError("a telegram's number was not rebuilt")
        plain = sealing.open_frame(frame, whole, key=self._key(sender), county=COUNTY)
        above.windows[sender.short_id, epoch] = window.with_number(number)
        message = coding.decode(plain, county=COUNTY, now_ms=self.world.now_ms).message
        if not isinstance(message, Sos) or message.fact is None:
            return
        of = message.fact.epoch
        incarnation = self.epochs[sender.short_id, epoch if of is None else of]
        audience = codec.audience_of(kinds.SOS, sender.scope)
        suite = self.world.suite.number
        feed = feed_of(FeedKey(suite, sender.name, incarnation, 0, audience))
        seq = message.fact.sequence
        if not above.knows_call(feed, seq):
            above.write(
                kinds.RELAYED, sender.scope, {"feed": feed, "seq": seq},
                then=lambda: self._heard(above, sender, feed, seq),
            )  # fmt: skip
        else:
            self._heard(above, sender, feed, seq)

    def _heard(self, above: Station, sender: Station, feed: bytes, seq: int) -> None:
        """On the township's disk: only now may it send a receipt."""
        self.world.heard_call(feed, seq)
        if not self._is_lost(sender, is_receipt=True):
            sender.calls = [call for call in sender.calls if call[:2] != (feed, seq)]
