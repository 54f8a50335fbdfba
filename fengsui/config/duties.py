"""What is open on a shift besides calls: approvals, deadlines, villages out of contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fengsui.foundation.access.viewer import node_viewer

if TYPE_CHECKING:
    from fengsui.readiness.watch.queries import Matter
    from fengsui.response.alerts.models import Alert


def open_matters(place_code: str) -> Sequence[Matter]:
    """At or below a place: what the incoming officer signs for, as the upper apps know it."""
    return [*_lost_villages(place_code), *_alerts(place_code)]


def _lost_villages(place_code: str) -> list[Matter]:
    from fengsui.foundation.journal import clock
    from fengsui.readiness.watch.queries import Matter
    from fengsui.readiness.watch.states import MatterKind
    from fengsui.response.situation import queries as situation
    from fengsui.response.situation.states import ContactState
    from fengsui.standards.divisions import scope_prefix

    rows = situation.contact(viewer=node_viewer("watch"), now=clock.now())
    prefix = scope_prefix(place_code)
    return [
        Matter(
            MatterKind.OUT_OF_CONTACT,
            row.place_code,
            row.place_code,
            f"{row.name}失去联系，{row.calls} 人、{row.households} 户在等消息",
            f"{row.name} is out of contact; {row.calls} people, {row.households} households",
            since_at=row.word.at if row.word else row.since,
            count=1,
            link="/reach",
        )
        for row in rows
        if row.place_code.startswith(prefix)
        and row.state in (ContactState.LOST, ContactState.SILENT)
    ]


def _alerts(place_code: str) -> list[Matter]:
    from fengsui.response.alerts import queries as alerts
    from fengsui.standards.divisions import scope_prefix

    prefix = scope_prefix(place_code)
    return [
        matter
        for row in alerts.alerts(viewer=node_viewer("watch"))
        if row.place_code.startswith(prefix)
        for matter in (_approval(row), _review(row), _expiry(row))
        if matter is not None
    ]


def _approval(row: Alert) -> Matter | None:
    from fengsui.readiness.watch.queries import Matter
    from fengsui.readiness.watch.states import MatterKind
    from fengsui.response.alerts.states import AlertState

    if row.state != AlertState.PENDING:
        return None
    return Matter(
        MatterKind.APPROVAL,
        str(row.pk),
        row.place_code,
        _said(row),
        _said(row),
        since_at=row.created_at,
        link=f"/alert/{row.pk}",
    )


def _review(row: Alert) -> Matter | None:
    from fengsui.readiness.watch.queries import Matter
    from fengsui.readiness.watch.states import MatterKind
    from fengsui.response.alerts import queries as alerts

    due_at = alerts.review_due_at(row)
    if due_at is None:
        return None
    return Matter(
        MatterKind.CLOCK,
        f"review-{row.pk}",
        row.place_code,
        f"自救呼叫待复核：{_said(row)}",
        f"Self-rescue call to be reviewed: {_said(row)}",
        since_at=row.created_at,
        due_at=due_at,
        link=f"/alert/{row.pk}",
    )


def _expiry(row: Alert) -> Matter | None:
    from fengsui.readiness.watch.queries import Matter
    from fengsui.readiness.watch.states import MatterKind
    from fengsui.response.alerts.states import AlertState

    if row.state != AlertState.ACTIVE or row.expires_at is None:
        return None
    return Matter(
        MatterKind.CLOCK,
        f"expiry-{row.pk}",
        row.place_code,
        f"在执行，到期：{_said(row)}",
        f"In force, runs out: {_said(row)}",
        since_at=row.activated_at,
        due_at=row.expires_at,
        link=f"/alert/{row.pk}",
    )


def _said(row: Alert) -> str:
    return row.headline or row.short_text
