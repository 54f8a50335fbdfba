"""One fact of duty → rows. Nothing waits: each row stands by itself, in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fengsui.foundation.journal.facts import Fact
from fengsui.readiness.watch.apply.checking import (
    apply_check_in_ended,
    apply_check_in_missed,
    apply_check_in_started,
    apply_checked_in,
)
from fengsui.readiness.watch.apply.reporting import (
    apply_incident_closed,
    apply_incident_corrected,
    apply_incident_known,
    apply_incident_reopened,
    apply_late_reason_given,
    apply_report_recorded,
)
from fengsui.readiness.watch.apply.standing import order_key
from fengsui.readiness.watch.models import Handover, LocalRule, Note, RollCall, Shift


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def apply_shifts_planned(fact: Fact) -> int | None:
    said = fact.fields
    Shift.objects.bulk_create(
        [
            Shift(
                id=fact.entity(index),
                post_id=said["post_id"],
                place_code=fact.scope,
                position=position,
                person_id=person_id,
                from_at=_at(from_s),
                until_at=_at(until_s),
                uid=uid,
            )
            for index, (position, person_id, from_s, until_s, uid) in enumerate(said["shifts"])
        ],
        ignore_conflicts=True,
    )
    return None


def apply_shift_changed(fact: Fact) -> int | None:
    said, key = fact.fields, order_key(fact)
    shift = Shift.objects.filter(id=said["shift_id"])
    if not shift.exists():
        return int(said["shift_id"])
    # An erasure applies the same fact again: equal must win as well.
    shift.filter(changed_key__lte=key).update(
        person_id=said["person_id"],
        from_at=_at(said["from_s"]),
        until_at=_at(said["until_s"]),
        is_withdrawn=said["is_withdrawn"],
        reason=(fact.personal or {}).get("reason", ""),
        changed_key=key,
    )
    return None


def apply_rule_set(fact: Fact) -> int | None:
    said, key = fact.fields, order_key(fact)
    row, _ = LocalRule.objects.get_or_create(
        place_code=said["place_code"],
        name=said["name"],
        defaults={"number": said["number"], "changed_key": key},
    )
    if row.changed_key < key:
        LocalRule.objects.filter(pk=row.pk).update(number=said["number"], changed_key=key)
    return None


def apply_handover_signed(fact: Fact) -> int | None:
    said = fact.fields
    Handover.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "post_id": said["post_id"],
            "place_code": fact.scope,
            "incoming_id": said["incoming_id"],
            "outgoing_id": said["outgoing_id"],
            "shift_until_at": _at(said["shift_until_s"]),
            "matters": said["matters"],
            "digest": said["digest"],
            "signed_by": fact.actor,
            "signed_at": fact.at,
            "order_key": order_key(fact),
        },
    )
    return None


def apply_note_left(fact: Fact) -> int | None:
    Note.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "post_id": fact.fields["post_id"],
            "place_code": fact.scope,
            "text": (fact.personal or {}).get("text", ""),
            "written_by": fact.actor,
            "written_at": fact.at,
        },
    )
    return None


def apply_note_closed(fact: Fact) -> int | None:
    note = Note.objects.filter(id=fact.fields["note_id"])
    if not note.exists():
        return int(fact.fields["note_id"])
    for row in note:
        if row.closed_at is None or (fact.at, fact.actor) < (row.closed_at, row.closed_by or 0):
            note.update(closed_at=fact.at, closed_by=fact.actor)
    return None


def apply_roll_call_opened(fact: Fact) -> int | None:
    said = fact.fields
    RollCall.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "callout_id": said["callout_id"],
            "within_s": said["within_s"],
            "rooms": said["rooms"],
            "exercise": said["exercise"],
            "opened_by": fact.actor,
            "opened_at": fact.at,
        },
    )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "watch.shifts_planned": apply_shifts_planned,
    "watch.shift_changed": apply_shift_changed,
    "watch.rule_set": apply_rule_set,
    "watch.handover_signed": apply_handover_signed,
    "watch.note_left": apply_note_left,
    "watch.note_closed": apply_note_closed,
    "watch.roll_call_opened": apply_roll_call_opened,
    "watch.check_in_started": apply_check_in_started,
    "watch.checked_in": apply_checked_in,
    "watch.check_in_missed": apply_check_in_missed,
    "watch.check_in_ended": apply_check_in_ended,
    "watch.incident_known": apply_incident_known,
    "watch.report_recorded": apply_report_recorded,
    "watch.incident_closed": apply_incident_closed,
    "watch.incident_corrected": apply_incident_corrected,
    "watch.late_reason_given": apply_late_reason_given,
    "watch.incident_reopened": apply_incident_reopened,
}
