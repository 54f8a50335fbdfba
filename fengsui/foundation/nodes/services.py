"""The verbs of the tree of nodes: a root, requests, certificates, revocations, witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import cbor2

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.journal.standing import FLAGGED, REFUSED
from fengsui.foundation.nodes import apply, chains, queries, rules, witnessing
from fengsui.foundation.nodes.errors import (
    ANOTHER_COUNTY,
    CODE_DIFFERS,
    ENROLLED_ELSEWHERE,
    HAS_ROOT,
    KEY_REVOKED,
    NO_CERTIFICATE,
    NO_SHORT_ID,
    NO_SUCH_NODE,
    NOT_FOR_THIS_NODE,
    NOT_ITS_PARENT,
    TOO_MANY_REQUESTS,
    UNREADABLE,
)
from fengsui.foundation.nodes.facts import CERTIFIED, REVOKED
from fengsui.foundation.nodes.models import AcceptedCertificate, Anchor, EnrolmentRequest
from fengsui.foundation.nodes.queries import NodeInfo, milliseconds
from fengsui.foundation.nodes.root import VALID_DAYS as VALID_DAYS
from fengsui.foundation.nodes.root import county_chain as county_chain
from fengsui.foundation.nodes.rounds import close_day as close_day
from fengsui.foundation.nodes.rounds import witness as witness
from fengsui.foundation.nodes.rules import MalformedPaperError
from fengsui.foundation.nodes.states import IN_FOREIGN_HANDS
from fengsui.standards.divisions import scope_prefix

# A node that is cut off while it is moved goes on under its old certificate for this long.
MOVE_GRACE = timedelta(days=7)
REQUESTS_MAX = 50
REQUESTS_KEPT = timedelta(days=7)


# --- the root -------------------------------------------------------------------------------


@command
def init_county(*, viewer: Viewer, chain: str, root_facts: Sequence[Any]) -> dict[str, Any]:
    """Makes this node the county's: trusts the root of `chain` and takes in the root's feed.

    `root_facts`: [feed key, [[header, body, signature], ...]]. Raises has_root.
    """
    require(viewer, Permission.MANAGE_ACCOUNTS, "")
    if queries.anchor() is not None:
        raise HAS_ROOT()
    accepted = accept_certificate(viewer=viewer, chain=chain)
    feed, facts = root_facts
    journal.receive(feed=feed, facts=facts, carrier="root")
    return accepted


@command
def take_root(*, feed: Sequence[Any], facts: Sequence[Any]) -> dict[str, Any]:
    """Takes in what the root has signed since, from its stick. Judged like everything else."""
    return journal.receive(feed=feed, facts=facts, carrier="root")


# --- enrolment ------------------------------------------------------------------------------


def request_enrolment(*, name: str, level: str, scope: str) -> bytes:
    """A request of this node, signed by its key. Writes nothing; `rules.short_code` of it is what
    the two people compare. Raises unreadable where scope and level do not fit."""
    place = _scope_of(level, scope)
    made_ms = milliseconds(clock.now())
    return rules.make_request(
        queries.own_key(), name=name, level=level, scope=place, made_ms=made_ms
    )


def _scope_of(level: str, scope: str) -> str:
    try:
        return rules.scope_of(level, scope)
    except MalformedPaperError as error:
        raise UNREADABLE(reason=str(error)) from error


def read_request(text: str | bytes) -> rules.Request:
    """A request from its text or bytes, its signature checked. Raises unreadable."""
    try:
        return rules.request_of(text)
    except MalformedPaperError as error:
        raise UNREADABLE(reason=str(error)) from error


@command
def enrol(
    *,
    viewer: Viewer,
    request: str | bytes,
    code: str,
    scope: str,
    level: str,
    name: str,
    kinds: Sequence[int] | None = None,
    valid_days: int = VALID_DAYS,
) -> dict[str, Any]:
    """Certifies a new node below this one, or renews a certificate of the same place.

    `code` is what the person read from the new node's screen. Needs manage_accounts over the
    place. Returns {"chain": text for the new node, "short_id", "certificate_fact"}.
    """
    asked = read_request(request)
    place = _scope_of(level, scope)
    require(viewer, Permission.MANAGE_ACCOUNTS, place)
    try:
        typed = rules.read_code(code)
    except MalformedPaperError as error:
        raise UNREADABLE(reason=str(error)) from error
    if typed != asked.code:
        raise CODE_DIFFERS(code=asked.code)
    known = queries.by_key(asked.public_key)
    if known is not None and known.revoked_at is not None:
        raise KEY_REVOKED()
    if known is not None and known.scope != place:
        raise ENROLLED_ELSEWHERE(scope=known.scope)
    return _certify(
        viewer,
        public_key=asked.public_key,
        suite=asked.suite,
        link_key=asked.link_key,
        place=place,
        level=level,
        name=name,
        kinds=kinds,
        valid_days=valid_days,
    )


def _certify(
    viewer: Viewer,
    *,
    public_key: bytes,
    suite: int,
    link_key: bytes,
    place: str,
    level: str,
    name: str,
    kinds: Sequence[int] | None,
    valid_days: int,
    replaces_until_ms: int | None = None,
) -> dict[str, Any]:
    own = queries.own()
    if not own.certificate_fact:
        raise NO_CERTIFICATE()
    is_below = place.startswith(scope_prefix(own.scope))
    if not is_below or rules.rank(own.level) >= rules.rank(level):
        raise NOT_ITS_PARENT(scope=place, level=level)
    now = clock.now()
    fact = record(
        CERTIFIED,
        fields={
            "public_key": public_key,
            "suite": suite,
            "link_key": link_key,
            "short_id": _short_id(own, public_key, level),
            "name": name,
            "level": level,
            "scope": place,
            "kinds": None if kinds is None else sorted(kinds),
            "not_before_ms": milliseconds(now),
            "not_after_ms": milliseconds(now + timedelta(days=valid_days)),
            "replaces_until_ms": replaces_until_ms,
        },
        scope=place,
        viewer=viewer,
    )
    journal.settle()
    return {
        "chain": rules.to_text(rules.CHAIN_WORD, chains.chain_of(public_key)),
        "short_id": fact.fields["short_id"],
        "certificate_fact": fact.id,
    }


def _short_id(own: NodeInfo, public_key: bytes, level: str) -> int:
    """The number it has where that stays in this block, else the next that was never given."""
    block = rules.block_of(own.level, own.short_id, level)
    for row in reversed(queries.certificates_of(public_key)):
        if row.short_id in block:
            return row.short_id
    number = rules.next_short_id(block, queries.short_ids_given())
    if number is None:
        raise NO_SHORT_ID()
    return number


@command
def accept_certificate(*, viewer: Viewer, chain: str | bytes) -> dict[str, Any]:
    """Takes the chain that was made for this node: from now on it speaks for that place.

    A node that knows no root yet trusts the one in the chain: people compare its code. Returns
    {"name", "level", "scope", "short_id", "root_code"}.
    """
    require(viewer, Permission.MANAGE_ACCOUNTS, "")
    try:
        data = chain if isinstance(chain, bytes) else rules.from_text(rules.CHAIN_WORD, chain)
        root, links = rules.read_chain(data)
    except MalformedPaperError as error:
        raise UNREADABLE(reason=str(error)) from error
    known = queries.anchor()
    if known is not None and bytes(known.public_key) != root[1]:
        raise ANOTHER_COUNTY()
    facts = chains.check_chain(root, links)
    last = facts[-1]
    if last.fields["public_key"] != queries.own_key().public:
        raise NOT_FOR_THIS_NODE()
    was_elsewhere = queries.own().scope not in ("", last.fields["scope"])
    if known is None:
        Anchor.objects.create(
            id=1,
            suite=root[0],
            public_key=root[1],
            county_code=facts[0].fields["scope"],
            accepted_at=clock.now(),
        )
    above = root[1]
    for fact, link in zip(facts, links, strict=True):
        AcceptedCertificate.objects.update_or_create(
            fact_id=fact.id,
            defaults={
                **apply.certificate_columns(fact, above),
                "fact": cbor2.dumps(link.to_plain()),
            },
        )
        above = fact.fields["public_key"]
        ledgers.current().unsettle(above)
    journal.settle()
    if was_elsewhere:
        journal.begin_incarnation(viewer=viewer, reason="the node was moved to another place")
    names = ("name", "level", "scope", "short_id")
    return {
        **{name: last.fields[name] for name in names},
        "root_code": rules.short_code(root[1]),
    }


# --- revocation and moving ------------------------------------------------------------------


def revocation_fields(
    node: NodeInfo,
    *,
    reason_code: str,
    reason: str,
    last_valid: dict[bytes, int],
    now: datetime,
) -> dict[str, Any]:
    """The fields of a revocation. Of a key in foreign hands only what was witnessed counts."""
    return {
        "public_key": node.public_key,
        "name": node.name,
        "reason_code": reason_code,
        "reason": reason,
        "revoked_ms": milliseconds(now),
        "last_valid": [[feed, seq] for feed, seq in sorted(last_valid.items())],
        "unwitnessed": REFUSED if reason_code in IN_FOREIGN_HANDS else FLAGGED,
    }


@command
def revoke(
    *,
    viewer: Viewer,
    public_key: bytes,
    reason_code: str,
    reason: str,
    lost_at: datetime | None = None,
    last_valid: dict[bytes, int] | None = None,
) -> dict[str, Any]:
    """From here on nothing that this key states counts. Needs manage_accounts over its place.

    What is held here counts as witnessed, or, with `lost_at`, only what this node or another
    had witnessed by then. `last_valid` says it feed by feed instead.
    """
    node = queries.by_key(public_key)
    if node is None or not viewer.may(Permission.SEE_PLACES, node.scope):
        raise NO_SUCH_NODE()
    require(viewer, Permission.MANAGE_ACCOUNTS, node.scope)
    own = queries.own()
    is_below = node.scope.startswith(scope_prefix(own.scope))
    if not is_below or rules.rank(own.level) >= rules.rank(node.level):
        raise NOT_ITS_PARENT(scope=node.scope, level=node.level)
    ledgers.show_open_rows()
    counted = last_valid if last_valid is not None else witnessing.last_valid(public_key, lost_at)
    fields = revocation_fields(
        node, reason_code=reason_code, reason=reason, last_valid=counted, now=clock.now()
    )
    fact = record(REVOKED, fields=fields, scope=node.scope, viewer=viewer)
    journal.settle()
    return {"revocation_fact": fact.id, "feeds": len(counted)}


@command
def move(
    *, viewer: Viewer, public_key: bytes, scope: str, name: str, valid_days: int = VALID_DAYS
) -> dict[str, Any]:
    """Gives a node another place: a new certificate for the same key, by whoever stands above both.

    What it states about its old place counts for MOVE_GRACE more, since it may be cut off; when
    it accepts the chain it begins a new incarnation. Needs manage_accounts over both places.
    """
    node = queries.by_key(public_key)
    if node is None or not viewer.may(Permission.SEE_PLACES, node.scope):
        raise NO_SUCH_NODE()
    if node.revoked_at is not None:
        raise KEY_REVOKED()
    place = _scope_of(node.level, scope)
    for one in (node.scope, place):
        require(viewer, Permission.MANAGE_ACCOUNTS, one)
    row = queries.certificates_of(public_key)[-1]
    until = clock.now() + MOVE_GRACE
    return _certify(
        viewer,
        public_key=public_key,
        suite=row.suite,
        link_key=bytes(row.link_key),
        place=place,
        level=node.level,
        name=name or node.name,
        kinds=None if not row.kinds else queries.kinds_of(row),
        valid_days=valid_days,
        replaces_until_ms=milliseconds(until),
    )


# --- requests over the network --------------------------------------------------------------


@command
def hand_in(*, request: str) -> dict[str, Any]:
    """Keeps a new node's request until a person at the desk decides. Anybody may hand one in.

    Returns {"code"}: what the new node shows. Raises unreadable, too_many_requests.
    """
    asked = read_request(request)
    rows = EnrolmentRequest.objects.all()
    rows.filter(received_at__lt=clock.now() - REQUESTS_KEPT).delete()
    if rows.filter(answer="").exclude(short_code=asked.code).count() >= REQUESTS_MAX:
        raise TOO_MANY_REQUESTS()
    EnrolmentRequest.objects.get_or_create(
        short_code=asked.code, defaults={"request": asked.data, "received_at": clock.now()}
    )
    return {"code": asked.code}


@command
def enrol_waiting(
    *, viewer: Viewer, code: str, scope: str, level: str, name: str
) -> dict[str, Any]:
    """Certifies the node whose request waits under the code that was read from its screen."""
    require(viewer, Permission.MANAGE_ACCOUNTS, scope)
    try:
        typed = rules.read_code(code)
    except MalformedPaperError as error:
        raise UNREADABLE(reason=str(error)) from error
    row = EnrolmentRequest.objects.filter(short_code=typed).first()
    if row is None:
        raise NO_SUCH_NODE()
    made: dict[str, Any] = enrol(
        viewer=viewer, request=bytes(row.request), code=code, scope=scope, level=level, name=name
    )
    EnrolmentRequest.objects.filter(pk=row.pk).update(answer=made["chain"])
    return made
