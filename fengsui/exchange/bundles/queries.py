"""Which nodes a bundle may be for, what each lacks, and which files passed through here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fengsui.exchange.bundles import rules
from fengsui.exchange.bundles.columns import Run
from fengsui.exchange.bundles.errors import NO_SUCH_NODE, SAME_NODE, SEVERAL_NODES
from fengsui.exchange.bundles.layout import Bundle, Range
from fengsui.exchange.bundles.models import Passage
from fengsui.exchange.neighbours import identity
from fengsui.exchange.neighbours.queries import held_by
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.replication.sync import feed_of
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock, codec, hlc, signing
from fengsui.foundation.journal.models import Feed, NodeState, StoredFact
from fengsui.foundation.journal.queries import facts_of_feed
from fengsui.foundation.places.queries import names
from fengsui.standards.instants import BEIJING, to_ms

PASSAGES_MAX = 200
_FACTS_A_READ = 512


@dataclass(frozen=True, slots=True)
class Plan:
    """What a bundle for a node will hold."""

    bundle: Bundle
    receiver_name: str
    receiver_scope: str


def require_carrier(viewer: Viewer, *scopes: str) -> None:
    """Raises access.not_allowed unless the viewer may carry bundles over one of the places."""
    if viewer.is_node or any(viewer.may(Permission.CARRY_BUNDLES, scope) for scope in scopes):
        return
    raise NOT_ALLOWED(permission=Permission.CARRY_BUNDLES.value, place=scopes[0])


def receiver(node: str) -> identity.Identity:
    """A node by its name, the code of its place or its public key in hexadecimal.

    Raises bundles.no_such_node, .several_nodes, .same_node.
    """
    wanted = node.strip()
    if wanted.lower() == identity.own_key().public.hex():
        raise SAME_NODE()
    found = [
        one
        for key in identity.known_scopes()
        if (one := identity.peer(key)) is not None
        and wanted in (one.name, one.scope, one.public_key.hex())
    ]
    if not found:
        raise SAME_NODE() if wanted == identity.own_scope() else NO_SUCH_NODE(node=wanted)
    if len(found) > 1:
        raise SEVERAL_NODES(node=wanted, keys=" ".join(one.public_key.hex() for one in found))
    return found[0]


def heads() -> list[Head]:
    """The head of every feed that is here."""
    return [
        Head(
            codec.FeedKey(
                feed.suite, bytes(feed.public_key), feed.incarnation, feed.fact_class, feed.audience
            ),
            feed.head_seq,
            bytes(feed.head_hash),
        )
        for feed in Feed.objects.filter(head_seq__gte=0).order_by("id")
    ]


def head_seq(feed_id: bytes) -> int:
    """The last number of a feed that is here; -1 for none."""
    found = Feed.objects.filter(feed_id=feed_id).values_list("head_seq", flat=True).first()
    return -1 if found is None else found


def plan(viewer: Viewer, node: str, *, everything: bool = False) -> Plan:
    """What a bundle for a node would hold: all it may hold and by its last word does not.

    Raises as `receiver` does, and access.not_allowed.
    """
    to = receiver(node)
    own = identity.own_scope()
    require_carrier(viewer, own, to.scope)
    known = identity.known_scopes()
    common = rules.common_heads(heads(), known, (own, to.scope))
    held = {} if everything else agreed(common, held_by(to.public_key))
    key = identity.own_key()
    state = NodeState.objects.get(id=1)
    bundle = Bundle(
        suite=key.suite.number,
        sender=key.public,
        sender_name=own_name(),
        receiver=to.public_key,
        created_ms=to_ms(clock.now()),
        incarnation=state.incarnation,
        clock=max(state.hlc, hlc.of_time(clock.now())),
        heads=tuple(common),
        ranges=tuple(rules.ranges_to_send(common, held, known)),
    )
    return Plan(bundle, to.name, to.scope)


def agreed(ours: list[Head], theirs: dict[bytes, tuple[int, bytes]]) -> dict[bytes, int]:
    """How far the other's word is followed: where its hash is not ours, not at all."""
    held = {}
    for head in ours:
        feed = feed_of(head.key)
        seq, hash_ = theirs.get(feed, (-1, b""))
        if seq > head.seq:
            held[feed] = head.seq
        elif seq >= 0 and hash_ == (
            head.hash if seq == head.seq else _hash_at(feed, seq, head.key.suite)
        ):
            held[feed] = seq
    return held


def _hash_at(feed: bytes, seq: int, suite: int) -> bytes:
    header = (
        StoredFact.objects.filter(feed__feed_id=feed, seq=seq)
        .values_list("header", flat=True)
        .first()
    )
    known = signing.SUITES.get(suite)
    return known.digest(bytes(header)) if known and header is not None else b""


def own_name() -> str:
    """How this node calls itself to others: as certified, else by its place."""
    key, scope = identity.own_key().public, identity.own_scope()
    certified = identity.peer(key)
    if certified is not None:
        return certified.name
    return names([scope], viewer=node_viewer()).get(scope) or key.hex()[:8]


def file_name(scope: str) -> str:
    """fengsui-439901000000-20260717-021000.fsb: for which place, written when (Beijing time)."""
    return f"fengsui-{scope}-{clock.now().astimezone(BEIJING):%Y%m%d-%H%M%S}.fsb"


def pieces(ranges: tuple[Range, ...]) -> Iterator[list[Run]]:
    """The facts of these ranges, in pieces of a bearable size."""
    gathered: list[Run] = []
    count = size = 0
    for index, one in enumerate(ranges):
        for run in _runs(index, one):
            for offset, facts in rules.split_run(run):
                previous = run.previous if not offset else codec.decode_header(facts[0][0]).previous
                weight = sum(len(fact[0]) + len(fact[1]) + len(fact[2] or b"") for fact in facts)
                full = count + len(facts) > rules.FACTS_PER_PIECE
                if gathered and (full or size + weight > rules.PIECE_TARGET_BYTES):
                    yield gathered
                    gathered, count, size = [], 0, 0
                gathered.append(Run(index, run.start + offset, previous, tuple(facts)))
                count, size = count + len(facts), size + weight
    if gathered:
        yield gathered


def _runs(index: int, one: Range) -> Iterator[Run]:
    after = one.after
    feed = feed_of(one.key)
    while after < one.last:
        rows = facts_of_feed(feed, after=after, limit=min(_FACTS_A_READ, one.last - after))
        facts = tuple((row[0], row[1], row[2]) for row in rows[: one.last - after])
        yield Run(index, after + 1, codec.decode_header(facts[0][0]).previous, facts)
        after += len(facts)


def passages(viewer: Viewer) -> list[dict[str, Any]]:
    """The files that were written and read here, newest first. Needs carry_bundles here."""
    require_carrier(viewer, identity.own_scope())
    return [
        {
            "direction": row.direction,
            "state": row.state,
            "digest": bytes(row.digest).hex(),
            "node_name": row.node_name,
            "node_key": bytes(row.node_key).hex(),
            "carried_by": row.carried_by,
            "at": row.at,
            "facts": row.facts,
            "taken": row.taken,
            "known": row.known,
            "refused": row.refused,
            "fault": row.fault,
        }
        for row in Passage.objects.order_by("-at", "-id")[:PASSAGES_MAX]
    ]
