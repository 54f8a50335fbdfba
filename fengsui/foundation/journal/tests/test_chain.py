"""The chain itself, without a database: any flipped byte is found, erased leaves leave it whole."""

import contextlib
from copy import deepcopy
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.foundation.journal import codec, signing, verify
from fengsui.foundation.journal.facts import LEAF_ERASED
from fengsui.foundation.journal.verify import Chain
from tests.beacon.facts import BEACON_LIT, BEACON_SEEN

from .conftest import VILLAGE, Neighbour

SUITES = [signing.ED25519_SHA256, signing.SM2_SM3]


def written(suite: int) -> Neighbour:
    """SM2 takes its time: the same journal is written once and copied."""
    return deepcopy(_written_once(suite)) if suite == signing.SM2_SM3 else _write(suite)


@lru_cache(maxsize=1)
def _written_once(suite: int) -> Neighbour:
    return _write(suite)


def _write(suite: int) -> Neighbour:
    neighbour = Neighbour(suite=suite)
    for turn in range(4):
        neighbour.write(
            BEACON_LIT,
            {"name": f"第{turn}", "height_metres": turn},
            personal={"keeper": "示意甲"},
            items=[{"watcher": f"示意{index}"} for index in range(turn)],
        )
        neighbour.write(BEACON_SEEN, {"beacon_id": turn, "note": "亮"}, signed=turn in (1, 3))
    return neighbour


def chains(neighbour: Neighbour) -> list[Chain]:
    made = []
    for kind in (BEACON_LIT, BEACON_SEEN):
        key = neighbour.feed_key(kind, VILLAGE)
        name = (key.fact_class, key.audience)
        seq, head = neighbour.heads[name]
        feed = codec.feed_id(key, neighbour.key.suite.digest)
        made.append(Chain(feed, key, list(neighbour.facts[name]), seq, head))
    return made


@pytest.mark.parametrize("suite", SUITES)
def test_an_untouched_journal_is_whole(suite: int) -> None:
    report = verify.check(chains(written(suite)), processes=1)
    assert report.is_whole, report.findings
    assert (report.feeds, report.facts, report.signatures) == (2, 8, 6)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_is_found(data: st.DataObject) -> None:
    flip_a_bit(signing.ED25519_SHA256, data)


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_is_found_under_sm2(data: st.DataObject) -> None:
    flip_a_bit(signing.SM2_SM3, data)


def flip_a_bit(suite: int, data: st.DataObject) -> None:
    made = chains(written(suite))
    chain = data.draw(st.sampled_from(made))
    facts = chain.facts
    assert isinstance(facts, list)
    number = data.draw(st.integers(0, len(facts) - 1))
    parts = list(facts[number])
    which = data.draw(st.sampled_from([index for index in range(3) if parts[index]]))
    part = bytearray(parts[which] or b"")
    position = data.draw(st.integers(0, 2**16)) % len(part)  # signatures differ in length
    part[position] ^= 1 << data.draw(st.integers(0, 7))
    parts[which] = bytes(part)
    facts[number] = (parts[0] or b"", parts[1] or b"", parts[2])
    report = verify.check(made, processes=1)
    assert not report.is_whole
    assert all(finding.zh and finding.en for finding in report.findings)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("gone", [0, 1, 3])
def test_a_missing_fact_is_found(suite: int, gone: int) -> None:
    made = chains(written(suite))
    assert isinstance(made[0].facts, list)
    del made[0].facts[gone]
    assert not verify.check(made, processes=1).is_whole


def test_two_facts_in_the_wrong_order_are_found() -> None:
    made = chains(written(1))
    assert isinstance(made[0].facts, list)
    made[0].facts[1:3] = made[0].facts[2:0:-1]
    assert not verify.check(made, processes=1).is_whole


@settings(max_examples=40, deadline=None)
@given(leaves=st.sets(st.integers(1, 4), min_size=1))
def test_erased_leaves_leave_the_chain_whole_where_a_fact_says_so(leaves: set[int]) -> None:
    erase(signing.ED25519_SHA256, leaves)


@pytest.mark.parametrize("leaves", [{1}, {2, 4}])
def test_erased_leaves_leave_the_chain_whole_under_sm2(leaves: set[int]) -> None:
    erase(signing.SM2_SM3, leaves)


def erase(suite: int, leaves: set[int]) -> None:
    neighbour = written(suite)
    name = (int(BEACON_LIT.fact_class), VILLAGE)
    header, body, signature = neighbour.facts[name][3]
    digest = neighbour.key.suite.digest
    elements = codec.decode_body(body)
    for index in leaves:
        leaf = elements[index]
        assert isinstance(leaf, bytes)
        elements[index] = [codec.leaf_hash(leaf, digest)]
    neighbour.facts[name][3] = (header, codec.encode_body(elements), signature)
    secretly = verify.check(chains(neighbour), processes=1)
    assert {finding.place.seq for finding in secretly.findings} == {3}
    assert len(secretly.findings) == len(leaves)
    neighbour.write(
        LEAF_ERASED,
        {"fact_id": digest(header)[:16], "leaves": sorted(leaves), "reason": "保存期已满"},
    )
    key = neighbour.feed_key(LEAF_ERASED, VILLAGE)
    said = Chain(codec.feed_id(key, digest), key, neighbour.facts[key.fact_class, key.audience])
    report = verify.check([*chains(neighbour), said], processes=1)
    assert report.is_whole, report.findings
    assert report.erased_leaves == len(leaves)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=40))
def test_the_root_is_the_one_of_rfc_6962(leaves: list[bytes]) -> None:
    def by_the_book(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        split = 1
        while split * 2 < len(hashes):
            split *= 2
        return signing.sha256(b"\x01" + by_the_book(hashes[:split]) + by_the_book(hashes[split:]))

    expected = by_the_book([signing.sha256(b"\x00" + leaf) for leaf in leaves])
    assert codec.body_root(leaves, signing.sha256) == expected


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_anything_else(data: bytes) -> None:
    for decode in (codec.decode_header, codec.decode_body):
        with contextlib.suppress(codec.MalformedFactError):
            decode(data)


def test_a_suite_number_is_never_given_twice() -> None:
    class Imposter(signing.Sm2):
        number = signing.ED25519_SHA256

    with pytest.raises(ValueError, match="already"):
        signing.register(Imposter())
