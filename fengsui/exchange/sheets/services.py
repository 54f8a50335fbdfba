"""Print sheets; record what was typed from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fengsui.exchange.sheets import paper, queries, rules
from fengsui.exchange.sheets.codes import LINES_MAX
from fengsui.exchange.sheets.errors import NO_HOUSEHOLDS, NOTHING_TYPED
from fengsui.exchange.sheets.facts import PRINTED, TYPED
from fengsui.exchange.sheets.listing import Source, source_of_alert, source_of_evacuation
from fengsui.exchange.sheets.models import Sheet
from fengsui.exchange.sheets.queries import Group, Row
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.response.evacuations.services import record_household_status

LINES_A_SHEET = 44  # four pages of eleven; a household head's list is rarely longer


@command
def print_sheets(*, viewer: Viewer, evacuation_id: int, place_code: str) -> dict[str, Any]:
    """Gives every group of households at a place its sheet; {"sheet_ids": [...]}.

    A group that has a sheet with just its households keeps it, number and all. Raises
    sheets.no_households.
    """
    source = source_of_evacuation(evacuation_id)
    if source is None:
        raise NO_HOUSEHOLDS()
    return {"sheet_ids": _give(viewer, source, place_code)}


@command
def print_for_alert(*, viewer: Viewer, alert_id: int, place_code: str) -> dict[str, Any]:
    """`print_sheets` for a warning: of its evacuation, or ahead of one."""
    source = source_of_alert(alert_id, viewer=viewer)
    return {"sheet_ids": _give(viewer, source, place_code)}


def missing(*, viewer: Viewer, alert_id: int) -> list[Group]:
    """The groups of a warning, or of its evacuation, that have no sheet yet. Reads only."""
    source = source_of_alert(alert_id, viewer=viewer)
    groups = queries.groups(source, source.place_code, viewer=viewer)
    had = _had(source, source.place_code, viewer)
    return [group for group in _parts(groups) if _key(group) not in had]


@command
def print_groups(
    *, viewer: Viewer, alert_id: int, groups: list[tuple[str, int | None, list[int]]]
) -> dict[str, Any]:
    """Sheets for groups that `missing` found; {"sheet_ids"}. Only the node itself does this."""
    if not viewer.is_node:
        raise NO_HOUSEHOLDS()
    source = source_of_alert(alert_id, viewer=viewer)
    taken = set(Sheet.objects.values_list("number", flat=True))
    made = [
        _print(viewer, source, Group(place, head, tuple(ids)), taken) for place, head, ids in groups
    ]
    on_commit_notify("alerts", {"verb": "sheets", "alert_id": str(alert_id)})
    return {"sheet_ids": made}


_Key = tuple[str, int | None, tuple[int, ...]]


def _key(group: Group) -> _Key:
    return group.place_code, group.head_id, tuple(sorted(group.household_ids))


def _had(source: Source, place_code: str, viewer: Viewer) -> dict[_Key, int]:
    """The groups of a place that have a sheet with just their households, and its id."""
    printed = queries.sheets_of(source, place_code, viewer=viewer)
    lines = queries.lines_of(printed)
    return {
        (sheet.place_code, sheet.group_head_id, tuple(sorted(lines[sheet.pk].values()))): sheet.pk
        for sheet in printed
    }


def _give(viewer: Viewer, source: Source, place_code: str) -> list[int]:
    """The sheets of a place; a group that has none gets one."""
    groups = queries.groups(source, place_code, viewer=viewer)
    if not groups:
        raise NO_HOUSEHOLDS()
    had = _had(source, place_code, viewer)
    taken = set(Sheet.objects.values_list("number", flat=True))
    for group in _parts(groups):
        if _key(group) not in had:
            had[_key(group)] = _print(viewer, source, group, taken)
    return [had[_key(group)] for group in _parts(groups)]


def _parts(groups: list[Group]) -> list[Group]:
    size = min(LINES_A_SHEET, LINES_MAX)
    return [
        Group(group.place_code, group.head_id, group.household_ids[start : start + size])
        for group in groups
        for start in range(0, len(group.household_ids), size)
    ]


def _print(viewer: Viewer, source: Source, group: Group, taken: set[int]) -> int:
    about = source.evacuation_id or source.alert_id
    seed = f"{about}/{group.place_code}/{group.head_id}/{group.household_ids[0]}"
    number = rules.number_for(seed, taken)
    taken.add(number)
    fact = record(
        PRINTED,
        fields={
            "evacuation_id": source.evacuation_id,
            "number": number,
            "group_head_id": group.head_id,
        },
        items=[{"household_id": household_id} for household_id in group.household_ids],
        scope=group.place_code,
        viewer=viewer,
        about=[source.alert_id],
    )
    return fact.entity()


@command
def record_typed(
    *,
    viewer: Viewer,
    text: str,
    seen_at: datetime | None = None,
    chosen: Mapping[int, int] | None = None,
) -> list[dict[str, Any]]:
    """Records what was typed from sheets; rows as `queries.typed`, with what became of each.

    A line that cannot be read or is refused takes no other with it. Raises sheets.nothing_typed.
    """
    rows = queries.typed(text, viewer=viewer, seen_at=seen_at, chosen=chosen)
    if not rows:
        raise NOTHING_TYPED()
    recorded: dict[int, list[Row]] = {}
    for row in rows:
        if row.outcome in ("new", "differs"):
            recorded.setdefault(row.sheet_id, [])
            if _record(viewer, row):
                recorded[row.sheet_id].append(row)
    for sheet_id, new in recorded.items():
        if new:
            typed = [row for row in rows if row.sheet_id == sheet_id]
            record(
                TYPED,
                fields={
                    "sheet_id": sheet_id,
                    "number": new[0].number,
                    "lines": len(typed),
                    "recorded": len(new),
                },
                scope=new[0].place_code,
                viewer=viewer,
                about=[sheet_id],
            )
    return [row_to_plain(row) for row in rows]


def _record(viewer: Viewer, row: Row) -> bool:
    try:
        done = record_household_status(
            viewer=viewer,
            household_id=row.household_id,
            status=row.status,
            client_id=row.client_id,
            evacuation_id=row.evacuation_id,
            people_moved=row.people,
            confirmed_by=row.confirmed_by,
            confirmed_how=row.confirmed_how,
            observed_at=row.seen_at,
        )
    except Problem as problem:
        plain = problem.to_plain()
        row.outcome, row.zh, row.en = "refused", plain["zh"], plain["en"]
        return False
    if done["outcome"] == "recorded":
        row.outcome = "recorded"
        return True
    row.outcome = "already_recorded"
    return False


def sheets_as_pdf(
    *, viewer: Viewer, place_code: str, evacuation_id: int = 0, alert_id: int = 0, origin: str = ""
) -> bytes:
    """Prints the sheets of a place for an evacuation, or for a warning: A4, one or more pages a
    sheet.

    `origin`: how phones reach this node (`https://…`), for the QR code that names the sheet.
    Raises sheets.no_households, sheets.not_set.
    """
    if alert_id:
        source = source_of_alert(alert_id, viewer=viewer)
        printed = print_for_alert(viewer=viewer, alert_id=alert_id, place_code=place_code)
    else:
        found = source_of_evacuation(evacuation_id)
        if found is None:
            raise NO_HOUSEHOLDS()
        source = found
        printed = print_sheets(viewer=viewer, evacuation_id=evacuation_id, place_code=place_code)
    content = queries.on_paper(source, printed["sheet_ids"], viewer=viewer, origin=origin)
    return paper.to_pdf(content)


def row_to_plain(row: Row) -> dict[str, Any]:
    """A row as it goes to a screen: ids as strings, times as datetimes."""
    return {
        "row": row.row,
        "text": row.text,
        "outcome": row.outcome,
        "field": row.fault_field,
        "zh": row.zh,
        "en": row.en,
        "code": row.code,
        "number": str(row.number) if row.number else "",
        "sheet_id": str(row.sheet_id) if row.sheet_id else None,
        "household_id": str(row.household_id) if row.household_id else None,
        "label": row.label,
        "place_code": row.place_code,
        "status": row.status,
        "people": row.people,
        "people_listed": row.people_listed,
        "confirmed_how": row.confirmed_how,
        "confirmed_by": row.confirmed_by,
        "seen_at": row.seen_at,
        "standing": row.standing,
        "choices": row.choices,
    }
