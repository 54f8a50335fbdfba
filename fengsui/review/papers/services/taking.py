"""未应答名单 as a file, and on record who took it, for whom and why."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengsui.engines.calls.models import Callout
from fengsui.engines.calls.queries.gates import callout
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers import queries
from fengsui.review.papers.errors import REASON_NEEDED, RECIPIENT_NEEDED, TOO_MANY_ROWS
from fengsui.review.papers.facts import TAKEN
from fengsui.review.papers.printing import typeset, workbook
from fengsui.review.papers.queries.lists import ROWS_MAX, Unanswered
from fengsui.review.papers.states import ListFormat, PaperKind
from fengsui.standards.divisions import full_code, scope_prefix
from fengsui.standards.instants import BEIJING, to_ms

WORDS_MIN, WORDS_MAX = 2, 200  # of a reason and of a recipient
MEDIA_TYPES = {
    ListFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ListFormat.PDF: "application/pdf",
}


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    name: str
    media_type: str
    number: str = ""


def check_words(viewer: Viewer, *, reason: str, recipient: str, with_personal: bool) -> None:
    """Raises papers.recipient_needed, papers.reason_needed, access.not_allowed."""

    def is_said(text: str) -> bool:
        return WORDS_MIN <= len(text.strip()) <= WORDS_MAX

    if with_personal:
        if not viewer.scopes(Permission.REVEAL_PERSONAL):
            raise NOT_ALLOWED(permission=Permission.REVEAL_PERSONAL.value, place="")
        if not (is_said(reason) and is_said(recipient)):
            raise REASON_NEEDED(least=WORDS_MIN, most=WORDS_MAX)
    elif not is_said(recipient):
        raise RECIPIENT_NEEDED(least=WORDS_MIN, most=WORDS_MAX)


def place_taken(found: Callout, viewer: Viewer) -> str:
    """Of which place a paper of this callout tells this viewer."""
    if viewer.may(Permission.SEE_CALLS, found.place_code):
        return found.place_code
    scopes = viewer.scopes(Permission.SEE_CALLS)
    inside = [one for one in scopes if one.prefix.startswith(found.place_code[:6])]
    return full_code((inside or list(scopes))[0].prefix)


def paper_number(now: datetime) -> str:
    return f"{now.astimezone(BEIJING):%y%m%d}{secrets.token_hex(3).upper()}"


def take_list(
    *,
    viewer: Viewer,
    callout_id: int,
    file_format: str,
    recipient: str,
    reason: str = "",
    with_personal: bool = False,
    at: datetime | None = None,
    under: str = "",
) -> File:
    """The unanswered at a moment (now, or any since the callout began) as Excel or PDF.

    Raises access.not_found, access.not_allowed, papers.reason_needed, papers.recipient_needed,
    papers.bad_moment, papers.too_many_rows, papers.not_set.
    """
    found = callout(callout_id, viewer=viewer)
    check_words(viewer, reason=reason, recipient=recipient, with_personal=with_personal)
    chosen = ListFormat(file_format)
    moment = queries.moment_in(found, at)
    rows = queries.unanswered_at(
        callout_id,
        viewer=viewer,
        at=moment,
        under=scope_prefix(under) if under else "",
        in_full=with_personal,
    )
    if len(rows) > ROWS_MAX:
        raise TOO_MANY_ROWS(rows=f"{ROWS_MAX}+", most=ROWS_MAX)
    now = clock.now()
    number = paper_number(now)
    paper = _paper(found, viewer, moment, number, recipient.strip(), rows, with_personal)
    content = workbook.to_xlsx(paper) if chosen is ListFormat.XLSX else typeset.list_pdf(paper, now)
    note_taken(
        viewer=viewer,
        scope=(under and full_code(under)) or place_taken(found, viewer),
        fields={
            "number": number,
            "what": PaperKind.UNANSWERED.value,
            "callout_id": callout_id,
            "format": chosen.value,
            "at_ms": to_ms(moment),
            "rows_count": len(rows),
            "with_personal": with_personal,
            "reason": reason.strip(),
            "recipient": recipient.strip(),
            "actor_name": viewer.name,
        },
    )
    return File(content, _file_name(moment, number, chosen), MEDIA_TYPES[chosen], number)


def _file_name(moment: datetime, number: str, chosen: ListFormat) -> str:
    return f"未应答名单-{moment.astimezone(BEIJING):%Y%m%d-%H%M}-{number}.{chosen.value}"


@command
def note_taken(*, viewer: Viewer, scope: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Who took what, for whom and why; before the file is handed over."""
    callout(int(fields["callout_id"]), viewer=viewer)
    if not viewer.may(Permission.SEE_CALLS, scope):
        raise NOT_ALLOWED(permission=Permission.SEE_CALLS.value, place=scope)
    fact = record(
        TAKEN, fields=fields, scope=scope, viewer=viewer, about=[int(fields["callout_id"])]
    )
    return {"id": fact.entity()}


def _paper(
    found: Callout,
    viewer: Viewer,
    moment: datetime,
    number: str,
    recipient: str,
    rows: Sequence[Unanswered],
    with_personal: bool,
) -> workbook.ListPaper:
    alert = alerts.alert_of_callout(found.pk, viewer=viewer)
    what = "含完整个人信息，用后即删，不得转发" if with_personal else "个人信息已隐去"
    now = clock.now().astimezone(BEIJING)
    return workbook.ListPaper(
        title="未应答名单",
        warning=alert.headline if alert else "",
        exercise=found.exercise,
        moment=f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        opened=f"{found.opened_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        mark=f"烽燧 · 编号 {number} · {now:%Y-%m-%d %H:%M} · {viewer.name} 取走，"
        f"供{recipient}使用 · {what}",
        rows=list(rows),
    )
