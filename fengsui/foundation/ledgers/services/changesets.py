"""Several changes as one step: opening and closing it."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.journal.services import command, common_place, record
from fengsui.foundation.ledgers import facts
from fengsui.foundation.ledgers.queries.steps import counts_of
from fengsui.standards.divisions import COUNTY_DIGITS, full_code

TITLE_LENGTH_MAX = 120
SOURCE_LENGTH_MAX = 200


@command
def open_change_set(
    *,
    viewer: Viewer,
    kind: str,
    title: str,
    ledger: str = "",
    source: str = "",
    scope: str = "",
    undoes: int | None = None,
    reason: str = "",
) -> bytes:
    """Begins a set of changes; facts recorded with the returned cause belong to it.

    `scope`: the place all its rows lie in; where it is not said, the smallest that holds every
    place whose registers the caller edits. The id of the set is `entity_id(cause)`.
    """
    place = scope or _place_of(viewer)
    require(viewer, Permission.EDIT_REGISTERS, place)
    fact = record(
        facts.CHANGE_SET_OPENED,
        fields={
            "kind": str(kind),
            "title": title.strip()[:TITLE_LENGTH_MAX],
            "ledger": ledger,
            "source": source[:SOURCE_LENGTH_MAX],
            "undoes": undoes,
            "reason": reason,
        },
        scope=place,
        viewer=viewer,
    )
    return fact.id


def close_change_set(*, viewer: Viewer, cause: bytes, kept: int = 0, **_: Any) -> dict[str, int]:
    """Says that a set is complete, and how many rows it registered, changed, withdrew, restored."""
    counts = {**counts_of(cause), "kept": kept}
    return _close(viewer=viewer, change_set_id=entity_id(cause), counts=counts, cause=cause)


@command
def _close(
    *, viewer: Viewer, change_set_id: int, counts: dict[str, int], cause: bytes
) -> dict[str, int]:
    from fengsui.foundation.ledgers.queries.changesets import gate_change_set

    row = gate_change_set(change_set_id, viewer=viewer)
    record(
        facts.CHANGE_SET_CLOSED,
        fields={"change_set_id": change_set_id, **counts},
        scope=row.place_code,
        viewer=viewer,
        cause=cause,
        about=[change_set_id],
    )
    return counts


def _place_of(viewer: Viewer) -> str:
    prefixes = [scope.prefix for scope in viewer.scopes(Permission.EDIT_REGISTERS)]
    if not prefixes:
        raise NOT_ALLOWED(permission=Permission.EDIT_REGISTERS.value, place="")
    if "" in prefixes:
        from fengsui.foundation.ledgers.queries.registry import top_place

        return top_place()
    return common_place([full_code(one.ljust(COUNTY_DIGITS, "0")) for one in prefixes])
