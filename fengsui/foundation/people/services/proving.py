"""号码待核实: somebody answered there, or it is dead; and for how long an answer proves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import facts, rules
from fengsui.foundation.people.errors import REASON_NEEDED, RULE_OUT_OF_RANGE
from fengsui.foundation.people.models import ContactPoint
from fengsui.foundation.people.queries.persons import PROVEN_DAYS
from fengsui.foundation.people.services.changes import prove_contacts
from fengsui.standards.divisions import county_of, township_of

CONTACTS_PER_FACT = 200
NUMBERS_PER_QUERY = 500


class NumberRung(NamedTuple):
    """A number that a call rang, for whom, and whether somebody answered or it does not exist."""

    person_id: int  # 0: whoever sits at the post
    kind: str
    value: str
    at: datetime
    is_dead: bool


@command
def note_contacts_dead(
    *, viewer: Viewer, contact_point_ids: Sequence[int], at: datetime | None = None
) -> dict[str, int]:
    """空号、停机: failed for good. They stay in the register and are rung last."""
    rows = list(
        ContactPoint.objects.filter(pk__in=list(contact_point_ids))
        .order_by("place_code", "id")
        .values("id", "place_code")
    )
    for row in rows:
        if not viewer.may(Permission.SEE_PEOPLE, row["place_code"]):
            raise NOT_FOUND()
        require(viewer, Permission.NAME_STAND_IN, row["place_code"])
    for scope, group in groupby(rows, key=lambda row: township_of(row["place_code"])):
        ids = [row["id"] for row in group]
        for piece in rules.chunks(ids, CONTACTS_PER_FACT):
            record(
                facts.CONTACTS_FAILED,
                fields={
                    "count": len(piece),
                    "contact_point_ids": list(piece),
                    "failed_s": int((at or clock.now()).timestamp()),
                },
                scope=scope,
                viewer=viewer,
            )
    return {"dead": len(rows)}


@command
def note_numbers_rung(*, viewer: Viewer, heard: Sequence[NumberRung]) -> dict[str, int]:
    """What calls found out: the contact points with these numbers, of these persons or of posts.

    What was found out later already stands. Returns {"proven", "dead"}, in contact points.
    """
    by_number: dict[tuple[str, str], list[NumberRung]] = {}
    for one in heard:
        by_number.setdefault((one.kind, one.value), []).append(one)
    found: dict[tuple[bool, int], list[int]] = {}
    for values in rules.chunks(sorted({value for _, value in by_number}), NUMBERS_PER_QUERY):
        rows = ContactPoint.objects.filter(value__in=values, is_withdrawn=False)
        for point in rows.order_by("id"):
            last = _last_of(point, by_number.get((point.kind, point.value), ()))
            if last is not None:
                found.setdefault((last.is_dead, int(last.at.timestamp())), []).append(point.pk)
    counts = {"proven": 0, "dead": 0}
    for (is_dead, second), ids in sorted(found.items()):
        at = datetime.fromtimestamp(second, UTC)
        if is_dead:
            note_contacts_dead(viewer=viewer, contact_point_ids=ids, at=at)
        else:
            prove_contacts(viewer=viewer, contact_point_ids=ids, at=at)
        counts["dead" if is_dead else "proven"] += len(ids)
    return counts


def _last_of(point: ContactPoint, heard: Sequence[NumberRung]) -> NumberRung | None:
    """The last word on this contact point that is later than what the register holds."""
    known = max((at for at in (point.proven_at, point.failed_at) if at is not None), default=None)
    own = [
        one
        for one in heard
        if (point.post_id is not None or point.person_id == one.person_id)
        and (known is None or one.at > known)
    ]
    return max(own, key=lambda one: one.at, default=None)


@command
def set_proven_days(*, viewer: Viewer, place_code: str, days: int, reason: str) -> dict[str, int]:
    """For how many days an answer proves a number: 本地默认, a county's own choice."""
    require(viewer, Permission.EDIT_REGISTERS, county_of(place_code))
    if not rules.PROVEN_DAYS_LEAST <= days <= rules.PROVEN_DAYS_MOST:
        raise RULE_OUT_OF_RANGE(least=rules.PROVEN_DAYS_LEAST, most=rules.PROVEN_DAYS_MOST)
    if not rules.REASON_LENGTH_MIN <= len(reason.strip()) <= rules.REASON_LENGTH_MAX:
        raise REASON_NEEDED(least=rules.REASON_LENGTH_MIN, most=rules.REASON_LENGTH_MAX)
    record(
        facts.LOCAL_RULE_SET,
        fields={"rule": PROVEN_DAYS, "number": days, "reason": reason.strip()},
        scope=county_of(place_code),
        viewer=viewer,
    )
    return {"days": days}
