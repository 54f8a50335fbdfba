"""Bits that flip on the disk (failure case 4): noticed, not passed on, fetched again."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import (
    clock as the_clock,
)
from fengsui.foundation.journal import (
    codec,
    ledger,
    queries,
    replay,
    services,
    verify,
    watch,
)
from fengsui.foundation.journal.models import Damaged, Feed, Quarantined, StoredFact
from tests.beacon import services as beacons
from tests.beacon.models import Beacon

VILLAGE = "433126101201"


@pytest.fixture
def lit(node: Any) -> Feed:
    """Six facts of one feed; the hourly check begins anew with this test."""
    for name in "甲乙丙丁戊己":
        beacons.light(viewer=node_viewer(), place_code=VILLAGE, name=name)
    watch._watchman.began = None
    return Feed.objects.get(fact_class=1, audience=VILLAGE)


def raw(feed: Feed, after: int = -1) -> list[list[Any]]:
    return queries.facts_of_feed(bytes(feed.feed_id), after=after)


def flip(feed: Feed, seq: int, column: str, bit: int) -> StoredFact:
    stored = StoredFact.objects.get(feed=feed, seq=seq)
    content = bytearray(bytes(getattr(stored, column)))
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    StoredFact.objects.filter(pk=stored.pk).update(**{column: bytes(content)})
    return stored


def key_of(feed: Feed) -> list[Any]:
    return list(verify.key_of(feed))


@pytest.mark.parametrize("column", ["header", "body"])
@pytest.mark.parametrize("bit", [0, 77, 331])
def test_case_04_a_flipped_bit_is_noticed_not_forwarded_and_fetched_again(
    lit: Feed, column: str, bit: int
) -> None:
    neighbour = raw(lit)
    before = replay.digest()
    flip(lit, 3, column, bit)

    assert len(raw(lit)) == 3, "nothing from the damage on goes to a neighbour"
    while watch.step(the_clock.now()):
        pass
    assert Damaged.objects.get().seq == 3
    (said,) = [one for one in queries.feeds() if one["feed_id"] == bytes(lit.feed_id)]
    assert said["head"] == 2, "so a neighbour sends from 3 on"
    assert queries.sound_heads()[bytes(lit.feed_id)][0] == 2
    assert not verify.check_database(processes=1).is_whole

    answer = services.receive(feed=key_of(lit), facts=neighbour[3:], carrier="neighbour")
    assert answer["verdicts"] == ["known"] * 3
    assert not Damaged.objects.exists()
    assert raw(lit) == neighbour
    assert verify.check_database(processes=1).is_whole
    assert Quarantined.objects.count() == 0
    assert replay.digest() == before
    assert ledger.current().incarnation == lit.incarnation, "nothing was put back"


def test_case_04_the_last_fact_and_the_first(lit: Feed) -> None:
    neighbour = raw(lit)
    flip(lit, 0, "header", 9)
    flip(lit, 5, "body", 9)
    assert raw(lit) == []
    services.receive(feed=key_of(lit), facts=neighbour, carrier="neighbour")
    assert raw(lit) == neighbour
    assert verify.check_database(processes=1).is_whole


def test_case_04_a_forged_copy_does_not_take_its_place(lit: Feed) -> None:
    """What fits our damage but not the chain stays out, and is kept as evidence."""
    neighbour = raw(lit)
    flip(lit, 3, "body", 40)
    header = codec.decode_header(neighbour[3][0])
    forged = codec.encode_header(header._replace(actor=header.actor + 1))
    services.receive(
        feed=key_of(lit), facts=[[forged, neighbour[3][1], neighbour[3][2]]], carrier="usb"
    )
    assert Quarantined.objects.count() == 1
    assert len(raw(lit)) == 3
    services.receive(feed=key_of(lit), facts=neighbour[3:], carrier="neighbour")
    assert raw(lit) == neighbour


def test_case_04_a_sound_copy_does_not_bring_erased_data_back(lit: Feed) -> None:
    neighbour = raw(lit)
    fact_id = bytes(StoredFact.objects.get(feed=lit, seq=2).fact_id)
    services.erase_leaves(viewer=node_viewer(), fact_id=fact_id, reason="-")
    flip(lit, 2, "header", 5)
    services.receive(feed=key_of(lit), facts=neighbour[2:3], carrier="neighbour")
    stored = StoredFact.objects.get(feed=lit, seq=2)
    assert bytes(stored.fact_id) == fact_id
    assert b"\xe7\xa4\xba\xe6\x84\x8f\xe7\x94\xb2" not in bytes(stored.body)
    assert Beacon.objects.get(name="丙").keeper == ""
    assert verify.check_database(processes=1).is_whole
