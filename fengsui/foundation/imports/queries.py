"""The reads on imports under way, mappings and exports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.imports.models import Export, Import, Mapping
from fengsui.foundation.ledgers.rules import Ledger

EXPORTS_SHOWN_MAX = 200
IMPORTS_SHOWN_MAX = 50


def own(import_id: str, *, viewer: Viewer) -> Import:
    """An import of the viewer's own; another's is not found, for it holds names and numbers."""
    found = Import.objects.filter(pk=import_id, person_id=viewer.person_id).first()
    if found is None:
        raise NOT_FOUND()
    return found


def recent(*, viewer: Viewer) -> list[Import]:
    """The viewer's imports on this machine, the latest first."""
    rows = Import.objects.filter(person_id=viewer.person_id).order_by("-created_at")
    return list(rows[:IMPORTS_SHOWN_MAX])


def mappings(ledger: Ledger, *, viewer: Viewer) -> list[dict[str, Any]]:
    """What offices in the viewer's places have saved for their sheets of this ledger."""
    rows = Mapping.objects.filter(
        visible(viewer, ledger.edit), ledger=ledger.name, is_dropped=False
    ).order_by("title", "pk")
    return [
        {
            "id": row.pk,
            "ledger": row.ledger,
            "title": row.title,
            "columns": json.loads(row.columns),
            "system": row.system,
            "place_code": row.place_code,
            "saved_at": row.saved_at,
            "is_own": row.saved_by == viewer.person_id,
        }
        for row in rows
    ]


def mapping(mapping_id: int, *, viewer: Viewer) -> Mapping:
    rows = Mapping.objects.filter(visible(viewer, Permission.EDIT_REGISTERS), is_dropped=False)
    found = rows.filter(pk=mapping_id).first()
    if found is None:
        raise NOT_FOUND()
    return found


def exports(*, viewer: Viewer, ledger: str = "", before: int | None = None) -> list[dict[str, Any]]:
    """Who took what out: one's own, and all in the places whose records one verifies."""
    seen = Export.objects.filter(visible(viewer, Permission.VERIFY_RECORD)) | Export.objects.filter(
        actor_id=viewer.person_id
    )
    if ledger:
        seen = seen.filter(ledger=ledger)
    if before is not None:
        seen = seen.filter(pk__lt=before)
    return [_export(row) for row in seen.order_by("-at", "-pk").distinct()[:EXPORTS_SHOWN_MAX]]


def exports_of(ledgers: Sequence[str], place_code: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """The exports that may hold a row of these ledgers at this place: of it or a place above."""
    rows = Export.objects.filter(visible(viewer, Permission.VERIFY_RECORD), ledger__in=ledgers)
    return [
        _export(row)
        for row in rows.order_by("-at", "-pk")
        if Scope.of(row.place_code).contains(place_code)
    ]


def _export(row: Export) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "ledger": row.ledger,
        "format": row.format,
        "rows_count": row.rows_count,
        "columns": json.loads(row.columns),
        "with_personal": row.with_personal,
        "reason": row.reason,
        "recipient": row.recipient,
        "actor_id": row.actor_id,
        "actor_name": row.actor_name,
        "place_code": row.place_code,
        "at": row.at,
    }
