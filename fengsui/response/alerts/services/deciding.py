"""Edit, submit, approve, return, lift, review, expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.accounts.queries import holders_of
from fengsui.foundation.journal.services import command, on_commit_notify
from fengsui.foundation.people import queries as people
from fengsui.response.alerts import facts, queries, rules
from fengsui.response.alerts.errors import (
    AUTHOR_MAY_NOT_APPROVE,
    MISSING_STATUTORY,
    REASON_NEEDED,
    SHORT_TEXT_TOO_LONG,
    WRONG_STATE,
)
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.services.activating import activate
from fengsui.response.alerts.services.steps import (
    STATE_WORD,
    TEXT_MAX,
    check_codes,
    checked_polygon,
    gated,
    must_move,
    refuse_marked,
    take_step,
)
from fengsui.response.alerts.states import EDITABLE_STATES, AlertState


@command
def edit_alert(
    *,
    viewer: Viewer,
    alert_id: int,
    reason: str = "",
    area_codes: list[str] | None = None,
    polygon: list[list[float]] | None = None,
    include_other_households: bool | None = None,
    instruction: str | None = None,
    short_text: str | None = None,
) -> dict[str, int]:
    """Change where it goes and what is said beside it; never what its issuer said."""
    alert = gated(viewer, Permission.DRAFT_ALERT, alert_id)
    if alert.state not in EDITABLE_STATES:
        raise WRONG_STATE(state=STATE_WORD[alert.state], verb="修改")
    refuse_marked(reason, instruction or "", short_text or "")
    changes: dict[str, Any] = {}
    if area_codes is not None:
        check_codes(area_codes)
        for code in area_codes:
            require(viewer, Permission.DRAFT_ALERT, code)
        changes["area_codes"] = area_codes
    if polygon is not None:
        changes["polygons_e7"] = [checked_polygon(polygon)] if polygon else []
    if include_other_households is not None:
        changes["include_other_households"] = include_other_households
    if instruction is not None and instruction.strip():
        changes["instruction"] = instruction.strip()[:TEXT_MAX]
        changes["instruction_is_default"] = False
    if short_text is not None and short_text.strip():
        if len(short_text) > rules.SHORT_TEXT_LIMIT:
            raise SHORT_TEXT_TOO_LONG(limit=rules.SHORT_TEXT_LIMIT, length=len(short_text))
        changes["short_text"] = short_text.strip()
    if changes:
        take_step(viewer, alert, facts.EDITED, changes=changes, reason=reason)
    return {"alert_id": alert_id}


@command
def submit_alert(*, viewer: Viewer, alert_id: int) -> dict[str, int]:
    """Send a draft to a second person. Refused while one of the eight fields is not known."""
    alert = gated(viewer, Permission.DRAFT_ALERT, alert_id)
    must_move(alert, AlertState.PENDING, "提交")
    missing = queries.missing_statutory(alert)
    if missing:
        raise MISSING_STATUTORY(fields="、".join(missing))
    take_step(viewer, alert, facts.SUBMITTED)
    return {"alert_id": alert_id}


@command
def approve_alert(*, viewer: Viewer, alert_id: int, reason: str = "") -> dict[str, Any]:
    """The second pair of eyes says yes: the alert is in force and calling begins.

    Raises alerts.author_may_not_approve when the approver wrote or edited it.
    """
    alert = gated(viewer, Permission.APPROVE_ALERT, alert_id)
    must_move(alert, AlertState.APPROVED, "批准")
    hands = {alert.author_id, *queries.editors_of(alert_id)}
    # Whoever stands in for somebody is no second pair of eyes beside them.
    hands |= people.at_one_post_with(hands)
    if viewer.person_id in hands or not rules.may_approve(
        author_id=alert.author_id, approver_id=viewer.person_id
    ):
        others = [
            one["name"]
            for one in holders_of("duty_leader", alert.place_code, viewer=viewer)
            if int(one["person_id"]) not in hands
        ]
        raise AUTHOR_MAY_NOT_APPROVE(names="、".join(others) or "另一位带班领导")
    missing = queries.missing_statutory(alert)
    if missing:
        raise MISSING_STATUTORY(fields="、".join(missing))
    approved = take_step(
        viewer,
        alert,
        facts.APPROVED,
        author_id=alert.author_id,
        approver_id=viewer.person_id,
        authorisation_id=None,
        reason=reason,
    )
    return activate(viewer, alert, approved)


@command
def return_alert(*, viewer: Viewer, alert_id: int, reason: str) -> dict[str, int]:
    alert = gated(viewer, Permission.APPROVE_ALERT, alert_id)
    must_move(alert, AlertState.RETURNED, "退回")
    if not reason.strip():
        raise REASON_NEEDED()
    take_step(viewer, alert, facts.RETURNED, reason=reason.strip())
    return {"alert_id": alert_id}


@command
def cancel_alert(*, viewer: Viewer, alert_id: int, reason: str) -> dict[str, int]:
    """Lift an alert, or throw a draft away. Everyone who was called is told."""
    in_force = queries.gate(alert_id, viewer=viewer).state in (
        AlertState.ACTIVE,
        AlertState.APPROVED,
    )
    needed = Permission.APPROVE_ALERT if in_force else Permission.DRAFT_ALERT
    alert = gated(viewer, needed, alert_id)
    must_move(alert, AlertState.CANCELLED, "解除")
    if not reason.strip():
        raise REASON_NEEDED()
    take_step(viewer, alert, facts.CANCELLED, reason=reason.strip())
    if alert.callout_id:
        calls.notify_cancelled(
            viewer=replace(viewer, is_node=True),
            callout_id=alert.callout_id,
            text=f"{alert.headline}已解除。",
        )
    if alert.evacuation_id:
        on_commit_notify(f"evacuation:{alert.evacuation_id}", {})
    return {"alert_id": alert_id}


@command
def review_self_rescue(*, viewer: Viewer, alert_id: int, verdict: str) -> dict[str, int]:
    alert = gated(viewer, Permission.APPROVE_ALERT, alert_id)
    if not verdict.strip():
        raise REASON_NEEDED()
    take_step(viewer, alert, facts.SELF_RESCUE_REVIEWED, verdict=verdict.strip())
    return {"alert_id": alert_id}


@command
def expire_alerts(*, viewer: Viewer, now: datetime) -> dict[str, int]:
    """End what has run out of time. Nobody is called; the record says so.

    Only this node's own alerts: another node says so of its own.
    """
    over = Alert.objects.filter(state=AlertState.ACTIVE, expires_at__lte=now)
    if not over.exists():
        return {"expired": 0}
    due = list(over.filter(place_code=queries.owner_place())[:100])
    for alert in due:
        take_step(viewer, alert, facts.EXPIRED)
    return {"expired": len(due)}
