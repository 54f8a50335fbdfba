"""Cases of failure that certificates, revocations and moves must withstand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal import verify
from fengsui.foundation.journal.models import (
    FactState,
    Flagged,
    Fork,
    Quarantined,
    StoredFact,
)
from fengsui.foundation.journal.tests.stations import Station, carry
from fengsui.foundation.nodes import desk, queries, services, witnessing
from fengsui.foundation.nodes.facts import CERTIFIED
from fengsui.foundation.nodes.models import Certificate
from tests.beacon import services as beacons
from tests.beacon.models import Beacon

from .conftest import (
    COUNTY,
    MOVED_VILLAGE,
    NODE,
    OTHER_TOWNSHIP,
    TOWNSHIP,
    VILLAGE,
    Tree,
)


def light(at: Station, name: str, place: str = VILLAGE, **more: Any) -> int:
    with at:
        return int(beacons.light(viewer=NODE, place_code=place, name=name, **more)["beacon_id"])


def names(at: Station) -> set[str]:
    with at:
        return set(Beacon.objects.values_list("name", flat=True))


def reasons(at: Station) -> set[str]:
    with at:
        return set(Quarantined.objects.values_list("reason", flat=True))


# --- certificates ---------------------------------------------------------------------------


def test_the_tree_is_the_same_at_every_node(tree: Tree) -> None:
    tree.meet()
    tree.agree()
    for one in tree.all:
        with one:
            assert [(info.scope, info.level) for info in queries.tree(NODE)] == [
                (COUNTY, "county"),
                (TOWNSHIP, "township"),
                (VILLAGE, "village"),
                (OTHER_TOWNSHIP, "township"),
            ]
            assert len(queries.known_scopes()) == 5
            assert {info.short_id for info in queries.tree(NODE)} == {1, 256, 257, 512}
    with tree.village:
        parent = queries.parent()
        assert parent is not None
        assert parent.name == "示意乡"
        mine = queries.link_key(tree.township.key.public)
    with tree.township:
        assert queries.link_key(tree.village.key.public) == mine


def test_facts_that_come_before_their_authors_certificate_are_held_and_then_judged(
    tree: Tree,
) -> None:
    light(tree.village, "早到")
    light(tree.village, "越界", OTHER_TOWNSHIP)
    assert carry(tree.village, tree.county) == {"held": 2}
    with tree.county:
        assert not Beacon.objects.exists()
        assert Quarantined.objects.filter(author__isnull=False).count() == 2
    assert carry(tree.township, tree.county)["taken"] == 1
    assert names(tree.county) == {"早到"}
    with tree.county:
        refused = Quarantined.objects.get()
        assert "outside" in refused.reason
        assert refused.carrier == "usb"
    tree.meet(tree.county, tree.township, tree.village)


def test_case_16_outside_its_place_a_fact_is_quarantined_at_the_first_hop_and_every_later_one(
    tree: Tree,
) -> None:
    tree.meet()
    light(tree.village, "越界", OTHER_TOWNSHIP)
    light(tree.village, "界内")
    for source, target in ((tree.village, tree.township), (tree.township, tree.county)):
        counts = carry(source, target)
        assert counts["refused"] == 1
        assert names(target) == {"界内"}, "it never blocks what comes behind"
        with target:
            kept = Quarantined.objects.get()
            stored = StoredFact.objects.get(header=kept.header)
            assert stored.state == FactState.NOT_APPLIED
            assert bytes(stored.body) == bytes(kept.body)
            assert "outside" in kept.reason
            assert verify.check_database(processes=1).is_whole
    assert carry(tree.county, tree.other)["refused"] == 1


def test_a_kind_that_its_certificate_does_not_permit_is_refused(tree: Tree) -> None:
    box = Station("只报平安")
    tree.enrol(tree.township, box, "village", "433126101202", kinds=[991])
    tree.meet(tree.township, tree.county)
    light(box, "不许", "433126101202")
    with box:
        beacons.see(viewer=NODE, place_code="433126101202", beacon_id=5, note="亮")
    counts = carry(box, tree.township)
    assert counts["refused"] == 1
    assert reasons(tree.township) == {"its node may not state facts of kind 990"}


def test_after_its_certificate_has_ended_a_node_states_nothing(tree: Tree, clock: Any) -> None:
    box = Station("短期")
    tree.enrol(tree.township, box, "village", "433126101202", valid_days=2)
    light(box, "在期", "433126101202")
    clock.forward(days=3)
    light(box, "过期", "433126101202")
    carry(box, tree.township)
    assert names(tree.township) == {"在期"}
    assert reasons(tree.township) == {"its node's certificate had ended"}
    with tree.township:
        (info,) = [one for one in queries.tree(NODE) if one.scope == "433126101202"]
        assert info.state == "expired"


def test_a_township_cannot_certify_beyond_itself_even_by_hand(tree: Tree) -> None:
    """The service refuses; a forger who writes the fact anyway is refused at the next hop."""
    from fengsui.foundation.journal.keys import NodeKey

    tree.meet()
    forged = NodeKey.fresh()
    base = {
        "public_key": forged.public,
        "suite": 1,
        "link_key": forged.link_public,
        "name": "假",
        "kinds": None,
        "not_before_ms": 0,
        "not_after_ms": 1 << 45,
        "replaces_until_ms": None,
    }
    attempts = [
        {"short_id": 300, "level": "county", "scope": TOWNSHIP},
        {"short_id": 600, "level": "village", "scope": "433126101203"},
        {"short_id": 300, "level": "village", "scope": "433126102203"},
        {"short_id": 300, "level": "township", "scope": TOWNSHIP},
    ]
    with tree.township:
        ledger = journal.ledgers.current()
        for attempt in attempts:
            with ledger.group():
                ledger.record(
                    CERTIFIED,
                    fields={**base, **attempt},
                    personal=None,
                    items=(),
                    scope=str(attempt["scope"]),
                    actor=0,
                    cause=None,
                    about=(),
                )
            ledger.take_notices()
    assert carry(tree.township, tree.county)["refused"] == len(attempts)
    with tree.county:
        assert not Certificate.objects.filter(public_key=forged.public).exists()


# --- revocation -----------------------------------------------------------------------------


def test_case_17_before_the_revocation_valid_after_it_quarantined_between_flagged(
    tree: Tree, clock: Any
) -> None:
    """The county revokes while the village is out of reach and goes on writing."""
    tree.meet()
    light(tree.village, "之前")
    carry(tree.village, tree.township)
    carry(tree.township, tree.county)
    clock.forward(minutes=10)
    light(tree.village, "期间")
    clock.forward(minutes=10)
    with tree.county:
        services.revoke(
            viewer=NODE,
            public_key=tree.village.key.public,
            reason_code="replaced",
            reason="换了新机器",
        )
    clock.forward(minutes=10)
    light(tree.village, "之后")
    # The township hears the facts first and the revocation later; the county the other way round.
    carry(tree.village, tree.township)
    assert names(tree.township) == {"之前", "期间", "之后"}
    carry(tree.county, tree.township)
    carry(tree.village, tree.county)
    for one in (tree.township, tree.county):
        assert names(one) == {"之前", "期间"}, one.name
        with one:
            flagged = Flagged.objects.values_list("arrival", flat=True)
            assert StoredFact.objects.filter(arrival__in=flagged).count() == 1
            info = queries.by_key(tree.village.key.public)
            assert info is not None
            assert (info.state, info.revoked_at is not None) == ("revoked", True)
            assert Quarantined.objects.get().reason == "its node was revoked before"
            assert tree.village.key.public in queries.known_scopes(), "its history still travels"
    tree.meet(tree.township, tree.county)
    tree.agree(tree.township, tree.county)


def test_case_18_a_stolen_node_a_replayed_session_and_a_forged_bundle_are_rejected(
    tree: Tree, clock: Any
) -> None:
    """The steps of docs/stolen-node.md, from the theft to the new machine."""
    tree.meet()
    light(tree.village, "见证过")
    carry(tree.village, tree.township)
    with tree.township:
        assert services.witness(viewer=NODE)["feeds"] > 0
        assert services.witness(viewer=NODE)["feeds"] == 0, "nothing has moved since"
    carry(tree.township, tree.county)
    clock.forward(minutes=10)
    stolen_at = clock.moment
    clock.forward(hours=1)
    # 1. The thief writes, also with the clock turned back to before the theft.
    thief = tree.village
    light(thief, "贼写的")
    clock.wind(stolen_at - timedelta(minutes=5))
    light(thief, "贼拨回了时钟")
    clock.wind(stolen_at + timedelta(hours=2))
    carry(thief, tree.other, lambda key: key.public_key == thief.key.public)
    # 2. The township revokes it from the time of the theft on.
    with tree.township:
        services.revoke(
            viewer=NODE,
            public_key=thief.key.public,
            reason_code="stolen",
            reason="村部被盗，示意甲报告",
            lost_at=stolen_at,
        )
        with pytest.raises(Problem, match="key_revoked"):
            services.move(viewer=NODE, public_key=thief.key.public, scope="433126101204", name="贼")
    carry(tree.township, tree.county)
    # 3. Nothing the thief wrote counts anywhere, however it is carried; the carrier is named.
    assert carry(thief, tree.county, carrier="示意乙的U盘")["refused"] == 2
    carry(tree.county, tree.other)
    for one in (tree.township, tree.county, tree.other):
        assert names(one) <= {"见证过"}, one.name
    with tree.county:
        assert set(
            Quarantined.objects.filter(reason__contains="revoked").values_list("carrier", flat=True)
        ) == {"示意乙的U盘"}
    # 4. A session recorded before the theft is played again: nothing moves.
    assert set(carry(thief, tree.township, lambda key: True)) <= {"known", "refused"}
    # 5. A bundle forged with another key under the village's name proves nothing.
    forger = Station("假村")
    light(forger, "伪造")
    assert carry(forger, tree.county) == {"held": 1}
    assert "伪造" not in names(tree.county)
    # 6. The new machine asks with a new key and goes on where the record stands.
    new = Station("新村机")
    tree.enrol(tree.township, new, "village", VILLAGE)
    tree.meet(tree.township, new)
    assert names(new) == {"见证过"}
    light(new, "新机器写的")
    tree.meet(tree.township, tree.county, new)
    for one in (tree.township, tree.county, new):
        assert names(one) == {"见证过", "新机器写的"}
    tree.agree(tree.township, tree.county, new)
    with tree.county:
        valid = [one for one in queries.tree(NODE) if one.scope == VILLAGE]
        assert sorted(one.state for one in valid) == ["revoked", "valid"]
        newest = queries.by_short_id(258)
        assert newest is not None
        assert newest.public_key == new.key.public


def test_a_stolen_township_takes_its_later_certificates_with_it(tree: Tree, clock: Any) -> None:
    """What the thief certified after the theft falls, and with it what those nodes had said."""
    tree.meet()
    with tree.county:
        services.witness(viewer=NODE)
    clock.forward(minutes=10)
    stolen_at = clock.moment
    clock.forward(minutes=10)
    puppet = Station("傀儡村")
    tree.enrol(tree.township, puppet, "village", "433126101250")
    light(puppet, "傀儡写的", "433126101250")
    light(tree.village, "好村写的")
    carry(tree.township, tree.county)
    carry(puppet, tree.county)
    carry(tree.village, tree.county)
    assert names(tree.county) == {"傀儡写的", "好村写的"}
    with tree.county:
        services.revoke(
            viewer=NODE,
            public_key=tree.township.key.public,
            reason_code="stolen",
            reason="乡政府被盗",
            lost_at=stolen_at,
        )
        assert set(Beacon.objects.values_list("name", flat=True)) == {"好村写的"}
        assert queries.by_key(puppet.key.public) is None
        village = queries.by_key(tree.village.key.public)
        assert village is not None
        assert village.state == "valid"


def test_nobody_revokes_whoever_stands_above_or_beside(tree: Tree) -> None:
    tree.meet()
    for victim in (tree.county, tree.other):
        with tree.township, pytest.raises(Problem, match="not_its_parent"):
            services.revoke(
                viewer=NODE, public_key=victim.key.public, reason_code="lost", reason="?"
            )


def test_a_countys_own_node_is_revoked_by_the_root(tree: Tree, clock: Any) -> None:
    from fengsui.foundation.nodes.facts import REVOKED

    tree.meet()
    clock.forward(minutes=5)
    with tree.township:
        node = queries.by_key(tree.county.key.public)
        assert node is not None
        fields = services.revocation_fields(
            node,
            reason_code="lost",
            reason="县机丢失",
            last_valid=witnessing.last_valid(node.public_key, None),
            now=clock.moment,
        )
        tree.root.state(REVOKED, fields, scope=COUNTY, now=clock.moment)
        services.take_root(feed=list(tree.root.feed), facts=tree.root.raw())
        again = queries.by_key(tree.county.key.public)
        assert again is not None
        assert again.state == "revoked"
        own = queries.own()
        assert own.state == "valid", "what the county had certified before stays"


# --- forks ----------------------------------------------------------------------------------


def test_case_06_the_key_of_a_cloned_disk_is_suspended_until_it_asks_anew(
    tree: Tree, clock: Any
) -> None:
    tree.meet()
    light(tree.village, "共有")
    carry(tree.village, tree.township)
    carry(tree.township, tree.county)
    twin = tree.village.clone(tree.village.copy_disk())
    light(tree.village, "甲机")
    light(twin, "乙机")
    carry(tree.village, tree.township)
    carry(twin, tree.county)
    clock.forward(minutes=1)
    # Both versions meet; both are kept as evidence, and neither counts until a person decides.
    carry(tree.village, tree.county)
    tree.meet(tree.township, tree.county)
    for one in (tree.township, tree.county):
        assert names(one) == {"共有"}, one.name
        with one:
            assert Fork.objects.get().seq == 1
            info = queries.by_key(tree.village.key.public)
            assert info is not None
            assert info.state == "suspended"
            assert any("forked" in line["en"] for line in desk.findings())
    clock.forward(minutes=1)
    light(tree.village, "暂停以后")
    carry(tree.village, tree.township)
    assert "暂停以后" not in names(tree.township)
    # The way out: revoked short of the fork, and a new key.
    with tree.township:
        services.revoke(
            viewer=NODE,
            public_key=tree.village.key.public,
            reason_code="replaced",
            reason="两台机器用了同一块硬盘",
        )
    new = Station("重新登记")
    tree.enrol(tree.township, new, "village", VILLAGE)
    light(new, "新密钥")
    carry(new, tree.township)
    assert names(tree.township) == {"共有", "新密钥"}


# --- moving ---------------------------------------------------------------------------------


def test_case_19_a_village_moves_to_another_township_and_neither_leaks_nor_is_lost(
    tree: Tree, clock: Any
) -> None:
    tree.meet()
    light(tree.village, "旧址")
    tree.meet()
    clock.forward(minutes=1)
    with tree.county:
        chain = services.move(
            viewer=NODE,
            public_key=tree.village.key.public,
            scope=MOVED_VILLAGE,
            name="示例村",
        )["chain"]
    clock.forward(minutes=1)
    # Cut off, it goes on under its old certificate; that is not lost.
    light(tree.village, "还不知道")
    with tree.village:
        before = journal.ledgers.current().incarnation
        services.accept_certificate(viewer=NODE, chain=chain)
        assert journal.ledgers.current().incarnation > before
        own = queries.own()
        assert (own.scope, own.name, own.short_id) == (MOVED_VILLAGE, "示例村", 2)
    light(tree.village, "新址", MOVED_VILLAGE)
    # The new township hears of the village's facts before it hears of the move: judged when it
    # comes, not lost.
    first = carry(tree.village, tree.other)
    assert first.get("refused", 0) + first.get("taken", 0) > 0
    tree.meet()
    for one in (tree.county, tree.other, tree.village):
        assert names(one) == {"旧址", "还不知道", "新址"}, one.name
        with one:
            assert queries.known_scopes()[tree.village.key.public] == MOVED_VILLAGE
            moved = queries.by_key(tree.village.key.public)
            assert moved is not None
            assert moved.parent_key == tree.other.key.public
    # Long after, nothing is accepted about the old place any more.
    clock.forward(days=8)
    light(tree.village, "迟了", VILLAGE)
    assert carry(tree.village, tree.county)["refused"] == 1
    assert "迟了" not in names(tree.county)
    tree.meet(tree.county, tree.other)
    tree.agree(tree.county, tree.other)


# --- witnesses ------------------------------------------------------------------------------


def test_a_witness_binds_the_author_and_the_day_has_a_root(tree: Tree, clock: Any) -> None:
    tree.meet()
    light(tree.village, "见证")
    carry(tree.village, tree.township)
    with tree.township:
        services.witness(viewer=NODE)
    tree.meet()
    for one in tree.all:
        with one:
            feeds = queries.feeds_of(tree.village.key.public)
            if one in (tree.village, tree.township, tree.county):
                assert queries.witnessed(feeds).keys() == feeds.keys()
            assert witnessing.contradicted() == []
    day = "2026-07-17"
    clock.forward(days=1)
    with tree.county:
        closed = services.close_day(viewer=NODE, day=day)
        shown = witnessing.daily_root(day)
        assert shown is not None
        assert shown["root"] == closed["root"]
        assert witnessing.root_over(witnessing.day_lines(_date(day))) == closed["root"], (
            "anybody who holds the journal computes it again"
        )
        assert len(witnessing.in_groups(closed["root"]).split()) == 16
        with pytest.raises(Problem, match="not_allowed"):
            services.close_day(viewer=NOBODY, day=day)


def _date(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)


def test_a_whole_tree_under_sm2(db: None, clock: Any, tmp_path: Any) -> None:
    """The county's root and every node on SM2; the same verdicts."""
    from fengsui.foundation.journal.keys import NodeKey
    from fengsui.foundation.journal.tests.stations import stations
    from fengsui.foundation.nodes.root import Root

    with stations("县", "乡", "村", "邻乡") as made:
        for one in made:
            one.key = NodeKey.fresh(2)
        grown = Tree(tmp_path, made)
        grown.root = Root.make(tmp_path / "sm2", COUNTY, 2)
        grown.grow()
        light(grown.village, "国密")
        light(grown.village, "越界", OTHER_TOWNSHIP)
        counts = carry(grown.village, grown.township)
        assert (counts["taken"], counts["refused"]) == (1, 1)
        with grown.township:
            assert verify.check_database(processes=1).is_whole
            mine = queries.link_key(grown.village.key.public)
        with grown.village:
            assert queries.link_key(grown.township.key.public) == mine
