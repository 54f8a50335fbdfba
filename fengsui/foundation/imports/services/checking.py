"""From cells to a preview: headers guessed, a plan made, every row beside the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports import queries
from fengsui.foundation.imports.errors import (
    BAD_MAPPING,
    NO_SUCH_ROW,
    NOT_NOW,
    REQUIRED_MISSING,
)
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.rules import headers, several
from fengsui.foundation.imports.rules.checking import Checked, Plan
from fengsui.foundation.imports.rules.columns import ROW_ID, column_of, targets_of
from fengsui.foundation.imports.rules.comparing import Held, Key, Outcome, compare, key_of, twice
from fengsui.foundation.imports.rules.findings import Finding
from fengsui.foundation.imports.rules.placing import Place
from fengsui.foundation.imports.rules.points import SYSTEMS
from fengsui.foundation.imports.rules.several import Lines
from fengsui.foundation.imports.rules.text import folded, plain
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.receiving import note
from fengsui.foundation.imports.services.staging import SheetHead, Staging
from fengsui.foundation.imports.states import ImportState, RowKind
from fengsui.foundation.ledgers.rules import Ledger
from fengsui.foundation.ledgers.states import ColumnKind
from fengsui.standards.divisions import full_code, is_division_code

ROWS_PER_LOOK = 500  # rows compared with the register by one query
FIX_LENGTH_MAX = 4_000

Line = tuple[int, list[str]]


# --- step 2: what the headers mean -----------------------------------------------------------


def guess(staging: Staging, ledger: Ledger, viewer: Viewer, sheet: SheetHead) -> dict[str, Any]:
    """The plan as it is guessed: a mapping that the office saved goes before our own guess."""
    rows = staging.first_rows(sheet.place)
    targets = targets_of(ledger.columns)
    best = headers.guess(rows, targets, sheet.merged)
    system, mapping_id = "wgs84", None
    for one in queries.mappings(ledger, viewer=viewer):
        known = {folded(text) for text in best.headers if text}
        if known and known <= one["columns"].keys():
            saved = headers.Saved(one["columns"])
            best = headers.guess_at(best.header_row, rows, targets, sheet.merged, saved)
            system, mapping_id = one["system"], one["id"]
            break
    return _plan_plain(sheet, best) | {"system": system, "mapping_id": mapping_id, "defaults": {}}


def guess_at(
    staging: Staging, ledger: Ledger, viewer: Viewer, sheet: int, header_row: int
) -> dict[str, Any]:
    """The guess for a sheet and a row of headers that a person has chosen; 0: any row."""
    heads = {head.place: head for head in staging.sheets()}
    if sheet not in heads:
        raise NO_SUCH_ROW()
    if not header_row:
        return guess(staging, ledger, viewer, heads[sheet])
    rows = staging.first_rows(sheet)
    if header_row > len(rows):
        raise NO_SUCH_ROW()
    merged = heads[sheet].merged
    found = headers.guess_at(header_row - 1, rows, targets_of(ledger.columns), merged)
    more: dict[str, Any] = {"system": "wgs84", "mapping_id": None, "defaults": {}}
    return _plan_plain(heads[sheet], found) | more


def _plan_plain(sheet: SheetHead, found: headers.Guess) -> dict[str, Any]:
    return {
        "sheet": sheet.place,
        "header_row": found.header_row + 1,
        "data_row": found.data_row + 1,
        "headers": list(found.headers),
        "targets": list(found.columns),
    }


def best_sheet(
    staging: Staging, ledger: Ledger, viewer: Viewer, sheets: Sequence[SheetHead]
) -> dict[str, Any]:
    """The guess for the sheet whose headers mean the most."""
    plans = [guess(staging, ledger, viewer, one) for one in sheets]
    return max(plans, key=lambda one: sum(target is not None for target in one["targets"]))


def choose(
    one: Import,
    staging: Staging,
    ledger: Ledger,
    *,
    sheet: int,
    header_row: int,
    columns: Mapping[str, str | None],
    defaults: Mapping[str, str],
    system: str,
) -> dict[str, Any]:
    """The plan as a person has settled it. Raises imports.bad_mapping, imports.required_missing."""
    heads = {head.place: head for head in staging.sheets()}
    if sheet not in heads or system not in SYSTEMS:
        raise NO_SUCH_ROW()
    rows = staging.first_rows(sheet)
    if not 1 <= header_row <= len(rows):
        raise NO_SUCH_ROW()
    targets = {target.name: target for target in targets_of(ledger.columns)}
    found = headers.guess_at(header_row - 1, rows, list(targets.values()), heads[sheet].merged)
    taken: set[str] = set()
    chosen: list[str | None] = []
    for header in found.headers:
        target = columns.get(header)
        chosen.append(target)
        if target is None:
            continue
        if target not in targets:
            raise BAD_MAPPING(header=header, column=target, zh="没有这一栏", en="no such column")
        if target in taken and not targets[target].takes_several:
            zh, en = "已有另一列对应它", "another one stands for it already"
            raise BAD_MAPPING(header=header, column=targets[target].zh, zh=zh, en=en)
        taken.add(target)
    said = {column_of(target) for target in (*taken, *(k for k, v in defaults.items() if v))}
    if ROW_ID not in taken:
        for column in ledger.columns:
            if column.required and column.name not in said:
                raise REQUIRED_MISSING(column=column.zh)
    return _plan_plain(heads[sheet], found) | {
        "targets": chosen,
        "system": system,
        "mapping_id": one.plan.get("mapping_id"),
        "defaults": {name: plain(text) for name, text in defaults.items() if text.strip()},
    }


# --- step 3: every row beside the register ------------------------------------------------------


def plan_of(one: Import, ledger: Ledger, viewer: Viewer, lines: Sequence[Line]) -> Plan:
    """`lines`: of the sheet itself; a sheet of places speaks of places that it brings along."""
    plan = one.plan
    mapped = {column_of(target) for target in plan["targets"] if target} | plan["defaults"].keys()
    columns = [column for column in ledger.columns if column.name in mapped]
    referred = {one.reference for one in columns if one.kind is ColumnKind.REFERENCE}
    return Plan(
        ledger,
        plan["headers"],
        plan["targets"],
        registers.place_index(
            viewer, _brought_along(plan, lines) if ledger.place == "code" else ()
        ),
        {name: registers.reference_index(name, viewer) for name in referred},
        plan["defaults"],
        plan["system"],
    )


def _brought_along(plan: Mapping[str, Any], lines: Sequence[Line]) -> list[Place]:
    targets = plan["targets"]
    if "code" not in targets or "name" not in targets:
        return []
    code_at, name_at = targets.index("code"), targets.index("name")
    return [
        Place(full_code(cells[code_at]), cells[name_at])
        for _, cells in lines
        if max(code_at, name_at) < len(cells) and is_division_code(cells[code_at])
    ]


def check(one: Import, staging: Staging, ledger: Ledger, viewer: Viewer) -> None:
    """Checks every row and replaces the preview. What a person has typed or skipped stays."""
    lines = data_lines(one, staging)
    plan = plan_of(one, ledger, viewer, lines)
    fixes = staging.fixes()
    note(one, total=len(lines), done=0)
    texts = {n: texts for n, (texts, _) in fixes.items()}
    staging.keep_preview(_judged(one, plan, lines, texts, viewer))
    note(one, counts=staging.counts(), done=0, state=ImportState.CHECKED)


def data_lines(one: Import, staging: Staging) -> list[Line]:
    """The rows below the headers, merged cells filled, totals and remarks left out."""
    plan = one.plan
    head = next(head for head in staging.sheets() if head.place == plan["sheet"])
    lines = staging.rows_from(head.place, plan["data_row"])
    if head.merged:
        _fill_merged(lines, head, plan["data_row"])
    count = sum(target is not None for target in plan["targets"])
    return [line for line in lines if not headers.is_note(line[1], count)]


def _fill_merged(lines: list[Line], head: SheetHead, data_row: int) -> None:
    last = max((n for n, _ in lines), default=0)
    whole: list[list[str]] = [[] for _ in range(last)]
    for n, cells in lines:
        whole[n - 1] = cells
    headers.fill_merged(whole, head.merged, data_row - 1)


def _judged(
    one: Import,
    plan: Plan,
    lines: Sequence[Line],
    fixes: Mapping[int, dict[str, str]],
    viewer: Viewer,
) -> Iterator[tuple[int, dict[str, Any], Outcome]]:
    seen: dict[Any, tuple[int, dict[str, Any]]] = {}
    read = ((n, plan.check(cells, fixes.get(n))) for n, cells in lines)
    together = None
    if plan.ledger.further is not None:
        # Whether a line stands alone is known at the end of the sheet only.
        whole = list(read)
        together = Lines(plan.ledger, (each for _, each in whole))
        read = ((n, together.filled(each)) for n, each in whole)
    for start in range(0, len(lines), ROWS_PER_LOOK):
        checked = list(islice(read, ROWS_PER_LOOK))
        held = Beside(plan.ledger, viewer, [each for _, each in checked])
        for n, each in checked:
            yield n, each.values, _outcome(plan.ledger, n, each, held, seen, together)
        note(one, done=min(start + ROWS_PER_LOOK, len(lines)))


class Beside:
    """The rows of the register that some rows of a sheet may speak of, fetched together."""

    def __init__(self, ledger: Ledger, viewer: Viewer, checked: Sequence[Checked]) -> None:
        self.ledger = ledger
        ids = {one.row_id for one in checked if one.row_id}
        keys = {key for one in checked if not one.row_id and (key := key_of(ledger, one.values))}
        self._by_id = registers.held_by_ids(ledger, viewer, ids)
        self._by_key = registers.held_by_keys(ledger, viewer, keys)
        found = [one.id for one in (*self._by_id.values(), *self._by_key.values())]
        self._sets = registers.sets_of(ledger, viewer, found)

    def sets(self, held: Held | None) -> Sequence[Mapping[str, Any]]:
        """What the row has of that of which it may have several."""
        return () if held is None else self._sets.get(held.id, ())

    def of(self, checked: Checked) -> Held | None:
        if checked.row_id:
            return self._by_id.get(checked.row_id)
        key = key_of(self.ledger, checked.values)
        return None if key is None else self._by_key.get(key)


def _outcome(
    ledger: Ledger,
    n: int,
    checked: Checked,
    beside: Beside,
    seen: dict[Any, tuple[int, dict[str, Any]]],
    together: Lines | None,
) -> Outcome:
    held = beside.of(checked)
    sets = beside.sets(held)
    one_of_several = None if together is None else together.judge(n, checked, held, sets)
    if one_of_several is not None:
        return one_of_several
    held = several.beside(ledger.further, held, sets, checked.values)
    outcome = compare(ledger, checked, held, needs_row=bool(checked.row_id))
    mark: Any = ("row", held.id) if held is not None else key_of(ledger, checked.values)
    if mark is None:
        return outcome
    if mark not in seen:
        seen[mark] = (n, checked.values)
        return outcome
    first, values = seen[mark]
    if values == checked.values:
        return Outcome(RowKind.SAME, outcome.held_id)
    findings = (*outcome.findings, twice(first))
    return Outcome(RowKind.FAULTY, outcome.held_id, outcome.changes, findings)


# --- a correction -------------------------------------------------------------------------------


def correct(
    one: Import,
    staging: Staging,
    ledger: Ledger,
    viewer: Viewer,
    *,
    n: int,
    texts: Mapping[str, str],
    is_skipped: bool | None = None,
    is_for_alike: bool = False,
) -> list[int]:
    """What a person typed instead of cells, or that the row is left out. Judged at once.

    `texts`: column -> text; "" goes back to the cell. `is_for_alike`: also in every other row
    whose cells of these columns say the same. Returns the numbers of the rows concerned.
    """
    if one.state != ImportState.CHECKED:
        raise NOT_NOW(state=one.state)
    columns = [ledger.column(name) for name in texts]
    lines = dict(data_lines(one, staging))
    if n not in lines or staging.row(n) is None or None in columns:
        raise NO_SUCH_ROW()
    plan = plan_of(one, ledger, viewer, list(lines.items()))
    concerned = [n]
    if is_for_alike and texts:
        written = [plan.written(name, lines[n]) for name in texts]
        concerned = [
            number
            for number, cells in lines.items()
            if [plan.written(name, cells) for name in texts] == written
        ]
    fixes = staging.fixes()
    for number in concerned:
        kept, was_skipped = fixes.get(number, ({}, False))
        kept |= {name: plain(text)[:FIX_LENGTH_MAX] for name, text in texts.items()}
        kept = {name: text for name, text in kept.items() if text}
        skipped = was_skipped if is_skipped is None or number != n else is_skipped
        fixes[number] = (kept, skipped)
    staging.keep_fixes({number: fixes[number] for number in concerned})
    checked = [(number, plan.check(lines[number], fixes[number][0])) for number in concerned]
    beside = Beside(ledger, viewer, [each for _, each in checked])
    rows = []
    for number, each in checked:
        elsewhere = _seen_elsewhere(ledger, each, number, staging)
        rows.append((number, each.values, _outcome(ledger, number, each, beside, *elsewhere)))
    staging.replace_rows(rows, {number for number in concerned if fixes[number][1]})
    note(one, counts=staging.counts())
    return concerned


def _seen_elsewhere(
    ledger: Ledger, checked: Checked, n: int, staging: Staging
) -> tuple[dict[Key, tuple[int, dict[str, Any]]], Lines]:
    together = Lines(ledger, ())
    key = key_of(ledger, checked.values)
    if key is None or checked.row_id:
        return {}, together
    named = {column.name: part for column, part in zip(ledger.keys, key, strict=True)}
    twin = staging.twin_of(n, named)
    if twin is None:
        return {}, together
    together.saw(*twin)
    return {key: twin}, together


def said_of(
    findings: Sequence[Finding], one: Import, n: int, ledger: Ledger
) -> list[dict[str, Any]]:
    """The findings of a row as sentences that name the row and the sheet's own column."""
    heads: dict[str, str] = {}
    for header, target in zip(one.plan["headers"], one.plan["targets"], strict=False):
        if target:
            heads.setdefault(column_of(target), header)
    told = []
    for finding in findings:
        declared = ledger.column(finding.column)
        header = heads.get(finding.column) or (declared.zh if declared else "")
        zh, en = finding.said(n, header)
        told.append(finding.to_plain() | {"said_zh": zh, "said_en": en, "header": header})
    return told
