"""临时顶岗、离岗报备: who is on a post for a while, who is away from theirs. Both always end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import facts, rules
from fengsui.foundation.people.errors import (
    ALREADY_ENDED,
    NAME_NEEDED,
    NOT_IN_SLOT,
    PERIOD_NOT_VALID,
    PHONE_NOT_VALID,
    REASON_NEEDED,
    SAME_PERSON,
    STANDS_IN_ALREADY,
)
from fengsui.foundation.people.models import (
    Absence,
    ContactPoint,
    Person,
    Post,
    PostHolding,
    StandIn,
)
from fengsui.foundation.people.states import ContactKind, Slot
from fengsui.standards.divisions import county_of, township_of

TOPIC = "posts"


@command
def name_stand_in(
    *,
    viewer: Viewer,
    post_id: int,
    name: str,
    phone: str,
    until_at: datetime,
    since_at: datetime | None = None,
    reason: str = "",
    absent_person_id: int | None = None,
) -> dict[str, Any]:
    """A name and a number, and until when: that person is on the post until then.

    By a holder of the post, or by whoever may name stand-ins there. Nobody needs an account: a
    person with this name and number is found in the county, or registered. `absent_person_id`:
    for which holder; by default the viewer, else the first of slot A.

    Returns {"stand_in_id", "person_id", "is_new_person", "role", "place_code", "since_s",
    "until_s"}; `role` is what the post may do there. Raises access.not_found,
    people.period_not_valid, .phone_not_valid, .name_needed, .same_person, .not_a_holder,
    .stands_in_already.
    """
    post = _post(post_id)
    held = _held(post_id)
    _may_name(viewer, post, held)
    since, until = _period(since_at, until_at, rules.STAND_IN_DAYS_MAX)
    absent_id = _absent(viewer, held, absent_person_id)
    known = rules.phone_plain(phone)
    if not known:
        raise PHONE_NOT_VALID(least=rules.PHONE_DIGITS_LEAST, most=rules.PHONE_DIGITS_MOST)
    _check_reason(reason)
    _check_free(post_id, absent_id, since, until)
    person_id = _person_with(name.strip(), known, county_of(post.place_code))
    is_new = person_id is None
    if person_id is None:
        person_id = _register(viewer, post, name.strip(), known)
    if person_id == absent_id or any(person_id == one for one, _ in held):
        raise SAME_PERSON()
    standing = _record_stand_in(viewer, post, held, (person_id, absent_id), (since, until), reason)
    on_commit_notify(TOPIC, {"verb": "stand_in_named"})
    return {
        "stand_in_id": standing,
        "person_id": person_id,
        "is_new_person": is_new,
        "role": rules.role_of_post(post.role, post.place_code),
        "place_code": post.place_code,
        "since_s": int(since.timestamp()),
        "until_s": int(until.timestamp()),
    }


def _record_stand_in(
    viewer: Viewer,
    post: Post,
    held: list[tuple[int, str]],
    people: tuple[int, int | None],
    period: tuple[datetime, datetime],
    reason: str,
) -> int:
    """`people`: who stands in, and for whom. The id of the stand-in."""
    person_id, absent_id = people
    fact = record(
        facts.STAND_IN_NAMED,
        fields={
            "post_id": post.pk,
            "person_id": person_id,
            "absent_person_id": absent_id,
            "slot": dict(held).get(absent_id or 0, Slot.A.value),
            "since_s": int(period[0].timestamp()),
            "until_s": int(period[1].timestamp()),
        },
        personal={"reason": reason.strip()},
        scope=post.place_code,
        viewer=viewer,
        about=[one for one in (post.pk, person_id, absent_id) if one],
    )
    return fact.entity()


@command
def end_stand_in(*, viewer: Viewer, stand_in_id: int, was_mistake: bool = False) -> dict[str, Any]:
    """The holder is back before the end, or it was a mistake (撤销): from now on.

    By the holder, by the one who stands in, or by whoever may name stand-ins there.
    """
    row = StandIn.objects.filter(pk=stand_in_id).first()
    if row is None:
        raise NOT_FOUND()
    if viewer.person_id not in (row.person_id, row.absent_person_id) or not viewer.person_id:
        _may_name(viewer, _post(row.post_id), _held(row.post_id))
    now = clock.now()
    if not now < row.until_at or (row.ended_at is not None and row.ended_at <= now):
        raise ALREADY_ENDED()
    record(
        facts.STAND_IN_ENDED,
        fields={
            "stand_in_id": stand_in_id,
            "ended_s": int(now.timestamp()),
            "was_mistake": was_mistake,
        },
        scope=row.place_code,
        viewer=viewer,
        about=[row.post_id, row.person_id],
    )
    on_commit_notify(TOPIC, {"verb": "stand_in_ended"})
    return {"stand_in_id": stand_in_id, "person_id": row.person_id}


@command
def report_absence(
    *,
    viewer: Viewer,
    person_id: int,
    from_at: datetime | None,
    until_at: datetime,
    reason: str = "",
    stand_in: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """离岗报备: away from all posts from then until then. By oneself, or by a superior.

    `stand_in`: {"name", "phone"} of who is on every one of those posts meanwhile, or None.
    Returns {"absence_id", "post_ids": the posts held then, "stand_in_ids"}.
    """
    person, held = _on_posts(person_id)
    _may_report(viewer, person_id, [place for _, place in held])
    begins, until = _period(from_at, until_at, rules.ABSENCE_DAYS_MAX)
    _check_reason(reason)
    fact = record(
        facts.ABSENCE_REPORTED,
        fields={
            "person_id": person_id,
            "from_s": int(begins.timestamp()),
            "until_s": int(until.timestamp()),
        },
        personal={"reason": reason.strip()},
        scope=person.place_code,
        viewer=viewer,
        about=[person_id, *(post_id for post_id, _ in held)],
    )
    on_commit_notify(TOPIC, {"verb": "absence_reported"})
    post_ids = [post_id for post_id, _ in held]
    named = [
        name_stand_in(
            viewer=viewer,
            post_id=post_id,
            name=stand_in["name"],
            phone=stand_in["phone"],
            until_at=until,
            since_at=begins,
            reason=reason,
            absent_person_id=person_id,
        )["stand_in_id"]
        for post_id in (post_ids if stand_in is not None else ())
        if stand_in is not None
    ]
    return {"absence_id": fact.entity(), "post_ids": post_ids, "stand_in_ids": named}


@command
def end_absence(*, viewer: Viewer, absence_id: int, was_mistake: bool = False) -> dict[str, Any]:
    """Back before the end, or reported by mistake. Who stands in does so until that is ended."""
    row = Absence.objects.filter(pk=absence_id).first()
    if row is None:
        raise NOT_FOUND()
    places = PostHolding.objects.filter(person_id=row.person_id, until_at__isnull=True)
    _may_report(
        viewer, row.person_id, [row.place_code, *places.values_list("place_code", flat=True)]
    )
    now = clock.now()
    if not now < row.until_at or (row.ended_at is not None and row.ended_at <= now):
        raise ALREADY_ENDED()
    record(
        facts.ABSENCE_ENDED,
        fields={
            "absence_id": absence_id,
            "ended_s": int(now.timestamp()),
            "was_mistake": was_mistake,
        },
        scope=row.place_code,
        viewer=viewer,
        about=[row.person_id],
    )
    on_commit_notify(TOPIC, {"verb": "absence_ended"})
    return {"absence_id": absence_id, "person_id": row.person_id}


def _on_posts(person_id: int) -> tuple[Person, list[tuple[int, str]]]:
    """The person, and (post, its place) of each post held, A posts first."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NOT_FOUND()
    rows = PostHolding.objects.filter(person_id=person_id, until_at__isnull=True)
    held = list(rows.order_by("slot", "id").values_list("post_id", "place_code"))
    if not held:
        raise NOT_IN_SLOT(name=person.name)
    return person, held


def check_may_name(*, viewer: Viewer, stand_in_id: int) -> None:
    """Raises unless the viewer may send a link for this stand-in: who could have named them."""
    row = StandIn.objects.filter(pk=stand_in_id).first()
    if row is None:
        raise NOT_FOUND()
    _may_name(viewer, _post(row.post_id), _held(row.post_id))
    if not clock.now() < row.until_at or row.ended_at is not None:
        raise ALREADY_ENDED()


def _period(begins: datetime | None, ends: datetime, days_max: int) -> tuple[datetime, datetime]:
    """From now or later until the end, in whole seconds as facts keep them."""
    now = clock.now()
    first = max(begins or now, now).replace(microsecond=0)
    last = ends.replace(microsecond=0)
    if rules.period_fault(first, last, now, days_max=days_max):
        raise PERIOD_NOT_VALID(days=days_max)
    return first, last


def _post(post_id: int) -> Post:
    post = Post.objects.filter(pk=post_id, is_withdrawn=False).first()
    if post is None:
        raise NOT_FOUND()
    return post


def _held(post_id: int) -> list[tuple[int, str]]:
    rows = PostHolding.objects.filter(post_id=post_id, until_at__isnull=True)
    return list(rows.order_by("slot", "id").values_list("person_id", "slot"))


def _may_name(viewer: Viewer, post: Post, held: list[tuple[int, str]]) -> None:
    """A holder for their own post; a superior for the posts of their places; else not found."""
    is_holder = bool(viewer.person_id) and viewer.person_id in dict(held)
    if is_holder or viewer.may(Permission.NAME_STAND_IN, post.place_code):
        return
    if not viewer.may(Permission.SEE_PEOPLE, post.place_code):
        raise NOT_FOUND()
    raise NOT_ALLOWED(permission=Permission.NAME_STAND_IN.value, place=post.place_code)


def _may_report(viewer: Viewer, person_id: int, places: list[str]) -> None:
    if viewer.person_id and viewer.person_id == person_id:
        return
    if any(viewer.may(Permission.NAME_STAND_IN, place) for place in places):
        return
    if not any(viewer.may(Permission.SEE_PEOPLE, place) for place in places):
        raise NOT_FOUND()
    raise NOT_ALLOWED(permission=Permission.NAME_STAND_IN.value, place=places[0])


def _absent(viewer: Viewer, held: list[tuple[int, str]], wanted: int | None) -> int | None:
    people = dict(held)
    if wanted is not None:
        if wanted not in people:
            raise NOT_IN_SLOT(name=str(wanted))
        return wanted
    if viewer.person_id in people:
        return viewer.person_id
    return held[0][0] if held else None


def _check_free(post_id: int, absent_id: int | None, since: datetime, until: datetime) -> None:
    """One at a time for one holder of one post."""
    clash = (
        StandIn.objects.filter(post_id=post_id, absent_person_id=absent_id)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since))
        .filter(since_at__lt=until, until_at__gt=since)
        .select_related("person")
        .first()
    )
    if clash is not None:
        raise STANDS_IN_ALREADY(name=clash.person.name)


def _person_with(name: str, phone: str, county: str) -> int | None:
    """Somebody of the county with this very name and number."""
    if not name or len(name) > rules.NAME_LENGTH_MAX:
        raise NAME_NEEDED(most=rules.NAME_LENGTH_MAX)
    rows = ContactPoint.objects.filter(
        kind=ContactKind.PHONE,
        value=phone,
        is_withdrawn=False,
        person__name=name,
        person__is_withdrawn=False,
        person__place_code__startswith=county[:6],
    )
    found = rows.order_by("person_id").values_list("person_id", flat=True).first()
    return int(found) if found is not None else None


def _register(viewer: Viewer, post: Post, name: str, phone: str) -> int:
    """A new person of the post's place with one number that nobody has proven."""
    township = township_of(post.place_code)
    person = record(
        facts.PERSONS_REGISTERED,
        fields={
            "count": 1,
            "is_invented": post.is_invented,
            "place_codes": [post.place_code],
        },
        items=[{"name": name}],
        scope=township,
        viewer=viewer,
    )
    owner = [person.entity(), None, post.place_code, ContactKind.PHONE.value, None]
    record(
        facts.CONTACTS_REGISTERED,
        fields={"count": 1, "owners": [owner]},
        items=[{"value": phone}],
        scope=township,
        viewer=viewer,
        cause=person,
    )
    return person.entity()


def _check_reason(reason: str) -> None:
    if len(reason.strip()) > rules.REASON_LENGTH_MAX:
        raise REASON_NEEDED(least=0, most=rules.REASON_LENGTH_MAX)
