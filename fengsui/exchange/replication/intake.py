"""Which of the facts that arrived follow on from what is on the disk. Pure.

Contiguous, chained, with the body their header promised, and covered by a signature: the checks
of the journal's own rules, made before the disk is troubled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.journal import codec, rules, signing
from fengsui.foundation.journal.codec import MalformedFactError
from fengsui.foundation.journal.facts import FactClass
from fengsui.foundation.journal.rules import Arrived


@dataclass(frozen=True, slots=True)
class Intake:
    """`facts` may go to the disk; `head` is the feed's head once they are there."""

    facts: tuple[RawFact, ...]
    head: Head
    has_gap: bool = False  # something before the rest is missing: ask for it again
    fault: str = ""  # the chain itself does not hold: this feed stands still


def take_in(head: Head, facts: Sequence[RawFact]) -> Intake:
    """The sound beginning of `facts` after `head`. What is here already is passed over."""
    suite = signing.SUITES.get(head.key.suite)
    if suite is None:
        return Intake((), head, fault=f"signature algorithm {head.key.suite} is unknown here")
    feed = codec.feed_id(head.key, suite.digest)
    links: list[Arrived] = []
    seq, tip, has_gap, fault = head.seq, head.hash, False, ""
    for raw in facts:
        try:
            header = codec.decode_header(raw[0])
        except MalformedFactError as error:
            fault = str(error)
            break
        arrived = Arrived(header, *raw, suite.digest(raw[0]))
        if header.seq <= seq:
            continue
        if not follows(header.seq, seq):
            has_gap = True
            break
        fault = _fault(arrived, feed, tip, head, suite) or ""
        if fault:
            break
        links.append(arrived)
        seq, tip = header.seq, arrived.hash
    while links and links[-1].signature is None:
        links.pop()  # no signature covers it yet: it comes again with the next signed one
    if links:
        head = Head(head.key, links[-1].header.seq, links[-1].hash)
    sound = tuple((link.header_bytes, link.body, link.signature) for link in links)
    return Intake(sound, head, has_gap, fault)


def follows(seq: int, before: int) -> bool:
    return seq == before + 1


def _fault(
    arrived: Arrived, feed: bytes, tip: bytes, head: Head, suite: signing.Suite
) -> str | None:
    fault = rules.chain_fault(arrived, feed, tip, head.key)
    fault = fault or rules.body_fault(arrived, suite.digest)
    if fault is not None:
        return fault
    if arrived.signature is None:
        signs_each = head.key.fact_class <= FactClass.COMMAND
        return "it is not signed" if signs_each else None
    message = codec.signed_bytes(arrived.header_bytes)
    if not suite.is_valid(head.key.public_key, message, arrived.signature):
        return "its signature does not fit"
    return None
