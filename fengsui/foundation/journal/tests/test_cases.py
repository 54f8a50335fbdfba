"""Cases of failure that a journal alone must withstand, between nodes with real journals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import hlc, queries, replay, services, verify
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import FactKind, entity_id
from fengsui.foundation.journal.models import (
    ClockWord,
    Difference,
    FactState,
    Feed,
    Fork,
    Quarantined,
    StoredFact,
)
from fengsui.foundation.journal.services import trust_node
from tests.beacon import services as beacons
from tests.beacon.facts import BEACON_CHANGED, BEACON_LIT
from tests.beacon.models import Beacon

from .conftest import VILLAGE
from .stations import Station, carry, digests, stations

NODE = node_viewer()


@pytest.fixture
def three(db: None, clock: Any) -> Iterator[list[Station]]:
    """A county, a township and a village that know each other's keys."""
    with stations("county", "township", "village") as made:
        for one in made:
            know(one, made)
        yield made


def know(one: Station, others: list[Station]) -> None:
    with one:
        for other in others:
            if other is not one and other.key.public != one.key.public:
                trust_node(
                    viewer=NODE,
                    suite=other.key.suite.number,
                    public_key=other.key.public,
                    name=other.name,
                    scope="433126",
                )


def light(at: Station, name: str = "北岭") -> int:
    with at:
        lit = beacons.light(viewer=NODE, place_code=VILLAGE, name=name)
    return int(lit["beacon_id"])


def change(at: Station, beacon_id: int, **changes: Any) -> bytes:
    with at:
        made = beacons.change(viewer=NODE, place_code=VILLAGE, beacon_id=beacon_id, changes=changes)
    return bytes(made["fact_id"])


def meet(nodes: list[Station], rounds: int = 6) -> None:
    """Everybody brings everything to everybody until nothing moves any more."""
    for _ in range(rounds):
        moved = 0
        for source in nodes:
            for target in nodes:
                if source is not target:
                    moved += carry(source, target).get("taken", 0)
        if not moved:
            return
    raise AssertionError("they never come to rest")


def agree(nodes: list[Station]) -> dict[str, str]:
    found = [digests(one) for one in nodes]
    assert all(one == found[0] for one in found), [
        {table for table in found[0] if one[table] != found[0][table]} for one in found
    ]
    return found[0]


# --- forks ----------------------------------------------------------------------------------


def test_case_06_a_disk_cloned_to_two_laptops_is_found_out_and_its_key_suspended(
    three: list[Station],
) -> None:
    county, township, village = three
    first = light(village)
    carry(village, county)
    carry(village, township)
    twin = village.clone(village.copy_disk())
    light(village, "真")
    light(twin, "假")
    assert carry(village, county)["taken"] == 1
    assert carry(twin, township)["taken"] == 1
    counts = carry(twin, county)
    assert counts["broken"] == 1
    with county:
        fork = Fork.objects.get()
        assert bytes(fork.public_key) == village.key.public
        assert fork.seq == 1
        assert "forked" in Quarantined.objects.exclude(carrier="judged anew").get().reason
        # The key was trusted by hand, so nothing but the evidence follows from the fork here.
        assert {beacon.name for beacon in Beacon.objects.all()} == {"北岭", "真"}
    carry(county, township)
    with township:
        assert Fork.objects.get().seq == 1, "the proof convinces everybody"
        assert Beacon.objects.filter(pk=first).exists()


def test_case_06_an_accusation_without_proof_convinces_nobody(three: list[Station]) -> None:
    from fengsui.foundation.journal.facts import FORK_FOUND
    from fengsui.foundation.journal.ledger import current

    county, township, village = three
    light(village)
    carry(village, township)
    with township:
        (key, facts) = next(
            (feed["key"], queries.facts_of_feed(feed["feed_id"], after=-1))
            for feed in queries.feeds()
            if feed["key"][1] == village.key.public
        )
        ledger = current()
        with ledger.group():
            ledger.record(
                FORK_FOUND,
                fields={
                    "feed": key,
                    "seq": 0,
                    "left": [facts[0][0]],
                    "left_signature": facts[0][2],
                    "right": [facts[0][0][:-1] + b"\x00"],
                    "right_signature": facts[0][2],
                },
                personal=None,
                items=(),
                scope="",
                actor=0,
                cause=None,
                about=(),
            )
        ledger.take_notices()
    township.rows["journal_fork"] = (township.rows["journal_fork"][0], [])
    assert carry(township, county, lambda one: one.public_key == township.key.public) == {
        "refused": 1
    }
    with county:
        assert not Fork.objects.exists()


# --- clocks ---------------------------------------------------------------------------------


def test_case_08_a_clock_ten_years_ahead_is_kept_flagged_and_loses_everywhere(
    three: list[Station], clock: Any
) -> None:
    county, township, village = three
    beacon = light(village)
    meet(three)
    now: datetime = clock.moment
    clock.wind(now + timedelta(days=3650))
    change(village, beacon, name="十年后", height_metres=77)
    clock.wind(now + timedelta(minutes=5))
    change(county, beacon, name="如今")
    assert carry(village, township)["taken"] >= 1
    with township:
        assert StoredFact.objects.filter(clock_suspect=True).count() == 1
        ahead = hlc.of_time(clock.moment + timedelta(hours=1))
        assert services.ledgers.current().hlc < ahead, "nobody's clock moves"
    meet(three)
    for one in three:
        with one:
            row = Beacon.objects.get(pk=beacon)
            assert (row.name, row.height_metres) == ("如今", 77), one.name
            assert ClockWord.objects.exists()
    agree(three)

    # The author recovers: after a restart with the right clock it begins a new incarnation.
    with village:
        from fengsui.foundation.journal import incarnation
        from fengsui.foundation.journal.ledger import current

        ledger = current()
        with ledger.group():
            incarnation.begin(ledger, ledger.incarnation, "the clock had been far ahead")
        ledger.take_notices()
        assert hlc.is_within_bound(ledger.hlc, clock.moment)
    clock.forward(minutes=1)
    change(village, beacon, name="回来了")
    meet(three)
    for one in three:
        with one:
            assert Beacon.objects.get(pk=beacon).name == "回来了"
    agree(three)


def test_case_08_a_doubt_that_comes_after_the_merge_gives_the_same_tables(
    three: list[Station], clock: Any
) -> None:
    """The county hears of it only when the time that was claimed has come: the doubt decides."""
    county, township, village = three
    beacon = light(village)
    meet(three)
    now: datetime = clock.moment
    clock.wind(now + timedelta(hours=3))
    change(village, beacon, name="早了三小时")
    clock.wind(now + timedelta(minutes=5))
    change(township, beacon, name="如今")
    carry(village, township)
    clock.wind(now + timedelta(hours=4))
    carry(village, county)
    carry(township, county, lambda key: key.audience != "public")
    with county:
        assert Beacon.objects.get(pk=beacon).name == "早了三小时", "not doubted here yet"
    carry(township, county)
    with county:
        assert Beacon.objects.get(pk=beacon).name == "如今"
    meet(three)
    agree(three)


def test_case_08_a_person_sets_the_time_right_and_it_merges_where_it_belongs(
    three: list[Station], clock: Any
) -> None:
    county, _township, village = three
    beacon = light(village)
    meet(three)
    now: datetime = clock.moment
    clock.wind(now + timedelta(days=3650, minutes=10))
    fact_id = change(village, beacon, name="真是后来写的")
    clock.wind(now + timedelta(minutes=5))
    change(county, beacon, name="先写的")
    clock.wind(now + timedelta(minutes=20))
    meet(three)
    with county:
        assert Beacon.objects.get(pk=beacon).name == "先写的"
        stored = StoredFact.objects.get(fact_id=fact_id)
        services.retime(
            viewer=NODE,
            feed_id=bytes(stored.feed.feed_id),
            from_seq=stored.seq,
            to_seq=stored.seq,
            shift_ms=3650 * 86_400_000,
            reason="该机电池没电，时钟多走了十年",
        )
        assert Beacon.objects.get(pk=beacon).name == "真是后来写的"
    meet(three)
    for one in three:
        with one:
            assert Beacon.objects.get(pk=beacon).name == "真是后来写的", one.name
    agree(three)


def test_case_09_a_clock_back_in_1970_goes_on_rising_and_doubts_nobody(
    three: list[Station], clock: Any
) -> None:
    county, _township, village = three
    beacon = light(village)
    meet(three)
    change(county, beacon, height_metres=20)
    with village:
        before = services.ledgers.current().hlc
    right: datetime = clock.moment
    clock.wind(datetime(1970, 1, 1, 0, 5, tzinfo=right.tzinfo))
    carry(county, village)
    change(village, beacon, name="七十年代")
    with village:
        assert services.ledgers.current().hlc > before
        assert verify.check_database(processes=1).is_whole
    clock.wind(right + timedelta(minutes=1))
    meet(three)
    for one in three:
        with one:
            assert not ClockWord.objects.exists(), "a clock that lags proves nothing"
            assert Beacon.objects.get(pk=beacon).name == "七十年代"
    agree(three)


# --- merging --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_case_10_one_field_edited_at_three_levels_ends_the_same_and_losers_are_seen(
    three: list[Station], clock: Any, order: tuple[int, ...]
) -> None:
    county, township, village = three
    beacon = light(village)
    meet(three)
    for one, name in ((village, "村里说"), (township, "乡里说"), (county, "县里说")):
        clock.forward(minutes=1)
        change(one, beacon, name=name)
    ordered = [three[index] for index in order]
    for source in ordered:
        for target in reversed(ordered):
            if source is not target:
                carry(source, target)
    meet(three)
    agree(three)
    officer = Viewer(7, "示意丁", (Grant("township_officer", Scope("433126101")),))
    elsewhere = Viewer(8, "示意戊", (Grant("township_officer", Scope("433126102")),))
    for one in three:
        with one:
            assert Beacon.objects.get(pk=beacon).name == "县里说"
            shown = queries.differences(officer)
            assert {row["kept"]["value"] for row in shown} <= {"县里说", "乡里说"}
            assert {row["other"]["value"] for row in shown} >= {"村里说", "乡里说"}
            assert all(row["what"] == "name" and row["other"]["at"] for row in shown)
            assert {row["kept"]["node"] for row in shown} >= {county.key.public}
            assert queries.differences(elsewhere) == []


def test_case_10_a_person_looks_at_a_difference_and_everybody_knows(
    three: list[Station], clock: Any
) -> None:
    county, _, village = three
    beacon = light(village)
    meet(three)
    change(village, beacon, name="甲")
    clock.forward(minutes=1)
    change(county, beacon, name="乙")
    meet(three)
    with county:
        (row,) = queries.differences(NODE)
        services.settle_difference(
            viewer=NODE, difference_id=row["id"], decision="keep", note="电话核对过"
        )
    meet(three)
    for one in three:
        with one:
            assert queries.differences(NODE) == []
            assert [row["note"] for row in queries.differences(NODE, settled=True)] == [
                "电话核对过"
            ]
    agree(three)


def test_case_10_the_same_value_twice_and_an_edit_that_knew_the_other_are_no_difference(
    three: list[Station], clock: Any
) -> None:
    county, _, village = three
    beacon = light(village)
    meet(three)
    change(village, beacon, name="甲")
    clock.forward(minutes=1)
    change(county, beacon, name="甲")
    meet(three)
    clock.forward(minutes=1)
    change(village, beacon, name="丙")
    meet(three)
    for one in three:
        with one:
            assert not Difference.objects.exists()


@pytest.mark.parametrize("deleted_first", [True, False])
def test_case_11_a_deletion_and_an_edit_make_no_zombie_and_the_edit_stays_on_record(
    three: list[Station], clock: Any, deleted_first: bool
) -> None:
    county, _, village = three
    beacon = light(village)
    meet(three)
    acts = [
        lambda: change(county, beacon, is_out=True),
        lambda: change(village, beacon, name="改名"),
    ]
    for act in acts if deleted_first else reversed(acts):
        clock.forward(minutes=1)
        act()
    meet(three)
    for one in three:
        with one:
            row = Beacon.objects.get(pk=beacon)
            assert row.is_out, "an edit never brings it back"
            assert row.name == "改名"
            kinds = [fact["fact"].kind for fact in queries.facts_about(NODE, entity=beacon)]
            assert kinds.count(BEACON_CHANGED.name) == 2
    agree(three)


def test_case_11_a_late_edit_from_before_the_deletion_changes_nothing_after_it(
    three: list[Station], clock: Any
) -> None:
    county, _, village = three
    beacon = light(village)
    meet(three)
    change(village, beacon, is_out=False, name="旧")
    clock.forward(hours=2)
    change(county, beacon, is_out=True, name="撤除")
    meet(three)
    for one in three:
        with one:
            row = Beacon.objects.get(pk=beacon)
            assert (row.is_out, row.name) == (True, "撤除")
    agree(three)


# --- versions -------------------------------------------------------------------------------


def test_case_20_an_old_node_keeps_passes_on_and_later_applies_what_is_newer(
    three: list[Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    county, township, village = three
    beacon = light(village)
    change(village, beacon, name="新版才懂")
    meet([village])
    by_number = dict(catalogue().by_number)
    written = village.feeds()
    with monkeypatch.context() as old:
        old.delitem(catalogue().by_number, BEACON_CHANGED.number)  # type: ignore[arg-type]
        assert carry(village, township)["kept"] == 1
        assert carry(township, county)["kept"] == 1, "passed on by one who does not know it"
        there = {
            key: facts for key, facts in county.feeds() if key.public_key == village.key.public
        }
        assert there == dict(written)
        with county:
            assert Beacon.objects.get(pk=beacon).name == "北岭"
    assert dict(catalogue().by_number) == by_number
    for one in (township, county):
        with one:
            with services.ledgers.writing():
                assert services.apply_newly_known(limit=None) == 1
            assert Beacon.objects.get(pk=beacon).name == "新版才懂"
            assert not StoredFact.objects.filter(state=FactState.UNKNOWN_KIND).exists()
    agree([county, township, village])


def test_case_20_what_is_applied_after_the_upgrade_is_judged_like_all_else(
    three: list[Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    county, _, village = three
    with village:
        beacons.light(viewer=NODE, place_code=VILLAGE, name="太高", height_metres=9001)
    with monkeypatch.context() as old:
        old.delitem(catalogue().by_number, BEACON_LIT.number)  # type: ignore[arg-type]
        assert carry(village, county)["kept"] == 1
    with county:
        assert services.apply_newly_known(limit=None) == 0
        assert Quarantined.objects.get().reason == "no beacon stands that high"
        assert not Beacon.objects.exists()


def test_case_21_facts_of_three_versions_back_end_in_the_same_state(
    three: list[Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old village writes version 1; the county reads it through three upcasters."""
    county, township, village = three
    beacon = light(village)
    second = light(village, "南岭")
    change(village, beacon, name="同名", height_metres=30)
    newest = FactKind(
        number=BEACON_CHANGED.number,
        name=BEACON_CHANGED.name,
        version=4,
        fact_class=BEACON_CHANGED.fact_class,
        audience=BEACON_CHANGED.audience,
        merge=BEACON_CHANGED.merge,
        fields=("beacon_id", "changes", "who", "metres", "unit"),
        upcasters={
            1: lambda fields: {**fields, "who": "?"},
            2: lambda fields: {**fields, "metres": fields["changes"].get("height_metres")},
            3: lambda fields: {**fields, "unit": "m" if fields["metres"] else ""},
        },
    )
    monkeypatch.setitem(catalogue().by_number, newest.number, newest)  # type: ignore[index]
    monkeypatch.setitem(catalogue().by_name, newest.name, newest)  # type: ignore[index]
    monkeypatch.setattr(beacons, "BEACON_CHANGED", newest)
    meet(three)
    with county:
        (old,) = [
            row["fact"]
            for row in queries.facts_about(NODE, entity=beacon)
            if row["fact"].kind == newest.name
        ]
        assert (old.version, old.fields["who"], old.fields["unit"]) == (1, "?", "m")
    change(township, second, name="同名", height_metres=30)
    meet(three)
    for one in three:
        with one:
            rows = {row.pk: (row.name, row.height_metres) for row in Beacon.objects.all()}
            assert rows[beacon] == rows[second] == ("同名", 30)
    agree(three)


# --- restored backups -----------------------------------------------------------------------


def test_case_05_a_restored_node_recovers_its_tail_from_a_neighbour(
    three: list[Station], clock: Any
) -> None:
    county, township, village = three
    beacon = light(village)
    image = village.copy_disk()
    change(village, beacon, name="之后写的")
    light(village, "也是之后")
    carry(village, township)
    clock.forward(minutes=10)
    village.restore(image)
    with village:
        assert Beacon.objects.count() == 1
    again = light(village, "恢复以后")
    counts = carry(township, village)
    assert counts["taken"] == 2
    assert "broken" not in counts
    with village:
        names = {row.name for row in Beacon.objects.all()}
        assert names == {"之后写的", "也是之后", "恢复以后"}
        assert verify.check_database(processes=1).is_whole
        own = Feed.objects.filter(public_key=village.key.public, audience=VILLAGE, fact_class=1)
        assert own.count() == 2, "no number was used twice"
        firsts = StoredFact.objects.filter(feed__in=own, seq=0).values_list("fact_id", flat=True)
        assert {entity_id(bytes(one)) for one in firsts} == {beacon, again}
    meet(three)
    agree(three)
    with county:
        assert not Fork.objects.exists()
        assert replay.rebuild_and_compare() == []
