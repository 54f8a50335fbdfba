"""The journal's verbs: `command`, `record`, `on_commit_notify`; receive, erase, check."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import batches, codec, news, signing, timekeeping
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.errors import NO_SUCH_FACT, NOT_ERASABLE
from fengsui.foundation.journal.facts import (
    CLOCK_RETIMED,
    DIFFERENCE_SETTLED,
    LEAF_ERASED,
    Fact,
    FactKind,
)
from fengsui.foundation.journal.models import (
    CommandDone,
    Difference,
    FactState,
    KnownNode,
    StoredFact,
)
from fengsui.foundation.journal.stored import decode
from fengsui.standards.divisions import county_of, township_of, village_of

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Listener = Callable[[str, dict[str, Any]], None]

log = logging.getLogger("fengsui.journal")

REPLIES_PER_STEP = 500

COMMANDS: dict[str, Callable[..., Any]] = {}
# Several calls of one command that stand next to each other: what each gives, or its refusal.
Together = Callable[[Sequence[dict[str, Any]]], Sequence[Any]]
TOGETHER: dict[str, Together] = {}
_listeners: list[Listener] = []


def command(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Makes a write service: it runs where the write connection lives, durable before it returns.

    In the writer (and in tests) it runs here; elsewhere the call goes over the writer's socket.
    A command inside a command is part of the outer one.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    COMMANDS[name] = function

    @wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if args:
            raise TypeError(f"{name} takes keyword arguments only")
        if not settings.IS_WRITER:
            from fengsui.foundation.journal import client

            result: Result = client.call(name, kwargs)
            return result
        with ledgers.writing():
            ledger = ledgers.current()
            if ledger.depth:
                return function(*args, **kwargs)
            with ledger.group():
                result = function(*args, **kwargs)
            announce(ledger.take_notices())
            return result

    return call


def carried_out_together(single: Callable[..., Any]) -> Callable[[Together], Together]:
    """Makes a function the way in which the writer carries out several calls of `single` at once.

    It gets their arguments and gives a result or a Problem for each, in their order, or None for
    one that is to be carried out by itself afterwards. For a Problem it has recorded nothing.
    Whatever it raises undoes it, and the calls are carried out one by one.
    """

    def keep(function: Together) -> Together:
        TOGETHER[f"{single.__module__}.{single.__qualname__}"] = function
        return function

    return keep


def record(
    kind: FactKind,
    *,
    fields: Mapping[str, Any],
    scope: str,
    viewer: Viewer,
    personal: Mapping[str, Any] | None = None,
    items: Sequence[Mapping[str, Any]] = (),
    cause: Fact | bytes | None = None,
    about: Sequence[int] = (),
) -> Fact:
    """Appends a fact to its chain and applies it at once, in the command's transaction.

    `about`: ids of the entities the fact speaks of, for timelines; they are part of the fact.
    The id of the request that led to it is kept beside the fact, on this machine only.
    """
    return ledgers.current().record(
        kind,
        fields=fields,
        personal=personal,
        items=items,
        scope=scope,
        cause=cause.id if isinstance(cause, Fact) else cause,
        about=about,
        **_said_by(viewer),
    )


def _said_by(viewer: Viewer) -> dict[str, Any]:
    asked = viewer.request_id or request_id.current()
    return {"actor": viewer.person_id, "request_id": asked[: request_id.LENGTH_MAX]}


def record_many(kind: FactKind, several: Sequence[tuple[Viewer, Mapping[str, Any]]]) -> list[Fact]:
    """`record` for several facts of one kind at once: what each viewer states, with its `fields`,
    `scope` and `about`. Applied together where the app can do that."""
    plain = {"personal": None, "items": (), "cause": None}
    said = [{**plain, **_said_by(viewer), **stated} for viewer, stated in several]
    return batches.record(ledgers.current(), kind, said)


def on_commit_notify(topic: str, data: dict[str, Any]) -> None:
    """Pushes `data` to the live streams of `topic` once the command is on the disk."""
    ledgers.current().notices.append((topic, data))


def add_listener(listener: Listener) -> Callable[[], None]:
    """Calls `listener(topic, data)` after commits of this process; returns how to stop that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def announce(notices: list[tuple[str, dict[str, Any]]]) -> None:
    for topic, data in notices:
        for listener in tuple(_listeners):
            listener(topic, data)


def own_public_key() -> bytes:
    """The key of this node. Only where the process may write."""
    return ledgers.current().key.public


def sign_document(purpose: bytes, content: bytes) -> tuple[int, bytes, bytes]:
    """(suite, public key, signature) of this node over SHA-256 of purpose and content.

    `purpose` ends with a zero byte and is no other use's, so that what is signed for a paper can
    be taken for nothing else. Only where the process may write.
    """
    if not purpose.endswith(b"\0"):
        raise ValueError("a purpose ends with a zero byte")
    key = ledgers.current().key
    return key.suite.number, key.public, key.sign(signing.sha256(purpose + content))


# --- erasure --------------------------------------------------------------------------------


@command
def erase_leaves(
    *, viewer: Viewer, fact_id: bytes, reason: str, leaves: Sequence[int] | None = None
) -> dict[str, Any]:
    """Erases personal leaves of a fact (all of them unless `leaves` says which).

    Their hashes stay, so the chain stays whole; the app's rows become anonymous and still count.
    Needs reveal_personal over the fact's place.
    """
    ledgers.current().insert_rows()
    stored = StoredFact.objects.filter(fact_id=fact_id).first()
    if stored is None or not viewer.may(Permission.SEE_PLACES, stored.scope):
        raise NO_SUCH_FACT()
    require(viewer, Permission.REVEAL_PERSONAL, stored.scope)
    erasable = erasable_leaves(stored)
    chosen = sorted(erasable if leaves is None else set(leaves))
    if not set(chosen) <= erasable or not chosen:
        raise NOT_ERASABLE()
    fact = record(
        LEAF_ERASED,
        fields={"fact_id": fact_id, "leaves": chosen, "reason": reason},
        scope=stored.scope,
        viewer=viewer,
        cause=fact_id,
    )
    return {"fact_id": fact.id, "erased": len(chosen)}


def erasable_leaves(stored: StoredFact) -> set[int]:
    """The salted leaves of a stored fact that still stand."""
    kind = catalogue().by_number.get(stored.kind)
    if kind is None:
        return set()
    elements = codec.decode_body(bytes(stored.body))
    first_item = 2 if kind.personal else 1
    salted = {1} if kind.personal else set()
    if kind.item_is_personal:
        salted |= set(range(first_item, len(elements)))
    return {index for index in salted if isinstance(elements[index], bytes)}


# --- other nodes ----------------------------------------------------------------------------


@command
def trust_node(
    *, viewer: Viewer, suite: int, public_key: bytes, name: str, scope: str
) -> dict[str, Any]:
    """Takes facts signed by this key from now on, about places in `scope` only."""
    require(viewer, Permission.MANAGE_ACCOUNTS, scope)
    ledgers.current().standings.clear()
    known, _ = KnownNode.objects.update_or_create(
        public_key=public_key, defaults={"suite": suite, "name": name, "scope": scope}
    )
    return {"known_node_id": known.pk}


@command
def receive(
    *,
    feed: Sequence[Any],
    facts: Sequence[Sequence[Any]],
    carrier: str,
    is_checked: bool = False,
) -> dict[str, Any]:
    """Takes in facts of one feed as they came: judged, stored byte for byte, applied.

    `feed`: [suite, public key, incarnation, class, audience]. `facts`: [header, body, signature
    or None] in chain order. Returns {"verdicts": [...], "head": last seq held}. What is refused
    is in quarantine with its reason; it never stops the facts of other feeds. `is_checked`: the
    caller, a process of this node, has found bodies and signatures sound; they are not checked
    a second time.
    """
    from fengsui.foundation.journal.receiving import Reception

    reception = Reception(codec.FeedKey(*feed), carrier, is_checked=is_checked)
    before = reception.head_seq
    verdicts = reception.take([(one[0], one[1], one[2]) for one in facts])
    settle()
    if reception.feed is not None and reception.head_seq > before:
        head = bytes(reception.feed.head_hash)
        on_commit_notify(*news.received(reception.key, reception.head_seq, head))
    return {"verdicts": [str(verdict) for verdict in verdicts], "head": reception.head_seq}


@command
def note_peer_clock(*, node_name: str, offset_ms: int, round_trip_ms: int) -> dict[str, Any]:
    """How far another node's clock is ahead of ours, compared in an exchange. Not a fact.

    A comparison over a slow link tells nothing finer than the link is slow.
    """
    is_telling = abs(offset_ms) >= round_trip_ms
    timekeeping.note_peer(node_name, timedelta(milliseconds=offset_ms if is_telling else 0))
    return {}


def settle() -> None:
    """Judges anew what a certificate, a revocation or a doubt has put in question.

    Inside a command. What goes wrong here undoes nothing; the job tries again.
    """
    from fengsui.foundation.journal import settling

    ledger = ledgers.current()
    if not ledger.is_unsettled:
        return
    try:
        with ledger.savepoint():
            settling.settle()
    except Exception:
        log.exception("facts could not be judged anew; it is tried again")


@command
def retime(
    *, viewer: Viewer, feed_id: bytes, from_seq: int, to_seq: int, shift_ms: int, reason: str
) -> dict[str, Any]:
    """Says by how much the clock of a stretch of a feed was ahead: it merges by the true time.

    Needs edit_registers over every place that the stretch speaks of.
    """
    ledgers.current().insert_rows()
    stretch = StoredFact.objects.filter(
        feed__feed_id=feed_id, seq__gte=from_seq, seq__lte=to_seq, scope__gt=""
    )
    scopes = sorted(set(stretch.values_list("scope", flat=True)))
    if not scopes:
        raise NO_SUCH_FACT()
    for scope in scopes:
        require(viewer, Permission.EDIT_REGISTERS, scope)
    fact = record(
        CLOCK_RETIMED,
        fields={
            "feed_id": feed_id,
            "from_seq": from_seq,
            "to_seq": to_seq,
            "shift_ms": shift_ms,
            "reason": reason,
        },
        scope=common_place(scopes),
        viewer=viewer,
    )
    settle()
    return {"fact_id": fact.id}


def common_place(scopes: Sequence[str]) -> str:
    """The smallest place that holds them all: village, township or county."""
    for place in (village_of, township_of, county_of):
        places = {place(scope) for scope in scopes}
        if len(places) == 1:
            return places.pop()
    return county_of(scopes[0])


@command
def settle_difference(
    *, viewer: Viewer, difference_id: int, decision: str, note: str
) -> dict[str, Any]:
    """A person has looked at two values: the present one stays (keep) or was put right (changed).

    Needs record_household or edit_registers over the place.
    """
    ledgers.current().insert_rows()
    row = Difference.objects.filter(pk=difference_id).first()
    if row is None or not viewer.may(Permission.SEE_PLACES, row.scope):
        raise NO_SUCH_FACT()
    if not viewer.may(Permission.EDIT_REGISTERS, row.scope):
        require(viewer, Permission.RECORD_HOUSEHOLD, row.scope)
    fact = record(
        DIFFERENCE_SETTLED,
        fields={"difference_id": difference_id, "decision": decision, "note": note},
        scope=row.scope,
        viewer=viewer,
        about=[difference_id],
    )
    return {"fact_id": fact.id}


@command
def begin_incarnation(*, viewer: Viewer, reason: str) -> dict[str, Any]:
    """Starts a new incarnation by hand: after restoring the whole folder from a backup."""
    from fengsui.foundation.journal import incarnation

    if not viewer.is_node:
        raise NOT_ALLOWED(permission="begin_incarnation", place="")
    ledger = ledgers.current()
    return {"incarnation": incarnation.begin(ledger, ledger.incarnation, reason)}


def apply_newly_known(limit: int | None) -> int:
    """Applies stored facts whose kind or schema this program has come to know since."""
    from fengsui.foundation.journal import settling

    ledger = ledgers.current()
    count = 0
    with ledgers.writing(), ledger.group():
        unknown = StoredFact.objects.filter(state=FactState.UNKNOWN_KIND).order_by("arrival")
        for stored in list(unknown[:limit]):
            if decode(stored) is not None:
                count += settling.take_up(stored)
    return count


def forget_old_replies(older_than: Any) -> bool:
    """Drops a page of command replies that nobody will ask for again; True if more are left."""
    old = list(
        CommandDone.objects.filter(done_at__lt=older_than).values_list("pk", flat=True)[:500]
    )
    CommandDone.objects.filter(pk__in=old).delete()
    return len(old) == 500
