"""What happens next in a call. Pure: `now` is an argument, policies are values.

One function decides, `next_step`. It sees only what a whole group of calls has in common, so a
group is decided once; deciding call by call gives the same (tested as a property).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from fengsui.engines.calls.levels import HANDS_ON
from fengsui.engines.calls.packing import pack_ordinals as pack_ordinals
from fengsui.engines.calls.packing import unpack_ordinals as unpack_ordinals
from fengsui.engines.calls.states import FAILED_FOR_GOOD, CallState, Word

BEIJING = timezone(timedelta(hours=8))
IN_PERSON = "in_person"
RUNGS_MAX = 8
TRIES_MAX = 12
SPACING_MAX_S = 24 * 3600
# One extra try where a crash left the outcome unknown: for life, ring twice rather than never.
RETRIES_OF_UNKNOWN = 1

PHASE_STEP, TRY_STEP, RUNG_STEP, LAP_STEP = 1, 100, 10_000, 1_000_000
KNOCK_PHASE, ELSEWHERE_PHASE, NUMBER_PHASE = 90, 85, 0


class Duplicates(StrEnum):
    """What is worse: a message twice, or none."""

    DUP_OK = "dup_ok"  # life safety: ring again, and a township that is cut off may take over
    HOLD = "hold"  # money and stock: none until the owner is reached; a person decides


class Who(StrEnum):
    """Whom a rung rings for a call. All but the holder resolve when the rung is reached."""

    HOLDER = "holder"  # A岗: the person called
    DEPUTY = "deputy"  # B岗
    SUBSTITUTE = "substitute"  # 副职/补位
    DUTY_PHONE = "duty_phone"  # 值班电话: of the unit itself, whoever sits there
    SUPERIOR_DUTY_ROOM = "superior_duty_room"  # 上一级值班室
    SOMEBODY_AT_THE_DOOR = "in_person"  # 上门


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder. Times in seconds."""

    who: Who
    channels: tuple[str, ...]  # taken in turn, try by try
    tries: int
    spacing_s: int  # from one try to the next decision
    patience_s: int  # how long one try rings; for in-person: how long until the name is given
    otherwise: tuple[str, ...] = ()  # where none of `channels` can be used or works for a person
    word_zh: str = ""
    word_en: str = ""
    together: tuple[Who, ...] = ()  # who rings at the same moment; one answer stops the others
    together_only_at_night: bool = True

    @property
    def is_in_person(self) -> bool:
        return self.who is Who.SOMEBODY_AT_THE_DOOR


@dataclass(frozen=True, slots=True)
class Policy:
    """How one callout rings. Frozen into the callout when it opens."""

    name: str
    colour: str
    rungs: tuple[Rung, ...]
    needs_answer: bool = True
    start_within_s: int = 300
    answer_within_s: int = 600
    act_within_s: int = 1800
    night_from_hour: int = 22  # Beijing time
    night_until_hour: int = 6
    night_needs_voice: bool = False
    label_zh: str = ""
    source: str = ""
    clause: str = ""
    verified: bool = False
    duplicates: Duplicates = Duplicates.DUP_OK
    version: str = ""  # of the county's own policy; "" for the default that comes with the program
    # Level → seconds until its silence hands the duty to the next; {}: 一呼到底, all at once.
    hand_on_s: Mapping[str, int] = field(default_factory=dict, hash=False)

    def to_plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = {name: _plain(getattr(self, name)) for name in self.__slots__}
        plain["rungs"] = [
            {name: _plain(getattr(rung, name)) for name in Rung.__slots__} for rung in self.rungs
        ]
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, StrEnum) else value


class PolicyError(ValueError):
    """A policy that could leave somebody without an end, or that cannot be read."""


def policy_from_plain(plain: Mapping[str, Any]) -> Policy:
    """Reads a policy and checks its bounds. Raises PolicyError."""
    known = {name: plain[name] for name in Policy.__slots__ if name in plain and name != "rungs"}
    try:
        known["duplicates"] = Duplicates(known.get("duplicates", Duplicates.DUP_OK))
        rungs = tuple(
            Rung(
                who=Who(row["who"]),
                channels=tuple(row.get("channels", ())),
                tries=int(row.get("tries", 0)),
                spacing_s=int(row.get("spacing_s", 0)),
                patience_s=int(row["patience_s"]),
                otherwise=tuple(row.get("otherwise", ())),
                word_zh=str(row.get("word_zh", "")),
                word_en=str(row.get("word_en", "")),
                together=tuple(Who(one) for one in row.get("together", ())),
                together_only_at_night=bool(row.get("together_only_at_night", True)),
            )
            for row in plain["rungs"]
        )
        silence = dict(known.get("hand_on_s") or {})
        known["hand_on_s"] = {str(level): int(after) for level, after in silence.items()}
        policy = Policy(rungs=rungs, **known)
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyError(f"cannot be read: {error}") from error
    _check(policy)
    return policy


def _check(policy: Policy) -> None:
    """Says of what is wrong where it stands: `rungs[1].tries` is the second row of the ladder."""
    if not 1 <= len(policy.rungs) <= RUNGS_MAX:
        raise PolicyError(f"rungs: 1-{RUNGS_MAX}")
    if policy.rungs[0].who is not Who.HOLDER:
        raise PolicyError("rungs[0].who: holder")
    for level, seconds in policy.hand_on_s.items():
        if level not in HANDS_ON or not 1 <= seconds <= SPACING_MAX_S:
            raise PolicyError(f"hand_on_s.{level}: {'/'.join(HANDS_ON)}, 1-{SPACING_MAX_S} s")
    for index, rung in enumerate(policy.rungs):
        wrong = _wrong_in(rung, is_last=index == len(policy.rungs) - 1)
        if wrong is not None:
            raise PolicyError(f"rungs[{index}].{wrong}")


def _wrong_in(rung: Rung, *, is_last: bool) -> str | None:
    """The first field of a rung that is out of its bounds, with them; None where all is well."""
    if rung.is_in_person:
        if not is_last:
            return "who: in_person is the last one"
        is_sane = 1 <= rung.patience_s <= SPACING_MAX_S
        return None if is_sane else f"patience_s: 1-{SPACING_MAX_S} s"
    if not 1 <= rung.tries <= TRIES_MAX:
        return f"tries: 1-{TRIES_MAX}"
    if not 1 <= rung.spacing_s <= SPACING_MAX_S:
        return f"spacing_s: 1-{SPACING_MAX_S} s"
    if not 1 <= rung.patience_s <= rung.spacing_s:
        return "patience_s: 1 s - spacing_s"
    if not rung.channels:
        return "channels: 1+"
    alone = {rung.who, Who.HOLDER, Who.SOMEBODY_AT_THE_DOOR}
    if alone & set(rung.together) or len(set(rung.together)) != len(rung.together):
        return "together: others than the rung itself, each once"
    return None


def is_night(policy: Policy, now: datetime) -> bool:
    """22:00-06:00 Beijing time by default (handbook 5.3, night rule)."""
    hour = now.astimezone(BEIJING).hour
    start, end = policy.night_from_hour, policy.night_until_hour
    return start <= hour < end if start < end else hour >= start or hour < end


class Action(StrEnum):
    """What the engine does with a group of calls."""

    TRY = "try"
    KNOCK = "knock"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision depends on: what calls of one group have in common."""

    lap: int = 0  # a replaced number starts the ladder again, one lap on
    rung: int = 0
    state: CallState = CallState.WAITING
    tries: int = 0
    last_outcome: str = ""
    channel: str = ""  # of the last try
    is_covered: bool = False  # a stand-in acknowledged; this person is still owed an end


@dataclass(frozen=True, slots=True)
class Step:
    """The decision for a group."""

    action: Action
    rung: int
    tries: int = 0  # the number of this try on its rung, from 1
    channel: str = ""
    due_after_s: int = 0  # when to decide again if nothing is heard; 0 with NAME
    is_by_night_rule: bool = False  # False at night: only channels that do not count were there
    together: tuple[Who, ...] = ()  # who else rings at the same moment


def next_step(
    policy: Policy,
    situation: Situation,
    *,
    now: datetime,
    usable: frozenset[str],
    voice_channels: frozenset[str],
) -> Step:
    """Silence tries again, then climbs; the last rung is the door; after it comes the name.

    Strictly forward in (rung, tries), so every ladder ends. `usable` are the channel kinds that
    this node has and nobody has paused; `voice_channels` those that wake a sleeper.
    """
    if situation.state is CallState.KNOCK:
        return Step(Action.NAME, situation.rung)
    tries, outcome = situation.tries, situation.last_outcome
    is_held = policy.duplicates is Duplicates.HOLD and outcome == Word.UNKNOWN
    for index in range(situation.rung, len(policy.rungs)):
        rung = policy.rungs[index]
        if is_held and not rung.is_in_person:
            continue  # it may have been done: nobody does it again but a person who has looked
        if rung.is_in_person:
            return Step(Action.KNOCK, index, due_after_s=rung.patience_s)
        at_night = policy.night_needs_voice and is_night(policy, now)
        choices = _channels(rung, situation, outcome, usable, voice_channels if at_night else None)
        limit = rung.tries + (RETRIES_OF_UNKNOWN if outcome == Word.UNKNOWN else 0)
        # Whoever acknowledged here has nothing to add; another unit of this person has its own.
        is_spent = tries >= limit or outcome == Word.ACKNOWLEDGED
        if choices and not is_spent and not situation.is_covered:
            channel = choices[tries % len(choices)]
            return Step(
                Action.TRY,
                index,
                tries=tries + 1,
                channel=channel,
                due_after_s=rung.spacing_s,
                is_by_night_rule=not at_night or channel in voice_channels,
                together=_together(policy, rung, now),
            )
        tries, outcome = 0, ""
    return Step(Action.NAME, max(situation.rung, len(policy.rungs) - 1))


def _together(policy: Policy, rung: Rung, now: datetime) -> tuple[Who, ...]:
    is_time = not rung.together_only_at_night or is_night(policy, now)
    return rung.together if rung.together and is_time else ()


def rings_together(plain: Mapping[str, Any]) -> bool:
    """Whether a frozen policy rings several at once anywhere: cheap, for the path of an answer."""
    return any(rung.get("together") for rung in plain["rungs"])


def rung_of(policy: Policy, who: Who) -> int:
    """Under which rung a stand-in is kept: their own in the ladder, else one past its end."""
    for index, rung in enumerate(policy.rungs):
        if rung.who is who:
            return index
    return RUNGS_MAX + list(Who).index(who)


def counts_at_night(policy: Policy, channel: str, at: datetime, voice: Iterable[str]) -> bool:
    """Whether a try at `at` counts as 叫应: at night only what wakes a sleeper does."""
    return not (policy.night_needs_voice and is_night(policy, at)) or channel in voice


def _channels(
    rung: Rung,
    situation: Situation,
    outcome: str,
    usable: frozenset[str],
    night_voice: frozenset[str] | None,
) -> list[str]:
    """The channels to choose from on this rung, after the night rule and what failed for good."""
    choices = [channel for channel in rung.channels if channel in usable]
    if night_voice is not None:
        choices = [channel for channel in choices if channel in night_voice] or choices
    if outcome in FAILED_FOR_GOOD:
        choices = [channel for channel in choices if channel != situation.channel]
    if not choices:
        choices = [
            channel
            for channel in rung.otherwise
            if channel in usable
            and not (outcome in FAILED_FOR_GOOD and channel == situation.channel)
        ]
    return choices


def skip_to(policy: Policy, situation: Situation) -> Situation:
    """The situation one rung further: nobody could be found for this one, or it was skipped."""
    return replace(
        situation,
        rung=min(situation.rung + 1, len(policy.rungs)),
        tries=0,
        last_outcome="",
        channel="",
        state=CallState.WAITING,
    )


def progress(*, lap: int, rung: int, tries: int, phase: int) -> int:
    """How far a call has come, as one number. Facts only ever raise it, in any order."""
    return lap * LAP_STEP + rung * RUNG_STEP + tries * TRY_STEP + phase * PHASE_STEP


def projected_seconds(
    curve: Sequence[tuple[int, int]], *, total: int, share_percent: int = 95
) -> int | None:
    """When `share_percent` of `total` will have answered if the last quarter's pace holds.

    `curve` holds (seconds since opening, answered so far), rising. None where nothing moves.
    """
    if not curve or not total:
        return None
    wanted = -(-total * share_percent // 100)
    last_s, last_count = curve[-1]
    if last_count >= wanted:
        return next(seconds for seconds, count in curve if count >= wanted)
    earlier = [point for point in curve if point[0] <= last_s * 3 // 4] or [(0, 0)]
    gained, took_s = last_count - earlier[-1][1], last_s - earlier[-1][0]
    if gained <= 0 or took_s <= 0:
        return None
    return last_s + -(-(wanted - last_count) * took_s // gained)


# --- who owns an effect -----------------------------------------------------------------------


def driver_id(public_key: bytes) -> int:
    """A node as the 63 bits that a call carries of whoever drives it."""
    return int.from_bytes(hashlib.sha256(b"fengsui driver\x00" + public_key).digest()[:8]) >> 1


def effect_id(*, callout_id: int, call_id: int, channel: str, step: int, who: str = "") -> str:
    """The id of one message to one person, as carriers are given it: the same on every node, so
    that two nodes that do the same step give a carrier one message, not two."""
    said = f"fengsui effect {callout_id} {call_id} {channel} {step}{who and f' {who}'}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Taken:
    """One takeover that nobody has handed back."""

    prefix: str
    driver: int
    hlc: int
    id: int


def driver_of(place_code: str, *, owner: int, taken: Iterable[Taken]) -> int:
    """Who drives the calls of a place: whoever took it over last, else the callout's owner."""
    covering = [one for one in taken if place_code.startswith(one.prefix)]
    return max(covering, key=lambda one: (one.hlc, one.id)).driver if covering else owner
