"""Failure cases 7, 19, 22, 23 and 24 at the core that all carriers share."""

from __future__ import annotations

import random

import pytest

from fengsui.exchange.replication import events, messages, sync
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.simulator import kinds
from fengsui.foundation.journal import codec
from tests.simulation.feeds import VILLAGE, Author
from tests.simulation.pairs import COUNTY, TOWNSHIP, Pair, mangling

BULK_WAITING = 50_000
BUDGET = 600  # bytes a minute


def two_authors():
    one, other = Author(1), Author(2)
    return one, other, {one.public: VILLAGE, other.public: COUNTY}


def filled(**up):
    """A county and a village that have each written something the other may hold."""
    one, other, known = two_authors()
    pair = Pair(known=known, facts_per_want=2, **up)
    for kind in (kinds.SOS, kinds.NOTE, kinds.BULK, kinds.ORDER):
        pair.give(1, *one.facts(5, kind=kind))
    pair.give(0, *other.facts(4, kind=kinds.ORDER, scope=COUNTY))
    return pair


@pytest.mark.parametrize("seed", range(20))
def test_case_07_doubled_overtaken_cut_short_and_altered_messages_end_in_the_same_state(seed):
    fair, foul = filled(), filled()
    fair.meet()
    foul.mangle = mangling(random.Random(seed))
    foul.meet()
    for _ in range(200):
        foul.tick(20)
    foul.mangle = None
    foul.tick(61)

    assert foul.disks[0] == foul.disks[1] == fair.disks[0] == fair.disks[1]


def test_case_19_a_village_that_moves_is_the_new_townships_and_no_longer_the_olds():
    """Its certificate gives it a new place: everybody judges by that as soon as it is known."""
    village, moved_to = Author(1), "433126101905"
    old, new = Pair(one=TOWNSHIP, known={village.public: VILLAGE}), None
    before = village.facts(3)
    old.give(1, *before)
    old.meet()
    assert len(next(iter(old.disks[0].values()))) == 3

    known = {village.public: moved_to}
    new = Pair(one="433126101000", other=moved_to, known=known)
    after = village.facts(2, scope=moved_to)
    for head, facts in (before, after):
        new.give(1, head, facts)
    new.meet()
    assert new.disks[0] == new.disks[1], "the new township begins with the whole history"

    old.run([(index, events.KnownChanged(known)) for index in (0, 1)])
    old.nodes[1].scope = moved_to
    old.give(1, *after)
    assert sync.feed_of(after[0].key) not in old.disks[0], "the old one gets nothing new"
    offered = [head for vector in old.said(1, messages.Vector) for head in vector.heads]
    assert after[0] not in offered, "and does not learn that there is anything"


def test_case_22_a_call_for_help_goes_before_50_000_bulk_facts_on_a_thin_link():
    author = Author(1)
    pair = Pair(known={author.public: VILLAGE}, budget=BUDGET)
    head, facts = author.facts(60, kind=kinds.BULK, text="y" * 40)
    pair.give(1, Head(head.key, BULK_WAITING - 1, head.hash), facts)
    pair.meet()
    raised = heard = None
    for minute in range(40):
        pair.tick(60)
        if minute == 5:
            raised = minute
            pair.give(1, *author.facts(1, kind=kinds.SOS))
        if heard is None and sync.feed_of(author.key(kinds.SOS)) in pair.disks[0]:
            heard = minute
        for side in (0, 1):
            assert pair.spent(side) <= BUDGET * (2 + minute), "never more than the budget"

    assert raised is not None
    assert heard is not None
    assert heard - raised <= 3, "offer, question and answer: a minute each at the most"


def test_case_23_whenever_the_link_dies_nothing_acknowledged_is_sent_again():
    """After each message in turn: both go on where the disks stand."""
    whole = filled()
    whole.meet()
    length = len(whole.sent[0]) + len(whole.sent[1])
    for dies_after in range(length):
        pair = filled()
        pair.messages_left = dies_after
        pair.meet()
        pair.part()
        held = [{feed: len(facts) for feed, facts in disk.items()} for disk in pair.disks]
        pair.messages_left, before = None, [len(pair.sent[0]), len(pair.sent[1])]
        pair.meet()

        assert pair.disks[0] == pair.disks[1] == whole.disks[0], dies_after
        for index in (0, 1):
            for _, message, _ in pair.sent[index][before[index] :]:
                if isinstance(message, messages.Facts):
                    first = codec.decode_header(message.facts[0][0]).seq
                    assert first >= held[1 - index].get(message.feed, 0), dies_after


def test_case_24_nobody_is_called_level_before_everything_is_on_the_disk():
    """The shell counts and purges only once `Level` was said: never while anything is missing."""
    whole = filled()
    whole.meet()
    length = len(whole.sent[0]) + len(whole.sent[1])
    for dies_after in range(length + 1):
        pair = filled()
        pair.messages_left = dies_after
        pair.meet()
        pair.tick(61)

        if pair.disks[0] != pair.disks[1]:
            for actions in pair.actions:
                assert not [one for one in actions if isinstance(one, events.Level)], dies_after

    whole.tick(61)
    assert any(isinstance(action, events.Level) for action in whole.actions[0])
