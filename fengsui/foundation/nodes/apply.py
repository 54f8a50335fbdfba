"""Facts about nodes become rows; whoever they concern is judged anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.hlc import COUNTER_BITS
from fengsui.foundation.journal.queries import feed_key
from fengsui.foundation.nodes import queries, rules
from fengsui.foundation.nodes.facts import CERTIFIED, DAY_CLOSED, REVOKED, WITNESSED
from fengsui.foundation.nodes.models import Certificate, DayClosed, Revocation, Witness
from fengsui.standards.divisions import scope_prefix


def _author(fact: Fact) -> bytes:
    key = feed_key(fact.feed)
    return key.public_key if key is not None else b""


def certificate_columns(fact: Fact, issuer_key: bytes) -> dict[str, Any]:
    """The columns of a certificate from its fact."""
    fields = fact.fields
    names = ("public_key", "suite", "link_key", "short_id", "name", "level", "scope")
    times = ("not_before_ms", "not_after_ms", "replaces_until_ms")
    return {
        "fact_id": fact.id,
        "issuer_key": issuer_key,
        "issued_hlc": fact.hlc,
        "kinds": "" if fields["kinds"] is None else json.dumps(sorted(fields["kinds"])),
        **{name: fields[name] for name in (*names, *times)},
    }


def apply_certified(fact: Fact) -> int | None:
    Certificate.objects.bulk_create(
        [Certificate(id=fact.entity(), **certificate_columns(fact, _author(fact)))],
        ignore_conflicts=True,
    )
    ledgers.current().unsettle(fact.fields["public_key"])
    return None


def apply_revoked(fact: Fact) -> int | None:
    fields = fact.fields
    Revocation.objects.bulk_create(
        [
            Revocation(
                id=fact.entity(),
                issuer_key=_author(fact),
                public_key=fields["public_key"],
                scope=fact.scope,
                reason_code=fields["reason_code"],
                reason=fields["reason"],
                revoked_ms=fields["revoked_ms"],
                last_valid=json.dumps({feed.hex(): seq for feed, seq in fields["last_valid"]}),
                unwitnessed=fields["unwitnessed"],
            )
        ],
        ignore_conflicts=True,
    )
    ledgers.current().unsettle(fields["public_key"])
    return None


def apply_witnessed(fact: Fact) -> int | None:
    author, at_ms = _author(fact), fact.hlc >> COUNTER_BITS
    said = {item["feed_id"]: item for item in fact.items if item is not None}
    held = {
        bytes(feed): seq
        for feed, seq in Witness.objects.filter(
            witness_key=author, feed_id__in=list(said)
        ).values_list("feed_id", "seq")
    }
    Witness.objects.bulk_create(
        [
            Witness(feed_id=feed, witness_key=author, seq=one["seq"], hash=one["hash"], at_ms=at_ms)
            for feed, one in said.items()
            if one["seq"] > held.get(feed, -1)
        ],
        update_conflicts=True,
        unique_fields=["feed_id", "witness_key"],
        update_fields=["seq", "hash", "at_ms"],
    )
    return None


def apply_day_closed(fact: Fact) -> int | None:
    if fact.fields["part"] != 0:
        return None
    DayClosed.objects.bulk_create(
        [
            DayClosed(
                id=fact.entity(),
                issuer_key=_author(fact),
                scope=fact.scope,
                **{name: fact.fields[name] for name in ("date", "feeds", "facts", "root")},
            )
        ],
        ignore_conflicts=True,
    )
    return None


# --- what is not believed of others ---------------------------------------------------------


def judge_certified(fact: Fact) -> str | None:
    """Only someone above certifies, only below itself, and only with numbers of its own block."""
    return certificate_fault(fact) or _issuer_fault(_author(fact), fact)


def certificate_fault(fact: Fact) -> str | None:
    """Why this is no sound certificate, whoever made it, or None."""
    fields = fact.fields
    typed = ((fields["public_key"], bytes), (fields["link_key"], bytes), (fields["name"], str))
    numbers = ("suite", "short_id", "not_before_ms", "not_after_ms")
    if not all(isinstance(value, kind) for value, kind in typed) or not all(
        type(fields[name]) is int for name in numbers
    ):
        return "the certificate has values of the wrong type"
    kinds = fields["kinds"]
    if kinds is not None and not (isinstance(kinds, list) and all(type(k) is int for k in kinds)):
        return "the certificate's kinds are no list of numbers"
    if fields["scope"] != fact.scope:
        return "the certificate is for another place than it says"
    try:
        rules.scope_of(fields["level"], fields["scope"])
    except rules.MalformedPaperError as error:
        return str(error)
    return None


def _issuer_fault(issuer: bytes, fact: Fact) -> str | None:
    fields = fact.fields
    own_rank = queries.rank_of(issuer)
    if own_rank >= rules.rank(fields["level"]):
        return "its node does not stand above the one it certifies"
    if own_rank == 0:
        return None
    for row in queries.certificates_of(issuer):
        block = rules.block_of(row.level, row.short_id, fields["level"])
        if fact.scope.startswith(scope_prefix(row.scope)) and fields["short_id"] in block:
            return None
    return "the certificate's short id is outside its issuer's block"


def judge_revoked(fact: Fact) -> str | None:
    fields = fact.fields
    if not isinstance(fields["public_key"], bytes) or type(fields["revoked_ms"]) is not int:
        return "the revocation has values of the wrong type"
    if fields["unwitnessed"] not in ("flagged", "refused"):
        return "the revocation does not say what becomes of what nobody witnessed"
    pairs = fields["last_valid"]
    sound = isinstance(pairs, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and isinstance(pair[0], bytes)
        and type(pair[1]) is int
        for pair in pairs
    )
    return None if sound else "the revocation's last valid numbers are no list of pairs"


def judge_witnessed(fact: Fact) -> str | None:
    for item in fact.items:
        sound = (
            item is not None
            and isinstance(item["feed_id"], bytes)
            and type(item["seq"]) is int
            and isinstance(item["hash"], bytes)
        )
        if not sound:
            return "a line of the witness has values of the wrong type"
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    CERTIFIED.name: apply_certified,
    REVOKED.name: apply_revoked,
    WITNESSED.name: apply_witnessed,
    DAY_CLOSED.name: apply_day_closed,
}
JUDGE: Mapping[str, Callable[[Fact], str | None]] = {
    CERTIFIED.name: judge_certified,
    REVOKED.name: judge_revoked,
    WITNESSED.name: judge_witnessed,
}
STANDING = queries.standing_of
