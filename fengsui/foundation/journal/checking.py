"""Is this chain whole? Pure: takes feeds and facts as bytes, says in words what is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal.codec import FeedKey, Header, MalformedFactError
from fengsui.foundation.journal.facts import ID_BYTES, FactClass

FIRST_PREVIOUS = bytes(codec.HASH_BYTES)

CheckSignature = Callable[[int, bytes, bytes, bytes, "Place"], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the journal: a feed (its id in hex), a number in it."""

    feed: str
    seq: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    place: Place
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.place.feed[:12]} #{self.place.seq}: {self.zh} / {self.en}"


@dataclass
class FeedChecker:
    """Follows one feed from its beginning. Signatures are handed to `check_signature`."""

    key: FeedKey
    feed: bytes
    check_signature: CheckSignature
    findings: list[Finding] = field(default_factory=list)
    seq: int = -1
    hash: bytes = FIRST_PREVIOUS
    hlc: int = 0
    erased: set[tuple[bytes, int]] = field(default_factory=set)
    first_unsigned: int | None = None
    is_lost: bool = False

    def __post_init__(self) -> None:
        suite = signing.SUITES.get(self.key.suite)
        if suite is None:
            self._find(-1, f"不认识签名算法 {self.key.suite}", f"unknown suite {self.key.suite}")
            self.is_lost = True
        elif codec.feed_id(self.key, suite.digest) != self.feed:
            self._find(
                -1,
                "链的编号与其密钥、世代、类别、范围不符",
                "the feed's id does not match its key, incarnation, class and audience",
            )

    def fact(self, header_bytes: bytes, body: bytes, signature: bytes | None) -> Header | None:
        """Checks the next fact of the feed. Returns its header, None where it is unreadable."""
        if self.is_lost:
            return None
        suite = signing.SUITES[self.key.suite]
        expected = self.seq + 1
        try:
            header = codec.decode_header(header_bytes)
        except MalformedFactError as error:
            self._find(expected, f"记录头无法读取：{error}", f"unreadable header: {error}")
            self._go_on(expected, header_bytes, suite.digest)
            return None
        if header.seq != expected:
            self._find(
                expected,
                f"缺少第 {expected} 条到第 {header.seq - 1} 条",
                f"facts {expected} to {header.seq - 1} are missing",
            )
        elif header.previous != self.hash:
            self._find(
                header.seq,
                "与前一条记录不相接（前一条或本条被改动）",
                "it does not follow from the fact before (one of the two was altered)",
            )
        if header.feed != self.feed or header.suite != self.key.suite:
            self._find(header.seq, "属于另一条链", "it belongs to another feed")
        if header.hlc <= self.hlc:
            self._find(header.seq, "时间早于前一条", "its time is before the fact before it")
        self._body(header, header_bytes, body, suite.digest)
        self._signature(header, header_bytes, signature)
        self.hlc = header.hlc
        self._go_on(header.seq, header_bytes, suite.digest)
        return header

    def _go_on(self, seq: int, header_bytes: bytes, digest: codec.Digest) -> None:
        self.seq = seq
        self.hash = digest(header_bytes)

    def _body(self, header: Header, header_bytes: bytes, body: bytes, digest: codec.Digest) -> None:
        try:
            elements = codec.decode_body(body)
        except MalformedFactError as error:
            self._find(header.seq, f"内容无法读取：{error}", f"unreadable body: {error}")
            return
        if codec.body_root(elements, digest) != header.root:
            self._find(header.seq, "内容被改动", "its content was altered")
        if codec.encode_body(elements) != body:
            self._find(header.seq, "内容的写法被改动", "the encoding of its content was altered")
        for index, element in enumerate(elements):
            if not isinstance(element, bytes):
                self.erased.add((digest(header_bytes)[:ID_BYTES], index))

    def _signature(self, header: Header, header_bytes: bytes, signature: bytes | None) -> None:
        if signature is None:
            if FactClass(self.key.fact_class).signs_each:
                self._find(header.seq, "没有签名", "it is not signed")
            elif self.first_unsigned is None:
                self.first_unsigned = header.seq
            return
        self.first_unsigned = None
        self.check_signature(
            self.key.suite,
            self.key.public_key,
            codec.signed_bytes(header_bytes),
            signature,
            Place(self.feed.hex(), header.seq),
        )

    def finish(self, head_seq: int | None = None, head_hash: bytes | None = None) -> None:
        """The feed ends here; it should end at `head_seq` with `head_hash` where given."""
        if self.first_unsigned is not None:
            self._find(
                self.first_unsigned,
                "从这一条到链尾没有签名覆盖",
                "from here to the end no signature covers the facts",
            )
        if head_seq is not None and head_seq != self.seq:
            self._find(
                self.seq + 1,
                f"链应止于第 {head_seq} 条，实际止于第 {self.seq} 条",
                f"the feed should end at fact {head_seq} and ends at {self.seq}",
            )
        elif head_hash is not None and head_hash != self.hash:
            self._find(self.seq, "链尾与登记的不符", "the end differs from the recorded head")

    def _find(self, seq: int, zh: str, en: str) -> None:
        self.findings.append(Finding(Place(self.feed.hex(), seq), zh, en))


def signature_finding(place: Place) -> Finding:
    return Finding(place, "签名不符", "its signature does not fit")


def erasure_finding(place: Place, leaf: int) -> Finding:
    return Finding(
        place,
        f"第 {leaf} 片内容已被抹去，但没有抹去记录",
        f"leaf {leaf} was erased and no fact says so",
    )
