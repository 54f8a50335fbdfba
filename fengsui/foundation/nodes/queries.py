"""The reads of the tree of nodes: who is who, who may state what."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock, keys, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import Header
from fengsui.foundation.journal.facts import OF_THE_NODE
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import Feed, Fork, KnownNode
from fengsui.foundation.journal.models import NodeState as JournalState
from fengsui.foundation.journal.standing import FOREVER_MS, Grant, Standing, Stated, finding
from fengsui.foundation.nodes import rules
from fengsui.foundation.nodes.models import (
    AcceptedCertificate,
    Anchor,
    Certificate,
    CertificateColumns,
    Revocation,
    Witness,
)
from fengsui.foundation.nodes.states import ROOT_RANK, Level, NodeState
from fengsui.standards.divisions import full_code, scope_prefix

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_BITS = 16
# What the root itself may state: certificates and revocations (see facts.py).
ROOT_KINDS = frozenset({40, 41})


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """One node of the tree as its certificate describes it."""

    public_key: bytes
    suite: int
    short_id: int
    name: str
    level: str
    scope: str
    parent_key: bytes | None
    certificate_fact: bytes
    not_before: datetime | None
    not_after: datetime | None
    revoked_at: datetime | None
    state: str


def moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


# --- certificates ---------------------------------------------------------------------------


def anchor() -> Anchor | None:
    """The root this node trusts; None where it is its own county without a root."""
    return Anchor.objects.filter(id=1).first()


def _certificates(public_keys: Iterable[bytes] | None = None) -> dict[bytes, list[Any]]:
    """Every certificate by key, oldest first. What the journal holds and what was handed over."""
    found: dict[bytes, dict[bytes, CertificateColumns]] = defaultdict(dict)
    for model in (AcceptedCertificate, Certificate):
        rows = model._default_manager.all()
        if public_keys is not None:
            rows = rows.filter(public_key__in=list(public_keys))
        for row in rows:
            found[bytes(row.public_key)][bytes(row.fact_id)] = row
    return {
        key: sorted(by_fact.values(), key=lambda row: (row.issued_hlc, bytes(row.fact_id)))
        for key, by_fact in found.items()
    }


def certificates_of(public_key: bytes) -> list[CertificateColumns]:
    """The certificates of one key, oldest first."""
    return _certificates([public_key]).get(public_key, [])


def _revocations(public_keys: Iterable[bytes] | None = None) -> dict[bytes, list[Revocation]]:
    rows = Revocation.objects.all()
    if public_keys is not None:
        rows = rows.filter(public_key__in=list(public_keys))
    found: dict[bytes, list[Revocation]] = defaultdict(list)
    for row in rows:
        found[bytes(row.public_key)].append(row)
    return found


def rank_of(public_key: bytes) -> int:
    """0 for the root, larger further down the tree; the lowest where nobody certified the key."""
    root = anchor()
    if root is not None and bytes(root.public_key) == public_key:
        return ROOT_RANK
    return min((rules.rank(row.level) for row in certificates_of(public_key)), default=99)


def revocation_of(
    public_key: bytes, certificates: list[Any], stated: list[Revocation]
) -> Revocation | None:
    """The first revocation by someone who stands above the key, or by itself."""
    if not certificates:
        return None
    own_rank = min(rules.rank(row.level) for row in certificates)
    for row in sorted(stated, key=lambda row: (row.revoked_ms, row.pk)):
        issuer = bytes(row.issuer_key)
        covers = any(one.scope.startswith(scope_prefix(row.scope)) for one in certificates)
        if covers and (issuer == public_key or rank_of(issuer) < own_rank):
            return row
    return None


# --- standing -------------------------------------------------------------------------------


def standing_of(suite: int, public_key: bytes) -> Standing | None:
    """What the node may state, for the journal's judge; None where nobody certified it."""
    root = anchor()
    if root is not None and bytes(root.public_key) == public_key and root.suite == suite:
        return Standing((Grant(scope_prefix(root.county_code), ROOT_KINDS),))
    certificates = certificates_of(public_key)
    if not certificates or all(row.suite != suite for row in certificates):
        return None
    revoked = revocation_of(
        public_key, certificates, _revocations([public_key]).get(public_key, [])
    )
    forks = list(Fork.objects.filter(public_key=public_key))
    grants = _grants(certificates)
    forked = {bytes(row.feed_id): row.seq for row in forks}
    suspended = min((row.found_ms for row in forks), default=None)
    if revoked is None:
        return Standing(grants, forks=forked, suspended_ms=suspended)
    return Standing(
        grants,
        revoked_ms=revoked.revoked_ms,
        last_valid={
            bytes.fromhex(feed): seq for feed, seq in json.loads(revoked.last_valid).items()
        },
        unwitnessed=revoked.unwitnessed,
        forks=forked,
    )


def _grants(certificates: list[Any]) -> tuple[Grant, ...]:
    grants = []
    for index, row in enumerate(certificates):
        later = [one.replaces_until_ms for one in certificates[index + 1 :]]
        until = min([row.not_after_ms, *(one for one in later if one is not None)])
        numbers = frozenset(json.loads(row.kinds)) if row.kinds else None
        grants.append(Grant(scope_prefix(row.scope), numbers, row.not_before_ms, until))
    return tuple(reversed(grants))


def may_state(public_key: bytes, header: Header, fact_class: int = 1) -> str | None:
    """Why the node may not state this, or None. The judge itself asks `standing_of` once a feed."""
    standing = standing_of(header.suite, public_key)
    if standing is None:
        return "its node is not known here"
    of_the_node = header.kind in OF_THE_NODE
    stated = Stated.of(header, fact_class)
    return finding(standing, stated, milliseconds(clock.now()), of_the_node=of_the_node).reason


# --- who is who -----------------------------------------------------------------------------


def _info(public_key: bytes, certificates: list[Any], stated: list[Revocation]) -> NodeInfo:
    row = certificates[-1]
    now_ms = milliseconds(clock.now())
    revoked = revocation_of(public_key, certificates, stated)
    state = NodeState.VALID
    if revoked is not None:
        state = NodeState.REVOKED
    elif Fork.objects.filter(public_key=public_key).exists():
        state = NodeState.SUSPENDED
    elif row.not_after_ms <= now_ms:
        state = NodeState.EXPIRED
    return NodeInfo(
        public_key=public_key,
        suite=row.suite,
        short_id=row.short_id,
        name=row.name,
        level=row.level,
        scope=row.scope,
        parent_key=None,
        certificate_fact=bytes(row.fact_id),
        not_before=moment(row.not_before_ms),
        not_after=None if row.not_after_ms >= FOREVER_MS else moment(row.not_after_ms),
        revoked_at=moment(revoked.revoked_ms) if revoked else None,
        state=state.value,
    )


def _infos(public_keys: Iterable[bytes] | None = None) -> list[NodeInfo]:
    certificates, stated = _certificates(), _revocations()
    infos = [_info(key, rows, stated.get(key, [])) for key, rows in certificates.items()]
    issuers = {key: bytes(rows[-1].issuer_key) for key, rows in certificates.items()}
    chosen = certificates.keys() if public_keys is None else set(public_keys)
    found = [
        replace(info, parent_key=_parent_of(info, infos, issuers[info.public_key]))
        for info in infos
        if info.public_key in chosen
    ]
    return sorted(found, key=lambda info: (info.scope, info.short_id, info.public_key))


def _parent_of(node: NodeInfo, infos: list[NodeInfo], issuer: bytes) -> bytes | None:
    """The nearest node that stands above a place now: not always who certified the node."""
    above = [
        info
        for info in infos
        if rules.rank(info.level) < rules.rank(node.level)
        and node.scope.startswith(scope_prefix(info.scope))
    ]
    if not above:
        return None

    def order(info: NodeInfo) -> tuple[bool, int, bool, datetime]:
        is_good = info.state in (NodeState.VALID, NodeState.EXPIRED)
        made = info.not_before or _EPOCH
        return is_good, rules.rank(info.level), info.public_key == issuer, made

    return max(above, key=order).public_key


def own_key() -> NodeKey:
    """The key this process signs with, else the one in the node's folder."""
    opened = ledgers.opened()
    return opened.key if opened is not None else keys.load_or_make(settings.HOME)


def own() -> NodeInfo:
    """This node. Without a certificate it is a county of its own: scope "", short id 0."""
    key = own_key()
    certified = _infos([key.public])
    if certified:
        return certified[0]
    return NodeInfo(
        public_key=key.public,
        suite=key.suite.number,
        short_id=0,
        name="",
        level=Level.COUNTY.value,
        scope="",
        parent_key=None,
        certificate_fact=b"",
        not_before=None,
        not_after=None,
        revoked_at=None,
        state=NodeState.VALID.value,
    )


def by_key(public_key: bytes) -> NodeInfo | None:
    """The node with this key, also where it was revoked."""
    return next(iter(_infos([public_key])), None)


def by_short_id(short_id: int) -> NodeInfo | None:
    """The node that telegrams call by this number: the one that still counts, else the last."""
    keys_of: set[bytes] = set()
    for model in (AcceptedCertificate, Certificate):
        rows = model._default_manager.filter(short_id=short_id)
        keys_of |= {bytes(key) for key in rows.values_list("public_key", flat=True)}
    infos = [info for info in _infos(keys_of) if info.short_id == short_id]
    infos.sort(key=lambda info: (info.state == NodeState.VALID, info.not_before))
    return infos[-1] if infos else None


def parent() -> NodeInfo | None:
    """The node directly above this one; None for a county."""
    above = own().parent_key
    return None if above is None else by_key(above)


def children() -> list[NodeInfo]:
    """The nodes directly below this one, also those revoked since."""
    key = own_key().public
    return [info for info in _infos() if info.parent_key == key and info.public_key != key]


def tree(viewer: Viewer) -> list[NodeInfo]:
    """Every node whose place the viewer may see, county first."""
    allowed: set[bytes] = set()
    for model in (AcceptedCertificate, Certificate):
        rows = model._default_manager.filter(visible(viewer, Permission.SEE_PLACES, "scope"))
        allowed |= {bytes(key) for key in rows.values_list("public_key", flat=True)}
    return _infos(allowed)


def known_scopes() -> dict[bytes, str]:
    """Public key → 12-digit place of every node that was ever certified here, itself included.

    Also of those revoked: what they had said before still travels. "" is the whole country.
    """
    scopes = {
        bytes(known.public_key): full_code(known.scope) if known.scope else ""
        for known in KnownNode.objects.all()
    }
    scopes |= {key: rows[-1].scope for key, rows in _certificates().items()}
    root = anchor()
    if root is not None:
        scopes[bytes(root.public_key)] = full_code(root.county_code)
    return {own_key().public: "", **scopes}


def kinds_of(row: CertificateColumns) -> list[int] | None:
    """The kinds a certificate permits; None for all."""
    numbers: list[int] | None = json.loads(row.kinds) if row.kinds else None
    return numbers


def short_ids_given() -> set[int]:
    """Every short id that was ever given, as far as this node knows."""
    return {
        number
        for model in (AcceptedCertificate, Certificate)
        for number in model._default_manager.values_list("short_id", flat=True)
    }


def witnessed(feed_ids: Iterable[bytes]) -> dict[bytes, int]:
    """How far others have witnessed these feeds: the highest number of each."""
    found: dict[bytes, int] = {}
    for row in Witness.objects.filter(feed_id__in=list(feed_ids)):
        feed = bytes(row.feed_id)
        found[feed] = max(found.get(feed, -1), row.seq)
    return found


# --- thin links -----------------------------------------------------------------------------


def link_key(public_key: bytes) -> bytes:
    """32 bytes that only this node and that one can compute, for sealing telegrams.

    X25519 between the link keys of the two certificates; between nodes that have none, between
    their Ed25519 keys turned into X25519 ones. Raises LookupError where neither is possible.
    """
    key = own_key()
    theirs, ours = certificates_of(public_key), certificates_of(key.public)
    if theirs and ours:
        return key.agree(bytes(theirs[-1].link_key))
    if key.suite.number != signing.ED25519_SHA256 or len(public_key) != 32:
        raise LookupError("the two nodes have no keys that agree")
    return key.agree_by_signing_key(public_key)


def link_epoch() -> int:
    """The own incarnation folded to 16 bits: the exclusive or of its 16-bit words."""
    incarnation = JournalState.objects.values_list("incarnation", flat=True).get(id=1)
    folded = 0
    while incarnation:
        folded ^= incarnation & (1 << _EPOCH_BITS) - 1
        incarnation >>= _EPOCH_BITS
    return folded


def feeds_of(public_key: bytes) -> dict[bytes, tuple[int, bytes]]:
    """Where the feeds of a key stand here: feed id → (last number, its hash)."""
    rows = Feed.objects.filter(public_key=public_key, head_seq__gte=0)
    return {bytes(row.feed_id): (row.head_seq, bytes(row.head_hash)) for row in rows}
