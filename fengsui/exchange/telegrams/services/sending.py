"""The next frame of a link: chosen, numbered and sealed, and on the disk before it leaves."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from fengsui.exchange.telegrams import identity, rules
from fengsui.exchange.telegrams.models import (
    Outgoing,
    OwedReceipt,
    SendCounter,
    SentFrame,
    ThinLink,
    ThinPeer,
)
from fengsui.exchange.telegrams.queries import link
from fengsui.exchange.telegrams.states import Standing
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.services import command
from fengsui.foundation.nodes.queries import NodeInfo
from fengsui.gateways.telegrams import coding, sealing
from fengsui.gateways.telegrams.messages import RECEIPTS_MAX, Receipt, Telegram, TelegramError
from fengsui.standards.instants import to_ms

CANDIDATES_MAX = 500
LONG_AFTER_TRIES = 3
_MINUTE = timedelta(minutes=1)
# A new epoch begins anywhere in the lower half: were two epochs ever to share their 16 bits,
# their numbers would still not meet.
_FIRST_NUMBER_BITS = 31
_NOTHING: dict[str, Any] = {"frame": None, "address": "", "claim": 0}


@command
def next_frame(*, link_name: str) -> dict[str, Any]:
    """What the next slot of a link carries: {"frame" or None, "address", "claim"}.

    Durable before it returns: the number it was sealed with is never used again.
    """
    row, now = link(link_name), clock.now()
    if row.last_sent_at is not None and now < row.last_sent_at + timedelta(
        milliseconds=row.pace_ms
    ):
        return _NOTHING
    chosen = _chosen(row, now)
    peer = chosen.peer if chosen is not None else _peer_to_thank(row)
    if peer is None:
        return _NOTHING
    frame = _sealed(row, peer, chosen, now)
    if frame is None:
        return _NOTHING
    if chosen is not None:
        chosen.tries += 1
        chosen.last_sent_at = now
        chosen.not_before = now + timedelta(milliseconds=rules.retry_ms(chosen.tries, row.pace_ms))
        chosen.save(update_fields=["tries", "last_sent_at", "not_before"])
        row.p0_in_a_row = rules.count_in_a_row(row.p0_in_a_row, chosen.priority)
    row.last_sent_at = now
    row.frames_sent += 1
    row.save(update_fields=["p0_in_a_row", "last_sent_at", "frames_sent"])
    return {"frame": frame, "address": peer.address, "claim": chosen.pk if chosen else 0}


def _chosen(row: ThinLink, now: datetime) -> Outgoing | None:
    due = (
        Outgoing.objects.filter(
            peer__link=row, standing=Standing.QUEUED, not_before__lte=now, expires_at__gt=now
        )
        .select_related("peer")
        .order_by("priority", "tries", "id")
    )
    # Of each priority a page: a long queue of one must not hide the other.
    rows: dict[int, Outgoing] = {}
    for priority in (0, 1, 2):
        rows |= {one.pk: one for one in due.filter(priority=priority)[:CANDIDATES_MAX]}
    waiting = [
        rules.Waiting(one.pk, one.priority, one.tries, one.pk, one.kind == "headcount_total")
        for one in rows.values()
    ]
    chosen = rules.choose(waiting, p0_in_a_row=row.p0_in_a_row)
    return rows[chosen.id] if chosen is not None else None


def _peer_to_thank(row: ThinLink) -> ThinPeer | None:
    peers = {bytes(peer.public_key): peer for peer in row.peers.all()}
    owed = OwedReceipt.objects.filter(public_key__in=list(peers)).order_by("id").first()
    return None if owed is None else peers[bytes(owed.public_key)]


def _sealed(row: ThinLink, peer: ThinPeer, chosen: Outgoing | None, now: datetime) -> bytes | None:
    """A frame within the link's length and budget; None where the budget is spent."""
    info, own, epoch = identity.peer(bytes(peer.public_key)), identity.own(), identity.own_epoch()
    county = identity.county()
    fact_class = 0 if chosen is None else chosen.fact_class
    counter = _counter(info, epoch, fact_class)
    # Whoever does not answer may have lost what it knew of our numbers.
    is_long = not counter.is_known or (chosen is not None and chosen.tries >= LONG_AFTER_TRIES)
    room = row.frame_bytes_max - sealing.OVERHEAD_BYTES
    room -= sealing.SIGNATURE_BYTES if row.signs else 0
    room -= sealing.LONG_HEADER_BYTES - sealing.HEADER_BYTES if is_long else 0
    telegram = Telegram()
    if chosen is not None:
        telegram = coding.decode(bytes(chosen.telegram), county=county, now_ms=to_ms(now))
    owed = list(
        OwedReceipt.objects.filter(public_key=info.public_key).order_by("id")[:RECEIPTS_MAX]
    )
    data = _with_receipts(telegram, owed, room, county, is_due=chosen is not None)
    if data is None:
        return None
    size = row.frame_bytes_max - room + len(data)
    if not rules.is_in_budget(size, _spent(row, now), row.bytes_per_minute):
        return None
    header = sealing.Header(
        fact_class=fact_class,
        sender=own.short_id,
        epoch=epoch,
        number=_take_number(counter),
        is_long=is_long,
        is_signed=row.signs,
    )
    frame = sealing.seal(
        data,
        header,
        key=identity.link_key(info),
        county=county,
        sign=ledgers.current().key.sign if row.signs else None,
    )
    SentFrame.objects.create(
        link=row,
        public_key=info.public_key,
        epoch=epoch,
        fact_class=fact_class,
        number=header.number,
        outgoing=chosen,
        size=len(frame),
        sent_at=now,
    )
    return frame


def _with_receipts(
    telegram: Telegram, owed: list[OwedReceipt], room: int, county: str, *, is_due: bool
) -> bytes | None:
    """The telegram with as many receipts as fit beside it; those are no longer owed."""
    for count in range(len(owed), -1, -1):
        receipts = tuple(Receipt(one.epoch, one.fact_class, one.number) for one in owed[:count])
        try:
            data = coding.encode(Telegram(telegram.message, receipts), county=county)
        except TelegramError:
            return None
        if len(data) <= room:
            if telegram.message is None and not count and not is_due:
                return None
            OwedReceipt.objects.filter(pk__in=[one.pk for one in owed[:count]]).delete()
            return data
    return None


def _spent(row: ThinLink, now: datetime) -> int:
    if row.bytes_per_minute is None:
        return 0
    lately = SentFrame.objects.filter(link=row, sent_at__gt=now - _MINUTE)
    return int(lately.aggregate(bytes=Sum("size"))["bytes"] or 0)


def _counter(info: NodeInfo, epoch: int, fact_class: int) -> SendCounter:
    counter, _ = SendCounter.objects.get_or_create(
        public_key=info.public_key,
        epoch=epoch,
        fact_class=fact_class,
        defaults={"next_number": secrets.randbits(_FIRST_NUMBER_BITS)},
    )
    return counter


def _take_number(counter: SendCounter) -> int:
    SendCounter.objects.filter(pk=counter.pk).update(next_number=F("next_number") + 1)
    return counter.next_number


@command
def confirm(
    *, link_name: str, claim: int, is_sent: bool, again_ms: int = 0, reason: str = ""
) -> dict[str, Any]:
    """What became of a frame at the terminal. One that never left is due again."""
    row = link(link_name)
    row.state = "" if is_sent else reason[:24]
    row.save(update_fields=["state"])
    if is_sent or not claim:
        return {"claim": claim}
    again = clock.now() + timedelta(milliseconds=again_ms)
    # The try does not count: an SOS that a terminal refused is still the first to go.
    Outgoing.objects.filter(pk=claim, tries__gt=0).update(tries=F("tries") - 1, not_before=again)
    ThinLink.objects.filter(pk=row.pk).update(last_sent_at=None)
    return {"claim": claim}
