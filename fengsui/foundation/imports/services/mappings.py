"""Mappings that an office keeps for its own sheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.imports import facts, queries
from fengsui.foundation.imports.errors import BAD_MAPPING, TITLE_NEEDED
from fengsui.foundation.imports.rules.columns import targets_of
from fengsui.foundation.imports.rules.points import SYSTEMS
from fengsui.foundation.imports.rules.tables import COLUMNS_MAX
from fengsui.foundation.imports.rules.text import folded
from fengsui.foundation.imports.services import registers
from fengsui.foundation.journal.services import command, record

TITLE_LENGTH_MAX = 60


@command
def save_mapping(
    *,
    viewer: Viewer,
    ledger: str,
    title: str,
    columns: Mapping[str, str | None],
    system: str = "wgs84",
) -> dict[str, Any]:
    """Keeps which header of a sheet stands for which column. `columns`: header -> target or None.

    Of two with one title in one office the later stands. Raises imports.title_needed,
    imports.bad_mapping, access.not_allowed.
    """
    declared = registers.get(ledger, viewer=viewer)
    scope = registers.office_of(viewer)
    require(viewer, declared.edit, scope)
    title = title.strip()
    if not 0 < len(title) <= TITLE_LENGTH_MAX:
        raise TITLE_NEEDED(most=TITLE_LENGTH_MAX)
    targets = {target.name for target in targets_of(declared.columns)}
    kept = {folded(header): target for header, target in columns.items() if folded(header)}
    for header, target in columns.items():
        if target is not None and target not in targets:
            raise BAD_MAPPING(header=header, column=target, zh="没有这一栏", en="no such column")
    if not kept or len(kept) > COLUMNS_MAX or system not in SYSTEMS:
        raise BAD_MAPPING(header="", column="", zh="没有可保存的列", en="there is nothing to keep")
    for one in queries.mappings(declared, viewer=viewer):
        if one["title"] == title and one["place_code"] == scope:
            fields = {"mapping_id": one["id"]}
            record(facts.MAPPING_DROPPED, fields=fields, scope=scope, viewer=viewer)
    fact = record(
        facts.MAPPING_SAVED,
        fields={"ledger": ledger, "title": title, "columns": kept, "system": system},
        scope=scope,
        viewer=viewer,
    )
    return {"id": fact.entity()}


@command
def drop_mapping(*, viewer: Viewer, mapping_id: int) -> dict[str, Any]:
    """Drops a mapping of one's own office. Raises access.not_found, access.not_allowed."""
    found = queries.mapping(mapping_id, viewer=viewer)
    require(viewer, Permission.EDIT_REGISTERS, found.place_code)
    record(
        facts.MAPPING_DROPPED,
        fields={"mapping_id": mapping_id},
        scope=found.place_code,
        viewer=viewer,
    )
    return {"id": mapping_id}
