"""Erasing personal data: the chain stays whole, the row stays and counts, nothing else goes."""

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import queries, services, verify
from fengsui.foundation.journal.models import StoredFact
from tests.beacon import services as beacons
from tests.beacon.models import Beacon, Watcher

from .conftest import VILLAGE

NODE = node_viewer()


@pytest.fixture
def lit(node: Any) -> dict[str, Any]:
    return beacons.light(
        viewer=NODE, place_code=VILLAGE, name="长岭", keeper="示意甲", watchers=["示意乙", "示意丙"]
    )


def test_all_personal_leaves(lit: dict[str, Any]) -> None:
    assert services.erase_leaves(viewer=NODE, fact_id=lit["fact_id"], reason="期满")["erased"] == 3
    assert Beacon.objects.get().keeper == ""
    assert [watcher.name for watcher in Watcher.objects.all()] == ["", ""]
    body = bytes(StoredFact.objects.get(fact_id=lit["fact_id"]).body)
    assert "示意".encode() not in body
    assert "长岭".encode() in body
    report = verify.check_database(processes=1)
    assert report.is_whole
    assert report.erased_leaves == 3
    (row, _) = queries.facts_about(NODE, entity=lit["beacon_id"]) + queries.facts_about(
        NODE, cause=lit["fact_id"]
    )
    assert row["fact"].personal is None
    assert list(row["fact"].items) == [None, None]


def test_one_item_only(lit: dict[str, Any]) -> None:
    services.erase_leaves(viewer=NODE, fact_id=lit["fact_id"], reason="期满", leaves=[3])
    assert Beacon.objects.get().keeper == "示意甲"
    assert [watcher.name for watcher in Watcher.objects.order_by("id")] == ["示意乙", ""]


def test_in_the_same_transaction(node: Any) -> None:
    with node.group():
        lit = beacons.light(viewer=NODE, place_code=VILLAGE, name="长岭")
        services.erase_leaves(viewer=NODE, fact_id=lit["fact_id"], reason="误录")
    assert "示意甲".encode() not in bytes(StoredFact.objects.get(fact_id=lit["fact_id"]).body)
    assert verify.check_database(processes=1).is_whole


def test_leaf_0_and_a_second_time_are_refused(lit: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="not_erasable"):
        services.erase_leaves(viewer=NODE, fact_id=lit["fact_id"], reason="?", leaves=[0])
    services.erase_leaves(viewer=NODE, fact_id=lit["fact_id"], reason="期满")
    with pytest.raises(Problem, match="not_erasable"):
        services.erase_leaves(viewer=NODE, fact_id=lit["fact_id"], reason="期满")


def test_who_may(lit: dict[str, Any]) -> None:
    stranger = Viewer(5, "示意丁", (Grant("duty_leader", Scope("433123")),))
    helper = Viewer(6, "示意戊", (Grant("grid_worker", Scope("433126")),))
    with pytest.raises(Problem, match="no_such_fact"):
        services.erase_leaves(viewer=stranger, fact_id=lit["fact_id"], reason="?")
    with pytest.raises(Problem, match="not_allowed"):
        services.erase_leaves(viewer=helper, fact_id=lit["fact_id"], reason="?")
