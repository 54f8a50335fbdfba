"""Keeping the index of the search box level with the registers.

It follows the record fact by fact; once a day, and after a change of what the keys look like, it
also sweeps over every row. A sweep that is cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max

from fengsui.foundation.journal.facts import LEAF_ERASED, Fact
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.stored import decode
from fengsui.review.search import rules
from fengsui.review.search.models import SearchKey, SearchProgress, SearchUnit
from fengsui.review.search.queries import rows
from fengsui.review.search.states import Kind
from fengsui.review.search.touching import NUMBERS, OF_CONTACTS, TOUCHES, is_new
from fengsui.standards.divisions import TOWNSHIP_DIGITS
from fengsui.standards.pinyin import readings_of

KEYS_VERSION = 1  # raise it when rules.text_keys changes: everything is indexed anew
FACTS_PER_STEP = 50
ROWS_PER_STEP = 100  # about 10 ms of the writer
SWEEP_EVERY = timedelta(days=1)

_INSERT = (
    "INSERT INTO search_key (kind, unit, key, entity, place_code) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)


def follow(now: datetime) -> bool:
    """Indexes what the newest facts touched; True while more is waiting."""
    progress, _ = SearchProgress.objects.get_or_create(id=1)
    if progress.version != KEYS_VERSION:
        _begin_anew(progress)
        return True
    newest = StoredFact.objects.aggregate(newest=Max("arrival"))["newest"] or 0
    if newest > progress.arrival:
        return _read_on(progress, newest)
    return _sweep(progress, now)


def forget(*, entity_ids: Sequence[int], kind: Kind | None = None) -> None:
    """Takes rows out of the index at once, of one register or of all. May come twice."""
    keys = SearchKey.objects.filter(entity__in=list(entity_ids))
    (keys if kind is None else keys.filter(kind=kind)).delete()


def _begin_anew(progress: SearchProgress) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_key")
    progress.arrival = StoredFact.objects.aggregate(newest=Max("arrival"))["newest"] or 0
    progress.version = KEYS_VERSION
    progress.sweep_kind, progress.sweep_after = min(Kind), 0
    progress.save()


def _read_on(progress: SearchProgress, newest: int) -> bool:
    page = list(
        StoredFact.objects.filter(arrival__gt=progress.arrival, kind__in=NUMBERS).order_by(
            "arrival"
        )[:FACTS_PER_STEP]
    )
    done = 0
    for stored in page:
        fact = decode(stored)
        if fact is not None:
            done += _index_fact(fact)
        progress.arrival = stored.arrival
        if done >= ROWS_PER_STEP:
            break
    else:
        if len(page) < FACTS_PER_STEP:
            progress.arrival = newest
    progress.save(update_fields=["arrival"])
    return True


def _is_followed(name: str) -> bool:
    return name in TOUCHES or name in OF_CONTACTS


def _index_fact(fact: Fact) -> int:
    if fact.kind == LEAF_ERASED.name:
        erased = StoredFact.objects.filter(fact_id=fact.cause).first()
        cause = None if erased is None else decode(erased)
        if cause is None or not _is_followed(cause.kind):
            return 0
        return _index(_touched(cause), is_new=False)
    return _index(_touched(fact), is_new=is_new(fact.kind))


def _touched(fact: Fact) -> dict[Kind, list[int]]:
    found: dict[Kind, list[int]] = {}
    if fact.kind in OF_CONTACTS:
        ids = OF_CONTACTS[fact.kind](fact)
        found[Kind.PERSON] = rows.persons_of_contacts(ids)
    for kind, entity in TOUCHES[fact.kind](fact) if fact.kind in TOUCHES else ():
        found.setdefault(kind, []).append(entity)
    return found


def _index(touched: dict[Kind, list[int]], *, is_new: bool) -> int:
    for kind, ids in touched.items():
        for start in range(0, len(ids), ROWS_PER_STEP):
            _index_rows(kind, ids[start : start + ROWS_PER_STEP], is_new=is_new)
    return sum(map(len, touched.values()))


def _index_rows(kind: Kind, ids: Sequence[int], *, is_new: bool) -> None:
    if not is_new:
        forget(entity_ids=ids, kind=kind)
    keys = []
    units = set()
    for entity, entry in rows.entries(kind, ids).items():
        unit = entry.place_code[:TOWNSHIP_DIGITS]
        units.add(unit)
        wanted = rules.text_keys(entry.text, readings_of)
        for number in entry.numbers:
            wanted |= rules.number_keys(number)
        if entry.code:
            wanted |= rules.code_keys(entry.code)
        keys += [(kind, unit, key, entity, entry.place_code) for key in sorted(wanted)]
    SearchUnit.objects.bulk_create([SearchUnit(unit=one) for one in units], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, keys)


def _sweep(progress: SearchProgress, now: datetime) -> bool:
    if not progress.sweep_kind:
        if progress.swept_at is not None and now - progress.swept_at < SWEEP_EVERY:
            return False
        progress.sweep_kind, progress.sweep_after = min(Kind), 0
    kind = Kind(progress.sweep_kind)
    ids = rows.ids_after(kind, progress.sweep_after, ROWS_PER_STEP)
    _index_rows(kind, ids, is_new=True)
    if len(ids) == ROWS_PER_STEP:
        progress.sweep_after = ids[-1]
    else:
        progress.sweep_after = 0
        progress.sweep_kind = kind + 1 if kind < max(Kind) else 0
        if not progress.sweep_kind:
            progress.swept_at = now
    progress.save()
    return bool(progress.sweep_kind)
