"""Rows of a register that take several lines of a sheet: a person who holds two posts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fengsui.foundation.imports.rules.checking import Checked
from fengsui.foundation.imports.rules.comparing import Held, Outcome, compare, key_of, twice
from fengsui.foundation.imports.states import RowKind
from fengsui.foundation.ledgers.rules import Further, Ledger, Row

Sets = Sequence[Row]


def said_more(further: Further, values: Row) -> dict[str, Any]:
    """What a line says of the columns of which a row may have several."""
    return {name: values[name] for name in further.columns if values.get(name) is not None}


def among(sets: Sets, more: Row) -> Row | None:
    """The first of `sets` that holds all that a line says; None where none does."""
    if not more:
        return None
    return next((one for one in sets if all(one.get(n) == v for n, v in more.items())), None)


def beside(further: Further | None, held: Held | None, sets: Sets, values: Row) -> Held | None:
    """The row as its line would show it: with the post that the line speaks of, if it has it."""
    if further is None or held is None:
        return held
    match = among(sets, said_more(further, values))
    return held if match is None else replace(held, values={**held.values, **match})


@dataclass(slots=True)
class _First:
    n: int
    values: Row
    said: list[dict[str, Any]] = field(default_factory=list)


class Lines:
    """The lines of one sheet, by the row that they speak of together."""

    def __init__(self, ledger: Ledger, checked: Iterable[Checked]) -> None:
        self._ledger = ledger
        marks: Counter[Any] = Counter()
        self._wholes: dict[Any, dict[str, Any]] = {}
        for one in checked:
            mark = _mark(ledger, one)
            if mark is not None:
                marks[mark] += 1
                self._wholes[mark] = one.values | self._wholes.get(mark, {})
        self._several = {mark for mark, count in marks.items() if count > 1}
        self._firsts: dict[Any, _First] = {}

    def saw(self, n: int, values: Row) -> None:
        """Another line, judged before."""
        further, mark = self._ledger.further, key_of(self._ledger, values)
        if further is not None and mark is not None:
            self._several.add(mark)
            self._firsts[mark] = _First(n, values, [said_more(further, values)])

    def filled(self, checked: Checked) -> Checked:
        """With what other lines say of the same row: a number need not stand on each of them."""
        further, mark = self._ledger.further, _mark(self._ledger, checked)
        if further is None or mark not in self._several:
            return checked
        apart = {*further.columns, *checked.masked}
        whole = self._wholes.get(mark, {})
        more = {name: value for name, value in whole.items() if name not in apart}
        return replace(checked, values=more | checked.values)

    def judge(self, n: int, checked: Checked, held: Held | None, sets: Sets) -> Outcome | None:
        """None where the line speaks of a row alone."""
        further, mark = self._ledger.further, _mark(self._ledger, checked)
        if further is None or mark not in self._several:
            return None
        first = self._firsts.setdefault(mark, _First(n, checked.values))
        more = said_more(further, checked.values)
        is_first = first.n == n
        if not is_first and not _agrees(further, first.values, checked.values):
            outcome = compare(self._ledger, checked, held)
            findings = (*outcome.findings, twice(first.n))
            return replace(outcome, kind=RowKind.FAULTY, findings=findings)
        if not is_first and (not more or more in first.said):
            return Outcome(RowKind.SAME, None if held is None else held.id)
        first.said.append(more)
        needs_row = bool(checked.row_id)
        if held is None:
            outcome = compare(self._ledger, checked, None, needs_row=needs_row)
            return replace(outcome, is_further=not is_first)
        match = among(sets, more)
        known = replace(held, values={**held.values, **(match or more)})
        outcome = compare(self._ledger, checked, known, needs_row=needs_row)
        return outcome if match or not more else _added(outcome, more)


def _mark(ledger: Ledger, checked: Checked) -> Any:
    return checked.row_id or key_of(ledger, checked.values)


def _agrees(further: Further, first: Row, values: Row) -> bool:
    """Whether a later line says nothing else of the row than its first did."""
    return all(
        value is None or first.get(name) == value
        for name, value in values.items()
        if name not in further.columns
    )


def _added(outcome: Outcome, more: Mapping[str, Any]) -> Outcome:
    changes = {**outcome.changes, **{name: [None, value] for name, value in more.items()}}
    kind = RowKind.CHANGED if outcome.kind is RowKind.SAME else outcome.kind
    return replace(outcome, kind=kind, changes=changes, is_further=True)
