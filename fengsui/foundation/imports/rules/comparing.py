"""A checked row beside what the register holds: new, changed, same, faulty or doubtful. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fengsui.foundation.imports.rules import phones, safety
from fengsui.foundation.imports.rules.checking import Checked, remaining_faults
from fengsui.foundation.imports.rules.findings import Finding
from fengsui.foundation.imports.rules.text import cleaned
from fengsui.foundation.imports.states import RowKind
from fengsui.foundation.ledgers.rules import Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A row of the register, as the ledger gives it."""

    id: Any
    values: Mapping[str, Any]
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changes`: column -> [what the register holds, what the sheet says].

    `is_further`: what the line says stands beside what the row has (see ledgers' `Further`).
    """

    kind: RowKind
    held_id: Any = None
    changes: Mapping[str, list[Any]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    is_restoring: bool = False
    is_further: bool = False


def key_of(ledger: Ledger, given: Mapping[str, Any]) -> Key | None:
    """The natural key of a row, compared as the register compares; None where it is not whole."""
    key = tuple([given.get(column.name) or None for column in ledger.keys])
    is_whole = all([given.get(name) for name in ledger.required_keys])
    return key if is_whole and any(key) else None


def compare(
    ledger: Ledger, checked: Checked, held: Held | None, *, needs_row: bool = False
) -> Outcome:
    """`needs_row`: the sheet names a row number that must be in the register."""
    findings = list(checked.findings)
    if held is None:
        findings += _masked_without_row(checked)
        if needs_row:
            findings.append(_NO_SUCH_ROW)
        findings += remaining_faults(ledger, checked.values, findings, is_new=True)
        return Outcome(_kind(findings, RowKind.NEW), findings=tuple(findings))
    for name, mask in checked.masked.items():
        if not _fits(ledger.column(name), mask, held.values.get(name)):
            findings.append(_other_mask(name))
    changes = {
        name: [held.values.get(name), value]
        for name, value in checked.values.items()
        if not same(ledger.column(name), held.values.get(name), value)
    }
    findings += remaining_faults(
        ledger, {name: pair[1] for name, pair in changes.items()}, findings, is_new=False
    )
    plain_kind = RowKind.CHANGED if changes else RowKind.SAME
    if held.is_withdrawn:
        plain_kind = RowKind.NEW
    kind = _kind(findings, plain_kind)
    return Outcome(kind, held.id, changes, tuple(findings), is_restoring=held.is_withdrawn)


def _kind(findings: list[Finding], otherwise: RowKind) -> RowKind:
    if not findings:
        return otherwise
    return RowKind.DOUBTFUL if all(one.is_doubt for one in findings) else RowKind.FAULTY


def same(column: Column | None, held: Any, given: Any) -> bool:
    """Whether both say the same: an empty text is no value, a number written with blanks is it."""
    if held in (None, "") and given in (None, ""):
        return True
    if column is None or held is None or given is None:
        return bool(held == given)
    if column.kind is ColumnKind.PHONE:
        return phones.digits_of(str(held)) == phones.digits_of(str(given))
    if column.kind is ColumnKind.TEXT:
        return cleaned(str(held)) == cleaned(str(given))
    if column.kind is ColumnKind.POINT:
        return list(held) == list(given)
    if column.kind is ColumnKind.OUTLINE:
        return bool(_shape(held) == _shape(given))
    return bool(held == given)


def _shape(outline: Any) -> Any:
    """Compared at 1e-7 degree, at which the register keeps it."""
    if isinstance(outline, str):
        outline = json.loads(outline)
    return [outline["type"], _rounded(outline["coordinates"])]


def _rounded(nested: Any) -> Any:
    if isinstance(nested, (list, tuple)):
        if nested and not isinstance(nested[0], (list, tuple)):
            return [round(float(one) * 1e7) for one in nested[:2]]
        return [_rounded(one) for one in nested]
    return nested


def _fits(column: Column | None, mask: str, held: Any) -> bool:
    if column is not None and column.kind in (ColumnKind.TEXT, ColumnKind.PHONE):
        return safety.fits_mask(mask, str(held or ""))
    return True


def _masked_without_row(checked: Checked) -> list[Finding]:
    return [
        Finding(
            name,
            "内容被隐去，登记中没有对应的一行",
            "is masked, and there is no such row in the register",
            "请填写完整内容，或保留“编号”列",
            "write it in full, or keep the column of row numbers",
        )
        for name in checked.masked
    ]


def _other_mask(name: str) -> Finding:
    return Finding(
        name,
        "内容被隐去，且与登记的不一致",
        "is masked and does not fit what is registered",
        "请填写完整内容，或留空",
        "write it in full, or leave it empty",
    )


_NO_SUCH_ROW = Finding(
    "row_id",
    "编号在您的辖区内找不到",
    "the row number is not found in your area",
    "请清空编号后按新行导入，或核对文件",
    "clear the number to import it as a new row, or check the file",
)


def twice(first_row: int) -> Finding:
    """Two rows of the sheet speak of the same thing."""
    return Finding(
        "",
        f"与第 {first_row} 行重复",
        f"says the same as row {first_row}",
        "请删去一行，或改正其中一行",
        "delete one, or correct one",
    )
