"""What upstream does not have yet: counted, acknowledged, said."""

from __future__ import annotations

import pytest

from fengsui.exchange.neighbours import identity, queries, services
from fengsui.exchange.neighbours.states import UpstreamState
from fengsui.foundation.access.problems import SIGN_IN_FIRST, Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import jobs
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import Feed
from fengsui.foundation.places import services as places
from fengsui.response.situation import services as situation
from tests.world import county as world

COUNTY_KEY = NodeKey.fresh().public
VILLAGE_KEY = NodeKey.fresh().public


@pytest.fixture
def township(node, monkeypatch):
    """This node is the township; it knows the county above and a village below."""
    monkeypatch.setattr(identity, "own_key", lambda: node.key)
    places.register_places(
        viewer=node_viewer(),
        county_code=world.COUNTY,
        places=[
            {"code": code, "name": name, "lon_e7": None, "lat_e7": None}
            for code, name in ((world.QINGSHI, "青石镇"), (world.SHITAN, "石滩村"))
        ],
    )
    for key, name, scope in (
        (COUNTY_KEY, "示例县", "439901"),
        (VILLAGE_KEY, "石滩村", world.SHITAN),
    ):
        journal.trust_node(viewer=node_viewer(), suite=1, public_key=key, name=name, scope=scope)
    monkeypatch.setattr(identity, "own_scope", lambda: world.QINGSHI)
    return node


def vector():
    return [
        [
            [one.suite, bytes(one.public_key), one.incarnation, one.fact_class, one.audience],
            one.head_seq,
            bytes(one.head_hash),
        ]
        for one in Feed.objects.order_by("id")
    ]


def test_nobody_above_is_no_upstream(township):
    assert queries.not_received_upstream().state is UpstreamState.NO_UPSTREAM


def test_everything_counts_until_upstream_says_that_it_has_it(township, clock):
    services.note_heard(public_key=COUNTY_KEY, carrier="session")
    before = queries.not_received_upstream()
    assert before.state is UpstreamState.BEHIND
    assert before.node_name == "示例县"
    assert before.facts == sum(one.head_seq + 1 for one in Feed.objects.all()) > 0
    assert before.oldest_at is not None

    services.note_vector(public_key=COUNTY_KEY, heads=vector(), carrier="session", is_level=True)
    assert queries.not_received_upstream().state is UpstreamState.LEVEL
    assert queries.not_received_upstream().oldest_at is None

    clock.forward(seconds=91)
    assert queries.not_received_upstream().state is UpstreamState.CUT_OFF


def test_a_later_word_replaces_an_earlier_one(township):
    """A county put back from a backup says less than before, and that is what counts."""
    services.note_vector(public_key=COUNTY_KEY, heads=vector(), carrier="session")
    less = [[key, seq - 1, bytes(32)] for key, seq, _ in vector()]
    services.note_vector(public_key=COUNTY_KEY, heads=less, carrier="session")
    assert queries.not_received_upstream().facts == len(less)
    assert all(seq == one[1] for one, (seq, _) in zip(
        sorted(less, key=lambda one: services._feed_id(one[0])),
        [queries.held_by(COUNTY_KEY)[feed] for feed in sorted(queries.held_by(COUNTY_KEY))],
        strict=True,
    ))  # fmt: skip


def test_a_stranger_is_refused(township):
    with pytest.raises(Problem) as refused:
        services.note_heard(public_key=NodeKey.fresh().public, carrier="session")
    assert refused.value.kind.code == "neighbours.unknown_node"


def test_the_list_of_nodes_ends_at_the_scope(township, clock):
    services.note_heard(public_key=COUNTY_KEY, carrier="session")
    services.note_heard(public_key=VILLAGE_KEY, carrier="usb stick")
    clock.forward(minutes=11)

    def seen(role, scope):
        viewer = Viewer(1, "示意", (Grant(role, Scope(scope)),))
        return [one["name"] for one in queries.nodes(viewer)]

    assert seen("township_officer", "439901101") == ["石滩村"]
    assert seen("township_officer", "439901201") == []
    assert seen("duty_officer", "439901") == ["示例县", "石滩村"]
    (village,) = [one for one in queries.nodes(node_viewer()) if one["role"] == "child"]
    assert village["carrier"] == "usb stick"
    assert village["out_of_contact"]
    assert village["level"] == "village"


def test_a_visitor_learns_no_count(township):
    with pytest.raises(Problem) as refused:
        queries.upstream(Viewer(0, ""))
    assert refused.value.kind is SIGN_IN_FIRST


def test_a_node_with_a_record_never_begins_a_first_fetch(township):
    situation.report_headcount(
        viewer=node_viewer(),
        content={"place_code": world.SHITAN, "series": 0, "should": 35, "moved": 32, "away": 1},
    )
    assert services.begin_bootstrap(public_key=COUNTY_KEY) == {"began": False}
    assert not queries.is_bootstrapping()


def test_case_24_a_new_node_computes_nothing_before_the_marker(node, monkeypatch):
    monkeypatch.setattr(identity, "own_key", lambda: node.key)
    monkeypatch.setattr(identity, "own_scope", lambda: world.QINGSHI)
    ran = []
    counting = jobs.held(jobs.Job("count", 1.0, lambda now: ran.append(now)))
    journal.trust_node(
        viewer=node_viewer(), suite=1, public_key=COUNTY_KEY, name="示例县", scope="439901"
    )
    assert services.begin_bootstrap(public_key=COUNTY_KEY) == {"began": True}
    counting.function("before the manifest")

    feed_key = [1, COUNTY_KEY, 1, 2, "439901101"]
    promised = services._feed_id(feed_key)
    services.note_manifest(public_key=COUNTY_KEY, heads=[[promised, 3]])
    services.note_heard(public_key=COUNTY_KEY, carrier="session")
    assert queries.not_received_upstream().state is UpstreamState.BOOTSTRAPPING
    counting.function("half of it")
    Feed.objects.create(
        feed_id=promised, suite=1, public_key=COUNTY_KEY, incarnation=1, fact_class=2,
        audience="439901101", head_seq=2,
    )  # fmt: skip
    assert services.look_at_bootstrap() == {"is_bootstrapping": True}
    counting.function("all but one")
    assert ran == []

    Feed.objects.filter(feed_id=promised).update(head_seq=3)
    assert services.look_at_bootstrap() == {"is_bootstrapping": False}
    counting.function("complete")
    assert ran == ["complete"]
    Feed.objects.filter(feed_id=promised).delete()


def test_a_person_ends_a_first_fetch_whose_source_is_gone(node, monkeypatch):
    monkeypatch.setattr(identity, "own_key", lambda: node.key)
    services.begin_bootstrap(public_key=COUNTY_KEY)
    services.end_bootstrap(viewer=node_viewer(), reason="the road is gone")
    assert not queries.is_bootstrapping()
    with pytest.raises(Problem):
        services.end_bootstrap(viewer=node_viewer(), reason="again")
