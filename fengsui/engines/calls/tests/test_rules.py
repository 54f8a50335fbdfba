"""The ladder's rule: properties, and the county's default tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.engines.calls import rules
from fengsui.engines.calls.policies import default_policies
from fengsui.engines.calls.rules import Action, Policy, Rung, Situation, Who, next_step
from fengsui.engines.calls.states import (
    FAILED_FOR_GOOD,
    MOVES,
    WORD_RANK,
    WORDS_EN,
    WORDS_ZH,
    CallState,
    Word,
    may_move,
)

NIGHT = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)  # 02:10 Beijing
DAY = datetime(2026, 7, 17, 4, 0, tzinfo=UTC)  # noon Beijing
KINDS = ("voice", "in_app", "email", "sms")
VOICE = frozenset({"voice"})

channels = st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True).map(tuple)
ringing_rungs = st.builds(
    Rung,
    who=st.sampled_from([Who.DEPUTY, Who.SUBSTITUTE, Who.SUPERIOR_DUTY_ROOM, Who.HOLDER]),
    channels=channels,
    tries=st.integers(1, 4),
    spacing_s=st.integers(30, 600),
    patience_s=st.integers(1, 30),
    otherwise=st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple),
)
door = Rung(Who.SOMEBODY_AT_THE_DOOR, (), 0, 0, 600)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy that the checks let through."""
    first = replace(draw(ringing_rungs), who=Who.HOLDER)
    rungs = [first, *draw(st.lists(ringing_rungs, max_size=4))]
    if draw(st.booleans()):
        rungs.append(door)
    return rules.policy_from_plain(
        Policy("any", "red", tuple(rungs), night_needs_voice=draw(st.booleans())).to_plain()
    )


outcomes = st.sampled_from(["", *[word.value for word in Word if word is not Word.ACKNOWLEDGED]])
usable_kinds = st.frozensets(st.sampled_from(KINDS), max_size=4)
situations = st.builds(
    Situation,
    rung=st.integers(0, 5),
    state=st.sampled_from([CallState.WAITING, CallState.PLANNED, CallState.RINGING]),
    tries=st.integers(0, 6),
    last_outcome=outcomes,
    channel=st.sampled_from(["", *KINDS]),
    is_covered=st.booleans(),
)


@given(policies(), st.lists(st.tuples(outcomes, usable_kinds, st.booleans()), min_size=60))
def test_every_ladder_ends_whatever_happens(
    policy: Policy, fates: list[tuple[str, frozenset[str], bool]]
) -> None:
    situation, now = Situation(), NIGHT
    for count in range(200):
        outcome, usable, covered = fates[count % len(fates)]
        step = next_step(policy, situation, now=now, usable=usable, voice_channels=VOICE)
        if step.action is Action.NAME:
            return
        if step.action is Action.KNOCK:
            situation = replace(situation, rung=step.rung, tries=0, state=CallState.KNOCK)
            continue
        assert (step.rung, step.tries) > (situation.rung, situation.tries)
        assert step.channel in usable
        situation = Situation(
            0, step.rung, CallState.WAITING, step.tries, outcome, step.channel, covered
        )
        now += timedelta(seconds=step.due_after_s)
    pytest.fail("the ladder never ended")


@given(policies(), situations, usable_kinds, st.sampled_from([NIGHT, DAY]))
def test_the_same_group_always_gets_the_same_decision(
    policy: Policy, situation: Situation, usable: frozenset[str], now: datetime
) -> None:
    alone = next_step(policy, situation, now=now, usable=usable, voice_channels=VOICE)
    again = next_step(policy, replace(situation), now=now, usable=usable, voice_channels=VOICE)
    assert alone == again
    if alone.action is Action.TRY:
        assert rules.progress(lap=0, rung=alone.rung, tries=alone.tries, phase=1) > rules.progress(
            lap=0, rung=situation.rung, tries=min(situation.tries, alone.tries - 1), phase=99
        ) or (alone.rung > situation.rung)


@given(policies(), situations, usable_kinds)
def test_what_failed_for_good_is_not_tried_the_same_way_at_once(
    policy: Policy, situation: Situation, usable: frozenset[str]
) -> None:
    step = next_step(policy, situation, now=DAY, usable=usable, voice_channels=VOICE)
    if situation.last_outcome in FAILED_FOR_GOOD and step.action is Action.TRY:
        assert step.rung > situation.rung or step.channel != situation.channel


@given(policies(), situations, usable_kinds)
def test_nobody_is_rung_for_a_call_that_a_stand_in_covers(
    policy: Policy, situation: Situation, usable: frozenset[str]
) -> None:
    covered = replace(situation, is_covered=True)
    step = next_step(policy, covered, now=DAY, usable=usable, voice_channels=VOICE)
    assert step.action is not Action.TRY


def test_at_night_an_orange_or_red_call_goes_by_voice_where_there_is_one() -> None:
    rung = Rung(Who.HOLDER, ("in_app", "voice"), 3, 120, 60)
    policy = Policy("red", "red", (rung,), night_needs_voice=True)
    usable = frozenset({"in_app", "voice"})

    def channel(now: datetime, have: frozenset[str]) -> tuple[str, bool]:
        step = next_step(policy, Situation(), now=now, usable=have, voice_channels=VOICE)
        return step.channel, step.is_by_night_rule

    assert channel(DAY, usable) == ("in_app", True)
    assert channel(NIGHT, usable) == ("voice", True)
    # Without a voice channel something is better than silence, but it does not count as a call.
    assert channel(NIGHT, frozenset({"in_app"})) == ("in_app", False)


@pytest.mark.parametrize(
    ("hour_utc", "is_night"), [(13, False), (14, True), (18, True), (21, True), (22, False)]
)
def test_night_is_22_to_6_in_beijing(hour_utc: int, is_night: bool) -> None:
    policy = default_policies()["red"]
    assert rules.is_night(policy, datetime(2026, 7, 16, hour_utc, 0, tzinfo=UTC)) is is_night


def test_the_default_table_is_shown_as_a_default_and_not_as_law() -> None:
    table = default_policies()
    assert set(table) == {"red", "orange", "yellow", "blue", "cancelled"}
    for policy in table.values():
        assert policy.label_zh == "本县规则(默认)"
        assert policy.source
        assert policy.clause
        assert policy.verified is False
    red = table["red"]
    assert (red.start_within_s, red.answer_within_s, red.act_within_s) == (300, 600, 1800)
    assert (red.rungs[0].tries, red.rungs[0].spacing_s) == (3, 120)
    assert red.rungs[-1].who is Who.SOMEBODY_AT_THE_DOOR
    assert (table["orange"].rungs[0].tries, table["orange"].rungs[0].spacing_s) == (3, 300)
    assert not table["blue"].needs_answer


def test_three_red_tries_fall_within_five_minutes() -> None:
    red, situation, at_s = default_policies()["red"], Situation(), 0
    tried_at = []
    for _ in range(3):
        step = next_step(red, situation, now=NIGHT, usable=frozenset(KINDS), voice_channels=VOICE)
        assert (step.action, step.rung, step.channel) == (Action.TRY, 0, "voice")
        tried_at.append(at_s)
        at_s += step.due_after_s
        situation = replace(situation, tries=step.tries, channel=step.channel)
    assert tried_at[-1] <= 300


@pytest.mark.parametrize(
    "change",
    [
        {"rungs": []},
        {
            "rungs": [
                {
                    "who": "deputy",
                    "channels": ["voice"],
                    "tries": 1,
                    "spacing_s": 9,
                    "patience_s": 9,
                }
            ]
        },
        {"rungs": [{"who": "holder", "channels": [], "tries": 1, "spacing_s": 9, "patience_s": 9}]},
        {
            "rungs": [
                {
                    "who": "holder",
                    "channels": ["voice"],
                    "tries": 0,
                    "spacing_s": 9,
                    "patience_s": 9,
                }
            ]
        },
        {
            "rungs": [
                {
                    "who": "holder",
                    "channels": ["voice"],
                    "tries": 1,
                    "spacing_s": 9,
                    "patience_s": 10,
                }
            ]
        },
        {"rungs": [{"who": "in_person", "patience_s": 60}]},
        {"rungs": "up"},
    ],
)
def test_a_policy_that_could_leave_somebody_without_an_end_is_refused(change: dict) -> None:
    with pytest.raises(rules.PolicyError):
        rules.policy_from_plain({"name": "bad", "colour": "red", **change})


@given(st.lists(st.integers(0, 50_000), unique=True).map(sorted))
def test_packed_ordinals_come_back(ordinals: list[int]) -> None:
    assert rules.unpack_ordinals(rules.pack_ordinals(ordinals), limit=50_001) == ordinals


@given(st.binary(max_size=200), st.integers(0, 500))
def test_damaged_ordinals_never_raise_and_never_leave_the_batch(packed: bytes, limit: int) -> None:
    assert all(0 <= one < limit for one in rules.unpack_ordinals(packed, limit=limit))


def test_a_whole_township_packs_into_a_few_bytes() -> None:
    assert len(rules.pack_ordinals(range(4096))) <= 3


def test_the_projection_holds_the_pace() -> None:
    curve = [(0, 0), (60, 40), (120, 60), (180, 70), (240, 80)]
    assert rules.projected_seconds(curve, total=100) == 330
    assert rules.projected_seconds([(0, 0), (60, 96)], total=100) == 60
    assert rules.projected_seconds([(0, 0), (600, 0)], total=100) is None


def test_the_table_of_moves_never_leads_back_from_an_end() -> None:
    assert MOVES[CallState.ANSWERED] == frozenset()
    assert may_move(CallState.UNREACHED_NAMED, CallState.ANSWERED)
    assert not may_move(CallState.ANSWERED, CallState.UNREACHED_NAMED)
    assert not may_move(CallState.REACHED_IN_PERSON, CallState.WAITING)


def test_every_word_is_said_in_both_languages() -> None:
    words = {word.value for word in Word}
    assert words | {""} == set(WORDS_ZH) == set(WORDS_EN)
    assert set(WORD_RANK) == words
