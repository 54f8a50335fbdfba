"""Who rings on a rung that is not the holder's: read and resolved for a whole cycle at once.

Most calls have nobody but the person called. So batches are asked first, by what their calls have
in common; only where somebody could be found is a call looked at by itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.writing import Batch
from fengsui.engines.calls.facts import RUNG_RESOLVED
from fengsui.engines.calls.queries.by_key import among, chunks
from fengsui.engines.calls.services.stand_ins import (
    FROZEN_UNDER,
    Reaching,
    StandIn,
    find_stand_ins,
)
from fengsui.foundation.access.recent import Recent
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import record

RESOLVED_PER_FACT = 500
BATCHES_REMEMBERED = 8192
REMEMBERED_FOR = timedelta(hours=1)  # a call that is not over is looked at again long before
_STAND_INS = (
    "SELECT call_id, rung, id FROM calls_callparty WHERE {among} AND rung > 0 ORDER BY added_at, id"
)
_HAVE_STAND_INS = (
    "SELECT 1 FROM calls_callparty WHERE rung > 0 AND call_id BETWEEN %s AND %s LIMIT 1"
)
_OF_BATCHES = (
    "SELECT calls_partybatch.id, calls_call.place_code, calls_call.unit_code,"
    " calls_call.post_title, calls_callparty.stand_ins, MIN(calls_call.id)"
    " FROM calls_partybatch JOIN calls_call ON calls_call.id >= calls_partybatch.first_call_id"
    " AND calls_call.id < calls_partybatch.first_call_id + calls_partybatch.count"
    " LEFT JOIN calls_callparty ON calls_callparty.id = calls_call.id WHERE {among}"
    " GROUP BY 1, 2, 3, 4, 5"
)
_DESCRIBED = (
    "SELECT calls_call.id, calls_call.person_id, place_code, unit_code, post_title, stand_ins"
    " FROM calls_call LEFT JOIN calls_callparty ON calls_callparty.id = calls_call.id"
    " WHERE {among}"
)

Members = Mapping[int, Sequence[int]]  # batch id -> call ids
Question = tuple[str, str, str]  # place, unit, title of the post: what a resolver goes by


class Rung(NamedTuple):
    """Where a stand-in is kept: who, under which number, on which lap."""

    who: rules.Who
    number: int
    lap: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """What can never change about the calls of a batch, but that names are erased from it."""

    questions: Mapping[Question, int]  # with a call that asks it
    frozen: frozenset[tuple[str, int]]  # (which list, how many are on it), somewhere in the batch


_remembered: Recent[int, _Batch] = Recent(BATCHES_REMEMBERED, REMEMBERED_FOR)


def resolve(
    wanted: Mapping[Rung, Members], here: Mapping[int, Batch], viewer: Viewer
) -> dict[Rung, dict[int, int]]:
    """Rung -> call id -> the CallParty that rings there, for the calls for which somebody does.

    Who rings is chosen when a rung is reached, and stays; each choice is a fact. The number of
    queries depends on how many kinds of stand-ins are asked for, never on calls or groups.
    """
    found: dict[Rung, dict[int, int]] = {rung: {} for rung in wanted}
    if not wanted:
        return found
    known = _known(wanted)
    unresolved: dict[rules.Who, dict[Rung, Members]] = defaultdict(dict)
    for rung, members in wanted.items():
        of_rung = known.get(rung.number, {})
        found[rung] = (
            {pk: of_rung[pk] for some in members.values() for pk in some if pk in of_rung}
            if of_rung
            else {}
        )
        left = _without(members, of_rung) if of_rung else members
        if left:
            unresolved[rung.who][rung] = left
    for who, of_rungs in unresolved.items():
        chosen = _choose(who, of_rungs)
        for rung, members in of_rungs.items():
            found[rung] |= _record(rung, members, chosen, here, viewer)
    return found


def _without(members: Members, known: Mapping[int, int]) -> Members:
    left = {batch: [pk for pk in ids if pk not in known] for batch, ids in members.items()}
    return {batch: ids for batch, ids in left.items() if ids}


def _known(wanted: Mapping[Rung, Members]) -> dict[int, dict[int, int]]:
    """Number of the rung -> call -> the CallParty last put there. `wanted`: ids in order."""
    known: dict[int, dict[int, int]] = defaultdict(dict)
    members = [some for of in wanted.values() for some in of.values() if some]
    if not members or not _have_stand_ins(
        min(some[0] for some in members), max(some[-1] for some in members)
    ):
        return known
    ids = sorted({pk for some in members for pk in some})
    for call_id, number, pk in _rows(_STAND_INS, ids, "call_id"):
        known[number][call_id] = pk
    return known


def _have_stand_ins(first: int, last: int) -> bool:
    """Whether any call of these has one: most nights, for most calls, that is all to be asked."""
    with connection.cursor() as cursor:
        cursor.execute(_HAVE_STAND_INS, [first, last])
        return cursor.fetchone() is not None


def _rows(statement: str, ids: Sequence[int], column: str) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        for chunk in chunks(ids):
            condition, bound = among(chunk, column)
            cursor.execute(statement.format(among=condition), bound)
            yield from cursor.fetchall()


def _choose(who: rules.Who, of_rungs: Mapping[Rung, Members]) -> dict[int, StandIn]:
    """By call id, for those for whom somebody is there now."""
    batches = _characters({batch for members in of_rungs.values() for batch in members})
    asked = {one: pk for batch in batches.values() for one, pk in batch.questions.items()}
    here = find_stand_ins(who, [Reaching(pk, 0, *one, {}) for one, pk in sorted(asked.items())])
    answered = {one for one, pk in asked.items() if pk in here}
    name, first = FROZEN_UNDER.get(who, ("", 0))
    possible = {
        pk
        for pk, batch in batches.items()
        if not answered.isdisjoint(batch.questions)
        or any(where == name and count > first for where, count in batch.frozen)
    }
    ids = {
        pk
        for members in of_rungs.values()
        for batch, some in members.items()
        if batch in possible
        for pk in some
    }
    if not ids:
        return {}
    return find_stand_ins(
        who,
        [
            Reaching(pk, person, place, unit, title, _read(frozen))
            for pk, person, place, unit, title, frozen in _rows(
                _DESCRIBED, sorted(ids), "calls_call.id"
            )
        ],
    )


def _read(stored: Any) -> Mapping[str, Sequence[Any]]:
    said: dict[str, Sequence[Any]] = json.loads(stored) if stored else {}
    return said


def _characters(batch_ids: Iterable[int]) -> dict[int, _Batch]:
    """What the calls of these batches have in common; each is read once while it is asked for."""
    wanted, now = sorted(set(batch_ids)), clock.now()
    known = ((pk, _remembered.get(pk, now)) for pk in wanted)
    found = {pk: batch for pk, batch in known if batch is not None}
    for pk, batch in _read_batches([pk for pk in wanted if pk not in found]).items():
        found[pk] = _remembered.put(pk, batch, now)
    return found


def _read_batches(new: Sequence[int]) -> dict[int, _Batch]:
    questions: dict[int, dict[Question, int]] = {pk: {} for pk in new}
    frozen: dict[int, set[tuple[str, int]]] = {pk: set() for pk in new}
    for pk, *question, stored, call_id in _rows(_OF_BATCHES, new, "calls_partybatch.id"):
        place, unit, title = question
        questions[pk][place, unit, title] = call_id
        frozen[pk] |= {(name, len(some)) for name, some in _read(stored).items() if some}
    return {pk: _Batch(questions[pk], frozenset(frozen[pk])) for pk in new}


def _record(
    rung: Rung,
    members: Members,
    chosen: Mapping[int, StandIn],
    here: Mapping[int, Batch],
    viewer: Viewer,
) -> dict[int, int]:
    """Who rings for these calls from now on, as facts. Returns call id -> CallParty id."""
    parties: dict[int, int] = {}
    if not chosen:
        return parties
    for batch_id in sorted(members):
        batch, ids = here[batch_id], [pk for pk in members[batch_id] if pk in chosen]
        for start in range(0, len(ids), RESOLVED_PER_FACT):
            some = ids[start : start + RESOLVED_PER_FACT]
            fact = record(
                RUNG_RESOLVED,
                fields={
                    "batch_id": batch.id,
                    "lap": rung.lap,
                    "rung": rung.number,
                    "who": rung.who.value,
                    "offsets": rules.pack_ordinals([pk - batch.first_call_id for pk in some]),
                    "person_ids": [chosen[pk].person_id for pk in some],
                },
                items=[{"name": chosen[pk].name, "contacts": chosen[pk].contacts} for pk in some],
                scope=batch.place_code,
                viewer=viewer,
                about=(batch.callout_id,),
            )
            parties |= {pk: fact.entity(index) for index, pk in enumerate(some)}
    return parties
