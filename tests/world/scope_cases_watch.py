"""The reads of duty, and where what they return belongs."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Post
from fengsui.readiness.watch import queries, services
from fengsui.standards.instants import BEIJING
from tests.world.scope_cases import NODE, Belongs, ScopeCase, World, by, one
from tests.world.scope_cases_papers import build_world as build_before
from tests.world.scope_cases_tonight import SEE_CALLS, Asked, a_number

SEE_PEOPLE = Permission.SEE_PEOPLE
ROOMS = 20
HOUR = timedelta(hours=1)


def build_world() -> Any:
    """Everything before; in some duty rooms a rota and a note, and people to be heard of."""
    world: Any = build_before()
    today = clock.now().astimezone(BEIJING).date().isoformat()
    persons = list(world.persons)
    rooms = Post.objects.filter(role="duty_room").order_by("id")[:ROOMS]
    for number, post in enumerate(rooms):
        services.plan_rota(
            viewer=NODE, post_id=post.pk, first_day=today, days=1, starts_at_hours=[0],
            leaders=[], officers=[persons[number % len(persons)]], officers_each=1,
        )  # fmt: skip
        services.leave_note(viewer=NODE, post_id=post.pk, text="示意")
        services.enter_incident(
            viewer=NODE, post_id=post.pk, title="示意", grade="major", known_at=clock.now()
        )
    for person_id in persons[:12]:
        services.start_check_ins(viewer=NODE, person_id=person_id, every_s=1800, hours=6)
    return world


def _rooms() -> dict[int, str]:
    rows = Post.objects.filter(role="duty_room").order_by("id")[:ROOMS]
    return dict(rows.values_list("pk", "place_code"))


def about_room(ask: Any) -> Any:
    """The question about one room; what it gives belongs to the room's place."""

    def asking(world: World, draw: random.Random, viewer: Viewer) -> Asked:
        known = _rooms()
        room_id = one(list(known), draw)
        return Asked(viewer, [known[room_id]], ask(room_id, viewer=viewer))

    return asking


def _shifts(world: World, draw: random.Random, viewer: Viewer) -> Any:
    now = clock.now()
    found = queries.shifts(_rooms(), begins=now, ends=now + HOUR, viewer=viewer)
    known = _rooms()
    return [(known[shift.post_id], shift) for shift in found]


def of_shifts(world: World, found: list[Any]) -> Belongs:
    for code, _ in found:
        yield code, SEE_PEOPLE


def of_rotas(world: World, found: list[Any]) -> Belongs:
    for row in found:
        yield row.room["place_code"], SEE_PEOPLE


def _answers(world: Any, draw: random.Random, viewer: Viewer) -> Any:
    return calls.answers_of(one(list(world.callouts), draw), viewer=viewer)


def _open(world: Any, draw: random.Random, viewer: Viewer) -> Asked:
    code = one(world.codes, draw)
    inside = [each for codes in world.callouts.values() for each in codes]
    return Asked(viewer, inside, calls.open_by_callout(code, viewer=viewer))


CASES_WATCH: list[ScopeCase] = [
    ScopeCase("watch.room", about_room(queries.room), a_number(SEE_PEOPLE, lambda row: 1)),
    ScopeCase("watch.rooms", lambda w, d, v: queries.rooms(viewer=v), by(SEE_PEOPLE)),
    ScopeCase("watch.shifts", _shifts, of_shifts),
    ScopeCase("watch.rota", about_room(queries.rota), a_number(SEE_PEOPLE, lambda row: 1)),
    ScopeCase("watch.rotas", lambda w, d, v: queries.rotas(viewer=v), of_rotas),
    ScopeCase("watch.standing", about_room(queries.standing), a_number(SEE_CALLS, lambda row: 1)),
    ScopeCase("watch.matters", about_room(queries.matters), a_number(SEE_CALLS, len)),
    ScopeCase(
        "watch.notes",
        lambda w, d, v: queries.notes(one(list(_rooms()), d), viewer=v),
        by(SEE_CALLS),
    ),
    ScopeCase("watch.check_ins", lambda w, d, v: queries.check_ins(viewer=v), by(SEE_CALLS)),
    ScopeCase("watch.incidents", lambda w, d, v: queries.incidents(viewer=v), by(SEE_CALLS)),
    ScopeCase("calls.answers_of", _answers, by(SEE_CALLS)),
    ScopeCase(
        "calls.open_by_callout",
        _open,
        a_number(SEE_CALLS, lambda rows: sum(row["open"] + row["named"] for row in rows)),
    ),
]
WITHOUT_CASE_WATCH = {
    "watch.handovers": "gated by the room like its neighbours matters and notes",
    "watch.roll_call": "filtered as roll_calls; test_roll_call asks it",
    "watch.roll_calls": "filtered as check_ins; the permission matrix asks it from outside",
    "watch.check_in": "one's own or in sight; test_check_ins asks it from outside",
    "watch.my_check_in": "one's own, by the id of whoever asks",
}
