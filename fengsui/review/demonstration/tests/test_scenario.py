"""The story as data: complete, repeatable, and it leaves exactly the last few."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fengsui.gateways.channels.simulated import Behaviour
from fengsui.response.evacuations.states import ACCOUNTED, HouseholdStatus
from fengsui.review.demonstration import scenario
from fengsui.review.demonstration.scenario import FINAL_HOUSEHOLDS, NIGHT_S, Household

HOUSEHOLDS = [
    Household(1000 + number, 1 + number % 6, number % 5 // 2, number % 7 == 0)
    for number in range(212)
]


def last_words(seed: int) -> dict[int, str]:
    return {one.household_id: one.status for one in scenario.movements(seed, HOUSEHOLDS)}


def test_every_household_is_moved_or_away_but_for_the_last_few() -> None:
    ends = last_words(7)
    assert set(ends) == {one.household_id for one in HOUSEHOLDS}
    left = {one for one, status in ends.items() if HouseholdStatus(status) not in ACCOUNTED}
    assert left == set(scenario.left_to_the_end(HOUSEHOLDS))
    assert len(left) == FINAL_HOUSEHOLDS


@given(seed=st.integers(0, 10_000))
def test_it_is_all_over_before_the_night_ends(seed: int) -> None:
    steps = scenario.movements(seed, HOUSEHOLDS)
    assert all(0 < step.at_s < NIGHT_S for step in steps)
    assert list(steps) == sorted(steps, key=lambda one: (one.at_s, one.household_id))


@given(seed=st.integers(0, 10_000))
def test_nobody_is_counted_as_away_without_who_said_so(seed: int) -> None:
    for step in scenario.movements(seed, HOUSEHOLDS):
        assert step.status != "away" or (step.confirmed_by and step.confirmed_how)
        assert (step.people_moved > 0) == step.status.startswith("moved")


@given(number=st.integers(0, 100_000), silent=st.booleans(), is_township=st.booleans())
def test_everybody_does_something_the_carrier_knows(
    number: int, silent: bool, is_township: bool
) -> None:
    tries = scenario.behaviour(7, number, silent=silent, is_township=is_township)
    assert {Behaviour(word) for word in tries}


def test_a_silent_village_never_answers_the_phone() -> None:
    said = Counter(
        word
        for number in range(300)
        for word in scenario.behaviour(7, number, silent=True, is_township=False)
    )
    assert set(said) <= {"switched_off", "no_answer"}


def test_three_minutes_are_three_minutes() -> None:
    real_s = sum(seconds / speed for seconds, speed in scenario.PACE)
    assert sum(seconds for seconds, _ in scenario.PACE) == NIGHT_S
    assert 170 <= real_s <= 185
