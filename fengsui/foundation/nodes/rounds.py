"""A parent's rounds: it signs how far it holds the feeds below it, and closes the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.nodes import queries, witnessing
from fengsui.foundation.nodes.errors import NO_CERTIFICATE
from fengsui.foundation.nodes.facts import DAY_CLOSED, WITNESSED


@command
def witness(*, viewer: Viewer) -> dict[str, Any]:
    """Signs how far this node holds the feeds of those below it. The job calls it.

    Returns how many feeds were witnessed; nothing is stated where nothing has moved.
    """
    if not viewer.is_node:
        raise NOT_ALLOWED(permission="witness", place="")
    ledgers.show_open_rows()
    count = 0
    for place, lines in witnessing.unwitnessed().items():
        for start in range(0, len(lines), witnessing.LINES_PER_FACT):
            page = lines[start : start + witnessing.LINES_PER_FACT]
            record(
                WITNESSED,
                fields={"feeds": len(page)},
                items=_items(page),
                scope=place,
                viewer=viewer,
            )
            count += len(page)
    return {"feeds": count}


def _items(lines: Sequence[witnessing.Line]) -> list[dict[str, Any]]:
    return [{"feed_id": feed, "seq": seq, "hash": digest} for feed, seq, digest in lines]


@command
def close_day(*, viewer: Viewer, day: str) -> dict[str, Any]:
    """States where every feed stood at the end of a day (Beijing, YYYY-MM-DD) and the root over it.

    Once a day, by the county's node. Printed or sent to the city, the root binds the county too.
    """
    if not viewer.is_node:
        raise NOT_ALLOWED(permission="close_day", place="")
    ledgers.show_open_rows()
    own = queries.own()
    if not own.certificate_fact:
        raise NO_CERTIFICATE()
    lines = witnessing.day_lines(date.fromisoformat(day))
    pages = [
        lines[start : start + witnessing.LINES_PER_FACT]
        for start in range(0, max(1, len(lines)), witnessing.LINES_PER_FACT)
    ]
    root = witnessing.root_over(lines)
    for part, page in enumerate(pages):
        record(
            DAY_CLOSED,
            fields={
                "date": day,
                "feeds": len(lines),
                "facts": sum(seq + 1 for _, seq, _ in lines),
                "root": root,
                "part": part,
                "parts": len(pages),
            },
            items=_items(page),
            scope=own.scope,
            viewer=viewer,
        )
    return {"root": root, "feeds": len(lines)}
