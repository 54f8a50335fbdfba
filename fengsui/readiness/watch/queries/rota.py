"""Who is on duty: rooms tonight, a room's rota, its gaps for ninety days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.states import PostRole
from fengsui.foundation.places import queries as places
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.models import Handover, LocalRule, Shift
from fengsui.readiness.watch.rules import Away, OnShift
from fengsui.readiness.watch.states import RULES, Position
from fengsui.standards.divisions import county_of, scope_prefix

ROOMS_MAX = 500
_COLUMNS = ("id", "post_id", "position", "person_id", "from_at", "until_at")


def room(
    post_id: int, *, viewer: Viewer, permission: Permission = Permission.SEE_PEOPLE
) -> dict[str, Any]:
    """A duty room in sight: {"id", "place_code", "title"}. Raises access.not_found."""
    program = node_viewer("watch")
    code = people.place_codes_of_posts([post_id]).get(post_id, "")
    if code and viewer.may(permission, code):
        for post in people.posts_at([code], [PostRole.DUTY_ROOM], viewer=program):
            if post["id"] == post_id:
                return post
    raise NOT_FOUND()


def rooms(*, viewer: Viewer, under: str = "") -> list[dict[str, Any]]:
    """Every duty room in sight, by place: {"id", "place_code", "title"}; ROOMS_MAX at most."""
    codes = [under] if under else [scope.prefix for scope in viewer.scopes(Permission.SEE_PEOPLE)]
    found = people.posts_in(codes, [PostRole.DUTY_ROOM], viewer=viewer)
    return sorted(found, key=lambda post: (post["place_code"], post["id"]))[:ROOMS_MAX]


def shifts(
    post_ids: Iterable[int], *, begins: datetime, ends: datetime, viewer: Viewer
) -> list[OnShift]:
    """Shifts of the rooms that touch [begins, ends), oldest first, in sight of the viewer."""
    rows = Shift.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE),
        post_id__in=list(post_ids),
        from_at__lt=ends,
        until_at__gt=begins,
        is_withdrawn=False,
    )
    return [OnShift(**row) for row in rows.order_by("from_at", "id").values(*_COLUMNS)]


def numbers(place_code: str) -> dict[str, int]:
    """The duty rules of a place: its own, else its county's, else the default."""
    codes = (county_of(place_code), place_code)
    said: dict[str, int] = {}
    rows = {
        (row.place_code, row.name): row.number
        for row in LocalRule.objects.filter(place_code__in=codes)
    }
    for name, (default, _, _) in RULES.items():
        said[name] = next(
            (rows[code, name] for code in reversed(codes) if (code, name) in rows), default
        )
    return said


def own_numbers(place_code: str) -> set[str]:
    """Which of the duty rules this place or its county set for itself."""
    codes = (county_of(place_code), place_code)
    return set(LocalRule.objects.filter(place_code__in=codes).values_list("name", flat=True))


def last_handovers(post_ids: Iterable[int]) -> dict[int, Handover]:
    """Room → the handover that was signed last. For those who checked the right."""
    rows = Handover.objects.filter(post_id__in=list(post_ids))
    newest = rows.values("post_id").annotate(key=Max("order_key")).values("key")
    return {row.post_id: row for row in rows.filter(order_key__in=newest)}


def needed(said: Mapping[str, int]) -> dict[str, int]:
    return {
        Position.LEADER.value: said["leaders_least"],
        Position.OFFICER.value: said["officers_least"],
    }


@dataclass(frozen=True, slots=True)
class RoomRota:
    """One room's rota over a period. `has_rota`: there is any shift from now on."""

    room: dict[str, Any]
    shifts: list[OnShift]
    gaps: list[rules.Gap]
    clashes: list[rules.Clash]
    numbers: dict[str, int]

    @property
    def has_rota(self) -> bool:
        return bool(self.shifts)


def rota(
    post_id: int,
    *,
    viewer: Viewer,
    begins: datetime | None = None,
    days: int = rules.GAP_DAYS,
    permission: Permission = Permission.SEE_PEOPLE,
) -> RoomRota:
    """One room: its shifts, gaps and clashes from `begins` (now) for so many days."""
    found = room(post_id, viewer=viewer, permission=permission)
    start = begins or clock.now()
    return _rotas([found], start, start + timedelta(days=days))[0]


def rotas(*, viewer: Viewer, under: str = "") -> list[RoomRota]:
    """Every room in sight with its next ninety days. A fixed number of queries."""
    start = clock.now()
    found = rooms(viewer=viewer, under=under)
    return _rotas(found, start, start + timedelta(days=rules.GAP_DAYS))


def _rotas(found: Sequence[dict[str, Any]], begins: datetime, ends: datetime) -> list[RoomRota]:
    program = node_viewer("watch")
    listed = shifts([one["id"] for one in found], begins=begins, ends=ends, viewer=program)
    persons = {one.person_id for one in listed}
    away = _away(persons)
    everywhere = _all_of(persons, begins, ends)
    own: dict[int, list[OnShift]] = defaultdict(list)
    for shift in listed:
        own[shift.post_id].append(shift)
    said = _numbers_of({one["place_code"] for one in found})
    made = []
    for one in found:
        mine, limits = own[one["id"]], said[one["place_code"]]
        here = {shift.person_id for shift in mine}
        both = rules.clashes(
            [shift for shift in everywhere if shift.person_id in here],
            hours_most=limits["shift_hours_most"],
            begins=begins,
            ends=ends,
        )
        made.append(
            RoomRota(
                room=one,
                shifts=mine,
                gaps=rules.gaps(mine, needed(limits), begins=begins, ends=ends, away=away),
                clashes=[clash for clash in both if one["id"] in clash.post_ids],
                numbers=limits,
            )
        )
    return made


def _numbers_of(codes: set[str]) -> dict[str, dict[str, int]]:
    counties = {county_of(code) for code in codes}
    rows = {
        (row.place_code, row.name): row.number
        for row in LocalRule.objects.filter(place_code__in=codes | counties)
    }
    return {
        code: {
            name: rows.get((code, name), rows.get((county_of(code), name), default))
            for name, (default, _, _) in RULES.items()
        }
        for code in codes
    }


def _all_of(persons: set[int], begins: datetime, ends: datetime) -> list[OnShift]:
    """These persons' shifts in every room: somebody may be on duty in two at once."""
    rows = Shift.objects.filter(from_at__lt=ends, until_at__gt=begins, is_withdrawn=False).order_by(
        "from_at", "id"
    )
    return [OnShift(**row) for row in rows.values(*_COLUMNS) if row["person_id"] in persons]


def _away(persons: set[int]) -> list[Away]:
    return [
        Away(one["person_id"], one["from_at"], one["until_at"])
        for one in people.absent_from_now(persons)
    ]


def tonight(post_ids: Iterable[int]) -> dict[int, tuple[str, list[int]]]:
    """Post → (its place, whom to ring first to last) for duty rooms and 带班领导 with a rota now.

    Wired into `people`, so that every way of calling a 值班室 goes through tonight's rota. Ids
    only; whoever shows them checks the right. At most three queries, one where no rota is.
    """
    now = clock.now()
    current = [
        (row["place_code"], OnShift(**{name: row[name] for name in _COLUMNS}))
        for row in Shift.objects.filter(
            from_at__lte=now,
            until_at__gt=now - rules.RUNG_AFTER_THE_END,
            is_withdrawn=False,
        )
        .order_by("from_at", "id")
        .values("place_code", *_COLUMNS)
    ]
    if not current:
        return {}
    wanted = set(post_ids)
    by_room: dict[int, list[OnShift]] = defaultdict(list)
    place_of: dict[int, str] = {}
    leaders: dict[str, list[int]] = defaultdict(list)
    for code, one in current:
        by_room[one.post_id].append(one)
        place_of[one.post_id] = code
        if one.position == Position.LEADER and one.covers(now):
            leaders[code].append(one.person_id)
    signed = last_handovers(by_room)
    found: dict[int, tuple[str, list[int]]] = {}
    for post_id in wanted & by_room.keys():
        last = signed.get(post_id)
        order = rules.on_watch(
            by_room[post_id],
            now=now,
            responsible_id=last.incoming_id if last else None,
            responsible_until=last.shift_until_at if last else None,
        )
        if order:
            found[post_id] = (place_of[post_id], order)
    if leaders:
        program = node_viewer("watch")
        for post in people.posts_at(leaders, [PostRole.DUTY_LEADER], viewer=program):
            if post["id"] in wanted:
                code = post["place_code"]
                found[post["id"]] = (code, list(dict.fromkeys(leaders[code])))
    return found


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """For those who checked the right at the room: its people are named with it."""
    return people.person_names(person_ids, viewer=node_viewer("watch"))


def place_names(codes: Iterable[str]) -> dict[str, str]:
    return places.names(codes, viewer=node_viewer("watch"))


def is_under(code: str, place_code: str) -> bool:
    return code.startswith(scope_prefix(place_code))
