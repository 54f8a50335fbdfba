"""群里转述: what a group says of people. It is written down as that, and ends nobody's call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fengsui.engines.calls.queries.gates import callout
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.review.papers import queries
from fengsui.review.papers.errors import BAD_MOMENT, NOTHING_PASTED
from fengsui.review.papers.facts import RELAYED
from fengsui.review.papers.queries.chains import ChainRow
from fengsui.review.papers.states import LineOutcome
from fengsui.standards.instants import to_ms

TEXT_CHARACTERS_MAX = 64_000
GROUP_CHARACTERS_MAX = 60


@command
def record_chain(
    *,
    viewer: Viewer,
    callout_id: int,
    text: str,
    group: str = "",
    heard_at: datetime | None = None,
    chosen: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """Records the lines of a pasted chain; {"rows": [...], "left_out": n}.

    A line that fits nobody, or several, takes no other with it. The same word of the same person
    is recorded once. Raises papers.nothing_pasted, papers.bad_moment.
    """
    found = callout(callout_id, viewer=viewer)
    rows, left_out = queries.chain(
        callout_id, text[:TEXT_CHARACTERS_MAX], viewer=viewer, chosen=chosen
    )
    if not rows:
        raise NOTHING_PASTED()
    now = clock.now()
    moment = heard_at or now
    if not found.opened_at <= moment <= now:
        raise BAD_MOMENT()
    for row in rows:
        if row.outcome is LineOutcome.NEW:
            _record(viewer, callout_id, row, group.strip()[:GROUP_CHARACTERS_MAX], moment)
            row.outcome = LineOutcome.RECORDED
    if any(row.outcome is LineOutcome.RECORDED for row in rows):
        on_commit_notify(f"callout:{callout_id}", {"verb": "relayed"})
    return {"rows": [row_to_plain(row) for row in rows], "left_out": left_out}


def _record(viewer: Viewer, callout_id: int, row: ChainRow, group: str, moment: datetime) -> None:
    require(viewer, Permission.ANSWER_FOR_OTHERS, row.place_code)
    record(
        RELAYED,
        fields={
            "call_id": row.call_id,
            "callout_id": callout_id,
            "said": row.said,
            "heard_at_ms": to_ms(moment),
            "client_id": row.client_id,
        },
        personal={"text": row.words, "group": group},
        scope=row.place_code,
        viewer=viewer,
        about=[callout_id, row.call_id],
    )


def row_to_plain(row: ChainRow) -> dict[str, Any]:
    """A line as it goes to a screen: ids as strings."""
    return {
        "row": row.row,
        "text": row.text,
        "said": row.said,
        "outcome": row.outcome.value,
        "call_id": str(row.call_id) if row.call_id else None,
        "who": row.who,
        "choices": [{"call_id": str(pk), "who": who} for pk, who in row.choices],
    }
