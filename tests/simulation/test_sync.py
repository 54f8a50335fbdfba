"""The exchange in invented storms, and its parts alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from fengsui.exchange.replication import comparing, events, messages
from fengsui.exchange.replication.intake import take_in
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.simulator import Plan, World, kinds
from fengsui.exchange.simulator.suites import STUB_NUMBER, StubSuite
from fengsui.foundation.journal import signing
from tests.simulation.feeds import VILLAGE, Author
from tests.simulation.pairs import COUNTY, Pair

SEEDS_SMALL = range(30)


@pytest.mark.parametrize("seed", SEEDS_SMALL)
def test_a_small_county_keeps_every_promise_in_any_storm(seed):
    outcome = World(seed).run()

    assert outcome.verdict == "ok", f"fengsui sim --seed {seed}"
    assert outcome.facts > 0


def test_the_same_seed_gives_the_same_digest_and_another_seed_another():
    one, again, other = World(7).run(), World(7).run(), World(8).run()

    assert one == again
    assert one.digest != other.digest


def test_with_real_signatures_the_promises_hold_too():
    outcome = World(5, Plan(real_signatures=1.0)).run()

    assert outcome.verdict == "ok"


def test_the_storms_really_blow():
    """A simulator that injects nothing proves nothing."""
    seen: Counter[str] = Counter()
    for seed in range(10):
        seen.update(dict(World(seed).run().counts))

    for fault in (
        "power cuts", "restores", "partitions", "contacts broken off", "messages lost",
        "messages doubled", "messages altered", "facts carried", "forgeries", "refused", "clones",
        "thefts", "moves", "sticks", "telegrams lost", "takeovers", "effects", "report fork",
    ):  # fmt: skip
        assert seen[fault] >= 5, fault
    assert seen["facts carried"] > 1_000


def test_the_stub_signature_is_unknown_to_every_journal():
    assert STUB_NUMBER not in signing.SUITES
    stub, stranger = StubSuite(), StubSuite()
    public = stub.public_key(b"s" * 32)
    signature = stub.signer(b"s" * 32)(b"text")

    assert stub.is_valid(public, b"text", signature)
    assert not stranger.is_valid(public, b"text", signature), "only the world that made the key"


# --- two nodes and nothing else


def county_with(authors):
    known = {author.public: VILLAGE for author in authors}
    pair = Pair(known=known)
    for author in authors:
        head, facts = author.facts(2)
        for index in (0, 1):
            pair.give(index, head, facts)
    return pair


def test_level_disks_say_so_in_a_few_bytes_and_nothing_else():
    pair = county_with([Author(number) for number in range(1, 101)])

    pair.meet()

    assert pair.spent(0) < 100
    assert not pair.said(0, messages.Vector)
    assert events.Level("wire", b"other") in pair.actions[0]


def test_one_new_fact_among_many_feeds_costs_a_bucket_and_not_the_whole_vector():
    authors = [Author(number) for number in range(1, 201)]
    pair = county_with(authors)
    author = authors[70]
    tip = next(h for h in pair.nodes[1].heads.values() if h.key.public_key == author.public)
    head, facts = author.facts(1, tip=tip)
    pair.give(1, head, facts)

    pair.meet()

    assert pair.disks[0] == pair.disks[1]
    vectors = [head for vector in pair.said(1, messages.Vector) for head in vector.heads]
    assert len(vectors) <= 4 * comparing.FEEDS_PER_BUCKET
    assert pair.spent(1) < 4_000


def test_a_vouched_peer_is_not_who_it_says_it_is():
    author = Author(1)
    pair = Pair(known={author.public: VILLAGE})
    pair.meet()

    pair.run([(0, events.MessageArrived(
        "wire", messages.encode(messages.Hello(b"liar", COUNTY))))])  # fmt: skip

    assert (pair.nodes[0].peers["wire"].name, pair.nodes[0].peers["wire"].scope) == (
        b"other",
        VILLAGE,
    )


def test_a_certificate_that_comes_late_lets_the_feed_travel():
    author = Author(1)
    pair = Pair(known={})
    head, facts = author.facts(3)
    pair.give(1, head, facts)
    pair.meet()
    assert not pair.disks[0]

    known = {author.public: VILLAGE}
    pair.run([(index, events.KnownChanged(known)) for index in (0, 1)])

    assert pair.disks[0] == pair.disks[1]


def test_only_the_classes_a_link_is_for_go_over_it():
    author = Author(1)
    pair = Pair(known={author.public: VILLAGE}, classes_max=1)
    for kind in (kinds.SOS, kinds.ORDER, kinds.NOTE, kinds.BULK):
        head, facts = author.facts(2, kind=kind)
        pair.give(1, head, facts)

    pair.meet()

    classes = {head.key.fact_class for head in pair.nodes[0].heads.values()}
    assert classes == {0, 1}


def test_two_histories_of_one_feed_are_found_and_proved():
    author = Author(1)
    pair = Pair(known={author.public: VILLAGE})
    tip, facts = author.facts(2)
    for index in (0, 1):
        pair.give(index, tip, facts)
    for index, text in ((0, "this"), (1, "that")):
        head, more = author.facts(2 + index, tip=tip, text=text)
        pair.give(index, head, more)

    pair.meet()

    forks = [a for a in pair.actions[0] if isinstance(a, events.Report) and a.what == "fork"]
    evidence = next(report.facts for report in forks if report.facts)
    assert evidence[0][0] != pair.disks[0][forks[0].feed][3][0]
    assert evidence == tuple(pair.disks[1][forks[0].feed][3 : 3 + len(evidence)])
    assert len(pair.disks[0][forks[0].feed]) == 4, "what is here stays"


def test_facts_that_no_signature_covers_yet_cross_in_pieces():
    """One import of a county is signed once, at its end; a thin link takes it fact by fact."""
    author = Author(1)
    pair = Pair(known={author.public: VILLAGE}, facts_per_want=7)
    head, facts = author.facts(40)
    pair.give(1, head, facts)

    pair.meet()

    assert pair.disks[0] == pair.disks[1]


# --- the parts alone


def a_feed(count: int = 5):
    head, facts = Author().facts(count)
    return Head(head.key, -1, bytes(32)), facts


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
