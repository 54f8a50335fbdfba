"""One person or household: everything whose facts are about it, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from fengsui.engines.calls.models import Call, CallParty
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.attachments.models import Attachment
from fengsui.foundation.devices.models import Device
from fengsui.foundation.imports import queries as imports
from fengsui.foundation.ledgers.models import RowChange
from fengsui.foundation.people.models import ContactPoint, Household, Person, PostHolding
from fengsui.response.evacuations.models import EvacuationEntry, EvacuationHousehold
from fengsui.review.retention.states import Subject

FOUND_MAX = 20
# The registers in which persons and households stand, their staged imports and exports.
LEDGERS = ("persons", "contacts", "holdings", "households")


def find(text: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """By the beginning of their name: {"subject", "id", "name", "place_code"}."""
    text = text.strip()
    if len(text) < 2:
        return []
    persons = Person.objects.filter(
        visible(viewer, Permission.ERASE_PERSONAL), name__startswith=text
    )
    households = Household.objects.filter(
        visible(viewer, Permission.ERASE_PERSONAL), label__startswith=text
    )
    found = []
    for subject, rows, name in (
        (Subject.PERSON, persons, "name"),
        (Subject.HOUSEHOLD, households, "label"),
    ):
        found += [
            {"subject": subject.value, "id": pk, "name": said, "place_code": code}
            for pk, said, code in rows.order_by(name, "pk").values_list("pk", name, "place_code")[
                :FOUND_MAX
            ]
        ]
    return found


def gate_subject(subject: Subject, subject_id: int, *, viewer: Viewer) -> Person | Household:
    """The row; raises access.not_found where the viewer may not erase there."""
    model: Any = {Subject.PERSON: Person, Subject.HOUSEHOLD: Household}.get(subject)
    row = None
    if model is not None:
        seen = visible(viewer, Permission.ERASE_PERSONAL)
        row = model.objects.filter(seen, pk=subject_id).first()
    if row is None:
        raise NOT_FOUND()
    return row  # type: ignore[no-any-return]


def subject_ids(subject: Subject, subject_id: int) -> list[int]:
    """Everything whose facts are about the subject: numbers, calls, the household's own contact."""
    ids = [subject_id]
    persons = [subject_id] if subject is Subject.PERSON else own_contacts(subject_id)
    ids += persons if subject is Subject.HOUSEHOLD else []
    ids += ContactPoint.objects.filter(person_id__in=persons).values_list("pk", flat=True)
    ids += Call.objects.filter(_calls(subject, subject_id, persons)).values_list("pk", flat=True)
    return sorted({*ids})


def own_contacts(household_id: int) -> list[int]:
    """The person whom a call to the household rings, where that person is nothing else."""
    contact = Household.objects.filter(pk=household_id).values_list("contact_person_id", flat=True)
    found = []
    for person_id in contact:
        if person_id is None or PostHolding.objects.filter(person_id=person_id).exists():
            continue
        others = Household.objects.exclude(pk=household_id).filter(
            Q(contact_person_id=person_id)
            | Q(group_head_id=person_id)
            | Q(responsible_person_id=person_id)
        )
        if not others.exists():
            found.append(person_id)
    return found


def _calls(subject: Subject, subject_id: int, persons: Sequence[int]) -> Q:
    whom = Q(person_id__in=persons)
    return whom | Q(household_id=subject_id) if subject is Subject.HOUSEHOLD else whom


def still_needed(subject: Subject, subject_id: int) -> bool:
    """Holds a post now, or is part of an event that is running."""
    persons = [subject_id] if subject is Subject.PERSON else own_contacts(subject_id)
    if subject is Subject.PERSON:
        holding = PostHolding.objects.filter(person_id=subject_id, until_at__isnull=True)
        if holding.exists():
            return True
    running = Call.objects.filter(
        _calls(subject, subject_id, persons), callout__closed_at__isnull=True
    )
    moving = EvacuationHousehold.objects.filter(
        household_id=subject_id, evacuation__closed_at__isnull=True
    )
    return running.exists() or (subject is Subject.HOUSEHOLD and moving.exists())


def preview(subject: Subject, subject_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """What an erasure takes and what it leaves, counted.

    {"subject", "id", "name", "place_code", "goes": [{"zh", "en", "count"}], "stays": [...],
     "is_still_needed", "exports"}; `exports`: what was handed out and may hold the subject.
    """
    row = gate_subject(subject, subject_id, viewer=viewer)
    name = row.name if isinstance(row, Person) else row.label
    goes, stays = _of_any(name, subject_ids(subject, subject_id))
    more = _of_household(row) if isinstance(row, Household) else ([], _of_person(row))
    goes, stays = goes + more[0], stays + more[1]
    return {
        "subject": subject.value,
        "id": subject_id,
        "name": name,
        "place_code": row.place_code,
        "goes": [one for one in goes if one["count"]],
        "stays": [one for one in stays if one["count"]],
        "is_still_needed": still_needed(subject, subject_id),
        "exports": imports.exports_of(LEDGERS, row.place_code, viewer=node_viewer()),
    }


def _of_any(name: str, ids: Sequence[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What goes and what stays of whatever is erased."""
    keys = [str(one) for one in ids]
    numbers = ContactPoint.objects.filter(pk__in=ids).exclude(value="").count()
    changes = RowChange.objects.filter(row_key__in=keys, is_private=True)
    lists = CallParty.objects.filter(call_id__in=ids).exclude(name="")
    files = Attachment.objects.filter(owner_key__in=keys, is_erased=False)
    calls = Call.objects.filter(pk__in=ids).count()
    goes = [
        _count("姓名", "name", int(bool(name))),
        _count("电话号码", "telephone numbers", numbers),
        _count("更改历史里的旧值", "earlier values in its history", changes.count()),
        _count("叫应名单上的姓名和号码", "names and numbers on call lists", lists.count()),
        _count("附件（内容也删除）", "files, with their contents", files.count()),
    ]
    return goes, [_count("叫应记录（只留编号和结果）", "calls, by number and outcome", calls)]


def _of_household(row: Household) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    entries = EvacuationEntry.objects.filter(household_id=row.pk)
    relative = int(bool(row.relative_name or row.relative_phone))
    confirmed = entries.exclude(confirmed_by="").count()
    goes = [
        _count("亲属姓名和号码", "the relative", relative),
        _count("住址坐标", "where it stands", int(row.lon_e7 is not None)),
        _count("转移登记里的确认人", "who confirmed a move", confirmed),
    ]
    stays = [
        _count("计入统计的人数", "people that still count", row.people_count),
        _count("转移登记（只留状态和人数）", "moves, by state and number", entries.count()),
    ]
    return goes, stays


def _of_person(row: Person) -> list[dict[str, Any]]:
    posts = PostHolding.objects.filter(person_id=row.pk).count()
    phones = Device.objects.filter(person_id=row.pk).count()
    return [
        _count("任岗记录（只留编号）", "posts held, by number", posts),
        _count("登记过的手机（只留公钥）", "phones, by key", phones),
    ]


def _count(zh: str, en: str, count: int) -> dict[str, Any]:
    return {"zh": zh, "en": en, "count": count}
