"""The journal's own facts applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import connection

from fengsui.foundation.journal import clockwords, codec, forks, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.facts import (
    CLOCK_DOUBTED,
    CLOCK_RETIMED,
    DIFFERENCE_SETTLED,
    FORK_FOUND,
    ID_BYTES,
    LEAF_ERASED,
    NODE_INCARNATED,
    VALUES_DIFFER,
    Fact,
    entity_id,
)
from fengsui.foundation.journal.hlc import COUNTER_BITS
from fengsui.foundation.journal.merging import clock_of
from fengsui.foundation.journal.models import (
    ClockWord,
    Difference,
    FactState,
    Fork,
    Quarantined,
    StoredFact,
)


def apply_leaf_erased(fact: Fact) -> int | None:
    """Overwrites the named leaves by their hashes and lets the app make its rows anonymous."""
    fact_id, leaves = fact.fields["fact_id"], fact.fields["leaves"]
    if not isinstance(fact_id, bytes) or not isinstance(leaves, list):
        return None
    ledger = ledgers.current()
    ledger.insert_rows()
    stored = StoredFact.objects.select_related("feed").filter(fact_id=fact_id).first()
    if stored is None:
        return entity_id(fact_id) if len(fact_id) == ID_BYTES else None
    if stored.scope != fact.scope:
        # Whoever may speak for one place must not erase what belongs to another.
        return None
    suite = signing.SUITES[stored.feed.suite]
    elements = codec.decode_body(bytes(stored.body))
    erased = 0
    for index in leaves:
        # Leaf 0 has no salt: its hash could be guessed, so erasing it would promise too much.
        if type(index) is int and 0 < index < len(elements):
            element = elements[index]
            if isinstance(element, bytes):
                elements[index] = [codec.leaf_hash(element, suite.digest)]
                erased += 1
    if not erased:
        return None
    stored.body = codec.encode_body(elements)
    _overwrite(stored)
    Quarantined.objects.filter(header=stored.header).update(body=stored.body)
    ledger.rows.forget_body(stored.arrival, bytes(stored.body))
    ledger.reapply(stored)
    return None


def _overwrite(stored: StoredFact) -> None:
    """Zeroes the old bytes in the file too (SQLite: PRAGMA secure_delete)."""
    if connection.vendor != "sqlite":
        stored.save(update_fields=["body"])
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = ON")
        stored.save(update_fields=["body"])
        cursor.execute("PRAGMA secure_delete = OFF")
    ledgers.current().wants_wal_emptied = True


def apply_node_incarnated(fact: Fact) -> int | None:
    """Nothing to add up: the fact is there to be read."""
    return None


# --- clocks ---------------------------------------------------------------------------------


def apply_clock_doubted(fact: Fact) -> int | None:
    return _note_word(fact, witnessed_ms=fact.fields["witnessed_ms"])


def apply_clock_retimed(fact: Fact) -> int | None:
    return _note_word(fact, shift_ms=fact.fields["shift_ms"])


def _note_word(
    fact: Fact, *, witnessed_ms: int | None = None, shift_ms: int | None = None
) -> int | None:
    """Keeps what is said of a stretch of a feed; what merged before is added up again."""
    feed, first, last = (fact.fields[name] for name in ("feed_id", "from_seq", "to_seq"))
    _, is_new = ClockWord.objects.get_or_create(
        fact_id=fact.id,
        defaults={
            "feed_id": feed,
            "from_seq": first,
            "to_seq": last,
            "hlc": fact.hlc,
            "witnessed_ms": witnessed_ms,
            "shift_ms": shift_ms,
            "scope": fact.scope,
        },
    )
    if is_new:
        clockwords.forget()
        ledger = ledgers.current()
        ledger.insert_rows()
        stretch = StoredFact.objects.filter(feed__feed_id=feed, seq__gte=first, seq__lte=last)
        if stretch.filter(state__in=(FactState.APPLIED, FactState.WAITING)).exists():
            ledger.unsettle(b"")
    return None


def judge_clock_word(fact: Fact) -> str | None:
    fields = fact.fields
    measure = "witnessed_ms" if fact.kind == CLOCK_DOUBTED.name else "shift_ms"
    numbers = (fields["from_seq"], fields["to_seq"], fields[measure])
    if not isinstance(fields["feed_id"], bytes) or not all(type(one) is int for one in numbers):
        return "it does not say of which facts it speaks"
    return None


# --- forks ----------------------------------------------------------------------------------


def apply_fork_found(fact: Fact) -> int | None:
    """Keeps the lowest number and the earliest finding, in whatever order they come."""
    key = FeedKey(*fact.fields["feed"])
    identity = codec.feed_id(key, signing.SUITES[key.suite].digest)
    found_ms, seq = fact.hlc >> COUNTER_BITS, fact.fields["seq"]
    row, is_new = Fork.objects.get_or_create(
        feed_id=identity,
        defaults={"public_key": key.public_key, "seq": seq, "found_ms": found_ms},
    )
    if not is_new:
        Fork.objects.filter(pk=row.pk).update(
            seq=min(row.seq, seq), found_ms=min(row.found_ms, found_ms)
        )
    ledgers.current().unsettle(key.public_key)
    return None


def judge_fork_found(fact: Fact) -> str | None:
    return forks.proof_fault(fact.fields)


# --- differences ----------------------------------------------------------------------------


def apply_values_differ(fact: Fact) -> int | None:
    fields = fact.fields
    Difference.objects.bulk_create(
        [
            Difference(
                id=fact.entity(),
                entity=str(fields["entity"]),
                what=fields["what"],
                scope=fact.scope,
                kept_fact=fields["kept_fact"],
                other_fact=fields["other_fact"],
                found_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )
    return None


def apply_difference_settled(fact: Fact) -> int | None:
    fields, said = fact.fields, clock_of(fact)
    row = Difference.objects.filter(pk=fields["difference_id"]).first()
    if row is None:
        difference_id: int = fields["difference_id"]
        return difference_id
    if said >= row.settled_clock:
        Difference.objects.filter(pk=row.pk).update(
            decision=fields["decision"],
            note=fields["note"],
            settled_by=fact.actor,
            settled_at=fact.at,
            settled_clock=said,
        )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    LEAF_ERASED.name: apply_leaf_erased,
    NODE_INCARNATED.name: apply_node_incarnated,
    CLOCK_DOUBTED.name: apply_clock_doubted,
    CLOCK_RETIMED.name: apply_clock_retimed,
    FORK_FOUND.name: apply_fork_found,
    VALUES_DIFFER.name: apply_values_differ,
    DIFFERENCE_SETTLED.name: apply_difference_settled,
}
JUDGE: Mapping[str, Callable[[Fact], str | None]] = {
    CLOCK_DOUBTED.name: judge_clock_word,
    CLOCK_RETIMED.name: judge_clock_word,
    FORK_FOUND.name: judge_fork_found,
}
