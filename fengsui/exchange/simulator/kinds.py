"""The facts of an invented county, and the bytes of one. Certificates are the real kinds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.nodes.facts import CERTIFIED, REVOKED

FIRST = 9_000


def _kind(
    number: int, name: str, fact_class: FactClass, audience: Audience, *fields: str
) -> FactKind:
    return FactKind(FIRST + number, f"sim.{name}", 1, fact_class, audience, Merge.APPEND, fields)


SOS = _kind(1, "sos", FactClass.LIFE_SAFETY, Audience.TOWNSHIP, "people")
HEADCOUNT = _kind(2, "headcount", FactClass.LIFE_SAFETY, Audience.TOWNSHIP, "moved", "at")
# A gateway says what a telegram said, until the fact itself comes.
RELAYED = _kind(3, "relayed", FactClass.LIFE_SAFETY, Audience.TOWNSHIP, "feed", "seq")
ORDER = _kind(4, "order", FactClass.COMMAND, Audience.COUNTY, "text")
EFFECT = _kind(5, "effect", FactClass.COMMAND, Audience.TOWNSHIP, "effect", "state", "person")
DOUBTED = _kind(6, "clock_doubted", FactClass.COMMAND, Audience.VILLAGE, "fact_id")
NOTE = _kind(7, "note", FactClass.ROUTINE, Audience.VILLAGE, "thing", "field", "value")
# Comes with the next version of the program.
NEWER = _kind(8, "newer", FactClass.ROUTINE, Audience.VILLAGE, "text")
BULK = _kind(9, "bulk", FactClass.BULK, Audience.VILLAGE, "data")

CATALOGUE: Mapping[int, FactKind] = {
    kind.number: kind
    for kind in (SOS, HEADCOUNT, RELAYED, ORDER, EFFECT, DOUBTED, NOTE, NEWER, BULK,
                 CERTIFIED, REVOKED)
}  # fmt: skip
OLD_CATALOGUE: Mapping[int, FactKind] = {
    number: kind for number, kind in CATALOGUE.items() if kind is not NEWER
}


def make_fact(
    suite: signing.Suite,
    key: FeedKey,
    feed: bytes,
    tip: Head,
    kind: FactKind,
    *,
    hlc: int,
    scope: str,
    fields: Mapping[str, Any],
    dice: random.Random,
    sign: Any = None,
) -> tuple[RawFact, Head]:
    """The next fact of a feed and the feed's head after it."""
    leaves: Sequence[bytes | list[bytes]] = codec.make_leaves(
        kind, fields=fields, personal=None, items=(), about=(), salt=dice.randbytes
    )
    header = codec.encode_header(
        Header(
            codec.HEADER_VERSION, key.suite, feed, tip.seq + 1, tip.hash, hlc, kind.number,
            kind.version, scope, 1, None, codec.body_root(leaves, suite.digest),
        )
    )  # fmt: skip
    signature = sign(codec.signed_bytes(header)) if sign else None
    raw = (header, codec.encode_body(leaves), signature)
    return raw, Head(key, tip.seq + 1, suite.digest(header))
