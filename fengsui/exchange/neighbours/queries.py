"""How far the others are: what upstream does not have yet, and every node below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Q

from fengsui.exchange.neighbours import identity, rules
from fengsui.exchange.neighbours.models import Bootstrap, HeldHead, Neighbour
from fengsui.exchange.neighbours.rules import HeldFeed
from fengsui.exchange.neighbours.states import (
    Role,
    UpstreamState,
    is_out_of_contact,
    upstream_state,
)
from fengsui.foundation.access.problems import SIGN_IN_FIRST
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock, hlc
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.models import Feed, StoredFact
from fengsui.standards.divisions import level_of

# Calls and what happened: a node that has none of them is new, though it may have accounts.
KINDS_OF_A_NIGHT = ((400, 499), (600, 899))
_PER_QUERY = 200


@dataclass(frozen=True, slots=True)
class Upstream:
    """What the node above has not acknowledged. `oldest_at`: when the first of it was stated."""

    state: UpstreamState
    node_name: str = ""
    facts: int = 0
    life_safety: int = 0
    oldest_at: datetime | None = None
    last_heard_at: datetime | None = None


def held_by(public_key: bytes) -> dict[bytes, tuple[int, bytes]]:
    """Feed id to (last number, hash) of what a neighbour has on its disk, by its own vector."""
    rows = HeldHead.objects.filter(neighbour__public_key=public_key)
    return {
        bytes(feed): (seq, bytes(hash_))
        for feed, seq, hash_ in rows.values_list("feed_id", "seq", "hash")
    }


def not_received_upstream() -> Upstream:
    """How much of what was written here or below the node above has not acknowledged."""
    parent = Neighbour.objects.filter(role=Role.PARENT).order_by("-last_heard_at", "id").first()
    if parent is None:
        return Upstream(UpstreamState.NO_UPSTREAM)
    held = {feed: seq for feed, (seq, _) in held_by(bytes(parent.public_key)).items()}
    lack = rules.lacks(_feeds(), held, scope=parent.scope, source=identity.own_scope())
    state = upstream_state(
        facts=lack.facts,
        last_heard_at=parent.last_heard_at,
        is_bootstrapping=is_bootstrapping(),
        now=clock.now(),
    )
    return Upstream(
        state,
        parent.name,
        lack.facts,
        lack.life_safety,
        _oldest(lack.first),
        parent.last_heard_at,
    )


def upstream(viewer: Viewer) -> Upstream:
    """`not_received_upstream` for any signed-in person: a count is no secret."""
    if not viewer.person_id and not viewer.is_node:
        raise SIGN_IN_FIRST()
    return not_received_upstream()


def nodes(viewer: Viewer) -> list[dict[str, Any]]:
    """The other nodes in the viewer's places: since when each is silent and what each lacks."""
    now, own, feeds = clock.now(), identity.own_scope(), _feeds()
    found = []
    rows = Neighbour.objects.filter(visible(viewer, Permission.SEE_PLACES, "scope"))
    for neighbour in rows.order_by("scope", "id"):
        held = {feed: seq for feed, (seq, _) in held_by(bytes(neighbour.public_key)).items()}
        source = own if neighbour.role == Role.PARENT else ""
        lack = rules.lacks(feeds, held, scope=neighbour.scope, source=source)
        found.append(
            {
                "name": neighbour.name,
                "scope": neighbour.scope,
                "level": level_of(neighbour.scope).value if neighbour.scope else "",
                "role": neighbour.role,
                "state": "level" if lack.facts == 0 else "behind",
                "last_heard_at": neighbour.last_heard_at,
                "carrier": neighbour.last_carrier,
                "facts_behind": lack.facts,
                "out_of_contact": is_out_of_contact(neighbour.last_heard_at, now),
            }
        )
    return found


def _feeds() -> list[HeldFeed]:
    scopes = identity.known_scopes()
    columns = ("id", "feed_id", "suite", "public_key", "incarnation", "fact_class", "audience")
    return [
        HeldFeed(
            row,
            bytes(feed),
            FeedKey(suite, bytes(key), incarnation, fact_class, audience),
            head,
            scopes[bytes(key)],
        )
        for row, feed, suite, key, incarnation, fact_class, audience, head in (
            Feed.objects.values_list(*columns, "head_seq")
        )
        if bytes(key) in scopes
    ]


def _oldest(first: tuple[tuple[int, int], ...]) -> datetime | None:
    """When the earliest of these facts was stated."""
    earliest: list[int] = []
    for start in range(0, len(first), _PER_QUERY):
        condition = Q(pk__in=[])
        for row, seq in first[start : start + _PER_QUERY]:
            condition |= Q(feed_id=row, seq=seq)
        found = StoredFact.objects.filter(condition).aggregate(found=Min("hlc"))["found"]
        earliest += [] if found is None else [found]
    return hlc.to_time(min(earliest)) if earliest else None


# --- the first fetch of a new node -----------------------------------------------------------


def bootstrap() -> Bootstrap | None:
    return Bootstrap.objects.filter(id=1).first()


def is_bootstrapping() -> bool:
    """Whether this node is still fetching its record for the first time."""
    return Bootstrap.objects.filter(id=1, completed_at=None).exists()


def may_begin() -> bool:
    """Whether this node is new: no call or alert is on record here, and it never began."""
    if Bootstrap.objects.exists():
        return False
    return not any(
        StoredFact.objects.filter(kind__range=kinds).exists() for kinds in KINDS_OF_A_NIGHT
    )
