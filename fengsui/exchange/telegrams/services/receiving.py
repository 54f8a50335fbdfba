"""Frames from a thin link: opened, written down, and acted upon."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F

from fengsui.exchange.neighbours import services as neighbours
from fengsui.exchange.telegrams import identity, mapping
from fengsui.exchange.telegrams.facts import RECEIVED
from fengsui.exchange.telegrams.models import (
    Heard,
    HeardWindow,
    Outgoing,
    OwedReceipt,
    SendCounter,
    SentFrame,
    ThinLink,
    ThinPeer,
)
from fengsui.exchange.telegrams.queries import link
from fengsui.exchange.telegrams.services.acting import act
from fengsui.exchange.telegrams.states import Standing
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock, signing
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.nodes.queries import NodeInfo
from fengsui.gateways.telegrams import coding, sealing
from fengsui.gateways.telegrams.messages import (
    Message,
    Receipt,
    Reference,
    TelegramError,
    class_of,
)
from fengsui.gateways.telegrams.window import ReplayWindow
from fengsui.response.situation.rules import key_of_reference
from fengsui.standards.divisions import full_code, scope_prefix
from fengsui.standards.instants import to_ms

_LOW_NUMBERS = 1 << 16
UNKNOWN_SENDER = "telegrams.unknown_sender"


@dataclass(frozen=True, slots=True)
class Opened:
    """A frame whose tag fits. `header` holds the whole epoch and number."""

    sender: NodeInfo
    header: sealing.Header
    telegram: bytes
    is_new: bool


@command
def receive_frame(*, link_name: str, address: str, frame: bytes) -> dict[str, Any]:
    """Takes a frame as it came: {"outcome": taken | known | receipts | refused, "reason", "kind"}.

    Never raises for what the air brings: a frame that cannot be opened is counted and told.
    """
    row = link(link_name)
    row.frames_heard += 1
    row.last_heard_at = clock.now()
    try:
        opened = _open(frame)
    except TelegramError as error:
        return _refused(row, error.code)
    _note_peer(row, opened, address)
    try:
        telegram = coding.decode(
            opened.telegram, county=identity.county(), now_ms=to_ms(clock.now())
        )
    except TelegramError as error:
        # Of a newer schema: it is told to be here, since sending it again would not help.
        _owe_receipt(opened)
        return _refused(row, error.code)
    # Receipts are not receipted, or two nodes would thank each other for ever.
    if telegram.message is not None or not telegram.received:
        _owe_receipt(opened)
    row.save()
    if not opened.is_new:
        return {"outcome": "known", "reason": "", "kind": ""}
    for receipt in telegram.received:
        _take_receipt(opened.sender, receipt)
    if telegram.message is None:
        return {"outcome": "receipts", "reason": "", "kind": ""}
    return _take_message(row, opened, telegram.message, frame)


def _refused(row: ThinLink, reason: str) -> dict[str, Any]:
    row.frames_refused += 1
    row.last_error = reason
    row.save()
    return {"outcome": "refused", "reason": reason, "kind": ""}


def _open(frame: bytes) -> Opened:
    header = sealing.read_header(frame)
    sender = identity.speaker(header.sender)
    if sender is None:
        raise TelegramError(UNKNOWN_SENDER, str(header.sender))
    key, county = identity.link_key(sender), identity.county()
    windows = HeardWindow.objects.filter(
        public_key=sender.public_key, fact_class=header.fact_class
    ).order_by("-id")
    known = [one for one in windows if header.fits_epoch(one.epoch)]

    def is_valid(message: bytes, signature: bytes) -> bool:
        return signing.SUITES[sender.suite].is_valid(sender.public_key, message, signature)

    for one in known:
        window = ReplayWindow.from_bytes(one.highest, bytes(one.seen))
        number = header.number if header.is_long else window.whole(header.number)
        whole = replace(header, epoch=one.epoch, number=number)
        try:
            telegram = sealing.open_frame(frame, whole, key=key, county=county, is_valid=is_valid)
        except TelegramError:
            continue
        if not window.is_new(number):
            return Opened(sender, whole, telegram, is_new=False)
        _store(one, window.with_number(number))
        return Opened(sender, whole, telegram, is_new=True)
    if not header.is_long:
        raise TelegramError(sealing.NOT_AUTHENTIC)
    telegram = sealing.open_frame(frame, header, key=key, county=county, is_valid=is_valid)
    fresh = HeardWindow(
        public_key=sender.public_key, epoch=header.epoch, fact_class=header.fact_class
    )
    _store(fresh, ReplayWindow().with_number(header.number))
    # A node of a new epoch may have been put back from a backup, without what it knew of ours.
    SendCounter.objects.filter(public_key=sender.public_key).update(is_known=False)
    return Opened(sender, header, telegram, is_new=True)


def _store(row: HeardWindow, window: ReplayWindow) -> None:
    row.highest, row.seen = window.highest, window.to_bytes()
    row.save()


def _note_peer(row: ThinLink, opened: Opened, address: str) -> None:
    """Whoever can seal a frame is heard; a card or address that changed is learnt from it."""
    now: datetime = clock.now()
    peer, _ = ThinPeer.objects.get_or_create(
        link=row, public_key=opened.sender.public_key, defaults={"address": address}
    )
    peer.last_heard_at = now
    if address:
        peer.address = address
    peer.save()
    # The tag proves who it is; whether it is a neighbour for fat links is another question.
    with contextlib.suppress(Problem):
        neighbours.note_heard(public_key=opened.sender.public_key, carrier=row.carrier)


def _owe_receipt(opened: Opened) -> None:
    OwedReceipt.objects.get_or_create(
        public_key=opened.sender.public_key,
        epoch=opened.header.epoch,
        fact_class=opened.header.fact_class,
        number=opened.header.number,
        defaults={"owed_at": clock.now()},
    )


def _take_receipt(sender: NodeInfo, receipt: Receipt) -> None:
    """The other side has a frame on its disk: what it carried is no longer owed."""
    epoch = identity.own_epoch()
    sent = (
        SentFrame.objects.filter(public_key=sender.public_key, fact_class=receipt.fact_class)
        .annotate(low=F("number") % _LOW_NUMBERS)
        .filter(low=receipt.sequence)
        .order_by("-id")
    )
    for frame in sent:
        if frame.epoch & 0xFF != receipt.epoch:
            continue
        if frame.epoch == epoch:
            SendCounter.objects.filter(
                public_key=sender.public_key, epoch=epoch, fact_class=frame.fact_class
            ).update(is_known=True)
        if frame.outgoing_id is not None:
            Outgoing.objects.filter(pk=frame.outgoing_id, standing=Standing.QUEUED).update(
                standing=Standing.ACKNOWLEDGED
            )
        return


# --- messages ---------------------------------------------------------------------------------


def _take_message(row: ThinLink, opened: Opened, message: Message, frame: bytes) -> dict[str, Any]:
    kind, part = mapping.KIND_OF[type(message)], mapping.part_of(message)
    reference = reference_of(message, opened)
    key = key_of_reference(reference)
    if key and Heard.objects.filter(reference_key=key, kind=kind, part=part).exists():
        return {"outcome": "known", "reason": "", "kind": kind.value}
    viewer = node_viewer("telegrams")
    record(
        RECEIVED,
        fields={
            "kind": kind.value,
            "place_code": _place(message),
            "sender": opened.sender.public_key,
            "epoch": opened.header.epoch,
            "number": opened.header.number,
            "reference": reference,
            "part": part,
            "path": row.carrier,
            "link": row.name,
            "at_ms": getattr(message, "at_ms", None) or to_ms(clock.now()),
            "is_signed": opened.header.is_signed,
            "frame": frame,
            "content": _public_content(message),
        },
        personal={"said_by": ""},
        scope=_place(message),
        viewer=viewer,
    )
    act(
        message,
        viewer=viewer,
        reference=reference,
        path=row.carrier,
        client_id=f"{opened.sender.short_id}.{opened.header.epoch}.{opened.header.number}",
    )
    return {"outcome": "taken", "reason": "", "kind": kind.value}


def _public_content(message: Message) -> dict[str, Any]:
    """What the row of a telegram shows. An SOS holds words of a person: they go elsewhere."""
    if mapping.KIND_OF[type(message)] == "sos":
        return {}
    return mapping.content_of(message)


def _place(message: Message) -> str:
    """A place in this node's jurisdiction: the one that is spoken of, else the node's own."""
    own = full_code(nodes.own().scope or identity.county())
    said = mapping.place_of(message, own)
    return said if full_code(said).startswith(scope_prefix(own)) else own


def reference_of(message: Message, opened: Opened) -> dict[str, Any] | None:
    """The fact that a message names, as the situation knows facts; None where it names none."""
    fact: Reference | None = getattr(message, "fact", None)
    if fact is None:
        return None
    author = opened.sender if fact.author is None else nodes.by_short_id(fact.author)
    if author is None:
        return None
    own = nodes.own().scope or identity.county()
    place = mapping.place_of(message, author.scope or own)
    return {
        "node": author.public_key,
        "class": class_of(message),
        "audience": mapping.audience_of(fact.audience, place),
        "epoch": opened.header.epoch if fact.epoch is None else fact.epoch,
        "seq": fact.sequence,
    }
