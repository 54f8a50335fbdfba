"""The exchange in invented storms: every promise kept, and every planted bug found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from fengsui.exchange.replication import sync
from fengsui.exchange.replication.intake import Intake, take_in
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.simulator import Weather, World
from fengsui.foundation.journal import codec, signing

SEEDS_SMALL = range(20)
SEEDS_THREE = range(100, 106)
SEEDS_FOR_A_BUG = range(25)


@pytest.mark.parametrize("seed", SEEDS_SMALL)
def test_two_nodes_keep_every_promise_in_any_storm(seed):
    outcome = World(seed).run()

    assert outcome.verdict == "ok", f"fengsui sim --seed {seed}"
    assert outcome.facts > 0


@pytest.mark.parametrize("seed", SEEDS_THREE)
def test_a_village_reaches_its_county_through_the_township(seed):
    outcome = World(seed, nodes=3).run()

    assert outcome.verdict == "ok", f"fengsui sim --nodes 3 --seed {seed}"


def test_the_same_seed_gives_the_same_digest_and_another_seed_another():
    one, again, other = World(7).run(), World(7).run(), World(8).run()

    assert one == again
    assert one.digest != other.digest


def test_the_storms_really_blow():
    """A simulator that injects nothing proves nothing."""
    seen: Counter[str] = Counter()
    for seed in range(12):
        seen.update(dict(World(seed).run().counts))

    for fault in (
        "power cuts", "restores", "links lost", "messages lost", "messages doubled",
        "messages altered", "facts carried",
    ):  # fmt: skip
        assert seen[fault] >= 10, fault
    assert seen["facts carried"] > seen["written"] / 2


def test_in_fair_weather_every_fact_crosses_once_and_nothing_is_reported():
    fair = Weather(
        fault_seconds=600, crash_every=1e9, link_every=1e9, restore_every=1e9,
        lost=0.0, doubled=0.0, altered=0.0, misread=0.0, delay_max=0.2, sync_max=0.05,
    )  # fmt: skip

    world = World(3, weather=fair)
    outcome = world.run()

    assert outcome.verdict == "ok"
    assert not [name for name, _ in outcome.counts if name.startswith("report")]
    shared = sum(
        len(facts)
        for station in world.stations
        for key, facts in station.disk.feeds.items()
        if key.public_key != station.public_key
    )
    assert dict(outcome.counts)["facts carried"] == shared


# --- planted bugs: what the simulator cannot find, it does not test


class ReceiptBeforeDisk(sync.Node):
    """Says “on my disk” as soon as the facts have arrived."""

    def _facts(self, peer, feed, facts, now):
        actions = super()._facts(peer, feed, facts, now)
        for action in list(actions):
            if isinstance(action, sync.Store):
                actions += self._on_disk(self.storing[feed][-1], now)
        return actions


class SentCountsAsDelivered(sync.Node):
    def _loaded(self, link, feed, facts, now):
        actions = super()._loaded(link, feed, facts, now)
        if actions:
            last = codec.decode_header(facts[-1][0]).seq
            actions.append(sync.Delivered(self.peers[link].name, feed, last))
        return actions


def _unchecked(head, facts, *, drops_known):
    suite = signing.SUITES[head.key.suite]
    kept = []
    for raw in facts:
        header = codec.decode_header(raw[0])
        if drops_known and header.seq <= head.seq:
            continue
        kept.append(raw)
        head = Head(head.key, header.seq, suite.digest(raw[0]))
    return Intake(tuple(kept), head)


class NoContiguityCheck(sync.Node):
    def judge(self, head, facts):
        return _unchecked(head, facts, drops_known=True)


class NoDuplicateCheck(sync.Node):
    """Takes whatever comes, and asks again while the disk is still busy."""

    def judge(self, head, facts):
        return _unchecked(head, facts, drops_known=False)

    def _facts(self, peer, feed, facts, now):
        self.storing.pop(feed, None)
        return super()._facts(peer, feed, facts, now)


class NoAudience(sync.Node):
    def may_give(self, scope, key):
        return True


class RemembersAcrossPowerCuts(sync.Node):
    """Keeps the point it had reached in a cache that survives what the disk did not."""

    reached: dict[tuple[bytes, bytes], int]

    def _facts(self, peer, feed, facts, now):
        actions = super()._facts(peer, feed, facts, now)
        for action in actions:
            if isinstance(action, sync.Store):
                self.reached[self.name, feed] = self.storing[feed][-1].seq
        return actions

    def _reached(self, feed):
        return max(super()._reached(feed), self.reached.get((self.name, feed), -1))


class DropsFeedsOnError(sync.Node):
    """Gives a feed up for ever when one message of it was faulty."""

    def _failed(self, peer, feed):
        self.known = {key: scope for key, scope in self.known.items() if not self._is_of(feed, key)}
        return super()._failed(peer, feed)

    def _is_of(self, feed, key):
        return feed in self.heads and self.heads[feed].key.public_key == key


BUGS = {
    "saved before the disk": {"acknowledges_early": True},
    "receipt before the disk": {"node_class": ReceiptBeforeDisk},
    "sent counts as delivered": {"node_class": SentCountsAsDelivered},
    "no contiguity check": {"node_class": NoContiguityCheck},
    "no duplicate check": {"node_class": NoDuplicateCheck},
    "no audience": {"node_class": NoAudience},
    "remembers across power cuts": {"node_class": RemembersAcrossPowerCuts},
    "restored without a new incarnation": {"keeps_incarnation": True},
    "gives a feed up after one fault": {"node_class": DropsFeedsOnError},
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug):
    RemembersAcrossPowerCuts.reached = {}
    for seed in SEEDS_FOR_A_BUG:
        if World(seed, **BUGS[bug]).run().verdict != "ok":
            return
    pytest.fail(f"{bug}: not found in {len(SEEDS_FOR_A_BUG)} seeds")


# --- the parts alone


def a_feed(count: int = 5):
    world = World(1)
    station = world.stations[0]
    key = codec.FeedKey(signing.ED25519_SHA256, station.public_key, 0, 2, "433126")
    facts = world._make_facts(station, key, count)
    return Head(key, -1, bytes(32)), facts


def test_a_sound_feed_is_taken_whole_and_again_changes_nothing():
    head, facts = a_feed()

    taken = take_in(head, facts)

    assert (taken.facts, taken.head.seq, taken.has_gap, taken.fault) == (facts, 4, False, "")
    assert take_in(taken.head, facts).facts == ()


def test_any_flipped_byte_of_a_fact_is_found():
    head, facts = a_feed(3)

    for number, fact in enumerate(facts):
        for part, content in enumerate(fact):
            for position in range(len(content or b"")):
                altered = bytearray(content)
                altered[position] ^= 1
                changed = [*facts]
                changed[number] = tuple(
                    bytes(altered) if index == part else each for index, each in enumerate(fact)
                )
                result = take_in(head, changed)
                assert result.fault or result.has_gap or len(result.facts) < len(facts)
                assert result.facts == facts[: len(result.facts)]


def test_a_fact_that_is_missing_stops_what_follows():
    head, facts = a_feed()

    result = take_in(head, facts[1:])

    assert (result.facts, result.has_gap, result.fault) == ((), True, "")


def test_what_no_signature_covers_yet_is_not_taken():
    head, facts = a_feed()

    assert take_in(head, facts[:-1]).facts == ()


def test_the_facts_of_another_feed_are_refused():
    head, facts = a_feed()
    other = replace(head, key=head.key._replace(incarnation=1))

    assert "another feed" in take_in(other, facts).fault
