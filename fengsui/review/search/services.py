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
FACTS_PER_READ = 5  # a fact of a hundred rows may be all that a step has room for
ROWS_PER_STEP = 50  # less than 10 ms of the writer
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
    progress.rows_done = 0
    progress.version = KEYS_VERSION
    progress.sweep_kind, progress.sweep_after = min(Kind), 0
    progress.save()


def _read_on(progress: SearchProgress, newest: int) -> bool:
    """Up to ROWS_PER_STEP rows, from within the fact at which the last step stopped."""
    page = StoredFact.objects.filter(arrival__gt=progress.arrival, kind__in=NUMBERS)
    is_page_full, room = False, ROWS_PER_STEP
    some = page.order_by("arrival")[:FACTS_PER_STEP].iterator(chunk_size=FACTS_PER_READ)
    for number, stored in enumerate(some, start=1):
        is_page_full = number == FACTS_PER_STEP
        fact = decode(stored)
        rows_left = 0
        if fact is not None:
            done, rows_left = _index_fact(fact, progress.rows_done, room)
            room -= done
            progress.rows_done += done
        if rows_left:
            break
        progress.arrival, progress.rows_done = stored.arrival, 0
        if room <= 0:
            break
    else:
        if not is_page_full:
            progress.arrival = newest
    progress.save(update_fields=["arrival", "rows_done"])
    return True


def _is_followed(name: str) -> bool:
    return name in TOUCHES or name in OF_CONTACTS


def _index_fact(fact: Fact, first: int, room: int) -> tuple[int, int]:
    """How many of the rows that a fact touched were indexed, from the `first` on, and how many are
    left."""
    is_known = is_new(fact.kind)
    if fact.kind == LEAF_ERASED.name:
        erased = StoredFact.objects.filter(fact_id=fact.cause).first()
        cause = None if erased is None else decode(erased)
        if cause is None or not _is_followed(cause.kind):
            return 0, 0
        fact, is_known = cause, False
    touched = [(kind, pk) for kind, ids in _touched(fact).items() for pk in ids]
    some = touched[first : first + room]
    for kind in dict.fromkeys(kind for kind, _ in some):
        _index_rows(kind, [pk for of, pk in some if of == kind], is_new=is_known)
    return len(some), max(0, len(touched) - first - len(some))


def _touched(fact: Fact) -> dict[Kind, list[int]]:
    found: dict[Kind, list[int]] = {}
    if fact.kind in OF_CONTACTS:
        ids = OF_CONTACTS[fact.kind](fact)
        found[Kind.PERSON] = rows.persons_of_contacts(ids)
    for kind, entity in TOUCHES[fact.kind](fact) if fact.kind in TOUCHES else ():
        found.setdefault(kind, []).append(entity)
    return found


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
