"""号码待核实: somebody answered there, or it is dead; and for how long an answer proves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import facts, rules
from fengsui.foundation.people.errors import REASON_NEEDED, RULE_OUT_OF_RANGE
from fengsui.foundation.people.models import ContactPoint
from fengsui.foundation.people.queries.persons import PROVEN_DAYS
from fengsui.standards.divisions import county_of, township_of

CONTACTS_PER_FACT = 200


@command
def note_contacts_dead(*, viewer: Viewer, contact_point_ids: Sequence[int]) -> dict[str, int]:
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
                    "failed_s": int(clock.now().timestamp()),
                },
                scope=scope,
                viewer=viewer,
            )
    return {"dead": len(rows)}


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
