"""A printed sheet → its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.exchange.sheets.models import Sheet, SheetLine
from fengsui.foundation.journal.facts import Fact

PROJECTION_VERSION = 2  # 2: the warning that a sheet was printed for


def apply_printed(fact: Fact) -> int | None:
    sheet, fresh = Sheet.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "number": fact.fields["number"],
            "evacuation_id": fact.fields["evacuation_id"],
            "alert_id": fact.about[0] if fact.about else 0,
            "place_code": fact.scope,
            "group_head_id": fact.fields["group_head_id"],
            "printed_at": fact.at,
            "printed_by": fact.actor,
        },
    )
    if fresh:
        SheetLine.objects.bulk_create(
            SheetLine(sheet=sheet, line=line, household_id=item["household_id"])
            for line, item in enumerate(fact.items, 1)
            if item is not None
        )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {"sheets.printed": apply_printed}
