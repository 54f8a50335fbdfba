"""Ledgers over HTTP: one set of endpoints for every register.

Ids and references are strings here; everything else is in its plain form (states.ColumnKind).
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.ledgers import queries, services
from fengsui.foundation.ledgers.api.schemas import (
    ChangeSetOut,
    ChangeSetsOut,
    ChangesIn,
    LedgerPage,
    LedgerQuery,
    LedgerRowIn,
    LedgersOut,
    RevealColumn,
    RevealedValue,
    RowsChosen,
    RowsDone,
    RowWithHistory,
    UndoIn,
    UndoneOut,
    ViewId,
    ViewIn,
    ViewsOut,
)
from fengsui.foundation.ledgers.api.shape import (
    id_in,
    ledger_plain,
    number,
    row_plain,
    values_in,
    where,
    whole,
)
from fengsui.foundation.ledgers.services import editing

router = Router(tags=["ledgers"])


@router.get("/ledgers", response=LedgersOut)
def list_ledgers(request: HttpRequest) -> dict[str, Any]:
    """The ledgers of which the caller may see any row, with their columns."""
    viewer = signed_in(request)
    return {"items": [ledger_plain(one, viewer) for one in queries.ledgers(viewer)]}


@router.get("/ledgers/{name}/rows", response=LedgerPage)
def list_rows(request: HttpRequest, name: str, asked: Query[LedgerQuery]) -> dict[str, Any]:
    """One page of the rows in sight. `where`: JSON {column: value, or [from, to] of a range}."""
    viewer = signed_in(request)
    plain = asked.dict()
    found = queries.page(
        name, queries.PageRequest(**{**plain, "where": where(plain["where"])}), viewer=viewer
    )
    ledger = queries.ledger(name, viewer)
    return {**found, "items": [row_plain(ledger, one) for one in found["items"]]}


@router.post("/ledgers/{name}/rows", response=RowWithHistory)
def register_row(request: HttpRequest, name: str, body: LedgerRowIn) -> dict[str, Any]:
    """Registers a row; refused with its faults, each with the fix."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    row_id = editing.register_one(viewer=viewer, ledger=name, values=values_in(ledger, body.values))
    return whole(ledger, row_id, viewer)


@router.get("/ledgers/{name}/rows/{row_id}", response=RowWithHistory)
def read_row(request: HttpRequest, name: str, row_id: str) -> dict[str, Any]:
    """One row with everything that was said of it since it was registered."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    return whole(ledger, id_in(ledger, row_id), viewer)


@router.patch("/ledgers/{name}/rows/{row_id}", response=RowWithHistory)
def change_row(request: HttpRequest, name: str, row_id: str, body: ChangesIn) -> dict[str, Any]:
    """Changes values; 409 with both where somebody else has changed one meanwhile."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    one = id_in(ledger, row_id)
    editing.change_one(
        viewer=viewer,
        ledger=name,
        row_id=one,
        changes=values_in(ledger, body.changes),
        expected=values_in(ledger, body.expected),
    )
    return whole(ledger, one, viewer)


@router.post("/ledgers/{name}/withdraw", response=RowsDone)
def withdraw_rows(request: HttpRequest, name: str, body: RowsChosen) -> dict[str, Any]:
    """Takes rows out of the ledger; they stay readable and can be put back."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    ids = [id_in(ledger, one) for one in body.ids]
    return editing.withdraw_some(viewer=viewer, ledger=name, ids=ids, reason=body.reason)


@router.post("/ledgers/{name}/restore", response=RowsDone)
def restore_rows(request: HttpRequest, name: str, body: RowsChosen) -> dict[str, Any]:
    """Puts withdrawn rows back."""
    viewer = signed_in(request)
    ledger = queries.ledger(name, viewer)
    ids = [id_in(ledger, one) for one in body.ids]
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
        row_id=id_in(ledger, row_id),
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
    return services.forget_view(viewer=signed_in(request), ledger=name, view_id=number(view_id))


@router.get("/change-sets", response=ChangeSetsOut)
def list_change_sets(request: HttpRequest, after: str = "") -> dict[str, Any]:
    """Imports, merges, edits and undos in one's places, the latest first."""
    return queries.change_sets(viewer=signed_in(request), after=after)


@router.get("/change-sets/{change_set_id}", response=ChangeSetOut)
def read_change_set(request: HttpRequest, change_set_id: str) -> dict[str, Any]:
    """One set of changes."""
    return queries.change_set(number(change_set_id), viewer=signed_in(request))


@router.post("/change-sets/{change_set_id}/undo", response=UndoneOut)
def undo_change_set(request: HttpRequest, change_set_id: str, body: UndoIn) -> dict[str, Any]:
    """Takes a set of changes back; what somebody changed later stays, and is named."""
    found = services.undo(
        viewer=signed_in(request), change_set_id=number(change_set_id), reason=body.reason
    )
    return {**found, "change_set_id": str(found["change_set_id"])}
