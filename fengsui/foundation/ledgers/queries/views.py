"""The views of a ledger that somebody keeps, and those that others share."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.ledgers.models import SavedView
from fengsui.foundation.ledgers.queries.registry import ledger as ledger_of

VIEWS_MAX = 100


def views(name: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """One's own views of a ledger, and those that are shared by offices of one's places."""
    ledger = ledger_of(name, viewer)
    rows = SavedView.objects.filter(
        Q(owner_id=viewer.person_id) | (Q(is_shared=True) & visible(viewer, ledger.see)),
        ledger=name,
    ).order_by("title", "id")[:VIEWS_MAX]
    return [
        {
            "id": str(row.pk),
            "title": row.title,
            "query": json.loads(row.query),
            "columns": json.loads(row.columns),
            "is_shared": row.is_shared,
            "is_own": row.owner_id == viewer.person_id,
        }
        for row in rows
    ]
