"""What happens to a record after it was registered, and showing a full number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import facts, queries, rules
from fengsui.foundation.people.errors import REASON_NEEDED, UNKNOWN_FIELD
from fengsui.foundation.people.models import ContactPoint, Household, Person, PostHolding
from fengsui.standards.divisions import township_of, village_of


@command
def end_holding(*, viewer: Viewer, holding_id: int) -> dict[str, Any]:
    """The person leaves the post now."""
    holding = PostHolding.objects.filter(pk=holding_id).first()
    if holding is None:
        raise NOT_FOUND()
    require(viewer, Permission.EDIT_REGISTERS, holding.place_code)
    record(
        facts.HOLDING_ENDED,
        fields={"holding_id": holding_id, "until_s": int(clock.now().timestamp())},
        scope=holding.place_code,
        viewer=viewer,
        about=[holding.post_id, holding.person_id],
    )
    return {"holding_id": holding_id}


@command
def record_presence(*, viewer: Viewer, counts: Mapping[int, int]) -> dict[str, int]:
    """How many people are in each household tonight: household id -> people, at most 2,000."""
    wanted = {int(key): value for key, value in counts.items()}
    rows = list(
        Household.objects.filter(pk__in=wanted)
        .order_by("place_code", "id")
        .values("id", "place_code")
    )
    if len(rows) != len(wanted):
        raise NOT_FOUND()
    for value in wanted.values():
        _check_value("tonight_people", value)
    for row in rows:
        require(viewer, Permission.RECORD_HOUSEHOLD, row["place_code"])
    for village, group in groupby(rows, key=lambda row: village_of(row["place_code"])):
        items = [{"household_id": row["id"], "people": wanted[row["id"]]} for row in group]
        record(
            facts.PRESENCE_RECORDED,
            fields={"count": len(items)},
            items=items,
            scope=village,
            viewer=viewer,
        )
    return {"recorded": len(rows)}


@command
def change_household(
    *, viewer: Viewer, household_id: int, changes: Mapping[str, Any]
) -> dict[str, int]:
    """Changes fields of a household; every earlier value stays visible in `field_history`."""
    household = Household.objects.filter(pk=household_id).first()
    if household is None:
        raise NOT_FOUND()
    require(viewer, Permission.EDIT_REGISTERS, household.place_code)
    for field, value in changes.items():
        _check_value(field, value)
    record(
        facts.HOUSEHOLD_CHANGED,
        fields={
            "household_id": household_id,
            "changes": {k: v for k, v in changes.items() if k in rules.PUBLIC_HOUSEHOLD_FIELDS},
            "private_fields": [k for k in changes if k in rules.PRIVATE_HOUSEHOLD_FIELDS],
        },
        personal={
            "private_changes": {
                k: v for k, v in changes.items() if k in rules.PRIVATE_HOUSEHOLD_FIELDS
            }
        },
        scope=household.place_code,
        viewer=viewer,
        about=[household_id],
    )
    return {"household_id": household_id}


@command
def rename_person(*, viewer: Viewer, person_id: int, name: str) -> dict[str, int]:
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NOT_FOUND()
    require(viewer, Permission.EDIT_REGISTERS, person.place_code)
    for _, fault in rules.text_faults({"name": name}, "name", rules.NAME_LENGTH_MAX):
        raise UNKNOWN_FIELD(field="name", fault=fault)
    record(
        facts.PERSON_RENAMED,
        fields={"person_id": person_id},
        personal={"name": name},
        scope=person.place_code,
        viewer=viewer,
        about=[person_id],
    )
    return {"person_id": person_id}


@command
def replace_contact(
    *, viewer: Viewer, contact_point_id: int, value: str, reason: str
) -> dict[str, int]:
    """A new number for an old one, with the reason (dead number, changed phone)."""
    contact = _contact(contact_point_id)
    require(viewer, Permission.EDIT_REGISTERS, contact.place_code)
    _check_reason(reason)
    for _, fault in rules.text_faults({"value": value}, "value", rules.VALUE_LENGTH_MAX):
        raise UNKNOWN_FIELD(field="value", fault=fault)
    record(
        facts.CONTACT_REPLACED,
        fields={"contact_point_id": contact_point_id, "reason": reason.strip()},
        personal={"value": value},
        scope=contact.place_code,
        viewer=viewer,
        about=[contact_point_id],
    )
    return {"contact_point_id": contact_point_id}


@command
def prove_contacts(
    *, viewer: Viewer, contact_point_ids: Sequence[int], at: datetime | None = None
) -> dict[str, int]:
    """Somebody answered at these contact points at that moment, or just now."""
    rows = list(
        ContactPoint.objects.filter(pk__in=list(contact_point_ids))
        .order_by("place_code", "id")
        .values("id", "place_code")
    )
    for row in rows:
        require(viewer, Permission.NAME_STAND_IN, row["place_code"])
    for scope, group in groupby(rows, key=lambda row: township_of(row["place_code"])):
        ids = [row["id"] for row in group]
        record(
            facts.CONTACTS_PROVEN,
            fields={
                "count": len(ids),
                "contact_point_ids": ids,
                "proven_s": int((at or clock.now()).timestamp()),
            },
            scope=scope,
            viewer=viewer,
        )
    return {"proven": len(rows)}


@command
def reveal_contact(
    *,
    viewer: Viewer,
    reason: str,
    contact_point_id: int | None = None,
    person_id: int | None = None,
    household_id: int | None = None,
) -> dict[str, str]:
    """The full number, for a reason that is recorded. Name exactly one of the three.

    For a person it is the first telephone; for a household that of the relative. Returns
    {"value"}; raises access.not_found where there is none or it is out of sight.
    """
    _check_reason(reason)
    if household_id is not None:
        household = queries.gate_household(household_id, viewer=viewer)
        place, value, owner = household.place_code, household.relative_phone, "household"
        owner_id = household_id
    else:
        contact = (
            queries.first_phone(person_id, viewer=viewer)
            if person_id is not None
            else queries.gate_contact(contact_point_id or 0, viewer=viewer)
        )
        place, value, owner, owner_id = contact.place_code, contact.value, "contact", contact.pk
    require(viewer, Permission.REVEAL_PERSONAL, place)
    if not value:
        raise NOT_FOUND()
    record(
        facts.CONTACT_REVEALED,
        fields={"owner_kind": owner, "owner_id": owner_id, "reason": reason.strip()},
        scope=place,
        viewer=viewer,
        about=[owner_id, *([person_id] if person_id is not None else [])],
    )
    return {"value": value}


def _check_value(field: str, value: Any) -> None:
    if field not in rules.PUBLIC_HOUSEHOLD_FIELDS + rules.PRIVATE_HOUSEHOLD_FIELDS:
        raise UNKNOWN_FIELD(field=field, fault="unknown")
    sample = {"place_code": "0" * 12, "label": "x", field: value}
    for name, fault in rules.household_faults(sample):
        if name == field and not (field in ("lon_e7", "lat_e7") and type(value) is int):
            raise UNKNOWN_FIELD(field=field, fault=fault)


def _check_reason(reason: str) -> None:
    if not rules.REASON_LENGTH_MIN <= len(reason.strip()) <= rules.REASON_LENGTH_MAX:
        raise REASON_NEEDED(least=rules.REASON_LENGTH_MIN, most=rules.REASON_LENGTH_MAX)


def _contact(contact_point_id: int) -> ContactPoint:
    contact = ContactPoint.objects.filter(pk=contact_point_id).first()
    if contact is None:
        raise NOT_FOUND()
    return contact
