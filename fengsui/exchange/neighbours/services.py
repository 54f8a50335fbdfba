"""What neighbours are known to hold. Written by whoever hears them: sessions, bundles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import cbor2
from django.db import connection

from fengsui.exchange.neighbours import identity, rules
from fengsui.exchange.neighbours.errors import NO_BOOTSTRAP, UNKNOWN_NODE
from fengsui.exchange.neighbours.models import Bootstrap, Neighbour
from fengsui.exchange.neighbours.queries import bootstrap, is_bootstrapping, may_begin
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock, codec, signing
from fengsui.foundation.journal.jobs import hold_while
from fengsui.foundation.journal.queries import feeds
from fengsui.foundation.journal.services import command, on_commit_notify

CARRIER_LENGTH = 80
# A poll that brings nothing need not cost a commit each time.
HEARD_AGAIN_AFTER = timedelta(seconds=20)
TOPIC = "upstream"

_UPSERT = (
    "INSERT INTO neighbours_held_head (neighbour_id, feed_id, seq, hash) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (neighbour_id, feed_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
)

hold_while(is_bootstrapping)


@command
def note_vector(
    *, public_key: bytes, heads: Sequence[Sequence[Any]], carrier: str, is_level: bool = False
) -> dict[str, Any]:
    """Takes down what a node has on its disk, by its own word.

    `heads`: [[suite, key, incarnation, class, audience], seq, hash] each; a later word about a
    feed replaces an earlier one. `is_level`: it holds all of these and lacks nothing of ours.
    Returns {"heads": how many}. Raises neighbours.unknown_node.
    """
    neighbour = _heard(public_key, carrier)
    rows = [(neighbour.pk, _feed_id(key), int(seq), bytes(hash_)) for key, seq, hash_ in heads]
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)
    if is_level:
        neighbour.last_complete_at = clock.now()
        neighbour.save(update_fields=["last_complete_at"])
    _look_at_bootstrap()
    on_commit_notify(TOPIC, {})
    return {"heads": len(rows)}


def _feed_id(key: Sequence[Any]) -> bytes:
    suite = signing.SUITES.get(int(key[0]))
    return codec.feed_id(codec.FeedKey(*key), suite.digest if suite else signing.sha256)


@command
def note_heard(*, public_key: bytes, carrier: str) -> dict[str, Any]:
    """A node gave a sign of life. Raises neighbours.unknown_node."""
    return {"neighbour_id": str(_heard(public_key, carrier).pk)}


def _heard(public_key: bytes, carrier: str) -> Neighbour:
    known = identity.peer(public_key)
    neighbour = Neighbour.objects.filter(public_key=public_key).first()
    if known is None and neighbour is None:
        raise UNKNOWN_NODE()
    if neighbour is None:
        neighbour = Neighbour(public_key=public_key)
    if known is not None:
        neighbour.name, neighbour.scope = known.name, known.scope
        neighbour.role = rules.role_of(identity.own_scope(), known.scope)
    before, now = neighbour.last_heard_at, clock.now()
    neighbour.last_heard_at, neighbour.last_carrier = now, carrier[:CARRIER_LENGTH]
    neighbour.save()
    if before is None or now - before > HEARD_AGAIN_AFTER:
        on_commit_notify(TOPIC, {})
    return neighbour


# --- the first fetch of a new node -----------------------------------------------------------


@command
def begin_bootstrap(*, public_key: bytes) -> dict[str, Any]:
    """A node that has said nothing yet begins to fetch the record of its place.

    Until it has all of it, its jobs stand still: nothing is counted, called or purged by halves.
    Returns {"began": bool}; False where the node has a record already.
    """
    if not may_begin():
        return {"began": False}
    Bootstrap.objects.create(id=1, source_key=public_key, began_at=clock.now())
    on_commit_notify(TOPIC, {})
    return {"began": True}


@command
def note_manifest(*, public_key: bytes, heads: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """What there was to fetch when it began: [[feed id, seq], …]. The first manifest stays."""
    row = bootstrap()
    if row is None or row.completed_at is not None or bytes(row.source_key) != public_key:
        return {"taken": False}
    if row.manifest is None:
        row.manifest = cbor2.dumps([[bytes(feed), int(seq)] for feed, seq in heads])
        row.save(update_fields=["manifest"])
    _look_at_bootstrap()
    return {"taken": True}


def _look_at_bootstrap() -> None:
    """The explicit "complete": everything in the manifest is on our disk."""
    row = bootstrap()
    if row is None or row.completed_at is not None or row.manifest is None:
        return
    heads = {feed["feed_id"]: feed["head"] for feed in feeds()}
    if all(heads.get(bytes(feed), -1) >= seq for feed, seq in cbor2.loads(bytes(row.manifest))):
        row.completed_at, row.ended_by = clock.now(), "manifest"
        row.save(update_fields=["completed_at", "ended_by"])
        on_commit_notify(TOPIC, {})


@command
def look_at_bootstrap() -> dict[str, Any]:
    """Looks whether the first fetch is complete. {"is_bootstrapping": bool}."""
    _look_at_bootstrap()
    return {"is_bootstrapping": is_bootstrapping()}


@command
def end_bootstrap(*, viewer: Viewer, reason: str) -> dict[str, Any]:
    """A person at the machine decides that the node works with what it has."""
    if not viewer.is_node:
        raise NOT_ALLOWED(permission="end_bootstrap", place="")
    row = bootstrap()
    if row is None or row.completed_at is not None:
        raise NO_BOOTSTRAP()
    row.completed_at, row.ended_by = clock.now(), reason[:CARRIER_LENGTH]
    row.save(update_fields=["completed_at", "ended_by"])
    on_commit_notify(TOPIC, {})
    return {"is_bootstrapping": False}


@command
def forget_neighbour(*, public_key: bytes) -> dict[str, Any]:
    """Drops what is known of a neighbour: it is revoked, or was never one."""
    count, _ = Neighbour.objects.filter(public_key=public_key).delete()
    return {"forgotten": bool(count)}
