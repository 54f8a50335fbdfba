"""Chains of certificates: put together from what is here, and checked from what was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cbor2

from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey, MalformedFactError
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.nodes import apply, queries, rules
from fengsui.foundation.nodes.errors import CHAIN_BROKEN, NO_CERTIFICATE
from fengsui.foundation.nodes.facts import CERTIFIED
from fengsui.foundation.nodes.models import AcceptedCertificate
from fengsui.foundation.nodes.rules import Link
from fengsui.standards.divisions import scope_prefix


def chain_of(public_key: bytes) -> bytes:
    """The certificates from the root down to a key. Raises no_certificate."""
    root = queries.anchor()
    if root is None:
        raise NO_CERTIFICATE()
    ledgers.show_open_rows()
    links: list[Link] = []
    above = public_key
    while above != bytes(root.public_key) and len(links) <= rules.MAXIMUM_CHAIN_LINKS:
        rows = queries.certificates_of(above)
        if not rows:
            raise NO_CERTIFICATE()
        links.append(_link(rows[-1]))
        above = bytes(rows[-1].issuer_key)
    return rules.make_chain((root.suite, bytes(root.public_key)), list(reversed(links)))


def _link(row: Any) -> Link:
    if isinstance(row, AcceptedCertificate):
        return Link.from_plain(cbor2.loads(bytes(row.fact)))
    stored = StoredFact.objects.select_related("feed").get(fact_id=row.fact_id)
    feed = stored.feed
    return Link(
        (feed.suite, bytes(feed.public_key), feed.incarnation, feed.fact_class, feed.audience),
        bytes(stored.header),
        bytes(stored.body),
        bytes(stored.signature or b""),
    )


def check_chain(root: tuple[int, bytes], links: Sequence[Link]) -> list[Fact]:
    """The certificates of a chain, oldest first, each signed by the one above and within it.

    Raises chain_broken.
    """
    above, prefix, rank = root[1], "", 0
    facts: list[Fact] = []
    for link in links:
        fact = _certificate_in(link)
        if link.feed[1] != above:
            raise CHAIN_BROKEN(reason="a link is signed by another key than the one above it")
        fields = fact.fields
        if not fact.scope.startswith(prefix) or fields["scope"] != fact.scope:
            raise CHAIN_BROKEN(reason="a place lies outside the one above it")
        if rules.rank(fields["level"]) <= rank:
            raise CHAIN_BROKEN(reason="a level does not stand below the one above it")
        above, prefix = fields["public_key"], scope_prefix(fields["scope"])
        rank = rules.rank(fields["level"])
        facts.append(fact)
    return facts


def _certificate_in(link: Link) -> Fact:
    try:
        key = FeedKey(*link.feed)
        suite = signing.SUITES[key.suite]
        header = codec.decode_header(link.header)
        elements = codec.decode_body(link.body)
        if header.kind != CERTIFIED.number or header.feed != codec.feed_id(key, suite.digest):
            raise MalformedFactError("a link is no certificate")
        if codec.body_root(elements, suite.digest) != header.root:
            raise MalformedFactError("the content of a link was altered")
        if not suite.is_valid(key.public_key, codec.signed_bytes(link.header), link.signature):
            raise MalformedFactError("a signature does not fit")
        fact_id = suite.digest(link.header)[:16]
        fact = codec.decode_fact(CERTIFIED, fact_id, header, elements)
    except (MalformedFactError, KeyError) as error:
        raise CHAIN_BROKEN(reason=str(error)) from error
    fault = apply.certificate_fault(fact)
    if fault is not None:
        raise CHAIN_BROKEN(reason=fault)
    return fact
