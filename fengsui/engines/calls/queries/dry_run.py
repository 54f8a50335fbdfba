"""Tonight, on paper: who would be called, in what order, who has no number, how many minutes.

Nothing is rung and nothing is written. The same rule decides as in a real night, `next_step`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.errors import POLICY_UNREADABLE
from fengsui.engines.calls.rules import Action, Policy, Situation, Who
from fengsui.engines.calls.states import CallState, Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.standards.divisions import township_of
from fengsui.standards.instants import to_iso

LISTED_MAX = 200
FIRST_SHOWN = 30
# What each kind of channel needs of a person; what is not named needs the person alone.
_CONTACT_OF = {"voice": "phone", "sms": "phone", "email": "email"}
# A line is taken by whoever it rings; a message takes none.
_TAKES_A_LINE = frozenset({"voice"})
_FROZEN_AS = {Who.DEPUTY: ("deputies", 0), Who.SUBSTITUTE: ("deputies", 1)}


def dry_run(
    policy: Mapping[str, Any],
    parties: Sequence[Mapping[str, Any]],
    *,
    viewer: Viewer,
    at: datetime,
    lines: int,
    seconds_a_call: int,
    exercise: bool = False,
) -> dict[str, Any]:
    """What a plain policy would do to `parties` (as `open_callout` takes them) from `at` on.

    Plain values as the API gives them; times in whole seconds after `at`. `lines` telephone lines,
    each taken for `seconds_a_call` by a call that is answered or rung out. As if nobody answered:
    the worst that can be. Raises calls.policy_unreadable. The caller has read the parties with the
    viewer's own rights.
    """
    read = _read(policy)
    people = _once_each(parties)
    usable = channel_register.usable_kinds(exercise=exercise)
    voice = channel_register.voice_kinds()
    steps = _steps(read, at, usable, voice)
    first = next((one for one in steps if one["action"] == Action.TRY), None)
    channel = first["channel"] if first else ""
    reachable = [one for one in people if _has(one, channel)]
    rings = _rings(first, reachable, lines, seconds_a_call)
    last_starts_s = rings[-1]["starts_after_s"] if rings else 0
    needed = -(-sum(one["phones"] for one in rings) * seconds_a_call // read.start_within_s)
    return {
        "at": to_iso(at),
        "is_night": rules.is_night(read, at),
        "people": len(people),
        "with_number": len(reachable),
        "without_number": len(people) - len(reachable),
        "nobody_to_ring": _nobody(people, channel),
        "channel": channel,
        "usable": sorted(usable),
        "counts": bool(channel) and rules.counts_at_night(read, channel, at, voice),
        "together": [one.value for one in first["together"]] if first else [],
        "phones": sum(one["phones"] for one in rings),
        "first": rings[:FIRST_SHOWN],
        "by_township": _by_township(rings),
        "all_rung_s": last_starts_s + (seconds_a_call if rings else 0),
        "starts_in_time": last_starts_s <= read.start_within_s,
        "start_within_s": read.start_within_s,
        "lines": lines,
        "lines_needed": max(1, needed) if channel in _TAKES_A_LINE and rings else 0,
        "seconds_a_call": seconds_a_call,
        "ladder": _ladder(read, steps, people, lines, seconds_a_call),
    }


def _read(policy: Mapping[str, Any]) -> Policy:
    try:
        return rules.policy_from_plain(policy)
    except rules.PolicyError as error:
        raise POLICY_UNREADABLE(why=str(error)) from error


def _once_each(parties: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each person once, in the order in which the list is rung: by township, then as given."""
    once: dict[Any, Mapping[str, Any]] = {}
    for one in parties:
        room = (one["place_code"], one.get("post_title", ""), one.get("name", ""))
        once.setdefault(one.get("person_id") or room, one)
    return sorted(once.values(), key=lambda one: township_of(one["place_code"]))


def _has(one: Mapping[str, Any], channel: str) -> bool:
    wanted = _CONTACT_OF.get(channel)
    if not channel:
        return False
    return wanted is None or any(
        contact.get("kind") == wanted and contact.get("value")
        for contact in one.get("contacts", ())
    )


def _steps(
    policy: Policy, at: datetime, usable: frozenset[str], voice: frozenset[str]
) -> list[dict[str, Any]]:
    """Every step of the ladder where nobody answers, with seconds after the start."""
    steps: list[dict[str, Any]] = []
    situation, after_s = Situation(), 0
    while True:
        now = at + timedelta(seconds=after_s)
        step = rules.next_step(policy, situation, now=now, usable=usable, voice_channels=voice)
        steps.append(
            {
                "action": step.action,
                "rung": step.rung,
                "channel": step.channel,
                "together": step.together,
                "after_s": after_s,
                "counts": step.action is not Action.TRY
                or rules.counts_at_night(policy, step.channel, now, voice),
            }
        )
        if step.action is Action.NAME:
            return steps
        after_s += step.due_after_s
        if step.action is Action.KNOCK:
            situation = replace(situation, rung=step.rung, tries=0, state=CallState.KNOCK)
        else:
            situation = Situation(
                rung=step.rung,
                tries=step.tries,
                last_outcome=Word.NO_ANSWER.value,
                channel=step.channel,
            )


def _stand_in(one: Mapping[str, Any], who: Who) -> bool | None:
    """Whether somebody is known for `who`; None where only tonight's duty list can tell."""
    if who is Who.HOLDER or who is Who.SOMEBODY_AT_THE_DOOR:
        return True
    if who in _FROZEN_AS:
        name, index = _FROZEN_AS[who]
        return len(one.get(name, ())) > index
    if who is Who.SUPERIOR_DUTY_ROOM and one.get("superiors"):
        return True
    return None


def _rings(
    first: Mapping[str, Any] | None,
    reachable: Sequence[Mapping[str, Any]],
    lines: int,
    seconds_a_call: int,
) -> list[dict[str, Any]]:
    """The first round: when each person's phone begins to ring."""
    rings: list[dict[str, Any]] = []
    taken = 0
    for one in reachable if first is not None else ():
        beside = [who for who in first["together"] if _stand_in(one, who)] if first else []
        phones = 1 + len(beside)
        waits_s = 0
        if first is not None and first["channel"] in _TAKES_A_LINE:
            waits_s = taken // max(1, lines) * seconds_a_call
            taken += phones
        rings.append(
            {
                "person_id": str(one["person_id"]) if one.get("person_id") else None,
                "name": one.get("name", ""),
                "post_title": one.get("post_title", ""),
                "place_code": one["place_code"],
                "starts_after_s": waits_s,
                "phones": phones,
                "beside": [who.value for who in beside],
            }
        )
    return rings


def _by_township(rings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in rings:
        code = township_of(one["place_code"])
        row = found.setdefault(
            code, {"place_code": code, "people": 0, "first_s": one["starts_after_s"], "last_s": 0}
        )
        row["people"] += 1
        row["last_s"] = one["starts_after_s"]
    return list(found.values())


def _nobody(people: Sequence[Mapping[str, Any]], channel: str) -> list[dict[str, Any]]:
    """Who has no number for the first try, with who would be rung for them then."""
    return [
        {
            "person_id": str(one["person_id"]) if one.get("person_id") else None,
            "household_id": str(one["household_id"]) if one.get("household_id") else None,
            "name": one.get("name", ""),
            "post_title": one.get("post_title", ""),
            "place_code": one["place_code"],
            "has_deputy": bool(one.get("deputies")),
        }
        for one in people
        if not _has(one, channel)
    ][:LISTED_MAX]


def _ladder(
    policy: Policy,
    steps: Sequence[Mapping[str, Any]],
    people: Sequence[Mapping[str, Any]],
    lines: int,
    seconds_a_call: int,
) -> list[dict[str, Any]]:
    """One row per rung that is reached: when at the latest, by which channel, who is missing."""
    rows: dict[int, dict[str, Any]] = {}
    for step in steps:
        if step["action"] is Action.NAME:
            continue
        rung = policy.rungs[step["rung"]]
        row = rows.get(step["rung"])
        if row is not None:
            row["tries"] += 1
            continue
        known = [_stand_in(one, rung.who) for one in people]
        phones = sum(found is not False for found in known)
        takes = step["channel"] in _TAKES_A_LINE
        rows[step["rung"]] = {
            "rung": step["rung"],
            "who": rung.who.value,
            "word_zh": rung.word_zh or rung.who.value,
            "word_en": rung.word_en or rung.who.value,
            "channel": step["channel"],
            "counts": step["counts"],
            "after_s": step["after_s"],
            "round_s": -(-phones // max(1, lines)) * seconds_a_call if takes else 0,
            "tries": 1,
            "together": [one.value for one in step["together"]],
            "known": sum(found is True for found in known),
            "missing": sum(found is False for found in known),
            "asked_then": sum(found is None for found in known),
        }
    return list(rows.values())
