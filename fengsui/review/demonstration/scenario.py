"""The story of the night as data: who answers how, who leaves when, who is left. Pure.

Times are seconds after the callout opened at 02:10. People and households are told apart by
their place in the given order, so the story is the same on every node, whatever their ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

NIGHT_S = 2_700  # 02:10 to 02:55
# The first five minutes are told slowly enough to see the curve climb: three minutes in all.
PACE: tuple[tuple[float, float], ...] = ((300.0, 6.0), (2_400.0, 18.5))
SPEED_MIN, SPEED_MAX = 0.25, 20.0
FINAL_HOUSEHOLDS = 4  # left at the end, each named
_THOUSAND = 1000

# What somebody does when rung, try by try (the last one lasts); of a thousand people.
_BEHAVIOURS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (560, ("answers",)),
    (190, ("no_answer", "answers")),
    (70, ("hangs_up", "answers")),
    (60, ("no_answer", "no_answer", "answers")),
    (25, ("wrong_key", "answers")),
    (40, ("needs_support",)),
    (15, ("away",)),
    (20, ("answers_late",)),
    (12, ("switched_off",)),
    (8, ("wrong_number",)),
)
_SILENT: tuple[tuple[str, ...], ...] = (("switched_off",), ("no_answer",), ("switched_off",))
_AWAY_SHARE, _HARD_SHARE = 55, 45  # of a thousand households
KNOCK_BEGINS_S = 900
_SILENT_KNOCK_BEGINS_S = 1_140
_KNOCK_SPREAD_S, _SILENT_KNOCK_SPREAD_S = 900, 1_000


@dataclass(frozen=True, slots=True)
class Household:
    """One household that should leave; `silent`: its village does not answer the phone."""

    household_id: int
    people: int
    assist_level: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """What is seen of a household, and when."""

    at_s: int
    household_id: int
    status: str
    people_moved: int = 0
    confirmed_by: str = ""
    confirmed_how: str = ""


def _draw(seed: int, what: str, number: int, below: int) -> int:
    digest = hashlib.sha256(f"{seed} {what} {number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def behaviour(seed: int, number: int, *, silent: bool, is_township: bool) -> tuple[str, ...]:
    """What the `number`-th person does when rung, try by try.

    A township's line is busy at the first ring tonight, so whoever climbs that far goes on to
    the door instead of resting on somebody above who pressed a key.
    """
    if is_township:
        return ("no_answer", "answers")
    if silent:
        return _SILENT[_draw(seed, "silent", number, len(_SILENT))]
    draw = _draw(seed, "behaviour", number, _THOUSAND)
    for share, tries in _BEHAVIOURS:
        if draw < share:
            return tries
        draw -= share
    return ("answers",)


def knocked_at_s(seed: int, number: int, *, silent: bool) -> int:
    """When somebody stands before the `number`-th person, if the phone did not reach them."""
    begins, spread = (
        (_SILENT_KNOCK_BEGINS_S, _SILENT_KNOCK_SPREAD_S)
        if silent
        else (KNOCK_BEGINS_S, _KNOCK_SPREAD_S)
    )
    return begins + _draw(seed, "knock", number, spread)


def left_to_the_end(households: Sequence[Household]) -> dict[int, str]:
    """The last households and what is known of them: household id -> status.

    Two nobody opens for, one that refuses, one that waits to be carried out.
    """
    silent = [one for one in households if one.silent]
    others = [one for one in households if not one.silent]
    nobody = [one for one in silent if one.assist_level == 0 and one.people <= 4]
    carried = [one for one in silent if one.assist_level >= 2] or [
        one for one in silent if one.assist_level
    ]
    found = {one.household_id: "knocked_no_answer" for one in nobody[:2]}
    found |= {one.household_id: "needs_help" for one in carried[-1:]}
    refusing = [one for one in others if one.assist_level == 0 and one.people >= 2]
    found |= {one.household_id: "refuses" for one in refusing[-1:]}
    return found


def movements(seed: int, households: Sequence[Household]) -> tuple[Movement, ...]:
    """Everything that will be seen of the households tonight, in order of time."""
    left = left_to_the_end(households)
    told: list[Movement] = []
    for number, one in enumerate(households):
        at = _starts_at_s(seed, number, silent=one.silent)
        if one.household_id in left:
            told += _left_behind(one, at, left[one.household_id])
        else:
            told += _brought_out(seed, number, one, at)
    return tuple(sorted(told, key=lambda one: (one.at_s, one.household_id)))


def _starts_at_s(seed: int, number: int, *, silent: bool) -> int:
    """When somebody first comes to the house: most of them early, a tail for the far ones."""
    share = _draw(seed, "starts", number, _THOUSAND) / _THOUSAND
    if silent:
        return 1_200 + int(900 * share)
    return 150 + int(1_250 * share**1.4)


def _left_behind(one: Household, at_s: int, status: str) -> list[Movement]:
    if status == "knocked_no_answer":
        return [Movement(at_s, one.household_id, status), Movement(2_400, one.household_id, status)]
    return [
        Movement(at_s, one.household_id, "told"),
        Movement(at_s + 240, one.household_id, status),
    ]


def _brought_out(seed: int, number: int, one: Household, at_s: int) -> list[Movement]:
    draw = _draw(seed, "ends", number, _THOUSAND)
    if draw < _AWAY_SHARE:
        how = ("relative", "neighbour", "phone")[number % 3]
        who = {"relative": "示意亲属", "neighbour": "示意邻居", "phone": "本人电话"}[how]
        return [Movement(at_s + 60, one.household_id, "away", 0, who, how)]
    moved = "moved_relatives" if draw % 4 == 0 else "moved_central"
    if one.assist_level:
        waits = 150 + 120 * one.assist_level + _draw(seed, "helped", number, 180)
        return [
            Movement(at_s, one.household_id, "needs_help"),
            Movement(at_s + waits, one.household_id, "moved_central", one.people),
        ]
    if draw < _AWAY_SHARE + _HARD_SHARE:
        first = "refuses" if draw % 2 else "knocked_no_answer"
        return [
            Movement(at_s, one.household_id, first),
            Movement(at_s + 300, one.household_id, moved, one.people),
        ]
    if draw % 3 == 0:
        return [
            Movement(at_s, one.household_id, "told"),
            Movement(at_s + 120, one.household_id, moved, one.people),
        ]
    return [Movement(at_s + 60, one.household_id, moved, one.people)]
