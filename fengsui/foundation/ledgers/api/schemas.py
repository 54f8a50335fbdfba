"""What ledgers say over HTTP, and in what form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from fengsui.foundation.ledgers.rules import PAGE_DEFAULT, PAGE_MAX
from fengsui.foundation.ledgers.states import RowState


class ChoiceOut(Schema):
    value: str
    zh: str
    en: str


class ColumnOut(Schema):
    """One column; `kind` says the plain form of its values."""

    name: str
    zh: str
    en: str
    kind: str
    required: bool
    is_key: bool
    is_private: bool
    is_personal: bool
    editable: bool
    sortable: bool
    filter: str
    choices: list[ChoiceOut]
    unit: str
    length_max: int
    least: int | None
    most: int | None
    reference: str
    hint_zh: str
    hint_en: str
    example: str
    is_shown: bool


class LedgerOut(Schema):
    name: str
    zh: str
    en: str
    title: str
    place: str
    may_edit: bool
    may_export: bool
    may_reveal: bool
    can_restore: bool
    columns: list[ColumnOut]
    rows_max: int


class LedgersOut(Schema):
    items: list[LedgerOut]


class LedgerRow(Schema):
    id: str
    values: dict[str, Any]
    shown: dict[str, str]
    is_withdrawn: bool
    is_invented: bool
    changed_at: datetime | None


class LedgerPage(Schema):
    """`total_is_least`: there are more than `total`. `text_match`: contains | begins | ""."""

    items: list[LedgerRow]
    next: str | None
    total: int
    total_is_least: bool
    text_match: str


class RowHistory(Schema):
    column: str
    field: str
    zh: str
    en: str
    shown: str
    before: str | None
    at: datetime
    by: str
    is_standing: bool
    note: str
    change_set_id: str | None


class RowWithHistory(LedgerRow):
    may_edit: bool
    may_reveal: bool
    history: list[RowHistory]


class LedgerRowIn(Schema):
    values: dict[str, Any]


class ChangesIn(Schema):
    """`expected`: what stood there when the form was opened, personal values as shown."""

    changes: dict[str, Any]
    expected: dict[str, Any] = Field(default_factory=dict)


class RowsChosen(Schema):
    ids: list[str]
    reason: str


class RowsDone(Schema):
    count: int
    change_set_id: str | None


class RevealColumn(Schema):
    column: str
    reason: str


class RevealedValue(Schema):
    value: Any


class ViewOut(Schema):
    id: str
    title: str
    query: dict[str, Any]
    columns: list[str]
    is_shared: bool
    is_own: bool


class ViewsOut(Schema):
    items: list[ViewOut]


class ViewIn(Schema):
    title: str
    query: dict[str, Any] = Field(default_factory=dict)
    columns: list[str] = Field(default_factory=list)
    is_shared: bool = False


class ViewId(Schema):
    id: str


class ChangeSetOut(Schema):
    id: str
    kind: str
    title: str
    ledger: str
    source: str
    reason: str
    undoes: str | None
    by: str
    at: datetime
    closed_at: datetime | None
    created: int | None
    changed: int | None
    withdrawn: int | None
    restored: int | None
    kept: int | None
    undone_by: str | None
    may_undo: bool


class ChangeSetsOut(Schema):
    items: list[ChangeSetOut]
    next: str | None


class UndoIn(Schema):
    reason: str


class KeptOut(Schema):
    ledger: str
    id: str
    field: str
    zh: str
    en: str


class UndoneOut(Schema):
    change_set_id: str
    undone: int
    kept: list[KeptOut]
    kept_count: int


class LedgerQuery(Schema):
    limit: int = Field(PAGE_DEFAULT, ge=1, le=PAGE_MAX)
    after: str = ""
    order: str = ""
    under: str = ""
    q: str = ""
    state: str = RowState.CURRENT.value
    where: str = ""
