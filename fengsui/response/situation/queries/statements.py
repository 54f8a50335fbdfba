"""The reads of the situation: open SOS, headcounts that add up, reports, who moved first."""

from __future__ import annotations

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.response.situation import rules
from fengsui.response.situation.models import Headcount, MovedFirst, QuickReport, Relay, Sos
from fengsui.response.situation.states import HEADCOUNT_NUMBERS

ROWS_MAX = 500


def open_sos(*, viewer: Viewer, with_closed: bool = False) -> list[Sos]:
    """Calls for help in the viewer's places: those still open first, then the newest."""
    rows = Sos.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    if not with_closed:
        rows = rows.filter(closed_at=None)
    return list(rows.order_by("closed_at", "-at", "client_id")[:ROWS_MAX])


def headcounts(evacuation_id: int | None, *, viewer: Viewer) -> list[Headcount]:
    """The newest headcount of each (place, series) of one evacuation, or of none, by place."""
    rows = Headcount.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), evacuation_id=evacuation_id, is_current=True
    )
    return list(rows.order_by("place_code", "series", "client_id")[:ROWS_MAX])


def headcount_total(evacuation_id: int | None, *, viewer: Viewer) -> dict[str, int]:
    """The nine numbers added up once: a township's figure is not added to its villages'."""
    rows = headcounts(evacuation_id, viewer=viewer)
    counted = counted_once(rows)
    return {
        name: sum(getattr(row, name) for row in rows if (row.place_code, row.series) in counted)
        for name in HEADCOUNT_NUMBERS
    }


def counted_once(rows: list[Headcount]) -> set[tuple[str, int]]:
    """Which of the newest headcounts add up to the total."""
    return rules.counted_once(
        rules.Counted(
            row.place_code, row.series, {name: getattr(row, name) for name in HEADCOUNT_NUMBERS}
        )
        for row in rows
    )


def reports(*, viewer: Viewer, with_older: bool = False) -> list[QuickReport]:
    """Quick reports in the viewer's places, newest first; only those that count unless asked."""
    rows = QuickReport.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    if not with_older:
        rows = rows.filter(is_current=True)
    return list(rows.order_by("-at", "client_id")[:ROWS_MAX])


def moved_first(*, viewer: Viewer) -> list[MovedFirst]:
    """村级先行转移 in the viewer's places, newest first."""
    rows = MovedFirst.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    return list(rows.order_by("-at", "client_id")[:ROWS_MAX])


def relays(*, viewer: Viewer, only_unmatched: bool = False) -> list[Relay]:
    """What gateways heard, newest first; `only_unmatched`: whose fact has not come yet."""
    rows = Relay.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    if only_unmatched:
        rows = rows.filter(said_as="")
    return list(rows.order_by("-heard_at", "id")[:ROWS_MAX])
