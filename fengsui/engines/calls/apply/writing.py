"""How rows are written: by primary key only, many at once, and only ever forward."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, F, Q, Value, When

from fengsui.engines.calls import rules
from fengsui.engines.calls.queries.by_key import among, chunks, select_among
from fengsui.engines.calls.states import END_RANK, CallState

TIMES_REMEMBERED = 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(milliseconds: int) -> datetime:
    """A time in a fact's body: milliseconds since 1970 UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def unit_call_id(callout_id: int, unit_code: str) -> int:
    """The same on every node and in any order, because several facts may name a unit first."""
    digest = hashlib.sha256(f"unit {callout_id} {unit_code}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def stored(at: datetime | None) -> Any:
    """A time as the database takes it. A turn writes the same few of them thousands of times."""
    return _stored(connection.vendor, at)


@lru_cache(maxsize=TIMES_REMEMBERED)
def _stored(vendor: str, at: datetime | None) -> Any:
    """`vendor`: each database writes it in its own way, and one process may hold two of them."""
    return connection.ops.adapt_datetimefield_value(at)


def insert_many(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def dumps(value: Any) -> str:
    return _encoder.encode(value)


def update_by_ids(
    table: str,
    assignments: str,
    values: Sequence[Any],
    ids: Sequence[int],
    *,
    only_if: str = "",
    bound: Sequence[Any] = (),
) -> int:
    """UPDATE by primary key, one statement per thousand rows; `only_if` guards with `bound`.

    Returns how many rows were changed.

    Raw, because binding a thousand ids one by one costs the ORM more than the update itself.
    """
    changed = 0
    with connection.cursor() as cursor:
        for chunk in chunks(ids):
            condition, keys = among(chunk)
            cursor.execute(
                f"UPDATE {table} SET {assignments} WHERE {condition}"  # noqa: S608 - constants
                + (f" AND {only_if}" if only_if else ""),
                [*values, *keys, *bound],
            )
            changed += cursor.rowcount
    return changed


def listed(ids: Sequence[int]) -> tuple[str, Any]:
    """A table of `ids` as (position from 0, value) to select from, and the one value it binds."""
    if connection.vendor == "sqlite":
        return "(SELECT key AS position, value FROM json_each(%s))", json.dumps(list(ids))
    return (
        "(SELECT number - 1 AS position, value"
        " FROM unnest(%s::bigint[]) WITH ORDINALITY AS one (value, number))"
    ), list(ids)


def advance(
    ids: Sequence[int],
    *,
    fact: int,
    progress: int,
    lap: int,
    rung: int,
    tries: int,
    state: CallState,
    last_outcome: str,
    heard_s: int,
    channel: str,
    next_at: datetime | None,
    keeps_next_at: bool = False,
) -> None:
    """Moves calls to `progress` unless they are further.

    Of two facts that bring a call equally far (two nodes drove it), the greater id stands, so the
    order in which they meet does not matter. By primary key only: any other indexed column in the
    condition would tempt the planner away from it (EXPLAIN test).
    """
    assignments = _MOVE
    values: list[Any] = [progress, fact, lap, rung, tries, last_outcome, heard_s, channel]
    values.append(state.value)
    due, due_values = _due(next_at, progress, fact)
    if not keeps_next_at:
        assignments += f", {due}"
        values += due_values
    bound = [progress, progress, fact]
    changed = update_by_ids(
        "calls_call", assignments, values, ids, only_if=_IS_FURTHER, bound=bound
    )
    if keeps_next_at or changed == len(ids):
        return
    # Another node's outcome came first; the time of the next decision may still be this fact's.
    update_by_ids("calls_call", due, due_values, ids, only_if=_IS_LATER_DUE, bound=bound)


_MOVE = (
    "progress = %s, progress_fact = %s, lap = %s, rung = %s, tries = %s, last_outcome = %s,"
    " heard_s = %s, channel = %s, state = CASE WHEN ended_as = '' THEN %s ELSE state END"
)
_IS_FURTHER = "(progress < %s OR (progress = %s AND progress_fact < %s))"
_IS_LATER_DUE = "(due_progress < %s OR (due_progress = %s AND due_fact < %s))"


def _due(next_at: datetime | None, progress: int, fact: int) -> tuple[str, list[Any]]:
    cast = "%s" if connection.vendor == "sqlite" else "%s::timestamptz"
    due = (
        f"next_at = CASE WHEN ended_as = '' THEN {cast} ELSE NULL END,"
        " due_progress = %s, due_fact = %s"
    )
    return due, [stored(next_at), progress, fact]


class Batch(NamedTuple):
    """What a group of an engine fact needs to know of the batch that it names."""

    id: int
    callout_id: int
    place_code: str
    first_call_id: int
    size: int


def calls_of(batch: Batch, packed: bytes) -> list[int]:
    offsets = rules.unpack_ordinals(packed, limit=batch.size)
    return [batch.first_call_id + offset for offset in offsets]


def batches(ids: Iterable[int]) -> dict[int, Batch]:
    """Those of the batches that are here."""
    columns = "id, callout_id, place_code, first_call_id, count"
    rows = select_among(columns, "calls_partybatch", sorted(ids))
    return {row[0]: Batch(*row) for row in rows}


def batches_of(groups: Sequence[Sequence[Any]]) -> tuple[dict[int, Batch], int | None]:
    """The batches that groups name, and the first that is not here yet."""
    wanted = {int(group[0]) for group in groups}
    found = batches(wanted)
    return found, next(iter(sorted(wanted - found.keys())), None)


def earliest(field: str, at: datetime) -> Case:
    return Case(
        When(Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": at}), then=Value(at)),
        default=F(field),
    )


def ends_as(end: CallState) -> dict[str, Any]:
    """Ends a call, unless it has ended in a way that counts for more."""
    weaker = [name for name, rank in END_RANK.items() if rank < END_RANK[end.value]]
    return {
        "state": Case(When(ended_as__in=weaker, then=Value(end.value)), default=F("state")),
        "ended_as": Case(When(ended_as__in=weaker, then=Value(end.value)), default=F("ended_as")),
        "next_at": None,
    }
