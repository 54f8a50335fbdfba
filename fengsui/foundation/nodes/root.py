"""The county's root key in a folder of its own, meant for a stick that lies in a safe.

`root.seed` is the secret; `root.facts` its feed: the first element names suite and county, then
one fact after the other (CBOR sequence, RFC 8742). No database: it works on any machine.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2

from fengsui.foundation.journal import codec, hlc
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import FactClass, FactKind
from fengsui.foundation.journal.keys import SEED_BYTES, NodeKey
from fengsui.foundation.nodes import rules
from fengsui.foundation.nodes.errors import NOT_ITS_PARENT
from fengsui.foundation.nodes.facts import CERTIFIED
from fengsui.foundation.nodes.rules import Link
from fengsui.foundation.nodes.states import Level
from fengsui.standards.instants import to_ms

VALID_DAYS = 3 * 365
SEED_FILE = "root.seed"
FACTS_FILE = "root.facts"
_MARK = "fengsui root 1"
_INCARNATION = 1

RawFact = tuple[bytes, bytes, bytes]


class RootFolderError(ValueError):
    """The folder is no root folder, or has one already; the message says which."""


@dataclass
class Root:
    """The open folder. `state` appends and signs; nothing is ever altered."""

    folder: Path
    key: NodeKey
    county: str
    facts: list[RawFact] = field(default_factory=list)

    @classmethod
    def make(cls, folder: Path, county: str, suite: int) -> Root:
        """A fresh root key. Raises RootFolderError where the folder holds one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / SEED_FILE).exists():
            raise RootFolderError(f"{folder} holds a root key already")
        seed = secrets.token_bytes(SEED_BYTES)
        _write(folder / SEED_FILE, seed, exclusive=True)
        root = cls(folder, NodeKey.from_seed(seed, suite), county)
        root._save()
        return root

    @classmethod
    def open(cls, folder: Path) -> Root:
        """Raises RootFolderError where the folder holds no root key."""
        try:
            seed = (folder / SEED_FILE).read_bytes()
            with (folder / FACTS_FILE).open("rb") as source:
                mark, suite, county = cbor2.load(source)
                facts = []
                while source.peek(1):
                    facts.append(tuple(cbor2.load(source)))
        except Exception as error:
            raise RootFolderError(f"{folder} holds no root key ({error})") from error
        if mark != _MARK:
            raise RootFolderError(f"{folder} was written by another version")
        return cls(folder, NodeKey.from_seed(seed, suite), county, facts)

    @property
    def feed(self) -> FeedKey:
        return FeedKey(
            self.key.suite.number,
            self.key.public,
            _INCARNATION,
            int(FactClass.COMMAND),
            codec.PUBLIC_AUDIENCE,
        )

    def state(
        self, kind: FactKind, fields: Mapping[str, Any], *, scope: str, now: datetime
    ) -> RawFact:
        """Signs a fact, appends it to the root's feed, and makes it durable before returning."""
        digest = self.key.suite.digest
        leaves = codec.make_leaves(
            kind, fields=fields, personal=None, items=(), about=(), salt=secrets.token_bytes
        )
        seq, previous, last = -1, bytes(codec.HASH_BYTES), 0
        if self.facts:
            before = codec.decode_header(self.facts[-1][0])
            seq, previous, last = before.seq, digest(self.facts[-1][0]), before.hlc
        header = codec.encode_header(
            Header(
                codec.HEADER_VERSION,
                self.key.suite.number,
                codec.feed_id(self.feed, digest),
                seq + 1,
                previous,
                hlc.following(last, now),
                kind.number,
                kind.version,
                scope,
                0,
                None,
                codec.body_root(leaves, digest),
            )
        )
        signature = self.key.sign(codec.signed_bytes(header))
        fact = (header, codec.encode_body(leaves), signature)
        self.facts.append(fact)
        self._save()
        return fact

    def raw(self) -> Sequence[list[bytes]]:
        """Its whole feed, as `journal.services.receive` takes it."""
        return [list(fact) for fact in self.facts]

    def _save(self) -> None:
        head = cbor2.dumps([_MARK, self.key.suite.number, self.county])
        data = head + b"".join(cbor2.dumps(list(fact)) for fact in self.facts)
        partial = self.folder / f"{FACTS_FILE}.partial"
        _write(partial, data)
        partial.replace(self.folder / FACTS_FILE)


def _write(path: Path, data: bytes, *, exclusive: bool = False) -> None:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if exclusive else os.O_TRUNC)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def county_chain(
    root: Root, request: str | bytes, *, name: str, now: datetime, valid_days: int = VALID_DAYS
) -> dict[str, Any]:
    """The root certifies a county's node. Writes to the root's folder only.

    Returns {"chain", "root_facts"} for `init_county`; also for a county's new machine. Raises
    not_its_parent, MalformedPaperError.
    """
    asked = rules.request_of(request)
    if asked.level != Level.COUNTY or asked.scope != root.county:
        raise NOT_ITS_PARENT(scope=asked.scope, level=asked.level)
    header, body, signature = root.state(
        CERTIFIED,
        {
            "public_key": asked.public_key,
            "suite": asked.suite,
            "link_key": asked.link_key,
            "short_id": rules.COUNTY_SHORT_ID,
            "name": name,
            "level": asked.level,
            "scope": asked.scope,
            "kinds": None,
            "not_before_ms": to_ms(now),
            "not_after_ms": to_ms(now + timedelta(days=valid_days)),
            "replaces_until_ms": None,
        },
        scope=asked.scope,
        now=now,
    )
    link = Link((*root.feed,), header, body, signature)
    chain = rules.make_chain((root.key.suite.number, root.key.public), [link])
    return {
        "chain": rules.to_text(rules.CHAIN_WORD, chain),
        "root_facts": [list(root.feed), root.raw()],
    }
