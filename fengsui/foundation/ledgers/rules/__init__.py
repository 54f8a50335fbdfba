"""What a ledger is: a declaration of columns, and what may stand in them. Pure.

An app declares its ledgers in `ledger.py`; lists, forms, history, import and export follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import is_division_code
from fengsui.standards.secrecy import mark_in_text

ROWS_PER_COMMAND = 200  # what a writer applies in about 10 ms, so that answers are not held up
_DIALLED = frozenset("0123456789+-() 转,;*#")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")  # but for line ends and tabs
PAGE_DEFAULT = 50
PAGE_MAX = 200
TEXT_LENGTH_MAX = 200
PHONE_LENGTH_MAX = 40
POINTS_PER_OUTLINE_MAX = 16_000
MOMENT_MAX = 4_102_444_800  # the year 2100
REASON_LENGTH_MIN = 4
REASON_LENGTH_MAX = 200
_SHOWN_HEAD = 3
_SHOWN_TAIL = 4

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice column, as it is kept and as people say it."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger; the form, the table, the import and the export follow from it.

    `is_private`: names somebody, so it stands in the part of a fact that can be erased, and is
    masked in exports. `is_personal`: beside that it is masked on every page until it is revealed
    for a reason. `aliases`: other headers that offices write above such a column.
    """

    name: str
    zh: str
    en: str
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = False
    is_key: bool = False  # with the other keys it says which row of a file is which row here
    is_private: bool = False
    is_personal: bool = False
    editable: bool = True
    sortable: bool = False
    filter: Filter = Filter.NONE
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    length_max: int = TEXT_LENGTH_MAX
    least: int | None = None
    most: int | None = None
    reference: str = ""  # the ledger that a reference points into
    hint_zh: str = ""
    hint_en: str = ""
    example: str = ""
    aliases: tuple[str, ...] = ()
    is_shown: bool = True  # in the table before anybody has chosen columns
    field: str = ""  # the model's field where it has another name; "-": of no single field

    @property
    def attribute(self) -> str:
        return self.field or self.name

    @property
    def is_stored(self) -> bool:
        return self.field != "-"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, and how to put it right."""

    column: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str

    def to_plain(self) -> dict[str, str]:
        return {
            "column": self.column,
            "zh": self.zh,
            "en": self.en,
            "fix_zh": self.fix_zh,
            "fix_en": self.fix_en,
        }


# (viewer, rows, cause, is_invented) -> ids in the order of the rows
Create = Callable[[Viewer, Sequence[Row], bytes | None, bool], list[Any]]
# (viewer, [(id, {column: value})], cause) -> None
Change = Callable[[Viewer, Sequence[tuple[Any, Row]], bytes | None], None]
# (ids, viewer) -> id -> {column: value} of columns that are of no single field
Enrich = Callable[[Sequence[Any], Viewer], Mapping[Any, Row]]
# (row) -> faults that need more than one column
Check = Callable[[Row], Iterator[Fault]]
# (viewer, ids) -> id -> how people call that row
Naming = Callable[[Viewer, Sequence[Any]], Mapping[Any, str]]


@dataclass(frozen=True, slots=True)
class Further:
    """What a row may have several of, each on a line of its own in a sheet: a person's posts.

    `held`: (ids, viewer) -> id -> the values of `columns` that the row has, one row for each.
    `add`: gives rows further ones: (viewer, [(id, values of `columns`)], cause) -> None.
    """

    columns: tuple[str, ...]
    held: Callable[[Sequence[Any], Viewer], Mapping[Any, Sequence[Row]]]
    add: Change


@dataclass(frozen=True)
class Ledger:
    """A register as people see it: a table with columns, rights and verbs.

    `register` is the app's `apply.Register`: which table, and which facts say what of its rows.
    `place` is the column that says where a row belongs, by which it is seen and changed.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    see: Permission
    edit: Permission
    register: Any
    create: Create | None = None  # None: the generic one, by the register's *registered* facts
    change: Change | None = None  # None: the generic one, by the register's facts
    enrich: Enrich | None = None
    check: Check | None = None
    further: Further | None = None
    naming: Naming | None = None  # None: the text of the column `title`
    place: str = "place_code"
    title: str = "name"
    text: tuple[str, ...] = ()  # the columns that a text is looked for in
    can_restore: bool = True
    rows_max: int = ROWS_PER_COMMAND

    def column(self, name: str) -> Column | None:
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> Mapping[str, Column]:
        return {one.name: one for one in self.columns}

    @cached_property
    def keys(self) -> tuple[Column, ...]:
        return tuple(one for one in self.columns if one.is_key)

    @cached_property
    def required_keys(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.keys if one.required)


def by_scope(
    rows: Sequence[Row],
    scope_of: Callable[[Row], str],
    send: Callable[[str, list[Row]], Sequence[Any]],
) -> list[Any]:
    """Sends the rows of each scope together; the ids come back in the order of the rows."""
    numbers: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        numbers.setdefault(scope_of(row), []).append(number)
    ids: list[Any] = [None] * len(rows)
    for scope, here in numbers.items():
        sent = send(scope, [rows[number] for number in here])
        for number, one in zip(here, sent, strict=True):
            ids[number] = one
    return ids


# --- values ---------------------------------------------------------------------------------


def masked(value: str) -> str:
    """The first three and last four characters; short values are hidden altogether."""
    hidden = len(value) - _SHOWN_HEAD - _SHOWN_TAIL
    if hidden <= 0:
        return "*" * len(value)
    return value[:_SHOWN_HEAD] + "*" * hidden + value[-_SHOWN_TAIL:]


def row_faults(ledger: Ledger, row: Row, *, is_new: bool) -> Iterator[Fault]:
    """What is wrong with the values of a row: all of a new one, the given ones of a change."""
    for name in row:
        column = ledger.column(name)
        if column is None:
            yield Fault(
                name, "没有这一栏", "there is no such column", "请删去这一栏", "Leave it out."
            )
        elif not is_new and not column.editable:
            yield Fault(
                name,
                f"“{column.zh}”登记后不能更改",
                f"{column.en} cannot be changed once registered",
                "请撤下这一行后重新登记",
                "Withdraw the row and register it anew.",
            )
    for column in ledger.columns:
        if column.name in row:
            yield from value_faults(column, row[column.name])
        elif is_new and column.required:
            yield _empty(column)
    if ledger.check is not None:
        yield from ledger.check(row)


def value_faults(column: Column, value: Any) -> Iterator[Fault]:
    """What is wrong with one value in its plain form (see ColumnKind)."""
    if value is None or (isinstance(value, str) and not value.strip()):
        if column.required:
            yield _empty(column)
        return
    mark = mark_in_text(value) if isinstance(value, str) else ""
    if mark:
        yield _marked(column, mark)
        return
    yield from _FAULTS[column.kind](column, value)


def _marked(column: Column, mark: str) -> Fault:
    return Fault(
        column.name,
        f"“{column.zh}”带有密级标志“{mark}”，没有保存",
        f"{column.en} bears the mark of secrecy {mark} and was not kept",
        "本系统为非涉密系统，严禁填写秘密级及以上内容；如属误标，请改正标志后再填",
        "This system is not for state secrets; correct the mark if it is a mistake.",
    )


def _empty(column: Column) -> Fault:
    return Fault(
        column.name,
        f"“{column.zh}”没有填写",
        f"{column.en} is empty",
        f"请填写{column.zh}" + (f"，例如：{column.example}" if column.example else ""),
        "Fill it in" + (f", for example {column.example}." if column.example else "."),
    )


def _text(column: Column, value: Any) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _wrong(column, "应为文字", "must be text")
    elif len(value) > column.length_max:
        yield Fault(
            column.name,
            f"“{column.zh}”有 {len(value)} 个字，最多 {column.length_max} 个",
            f"{column.en} has {len(value)} characters, at most {column.length_max}",
            "请缩短",
            "Shorten it.",
        )
    elif _CONTROL.search(value):
        yield _wrong(column, "含有不可见的控制字符", "holds control characters")


def _phone(column: Column, value: Any) -> Iterator[Fault]:
    yield from _text(column, value)
    if isinstance(value, str) and not _can_be_dialled(value):
        yield Fault(
            column.name,
            f"“{column.zh}”不是电话号码",
            f"{column.en} is not a telephone number",
            "请只填数字，可带区号和分机，例如 00012345678",
            "Digits only, with area code and extension, for example 00012345678.",
        )


def _can_be_dialled(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 3 and _DIALLED.issuperset(value)


def _whole(column: Column, value: Any) -> Iterator[Fault]:
    least = 0 if column.least is None else column.least
    most = 2**31 - 1 if column.most is None else column.most
    if type(value) is not int or not least <= value <= most:
        yield Fault(
            column.name,
            f"“{column.zh}”应为 {least} 至 {most} 的整数",
            f"{column.en} must be a whole number from {least} to {most}",
            "请改为整数",
            "Give a whole number.",
        )


def _choice(column: Column, value: Any) -> Iterator[Fault]:
    if value not in {one.value for one in column.choices}:
        zh = "、".join(one.zh for one in column.choices)
        yield Fault(
            column.name,
            f"“{column.zh}”不在可选的范围内",
            f"{column.en} is none of the choices",
            f"请选：{zh}",
            "Choose one of: " + ", ".join(one.en for one in column.choices) + ".",
        )


def _place(column: Column, value: Any) -> Iterator[Fault]:
    if not isinstance(value, str) or not is_division_code(value) or len(value) < 12:
        yield Fault(
            column.name,
            f"“{column.zh}”不是行政区划代码",
            f"{column.en} is not the code of a place",
            "请填 12 位代码（网格 15 位、户长组 17 位）",
            "Give the code of 12 digits (grid 15, group 17).",
        )


def _reference(column: Column, value: Any) -> Iterator[Fault]:
    if type(value) is not int or not 0 < value < 1 << 63:
        yield _wrong(column, "没有指向一行登记", "does not refer to a row")


def _point(column: Column, value: Any) -> Iterator[Fault]:
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    if not is_pair or not all(type(one) is int for one in value):
        yield _wrong(column, "应为经度和纬度", "must be longitude and latitude")
    elif not (-180 * E7 <= value[0] <= 180 * E7 and -90 * E7 <= value[1] <= 90 * E7):
        yield _wrong(column, "超出了地球的范围", "lies outside the world")


def _outline(column: Column, value: Any) -> Iterator[Fault]:
    kinds = ("Polygon", "MultiPolygon")
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield _wrong(column, "应为面（Polygon）", "must be a polygon")
        return
    numbers = _numbers(value.get("coordinates"))
    if numbers is None or numbers < 8:
        yield _wrong(column, "的坐标残缺", "has broken coordinates")
    elif numbers > 2 * POINTS_PER_OUTLINE_MAX:
        yield _wrong(column, "的点太多，请简化", "has too many points; simplify it")


def _numbers(nested: Any) -> int | None:
    """How many numbers a nest of lists holds; None where something else is in it."""
    count = 0
    stack = [nested]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(one)
        elif type(one) in (int, float) and -180 <= one <= 180:
            count += 1
        else:
            return None
    return count


def _moment(column: Column, value: Any) -> Iterator[Fault]:
    if type(value) is not int or not 0 <= value <= MOMENT_MAX:
        yield _wrong(column, "不是有效的时间", "is not a moment")


def _flag(column: Column, value: Any) -> Iterator[Fault]:
    if type(value) is not bool:
        yield _wrong(column, "应为是或否", "must be yes or no")


def _wrong(column: Column, zh: str, en: str) -> Fault:
    return Fault(column.name, f"“{column.zh}”{zh}", f"{column.en} {en}", "请改正", "Correct it.")


_FAULTS: Mapping[ColumnKind, Callable[[Column, Any], Iterator[Fault]]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.WHOLE: _whole,
    ColumnKind.CHOICE: _choice,
    ColumnKind.PLACE: _place,
    ColumnKind.REFERENCE: _reference,
    ColumnKind.PHONE: _phone,
    ColumnKind.POINT: _point,
    ColumnKind.OUTLINE: _outline,
    ColumnKind.MOMENT: _moment,
    ColumnKind.FLAG: _flag,
}
