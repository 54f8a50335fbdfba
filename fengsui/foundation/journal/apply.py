"""The journal's own facts applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import connection

from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import ID_BYTES, LEAF_ERASED, NODE_INCARNATED, Fact, entity_id
from fengsui.foundation.journal.models import Quarantined, StoredFact


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


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    LEAF_ERASED.name: apply_leaf_erased,
    NODE_INCARNATED.name: apply_node_incarnated,
}
