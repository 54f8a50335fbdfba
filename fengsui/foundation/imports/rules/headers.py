"""Which row holds the headers, what each header means, and where the data ends. Pure.

An office's sheet begins with a title across all columns, often a line "填表单位… 日期…", then
headers of one or two rows, then the data with merged cells for the township, then a total and
notes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from fengsui.foundation.imports.rules.columns import Target
from fengsui.foundation.imports.rules.text import folded, plain

LOOKED_AT_ROWS = 40
HEADER_LENGTH_MAX = 40
_LIKENESS = 0.72
_SERIAL = frozenset({"序号", "编序", "no", "num", "项次", "行号"})
_NOTE = re.compile(
    r"^(注|备注|说明|填表|填报|制表|审核|复核|负责人签|单位负责|联系人[:：]|报送|合计|总计|小计|"
    r"本表|以上|※|\*|note|total|source)",
    re.IGNORECASE,
)
_NOTE_CELLS_MAX = 3

Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Guess:
    """`header_row` and `data_row` count from 0; `columns` is by place from the left."""

    header_row: int
    data_row: int
    headers: tuple[str, ...]
    columns: tuple[str | None, ...]
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range, rows and columns counted from 0, both ends inside."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Saved:
    """A mapping that an office keeps for its own sheet: folded header -> target or None."""

    columns: Mapping[str, str | None] = field(default_factory=dict)


def guess(
    rows: Sequence[Cells],
    targets: Sequence[Target],
    merged: Sequence[Merged] = (),
    saved: Saved | None = None,
) -> Guess:
    """The likeliest headers among the first rows. Row 0 where nothing looks like headers."""
    best = guess_at(0, rows, targets, merged, saved) if rows else Guess(0, 0, (), ())
    for index in range(1, min(len(rows), LOOKED_AT_ROWS)):
        found = guess_at(index, rows, targets, merged, saved)
        if found.score > best.score:
            best = found
    return best


def guess_at(
    index: int,
    rows: Sequence[Cells],
    targets: Sequence[Target],
    merged: Sequence[Merged] = (),
    saved: Saved | None = None,
) -> Guess:
    """What the headers mean if they stand in row `index` (and the one below, where it is two)."""
    headers = [plain(cell)[:HEADER_LENGTH_MAX] for cell in rows[index]]
    data_row = index + 1
    across = [one for one in merged if one.top == index and one.right > one.left]
    is_title = any(one.right - one.left + 1 >= max(len(headers) - 1, 2) for one in across)
    if across and not is_title and index + 1 < len(rows):
        headers = _two_rows(headers, rows[index + 1], across)
        data_row = index + 2
    headers = _told_apart(headers)
    columns, score = _mapped(headers, targets, saved)
    return Guess(index, data_row, tuple(headers), tuple(columns), score)


def _two_rows(upper: list[str], lower: Cells, across: Sequence[Merged]) -> list[str]:
    headers = list(upper)
    for one in across:
        for place in range(one.left, min(one.right + 1, len(lower))):
            below = plain(lower[place])
            while len(headers) <= place:
                headers.append("")
            group = upper[one.left] if one.left < len(upper) else ""
            headers[place] = f"{group}{below}"[:HEADER_LENGTH_MAX]
    return headers


def _told_apart(headers: Sequence[str]) -> list[str]:
    """电话, 电话 become 电话, 电话（2）: each can be mapped by itself."""
    seen: dict[str, int] = {}
    told = []
    for one in headers:
        seen[one] = seen.get(one, 0) + 1
        told.append(one if not one or seen[one] == 1 else f"{one}（{seen[one]}）")
    return told


def _mapped(
    headers: Sequence[str], targets: Sequence[Target], saved: Saved | None
) -> tuple[list[str | None], float]:
    """Best header for each target first; a target that takes several takes all that mean it."""
    scored: list[tuple[float, int, Target]] = []
    mapped: list[str | None] = [None] * len(headers)
    settled: set[int] = set()
    names = {one.name: one for one in targets}
    taken: set[str] = set()
    total = 0.0
    for place, header in enumerate(headers):
        if saved is not None and folded(header) in saved.columns:
            settled.add(place)
            mapped[place] = saved.columns[folded(header)]
            total += 1.0
            if (name := mapped[place]) in names and not names[name].takes_several:
                taken.add(name)
            continue
        scored += [
            (likeness, place, target)
            for target in targets
            if (likeness := _likeness(header, target)) >= _LIKENESS
        ]
    scored.sort(key=lambda one: (-one[0], one[1]))
    for likeness, place, target in scored:
        if place in settled or (target.name in taken):
            continue
        settled.add(place)
        mapped[place] = target.name
        total += likeness
        if not target.takes_several:
            taken.add(target.name)
    return mapped, total


@lru_cache(maxsize=512)
def _forms(target: Target) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A target's own names and the other words for it, folded once."""
    own = (folded(target.zh), folded(target.en), folded(target.name))
    return own, tuple(folded(one) for one in target.words)


@lru_cache(maxsize=4096)
def _likeness(header: str, target: Target) -> float:
    """1 for the column's own name, a little less for a word that means it, less for a near one."""
    name = folded(header)
    if not name or name in _SERIAL:
        return 0.0
    own, words = _forms(target)
    if name in own:
        return 1.0
    if name in words:
        return 0.95 - 0.001 * words.index(name)
    best, signs = 0.0, set(name)
    for form in (*own, *words):
        if len(form) < 2 or len(name) < 2:
            continue
        if name.endswith(form) or name.startswith(form):
            best = max(best, 0.75 + 0.15 * len(form) / len(name))
        elif len(name) > 2 and not signs.isdisjoint(form):
            ratio = difflib.SequenceMatcher(None, name, form, autojunk=False).ratio()
            best = max(best, ratio * 0.9)
    return best


def is_note(cells: Sequence[str], columns_count: int) -> bool:
    """A line below the data: a total, a remark, who filled it in. Not a row of the register."""
    filled = [text for text in cells if text]
    if not filled:
        return True
    if not _NOTE.match(filled[0].replace(" ", "")):
        return False
    first = filled[0].replace(" ", "")
    if re.match(r"^(合计|总计|小计|total)", first, re.IGNORECASE):
        return True
    return len(filled) <= min(_NOTE_CELLS_MAX, max(columns_count - 1, 1))


def fill_merged(rows: list[list[str]], merged: Sequence[Merged], data_row: int) -> None:
    """Writes the value of a merged cell into every row it covers, below the headers only."""
    for one in merged:
        if one.top < data_row or one.bottom <= one.top or one.top >= len(rows):
            continue
        top = rows[one.top]
        value = top[one.left] if one.left < len(top) else ""
        for index in range(one.top + 1, min(one.bottom + 1, len(rows))):
            row = rows[index]
            if one.left < len(row) and not row[one.left]:
                row[one.left] = value
