"""Sheets as they are printed, and typed lines as they would be recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.exchange.sheets import grammar, rules
from fengsui.exchange.sheets.errors import FAULTS
from fengsui.exchange.sheets.grammar import Fault, Tick
from fengsui.exchange.sheets.listing import (
    Listed,
    Source,
    chain_before,
    evacuation_since,
    listed,
)
from fengsui.exchange.sheets.models import Sheet, SheetLine
from fengsui.exchange.sheets.paper import Paper, PaperLine, PaperSheet
from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.queries import households, person_names
from fengsui.foundation.places.queries import names as place_names
from fengsui.response.alerts.queries import gate as gate_alert
from fengsui.response.evacuations.models import EvacuationEntry, EvacuationHousehold
from fengsui.response.evacuations.states import MOVED, HouseholdStatus
from fengsui.standards.divisions import scope_prefix, village_of


@dataclass(frozen=True, slots=True)
class Group:
    """Households that belong on one sheet: of one village, under one 中心户长 (or none)."""

    place_code: str
    head_id: int | None
    household_ids: tuple[int, ...]


def groups(source: Source, place_code: str, *, viewer: Viewer) -> list[Group]:
    """The households at or under a place, as they go on sheets."""
    rows = listed(source, place_code, viewer=viewer)
    heads = {
        one["id"]: one["group_head_id"]
        for one in households([row.household_id for row in rows], viewer=viewer)
    }
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in rows:
        head = heads.get(row.household_id) or 0
        found[village_of(row.place_code), head].append(row.household_id)
    return [
        Group(village, head or None, tuple(members))
        for (village, head), members in sorted(found.items())
    ]


def sheets_of(source: Source, place_code: str, *, viewer: Viewer) -> list[Sheet]:
    """The sheets printed for a place, in the order of villages: those of the evacuation, and
    those that were printed ahead for the warnings that led to it."""
    ahead = Q(evacuation_id=0, alert_id__in=chain_before(source.alert_id))
    own = Q(evacuation_id=source.evacuation_id) if source.evacuation_id else ahead
    rows = Sheet.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS),
        own | ahead,
        place_code__startswith=scope_prefix(place_code),
    )
    return list(rows.order_by("place_code", "printed_at", "id"))


def lines_of(sheets: Iterable[Sheet]) -> dict[int, dict[int, int]]:
    """sheet id → line → household id."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    ids = [sheet.pk for sheet in sheets]
    for sheet_id, line, household_id in SheetLine.objects.filter(sheet_id__in=ids).values_list(
        "sheet_id", "line", "household_id"
    ):
        found[sheet_id][line] = household_id
    return found


def gate_sheet(sheet_id: int, *, viewer: Viewer) -> Sheet:
    """Raises access.not_found out of sight."""
    found = Sheet.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), pk=sheet_id).first()
    if found is None:
        raise NOT_FOUND()
    return found


def on_paper(source: Source, sheet_ids: list[int], *, viewer: Viewer, origin: str) -> Paper:
    """These sheets in the viewer's scope with everything that stands on them, as of now."""
    sheets = list(
        Sheet.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=sheet_ids).order_by(
            "place_code", "group_head_id", "number"
        )
    )
    if not sheets:
        raise NOT_FOUND()
    rows = {one.household_id: one for one in listed(source, source.place_code, viewer=viewer)}
    known = {one["id"]: one for one in households(list(rows), viewer=viewer)}
    places = place_names({sheet.place_code for sheet in sheets}, viewer=viewer)
    heads = person_names({one.group_head_id for one in sheets if one.group_head_id}, viewer=viewer)
    lines = lines_of(sheets)
    return Paper(
        warning=_warning(source.alert_id, viewer),
        is_exercise=source.exercise,
        is_ahead=not source.evacuation_id,
        is_invented=any(one["is_invented"] for one in known.values()),
        printed_at=clock.now(),
        sheets=[
            PaperSheet(
                number=sheet.number,
                place=places.get(sheet.place_code, sheet.place_code),
                group=_group_words(heads.get(sheet.group_head_id or 0, "")),
                address=address_of(sheet, origin),
                lines=[
                    _paper_line(line, rows[household_id], known.get(household_id, {}))
                    for line, household_id in sorted(lines[sheet.pk].items())
                    if household_id in rows
                ],
            )
            for sheet in sheets
        ],
    )


def _group_words(head_name: str) -> str:
    return f"中心户长 {head_name}" if head_name else "没有中心户长：由村干部、网格员上门"


def address_of(sheet: Sheet, origin: str) -> str:
    """What the QR code on a sheet says; docs/interfaces/sheets.md."""
    if origin:
        return f"{origin.rstrip('/')}/field/?sheet={sheet.number}&id={sheet.pk}"
    return f"fengsui:sheet:{sheet.number}:{sheet.pk}"


def _warning(alert_id: int, viewer: Viewer) -> str:
    try:
        alert = gate_alert(alert_id, viewer=viewer)
    except Problem:
        return ""
    return str(alert.headline)[:60]


def _paper_line(line: int, row: Listed, known: dict[str, Any]) -> PaperLine:
    return PaperLine(
        line=line,
        label=known.get("label", ""),
        people=row.people,
        is_assisted=row.assist_level > 0,
        shelter=row.shelter,
    )


# --- what was typed -------------------------------------------------------------------------

Found = dict[int, list[tuple[Sheet, dict[int, int]]]]  # number → its sheets with their lines


@dataclass(slots=True)
class Row:
    """One typed line. outcome: new, already_recorded, differs, needs_time, fault, refused.

    `differs`: another observation stands; `holds` says which of the two was seen last.
    """

    row: int
    text: str
    outcome: str
    zh: str = ""
    en: str = ""
    fault_field: str = ""
    code: str = ""
    sheet_id: int = 0
    number: int = 0
    evacuation_id: int = 0
    household_id: int = 0
    label: str = ""
    place_code: str = ""
    status: str = ""
    people: int | None = None
    people_listed: int = 0
    confirmed_how: str = ""
    confirmed_by: str = ""
    seen_at: datetime | None = None
    client_id: str = ""
    standing: dict[str, Any] | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)


def typed(
    text: str,
    *,
    viewer: Viewer,
    seen_at: datetime | None = None,
    chosen: Mapping[int, int] | None = None,
) -> list[Row]:
    """What typed lines mean, in their order, and what would become of each.

    `seen_at`: when the sheet was ticked, for lines that do not say it; `chosen`: sheet number to
    sheet id, where several sheets have one number. Only what the viewer may record is found.
    """
    ticks, faults = grammar.parse(text)
    found = _sheets({tick.number for tick in ticks}, viewer)
    evacuations = _evacuations(found)
    rows = [_fault_row(fault) for fault in faults]
    pairs: list[tuple[Tick, Sheet, int]] = []
    for tick in ticks:
        sheet, household_id, fault = _line_of(tick, found, chosen or {})
        if sheet is None or household_id is None:
            rows.append(_unfound(tick, fault, found))
        elif not evacuations[sheet.pk]:
            rows.append(_unfound(tick, "no_evacuation", found))
        else:
            sheet.evacuation_id = evacuations[sheet.pk]
            pairs.append((tick, sheet, household_id))
    rows += _judged(pairs, viewer, seen_at)
    return sorted(rows, key=lambda row: row.row)


def _fault_row(fault: Fault) -> Row:
    zh, en = FAULTS[fault.field]
    return Row(fault.row, fault.text, "fault", zh=zh, en=en, fault_field=fault.field)


def _unfound(
    tick: Tick, fault: str, found: Mapping[int, list[tuple[Sheet, dict[int, int]]]]
) -> Row:
    zh, en = FAULTS[fault]
    row = Row(tick.row, tick.code, "fault", zh=zh, en=en, fault_field=fault, code=tick.code)
    row.number = tick.number
    if fault == "several_sheets":
        row.choices = [
            {
                "sheet_id": str(sheet.pk),
                "place_code": sheet.place_code,
                "printed_at": sheet.printed_at,
            }
            for sheet, _ in found[tick.number]
        ]
    return row


def _sheets(numbers: set[int], viewer: Viewer) -> Found:
    rows = list(
        Sheet.objects.filter(
            visible(viewer, Permission.RECORD_HOUSEHOLD), number__in=numbers
        ).order_by("-printed_at", "-id")
    )
    lines = lines_of(rows)
    found: Found = defaultdict(list)
    for sheet in rows:
        found[sheet.number].append((sheet, lines[sheet.pk]))
    return found


def _evacuations(found: Found) -> dict[int, int]:
    """sheet id → its evacuation; of one printed ahead that which has been opened since, or 0."""
    return {
        sheet.pk: sheet.evacuation_id or evacuation_since(sheet.alert_id)
        for sheets in found.values()
        for sheet, _ in sheets
    }


def _line_of(
    tick: Tick,
    found: Found,
    chosen: Mapping[int, int],
) -> tuple[Sheet | None, int | None, str]:
    candidates = [
        (sheet, lines)
        for sheet, lines in found.get(tick.number, [])
        if chosen.get(tick.number, sheet.pk) == sheet.pk
    ]
    if not candidates:
        return None, None, "no_sheet"
    # The same list printed by two nodes that did not hear each other says the same of a line.
    meant = {(sheet.evacuation_id, lines.get(tick.line)) for sheet, lines in candidates}
    if len(meant) > 1:
        return None, None, "several_sheets"
    sheet, lines = min(candidates, key=lambda one: one[0].pk)
    household_id = lines.get(tick.line)
    return (None, None, "no_line") if household_id is None else (sheet, household_id, "")


def _judged(
    pairs: list[tuple[Tick, Sheet, int]], viewer: Viewer, seen_at: datetime | None
) -> list[Row]:
    now = clock.now()
    wanted = {(sheet.evacuation_id, household_id) for _, sheet, household_id in pairs}
    standing = {
        (row.evacuation_id, row.household_id): row
        for row in EvacuationHousehold.objects.filter(
            evacuation_id__in={key[0] for key in wanted},
            household_id__in={key[1] for key in wanted},
        )
        if (row.evacuation_id, row.household_id) in wanted
    }
    labels = {one["id"]: one["label"] for one in households({k[1] for k in wanted}, viewer=viewer)}
    names = person_names(
        {row.recorded_by for row in standing.values() if row.recorded_by}, viewer=viewer
    )
    rows = []
    for tick, sheet, household_id in pairs:
        said = rules.moment_of(tick.ticked_at, now) if tick.ticked_at else seen_at
        row = _row(tick, sheet, household_id, said)
        row.label = labels.get(household_id, "")
        listed = standing.get((sheet.evacuation_id, household_id))
        if listed is not None:
            row.people_listed, row.place_code = listed.people, listed.place_code
            _compare(row, listed, said, names)
        rows.append(row)
    _mark_recorded(rows)
    return rows


def _row(tick: Tick, sheet: Sheet, household_id: int, said: datetime | None) -> Row:
    return Row(
        row=tick.row,
        text=tick.code,
        outcome="new",
        code=tick.code,
        sheet_id=sheet.pk,
        number=sheet.number,
        evacuation_id=sheet.evacuation_id,
        household_id=household_id,
        place_code=sheet.place_code,
        status=tick.status.value,
        people=tick.people,
        confirmed_how=tick.confirmed_how,
        confirmed_by=tick.confirmed_by,
        # Whatever somebody saw after the printing is believed before a tick without a time.
        seen_at=said or sheet.printed_at,
        client_id=rules.client_id(sheet.pk, tick.line, tick.status.value, tick.people, said),
    )


def _compare(
    row: Row, listed: EvacuationHousehold, said: datetime | None, names: Mapping[int, str]
) -> None:
    """Another status, or another number of people, that somebody has recorded already."""
    if listed.observed_at is None or row.seen_at is None:
        return
    moved = HouseholdStatus(row.status) in MOVED
    people = listed.people if row.people is None else row.people
    if listed.status == row.status and (not moved or listed.people_moved == people):
        return
    row.standing = {
        "status": listed.status,
        "people_moved": listed.people_moved,
        "observed_at": listed.observed_at,
        "person_name": names.get(listed.recorded_by or 0, ""),
        "holds": "sheet" if row.seen_at >= listed.observed_at else "standing",
    }
    row.outcome = "differs" if said is not None else "needs_time"


def _mark_recorded(rows: list[Row]) -> None:
    recorded = set(
        EvacuationEntry.objects.filter(client_id__in=[row.client_id for row in rows]).values_list(
            "client_id", flat=True
        )
    )
    for row in rows:
        if row.client_id in recorded:
            row.outcome = "already_recorded"
