"""Pasted text to neutral warnings (handbook §3.1). What the text does not say is never made up."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from fengsui.gateways.bulletins import TEXT_CHARACTERS_MAX, Action, Bulletin, read_bulletins
from fengsui.gateways.findings import Finding, FindingKind
from fengsui.gateways.warnings import CheckResult, Verdict, Warning
from fengsui.standards.event_codes import cap_categories
from fengsui.standards.secrecy import mark_in_text

FORMAT = "bulletin"
# Beside the marks of any paper: in a bulletin the word apart from the others is one already.
_WORD_APART = re.compile(r"(?:^|[\s　【\[（(])(绝密|机密|秘密)(?:★|[\s　】\]）)]|$)", re.MULTILINE)

# Only a label in brackets, or at the very front: a real text may speak of drills in passing.
_EXERCISE = re.compile(r"[【\[（(]\s*演练\s*[】\]）)]|\A\s*演练[：:]")

NO_WARNING = FindingKind(
    "bulletin.no_warning",
    "文字中没有找到预警（应有“某单位…发布某灾种某色预警”）。请粘贴预警原文。",
    "No warning was found in the text. Paste the bulletin itself, with issuer, hazard and colour.",
)
TIME_MISSING = FindingKind(
    "bulletin.time_missing",
    "没有完整的发布时间。请在原文前补上，如“2026年7月17日2时10分”。",
    "The time of issue is missing or incomplete. Add it, such as “2026年7月17日2时10分”.",
)
ISSUER_MISSING = FindingKind(
    "bulletin.issuer_missing",
    "没有找到发布单位，请补填。",
    "No issuer was found; fill it in.",
)
HAZARD_UNKNOWN = FindingKind(
    "bulletin.hazard_unknown",
    "灾种“{hazard}”没有对应代码，请选择。",
    "The hazard “{hazard}” has no code here; choose one.",
)
ACTIONS_DIFFER = FindingKind(
    "bulletin.actions_differ",
    "标题与正文说法不一（发布、继续发布或升级），按需要重新叫应处理，请核对。",
    "Headline and text differ (issued, continued or raised); it is read as one that calls anew.",
)
CLASSIFIED = FindingKind(
    "bulletin.classified",
    "文字带有密级标志“{value}”，不得进入本系统，内容未保存。",
    "The text is marked “{value}”. It must not enter this system; nothing was kept of it.",
)
TOO_LONG = FindingKind(
    "bulletin.too_long",
    "文字超过 {limit} 个字。请只粘贴预警原文。",
    "The text is longer than {limit} characters. Paste only the bulletin.",
)
MESSAGE_TYPES = {
    Action.ISSUED: "Alert",
    Action.CONTINUED: "Update",
    Action.CHANGED: "Update",
    Action.LIFTED: "Cancel",
}


def read_text(text: str, data: bytes, *, received_at: datetime | None = None) -> CheckResult:
    """The verdict on a pasted text; `received_at` completes dates that lack a year or month."""
    mark = _mark(text)
    if mark:
        return CheckResult.rejected(FORMAT, (CLASSIFIED(value=mark),))
    if len(text) > TEXT_CHARACTERS_MAX:
        return CheckResult.rejected(FORMAT, (TOO_LONG(limit=TEXT_CHARACTERS_MAX),))
    bulletins = read_bulletins(text, received_at=received_at)
    if not bulletins:
        return CheckResult.rejected(FORMAT, (NO_WARNING(),))
    errors: list[Finding] = []
    doubts: list[Finding] = []
    warnings: list[Warning] = []
    digest = hashlib.sha256(data).hexdigest()
    status = "Exercise" if _EXERCISE.search(text) else "Actual"
    for bulletin in bulletins:
        line = text.count("\n", 0, max(0, text.find(bulletin.statement))) + 1
        doubts += _doubts(bulletin, line)
        if bulletin.issued_at is None:
            errors.append(TIME_MISSING(line=line, field="issued_at"))
        else:
            warnings.append(_warning(bulletin, bulletin.issued_at, digest, status))
    if errors:
        return CheckResult.rejected(FORMAT, tuple(errors), tuple(doubts))
    return CheckResult(Verdict.ACCEPTED, FORMAT, warnings=tuple(doubts), alerts=tuple(warnings))


def _mark(text: str) -> str:
    apart = _WORD_APART.search(text)
    return mark_in_text(text) or (apart.group(1) if apart else "")


def _doubts(bulletin: Bulletin, line: int) -> list[Finding]:
    found = []
    if not bulletin.issuer:
        found.append(ISSUER_MISSING(line=line, field="issuer"))
    if not bulletin.event_code:
        found.append(HAZARD_UNKNOWN(line=line, field="category", hazard=bulletin.hazard))
    if bulletin.contradicts_itself:
        found.append(ACTIONS_DIFFER(line=line, field="msg_type"))
    return found


def _warning(bulletin: Bulletin, issued_at: datetime, digest: str, status: str) -> Warning:
    inferred = ["effective_at"]
    inferred += ["expires_at"] if bulletin.expires_at else []
    inferred += ["area_descriptions"] if bulletin.places else []
    inferred += ["instruction"] if bulletin.advice else []
    # Pasting the same words twice must give the same identifier, blanks apart.
    words = hashlib.sha256("".join(bulletin.text.split()).encode("utf-8", "replace")).hexdigest()
    return Warning(
        source_format=FORMAT,
        identifier=f"text-{words[:24]}",
        sent_at=issued_at,
        sender=bulletin.issuer,
        issuer=bulletin.issuer,
        status=status,
        msg_type=MESSAGE_TYPES[bulletin.action],
        categories=cap_categories(bulletin.event_code),
        event_code=bulletin.event_code,
        event_name=bulletin.hazard,
        level=bulletin.level,
        severity=bulletin.level.capitalize(),
        effective_at=issued_at,
        expires_at=bulletin.expires_at,
        is_continued=bulletin.action is Action.CONTINUED,
        headline=bulletin.statement,
        description=bulletin.text,
        instruction=bulletin.advice,
        area_descriptions=bulletin.places,
        inferred=tuple(inferred),
        digest=digest,
    )
