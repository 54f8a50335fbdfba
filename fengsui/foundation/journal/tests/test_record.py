"""record, apply, group and savepoint."""

import contextlib
from typing import Any

import pytest
from django.db import connection

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import codec, ledger, queries, replay, services, verify
from fengsui.foundation.journal.codec import MalformedFactError
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.journal.models import Feed, StoredFact
from tests.beacon import apply as beacon_apply
from tests.beacon import services as beacons
from tests.beacon.facts import BEACON_LIT
from tests.beacon.models import Beacon, Watcher

from .conftest import COUNTY, VILLAGE

NODE = node_viewer()


def light(name: str = "甲", **more: Any) -> dict[str, Any]:
    return beacons.light(viewer=NODE, place_code=VILLAGE, name=name, **more)


def test_a_fact_is_stored_applied_and_found_again(node: Any) -> None:
    lit = light("长岭", watchers=["示意乙", "示意丙"])
    seen = beacons.see(viewer=NODE, place_code=VILLAGE, beacon_id=lit["beacon_id"], note="亮")
    assert Beacon.objects.get().keeper == "示意甲"
    assert [watcher.name for watcher in Watcher.objects.order_by("id")] == ["示意乙", "示意丙"]
    found = queries.facts_about(NODE, entity=lit["beacon_id"])
    assert [row["zh"] for row in found] == ["点燃烽燧长岭", "看见烽燧：亮"]
    assert found[0]["fact"].items[1] == {"watcher": "示意丙"}
    assert found[1]["fact"].id == seen["fact_id"]
    assert (
        queries.facts_about(NODE, entity=lit["beacon_id"], after=found[0]["arrival"]) == found[1:]
    )


def test_what_follows_from_a_fact_is_found_by_its_cause(node: Any) -> None:
    beacons.light_and_see(viewer=NODE, place_code=VILLAGE, name="甲")
    first = StoredFact.objects.order_by("arrival")[0]
    found = queries.facts_about(NODE, cause=bytes(first.fact_id))
    assert [row["fact"].kind for row in found] == ["beacon.seen"]


def test_a_viewer_of_another_county_sees_nothing(node: Any) -> None:
    lit = light()
    stranger = Viewer(5, "示意丁", (Grant("duty_leader", Scope("433123")),))
    neighbour = Viewer(6, "示意戊", (Grant("duty_leader", Scope("433126")),))
    assert queries.facts_about(stranger, entity=lit["beacon_id"]) == []
    assert len(queries.facts_about(neighbour, entity=lit["beacon_id"])) == 1


def test_the_request_is_kept_beside_the_fact_and_never_in_it(node: Any) -> None:
    asked = node_viewer(request_id="a1b2c3d4e5f60718")
    beacons.light_and_see(viewer=asked, place_code=VILLAGE, name="甲")
    light("由程序自己点燃")
    found = queries.facts_of_request(NODE, "a1b2c3d4e5f60718")
    assert [row["fact"].kind for row in found] == ["beacon.lit", "beacon.seen"]
    assert found[0]["zh"] == "点燃烽燧甲"
    assert queries.facts_of_request(NODE, "") == []
    for stored in StoredFact.objects.exclude(request_id=""):
        assert b"a1b2c3d4e5f60718" not in bytes(stored.header) + bytes(stored.body)


OTHER_FACTS = 300


def test_what_a_request_led_to_is_found_by_an_index_and_within_the_scope(node: Any) -> None:
    # Among so few facts any way of finding one is as good as another.
    for number in range(OTHER_FACTS):
        beacons.light(viewer=NODE, place_code=VILLAGE, name=str(number))
    asked = node_viewer(request_id="a1b2c3d4e5f60718")
    beacons.light(viewer=asked, place_code=VILLAGE, name="甲")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE journal_fact")
    stranger = Viewer(5, "示意丁", (Grant("duty_leader", Scope("433123")),))
    assert queries.facts_of_request(stranger, "a1b2c3d4e5f60718") == []
    with connection.execute_wrapper(plans := Plans()):
        assert len(queries.facts_of_request(NODE, "a1b2c3d4e5f60718")) == 1
    (sql, plan), *_ = plans.seen
    assert "journal_fact_request" in plan, f"{sql}\n{plan}"


def test_a_failed_command_leaves_nothing_behind(node: Any) -> None:
    light("a")
    before = (dict(node.heads), node.hlc, node.next_arrival)
    with pytest.raises(Problem):
        light("b", height_metres=-1)
    assert (dict(node.heads), node.hlc, node.next_arrival) == before
    light("c")
    assert list(StoredFact.objects.order_by("arrival").values_list("arrival", "seq")) == [
        (1, 0),
        (2, 1),
    ]
    assert verify.check_database(processes=1).is_whole


def test_a_command_inside_a_group_fails_alone(node: Any) -> None:
    with node.group():
        light("a")
        with pytest.raises(Problem), node.savepoint():
            light("b", height_metres=-1)
        light("c")
    assert sorted(Beacon.objects.values_list("name", flat=True)) == ["a", "c"]
    assert verify.check_database(processes=1).is_whole


def test_a_rolled_back_group_restores_the_heads_and_opens_no_feed(node: Any) -> None:
    with pytest.raises(Problem), node.group():
        light("a", height_metres=-1)
    assert node.heads == {}
    assert not Feed.objects.exists()
    light("b")
    assert StoredFact.objects.get().seq == 0


def test_facts_written_before_a_savepoint_outlive_its_rollback(node: Any) -> None:
    """Rows that a read forced out early are written again after the rollback took them."""
    with node.group():
        lit = light("a")
        with contextlib.suppress(Problem), node.savepoint():
            assert queries.facts_about(NODE, entity=lit["beacon_id"])
            light("b", height_metres=-1)
        light("c")
    assert StoredFact.objects.count() == 2
    assert verify.check_database(processes=1).is_whole


def test_classes_0_and_1_are_signed_each_and_the_others_at_the_head(node: Any) -> None:
    with node.group():
        lit = light("a")
        light("b")
        for note in "123":
            beacons.see(viewer=NODE, place_code=VILLAGE, beacon_id=lit["beacon_id"], note=note)
    signed = StoredFact.objects.order_by("arrival").values_list("signature", flat=True)
    assert [signature is not None for signature in signed] == [True, True, False, False, True]
    assert verify.check_database(processes=1).is_whole


def test_feeds_follow_class_and_audience(node: Any) -> None:
    beacons.light_and_see(viewer=NODE, place_code=VILLAGE, name="甲")
    beacons.light_and_see(viewer=NODE, place_code=COUNTY, name="乙")
    assert sorted(Feed.objects.values_list("fact_class", "audience")) == [
        (1, "433126"),
        (1, VILLAGE),
        (2, "433126"),
    ]


def test_notices_go_out_after_the_commit_only(node: Any) -> None:
    heard: list[str] = []
    stop = services.add_listener(lambda topic, data: heard.append(topic))
    try:
        with pytest.raises(Problem):
            light("b", height_metres=-1)
        assert heard == []
        light("a")
        assert heard == ["beacons", "journal.heads"]
    finally:
        stop()


def test_ids_of_one_fact_are_consecutive_and_positive() -> None:
    high = b"\xff" * 16
    assert entity_id(high) == (1 << 63) - 1
    assert entity_id(high, 1) == 0
    assert entity_id(bytes(16), 5) == 5


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": 1.5}, "float"),
        ({"nmae": "x"}, "has no field nmae"),
        ({"name": {1: 2}}, "keys must be strings"),
        ({"name": {1, 2}}, "set may not be in a fact"),
    ],
)
def test_values_that_no_fact_holds_are_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MalformedFactError, match=sentence):
        codec.make_leaves(
            BEACON_LIT, fields=fields, personal=None, items=(), about=(), salt=lambda n: bytes(n)
        )


def test_a_body_has_bounds() -> None:
    with pytest.raises(MalformedFactError, match="at most"):
        codec.encode_body([bytes(codec.MAXIMUM_BODY_BYTES)])
    with pytest.raises(MalformedFactError, match="items, at most"):
        codec.make_leaves(
            BEACON_LIT,
            fields={},
            personal=None,
            items=[{}] * 5000,
            about=(),
            salt=lambda n: bytes(n),
        )


def test_a_timeline_is_found_by_its_indexes(node: Any) -> None:
    """However long the journal grows: no search of a timeline may scan it."""
    lit = light()
    with connection.execute_wrapper(plans := Plans()):
        queries.facts_about(NODE, entity=lit["beacon_id"], cause=lit["fact_id"])
    assert len(plans.seen) == 4
    for sql, plan in plans.seen:
        scan = "SCAN" if connection.vendor == "sqlite" else "SEQ SCAN"
        assert scan not in plan.upper(), f"{sql}\n{plan}"


class Plans:
    """Asks the database how it would answer each query."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._is_asking = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self._is_asking:
            self._is_asking = True
            with connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                    plan = " ".join(str(row[3]) for row in cursor.fetchall())
                else:
                    cursor.execute("SET LOCAL enable_seqscan = off")
                    cursor.execute(f"EXPLAIN {sql}", params)
                    plan = " ".join(str(row[0]) for row in cursor.fetchall())
            self.seen.append((sql, plan))
            self._is_asking = False
        return execute(sql, params, many, context)


def test_an_app_that_raises_its_projection_version_is_rebuilt(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert replay.rebuild_if_outdated() is None
    lit = light()
    Beacon.objects.update(name="旧的算法")
    assert replay.rebuild_if_outdated() is None
    monkeypatch.setattr(beacon_apply, "PROJECTION_VERSION", 2, raising=False)
    assert replay.rebuild_if_outdated() == 1
    assert Beacon.objects.get(id=lit["beacon_id"]).name == "甲"
    assert replay.rebuild_if_outdated() is None


def test_a_deleted_feed_is_noticed_by_the_missing_arrivals(node: Any) -> None:
    with contextlib.suppress(Problem), node.group(), node.savepoint():
        beacons.light_and_see(viewer=NODE, place_code=VILLAGE, name="甲")
        light()
        node.insert_rows()
        feed = Feed.objects.get(audience=VILLAGE)
        StoredFact.objects.filter(feed=feed).exclude(seq=9).order_by("arrival")[:1].get().delete()
        StoredFact.objects.filter(feed=feed).delete()
        feed.delete()
        found = [finding.en for finding in verify.check_database(processes=1).findings]
        assert any("arrival numbers are missing" in sentence for sentence in found)
        raise Problem(beacons.TOO_LOW)


def test_no_stretch_without_a_signature_is_too_long_for_one_message(node: Any) -> None:
    """A whole county is imported in one commit: a neighbour must be able to take it in pieces."""
    lit = light()
    with ledger.writing(), node.group():
        for _ in range(12):
            beacons.see(
                viewer=NODE, place_code=VILLAGE, beacon_id=lit["beacon_id"], note="甲" * 30_000
            )
    stretch = longest = 0
    routine = StoredFact.objects.filter(feed__fact_class__gte=2).order_by("feed", "seq")
    for header, body, signature in routine.values_list("header", "body", "signature"):
        stretch += len(header) + len(body)
        longest = max(longest, stretch)
        stretch = 0 if signature is not None else stretch
    assert stretch == 0, "the last is signed"
    assert longest < ledger.SIGNED_EVERY_BYTES + 256 * 1024
