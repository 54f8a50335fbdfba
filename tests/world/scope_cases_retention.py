"""Who looked, what is to be erased, whom one finds for it; and rows for the reads of posts."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import Person
from fengsui.review.retention import queries as retention
from fengsui.review.retention.facts import ERASURE_ORDERED
from fengsui.review.retention.models import Erasure
from fengsui.review.retention.states import Subject
from tests.world.scope_cases import NODE, Belongs, ScopeCase, World, by, one
from tests.world.scope_cases_watch import build_world

ERASE, VERIFY = Permission.ERASE_PERSONAL, Permission.VERIFY_RECORD
REASON = "示意理由"
EACH = 3  # of so many persons, posts and households something is said


def build_looked_up() -> World:
    """The world of the other cases; people are away, lent, looked up and to be erased in it."""
    world = build_world()
    until = clock.now() + timedelta(days=2)
    for number, (post_id, code) in enumerate(list(world.posts.items())[::EACH]):
        people.name_stand_in(
            viewer=NODE,
            post_id=post_id,
            name=f"示意替{code}",
            phone=f"0007{number:07d}",
            until_at=until,
        )
    for person_id in list(world.persons)[::EACH]:
        people.report_absence(
            viewer=NODE, person_id=person_id, from_at=None, until_at=until, reason=REASON
        )
        people.reveal_contact(viewer=NODE, person_id=person_id, reason=REASON)
    for household_id in list(world.households)[::EACH]:
        people.record_household_away(
            viewer=NODE,
            household_id=household_id,
            people=1,
            until_at=until,
            said_by="示意甲",
            said_how="phone",
        )
    # Whoever is on a post for somebody else is registered with it.
    world.persons |= dict(Person.objects.values_list("pk", "place_code"))
    # Ordered, and not carried out: the rows themselves are still there.
    for household_id, code in list(world.households.items())[1::EACH]:
        order(viewer=NODE, household_id=household_id, place_code=code)
    return world


@command
def order(*, viewer: Viewer, household_id: int, place_code: str) -> None:
    """As of an event that is over; in this world every household is in one that runs."""
    record(
        ERASURE_ORDERED,
        fields={
            "subject": Subject.HOUSEHOLD.value,
            "subject_ids": [household_id],
            "classes": [],
            "before_s": None,
            "reason": REASON,
        },
        scope=place_code,
        viewer=viewer,
    )


def _of_orders(viewer: Viewer, rows: list[dict[str, Any]]) -> list[tuple[str, Permission]]:
    """Either right shows an order: the one that the viewer holds there, if any."""
    return [
        (row["place_code"], VERIFY if viewer.may(VERIFY, row["place_code"]) else ERASE)
        for row in rows
    ]


def _as_they_are(world: World, answer: list[tuple[str, Permission]]) -> Belongs:
    yield from answer


def _for_phone(world: World, found: list[dict[str, Any]]) -> Belongs:
    places = dict(Erasure.objects.values_list("pk", "place_code"))
    for row in found:
        yield places[row["id"]], Permission.SEE_HOUSEHOLDS


def _find(world: World, draw: random.Random, viewer: Viewer) -> Any:
    code = one(world.codes, draw)
    return retention.find(draw.choice(("示意", "户4399", f"示意{code[:9]}")), viewer=viewer)


def _subject(world: World, draw: random.Random) -> tuple[Subject, int]:
    if draw.random() < 0.5:
        return Subject.PERSON, one(world.persons, draw)
    return Subject.HOUSEHOLD, one(world.households, draw)


CASES_RETENTION: list[ScopeCase] = [
    ScopeCase(
        "retention.erasures",
        lambda w, d, v: _of_orders(v, retention.erasures(viewer=v)),
        _as_they_are,
    ),
    ScopeCase(
        "retention.erasures_for_phone",
        lambda w, d, v: retention.erasures_for_phone(viewer=v, after=None),
        _for_phone,
        chain_above=True,
    ),
    ScopeCase(
        "retention.reveals",
        lambda w, d, v: _of_orders(v, retention.reveals(viewer=v)["items"]),
        _as_they_are,
    ),
    ScopeCase("retention.find", _find, by(ERASE)),
    ScopeCase(
        "retention.gate_subject",
        lambda w, d, v: retention.gate_subject(*_subject(w, d), viewer=v),
        by(ERASE),
    ),
    ScopeCase(
        "retention.preview",
        lambda w, d, v: retention.preview(*_subject(w, d), viewer=v),
        by(ERASE),
    ),
    ScopeCase(
        "retention.gate_event",
        lambda w, d, v: retention.gate_event(one(w.alerts, d), viewer=v),
        by(ERASE),
    ),
    ScopeCase("retention.events", lambda w, d, v: retention.events(viewer=v), by(ERASE)),
]
WITHOUT_CASE_RETENTION = {
    "retention.table": "how long what is kept: anybody may know, and nobody is named",
    "retention.classes_due": "counts by class, for those who may erase; holds no row of a place",
}
