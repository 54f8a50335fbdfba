"""Ledgers over HTTP: one set of endpoints for every register.

Ids and references are strings here; everything else is in its plain form (states.ColumnKind).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers import queries, services
from fengsui.foundation.ledgers.errors import BAD_QUERY
from fengsui.foundation.ledgers.rules import PAGE_DEFAULT, PAGE_MAX, Column, Ledger
from fengsui.foundation.ledgers.services import editing
from fengsui.foundation.ledgers.states import ColumnKind, RowState

router = Router(tags=["ledgers"])

WHERE_LENGTH_MAX = 2_000
_ID_MAX = 1 << 63


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


@router.get("/ledgers", response=LedgersOut)
def list_ledgers(request: HttpRequest) -> dict[str, Any]:
    """The ledgers of which the caller may see any row, with their columns."""
    viewer = signed_in(request)
    return {"items": [_ledger(one, viewer) for one in queries.ledgers(viewer)]}


@router.get("/ledgers/{name}/rows", response=LedgerPage)
def list_rows(request: HttpRequest, name: str, asked: Query[LedgerQuery]) -> dict[str, Any]:
    """One page of the rows in sight. `where`: JSON {column: value, or [from, to] of a range}."""
    viewer = signed_in(request)
    plain = asked.dict()
    found = queries.page(
        name, queries.PageRequest(**{**plain, "where": _where(plain["where"])}), viewer=viewer
    )
    ledger = queries.ledger(name, viewer)
    return {**found, "items": [_row(ledger, one) for one in found["items"]]}


@router.post("/ledgers/{name}/rows", response=RowWithHistory)
def register_row(request: HttpRequest, name: str, body: LedgerRowIn) -> dict[str, Any]:
    """Registers a row; refused with its faults, each with the fix."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    row_id = editing.register_one(
        viewer=viewer, ledger=name, values=_values_in(ledger, body.values)
    )
    return _whole(ledger, row_id, viewer)


@router.get("/ledgers/{name}/rows/{row_id}", response=RowWithHistory)
def read_row(request: HttpRequest, name: str, row_id: str) -> dict[str, Any]:
    """One row with everything that was said of it since it was registered."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    return _whole(ledger, _id_in(ledger, row_id), viewer)


@router.patch("/ledgers/{name}/rows/{row_id}", response=RowWithHistory)
def change_row(request: HttpRequest, name: str, row_id: str, body: ChangesIn) -> dict[str, Any]:
    """Changes values; 409 with both where somebody else has changed one meanwhile."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    one = _id_in(ledger, row_id)
    editing.change_one(
        viewer=viewer,
        ledger=name,
        row_id=one,
        changes=_values_in(ledger, body.changes),
        expected=_values_in(ledger, body.expected),
    )
    return _whole(ledger, one, viewer)


@router.post("/ledgers/{name}/withdraw", response=RowsDone)
def withdraw_rows(request: HttpRequest, name: str, body: RowsChosen) -> dict[str, Any]:
    """Takes rows out of the ledger; they stay readable and can be put back."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    ids = [_id_in(ledger, one) for one in body.ids]
    return editing.withdraw_some(viewer=viewer, ledger=name, ids=ids, reason=body.reason)


@router.post("/ledgers/{name}/restore", response=RowsDone)
def restore_rows(request: HttpRequest, name: str, body: RowsChosen) -> dict[str, Any]:
    """Puts withdrawn rows back."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    ids = [_id_in(ledger, one) for one in body.ids]
    return editing.restore_some(viewer=viewer, ledger=name, ids=ids, reason=body.reason)


@router.post("/ledgers/{name}/rows/{row_id}/reveal", response=RevealedValue)
def reveal_value(
    request: HttpRequest, name: str, row_id: str, body: RevealColumn
) -> dict[str, Any]:
    """The full value of a masked column, for a reason that is recorded."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    return services.reveal(
        viewer=viewer,
        ledger=name,
        row_id=_id_in(ledger, row_id),
        column=body.column,
        reason=body.reason,
    )


@router.get("/ledgers/{name}/views", response=ViewsOut)
def list_views(request: HttpRequest, name: str) -> dict[str, Any]:
    """One's own saved views of a ledger, and those that colleagues share."""
    return {"items": queries.views(name, viewer=signed_in(request))}


@router.post("/ledgers/{name}/views", response=ViewId)
def keep_view(request: HttpRequest, name: str, body: ViewIn) -> dict[str, Any]:
    """Keeps a view; one of the same title is replaced."""
    return services.save_view(viewer=signed_in(request), ledger=name, **body.dict())


@router.delete("/ledgers/{name}/views/{view_id}", response=ViewId)
def forget_view(request: HttpRequest, name: str, view_id: str) -> dict[str, Any]:
    """Forgets one of one's own views."""
    return services.forget_view(viewer=signed_in(request), ledger=name, view_id=_number(view_id))


@router.get("/change-sets", response=ChangeSetsOut)
def list_change_sets(request: HttpRequest, after: str = "") -> dict[str, Any]:
    """Imports, merges, edits and undos in one's places, the latest first."""
    return queries.change_sets(viewer=signed_in(request), after=after)


@router.get("/change-sets/{change_set_id}", response=ChangeSetOut)
def read_change_set(request: HttpRequest, change_set_id: str) -> dict[str, Any]:
    """One set of changes."""
    return queries.change_set(_number(change_set_id), viewer=signed_in(request))


@router.post("/change-sets/{change_set_id}/undo", response=UndoneOut)
def undo_change_set(request: HttpRequest, change_set_id: str, body: UndoIn) -> dict[str, Any]:
    """Takes a set of changes back; what somebody changed later stays, and is named."""
    found = services.undo(
        viewer=signed_in(request), change_set_id=_number(change_set_id), reason=body.reason
    )
    return {**found, "change_set_id": str(found["change_set_id"])}


# --- from and to JSON -----------------------------------------------------------------------


def _ledger(ledger: Ledger, viewer: Viewer) -> dict[str, Any]:
    may_edit = bool(viewer.scopes(ledger.edit))
    return {
        "name": ledger.name,
        "zh": ledger.zh,
        "en": ledger.en,
        "title": ledger.title,
        "place": ledger.place,
        "may_edit": may_edit,
        "may_export": may_edit,
        "may_reveal": bool(viewer.scopes(Permission.REVEAL_PERSONAL)),
        "can_restore": ledger.can_restore,
        "columns": [_column(one) for one in ledger.columns],
        "rows_max": ledger.rows_max,
    }


def _column(column: Column) -> dict[str, Any]:
    names = ColumnOut.model_fields
    plain = {name: getattr(column, name) for name in names if name != "choices"}
    return {
        **plain,
        "kind": column.kind.value,
        "filter": column.filter.value,
        "choices": [{"value": str(o.value), "zh": o.zh, "en": o.en} for o in column.choices],
    }


def _row(ledger: Ledger, row: Mapping[str, Any]) -> dict[str, Any]:
    references = {one.name for one in ledger.columns if one.kind is ColumnKind.REFERENCE}
    values = {
        name: str(value) if name in references and value is not None else value
        for name, value in row["values"].items()
    }
    return {**row, "id": str(row["id"]), "values": values}


def _whole(ledger: Ledger, row_id: Any, viewer: Viewer) -> dict[str, Any]:
    row = queries.one(ledger, row_id, viewer=viewer)
    shown = queries.for_people(ledger, [row], viewer=viewer)[0]
    return {
        **_row(ledger, shown),
        "may_edit": viewer.may(ledger.edit, row["place"]),
        "may_reveal": viewer.may(Permission.REVEAL_PERSONAL, row["place"]),
        "history": queries.history(ledger, row, viewer=viewer),
    }


def _values_in(ledger: Ledger, values: Mapping[str, Any]) -> dict[str, Any]:
    """References come as strings; anything else stays as it came and is judged by the rules."""
    references = {one.name for one in ledger.columns if one.kind is ColumnKind.REFERENCE}
    return {
        name: _reference_in(value) if name in references else value
        for name, value in values.items()
    }


def _reference_in(value: Any) -> Any:
    is_id = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
    return int(value) if is_id else (value or None)


def _id_in(ledger: Ledger, text: str) -> Any:
    """The key of a row: the code of a place as it is, an id as a number."""
    is_text = ledger.register.model._meta.pk.get_internal_type() == "CharField"
    return text if is_text else _number(text)


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and int(text) < _ID_MAX else 0


def _where(text: str) -> Mapping[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text) if len(text) <= WHERE_LENGTH_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BAD_QUERY(zh="筛选不是 JSON 对象", en="the filter is not a JSON object")
    return found
