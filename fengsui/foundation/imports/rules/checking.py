"""One row of a sheet against the columns of a ledger: its values, faults and doubts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fengsui.foundation.imports.rules import points, safety, values
from fengsui.foundation.imports.rules.columns import LAT, LON, ROW_ID, column_of
from fengsui.foundation.imports.rules.findings import Choice, Finding
from fengsui.foundation.imports.rules.matching import ReferenceIndex
from fengsui.foundation.imports.rules.placing import PlaceIndex
from fengsui.foundation.imports.rules.text import plain
from fengsui.foundation.imports.rules.values import Value, doubt, fault
from fengsui.foundation.ledgers.rules import Column, Ledger, row_faults
from fengsui.foundation.ledgers.states import ColumnKind
from fengsui.standards.divisions import parent_code

EMPTIED = "（清空）"  # an empty cell leaves a value alone; this one takes it away
_LEADING_CODE = re.compile(r"(\d{6}|\d{9}|\d{12}|\d{15}|\d{17})(?!\d)")
_ROW_NUMBER = re.compile(r"（编号\s*(\d{1,19})）\s*$")
_UNIT_OF_HEADER = re.compile(r"(组|村|网格)$")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a row says. `values` are plain (see ledgers.states.ColumnKind)."""

    row_id: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    masked: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass
class Plan:
    """How one sheet is read into one ledger.

    `headers`: of the sheet, from the left; `targets`: what each stands for, or None. `defaults`:
    target -> text for cells that are empty or have no column in the sheet.
    """

    ledger: Ledger
    headers: Sequence[str]
    targets: Sequence[str | None]
    places: PlaceIndex
    references: Mapping[str, ReferenceIndex] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    system: str = "wgs84"

    @cached_property
    def _readers(self) -> list[tuple[Column, list[tuple[int, str]]]]:
        """Columns that the sheet or a default says something of, places first."""
        found: dict[str, list[tuple[int, str]]] = {}
        for place, target in enumerate(self.targets):
            if target and target != ROW_ID:
                found.setdefault(column_of(target), []).append((place, target))
        for target in self.defaults:
            found.setdefault(column_of(target), [])
        columns = [one for one in self.ledger.columns if one.name in found]
        columns.sort(key=lambda one: one.kind is not ColumnKind.PLACE)
        return [(one, found[one.name]) for one in columns]

    def _readers_with(self, fixes: Mapping[str, str]) -> list[tuple[Column, list[tuple[int, str]]]]:
        """A person may type something for a column that the sheet does not have."""
        if not fixes:
            return self._readers
        there = {column.name for column, _ in self._readers}
        more = [one for one in self.ledger.columns if one.name in fixes and one.name not in there]
        return [*self._readers, *((one, []) for one in more)] if more else self._readers

    @cached_property
    def _row_id_at(self) -> int | None:
        return self.targets.index(ROW_ID) if ROW_ID in self.targets else None

    def header_of(self, column: str) -> str:
        """The sheet's own word for a column, for sentences."""
        for header, target in zip(self.headers, self.targets, strict=False):
            if target and column_of(target) == column and header:
                return header
        declared = self.ledger.column(column)
        return declared.zh if declared is not None else column

    def check(self, cells: Sequence[str], fixes: Mapping[str, str] | None = None) -> Checked:
        """`cells` are clean (text.plain). `fixes`: column -> text typed in the preview instead."""
        fixes = fixes or {}
        found: dict[str, Any] = {}
        masked: dict[str, str] = {}
        findings: list[Finding] = []
        place_code = ""
        for column, sources in self._readers_with(fixes):
            text, parts = self._text(column, sources, cells, fixes)
            if text == EMPTIED and not column.required:
                found[column.name] = None
                continue
            if safety.is_masked(text):
                masked[column.name] = text
                continue
            if values.is_nothing(column, text):
                continue
            value = values.broken_formula(column, text) or self._read(
                column, text, parts, place_code
            )
            if value.finding is not None:
                findings.append(value.finding)
                continue
            found[column.name] = value.value
            if column.name == self.ledger.place and isinstance(value.value, str):
                place_code = value.value
        if self.is_of_places:
            _leave_out_parent(found)
        row_id = ""
        if self._row_id_at is not None and self._row_id_at < len(cells):
            row_id = cells[self._row_id_at].strip("'# ")
        return Checked(row_id, found, masked, tuple(findings))

    def written(self, column: str, cells: Sequence[str]) -> str:
        """What the sheet itself says of a column in this row."""
        for declared, sources in self._readers:
            if declared.name == column:
                return self._text(declared, sources, cells, {})[0]
        return ""

    def _text(
        self,
        column: Column,
        sources: Sequence[tuple[int, str]],
        cells: Sequence[str],
        fixes: Mapping[str, str],
    ) -> tuple[str, dict[str, str]]:
        """The column's text, and for a point its two halves by target."""
        if column.name in fixes:
            return safety.unescaped(plain(fixes[column.name])), {}
        parts: dict[str, str] = {}
        texts = []
        for place, target in sources:
            text = safety.unescaped(cells[place]) if place < len(cells) else ""
            text = text or self.defaults.get(target, "")
            if not text:
                continue
            parts[target] = text
            texts.append(self._with_unit(column, place, text))
        if not texts:
            texts = [self.defaults[column.name]] if column.name in self.defaults else []
        return (texts[0] if len(texts) == 1 else _joined(column, texts)), parts

    def _with_unit(self, column: Column, place: int, text: str) -> str:
        """Under the header 组 a bare 3 means 3组."""
        if column.kind is not ColumnKind.PLACE or not (text.isdigit() and len(text) < 4):
            return text
        unit = _UNIT_OF_HEADER.search(self.headers[place])
        return text + unit[1] if unit else text

    def _read(self, column: Column, text: str, parts: Mapping[str, str], place_code: str) -> Value:
        if column.kind is ColumnKind.POINT:
            halves = _halves(column, text, parts)
            return points.read_point(column, *halves, self.system)
        if column.kind is ColumnKind.PLACE:
            return self._place(column, text)
        if column.kind is ColumnKind.REFERENCE:
            return self._reference(column, text, place_code)
        return values.READERS[column.kind](column, text)

    def _place(self, column: Column, text: str) -> Value:
        if self.is_of_places and (column.is_key or _LEADING_CODE.match(text)):
            return _new_code(column, text)
        placing = self.places.look_up(text, self._under)
        if not placing.code and not placing.near and self._under:
            placing = self.places.look_up(text, "")
        if placing.code:
            return Value(placing.code)
        said_zh, said_en = f"没有找到“{text[:30]}”", f"“{text[:30]}” was not found"
        if placing.near:
            if len(placing.near) > 1 and not _LEADING_CODE.match(text):
                said_zh, said_en = f"“{text[:30]}”对不上唯一的地方", f"“{text[:30]}” is not clear"
            choices = tuple(
                Choice(one, self.places.path(one), self.places.path(one)) for one in placing.near
            )
            return doubt(column, said_zh, said_en, choices)
        return fault(
            column,
            said_zh,
            said_en,
            "请填乡镇、村的全名或 12 位代码",
            "give the full names of township and village, or the code of 12 digits",
        )

    @property
    def is_of_places(self) -> bool:
        """The register of places itself: what it speaks of need not exist yet."""
        return self.ledger.place == "code"

    @property
    def _under(self) -> str:
        return self.defaults.get("under", "")

    def _reference(self, column: Column, text: str, place_code: str) -> Value:
        index = self.references.get(column.reference)
        if index is None:
            return fault(column, "无权查看可选的人员", "you may not see what it refers to")
        number = _ROW_NUMBER.search(text)
        if number and int(number[1]) in index.rows:
            return Value(int(number[1]))
        match = index.look_up(text, place_code)
        if match.id is not None:
            return Value(match.id)
        if match.is_spent:
            return fault(
                column,
                "一小时内对不上的号码太多，不再按号码查找",
                "too many numbers of the last hour are nobody's; none is looked up any more",
                "请先导入人员通讯录，或只填姓名，过一小时再预览",
                "import the contact list first, or give names only, and look again in an hour",
            )
        if match.near:
            choices = tuple(self._person(index, one) for one in match.near)
            said = f"“{text[:30]}”对不上唯一的登记", f"“{text[:30]}” is not clear"
            return doubt(column, *said, choices)
        return fault(
            column,
            f"登记中没有“{text[:30]}”",
            f"“{text[:30]}” is not in the register",
            "请先登记此人，或填姓名加电话",
            "register the person first, or give name and telephone",
        )

    def _person(self, index: ReferenceIndex, identity: int) -> Choice:
        known = index.rows[identity]
        where = self.places.path(known.place_code)
        return Choice(
            f"{known.name}（编号 {identity}）", f"{known.name} {where}", f"{known.name} {where}"
        )


def _joined(column: Column, texts: Sequence[str]) -> str:
    """乡镇, 村, 组 as one path; a code among them says it all. Name and number with a blank."""
    if column.kind is ColumnKind.PLACE:
        for text in texts:
            if _LEADING_CODE.match(text):
                return text
        return "".join(texts)
    return " ".join(texts)


def _halves(column: Column, text: str, parts: Mapping[str, str]) -> tuple[str, str]:
    lon, lat = parts.get(column.name + LON), parts.get(column.name + LAT)
    if lon is not None or lat is not None:
        return lon or "", lat or ""
    pieces = [one for one in re.split(r"[,，;；、\s]+", text) if one]
    return (pieces[0], pieces[1]) if len(pieces) == 2 else (text, "")


def _leave_out_parent(said: dict[str, Any]) -> None:
    """What follows from the code is not said: the place above may come with the same sheet."""
    code = said.get("code")
    if isinstance(code, str) and said.get("parent_code") in (parent_code(code), code):
        del said["parent_code"]


def _new_code(column: Column, text: str) -> Value:
    """In the register of places itself a code need not exist yet."""
    leading = _LEADING_CODE.match(text)
    digits = leading[1] if leading else text.replace(" ", "")
    if not _LEADING_CODE.fullmatch(digits):
        return fault(
            column,
            f"“{text[:20]}”不是行政区划代码",
            f"“{text[:20]}” is not the code of a place",
            "应为 12 位数字（网格 15 位、组 17 位）",
            "12 digits are needed (grid 15, group 17)",
        )
    return Value(digits.ljust(12, "0"))


def remaining_faults(
    ledger: Ledger, given: Mapping[str, Any], findings: Sequence[Finding], *, is_new: bool
) -> Iterator[Finding]:
    """What the ledger itself finds wrong, but for columns of which something is said already."""
    told = {one.column for one in findings}
    for one in row_faults(ledger, given, is_new=is_new):
        if one.column not in told:
            zh = one.zh.replace(f"“{_name(ledger, one.column)}”", "", 1)
            yield Finding(one.column, zh, one.en, one.fix_zh, one.fix_en.rstrip("."))


def _name(ledger: Ledger, column: str) -> str:
    declared = ledger.column(column)
    return declared.zh if declared is not None else column
