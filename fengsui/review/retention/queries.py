"""The reads: the table of terms, what is due, what an erasure would take, who looked and took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, Q

from fengsui.engines.calls.models import Call, CallParty
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.attachments.models import Attachment
from fengsui.foundation.devices.models import Device, DeviceItem
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import ledger as journal
from fengsui.foundation.journal.facts import FactKind
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.queries import sentences
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.ledgers.models import RowChange
from fengsui.foundation.people.models import ContactPoint, Household, Person, PostHolding
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.states import OPEN_STATES
from fengsui.response.evacuations.models import EvacuationEntry, EvacuationHousehold
from fengsui.response.situation.models import MovedFirst, Sos
from fengsui.review.retention import rules
from fengsui.review.retention.models import Erasure, KeptEvent, Term
from fengsui.review.retention.states import Basis, Subject
from fengsui.standards.divisions import scope_prefix

EVENTS_MAX = 100
ERASURES_MAX = 200
FOUND_MAX = 20
REVEALS_PAGE = 100
LOOKED_BACK = 200_000  # facts of the record that one page of the list of reveals looks through
REVEALS = ("people.contact_revealed", "call.number_revealed", "ledgers.value_revealed")


@lru_cache(maxsize=1)
def personal_kinds() -> dict[int, FactKind]:
    """The fact kinds with personal data, by number."""
    from fengsui.foundation.journal.dispatch import catalogue as everything

    return {
        number: kind
        for number, kind in everything().by_number.items()
        if kind.personal or kind.item_is_personal
    }


# --- terms ----------------------------------------------------------------------------------


def days_of(code: str) -> int:
    """The term in force: what was set here, or the default. Only for classes that have one."""
    held = Term.objects.filter(pk=code).values_list("days", flat=True).first()
    return held if held is not None else rules.BY_CODE[code].days or 0


def table(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Every class of data with its term. Anybody may know how long what is kept."""
    journal.show_open_rows()
    set_here = {row.class_code: row for row in Term.objects.all()}
    may_set = bool(viewer.scopes(Permission.ERASE_PERSONAL))
    found = []
    for one in rules.CLASSES:
        term = set_here.get(one.code)
        found.append(
            {
                **{name: getattr(one, name) for name in _SHOWN},
                "basis": one.basis.value,
                "places": list(one.places),
                "days": term.days if term else one.days,
                "days_default": one.days,
                "set_at": term.set_at if term else None,
                "set_reason": term.reason if term else "",
                "may_set": may_set and one.least is not None,
            }
        )
    return found


_SHOWN = (
    "code",
    "zh",
    "en",
    "holds_zh",
    "holds_en",
    "least",
    "most",
    "source",
    "is_verified",
    "end_zh",
    "end_en",
)


# --- what is due ----------------------------------------------------------------------------


def event_ids(alert: Alert) -> list[int]:
    """What hangs on an event: the alert, its callout, its list of households."""
    return [one for one in (alert.pk, alert.callout_id, alert.evacuation_id) if one]


def gate_event(alert_id: int, *, viewer: Viewer) -> Alert:
    alert = Alert.objects.filter(visible(viewer, Permission.ERASE_PERSONAL), pk=alert_id).first()
    if alert is None:
        raise NOT_FOUND()
    return alert


def is_over(alert: Alert) -> bool:
    """Ended, and nothing that hangs on it is still used by another that has not."""
    if alert.state in OPEN_STATES or alert.ended_at is None:
        return False
    sharing = Q()
    for name in ("callout_id", "evacuation_id"):
        value = getattr(alert, name)
        if value is not None:
            sharing |= Q(**{name: value})
    if not sharing:
        return True
    return not Alert.objects.filter(sharing, state__in=OPEN_STATES).exists()


def events(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Events that are over and still hold personal data, the longest due first.

    {"alert_id", "title", "place_code", "ended_at", "due_at", "is_due", "is_over", "kept_until",
     "kept_reason", "people", "records", "exercise"}; `people`: names on its call list, `records`:
    entries that say who confirmed.
    """
    journal.show_open_rows()
    days = min(days_of(code) for code in rules.EVENT_CLASSES)
    alerts = Alert.objects.filter(
        visible(viewer, Permission.ERASE_PERSONAL), ended_at__isnull=False
    ).exclude(state__in=OPEN_STATES)
    kept = {row.alert_id: row for row in KeptEvent.objects.all()}
    ordered = {row.subject_ids[0] for row in Erasure.objects.filter(subject=Subject.EVENT)}
    left_people, left_records = _left_by_event()
    now = clock.now()
    found = []
    for alert in alerts.order_by("ended_at", "pk"):
        people = left_people.get(alert.callout_id or 0, 0)
        records = left_records.get(alert.evacuation_id or 0, 0)
        if alert.ended_at is None or alert.pk in ordered or not (people or records):
            continue
        held = kept.get(alert.pk)
        due = rules.due_at(alert.ended_at, days, held.until_at if held else None)
        found.append(
            {
                "alert_id": alert.pk,
                "title": alert.headline,
                "place_code": alert.place_code,
                "ended_at": alert.ended_at,
                "due_at": due,
                "is_due": due <= now,
                "is_over": is_over(alert),
                "kept_until": held.until_at if held else None,
                "kept_reason": held.reason if held else "",
                "people": people,
                "records": records,
                "exercise": alert.exercise,
            }
        )
        if len(found) == EVENTS_MAX:
            break
    return sorted(found, key=lambda one: one["due_at"])


def _left_by_event() -> tuple[dict[int, int], dict[int, int]]:
    """Callout -> parties that still have a name; list of households -> entries that name one."""
    parties = CallParty.objects.exclude(name="").values("call__callout_id")
    entries = EvacuationEntry.objects.exclude(confirmed_by="").values("evacuation_id")
    return (
        dict(parties.annotate(n=Count("pk")).values_list("call__callout_id", "n")),
        dict(entries.annotate(n=Count("pk")).values_list("evacuation_id", "n")),
    )


def classes_due(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Classes that run by age: {"code", "zh", "en", "days", "before", "left", "is_due"}.

    `left`: how many texts older than `before` still stand; None where this page cannot count
    them, then it is due once a day.
    """
    if not viewer.scopes(Permission.ERASE_PERSONAL):
        return []
    now = clock.now()
    orders = list(Erasure.objects.filter(subject=Subject.CLASS))
    found = []
    for one in rules.CLASSES:
        if one.basis is not Basis.AGE:
            continue
        before = now - timedelta(days=days_of(one.code))
        covered = max(
            (row.before_at for row in orders if one.code in row.classes and row.before_at),
            default=None,
        )
        left = _texts_left(one.code, before)
        is_fresh = covered is not None and before - covered < timedelta(days=1)
        found.append(
            {
                "code": one.code,
                "zh": one.zh,
                "en": one.en,
                "days": days_of(one.code),
                "before": before,
                "left": left,
                "is_due": bool(left) if left is not None else not is_fresh,
            }
        )
    return found


def _texts_left(code: str, before: datetime) -> int | None:
    if code == "statements":
        return (
            Sos.objects.filter(at__lt=before).exclude(text="").count()
            + MovedFirst.objects.filter(at__lt=before).exclude(note="").count()
        )
    if code == "phone_items":
        return DeviceItem.objects.filter(received_at__lt=before).exclude(body="").count()
    return None


# --- one person or household ----------------------------------------------------------------


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
     "is_still_needed"}
    """
    row = gate_subject(subject, subject_id, viewer=viewer)
    name = row.name if isinstance(row, Person) else row.label
    ids = subject_ids(subject, subject_id)
    keys = [str(one) for one in ids]
    numbers = ContactPoint.objects.filter(pk__in=ids).exclude(value="").count()
    changes = RowChange.objects.filter(row_key__in=keys, is_private=True)
    lists = CallParty.objects.filter(call_id__in=ids).exclude(name="")
    files = Attachment.objects.filter(owner_key__in=keys, is_erased=False)
    entries = EvacuationEntry.objects.filter(household_id=subject_id)
    calls = Call.objects.filter(pk__in=ids).count()
    goes = [
        _count("姓名", "name", int(bool(name))),
        _count("电话号码", "telephone numbers", numbers),
        _count("更改历史里的旧值", "earlier values in its history", changes.count()),
        _count("叫应名单上的姓名和号码", "names and numbers on call lists", lists.count()),
        _count("附件（内容也删除）", "files, with their contents", files.count()),
    ]
    stays = [
        _count("叫应记录（只留编号和结果）", "calls, by number and outcome", calls),
    ]
    if isinstance(row, Household):
        relative = int(bool(row.relative_name or row.relative_phone))
        goes.append(_count("亲属姓名和号码", "the relative", relative))
        goes.append(_count("住址坐标", "where it stands", int(row.lon_e7 is not None)))
        confirmed = entries.exclude(confirmed_by="").count()
        goes.append(_count("转移登记里的确认人", "who confirmed a move", confirmed))
        stays.append(_count("计入统计的人数", "people that still count", row.people_count))
        stays.append(
            _count("转移登记（只留状态和人数）", "moves, by state and number", entries.count())
        )
    else:
        posts = PostHolding.objects.filter(person_id=subject_id).count()
        phones = Device.objects.filter(person_id=subject_id).count()
        stays.append(_count("任岗记录（只留编号）", "posts held, by number", posts))
        stays.append(_count("登记过的手机（只留公钥）", "phones, by key", phones))
    return {
        "subject": subject.value,
        "id": subject_id,
        "name": name,
        "place_code": row.place_code,
        "goes": [one for one in goes if one["count"]],
        "stays": [one for one in stays if one["count"]],
        "is_still_needed": still_needed(subject, subject_id),
    }


def _count(zh: str, en: str, count: int) -> dict[str, Any]:
    return {"zh": zh, "en": en, "count": count}


# --- what was ordered, who looked -----------------------------------------------------------


def erasures(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Orders in sight, newest first, with how far they are; nobody is named."""
    journal.show_open_rows()
    rows = Erasure.objects.filter(
        visible(viewer, Permission.ERASE_PERSONAL) | visible(viewer, Permission.VERIFY_RECORD)
    ).order_by("-ordered_at", "-id")[:ERASURES_MAX]
    names = _names([row.ordered_by for row in rows])
    return [
        {
            "id": row.pk,
            "subject": row.subject,
            "classes": row.classes,
            "place_code": row.place_code,
            "reason": row.reason,
            "ordered_by": names.get(row.ordered_by, ""),
            "ordered_at": row.ordered_at,
            "done_at": row.done_at,
            "facts": row.facts,
            "leaves": row.leaves,
        }
        for row in rows
    ]


def erasures_for_phone(*, viewer: Viewer, after: datetime | None) -> list[dict[str, Any]]:
    """What a phone must forget: {"id", "subject", "ids", "at"} of orders that touch its places."""
    scopes = viewer.scopes(Permission.SEE_HOUSEHOLDS)
    rows = Erasure.objects.exclude(subject=Subject.CLASS).order_by("ordered_at", "pk")
    if after is not None:
        rows = rows.filter(ordered_at__gt=after)
    found = []
    for row in rows[:ERASURES_MAX]:
        above = scope_prefix(row.place_code)
        if any(one.contains(row.place_code) or one.prefix.startswith(above) for one in scopes):
            found.append(
                {
                    "id": row.pk,
                    "subject": row.subject,
                    "ids": row.subject_ids,
                    "at": row.ordered_at,
                }
            )
    return found


def reveals(*, viewer: Viewer, before: int = 0) -> dict[str, Any]:
    """Who looked at full numbers and why, newest first: {"items": [...], "next"}.

    `next` is the arrival to go on below, 0 at the end.
    """
    journal.show_open_rows()
    numbers = [kind.number for kind in _reveal_kinds()]
    newest = StoredFact.objects.aggregate(newest=Max("arrival"))["newest"] or 0
    top = before or newest + 1
    rows = list(
        StoredFact.objects.filter(
            visible(viewer, Permission.VERIFY_RECORD, "scope")
            | visible(viewer, Permission.ERASE_PERSONAL, "scope"),
            kind__in=numbers,
            arrival__lt=top,
            arrival__gte=top - LOOKED_BACK,
        ).order_by("-arrival")[:REVEALS_PAGE]
    )
    facts = [(row.arrival, fact) for row in rows if (fact := decode(row)) is not None]
    names = _names([fact.actor for _, fact in facts])
    items = []
    for arrival, fact in facts:
        zh, en = sentences(fact)
        items.append(
            {
                "id": arrival,
                "at": fact.at,
                "by": names.get(fact.actor, ""),
                "place_code": fact.scope,
                "zh": zh,
                "en": en,
            }
        )
    if len(rows) == REVEALS_PAGE:
        following = rows[-1].arrival
    else:
        following = top - LOOKED_BACK if top > LOOKED_BACK else 0
    return {"items": items, "next": following}


def _reveal_kinds() -> list[FactKind]:
    from fengsui.foundation.journal.dispatch import catalogue as everything

    by_name = everything().by_name
    return [by_name[name] for name in REVEALS if name in by_name]


def _names(person_ids: Sequence[int]) -> dict[int, str]:
    """Officials who ordered or looked are named: that is what the list is for."""
    return dict(Person.objects.filter(pk__in=set(person_ids)).values_list("pk", "name"))
