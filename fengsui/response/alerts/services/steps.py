"""What every verb of the desk needs: the gate, the checks, one fact of an alert."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import on_commit_notify, record
from fengsui.response.alerts import queries
from fengsui.response.alerts.errors import (
    BAD_AREA,
    CLASSIFIED,
    WRONG_STATE,
)
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.states import AlertState, may_move
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import is_division_code
from fengsui.standards.secrecy import mark_in_text

POLYGON_VERTICES_MAX = 5000
AREA_CODES_MAX = 2000
TEXT_MAX = 20_000
STATE_WORD = {
    "draft": "草稿",
    "pending": "待审批",
    "returned": "已退回",
    "approved": "已批准",
    "active": "生效中",
    "updated": "已被接替",
    "cancelled": "已解除",
    "expired": "已到期",
}


def gated(viewer: Viewer, permission: Permission, alert_id: int) -> Alert:
    """The alert, when the viewer may see it and holds `permission` over all of its ground."""
    alert = queries.gate(alert_id, viewer=viewer)
    if not viewer.may(permission, alert.place_code):
        for code in alert.area_codes or [alert.place_code]:
            require(viewer, permission, code)
    return alert


def must_move(alert: Alert, after: AlertState, verb: str) -> None:
    if not may_move(alert.state, after):
        raise WRONG_STATE(state=STATE_WORD[alert.state], verb=verb)


def is_marked(*texts: str) -> bool:
    return any(mark_in_text(text) for text in texts)


def refuse_marked(*texts: str) -> None:
    """Raises alerts.classified where one of them bears a mark of secrecy; it is not repeated."""
    if is_marked(*texts):
        raise CLASSIFIED()


def check_codes(codes: list[str]) -> None:
    wrong = [code for code in codes if not is_division_code(code)]
    if wrong or len(codes) > AREA_CODES_MAX:
        raise BAD_AREA(detail="、".join(wrong[:5]) or f"最多 {AREA_CODES_MAX} 个区划码")


def checked_polygon(ring: list[list[float]]) -> list[list[int]]:
    """One closed ring of [longitude, latitude]; refused when crossed, open or out of range."""
    if len(ring) < 4 or len(ring) > POLYGON_VERTICES_MAX:
        raise BAD_AREA(detail=f"多边形要有 4 到 {POLYGON_VERTICES_MAX} 个点")
    if ring[0] != ring[-1]:
        raise BAD_AREA(detail="多边形没有闭合")
    if any(not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90) for point in ring):
        raise BAD_AREA(detail="坐标超出范围")
    from shapely.geometry import Polygon  # 15 MB, and only where somebody draws an area

    if not Polygon(ring).is_valid:
        raise BAD_AREA(detail="多边形自相交")
    return ring_e7(ring)


def ring_e7(ring: Iterable[Iterable[float]]) -> list[list[int]]:
    return [[round(value * E7) for value in point] for point in ring]


def take_step(viewer: Viewer, alert: Alert, kind: Any, **body: Any) -> Fact:
    fact = record(
        kind,
        fields={"alert_id": alert.pk, **body},
        scope=alert.place_code,
        viewer=viewer,
        about=[alert.pk],
    )
    tell(alert.pk)
    return fact


def tell(alert_id: int) -> None:
    on_commit_notify("alerts", {"alert_id": str(alert_id)})
