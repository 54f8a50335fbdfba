"""What other nodes do not have yet is put in the queue of the thin links that lead to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fengsui.exchange.neighbours.queries import held_by
from fengsui.exchange.telegrams import identity, mapping, rules
from fengsui.exchange.telegrams.models import Outgoing, SentFrame, ThinLink, ThinPeer
from fengsui.exchange.telegrams.queries import facts_to_tell, last_arrival, link
from fengsui.exchange.telegrams.services.telling import KINDS_TOLD, Told, messages_for
from fengsui.exchange.telegrams.services.totals import queue_totals
from fengsui.exchange.telegrams.states import PRIORITY_OF, Kind, Priority, Standing
from fengsui.foundation.access.problems import NOT_ALLOWED, Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command
from fengsui.gateways.telegrams import coding, splitting
from fengsui.gateways.telegrams.messages import Message, Telegram, TelegramError, class_of
from fengsui.gateways.telegrams.sealing import LONG_HEADER_BYTES, SIGNATURE_BYTES, TAG_BYTES

FACTS_PER_STEP = 100
ROWS_PER_STEP = 300
KEEP_DONE = timedelta(days=7)
KEEP_FRAMES = timedelta(days=2)


@command
def look() -> dict[str, Any]:
    """Queues what is new, drops what is overtaken or too old: {"queued", "more"}."""
    queued, more, now = 0, False, clock.now()
    for row in ThinLink.objects.prefetch_related("peers"):
        peers = list(row.peers.all())
        _drop(row, peers, now)
        upto = last_arrival()
        facts = facts_to_tell(
            KINDS_TOLD, after=row.scanned_arrival, until=upto, limit=FACTS_PER_STEP
        )
        for _, fact in facts:
            for peer in peers:
                queued += _tell(row, peer, fact, now)
        is_whole = len(facts) < FACTS_PER_STEP
        scanned = upto if is_whole else facts[-1][0]
        if scanned != row.scanned_arrival:
            ThinLink.objects.filter(pk=row.pk).update(scanned_arrival=scanned)
        more = more or not is_whole
        for peer in peers:
            queued += queue_totals(row, peer, now)
    return {"queued": queued, "more": more}


def _drop(row: ThinLink, peers: list[ThinPeer], now: datetime) -> None:
    waiting = Outgoing.objects.filter(peer__link=row, standing=Standing.QUEUED)
    waiting.filter(expires_at__lte=now).update(standing=Standing.EXPIRED)
    for peer in peers:
        held = held_by(bytes(peer.public_key))
        rows = waiting.filter(peer=peer, feed_id__isnull=False)
        overtaken = [
            pk
            for pk, feed, seq in rows.values_list("pk", "feed_id", "seq")[:ROWS_PER_STEP]
            if feed is not None and seq is not None and held.get(bytes(feed), (-1, b""))[0] >= seq
        ]
        if overtaken:
            rows.filter(pk__in=overtaken).update(standing=Standing.OVERTAKEN)


def _tell(row: ThinLink, peer: ThinPeer, fact: Fact, now: datetime) -> int:
    try:
        told = messages_for(fact, identity.peer(bytes(peer.public_key)))
    except Problem:
        return 0  # a peer that is revoked or unknown is told nothing
    if told is None:
        return 0
    held = held_by(bytes(peer.public_key)).get(fact.feed)
    if held is not None and held[0] >= fact.seq:
        return 0
    return sum(queue(row, peer, message, told, now) for message in told.messages)


def frame_room(row: ThinLink) -> int:
    """Bytes for a message in the longest kind of frame of a link."""
    overhead = LONG_HEADER_BYTES + TAG_BYTES + (SIGNATURE_BYTES if row.signs else 0)
    return row.frame_bytes_max - overhead


def queue(row: ThinLink, peer: ThinPeer, message: Message, told: Told, now: datetime) -> int:
    """Puts one message, split where it is too long, in the queue. Returns how many are new."""
    county = identity.county()

    def encoded(one: Message) -> bytes:
        return coding.encode(Telegram(one), county=county)

    kind = mapping.KIND_OF[type(message)]
    expires_at = told.at + timedelta(milliseconds=rules.TTL_MS[kind])
    if expires_at <= now:
        return 0
    try:
        pieces = splitting.split(
            message, length=lambda one: len(encoded(one)), limit=frame_room(row)
        )
    except TelegramError as error:
        ThinLink.objects.filter(pk=row.pk).update(last_error=str(error)[:200])
        return 0
    count = 0
    for piece in pieces:
        subject = mapping.subject_of(piece)
        if subject:
            Outgoing.objects.filter(peer=peer, subject=subject, standing=Standing.QUEUED).exclude(
                source__startswith=told.source
            ).update(standing=Standing.SUPERSEDED)
        priority = PRIORITY_OF[kind]
        grace = rules.P1_GRACE_MS if priority is Priority.P1 and told.seq is not None else 0
        _, is_new = Outgoing.objects.get_or_create(
            peer=peer,
            source=f"{told.source} {kind.value} {mapping.part_of(piece)}"[:80],
            defaults={
                "kind": kind.value,
                "priority": priority.value,
                "fact_class": class_of(piece),
                "telegram": encoded(piece),
                "feed_id": told.feed,
                "seq": told.seq,
                "subject": subject,
                "queued_at": now,
                "not_before": now + timedelta(milliseconds=grace),
                "expires_at": expires_at,
            },
        )
        count += is_new
    return count


@command
def queue_test(*, viewer: Viewer, link_name: str) -> dict[str, Any]:
    """An empty telegram for every peer of a link: its receipt shows that the link works.

    Returns {"queued", "ids"}.
    """
    if not viewer.is_node:
        raise NOT_ALLOWED(permission="thin_links", place="")
    row, now = link(link_name), clock.now()
    made = [
        Outgoing.objects.create(
            peer=peer,
            kind=Kind.TEST,
            priority=Priority.P0,
            fact_class=0,
            telegram=coding.encode(Telegram(), county=identity.county()),
            source=f"test {now.isoformat()}",
            queued_at=now,
            not_before=now,
            expires_at=now + timedelta(milliseconds=rules.TTL_MS[Kind.TEST]),
        )
        for peer in row.peers.all()
    ]
    return {"queued": len(made), "ids": [one.pk for one in made]}


@command
def forget_old() -> dict[str, Any]:
    """Drops what is done and long past. Counters and windows stay: they keep numbers unique."""
    now = clock.now()
    frames = SentFrame.objects.filter(sent_at__lt=now - KEEP_FRAMES).values("pk")[:ROWS_PER_STEP]
    count, _ = SentFrame.objects.filter(pk__in=list(frames.values_list("pk", flat=True))).delete()
    done = Outgoing.objects.exclude(standing=Standing.QUEUED).filter(queued_at__lt=now - KEEP_DONE)
    chosen = list(done.values_list("pk", flat=True)[:ROWS_PER_STEP])
    Outgoing.objects.filter(pk__in=chosen).delete()
    return {"forgotten": count + len(chosen)}
