"""The verbs on the rows of any ledger. Values are in their plain form, see states.ColumnKind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.ledgers import facts, queries
from fengsui.foundation.ledgers.errors import (
    CANNOT_RESTORE,
    CHANGED_MEANWHILE,
    MARKED_SECRET,
    NOT_PERSONAL,
    REASON_NEEDED,
    ROW_REFUSED,
    TOO_MANY_ROWS,
)
from fengsui.foundation.ledgers.queries.rows import Shaped
from fengsui.foundation.ledgers.queries.shape import facts_of, shown_masked
from fengsui.foundation.ledgers.rules import (
    REASON_LENGTH_MAX,
    REASON_LENGTH_MIN,
    Column,
    Fault,
    Ledger,
    Row,
    row_faults,
    value_faults,
)
from fengsui.foundation.ledgers.services.registers import (
    change_rows,
    register_rows,
    restore_rows,
    scope_in,
    withdraw_rows,
)
from fengsui.foundation.ledgers.states import ColumnKind
from fengsui.standards.instants import to_iso
from fengsui.standards.secrecy import mark_in_text

FAULTS_SHOWN_MAX = 50

_Numbered = tuple[int, Fault]


@command
def create(
    *,
    viewer: Viewer,
    ledger: str,
    rows: Sequence[Row],
    cause: bytes | None = None,
    is_invented: bool = False,
) -> list[Any]:
    """Registers rows; their ids in the order of the rows. All of them, or nothing is written.

    Raises ledgers.row_refused (data: faults of all rows, each with the number of its row from 0),
    access.not_allowed.
    """
    declared = queries.ledger(ledger, viewer)
    _check_count(declared, rows)
    clean = [_clean(row) for row in rows]
    faults = [
        (number, fault)
        for number, row in enumerate(clean)
        for fault in row_faults(declared, row, is_new=True)
    ]
    _refuse(faults)
    _check_references(declared, clean, viewer)
    for row in clean:
        place = row.get(declared.place)
        if isinstance(place, str):
            require(viewer, declared.edit, place)
    if declared.create is not None:
        return declared.create(viewer, clean, cause, is_invented)
    return register_rows(
        viewer=viewer,
        register=declared.register,
        rows=[facts_of(declared, row) for row in clean],
        cause=cause,
        is_invented=is_invented,
    )


@command
def change(
    *,
    viewer: Viewer,
    ledger: str,
    changes: Sequence[Sequence[Any]],
    cause: bytes | None = None,
    expected: Mapping[Any, Row] | None = None,
) -> dict[str, int]:
    """Changes rows: [[id, {column: value}], ...]; how many really changed.

    `expected`: id -> {column: the value that was seen}, personal ones as they were shown. Raises
    ledgers.changed_meanwhile where another value stands there now, with both; ledgers.row_refused.
    """
    declared = queries.ledger(ledger, viewer)
    _check_count(declared, changes)
    clean = [(each[0], _clean(each[1])) for each in changes]
    held = _held(declared, [each for each, _ in clean], viewer)
    _compare(declared, held, expected or {}, viewer)
    faults = [
        (number, fault)
        for number, (one, row) in enumerate(clean)
        for fault in (
            *row_faults(declared, row, is_new=False),
            *_moved(declared, held[one], row),
        )
    ]
    _refuse(faults)
    news = [
        (one, {name: value for name, value in row.items() if value != held[one]["values"][name]})
        for one, row in clean
    ]
    news = [(one, row) for one, row in news if row]
    _check_references(declared, [row for _, row in news], viewer)
    if declared.change is not None:
        declared.change(viewer, news, cause)
    else:
        change_rows(
            viewer=viewer,
            register=declared.register,
            changes=[(one, facts_of(declared, row)) for one, row in news],
            cause=cause,
        )
    return {"changed": len(news)}


@command
def add_further(
    *,
    viewer: Viewer,
    ledger: str,
    additions: Sequence[Sequence[Any]],
    cause: bytes | None = None,
) -> dict[str, int]:
    """Gives rows one more of what they may have several of (`Ledger.further`), taking none away.

    `additions`: [[id, {column: value}], ...]. Raises ledgers.row_refused, access.not_found.
    """
    declared = queries.ledger(ledger, viewer)
    if declared.further is None:
        raise NOT_FOUND()
    _check_count(declared, additions)
    clean = [(each[0], _clean(each[1])) for each in additions]
    _held(declared, [each for each, _ in clean], viewer)
    _refuse(
        [
            (number, fault)
            for number, (_, row) in enumerate(clean)
            for column in declared.columns
            if column.name in declared.further.columns and column.name in row
            for fault in value_faults(column, row[column.name])
        ]
    )
    declared.further.add(viewer, clean, cause)
    return {"added": len(clean)}


@command
def withdraw(
    *,
    viewer: Viewer,
    ledger: str,
    ids: Sequence[Any],
    reason: str,
    cause: bytes | None = None,
) -> dict[str, int]:
    """Takes rows out of the ledger with a reason; they stay readable, and can be put back."""
    declared = queries.ledger(ledger, viewer)
    _check_count(declared, ids)
    held = _held(declared, ids, viewer)
    current = [one for one, row in held.items() if not row["is_withdrawn"]]
    withdraw_rows(
        viewer=viewer,
        register=declared.register,
        keys=current,
        reason=_reason(reason),
        cause=cause,
    )
    return {"withdrawn": len(current)}


@command
def restore(
    *,
    viewer: Viewer,
    ledger: str,
    ids: Sequence[Any],
    reason: str,
    cause: bytes | None = None,
) -> dict[str, int]:
    """Puts withdrawn rows back, with a reason."""
    declared = queries.ledger(ledger, viewer)
    if not declared.can_restore:
        raise CANNOT_RESTORE()
    _check_count(declared, ids)
    held = _held(declared, ids, viewer)
    gone = [one for one, row in held.items() if row["is_withdrawn"]]
    restore_rows(
        viewer=viewer,
        register=declared.register,
        keys=gone,
        reason=_reason(reason),
        cause=cause,
    )
    return {"restored": len(gone)}


@command
def reveal(*, viewer: Viewer, ledger: str, row_id: Any, column: str, reason: str) -> dict[str, Any]:
    """The full value of a personal column, for a reason that is recorded."""
    declared = queries.ledger(ledger, viewer)
    reason = _reason(reason)
    row = queries.one(declared, row_id, viewer=viewer)
    found = declared.column(column)
    if found is None:
        raise NOT_FOUND()
    require(viewer, Permission.REVEAL_PERSONAL, row["place"])
    if not found.is_personal:
        raise NOT_PERSONAL()
    value = row["values"][column]
    if value is None:
        raise NOT_FOUND()
    record(
        facts.VALUE_REVEALED,
        fields={"ledger": ledger, "row_key": str(row_id), "column": column, "reason": reason},
        scope=row["place"],
        viewer=viewer,
        about=[row_id] if isinstance(row_id, int) else [],
    )
    return {"value": value}


# --- checks ---------------------------------------------------------------------------------


def _clean(row: Row) -> dict[str, Any]:
    """Texts without blanks around them; an empty text is no value."""
    return {
        name: (value.strip() or None) if isinstance(value, str) else value
        for name, value in row.items()
    }


def _check_count(ledger: Ledger, rows: Sequence[Any]) -> None:
    if len(rows) > ledger.rows_max:
        raise TOO_MANY_ROWS(most=ledger.rows_max)


def _refuse(faults: Sequence[_Numbered]) -> None:
    if not faults:
        return
    first = faults[0][1]
    raise ROW_REFUSED(
        count=len(faults),
        first_zh=f"{first.zh}，{first.fix_zh}",
        first_en=f"{first.en}. {first.fix_en.rstrip('.')}",
        faults=[
            {"index": number, **fault.to_plain()} for number, fault in faults[:FAULTS_SHOWN_MAX]
        ],
    )


def _moved(ledger: Ledger, held: Shaped, row: Row) -> list[Fault]:
    """A row stays in the feed of its jurisdiction, or nodes that hold only the new one lose it."""
    new = row.get(ledger.place)
    if not isinstance(new, str) or not (len(new) >= 12 and new.isdigit()):
        return []
    if scope_in(ledger.register, new) == scope_in(ledger.register, held["place"]):
        return []
    return [
        Fault(
            ledger.place,
            "不能移到另一个乡村",
            "a row cannot move to another jurisdiction",
            "请撤下这一行，在新的地方重新登记",
            "Withdraw it here and register it there.",
        )
    ]


def _check_references(ledger: Ledger, rows: Sequence[Row], viewer: Viewer) -> None:
    """What the rows refer to is there and in sight; a withdrawn row is not referred to anew."""
    faults: list[_Numbered] = []
    for column in ledger.columns:
        target = queries.reference_of(column)
        is_own_code = ledger.name == target and column.is_key
        if not target or is_own_code or target not in queries.all_ledgers():
            continue
        wanted = {row[column.name] for row in rows if row.get(column.name) is not None}
        there = queries.current_ids(target, wanted, viewer=viewer)
        for number, row in enumerate(rows):
            value = row.get(column.name)
            if value is not None and value not in there:
                faults.append((number, _unknown(column.name, column.zh, column.en, column.kind)))
    _refuse(sorted(faults, key=lambda each: each[0]))


def _unknown(name: str, zh: str, en: str, kind: ColumnKind) -> Fault:
    if kind is ColumnKind.PLACE:
        return Fault(
            name,
            f"“{zh}”的代码没有登记",
            f"the code of {en} is not registered",
            "请在行政区划台账中核对，或先登记该地",
            "Look it up in the ledger of places, or register the place first.",
        )
    return Fault(
        name,
        f"“{zh}”所指的一行不存在或已撤下",
        f"what {en} refers to is not there or was withdrawn",
        "请重新选择",
        "Choose again.",
    )


def _held(ledger: Ledger, ids: Sequence[Any], viewer: Viewer) -> dict[Any, Shaped]:
    """The rows, all in sight and in the caller's right to edit; else nothing happens."""
    found = queries.by_ids(ledger, list(dict.fromkeys(ids)), viewer=viewer)
    if len(found) != len(set(ids)):
        raise NOT_FOUND()
    for row in found.values():
        require(viewer, ledger.edit, row["place"])
    return found


def _compare(
    ledger: Ledger, held: Mapping[Any, Shaped], expected: Mapping[Any, Row], viewer: Viewer
) -> None:
    """Refuses where another value stands now than the one that was seen, and shows both."""
    conflicts = []
    for one, seen in expected.items():
        for name, value in seen.items():
            column = ledger.column(name)
            if column is None or one not in held:
                continue
            present = shown_masked(column, held[one]["values"][name])
            if present != value:
                conflicts.append((held[one], column, value, present))
    if not conflicts:
        return
    first = conflicts[0][1]
    raise CHANGED_MEANWHILE(
        column_zh=first.zh,
        column_en=first.en,
        conflicts=[_conflict(ledger, *one, viewer) for one in conflicts],
    )


def _conflict(
    ledger: Ledger, row: Shaped, column: Column, expected: Any, theirs: Any, viewer: Viewer
) -> dict[str, Any]:
    last: dict[str, Any] = next(
        (
            one
            for one in queries.history(ledger, row, viewer=viewer)
            if one["column"] == column.name
        ),
        {"by": "", "at": None},
    )
    text = queries.shown(ledger, [row], viewer=viewer, columns=[column.name])[0].get(column.name)
    is_id = column.kind is ColumnKind.REFERENCE and theirs is not None
    return {
        "id": str(row["id"]),
        "column": column.name,
        "zh": column.zh,
        "en": column.en,
        "expected": expected,
        "theirs": str(theirs) if is_id else theirs,
        "shown": text if text is not None else theirs,
        "by": last["by"],
        "at": None if last["at"] is None else to_iso(last["at"]),
    }


def _reason(reason: str) -> str:
    given = reason.strip()
    if not REASON_LENGTH_MIN <= len(given) <= REASON_LENGTH_MAX:
        raise REASON_NEEDED(least=REASON_LENGTH_MIN, most=REASON_LENGTH_MAX)
    mark = mark_in_text(given)
    if mark:
        raise MARKED_SECRET(mark=mark)
    return given
