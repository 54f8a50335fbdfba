"""iCalendar (RFC 5545) as rotas use it: events out, events in. Pure; bounded; opens nothing.

Written: VEVENT with UTC times, folded lines (3.1), escaped text (3.3.11). Read: DTSTART with UTC,
a zone name (taken as Beijing time) or a whole day; DTEND or DURATION; RRULE daily or weekly with
INTERVAL, COUNT or UNTIL, and EXDATE; whatever else an event repeats by is said, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fengsui.standards.instants import BEIJING

BYTES_MAX = 512 * 1024
EVENTS_MAX = 2000
OCCURRENCES_MAX = 2000
OCTETS_A_LINE = 73
PRODUCT = "-//fengsui//duty rota//ZH"
_DURATION = re.compile(
    r"P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:\d+S)?)?"
)
_NAME = re.compile(r"([A-Za-z0-9-]{1,40})((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)


class CalendarError(ValueError):
    """What cannot be read of a calendar, in words a person can act on."""


@dataclass(frozen=True, slots=True)
class Event:
    """One stretch of time. `uid` is unique for each occurrence of a repeated event."""

    uid: str
    begins: datetime
    ends: datetime
    summary: str
    categories: tuple[str, ...] = ()
    attendees: tuple[str, ...] = ()  # common names
    problem: str = ""  # why it cannot be used; times are then those of the first occurrence


def write(events: Iterable[Event], *, name: str, stamped: datetime) -> str:
    """A calendar file with CRLF lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", f"X-WR-CALNAME:{_text(name)}"]
    for one in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(one.uid)}",
            f"DTSTAMP:{_utc(stamped)}",
            f"DTSTART:{_utc(one.begins)}",
            f"DTEND:{_utc(one.ends)}",
            f"SUMMARY:{_text(one.summary)}",
        ]
        if one.categories:
            lines.append(f"CATEGORIES:{','.join(_text(each) for each in one.categories)}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    plain = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "".join(" " if ord(each) < 32 and each != "\n" else each for each in plain).replace(
        "\n", "\\n"
    )


def _folded(line: str) -> Iterator[str]:
    """Never inside a character: octets are counted, characters are kept whole."""
    start, size, prefix = 0, 0, ""
    for index, character in enumerate(line):
        width = len(character.encode())
        if size + width > OCTETS_A_LINE:
            yield prefix + line[start:index]
            start, size, prefix = index, 1, " "
        size += width
    yield prefix + line[start:]


def read(text: str, *, begins: datetime, ends: datetime) -> list[Event]:
    """The events that touch [begins, ends), repeated ones written out. Raises CalendarError."""
    if len(text.encode()) > BYTES_MAX:
        raise CalendarError(f"文件超过 {BYTES_MAX // 1024} KB")
    lines = re.sub(r"\r?\n[ \t]", "", text.lstrip("\ufeff")).splitlines()
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        raise CalendarError("不是日历文件（没有 BEGIN:VCALENDAR）")
    found: list[Event] = []
    for number, properties in enumerate(_events(lines), start=1):
        if number > EVENTS_MAX:
            raise CalendarError(f"超过 {EVENTS_MAX} 个日程")
        try:
            found += _occurrences(properties, number, begins, ends)
        except OverflowError as error:
            raise CalendarError(f"第 {number} 个日程的时间超出范围") from error
        if len(found) > OCCURRENCES_MAX:
            raise CalendarError(f"这段时间里超过 {OCCURRENCES_MAX} 个班次")
    return sorted(found, key=lambda one: (one.begins, one.uid))


Properties = dict[str, list[tuple[str, str]]]  # name -> [(parameters, value)]


def _events(lines: Iterable[str]) -> Iterator[Properties]:
    current: Properties | None = None
    depth = 0  # an alarm inside an event has a DURATION of its own
    for line in lines:
        upper = line.strip().upper()
        if upper == "BEGIN:VEVENT":
            current, depth = {}, 0
        elif upper == "END:VEVENT" and current is not None:
            yield current
            current = None
        elif current is not None and upper.startswith("BEGIN:"):
            depth += 1
        elif current is not None and upper.startswith("END:"):
            depth -= 1
        elif current is not None and depth == 0:
            match = _NAME.fullmatch(line)
            if match:
                current.setdefault(match[1].upper(), []).append((match[2], match[3]))


def _first(properties: Properties, name: str) -> str:
    return _plain(properties[name][0][1]) if name in properties else ""


def _plain(value: str) -> str:
    return re.sub(
        r"\\([\\;,nN])", lambda match: "\n" if match[1] in "nN" else match[1], value
    ).strip()


def _occurrences(
    properties: Properties, number: int, begins: datetime, ends: datetime
) -> list[Event]:
    if _first(properties, "STATUS").upper() == "CANCELLED" or "DTSTART" not in properties:
        return []
    first = _moment(*properties["DTSTART"][0])
    if first is None:
        raise CalendarError(f"第 {number} 个日程的开始时间读不懂")
    length = _length(properties, first)
    if length is None or not timedelta(0) < length <= timedelta(days=31):
        raise CalendarError(f"第 {number} 个日程的结束时间读不懂")
    uid = _first(properties, "UID")[:120] or f"row-{number}"
    made = Event(
        uid,
        first,
        first + length,
        _first(properties, "SUMMARY")[:200],
        tuple(each.strip() for each in _first(properties, "CATEGORIES").split(",") if each.strip()),
        tuple(_common_name(parameters) for parameters, _ in properties.get("ATTENDEE", ())),
    )
    if "RRULE" not in properties:
        return [made] if made.ends > begins and made.begins < ends else []
    step, limit, until, problem = _rule(_first(properties, "RRULE"))
    if problem:
        return [Event(uid, made.begins, made.ends, made.summary, problem=problem)]
    skipped = {
        _moment(parameters, one)
        for parameters, value in properties.get("EXDATE", ())
        for one in value.split(",")
    }
    return list(_repeated(made, step, limit, until, skipped, begins, ends))


def _repeated(
    made: Event,
    step: timedelta,
    limit: int | None,
    until: datetime | None,
    skipped: set[datetime | None],
    begins: datetime,
    ends: datetime,
) -> Iterator[Event]:
    length = made.ends - made.begins
    # Straight to the period that is asked for: an event may repeat since long ago.
    index = max(0, (begins - made.ends) // step)
    while limit is None or index < limit:
        start = made.begins + step * index
        if start >= ends or (until is not None and start > until):
            return
        if start + length > begins and start not in skipped:
            day = start.astimezone(BEIJING).strftime("%Y%m%d")
            yield Event(
                f"{made.uid}#{day}",
                start,
                start + length,
                made.summary,
                made.categories,
                made.attendees,
            )
        index += 1


def _rule(value: str) -> tuple[timedelta, int | None, datetime | None, str]:
    parts = dict(part.split("=", 1) for part in value.upper().split(";") if "=" in part)
    frequency = parts.pop("FREQ", "")
    parts.pop("WKST", None)
    days = {"DAILY": 1, "WEEKLY": 7}.get(frequency, 0)
    interval, count = parts.pop("INTERVAL", "1"), parts.pop("COUNT", "")
    until = _moment("", parts.pop("UNTIL", "")) if "UNTIL" in parts else None
    is_number = interval.isdecimal() and len(interval) < 4 and int(interval) > 0
    if not days or not is_number or parts or (count and not (count.isdecimal() and len(count) < 6)):
        return timedelta(days=1), None, None, f"重复规则看不懂：{value[:60]}"
    return timedelta(days=days * int(interval)), int(count) if count else None, until, ""


def _moment(parameters: str, value: str) -> datetime | None:
    """UTC, or Beijing time where the file names a zone or none; a whole day begins at 00:00."""
    value = value.strip()
    try:
        if re.fullmatch(r"\d{8}T\d{6}Z", value):
            return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if re.fullmatch(r"\d{8}T\d{6}", value):
            return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=BEIJING)
        if re.fullmatch(r"\d{8}", value):
            return datetime.strptime(value, "%Y%m%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return None


def _length(properties: Properties, first: datetime) -> timedelta | None:
    if "DTEND" in properties:
        end = _moment(*properties["DTEND"][0])
        return None if end is None else end - first
    if "DURATION" in properties:
        match = _DURATION.fullmatch(properties["DURATION"][0][1].strip())
        if match is None:
            return None
        weeks, days, hours, minutes = (int(each or 0) for each in match.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    return timedelta(days=1)


def _common_name(parameters: str) -> str:
    match = re.search(r"CN=(?:\"([^\"]*)\"|([^;:]*))", parameters, re.IGNORECASE)
    return (match[1] or match[2] or "").strip()[:60] if match else ""
