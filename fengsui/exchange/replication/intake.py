"""Which of the facts that arrived follow on from what is on the disk. Pure.

Contiguous, chained, with the body their header promised, and covered by a signature: the checks
of the journal's own judge, made before the disk is troubled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.journal import codec, judging, signing
from fengsui.foundation.journal.codec import Header, MalformedFactError
from fengsui.foundation.journal.rules import Arrived


@dataclass(frozen=True, slots=True)
class Intake:
    """`facts` may go to the disk; `head` is the feed's head once they are there."""

    facts: tuple[RawFact, ...]
    head: Head
    has_gap: bool = False  # something before the rest is missing: ask for it again
    fault: str = ""  # the chain itself does not hold: this feed stands still
    forks: bool = False  # the fault may be a second history of the same feed
    rivals: tuple[RawFact, ...] = ()  # sound facts with the number of our head that differ
    tail: tuple[RawFact, ...] = ()  # sound, but no signature covers them yet


def take_in(
    head: Head, facts: Sequence[RawFact], suites: Mapping[int, signing.Suite] = signing.SUITES
) -> Intake:
    """The sound beginning of `facts` after `head`. What is here already is passed over."""
    suite = suites.get(head.key.suite)
    if suite is None:
        return Intake((), head, fault=f"signature algorithm {head.key.suite} is unknown here")
    feed = codec.feed_id(head.key, suite.digest)
    links: list[Arrived] = []
    seq, tip, has_gap, fault, forks = head.seq, head.hash, False, "", False
    for position, raw in enumerate(facts):
        try:
            header = codec.decode_header(raw[0])
        except MalformedFactError as error:
            fault = str(error)
            break
        arrived = Arrived(header, *raw, suite.digest(raw[0]))
        if header.seq == head.seq and arrived.hash != head.hash:
            rivals = _rivals(head, facts[position:], feed, suite)
            return Intake((), head, fault="it has two histories", forks=True, rivals=rivals)
        if header.seq <= seq:
            continue
        if not follows(header.seq, seq):
            has_gap = True
            break
        fault = judging.link_fault(arrived, feed, tip, head.key, suite) or ""
        if fault:
            forks = seq == head.seq and _forks(header, feed, tip)
            break
        links.append(arrived)
        seq, tip = header.seq, arrived.hash
    signed = len(links)
    while signed and links[signed - 1].signature is None:
        signed -= 1  # no signature covers it yet: it waits for the next signed one
    if signed:
        head = Head(head.key, links[signed - 1].header.seq, links[signed - 1].hash)
    whole = tuple((link.header_bytes, link.body, link.signature) for link in links)
    tail = () if fault or has_gap else whole[signed:]
    return Intake(whole[:signed], head, has_gap, fault, forks, tail=tail)


def follows(seq: int, before: int) -> bool:
    return seq == before + 1


def _forks(header: Header, feed: bytes, tip: bytes) -> bool:
    return header.feed == feed and header.previous != tip


def _rivals(
    head: Head, facts: Sequence[RawFact], feed: bytes, suite: signing.Suite
) -> tuple[RawFact, ...]:
    """The run that starts with our head's number, if its author signed it: evidence of a fork."""
    run: list[Arrived] = []
    for raw in facts:
        try:
            arrived = Arrived(codec.decode_header(raw[0]), *raw, suite.digest(raw[0]))
        except MalformedFactError:
            return ()
        tip = run[-1].hash if run else arrived.header.previous
        if arrived.header.seq != head.seq + len(run):
            return ()
        if judging.link_fault(arrived, feed, tip, head.key, suite) is not None:
            return ()
        run.append(arrived)
        if arrived.signature is not None:
            return tuple((link.header_bytes, link.body, link.signature) for link in run)
    return ()
