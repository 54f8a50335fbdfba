"""From the preview into the register, piece by piece, under one set of changes.

A piece is one or two commands of the register's own verbs. Before each the rows are looked up
anew: what is there already is not written again (so a stop between a command and its note costs
nothing), and what somebody changed since the preview is left alone and named.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.imports import facts
from fengsui.foundation.imports.errors import NOT_NOW
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.rules.comparing import Held, key_of, same
from fengsui.foundation.imports.rules.several import among, beside, said_more
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.receiving import note
from fengsui.foundation.imports.services.staging import PreviewRow, Staging
from fengsui.foundation.imports.states import ImportState, RowKind, RowState
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.ledgers.rules import ROWS_PER_COMMAND, Ledger

NOTED_EVERY_S = 0.5  # how often whoever looks on is told how far it is

log = logging.getLogger("fengsui.imports")

Settled = tuple[int, RowState, str]


@dataclass(slots=True)
class Piece:
    """The rows of one piece by what has to be done with them."""

    create: list[PreviewRow] = field(default_factory=list)
    change: list[tuple[PreviewRow, Any, dict[str, Any]]] = field(default_factory=list)
    restore: list[Any] = field(default_factory=list)
    further: list[tuple[PreviewRow, Any]] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)


def begin(one: Import, staging: Staging, ledger: Ledger, viewer: Viewer) -> Import:
    """Opens the set of changes; from here on the rows go in. Raises imports.not_now."""
    if one.state != ImportState.CHECKED:
        raise NOT_NOW(state=one.state)
    cause = registers.open_set(viewer, ledger, one.file_name)
    counts = staging.counts()
    total = counts[RowKind.NEW] + counts[RowKind.CHANGED]
    return note(one, cause=cause, counts=counts, total=total, done=0, state=ImportState.RUNNING)


def carry_on(one: Import, staging: Staging, ledger: Ledger, viewer: Viewer) -> None:
    """Writes what is left, until nothing is or somebody cancels."""
    cause = bytes(one.cause or b"")
    waiting, counts, noted = staging.waiting(), Counter(staging.counts()), 0.0
    while True:
        state = Import.objects.filter(pk=one.pk).values_list("state", flat=True).first()
        if state != ImportState.RUNNING:
            break
        # By place: a fact is of one jurisdiction, and a township goes in before its villages.
        rows = staging.to_write(ROWS_PER_COMMAND, ledger.place)
        if not rows:
            break
        settled = _carry(ledger, viewer, rows, cause)
        staging.settle(settled)
        last = {n: state for n, state, _ in settled}
        waiting -= len(last)
        counts.update(f"row_{state}" for state in last.values())
        if time.monotonic() - noted >= NOTED_EVERY_S:
            note(one, done=one.total - waiting, counts=one.counts | _outcome_counts(counts))
            noted = time.monotonic()
    _close(one, staging, ledger, viewer, cause)


def _outcome_counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        "refused": counts.get("row_refused", 0),
        "kept": counts.get("row_kept", 0),
    }


def _close(one: Import, staging: Staging, ledger: Ledger, viewer: Viewer, cause: bytes) -> None:
    """Says as a fact what was done, once nothing more will be."""
    counts = staging.counts()
    made = staging.db.execute(
        "SELECT kind,count(*) FROM row WHERE state='done' GROUP BY kind"
    ).fetchall()
    by_kind = dict(made)
    waiting = staging.waiting()
    is_whole = not waiting
    report = {
        "ledger": ledger.name,
        "file_name": one.file_name,
        "sha256": one.sha256,
        "created": by_kind.get(RowKind.NEW.value, 0),
        "changed": by_kind.get(RowKind.CHANGED.value, 0),
        "same": counts[RowKind.SAME],
        "skipped": counts["skipped"],
        "left_out": counts["rows"] - counts["skipped"] - counts[RowKind.SAME]
        - sum(by_kind.values()),
        "is_whole": is_whole,
    }  # fmt: skip
    _record(one, viewer, report, cause, sum(by_kind.values()))
    state = ImportState.DONE if is_whole else ImportState.CANCELLED
    outcome = {name: report[name] for name in ("created", "changed", "left_out")}
    told = one.counts | _outcome_counts(counts) | {"outcome": outcome}
    note(one, state=state, done=one.total - waiting, counts=told)


def _record(
    one: Import, viewer: Viewer, report: dict[str, Any], cause: bytes, written: int
) -> None:
    """By the person; by the node itself where the person has lost the right in the meantime."""
    asker = Viewer.from_plain(one.viewer)
    scope = registers.office_of(asker)
    for who in (viewer, node_viewer()):
        try:
            registers.close_set(who, cause, rows_count=written)
            note_carried_out(viewer=who, scope=scope, report=report, cause=cause)
        except Problem as problem:
            if problem.kind.status >= 500 or who.is_node:
                raise
        else:
            return


@command
def note_carried_out(
    *, viewer: Viewer, scope: str, report: dict[str, Any], cause: bytes
) -> dict[str, Any]:
    """What an import has done, for whoever asks later where rows came from."""
    fact = record(facts.CARRIED_OUT, fields=report, scope=scope, viewer=viewer, cause=cause)
    return {"fact_id": fact.id}


def _carry(
    ledger: Ledger, viewer: Viewer, rows: Sequence[PreviewRow], cause: bytes
) -> list[Settled]:
    piece = _sorted_out(ledger, viewer, rows)
    settled = list(piece.settled)
    if piece.restore:
        registers.restore(ledger, viewer, list(dict.fromkeys(piece.restore)), cause)
    if piece.create:
        firsts, later = _firsts(ledger, piece.create)
        settled += _create(ledger, viewer, firsts, cause)
        settled += _find_firsts(ledger, viewer, later, piece)
    if piece.change:
        settled += _change(ledger, viewer, piece.change, cause)
    if piece.further:
        settled += _add(ledger, viewer, piece.further, cause)
    return settled


def _firsts(
    ledger: Ledger, rows: Sequence[PreviewRow]
) -> tuple[list[PreviewRow], list[PreviewRow]]:
    """The lines that make rows, and those that say more of a row which is made with them."""
    if ledger.further is None:
        return list(rows), []
    firsts: dict[Any, PreviewRow] = {}
    for row in rows:
        firsts.setdefault(key_of(ledger, row.said) or row.n, row)
    numbers = {row.n for row in firsts.values()}
    return list(firsts.values()), [row for row in rows if row.n not in numbers]


def _find_firsts(
    ledger: Ledger, viewer: Viewer, rows: Sequence[PreviewRow], piece: Piece
) -> list[Settled]:
    keys = {row.n: key_of(ledger, row.said) or () for row in rows}
    held = registers.held_by_keys(ledger, viewer, set(keys.values()))
    piece.further += [(row, held[keys[row.n]].id) for row in rows if keys[row.n] in held]
    zh = "前面同一人的一行没有写入，这一行也没有写入"
    return [(row.n, RowState.REFUSED, zh) for row in rows if keys[row.n] not in held]


def _add(
    ledger: Ledger, viewer: Viewer, rows: Sequence[tuple[PreviewRow, Any]], cause: bytes
) -> list[Settled]:
    """What the row has already is not given again: a stop may lie between command and note."""
    if ledger.further is None:
        raise TypeError(f"rows of {ledger.name} have nothing of which there may be several")
    sets = registers.sets_of(ledger, viewer, [one for _, one in rows])
    given: dict[int, tuple[Any, dict[str, Any]]] = {}
    for row, one in rows:
        more = said_more(ledger.further, row.said)
        if among(sets.get(one, ()), more) is None and (one, more) not in given.values():
            given[row.n] = (one, more)
    settled = [(row.n, RowState.DONE, "") for row, _ in rows if row.n not in given]
    try:
        registers.add(ledger, viewer, list(given.values()), cause)
    except Problem as problem:
        return settled + _one_by_one(
            problem,
            [row for row, _ in rows if row.n in given],
            lambda row: registers.add(ledger, viewer, [given[row.n]], cause),
        )
    return settled + [(n, RowState.DONE, "") for n in given]


def _sorted_out(ledger: Ledger, viewer: Viewer, rows: Sequence[PreviewRow]) -> Piece:
    """What each row needs now. The register may have changed since the preview."""
    ids = {row.held_id for row in rows if row.held_id is not None}
    keys = {key for row in rows if row.held_id is None and (key := key_of(ledger, row.said))}
    by_id = registers.held_by_ids(ledger, viewer, ids)
    by_key = registers.held_by_keys(ledger, viewer, keys)
    found = [one.id for one in (*by_id.values(), *by_key.values())]
    sets = registers.sets_of(ledger, viewer, found)
    piece = Piece()
    for row in rows:
        key = key_of(ledger, row.said)
        held = by_id.get(str(row.held_id)) if row.held_id is not None else by_key.get(key or ())
        if held is not None:
            held = beside(ledger.further, held, sets.get(held.id, ()), row.said)
        _sort_out(ledger, row, held, piece)
    return piece


def _sort_out(ledger: Ledger, row: PreviewRow, held: Held | None, piece: Piece) -> None:
    if row.held_id is None:
        if held is None:
            piece.create.append(row)
        elif all(same(ledger.column(n), held.values.get(n), v) for n, v in row.said.items()):
            piece.settled.append((row.n, RowState.DONE, ""))  # carried out before a stop
        elif row.is_further:
            piece.further.append((row, held.id))
        else:
            zh = "预览之后有人登记了同一行，未改动；请再导入一次以核对"
            piece.settled.append((row.n, RowState.KEPT, zh))
        return
    if held is None:
        piece.settled.append((row.n, RowState.KEPT, "预览之后这一行已看不到，未改动"))
        return
    changes: dict[str, Any] = {}
    apart = ledger.further.columns if ledger.further and row.is_further else ()
    for name, (was, will_be) in row.changes.items():
        if name in apart:
            continue
        column, now = ledger.column(name), held.values.get(name)
        if same(column, now, will_be):
            continue
        if not same(column, now, was):
            zh = f"预览之后有人改了“{column.zh if column else name}”，以后改的为准，未覆盖"
            piece.settled.append((row.n, RowState.KEPT, zh))
            return
        changes[name] = will_be
    if held.is_withdrawn:
        piece.restore.append(held.id)
    if changes:
        piece.change.append((row, held.id, changes))
    if row.is_further:
        piece.further.append((row, held.id))
    elif not changes:
        piece.settled.append((row.n, RowState.DONE, ""))


def _create(
    ledger: Ledger, viewer: Viewer, rows: Sequence[PreviewRow], cause: bytes
) -> list[Settled]:
    try:
        registers.create(ledger, viewer, [row.said for row in rows], cause)
    except Problem as problem:
        return _one_by_one(
            problem, rows, lambda row: registers.create(ledger, viewer, [row.said], cause)
        )
    return [(row.n, RowState.DONE, "") for row in rows]


def _change(
    ledger: Ledger,
    viewer: Viewer,
    rows: Sequence[tuple[PreviewRow, Any, dict[str, Any]]],
    cause: bytes,
) -> list[Settled]:
    try:
        registers.change(ledger, viewer, [(held, changes) for _, held, changes in rows], cause)
    except Problem as problem:
        by_row = {row.n: (held, changes) for row, held, changes in rows}
        return _one_by_one(
            problem,
            [row for row, _, _ in rows],
            lambda row: registers.change(ledger, viewer, [by_row[row.n]], cause),
        )
    return [(row.n, RowState.DONE, "") for row, _, _ in rows]


def _one_by_one(problem: Problem, rows: Sequence[PreviewRow], write: Any) -> list[Settled]:
    """One row that is refused must not keep out the others of its piece, nor a full disk be one."""
    if problem.kind.status >= 500:
        raise problem
    settled: list[Settled] = []
    for row in rows:
        try:
            write(row)
            settled.append((row.n, RowState.DONE, ""))
        except Problem as refusal:
            if refusal.kind.status >= 500:
                raise
            settled.append((row.n, RowState.REFUSED, refusal.to_plain()["zh"]))
    return settled


def cancel(one: Import, staging: Staging) -> Import:
    """Stops it. What is in the register stays there until its set of changes is undone."""
    if one.state in (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED):
        raise NOT_NOW(state=one.state)
    was_running = one.state == ImportState.RUNNING
    note(one, state=ImportState.CANCELLED)
    if not was_running:
        staging.delete()
    return one
