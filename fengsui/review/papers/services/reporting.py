"""值班快报: issue one, correct one as a new version, print one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people.queries import person_names
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers import queries
from fengsui.review.papers.errors import (
    BAD_NUMBER,
    CORRECTION_NEEDS_REASON,
    DECREASE_NEEDS_NOTE,
    FINAL_ALREADY,
    NO_SUCH_ISSUE,
    NOTHING_WRITTEN,
)
from fengsui.review.papers.facts import BULLETIN_ISSUED
from fengsui.review.papers.models import Bulletin
from fengsui.review.papers.printing.typeset import to_pdf
from fengsui.review.papers.queries.bulletins import last_of
from fengsui.review.papers.rules import bulletins as rules
from fengsui.review.papers.services.taking import File
from fengsui.review.papers.states import BULLETIN_WORDS, MAY_FALL, NUMBER_WORDS, BulletinKind
from fengsui.standards.instants import BEIJING, to_ms

SECTION_CHARACTERS_MAX = 4000
SECTIONS_MAX = 12
LINE_CHARACTERS_MAX = 200


@command
def issue_bulletin(
    *,
    viewer: Viewer,
    alert_id: int,
    kind: str,
    sections: Sequence[Mapping[str, str]],
    told: Mapping[str, int] | None = None,
    notes: Mapping[str, str] | None = None,
    main_to: str = "",
    copy_to: str = "",
    contact: str = "",
    corrects: int | None = None,
    reason: str = "",
    late_reason: str = "",
) -> dict[str, Any]:
    """Signs one report; {"bulletin_id", "year", "issue", "version"}.

    Calls and moves are counted here and now. `told`: numbers of the field that the officer puts
    right; what the record said is kept beside them. `notes`: why a number is less than before.
    `corrects`: the bulletin that this is a new version of, which needs a `reason`. Raises
    papers.decrease_needs_note, papers.bad_number, papers.nothing_written and others.
    """
    alert = alerts.gate(alert_id, viewer=viewer)
    place = queries.office_of(alert, viewer)
    require(viewer, Permission.DRAFT_ALERT, place)
    written = _written(sections)
    before = last_of(alert_id, place)
    corrected = _corrected(corrects, reason, before, alert_id, place)
    counted = queries.standing_numbers(alert, viewer=viewer)
    number = _number(place, clock.now().astimezone(BEIJING).year, corrected)
    fact = record(
        BULLETIN_ISSUED,
        fields={
            "alert_id": alert_id,
            "callout_id": alert.callout_id,
            **number,
            "kind": BulletinKind(kind).value,
            **_figures(counted, told or {}, before, notes or {}),
            **_lines(main_to=main_to, copy_to=copy_to, reason=reason, late_reason=late_reason),
            "known_at_ms": to_ms(alert.created_at),
            "exercise": alert.exercise,
        },
        personal={"sections": written, **_lines(contact=contact)},
        scope=place,
        viewer=viewer,
        about=[one for one in (alert_id, alert.callout_id) if one],
    )
    on_commit_notify("alerts", {"verb": "bulletin", "alert_id": str(alert_id)})
    return {"bulletin_id": fact.entity(), **number}


def _lines(**said: str) -> dict[str, str]:
    return {name: text.strip()[:LINE_CHARACTERS_MAX] for name, text in said.items()}


def _written(sections: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    kept = [
        {name: str(one.get(name, "")).strip() for name in ("key", "title", "text")}
        for one in sections
    ]
    kept = [one for one in kept if one["text"]]
    if not kept or len(kept) > SECTIONS_MAX:
        raise NOTHING_WRITTEN(most=SECTION_CHARACTERS_MAX)
    if any(len(one["text"]) > SECTION_CHARACTERS_MAX for one in kept):
        raise NOTHING_WRITTEN(most=SECTION_CHARACTERS_MAX)
    return kept


def _corrected(
    corrects: int | None, reason: str, before: Bulletin | None, alert_id: int, place: str
) -> Bulletin | None:
    """The report that this one is a new version of; after the final one nothing else is issued."""
    if corrects is None:
        if before is not None and before.kind == BulletinKind.FINAL:
            raise FINAL_ALREADY()
        return None
    found = Bulletin.objects.filter(pk=corrects, alert_id=alert_id, place_code=place).first()
    if found is None:
        raise NO_SUCH_ISSUE()
    if not reason.strip():
        raise CORRECTION_NEEDS_REASON()
    return found


def _figures(
    counted: dict[str, int],
    told: Mapping[str, int],
    before: Bulletin | None,
    notes: Mapping[str, str],
) -> dict[str, Any]:
    """The numbers of a report, what the officer put right in them, and why some are less."""
    numbers, edited = _put_right(counted, told)
    return {"numbers": numbers, "edited": edited, "notes": _noted(before, numbers, notes)}


def _put_right(
    numbers: dict[str, int], told: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers as they are reported, and what the record said where somebody changed it."""
    try:
        clean = rules.clean_numbers(told)
    except ValueError as error:
        raise BAD_NUMBER(field=str(error)) from None
    edited = {name: numbers[name] for name, value in clean.items() if numbers[name] != value}
    return numbers | clean, edited


def _noted(
    before: Bulletin | None, numbers: dict[str, int], notes: Mapping[str, str]
) -> dict[str, str]:
    """The notes on what changed since the report before; a decrease without one is refused."""
    kept = _lines(**notes)
    found = rules.changes(before.numbers if before else {}, numbers)
    missing = rules.without_note(found, kept)
    if missing:
        raise DECREASE_NEEDS_NOTE(
            numbers="；".join(
                f"{NUMBER_WORDS[one.name][0]} {one.before}→{one.after}" for one in missing
            )
        )
    return {one.name: kept[one.name] for one in found if kept.get(one.name)}


def _number(place: str, year: int, corrected: Bulletin | None) -> dict[str, int]:
    """The next issue of the office's year; of a correction the same issue, the next version."""
    if corrected is not None:
        same = Bulletin.objects.filter(place_code=place, year=corrected.year, issue=corrected.issue)
        version = max(same.values_list("version", flat=True))
        return {"year": corrected.year, "issue": corrected.issue, "version": version + 1}
    issued = Bulletin.objects.filter(place_code=place, year=year)
    last = max(issued.values_list("issue", flat=True), default=0)
    return {"year": year, "issue": last + 1, "version": 1}


def bulletin_as_pdf(*, viewer: Viewer, bulletin_id: int) -> File:
    """One version on A4. Raises access.not_found, papers.not_set."""
    row = queries.bulletin(bulletin_id, viewer=viewer)
    alert = alerts.gate(row.alert_id, viewer=viewer)
    signer = person_names([row.issued_by], viewer=node_viewer()).get(row.issued_by, "")
    number = rules.number_in_words(row.year, row.issue)
    content = {
        "title": "值班快报",
        "number": number,
        "version": row.version,
        "kind": BULLETIN_WORDS[BulletinKind(row.kind)][0],
        "exercise": row.exercise,
        "headline": alert.headline,
        "office": alerts.office_name(row.place_code),
        "signer": signer,
        "issued_at": f"{row.issued_at.astimezone(BEIJING):%Y年%m月%d日 %H:%M}",
        "known_at": f"{row.known_at.astimezone(BEIJING):%m月%d日 %H:%M}",
        "elapsed": f"{int((row.issued_at - row.known_at).total_seconds()) // 60} 分钟",
        "late_reason": row.late_reason,
        "main_to": row.main_to,
        "copy_to": row.copy_to,
        "contact": row.contact,
        "reason": row.reason,
        "sections": row.sections,
        "numbers": _number_lines(row),
        "notes": [
            {"name": NUMBER_WORDS[name][0], "text": text} for name, text in row.notes.items()
        ],
    }
    pdf = to_pdf("bulletin", content, row.issued_at)
    name = f"值班快报-{number}-v{row.version}.pdf"
    return File(pdf, name, "application/pdf")


def _number_lines(row: Bulletin) -> list[dict[str, str]]:
    """The numbers that say something: 旧→新 against the report before, and what was put right."""
    same = Bulletin.objects.filter(alert_id=row.alert_id, place_code=row.place_code)
    this = (row.year, row.issue, row.version)
    earlier = max(
        (one for one in same if (one.year, one.issue, one.version) < this),
        key=lambda one: (one.year, one.issue, one.version),
        default=None,
    )
    before = earlier.numbers if earlier is not None else {}
    lines = []
    for name, (zh, _) in NUMBER_WORDS.items():
        value = row.numbers.get(name, 0)
        if not value and not before.get(name):
            continue
        changed = name in before and before[name] != value
        lines.append(
            {
                "name": zh,
                "value": str(value),
                "before": str(before[name]) if changed else "",
                "edited": f"记录为 {row.edited[name]}" if name in row.edited else "",
                "falls": "" if name in MAY_FALL else "1",
            }
        )
    return lines
