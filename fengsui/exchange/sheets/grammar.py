"""What is typed from a sheet, one line each; all words are in docs/interfaces/sheets.md. Pure.

41730 02:40          from here on sheet 41730, ticked at 02:40
037 1 4              line 03 (check digit 7): moved to the shelter, 4 people
041 外出 邻居 示意甲   away: a neighbour says so, and who
52918-012 已转 3      a line of another sheet
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time

from fengsui.exchange.sheets import codes
from fengsui.exchange.sheets.codes import MistypedCodeError
from fengsui.response.evacuations.states import ConfirmedHow, HouseholdStatus

LINES_TYPED_MAX = 400
LINE_LENGTH_MAX = 120
NAME_LENGTH_MAX = 40
PEOPLE_MAX = 200
# The digits stand on the sheet beside the boxes: never given to another status.
STATUS_OF_DIGIT = {
    "0": HouseholdStatus.NOT_YET,
    "1": HouseholdStatus.MOVED_CENTRAL,
    "2": HouseholdStatus.MOVED_RELATIVES,
    "3": HouseholdStatus.AWAY,
    "4": HouseholdStatus.KNOCKED_NO_ANSWER,
    "5": HouseholdStatus.NEEDS_HELP,
    "6": HouseholdStatus.REFUSES,
    "7": HouseholdStatus.TOLD,
}
_STATUS_OF_WORD = {
    "未转": HouseholdStatus.NOT_YET,
    "已转": HouseholdStatus.MOVED_CENTRAL,
    "集中": HouseholdStatus.MOVED_CENTRAL,
    "已转集中": HouseholdStatus.MOVED_CENTRAL,
    "投亲": HouseholdStatus.MOVED_RELATIVES,
    "已转投亲": HouseholdStatus.MOVED_RELATIVES,
    "外出": HouseholdStatus.AWAY,
    "外出不在村": HouseholdStatus.AWAY,
    "未应": HouseholdStatus.KNOCKED_NO_ANSWER,
    "敲门未应": HouseholdStatus.KNOCKED_NO_ANSWER,
    "敲门无人应": HouseholdStatus.KNOCKED_NO_ANSWER,
    "协助": HouseholdStatus.NEEDS_HELP,
    "需协助": HouseholdStatus.NEEDS_HELP,
    "需协助转移": HouseholdStatus.NEEDS_HELP,
    "拒绝": HouseholdStatus.REFUSES,
    "拒不转移": HouseholdStatus.REFUSES,
    "通知": HouseholdStatus.TOLD,
    "已通知": HouseholdStatus.TOLD,
    "已当面通知": HouseholdStatus.TOLD,
}
_HOW = {
    "1": ConfirmedHow.PHONE,
    "电话": ConfirmedHow.PHONE,
    "2": ConfirmedHow.NEIGHBOUR,
    "邻居": ConfirmedHow.NEIGHBOUR,
    "3": ConfirmedHow.RELATIVE,
    "亲属": ConfirmedHow.RELATIVE,
    "4": ConfirmedHow.IN_PERSON,
    "当面": ConfirmedHow.IN_PERSON,
}
_COUNTS_PEOPLE = (HouseholdStatus.MOVED_CENTRAL, HouseholdStatus.MOVED_RELATIVES)
_SEPARATORS = re.compile(r"[\s,;、:]+")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_CODE = re.compile(r"(?:(\d+)-)?(\d+)")


@dataclass(frozen=True, slots=True)
class Tick:
    """One line that could be read. `people` is None where the whole household is meant."""

    row: int  # of the text, from 1
    number: int
    line: int
    status: HouseholdStatus
    people: int | None = None
    confirmed_how: str = ""
    confirmed_by: str = ""
    ticked_at: time | None = None  # Beijing time of day, as written on the sheet

    @property
    def code(self) -> str:
        return codes.full_code(self.number, self.line)


@dataclass(frozen=True, slots=True)
class Fault:
    """One line that could not be read. field: sheet, line, check, status, people, how, who,
    time, more, length."""

    row: int
    text: str
    field: str


def parse(text: str) -> tuple[list[Tick], list[Fault]]:
    """Every line by itself: one that is wrong takes no other with it."""
    ticks: list[Tick] = []
    faults: list[Fault] = []
    number: int | None = None
    at: time | None = None
    rows = text.splitlines()
    for row, raw in enumerate(rows[:LINES_TYPED_MAX], 1):
        plain = unicodedata.normalize("NFKC", raw).strip()
        if not plain or plain.startswith("#"):
            continue
        try:
            if len(plain) > LINE_LENGTH_MAX:
                raise MistypedCodeError("length")
            header = _header(plain)
            if header is not None:
                number, at = header
            else:
                ticks.append(_tick(row, plain, number, at))
        except MistypedCodeError as error:
            if error.field == "sheet":
                number = None  # the lines below belong to a sheet that was not understood
            faults.append(Fault(row, raw.strip()[:LINE_LENGTH_MAX], error.field))
    faults += [
        Fault(row, rows[row - 1].strip()[:LINE_LENGTH_MAX], "more")
        for row in range(LINES_TYPED_MAX + 1, len(rows) + 1)
    ][:1]
    return ticks, faults


def _header(plain: str) -> tuple[int, time | None] | None:
    """The number of a sheet and perhaps when it was ticked; None for any other line."""
    time_of_day = None
    found = _TIME.search(plain)
    rest = plain
    if found:
        rest = (plain[: found.start()] + plain[found.end() :]).strip()
    named = rest.startswith("表")
    digits = rest.removeprefix("表").strip(" :.")
    if not named and not (digits.isdigit() and len(digits) > 3):
        return None
    number = codes.read_number(digits)
    if found:
        hour, minute = int(found[1]), int(found[2])
        if hour > 23 or minute > 59:
            raise MistypedCodeError("time")
        time_of_day = time(hour, minute)
    return number, time_of_day


def _tick(row: int, plain: str, number: int | None, at: time | None) -> Tick:
    words = [word for word in _SEPARATORS.split(plain) if word]
    found = _CODE.fullmatch(words[0]) if words else None
    if found is None:
        raise MistypedCodeError("line")
    if found[1] is not None:
        number, at = codes.read_number(found[1]), None
    if number is None:
        raise MistypedCodeError("sheet")
    line = codes.read_line(number, found[2])
    if len(words) < 2:
        raise MistypedCodeError("status")
    status = STATUS_OF_DIGIT.get(words[1]) or _STATUS_OF_WORD.get(words[1].replace("·", ""))
    if status is None:
        raise MistypedCodeError("status")
    people, how, who = _rest(status, words[2:])
    return Tick(row, number, line, status, people, how, who, at)


def _rest(status: HouseholdStatus, words: list[str]) -> tuple[int | None, str, str]:
    if status is HouseholdStatus.AWAY:
        if not words or words[0] not in _HOW:
            raise MistypedCodeError("how")
        who = " ".join(words[1:])
        if not who or len(who) > NAME_LENGTH_MAX:
            raise MistypedCodeError("who")
        return None, _HOW[words[0]].value, who
    if not words:
        return None, "", ""
    digits = words[0].removesuffix("人")
    if len(words) > 1 or not digits.isascii() or not digits.isdigit():
        raise MistypedCodeError("people")
    people = int(digits)
    if people > PEOPLE_MAX or (people and status not in _COUNTS_PEOPLE):
        raise MistypedCodeError("people")
    return (people if status in _COUNTS_PEOPLE else None), "", ""
