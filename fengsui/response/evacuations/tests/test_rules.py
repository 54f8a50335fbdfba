"""应转 = 已转 + 外出 + 未转, whatever is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fengsui.response.evacuations import rules
from fengsui.response.evacuations.states import HouseholdStatus

NOW = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)


@given(
    people=st.integers(0, 200),
    moved=st.integers(0, 200),
    status=st.sampled_from(list(HouseholdStatus)),
)
def test_the_balance_never_breaks(people: int, moved: int, status: HouseholdStatus) -> None:
    share = rules.share_of(people=people, status=status, people_moved=moved)
    assert share.should == share.moved + share.away + share.not_yet
    assert min(share.should, share.moved, share.away, share.not_yet) >= 0
    assert share.should >= people


def test_a_household_that_moved_in_part_still_has_people_left() -> None:
    share = rules.share_of(people=4, status="moved_central", people_moved=3)
    assert (share.moved, share.not_yet) == (3, 1)


def test_more_people_than_listed_are_counted_and_not_clipped() -> None:
    share = rules.share_of(people=4, status="moved_relatives", people_moved=6)
    assert (share.should, share.moved, share.not_yet) == (6, 6, 0)


def test_a_knock_without_an_answer_stays_unmoved() -> None:
    assert rules.share_of(people=4, status="knocked_no_answer", people_moved=4).not_yet == 4


def test_away_counts_only_with_who_confirmed_it_and_how() -> None:
    missing = rules.missing_for
    assert missing(status="away", confirmed_by=" ", confirmed_how="phone") == "confirmed_by"
    assert missing(status="away", confirmed_by="儿子", confirmed_how="") == "confirmed_how"
    assert missing(status="away", confirmed_by="儿子", confirmed_how="phone") is None
    assert missing(status="refuses", confirmed_by="", confirmed_how="") is None


def test_a_phone_clock_that_runs_ahead_is_not_believed() -> None:
    late = NOW + timedelta(minutes=6)
    assert rules.observed_at(phone_says=late, received=NOW) == NOW
    early = NOW - timedelta(hours=3)
    assert rules.observed_at(phone_says=early, received=NOW) == early
