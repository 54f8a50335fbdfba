"""A cycle asks the database the same number of questions, however many groups it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fengsui.engines.calls import services
from fengsui.engines.calls.models import CallParty, Companion
from fengsui.engines.calls.services import StandIn, StandInRequest, reaching
from fengsui.engines.calls.tests import town
from fengsui.gateways.channels.simulated import Behaviour

pytestmark = pytest.mark.usefixtures("node")
KINDS = (
    Behaviour.NO_ANSWER,
    Behaviour.HANGS_UP,
    Behaviour.SWITCHED_OFF,
    Behaviour.WRONG_KEY,
)


class Resolver:
    """Counts how often it is asked, and finds whom it is given by place."""

    def __init__(self, found: Mapping[str, StandIn]) -> None:
        self.found, self.asked = found, 0

    def __call__(self, requests: Sequence[StandInRequest]) -> dict[int, StandIn]:
        self.asked += 1
        return {
            one.call_id: self.found[one.place_code]
            for one in requests
            if one.place_code in self.found
        }


def _second_try(groups: int, found: Mapping[str, StandIn] | None = None) -> tuple[int, int, int]:
    """(groups, SELECTs, times the resolver was asked) of a cycle at night in which twelve people
    of one township, silent in so many ways, are rung for the second time."""
    town.phones({n: [KINDS[n % groups]] for n in range(1, 13)}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(n, title="住户") for n in range(1, 13)])
    town.step()
    town.run(minutes=1.75)
    resolver = Resolver(found or {})
    services.set_resolver(resolver)
    try:
        town.clock.forward(seconds=20)
        with CaptureQueriesContext(connection) as captured:
            moved = services.advance_calls(viewer=town.NODE)
    finally:
        services.set_resolver(None)
    assert moved["moved"] == 12
    services.stop_callout(viewer=town.NODE, callout_id=callout_id, reason="示意")
    selects = sum(one["sql"].startswith("SELECT") for one in captured)
    return moved["groups"], selects, resolver.asked


def test_the_questions_of_a_cycle_do_not_grow_with_its_groups(clock: Any) -> None:
    alone, together = _second_try(1), _second_try(4)
    assert (alone[0], together[0]) == (1, 4)
    assert together[1:] == alone[1:]
    assert alone[2] == 2, "deputy and duty phone, each once"


def test_those_found_are_asked_for_by_name_and_only_where_they_are(clock: Any) -> None:
    room = StandIn(0, "示意值班室", [{"kind": "phone", "value": "00099"}])
    _second_try(4, {town.village(0, 1): room})
    called = CallParty.objects.filter(rung__gt=0).values_list("call__place_code", flat=True)
    assert set(called) == {town.village(0, 1)}
    assert Companion.objects.count() == 1, "one room's phone rings once at a time"


def test_what_batches_have_in_common_is_read_once(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    town.open_callout([town.party(n, title="住户") for n in range(1, 13)])
    town.step()
    known = set(reaching._remembered)
    town.run(minutes=1.75)
    town.clock.forward(seconds=20)
    with CaptureQueriesContext(connection) as captured:
        assert services.advance_calls(viewer=town.NODE)["moved"] == 12
    assert set(reaching._remembered) == known
    assert not any("MIN(" in one["sql"] for one in captured)


def test_what_no_call_asks_for_any_more_is_forgotten(clock: Any) -> None:
    """A writer lives for months: a night that is over must not stay in its memory."""
    reaching._remembered.clear()
    _second_try(1)
    of_one_night = set(reaching._remembered)
    _second_try(1)
    assert of_one_night < set(reaching._remembered), "the next hour's are put beside them"
    clock.forward(seconds=reaching.REMEMBERED_FOR.total_seconds())
    _second_try(1)
    assert set(reaching._remembered)
    assert of_one_night.isdisjoint(reaching._remembered)
