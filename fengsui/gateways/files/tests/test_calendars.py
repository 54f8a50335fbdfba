"""Calendars out and in: what was written is read again; strangers' files are read or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fengsui.gateways.files import calendars
from fengsui.gateways.files.calendars import CalendarError, Event

BEGINS = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=90)


def _file(*lines: str) -> str:
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join(body)


def _read(*lines: str) -> list[Event]:
    return calendars.read(_file(*lines), begins=BEGINS, ends=ENDS)


@given(
    summary=some.text(
        some.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=150
    ),
    hours=some.integers(1, 48),
)
def test_what_is_written_is_read_again(summary: str, hours: int) -> None:
    starts = BEGINS + timedelta(days=3)
    starts = starts.replace(microsecond=0)
    event = Event("a-1@示意", starts, starts + timedelta(hours=hours), summary)
    text = calendars.write([event], name="值班表", stamped=BEGINS)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    (found,) = calendars.read(text, begins=BEGINS, ends=ENDS)
    assert (found.uid, found.begins, found.ends, found.summary) == (
        event.uid,
        event.begins,
        event.ends,
        event.summary,
    )


def test_a_week_s_turn_is_written_out_in_beijing_time() -> None:
    found = _read(
        "UID:turn",
        "DTSTART;TZID=Asia/Shanghai:20260101T080000",
        "DURATION:P1D",
        "RRULE:FREQ=WEEKLY;INTERVAL=2",
        "EXDATE;TZID=Asia/Shanghai:20260730T080000",
        "SUMMARY:值班 示意甲",
    )
    days = [one.begins.date().isoformat() for one in found]
    assert days[:3] == ["2026-07-16", "2026-08-13", "2026-08-27"], "the 30th of July is left out"
    assert {one.begins.astimezone(UTC).hour for one in found} == {0}
    assert len({one.uid for one in found}) == len(found)


def test_a_whole_day_and_an_alarm_inside() -> None:
    (found,) = _read(
        "UID:1",
        "DTSTART;VALUE=DATE:20260720",
        "SUMMARY:带班\\, 示意乙",
        "BEGIN:VALARM",
        "DURATION:P9D",
        "END:VALARM",
    )
    assert (found.ends - found.begins, found.summary) == (timedelta(days=1), "带班, 示意乙")


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY", "FREQ=DAILY;BYDAY=MO", "FREQ=DAILY;INTERVAL=0"])
def test_another_repetition_is_said_not_guessed(rule: str) -> None:
    (found,) = _read("UID:1", "DTSTART:20260720T000000Z", f"RRULE:{rule}", "SUMMARY:示意")
    assert found.problem


@pytest.mark.parametrize(
    "text",
    [
        "PK\x03\x04",
        _file("DTSTART:soon"),
        _file("DTSTART:20260720T000000Z", "DTEND:20260719T000000Z"),
        _file("DTSTART:20260720T000000Z", "DURATION:P99999W"),
        _file("DTSTART:99991231T235959Z", "DURATION:P30D", "RRULE:FREQ=DAILY"),
        _file("UID:1\r\nDTSTART:20260717T000000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n" * 2001),
        "BEGIN:VCALENDAR" + "x" * calendars.BYTES_MAX,
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(CalendarError) as refused:
        calendars.read(text, begins=BEGINS, ends=ENDS)
    assert str(refused.value)


def test_an_event_that_repeats_for_ever_is_only_as_long_as_what_is_asked() -> None:
    found = _read("UID:1", "DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY", "SUMMARY:示意")
    assert len(found) == 91
