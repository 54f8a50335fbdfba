"""One fact of an alert's life → rows. A move the table of moves forbids changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fengsui.foundation.journal.facts import Fact
from fengsui.response.alerts.facts import judge_approval
from fengsui.response.alerts.models import Alert, AlertStep, Authorisation
from fengsui.response.alerts.states import AlertState, may_move
from fengsui.standards.instants import from_ms

EDITABLE = frozenset(
    {
        "area_codes",
        "polygons_e7",
        "area_description",
        "include_other_households",
        "instruction",
        "instruction_is_default",
        "short_text",
        "headline",
        "caution",
    }
)


def _step(fact: Fact, alert_id: int, verb: str, reason: str = "") -> None:
    AlertStep.objects.get_or_create(
        fact_id=fact.id.hex(),
        defaults={
            "alert_id": alert_id,
            "verb": verb,
            "person_id": fact.actor,
            "at": fact.at,
            "reason": reason,
        },
    )


def apply_received(fact: Fact) -> int | None:
    body = dict(fact.fields)
    instants: dict[str, Any] = {
        name: from_ms(body.pop(name)) if body[name] is not None else body.pop(name)
        for name in ("starts_at", "expires_at", "issued_at")
    }
    body.pop("source_digest")
    _, fresh = Alert.objects.get_or_create(
        id=fact.entity(),
        defaults={
            **body,
            **instants,
            "place_code": fact.scope,
            "author_id": fact.actor,
            "created_at": fact.at,
        },
    )
    if fresh:
        _step(fact, fact.entity(), "received")
    return None


def _move(
    fact: Fact, verb: str, after: AlertState | None, reason: str = "", **changes: Any
) -> int | None:
    """Common shape of every later fact: wait for the alert, take the step, change the row."""
    alert_id = fact.fields["alert_id"]
    alert = Alert.objects.filter(id=alert_id).first()
    if alert is None:
        return int(alert_id)
    if AlertStep.objects.filter(fact_id=fact.id.hex()).exists():
        return None
    _step(fact, alert_id, verb, reason)
    if after is not None:
        if not may_move(alert.state, after):
            return None
        changes["state"] = after.value
    if changes:
        Alert.objects.filter(id=alert_id).update(**changes)
    return None


def apply_edited(fact: Fact) -> int | None:
    changes = {key: value for key, value in fact.fields["changes"].items() if key in EDITABLE}
    return _move(fact, "edited", None, fact.fields["reason"], **changes)


def apply_submitted(fact: Fact) -> int | None:
    return _move(fact, "submitted", AlertState.PENDING)


def judge_with_rows(fact: Fact) -> str | None:
    """Four eyes again, against the alert itself: what a fact says of its author may be a lie."""
    reason = judge_approval(fact)
    written_by_approver = Alert.objects.filter(
        id=fact.fields["alert_id"], author_id=fact.fields["approver_id"]
    )
    if reason is None and fact.fields["approver_id"] and written_by_approver.exists():
        return "approver is the author"
    return reason


def apply_approved(fact: Fact) -> int | None:
    if judge_with_rows(fact):
        return None
    return _move(
        fact,
        "approved",
        AlertState.APPROVED,
        fact.fields["reason"],
        approver_id=fact.fields["approver_id"] or None,
        authorisation_id=fact.fields["authorisation_id"],
    )


def apply_returned(fact: Fact) -> int | None:
    return _move(fact, "returned", AlertState.RETURNED, fact.fields["reason"])


def apply_activated(fact: Fact) -> int | None:
    return _move(
        fact,
        "activated",
        AlertState.ACTIVE,
        activated_at=fact.at,
        sequel=fact.fields["sequel"],
        predecessor_id=fact.fields["predecessor_id"],
        callout_id=fact.fields["callout_id"],
        evacuation_id=fact.fields["evacuation_id"],
    )


def apply_superseded(fact: Fact) -> int | None:
    return _move(fact, "superseded", AlertState.UPDATED, ended_at=fact.at)


def apply_cancelled(fact: Fact) -> int | None:
    reason = fact.fields["reason"]
    return _move(
        fact, "cancelled", AlertState.CANCELLED, reason, ended_at=fact.at, end_reason=reason
    )


def apply_expired(fact: Fact) -> int | None:
    return _move(fact, "expired", AlertState.EXPIRED, ended_at=fact.at)


def apply_reviewed(fact: Fact) -> int | None:
    return _move(fact, "reviewed", None, fact.fields["verdict"], self_rescue_reviewed_at=fact.at)


def apply_authorisation_signed(fact: Fact) -> int | None:
    Authorisation.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.fields["place_code"],
            "levels": fact.fields["levels"],
            "valid_from": from_ms(fact.fields["valid_from"]),
            "valid_until": from_ms(fact.fields["valid_until"]),
            "note": fact.fields["note"],
            "signed_by": fact.actor,
        },
    )
    return None


def apply_authorisation_stopped(fact: Fact) -> int | None:
    authorisation_id = fact.fields["authorisation_id"]
    rows = Authorisation.objects.filter(id=authorisation_id)
    if not rows.exists():
        return int(authorisation_id)
    rows.filter(stopped_at=None).update(stopped_at=fact.at, stop_reason=fact.fields["reason"])
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "alert.received": apply_received,
    "alert.edited": apply_edited,
    "alert.submitted": apply_submitted,
    "alert.approved": apply_approved,
    "alert.returned": apply_returned,
    "alert.activated": apply_activated,
    "alert.superseded": apply_superseded,
    "alert.cancelled": apply_cancelled,
    "alert.expired": apply_expired,
    "alert.self_rescue_reviewed": apply_reviewed,
    "alert.authorisation_signed": apply_authorisation_signed,
    "alert.authorisation_stopped": apply_authorisation_stopped,
}
JUDGE: Mapping[str, Callable[[Fact], str | None]] = {"alert.approved": judge_with_rows}
