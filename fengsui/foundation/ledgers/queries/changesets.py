"""The reads on what changed: the history of a row, and changes that were one step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import facts_by_id
from fengsui.foundation.ledgers.facts import WITHDRAWN
from fengsui.foundation.ledgers.models import ChangeSet, RowChange
from fengsui.foundation.ledgers.queries.registry import all_ledgers
from fengsui.foundation.ledgers.queries.rows import Shaped, names_of, reference_of
from fengsui.foundation.ledgers.queries.shape import POINT_FIELDS
from fengsui.foundation.ledgers.rules import Column, Ledger, masked
from fengsui.foundation.ledgers.states import ColumnKind

HISTORY_MAX = 200
SETS_MAX = 50
KEPT_SHOWN_MAX = 200
_ENDED = {WITHDRAWN: ("状态", "State"), "until_at": ("任岗止", "Until")}


@lru_cache(maxsize=1)
def registers_by_name() -> Mapping[str, Any]:
    """Every register that a ledger shows, by its name."""
    found: dict[str, Any] = {}
    for ledger in all_ledgers().values():
        found.setdefault(ledger.register.name, ledger.register)
    return found


def history(ledger: Ledger, row: Shaped, *, viewer: Viewer) -> list[dict[str, Any]]:
    """What was said of a row in sight since it was registered, the latest first; the losers too.

    {"column", "field", "zh", "en", "shown", "before", "at", "by", "is_standing", "note",
    "change_set_id"}. `before`: of the oldest change of a field, what stood there until then, where
    the fact says so; None otherwise, as an older entry has it.
    """
    rows = list(
        RowChange.objects.filter(row_key=str(row["id"]), register=ledger.register.name).order_by(
            "-clock", "id"
        )[:HISTORY_MAX]
    )
    people = names_of("persons", [one.actor_id for one in rows if one.actor_id], viewer=viewer)
    said = [(one, _column(ledger, one.field), json.loads(one.value)) for one in rows]
    befores = _befores(ledger, said)
    names = _reference_names([*said, *befores.values()], viewer)
    seen: set[str] = set()
    found = []
    for one, column, value in said:
        zh, en = (column.zh, column.en) if column else _ENDED.get(one.field, (one.field, one.field))
        found.append(
            {
                "column": column.name if column else "",
                "field": one.field,
                "zh": zh,
                "en": en,
                "shown": _shown(column, one.field, value, names),
                "before": None if one.pk not in befores else _before_shown(befores[one.pk], names),
                "at": one.at,
                "by": people.get(one.actor_id, "") if one.actor_id else "",
                "is_standing": one.field not in seen,
                "note": one.note,
                "change_set_id": _set_id(one.cause),
            }
        )
        seen.add(one.field)
    return [each for each in found if each["field"] != POINT_FIELDS[1]]


def _befores(
    ledger: Ledger, said: Sequence[tuple[RowChange, Column | None, Any]]
) -> dict[int, tuple[RowChange, Column | None, Any]]:
    """The oldest change of each field with what its fact says of the value before: by its id."""
    oldest = {one.field: (one, column) for one, column, _ in said}
    facts = facts_by_id(bytes(one.fact_id) for one, _ in oldest.values())
    kind = ledger.register.kinds.changed.name
    found: dict[int, tuple[RowChange, Column | None, Any]] = {}
    for one, column in oldest.values():
        fact = facts.get(bytes(one.fact_id))
        if one.field == WITHDRAWN:
            found[one.pk] = (one, column, not json.loads(one.value))
        elif fact is not None and fact.kind == kind:
            before = _before_in(fact, one.row_key)
            if one.field in before:
                found[one.pk] = (one, column, before[one.field])
    return found


def _before_in(fact: Fact, row_key: str) -> dict[str, Any]:
    """What the fact says that stood in a row before it; personal values unless they are erased."""
    before: dict[str, Any] = {}
    for key, _, public, _ in fact.fields["rows"]:
        if str(key) == row_key:
            before |= public
    for item in fact.items:
        if item is not None and str(item["key"]) == row_key:
            before |= item["before"] or {}
    return before


def _set_id(cause: Any) -> str | None:
    from fengsui.foundation.journal.facts import entity_id

    return None if cause is None else str(entity_id(bytes(cause)))


def _column(ledger: Ledger, field: str) -> Column | None:
    wanted = "point" if field in POINT_FIELDS else None
    return next(
        (
            one
            for one in ledger.columns
            if one.is_stored and (one.attribute == field or one.kind.value == wanted)
        ),
        None,
    )


def _reference_names(
    said: Sequence[tuple[RowChange, Column | None, Any]], viewer: Viewer
) -> dict[str, Mapping[Any, str]]:
    wanted: dict[str, set[Any]] = {}
    for _, column, value in said:
        target = reference_of(column) if column is not None else ""
        if target and value is not None:
            wanted.setdefault(target, set()).add(value)
    return {target: names_of(target, list(ids), viewer=viewer) for target, ids in wanted.items()}


def _shown(
    column: Column | None, field: str, value: Any, names: Mapping[str, Mapping[Any, str]]
) -> str:
    if field == WITHDRAWN:
        return "撤下" if value else "恢复"
    if value is None or value == "":
        return "（空）"
    if column is None:
        return str(value)
    if column.is_personal and isinstance(value, str):
        return masked(value)
    if column.kind is ColumnKind.CHOICE:
        return next((one.zh for one in column.choices if one.value == str(value)), str(value))
    if column.kind is ColumnKind.OUTLINE:
        return "（范围）"
    if column.kind is ColumnKind.POINT:
        return "（位置）"
    target = reference_of(column)
    if target:
        return str(names.get(target, {}).get(value, value))
    return str(value)


def _before_shown(
    said: tuple[RowChange, Column | None, Any], names: Mapping[str, Mapping[Any, str]]
) -> str:
    one, column, value = said
    if one.field == WITHDRAWN:
        return "撤下" if value else "在册"
    return _shown(column, one.field, value, names)


# --- changes that were one step -------------------------------------------------------------


def change_sets(*, viewer: Viewer, after: str = "", limit: int = SETS_MAX) -> dict[str, Any]:
    """The sets of changes in places whose registers the viewer edits, the latest first."""
    rows = ChangeSet.objects.filter(visible(viewer, Permission.EDIT_REGISTERS))
    if after:
        rows = rows.filter(pk__in=_before(after, rows))
    found = list(rows.order_by("-opened_at", "-id")[: limit + 1])
    items = _sets(found[:limit], viewer)
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None}


def _before(after: str, rows: Any) -> Any:
    from django.db.models import Q

    mark = ChangeSet.objects.filter(pk=int(after) if after.isdigit() else 0).first()
    if mark is None:
        raise NOT_FOUND()
    older = Q(opened_at__lt=mark.opened_at) | Q(opened_at=mark.opened_at, id__lt=mark.pk)
    return rows.filter(older).values("pk")


def change_set(change_set_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One set of changes; raises access.not_found out of sight."""
    row = gate_change_set(change_set_id, viewer=viewer)
    return _sets([row], viewer)[0]


def gate_change_set(change_set_id: int, *, viewer: Viewer) -> ChangeSet:
    row = ChangeSet.objects.filter(
        visible(viewer, Permission.EDIT_REGISTERS), pk=change_set_id
    ).first()
    if row is None:
        raise NOT_FOUND()
    return row


def _sets(rows: Sequence[ChangeSet], viewer: Viewer) -> list[dict[str, Any]]:
    undone = undone_by([row.pk for row in rows])
    people = names_of("persons", [row.actor_id for row in rows if row.actor_id], viewer=viewer)
    return [
        {
            "id": str(row.pk),
            "kind": row.kind,
            "title": row.title,
            "ledger": row.ledger,
            "source": row.source,
            "reason": row.reason,
            "undoes": None if row.undoes is None else str(row.undoes),
            "by": people.get(row.actor_id, "") if row.actor_id else "",
            "at": row.opened_at,
            "closed_at": row.closed_at,
            "created": row.created,
            "changed": row.changed,
            "withdrawn": row.withdrawn,
            "restored": row.restored,
            "kept": row.kept,
            "undone_by": undone.get(row.pk),
            "may_undo": row.pk not in undone
            and viewer.may(Permission.EDIT_REGISTERS, row.place_code),
        }
        for row in rows
    ]


def undone_by(ids: Sequence[int]) -> dict[int, str]:
    """Set -> the set that undid it and is itself not undone; those still under way left out."""
    frontier = list(ids)
    edges: dict[int, list[int]] = {}
    while frontier:
        found = list(
            ChangeSet.objects.filter(undoes__in=frontier, closed_at__isnull=False)
            .order_by("id")
            .values_list("undoes", "pk")
        )
        for undone, undoer in ((one, other) for one, other in found if one is not None):
            edges.setdefault(undone, []).append(undoer)
        frontier = [undoer for _, undoer in found]
    stands: dict[int, bool] = {}

    def is_in_force(one: int) -> bool:
        if one not in stands:
            stands[one] = not any(is_in_force(undoer) for undoer in edges.get(one, ()))
        return stands[one]

    return {
        one: str(next(undoer for undoer in edges[one] if is_in_force(undoer)))
        for one in ids
        if one in edges and not is_in_force(one)
    }
