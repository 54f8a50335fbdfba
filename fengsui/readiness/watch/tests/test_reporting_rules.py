"""信息报告: what is due when, row by row. No database."""

from __future__ import annotations

from datetime import datetime

import pytest

from fengsui.readiness.watch.rules import reporting as rules
from fengsui.readiness.watch.rules.reporting import Course, Made
from fengsui.standards.instants import BEIJING
from fengsui.standards.report_profiles import grades, profiles

TEN = datetime(2026, 7, 16, 10, 0, tzinfo=BEIJING)


def at(hour: int, minute: int = 0, second: int = 0, day: int = 16) -> datetime:
    return datetime(2026, 7, day, hour, minute, second, tzinfo=BEIJING)


def course(profile: str = "county", grade: str = "ordinary", **said: datetime) -> Course:
    return Course(profiles()[profile], grade, **({"known_at": TEN} | said))


def listed(now: datetime, *made: Made, of: Course | None = None) -> dict[str, tuple[object, str]]:
    """Kind → when it is due (in Beijing, None: no limit) and how it stands."""
    rows = rules.deadlines(of or course(), made, now)
    return {
        one.kind.value: (one.due_at and one.due_at.astimezone(BEIJING), one.state.value)
        for one in rows
    }


def test_the_handbook_vector() -> None:
    """获悉 10:00 → 电话 10:15, 书面 10:30, late at 10:31 (handbook 17.3, 3)."""
    assert listed(at(10))["phone"] == (at(10, 15), "waiting")
    assert listed(at(10))["written"] == (at(10, 30), "waiting")
    assert listed(at(10, 30))["written"] == (at(10, 30), "soon")
    assert listed(at(10, 31))["written"] == (at(10, 30), "late")


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(10, 11, 59), "waiting"),
        (at(10, 12), "soon"),  # 80 % of fifteen minutes
        (at(10, 15), "soon"),
        (at(10, 15, 1), "late"),
    ],
)
def test_amber_from_four_fifths_red_after_the_minute(now: datetime, state: str) -> None:
    assert listed(now)["phone"][1] == state


@pytest.mark.parametrize(("minute", "state"), [(14, "done"), (15, "done"), (16, "done_late")])
def test_the_first_report_of_a_kind_counts(minute: int, state: str) -> None:
    made = (Made(1, "phone", at(10, minute)), Made(2, "phone", at(11)))
    assert listed(at(12), *made)["phone"][1] == state
    assert rules.late_reports(course(), made) == ({1} if state == "done_late" else set())


@pytest.mark.parametrize(
    ("profile", "grade", "due"),
    [
        ("county", "extreme", {"phone": at(10, 15), "written": at(10, 30)}),
        ("henan_2019", "extreme", {"phone": at(10, 15), "written": at(10, 35)}),
        ("henan_2019", "major", {"phone": at(10, 15), "written": at(10, 35)}),
        ("henan_2019", "larger", {"written": at(11)}),
        ("henan_2019", "ordinary", {"written": at(16)}),
    ],
)
def test_limits_by_profile_and_grade(profile: str, grade: str, due: dict[str, datetime]) -> None:
    found = listed(TEN, of=course(profile, grade))
    assert {kind: said[0] for kind, said in found.items() if kind != "follow_up"} == due
    assert ("follow_up" in found) == (profile == "county" or grade != "ordinary")


@pytest.mark.parametrize(
    ("base", "due"),
    [
        (at(10, 20), at(12, 20)),  # two hours after the last report
        (at(15, 30), at(17)),  # 17:00 comes before that
        (at(16, 30), at(18, 30)),  # within the hour before 17:00 it was that hour's follow-up
        (at(22), at(0, day=17)),
        (at(6, 30, day=17), at(8, day=17)),
    ],
)
def test_the_next_follow_up_of_the_county(base: datetime, due: datetime) -> None:
    found = listed(base, Made(1, "written", base))
    assert found["follow_up"] == (due, "waiting")


def test_follow_ups_of_henan_are_due_at_eight_and_seventeen() -> None:
    major = course("henan_2019", "major")
    written = Made(1, "written", at(10, 20))
    assert listed(at(11), written, of=major)["follow_up"][0] == at(17)
    evening = Made(2, "follow_up", at(17, 5))
    assert listed(at(18), written, evening, of=major)["follow_up"][0] == at(8, day=17)
    assert rules.late_reports(major, [written, evening]) == {2}


def test_after_the_end_only_the_final_report_is_due() -> None:
    over = course(closed_at=at(13))
    made = [Made(1, "phone", at(10, 5))]
    found = listed(at(14), *made, of=over)
    assert found["final"] == (at(13, day=17), "waiting")
    assert "follow_up" not in found
    assert found["written"][1] == "late", "what was missed before the end stays named"
    rows = rules.deadlines(over, made, at(14))
    due = rules.next_due(over, rows)
    assert due is not None
    assert due.kind == "final"
    final = Made(2, "final", at(12, 59, day=17))
    rows = rules.deadlines(over, [*made, final], at(14, day=17))
    assert rules.next_due(over, rows) is None
    assert rules.late_reports(over, [*made, final]) == set()


def test_an_early_end_does_not_blame_for_what_was_not_due_yet() -> None:
    over = course(closed_at=at(10, 10))
    assert set(listed(at(11), of=over)) == {"final"}


def test_what_comes_first_is_due_next() -> None:
    rows = rules.deadlines(course(), [], at(10, 20))
    due = rules.next_due(course(), rows)
    assert due is not None
    assert (due.kind, due.state) == ("phone", "late"), "late, and still the one to make"


def test_what_is_verified_says_from_where() -> None:
    """A default is called one; a number called verified names its source and year."""
    for profile in profiles().values():
        for one in profile.limits:
            assert one.is_verified == profile.is_verified
            assert one.source
            assert bool(one.date) == one.is_verified
            assert set(one.grades) <= set(grades())
    assert not next(iter(profiles().values())).is_verified
    assert "默认" in next(iter(profiles().values())).zh
