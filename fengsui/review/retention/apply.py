"""Facts about terms and erasures become rows. What erases leaves is the journal's own fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import clock_of
from fengsui.foundation.journal.queries import feed_key
from fengsui.review.retention.facts import ERASURE_DONE, ERASURE_ORDERED, EVENT_KEPT, TERM_SET
from fengsui.review.retention.models import Erasure, KeptEvent, Term

PROJECTION_VERSION = 1


def _moment(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)


def apply_term_set(fact: Fact) -> None:
    code, said = fact.fields["class_code"], clock_of(fact)
    held = Term.objects.filter(pk=code).values_list("clock", flat=True).first()
    if held is None or said > held:
        Term.objects.update_or_create(
            class_code=code,
            defaults={
                "days": fact.fields["days"],
                "reason": fact.fields["reason"],
                "set_by": fact.actor,
                "set_at": fact.at,
                "clock": said,
            },
        )


def apply_event_kept(fact: Fact) -> None:
    alert_id, said = fact.fields["alert_id"], clock_of(fact)
    held = KeptEvent.objects.filter(pk=alert_id).values_list("clock", flat=True).first()
    if held is None or said > held:
        KeptEvent.objects.update_or_create(
            alert_id=alert_id,
            defaults={
                "until_at": datetime.fromtimestamp(fact.fields["until_s"], UTC),
                "reason": fact.fields["reason"],
                "kept_by": fact.actor,
                "kept_at": fact.at,
                "clock": said,
            },
        )


def apply_erasure_ordered(fact: Fact) -> None:
    key = feed_key(fact.feed)
    fields = fact.fields
    Erasure.objects.bulk_create(
        [
            Erasure(
                id=fact.entity(),
                fact_id=fact.id,
                node_key=b"" if key is None else key.public_key,
                place_code=fact.scope,
                subject=fields["subject"],
                subject_ids=fields["subject_ids"],
                classes=fields["classes"],
                before_at=_moment(fields["before_s"]),
                reason=fields["reason"],
                ordered_by=fact.actor,
                ordered_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )


def apply_erasure_done(fact: Fact) -> int | None:
    erasure_id, said = fact.fields["erasure_id"], clock_of(fact)
    row = Erasure.objects.filter(pk=erasure_id).values("clock", "done_at").first()
    if row is None:
        waited: int = erasure_id
        return waited
    if said > row["clock"]:
        Erasure.objects.filter(pk=erasure_id).update(
            facts=fact.fields["facts"], leaves=fact.fields["leaves"], done_at=fact.at, clock=said
        )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    TERM_SET.name: apply_term_set,
    EVENT_KEPT.name: apply_event_kept,
    ERASURE_ORDERED.name: apply_erasure_ordered,
    ERASURE_DONE.name: apply_erasure_done,
}
