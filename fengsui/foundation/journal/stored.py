"""Stored rows read as facts."""

from __future__ import annotations

import cbor2

from fengsui.foundation.journal import codec
from fengsui.foundation.journal.codec import Header
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.models import StoredFact


def decode(stored: StoredFact) -> Fact | None:
    """The fact of a stored row, or None where its kind or schema is newer than this program."""
    header = Header(*cbor2.loads(bytes(stored.header)))
    kind = catalogue().by_number.get(header.kind)
    if kind is None or header.schema > kind.version:
        return None
    return codec.decode_fact(kind, bytes(stored.fact_id), header, cbor2.loads(bytes(stored.body)))
