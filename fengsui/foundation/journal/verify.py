"""The check of a whole journal, from the database or from an exported file."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import cbor2

from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal.checking import (
    FeedChecker,
    Finding,
    Place,
    erasure_finding,
    signature_finding,
)
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import ID_BYTES, LEAF_ERASED
from fengsui.foundation.journal.models import Feed, StoredFact

BATCH = 2000
PROCESSES = 2
# Below this many signatures starting processes costs more than it saves.
WORTH_PROCESSES = 8000
_PAGE = 2000
FILE_MARK = "fengsui journal 1"

RawFact = tuple[bytes, bytes, bytes | None]


@dataclass
class Report:
    """What the check found: no findings means that the journal is whole."""

    feeds: int = 0
    facts: int = 0
    signatures: int = 0
    erased_leaves: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.findings


class _Signatures:
    """Collects signatures into batches and checks them here or in two processes."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._batch: list[signing.Signed] = []
        self._places: list[Place] = []
        self._running: list[tuple[Future[list[int]], list[Place]]] = []
        self.count = 0
        self.findings: list[Finding] = []

    def __call__(
        self, suite: int, public_key: bytes, message: bytes, signature: bytes, place: Place
    ) -> None:
        self._batch.append((suite, public_key, message, signature))
        self._places.append(place)
        self.count += 1
        if len(self._batch) >= BATCH:
            self._send()

    def _send(self) -> None:
        batch, places = self._batch, self._places
        self._batch, self._places = [], []
        # A suite registered at run time is unknown to a fresh process.
        is_ours = all(one[0] == signing.ED25519_SHA256 for one in batch)
        if self._processes > 1 and self.count >= WORTH_PROCESSES and is_ours:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._processes, mp_context=context)
            self._running.append((self._pool.submit(signing.bad_signatures, batch), places))
            while len(self._running) > 2 * self._processes:
                self._collect()
        else:
            self._note(signing.bad_signatures(batch), places)

    def _collect(self) -> None:
        future, places = self._running.pop(0)
        self._note(future.result(), places)

    def _note(self, bad: list[int], places: list[Place]) -> None:
        self.findings += [signature_finding(places[index]) for index in bad]

    def finish(self) -> list[Finding]:
        self._send()
        while self._running:
            self._collect()
        if self._pool is not None:
            self._pool.shutdown()
        return self.findings


@dataclass(frozen=True, slots=True)
class Chain:
    """One feed as it is read: its identity, its facts in order, where it should end."""

    feed: bytes
    key: FeedKey
    facts: Iterable[RawFact]
    head_seq: int | None = None
    head_hash: bytes | None = None


def check(chains: Iterable[Chain], *, processes: int = PROCESSES) -> Report:
    """Checks every chain: numbers, links, bodies, signatures, erasures."""
    report = Report()
    signatures = _Signatures(processes)
    erased: dict[tuple[bytes, int], Place] = {}
    licences: set[tuple[bytes, int]] = set()
    for chain in chains:
        checker = FeedChecker(chain.key, chain.feed, signatures)
        report.feeds += 1
        for header_bytes, body, signature in chain.facts:
            header = checker.fact(header_bytes, body, signature)
            report.facts += 1
            for leaf in checker.erased:
                erased[leaf] = Place(chain.feed.hex(), checker.seq)
            checker.erased.clear()
            if header is not None and header.kind == LEAF_ERASED.number:
                licences.update(_licensed(body))
        checker.finish(chain.head_seq, chain.head_hash)
        report.findings += checker.findings
    report.findings += signatures.finish()
    report.signatures = signatures.count
    report.erased_leaves = len(erased)
    report.findings += [
        erasure_finding(place, leaf[1]) for leaf, place in erased.items() if leaf not in licences
    ]
    return report


def _licensed(body: bytes) -> set[tuple[bytes, int]]:
    try:
        fields = cbor2.loads(cbor2.loads(body)[0])
        return {(bytes(fields[1]), int(leaf)) for leaf in fields[2]}
    except Exception:
        return set()


# --- from the database ----------------------------------------------------------------------


def chains_of_database() -> Iterator[Chain]:
    for feed in Feed.objects.order_by("id"):
        yield Chain(
            bytes(feed.feed_id),
            key_of(feed),
            _facts_of(feed.id),
            feed.head_seq,
            bytes(feed.head_hash),
        )


def key_of(feed: Feed) -> FeedKey:
    return FeedKey(
        feed.suite, bytes(feed.public_key), feed.incarnation, feed.fact_class, feed.audience
    )


def _facts_of(feed: int) -> Iterator[RawFact]:
    after = -1
    while True:
        page = list(
            StoredFact.objects.filter(feed_id=feed, seq__gt=after)
            .order_by("seq")
            .values_list("seq", "header", "body", "signature")[:_PAGE]
        )
        for seq, header, body, signature in page:
            yield bytes(header), bytes(body), None if signature is None else bytes(signature)
            after = seq
        if len(page) < _PAGE:
            return


def check_database(*, processes: int = PROCESSES) -> Report:
    """The whole journal of this node; also whether its index columns say what the bytes say."""
    report = check(chains_of_database(), processes=processes)
    report.findings += list(_wrong_columns())
    last = StoredFact.objects.order_by("-arrival").values_list("arrival", flat=True).first() or 0
    missing = last - StoredFact.objects.count()
    if missing:
        nowhere = Place("journal", last)
        report.findings.append(
            Finding(
                nowhere,
                f"到达编号中缺少 {missing} 条记录",
                f"{missing} arrival numbers are missing",
            )
        )
    return report


def _wrong_columns() -> Iterator[Finding]:
    feeds = {feed.id: feed for feed in Feed.objects.all()}
    after = 0
    while True:
        page = list(StoredFact.objects.filter(arrival__gt=after).order_by("arrival")[:_PAGE])
        for stored in page:
            after = stored.arrival
            feed = feeds[stored.feed_id]
            header_bytes = bytes(stored.header)
            try:
                header = codec.decode_header(header_bytes)
            except codec.MalformedFactError:
                continue
            suite = signing.SUITES.get(header.suite)
            if suite is None:
                continue
            if not _columns_agree(stored, header, suite.digest(header_bytes)):
                yield Finding(
                    Place(bytes(feed.feed_id).hex(), stored.seq),
                    "索引列与记录的原始字节不符",
                    "its index columns differ from its bytes",
                )
        if len(page) < _PAGE:
            return


def _columns_agree(stored: StoredFact, header: Header, header_hash: bytes) -> bool:
    cause = None if stored.cause is None else bytes(stored.cause)
    return (
        stored.seq == header.seq
        and stored.kind == header.kind
        and stored.hlc == header.hlc
        and stored.scope == header.scope
        and cause == header.cause
        and bytes(stored.fact_id) == header_hash[:ID_BYTES]
    )


# --- export and files -----------------------------------------------------------------------


def export(target: IO[bytes]) -> int:
    """Writes the journal as a CBOR sequence (RFC 8742); returns the number of facts.

    First the mark, then per feed [suite, key, incarnation, class, audience, head seq, head hash]
    followed by its facts [header, body, signature or null].
    """
    count = 0
    cbor2.dump(FILE_MARK, target)
    for chain in chains_of_database():
        cbor2.dump([*chain.key, chain.head_seq, chain.head_hash], target)
        for fact in chain.facts:
            cbor2.dump(list(fact), target)
            count += 1
    return count


class UnreadableFileError(ValueError):
    """The file is no exported journal, or it ends in the middle."""


def chains_of_file(path: Path) -> Iterator[Chain]:
    with path.open("rb") as source:
        records = _records(source)
        if next(records, None) != FILE_MARK:
            raise UnreadableFileError("the file is not an exported journal")
        pending: list[Any] | None = next(records, None)
        while pending is not None:
            *key, head_seq, head_hash = pending
            named = FeedKey(*key)
            suite = signing.SUITES.get(named.suite)
            feed = codec.feed_id(named, suite.digest) if suite else bytes(ID_BYTES)
            facts: list[RawFact] = []
            pending = None
            for record in records:
                if len(record) != 3:
                    pending = record
                    break
                facts.append(cast(RawFact, tuple(record)))
            yield Chain(feed, named, facts, head_seq, head_hash)


def _records(source: IO[bytes]) -> Iterator[Any]:
    while True:
        try:
            yield cbor2.load(source)
        except cbor2.CBORDecodeEOF:
            if source.read(1):
                raise UnreadableFileError("the file ends in the middle of a record") from None
            return
        except Exception as error:
            raise UnreadableFileError(f"the file cannot be read: {error}") from error


def check_file(path: Path, *, processes: int = PROCESSES) -> Report:
    """The check of an exported journal. Raises UnreadableFileError."""
    return check(chains_of_file(path), processes=processes)
