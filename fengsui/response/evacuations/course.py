"""The course of an evacuation told again from its facts alone: people moved, and when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fengsui.foundation.journal.facts import Fact
from fengsui.response.evacuations import rules
from fengsui.response.evacuations.states import HouseholdStatus

_KNOWN = {status.value for status in HouseholdStatus}


@dataclass(frozen=True, slots=True)
class Seen:
    """From `at` on: what is known of a household, in people. Zeros while its twin counts."""

    at: datetime
    status: str
    should: int
    moved: int
    away: int


@dataclass(slots=True)
class Household:
    """One household on the list and what became of it, oldest first."""

    household_id: int
    place_code: str
    people: int
    assist_level: int
    listed_at: datetime
    status: str = HouseholdStatus.NOT_YET.value
    people_moved: int = 0
    winner: str = ""
    steps: list[Seen] = field(default_factory=list)

    def note(self, at: datetime, *, counts: bool = True) -> None:
        share = rules.share_of(
            people=self.people, status=self.status, people_moved=self.people_moved
        )
        numbers = (share.should, share.moved, share.away) if counts else (0, 0, 0)
        seen = Seen(at, self.status, *numbers)
        if not self.steps or self.steps[-1] != Seen(self.steps[-1].at, self.status, *numbers):
            self.steps.append(seen)


@dataclass(slots=True)
class Course:
    """An evacuation from its first fact to its last, within what was asked for."""

    evacuation_id: int
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    last_at: datetime | None = None
    households: dict[int, Household] = field(default_factory=dict)


def tell(evacuation_id: int, facts: Iterable[Fact], *, sees: Callable[[str], bool]) -> Course:
    """The course of one evacuation from all facts about it, in any order; what was seen of a
    household counts from when it was written down."""
    listed = sorted(facts, key=lambda fact: (fact.at, fact.hlc, fact.id))
    course = Course(evacuation_id)
    links: dict[int, tuple[int, int]] = {}
    early: list[Fact] = []
    told: set[str] = set()
    for fact in listed:
        body = fact.fields
        if fact.kind == "evacuation.opened" and fact.entity() == evacuation_id:
            course.opened_at = fact.at
        elif body.get("evacuation_id") != evacuation_id:
            continue
        course.last_at = fact.at
        if fact.kind in ("evacuation.opened", "evacuation.households_added"):
            _list(course, fact)
            # What was seen of a household may be dated before the list that names it.
            early = [one for one in early if not _see(course, one, fact.at)]
        elif fact.kind == "evacuation.household_recorded":
            if body["client_id"] not in told and not _see(course, fact, fact.at):
                early.append(fact)
            told.add(body["client_id"])
        elif fact.kind == "evacuation.closed":
            course.closed_at = course.closed_at or fact.at
        elif fact.kind == "evacuation.households_linked":
            links[fact.entity()] = (body["household_id"], body["same_as"])
        elif fact.kind == "evacuation.households_unlinked":
            links.pop(body["link_id"], None)
        _settle(course, links, fact)
    course.households = {pk: one for pk, one in course.households.items() if sees(one.place_code)}
    return course


def _list(course: Course, fact: Fact) -> None:
    for item in fact.items:
        if item is None or item["household_id"] in course.households:
            continue
        found = Household(
            household_id=item["household_id"],
            place_code=item["place_code"],
            people=item["people"],
            assist_level=item["assist_level"],
            listed_at=fact.at,
        )
        found.note(fact.at)
        course.households[found.household_id] = found


def _see(course: Course, fact: Fact, at: datetime) -> bool:
    """Takes what was seen last; False where the household is not on the list (yet)."""
    body = fact.fields
    if body["status"] not in _KNOWN:
        return True
    household = course.households.get(body["household_id"])
    if household is None:
        return False
    winner = f"{body['observed_at']:015d}.{fact.hlc:020d}"
    if winner >= household.winner:
        household.winner = winner
        household.status, household.people_moved = body["status"], body["people_moved"]
        household.note(at)
    return True


def _settle(course: Course, links: dict[int, tuple[int, int]], fact: Fact) -> None:
    """Of households that are one, only the one seen last counts."""
    is_about_links = fact.kind.endswith("linked")
    if not links and not is_about_links:
        return
    linked = {one for pair in links.values() for one in pair}
    touched = course.households.keys() if is_about_links else linked & course.households.keys()
    winners = {pk: course.households[pk].winner for pk in linked & course.households.keys()}
    _, silent = rules.one_of_each(winners, links.values())
    for pk in touched:
        course.households[pk].note(fact.at, counts=pk not in silent)
