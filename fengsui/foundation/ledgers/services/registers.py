"""Recording what changed in a register: one fact a jurisdiction, with the values before.

For the services of apps, which have checked the caller's right and the values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.facts import Audience, FactKind
from fengsui.foundation.journal.services import record
from fengsui.foundation.ledgers.apply import Register
from fengsui.foundation.ledgers.queries.shape import fact_value, nothing
from fengsui.foundation.ledgers.rules import by_scope
from fengsui.standards.divisions import county_of, township_of, village_of

ABOUT_MAX = 20  # a fact about more rows is in their history, not in the timeline of each
_SCOPES: Mapping[Audience, Callable[[str], str]] = {
    Audience.VILLAGE: village_of,
    Audience.TOWNSHIP: township_of,
    Audience.COUNTY: county_of,
    Audience.PUBLIC: township_of,
}


def scope_in(register: Register, place_code: str) -> str:
    """The place whose feed holds the facts about a row that lies at `place_code`."""
    return _SCOPES[register.kinds.changed.audience](place_code)


def register_rows(
    *,
    viewer: Viewer,
    register: Register,
    rows: Sequence[Mapping[str, Any]],
    cause: bytes | None = None,
    is_invented: bool = False,
) -> list[int]:
    """Rows of fields, as facts hold their values; their ids in the order of the rows.

    Fields that no row fills are left to what the model holds for nothing.
    """
    kind = register.kinds.registered
    if kind is None:
        raise TypeError(f"{register.name} has facts of its own for new rows")

    def send(scope: str, here: list[Mapping[str, Any]]) -> range:
        filled = [{**_nothing(register), **row} for row in here]
        fact = record(
            kind,
            fields={
                "count": len(filled),
                "is_invented": is_invented,
                "names": list(register.public),
                "rows": [[row[name] for name in register.public] for row in filled],
            },
            items=[{"values": [row[name] for name in register.private]} for row in filled],
            scope=scope,
            viewer=viewer,
            cause=cause,
        )
        return range(fact.entity(), fact.entity() + len(here))

    return by_scope(rows, lambda row: scope_in(register, row[register.place]), send)


def _nothing(register: Register) -> dict[str, Any]:
    return {name: nothing(register.model, name) for name in register.fields} | dict(
        register.private
    )


def change_rows(
    *,
    viewer: Viewer,
    register: Register,
    changes: Sequence[tuple[Any, Mapping[str, Any]]],
    cause: bytes | None = None,
) -> int:
    """Sets fields of rows, as facts hold their values; how many rows really changed.

    A value that stands there already is not said again.
    """
    held = _held(register, [key for key, _ in changes])
    news: dict[str, list[tuple[Any, dict[str, Any], dict[str, Any]]]] = {}
    for key, said in changes:
        row = held[key]
        before = {name: fact_value(register.model, name, row[name]) for name in said}
        values = {name: value for name, value in said.items() if value != before[name]}
        if values:
            scope = scope_in(register, row[register.place])
            require(viewer, Permission.EDIT_REGISTERS, row[register.place])
            news.setdefault(scope, []).append((key, values, {n: before[n] for n in values}))
    for scope, rows in news.items():
        _record_changes(viewer, register, scope, rows, cause)
    return sum(len(rows) for rows in news.values())


def _record_changes(
    viewer: Viewer,
    register: Register,
    scope: str,
    rows: Sequence[tuple[Any, Mapping[str, Any], Mapping[str, Any]]],
    cause: bytes | None,
) -> None:
    plain, items = [], []
    for key, values, before in rows:
        private = sorted(values.keys() & register.private.keys())
        plain.append([key, _without(values, private), _without(before, private), private])
        if private:
            items.append(
                {"key": key, "values": _only(values, private), "before": _only(before, private)}
            )
    keys = [key for key, _, _ in rows]
    record(
        register.kinds.changed,
        fields={"count": len(plain), "rows": plain},
        items=items,
        scope=scope,
        viewer=viewer,
        cause=cause,
        about=_about(keys),
    )


def withdraw_rows(
    *,
    viewer: Viewer,
    register: Register,
    keys: Sequence[Any],
    reason: str,
    cause: bytes | None = None,
) -> int:
    """Takes rows out of a register; the history keeps them. How many facts."""
    return _say(register.kinds.withdrawn, viewer, register, keys, reason, cause)


def restore_rows(
    *,
    viewer: Viewer,
    register: Register,
    keys: Sequence[Any],
    reason: str,
    cause: bytes | None = None,
) -> int:
    """Puts withdrawn rows back. How many facts."""
    return _say(register.kinds.restored, viewer, register, keys, reason, cause)


def _say(
    kind: FactKind,
    viewer: Viewer,
    register: Register,
    keys: Sequence[Any],
    reason: str,
    cause: bytes | None,
) -> int:
    by_scope: dict[str, list[Any]] = {}
    for key, row in _held(register, keys).items():
        require(viewer, Permission.EDIT_REGISTERS, row[register.place])
        by_scope.setdefault(scope_in(register, row[register.place]), []).append(key)
    for scope, those in by_scope.items():
        record(
            kind,
            fields={"count": len(those), "keys": those, "reason": reason},
            scope=scope,
            viewer=viewer,
            cause=cause,
            about=_about(those),
        )
    return len(by_scope)


def _held(register: Register, keys: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """The rows as the table holds them, in the order of the keys."""
    if not keys:
        return {}
    names = list(dict.fromkeys((register.model._meta.pk.attname, register.place, *register.fields)))
    found = register.model._default_manager.filter(pk__in=list(keys)).values(*names)
    rows = {row[names[0]]: row for row in found}
    return {key: rows[key] for key in keys if key in rows}


def _about(keys: Sequence[Any]) -> list[int]:
    return [key for key in keys if isinstance(key, int)] if len(keys) <= ABOUT_MAX else []


def _only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _without(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
