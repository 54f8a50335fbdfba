"""The registers as imports and exports see them: looked up by the hundred, written by verbs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from fengsui.foundation.access.limits import Window
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports.rules.cells import Names
from fengsui.foundation.imports.rules.comparing import Held, Key
from fengsui.foundation.imports.rules.matching import Known, ReferenceIndex
from fengsui.foundation.imports.rules.phones import digits_of
from fengsui.foundation.imports.rules.placing import Place, PlaceIndex
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.ledgers.queries import PageRequest, changesets, paging, registry, rows
from fengsui.foundation.ledgers.rules import Ledger
from fengsui.foundation.ledgers.states import ChangeSetKind, ColumnKind, RowState
from fengsui.standards.divisions import VILLAGE_DIGITS, full_code

TITLE_LENGTH_MAX = 120
# Numbers of a sheet that are nobody's: an office's own list has few, a list of guesses only such.
NUMBER_GUESSES = Window(300, timedelta(hours=1))


def get(name: str, *, viewer: Viewer) -> Ledger:
    """The ledger, if the viewer may see any of its rows. Raises access.not_found."""
    return registry.ledger(name, viewer)


def office_of(viewer: Viewer) -> str:
    """The place a person acts for: where their first role is held. For facts about their doing."""
    prefix = min((grant.scope.prefix for grant in viewer.grants), key=len, default="")
    if viewer.is_node:
        prefix = node_prefix()
    return full_code(prefix) if len(prefix) >= VILLAGE_DIGITS else prefix.ljust(VILLAGE_DIGITS, "0")


def node_prefix() -> str:
    """Where the node is: the topmost place of its register, for what it does by itself."""
    places = registry.all_ledgers().get("places")
    if places is None:
        return ""
    found = places.register.model._default_manager.order_by("pk").values_list("pk", flat=True)
    return str(found.first() or "")


# --- looked up ------------------------------------------------------------------------------


def held_by_ids(ledger: Ledger, viewer: Viewer, ids: Collection[Any]) -> dict[str, Held]:
    """Rows in sight by the text of their id; what is no id of this ledger is left out."""
    field = ledger.register.model._meta.pk
    wanted: list[Any] = []
    for one in ids:
        text = str(one)
        if field.get_internal_type() == "CharField":
            wanted.append(text)
        elif text.isascii() and text.isdigit() and int(text) < 1 << 63:
            wanted.append(int(text))
    if not wanted:
        return {}
    found = rows.by_ids(ledger, wanted, viewer=viewer)
    return {str(key): _held(row) for key, row in found.items()}


def held_by_keys(ledger: Ledger, viewer: Viewer, keys: Collection[Key]) -> dict[Key, Held]:
    """Rows in sight by their natural key. One that stands goes before one that was withdrawn."""
    if not keys:
        return {}
    found = paging.by_keys(ledger.name, list(keys), viewer=viewer)
    return {key: _held(row) for key, row in found.items()}


def sets_of(
    ledger: Ledger, viewer: Viewer, ids: Sequence[Any]
) -> Mapping[Any, Sequence[Mapping[str, Any]]]:
    """What rows have of that of which they may have several (`Ledger.further`)."""
    return ledger.further.held(ids, viewer) if ledger.further is not None and ids else {}


def _held(row: rows.Shaped) -> Held:
    return Held(row["id"], row["values"], row["is_withdrawn"])


def place_index(viewer: Viewer, more: Sequence[Place] = ()) -> PlaceIndex:
    """The places a viewer may name: those in sight, the names of what is above them, and `more`."""
    places = registry.all_ledgers().get("places")
    if places is None:
        return PlaceIndex(more)
    model = places.register.model
    found = dict(
        rows.seen(places, viewer).filter(is_withdrawn=False).values_list("pk", "name").iterator()
    )
    prefixes = {scope.prefix for scope in viewer.scopes(places.see)}
    above = {
        full_code(prefix[:digits])
        for prefix in prefixes
        for digits in (2, 4, 6, 9, 12, 15)
        if digits < len(prefix)
    }
    found |= dict(model._default_manager.filter(pk__in=above).values_list("pk", "name"))
    found |= {one.code: one.name for one in more}
    return PlaceIndex(Place(code, name) for code, name in sorted(found.items()) if name)


def reference_index(name: str, viewer: Viewer) -> ReferenceIndex:
    """The rows of a ledger that others refer to, as offices call them."""
    ledger = registry.all_ledgers().get(name)
    if ledger is None or not viewer.scopes(ledger.see):
        return ReferenceIndex(())
    phones = [one.name for one in ledger.columns if one.kind is ColumnKind.PHONE]
    known = []
    for row in paging.every_row(ledger.name, PageRequest(), viewer=viewer):
        values = row["values"]
        numbers = tuple(digits_of(values[one]) for one in phones if values.get(one))
        title = str(values.get(ledger.title) or "")
        known.append(Known(row["id"], title, numbers, str(values.get(ledger.place) or "")))

    def may_miss() -> bool:
        return viewer.is_node or NUMBER_GUESSES.take(viewer.person_id, clock.now())

    return ReferenceIndex(known, may_miss)


# --- written --------------------------------------------------------------------------------


def open_set(viewer: Viewer, ledger: Ledger, file_name: str) -> bytes:
    """A new set of changes; its fact is the cause of everything the import writes."""
    cause: bytes = ledgers.open_change_set(
        viewer=viewer,
        kind=ChangeSetKind.IMPORT,
        title=f"导入{ledger.zh}：{file_name}"[:TITLE_LENGTH_MAX],
        ledger=ledger.name,
        source=file_name[:TITLE_LENGTH_MAX],
    )
    return cause


def close_set(viewer: Viewer, cause: bytes, *, rows_count: int) -> None:
    ledgers.close_change_set(viewer=viewer, cause=cause, rows=rows_count)


def create(
    ledger: Ledger, viewer: Viewer, given: Sequence[dict[str, Any]], cause: bytes
) -> list[Any]:
    created: list[Any] = ledgers.create(
        viewer=viewer, ledger=ledger.name, rows=list(given), cause=cause
    )
    return created


def change(
    ledger: Ledger, viewer: Viewer, changes: Sequence[tuple[Any, dict[str, Any]]], cause: bytes
) -> None:
    ledgers.change(
        viewer=viewer,
        ledger=ledger.name,
        changes=[[row_id, values] for row_id, values in changes],
        cause=cause,
    )


def add(
    ledger: Ledger, viewer: Viewer, given: Sequence[tuple[Any, dict[str, Any]]], cause: bytes
) -> None:
    ledgers.add_further(
        viewer=viewer,
        ledger=ledger.name,
        additions=[[row_id, values] for row_id, values in given],
        cause=cause,
    )


def restore(ledger: Ledger, viewer: Viewer, ids: Sequence[Any], cause: bytes) -> None:
    ledgers.restore(
        viewer=viewer, ledger=ledger.name, ids=list(ids), reason="导入的表格里有这一行", cause=cause
    )


# --- gone out -------------------------------------------------------------------------------


def chosen(
    ledger: Ledger, viewer: Viewer, query: Mapping[str, Any], most: int
) -> list[rows.Shaped]:
    """The rows that a list's query finds, unmasked, at most `most`. Raises ledgers.bad_query."""
    asked = PageRequest(
        order=str(query.get("order") or ""),
        under=str(query.get("under") or ""),
        q=str(query.get("q") or ""),
        state=str(query.get("state") or RowState.CURRENT),
        where=query.get("where") or None,
    )
    return list(islice(paging.every_row(ledger.name, asked, viewer=viewer), most))


def names_for(ledger: Ledger, found: Sequence[rows.Shaped], viewer: Viewer) -> Names:
    """How the places and rows are called that these rows speak of: a query for each ledger."""
    index = place_index(viewer)
    codes = {
        row["values"].get(column.name)
        for column in ledger.columns
        if column.kind is ColumnKind.PLACE
        for row in found
    }
    called: dict[tuple[str, int], str] = {}
    for column in ledger.columns:
        if column.kind is not ColumnKind.REFERENCE:
            continue
        ids = {row["values"].get(column.name) for row in found} - {None}
        texts = rows.names_of(column.reference, list(ids), viewer=viewer)
        called |= {(column.reference, one): text for one, text in texts.items()}
    personal = frozenset(
        name
        for name, declared in registry.all_ledgers().items()
        if (title := declared.column(declared.title)) is not None
        and (title.is_private or title.is_personal)
    )
    return Names({code: index.path(code) for code in codes if code}, called, personal)


def set_id(cause: Any) -> str | None:
    """The id of the set of changes that an import's facts belong to, as the API writes it."""
    return None if cause is None else str(entity_id(bytes(cause)))


def is_undone(cause: Any) -> bool:
    """Whether somebody has undone that set (and not undone the undoing)."""
    return cause is not None and bool(changesets.undone_by([entity_id(bytes(cause))]))
