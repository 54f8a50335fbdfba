"""Facts of an invented neighbouring node, made with the codec alone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fengsui.foundation.journal import codec, hlc
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import FactKind
from fengsui.foundation.journal.keys import NodeKey

VILLAGE = "433126101201"
COUNTY = "433126000000"
NIGHT = datetime(2026, 7, 16, 18, 0, tzinfo=UTC)


class Neighbour:
    """Writes feeds as another node would: bytes only, no database."""

    def __init__(self, seed: bytes = bytes(32), suite: int = 1, incarnation: int = 7) -> None:
        self.key = NodeKey.from_seed(seed, suite)
        self.incarnation = incarnation
        self.heads: dict[tuple[int, str], tuple[int, bytes]] = {}
        self.hlc = hlc.of_time(NIGHT)
        self.facts: dict[tuple[int, str], list[tuple[bytes, bytes, bytes | None]]] = {}

    def feed_key(self, kind: FactKind, scope: str) -> FeedKey:
        return FeedKey(
            self.key.suite.number,
            self.key.public,
            self.incarnation,
            int(kind.fact_class),
            codec.audience_of(kind, scope),
        )

    def write(
        self,
        kind: FactKind,
        fields: dict[str, Any],
        *,
        personal: dict[str, Any] | None = None,
        items: Sequence[dict[str, Any]] = (),
        scope: str = VILLAGE,
        cause: bytes | None = None,
        signed: bool = True,
        at: int | None = None,
        schema: int | None = None,
        number: int | None = None,
    ) -> bytes:
        """Appends a fact and returns its id."""
        name = (int(kind.fact_class), codec.audience_of(kind, scope))
        digest = self.key.suite.digest
        seq, previous = self.heads.get(name, (-1, bytes(32)))
        leaves = codec.make_leaves(
            kind, fields=fields, personal=personal, items=items, about=(), salt=lambda n: bytes(n)
        )
        self.hlc = at if at is not None else self.hlc + 1
        header = codec.encode_header(
            Header(
                codec.HEADER_VERSION,
                self.key.suite.number,
                codec.feed_id(self.feed_key(kind, scope), digest),
                seq + 1,
                previous,
                self.hlc,
                kind.number if number is None else number,
                kind.version if schema is None else schema,
                scope,
                12,
                cause,
                codec.body_root(leaves, digest),
            )
        )
        signature = self.key.sign(codec.signed_bytes(header)) if signed else None
        self.heads[name] = (seq + 1, digest(header))
        self.facts.setdefault(name, []).append((header, codec.encode_body(leaves), signature))
        return digest(header)[:16]
