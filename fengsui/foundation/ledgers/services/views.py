"""Keeping and forgetting a view of a ledger: no fact, since it says nothing about the county."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, common_place
from fengsui.foundation.ledgers import queries
from fengsui.foundation.ledgers.errors import BAD_QUERY, TOO_MANY_VIEWS
from fengsui.foundation.ledgers.models import SavedView
from fengsui.foundation.ledgers.rules import Ledger
from fengsui.standards.divisions import full_code

VIEWS_PER_PERSON = 50
TITLE_LENGTH_MAX = 40
QUERY_LENGTH_MAX = 2_000


@command
def save_view(
    *,
    viewer: Viewer,
    ledger: str,
    title: str,
    query: Mapping[str, Any],
    columns: Sequence[str],
    is_shared: bool,
) -> dict[str, Any]:
    """Keeps a view; one of the same title and owner is replaced."""
    declared = queries.ledger(ledger, viewer)
    title = title.strip()
    text = json.dumps(dict(query), ensure_ascii=False, sort_keys=True)
    if not 0 < len(title) <= TITLE_LENGTH_MAX or len(text) > QUERY_LENGTH_MAX:
        raise BAD_QUERY(zh=f"名称为 1 至 {TITLE_LENGTH_MAX} 字", en="the title or the filter")
    if any(declared.column(name) is None for name in columns):
        raise BAD_QUERY(zh="没有这一栏", en="there is no such column")
    own = SavedView.objects.filter(owner_id=viewer.person_id)
    if own.exclude(ledger=ledger, title=title).count() >= VIEWS_PER_PERSON:
        raise TOO_MANY_VIEWS(most=VIEWS_PER_PERSON)
    row, _ = SavedView.objects.update_or_create(
        owner_id=viewer.person_id,
        ledger=ledger,
        title=title,
        defaults={
            "place_code": _office(viewer, declared),
            "query": text,
            "columns": json.dumps(list(columns)),
            "is_shared": is_shared,
            "saved_at": clock.now(),
        },
    )
    return {"id": str(row.pk)}


@command
def forget_view(*, viewer: Viewer, ledger: str, view_id: int) -> dict[str, Any]:
    """Forgets one of one's own views; others' are not found."""
    queries.ledger(ledger, viewer)
    count, _ = SavedView.objects.filter(
        pk=view_id, ledger=ledger, owner_id=viewer.person_id
    ).delete()
    if not count:
        raise NOT_FOUND()
    return {"id": str(view_id)}


def _office(viewer: Viewer, ledger: Ledger) -> str:
    """The smallest place that holds all that the owner sees of the ledger."""
    prefixes = [scope.prefix for scope in viewer.scopes(ledger.see)]
    codes = [full_code(one.ljust(6, "0")) for one in prefixes if one]
    return common_place(codes) if codes else ""
