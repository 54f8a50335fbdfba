"""A person says what is erased or kept, and why; the node carries it out, however late it comes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.imports import services as imports
from fengsui.foundation.journal import clock, erasures
from fengsui.foundation.journal.facts import LEAF_ERASED, Fact, FactKind
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.services import command, erase_leaves, own_public_key, record
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.machine import services as machine
from fengsui.response.alerts.queries import owner_place
from fengsui.review.retention import errors, queries, rules
from fengsui.review.retention.facts import ERASURE_DONE, ERASURE_ORDERED, EVENT_KEPT, TERM_SET
from fengsui.review.retention.models import Erasure, ErasureProgress, Registered
from fengsui.review.retention.states import Basis, Subject
from fengsui.review.search import services as search
from fengsui.standards.divisions import full_code, scope_prefix

FACTS_PER_STEP = 40
ARRIVALS_PER_STEP = 2000
log = logging.getLogger("fengsui.writer")


# --- what a person decides ------------------------------------------------------------------


@command
def set_term(*, viewer: Viewer, class_code: str, days: int, reason: str) -> dict[str, int]:
    """Changes a local default, within its bounds, for everything that this node serves."""
    place_code = owner_place()
    require(viewer, Permission.ERASE_PERSONAL, place_code)
    one = rules.BY_CODE.get(class_code)
    fault = rules.term_fault(one, days)
    if one is None:
        raise NOT_FOUND()
    if fault == "not_editable":
        raise errors.NOT_EDITABLE()
    if fault:
        raise errors.OUT_OF_RANGE(least=one.least, most=one.most)
    _check_reason(reason)
    fields = {"class_code": class_code, "days": days, "reason": reason.strip()}
    record(TERM_SET, fields=fields, scope=place_code, viewer=viewer)
    return {"days": days}


@command
def keep_event(*, viewer: Viewer, alert_id: int, until: datetime, reason: str) -> dict[str, int]:
    """Keeps the personal data of an event until a day, for evidence or evaluation (§85)."""
    alert = queries.gate_event(alert_id, viewer=viewer)
    _check_reason(reason)
    if until - clock.now() > timedelta(days=rules.KEEP_DAYS_MAX):
        raise errors.KEPT_TOO_LONG(days=rules.KEEP_DAYS_MAX)
    record(
        EVENT_KEPT,
        fields={
            "alert_id": alert_id,
            "until_s": int(until.timestamp()),
            "reason": reason.strip(),
        },
        scope=alert.place_code,
        viewer=viewer,
        about=[alert_id],
    )
    return {"alert_id": alert_id}


@command
def erase_event(*, viewer: Viewer, alert_id: int, reason: str) -> dict[str, int]:
    """Approves that the call list and the evacuation records of an event go. It must be over."""
    alert = queries.gate_event(alert_id, viewer=viewer)
    if not queries.is_over(alert):
        raise errors.EVENT_OPEN()
    return _order(
        viewer,
        Subject.EVENT,
        queries.event_ids(alert),
        alert.place_code,
        reason,
        classes=rules.EVENT_CLASSES,
    )


@command
def erase_subject(*, viewer: Viewer, subject: str, subject_id: int, reason: str) -> dict[str, int]:
    """Erases one person or household everywhere, at once. See `queries.preview`."""
    kind = Subject(subject)
    row = queries.gate_subject(kind, subject_id, viewer=viewer)
    if queries.still_needed(kind, subject_id):
        raise errors.STILL_NEEDED()
    ids = queries.subject_ids(kind, subject_id)
    # The subject itself comes first: lists and phones know it by that.
    ordered = [subject_id, *(one for one in ids if one != subject_id)]
    return _order(viewer, kind, ordered, row.place_code, reason)


@command
def erase_class(*, viewer: Viewer, class_code: str, reason: str) -> dict[str, int]:
    """Approves that everything of a class that is older than its term goes."""
    place_code = _office(viewer)
    one = rules.BY_CODE.get(class_code)
    if one is None or one.basis is not Basis.AGE:
        raise NOT_FOUND()
    before = clock.now() - timedelta(days=queries.days_of(class_code))
    return _order(
        viewer, Subject.CLASS, [], place_code, reason, classes=[class_code], before=before
    )


def _order(
    viewer: Viewer,
    subject: Subject,
    subject_ids: Sequence[int],
    place_code: str,
    reason: str,
    *,
    classes: Sequence[str] = (),
    before: datetime | None = None,
) -> dict[str, int]:
    require(viewer, Permission.ERASE_PERSONAL, place_code)
    _check_reason(reason)
    fact = record(
        ERASURE_ORDERED,
        fields={
            "subject": subject.value,
            "subject_ids": list(subject_ids),
            "classes": list(classes),
            "before_s": None if before is None else int(before.timestamp()),
            "reason": reason.strip(),
        },
        scope=place_code,
        viewer=viewer,
        about=list(subject_ids[:3]),
    )
    return {"erasure_id": fact.entity()}


def _office(viewer: Viewer) -> str:
    """The place over which somebody may erase."""
    scopes = viewer.scopes(Permission.ERASE_PERSONAL)
    if not scopes or not scopes[0].prefix:
        raise NOT_FOUND()
    return full_code(scopes[0].prefix)


def _check_reason(reason: str) -> None:
    if not rules.is_reason(reason):
        raise errors.REASON_NEEDED(least=rules.REASON_LENGTH_MIN, most=rules.REASON_LENGTH_MAX)


# --- carried out ----------------------------------------------------------------------------


@command
def carry_on(*, viewer: Viewer, is_following: bool = False) -> bool:
    """One step of one erasure: forgets what this machine keeps beside the record, then looks
    through the next facts. True where more is waiting. `is_following`: those that were done once.

    The node of the author erases leaves; that reaches every other node as a fact. What comes in
    later about an erased subject is erased as it comes, for `rules.FOLLOWED`.
    """
    newest = StoredFact.objects.aggregate(newest=Max("arrival"))["newest"] or 0
    since = clock.now() - rules.FOLLOWED
    own = own_public_key()
    progress = ErasureProgress.objects.in_bulk()
    for erasure in Erasure.objects.filter(ordered_at__gte=since).order_by("ordered_at", "pk"):
        row = progress.get(erasure.pk) or ErasureProgress(erasure_id=erasure.pk)
        if not row.has_forgotten:
            forget(erasure.subject, erasure.subject_ids)
            row.has_forgotten = True
            row.save()
            return True
        if (row.reported >= 0) != is_following:
            continue
        if bytes(erasure.node_key) == own and row.looked_upto < newest:
            _look_on(erasure, row, newest)
            return True
    return False


def forget(subject: str, subject_ids: Sequence[int]) -> None:
    """What is derived and local: the index of the search box, staged imports."""
    if subject not in (Subject.PERSON, Subject.HOUSEHOLD):
        return
    search.forget(entity_ids=list(subject_ids))
    imports.forget([(name, str(one)) for name in queries.LEDGERS for one in subject_ids])


def _look_on(erasure: Erasure, row: ErasureProgress, newest: int) -> None:
    kinds = _kinds_of(erasure)
    end = min(newest, row.looked_upto + ARRIVALS_PER_STEP)
    page = list(
        StoredFact.objects.filter(
            arrival__gt=row.looked_upto, arrival__lte=end, kind__in=list(kinds)
        ).order_by("arrival")[:FACTS_PER_STEP]
    )
    actor = Viewer(person_id=erasure.ordered_by, name="", is_node=True)
    for stored in page:
        leaves = _leaves(erasure, stored, kinds[stored.kind])
        if leaves:
            erase_leaves(
                viewer=actor,
                fact_id=bytes(stored.fact_id),
                leaves=sorted(leaves),
                reason=erasure.reason,
            )
            row.facts += 1
            row.leaves += len(leaves)
    row.looked_upto = page[-1].arrival if len(page) == FACTS_PER_STEP else end
    if row.looked_upto >= newest and row.leaves > row.reported:
        record(
            ERASURE_DONE,
            fields={"erasure_id": erasure.pk, "facts": row.facts, "leaves": row.leaves},
            scope=erasure.place_code,
            viewer=actor,
            cause=bytes(erasure.fact_id),
            about=[erasure.pk],
        )
        row.reported = row.leaves
    row.save()


def _kinds_of(erasure: Erasure) -> dict[int, FactKind]:
    kinds = queries.personal_kinds()
    if erasure.subject in (Subject.PERSON, Subject.HOUSEHOLD):
        return kinds
    return {
        number: kind
        for number, kind in kinds.items()
        if rules.CLASS_OF_KIND.get(kind.name) in erasure.classes
    }


def _leaves(erasure: Erasure, stored: StoredFact, kind: FactKind) -> set[int]:
    fact = decode(stored)
    if fact is None:
        return set()
    if erasure.subject == Subject.CLASS:
        in_sight = stored.scope.startswith(scope_prefix(erasure.place_code))
        is_old = erasure.before_at is not None and fact.at < erasure.before_at
        return rules.leaves_of_kind(fact, kind) if in_sight and is_old else set()
    subjects = set(erasure.subject_ids)
    if erasure.subject == Subject.EVENT:
        return rules.leaves_of_kind(fact, kind) if _is_of_event(fact, subjects) else set()
    return rules.leaves_about(fact, kind, subjects)


def _is_of_event(fact: Fact, subjects: set[int]) -> bool:
    named = {fact.fields.get(name) for name in ("alert_id", "callout_id", "evacuation_id")}
    return bool((named | set(fact.about)) & subjects)


# --- the register beside the database -------------------------------------------------------


def register_erasures() -> bool:
    """Writes new erasures to the register, and the register to the backups. True: more waits."""
    row, _ = Registered.objects.get_or_create(id=1)
    newest = StoredFact.objects.aggregate(newest=Max("arrival"))["newest"] or 0
    if row.upto >= newest:
        return False
    end = min(newest, row.upto + ARRIVALS_PER_STEP)
    page = StoredFact.objects.filter(
        kind=LEAF_ERASED.number, arrival__gt=row.upto, arrival__lte=end
    ).order_by("arrival")
    lines = []
    for stored in page:
        fact = decode(stored)
        if fact is not None and isinstance(fact.fields["fact_id"], bytes):
            at = int(fact.at.timestamp())
            hexed = fact.fields["fact_id"].hex()
            lines.append({"fact": hexed, "leaves": list(fact.fields["leaves"]), "at": at})
    if lines:
        erasures.add(settings.HOME, lines)
        machine.carry_erasures()
    row.upto = end
    row.save()
    return end < newest
