"""Edits by hand: each is a set of changes of its own, so that it can be taken back as one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.journal.services import command
from fengsui.foundation.ledgers import queries
from fengsui.foundation.ledgers.rules import Row
from fengsui.foundation.ledgers.services.changesets import close_change_set, open_change_set
from fengsui.foundation.ledgers.services.writing import change, create, restore, withdraw
from fengsui.foundation.ledgers.states import ChangeSetKind


@command
def register_one(*, viewer: Viewer, ledger: str, values: Row) -> Any:
    """Registers one row; its id."""

    def work(cause: bytes) -> Any:
        return create(viewer=viewer, ledger=ledger, rows=[values], cause=cause)[0]

    return _as_one_step(viewer, ledger, "登记", work)[0]


@command
def change_one(
    *, viewer: Viewer, ledger: str, row_id: Any, changes: Row, expected: Row
) -> dict[str, Any]:
    """Changes one row; refuses where a value that was seen is no longer there."""

    def work(cause: bytes) -> Mapping[str, int]:
        return change(
            viewer=viewer,
            ledger=ledger,
            changes=[[row_id, changes]],
            expected={row_id: expected},
            cause=cause,
        )

    done, one = _as_one_step(viewer, ledger, "更改", work)
    return {"count": done["changed"], "change_set_id": one}


@command
def withdraw_some(
    *, viewer: Viewer, ledger: str, ids: Sequence[Any], reason: str
) -> dict[str, Any]:
    """Withdraws rows as one step."""

    def work(cause: bytes) -> Mapping[str, int]:
        return withdraw(viewer=viewer, ledger=ledger, ids=ids, reason=reason, cause=cause)

    done, one = _as_one_step(viewer, ledger, "撤下", work)
    return {"count": done["withdrawn"], "change_set_id": one}


@command
def restore_some(*, viewer: Viewer, ledger: str, ids: Sequence[Any], reason: str) -> dict[str, Any]:
    """Puts withdrawn rows back as one step."""

    def work(cause: bytes) -> Mapping[str, int]:
        return restore(viewer=viewer, ledger=ledger, ids=ids, reason=reason, cause=cause)

    done, one = _as_one_step(viewer, ledger, "恢复", work)
    return {"count": done["restored"], "change_set_id": one}


def _as_one_step(
    viewer: Viewer, ledger: str, verb: str, work: Callable[[bytes], Any]
) -> tuple[Any, str]:
    declared = queries.ledger(ledger, viewer)
    cause = open_change_set(
        viewer=viewer, kind=ChangeSetKind.EDIT, title=f"{verb}{declared.zh}", ledger=ledger
    )
    done = work(cause)
    close_change_set(viewer=viewer, cause=cause)
    return done, str(entity_id(cause))
