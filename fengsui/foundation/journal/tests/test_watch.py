"""The running check tells the screen: checking, verified, broken and where."""

from typing import Any

import pytest

from fengsui.foundation.access.viewer import NOBODY, node_viewer
from fengsui.foundation.journal import queries, watch
from fengsui.foundation.journal.models import StoredFact
from tests.beacon import services as beacons

from .conftest import VILLAGE

NODE = node_viewer()


@pytest.fixture
def watchman(node: Any, monkeypatch: pytest.MonkeyPatch) -> watch.Watchman:
    monkeypatch.setattr(watch, "FACTS_PER_STEP", 3)
    return watch.Watchman()


def light(count: int) -> None:
    for number in range(count):
        beacons.light(viewer=NODE, place_code=VILLAGE, name=str(number))


def test_it_follows_what_comes_and_says_how_far(watchman: watch.Watchman, clock: Any) -> None:
    assert queries.verification(NODE)["state"] == "checking"
    light(4)
    assert watchman.step(clock.now())
    assert not watchman.step(clock.now())
    assert queries.verification(NODE)["facts"] == 4
    light(1)
    watchman.step(clock.now())
    status = queries.verification(NODE)
    assert (status["state"], status["facts"]) == ("verified", 5)
    assert status["checked_at"] == clock.now()


def test_an_alteration_is_found_in_the_next_pass(watchman: watch.Watchman, clock: Any) -> None:
    light(2)
    watchman.step(clock.now())
    stored = StoredFact.objects.get(arrival=1)
    whole = bytes(stored.body)
    StoredFact.objects.filter(arrival=1).update(body=whole.replace(b"\x0c", b"\x0d"))
    clock.forward(hours=2)
    watchman.step(clock.now())
    status = queries.verification(NODE)
    assert status["state"] == "broken"
    assert "内容被改动" in status["zh"]
    assert "altered" in status["en"]
    assert queries.verification(NOBODY)["zh"] == ""
    StoredFact.objects.filter(arrival=1).update(body=whole)
    clock.forward(hours=2)
    watchman.step(clock.now())
    assert queries.verification(NODE)["state"] == "verified"


def test_it_writes_only_what_is_new(
    watchman: watch.Watchman, clock: Any, django_assert_num_queries: Any
) -> None:
    light(1)
    watchman.step(clock.now())
    with django_assert_num_queries(1):
        watchman.step(clock.now())
