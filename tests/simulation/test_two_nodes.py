"""A county and a township, apart and together again: nobody is rung by two nodes unless a person
took the calls over, and when they meet both tell the same of every call.

FENGSUI_SEEDS=200 plays more nights. A failing seed is printed by its test's name.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.engines.calls import jobs, services
from fengsui.engines.calls.models import Attempt, Call, Callout, Takeover
from fengsui.engines.calls.services import engine
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.foundation.journal import clock as the_clock
from fengsui.gateways.channels import Channel, Message, Outcome
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier
from tests.world.in_process import InProcessNode, certify, meet, rows_of

SEEDS = range(int(os.environ.get("FENGSUI_SEEDS", "10")))
STEP_S = 20
APART_STEPS = 40
STEPS_MAX = 240
TOWNSHIP = town.TOWNSHIPS[0]
HEAD = Viewer(801, "示意镇长", (Grant("township_officer", Scope.of(TOWNSHIP)),))
ENDS = {"answered", "reached_in_person", "unreached_named", "notified"}
# What two nodes tell of one call must be the same in every respect.
SAME = (Call, Attempt, Takeover)


class Telltale(SimulatedCarrier):
    """Remembers who was rung by which node."""

    def __init__(self, node: str, sent: list[tuple[str, str, int]], **kept: Any) -> None:
        super().__init__(**kept)
        self.node, self.sent = node, sent

    def send(self, message: Message) -> Outcome:
        self.sent.append((self.node, message.effect_id, message.person_id))
        return super().send(message)


class TwoNodes:
    """One seeded night of a county and one of its townships."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.draw = random.Random(seed)
        self.sent: list[tuple[str, str, int]] = []
        moods = {Behaviour.NO_ANSWER: 3, Behaviour.ANSWERS: 1, Behaviour.HANGS_UP: 1}

        def channels_of(name: str) -> list[Channel]:
            kept = {"seed": seed, "temperaments": {}, "moods": moods}
            voice = Telltale(name, self.sent, kind="voice", **kept)
            return [voice, Telltale(name, self.sent, kind="sms", **kept), InAppChannel()]

        self.county = InProcessNode(
            "county", town.COUNTY, folder / "county", lambda: channels_of("county")
        )
        self.township = InProcessNode(
            "township", TOWNSHIP, folder / "township", lambda: channels_of("township")
        )
        certify(folder, self.county, self.township)
        self.are_connected = True
        self.takeovers: list[int] = []

    def open(self) -> int:
        parties = [
            town.party(person, place=town.village(person % 2, person % 3))
            for person in range(1, self.draw.randint(4, 12))
        ]
        with self.county:
            return town.open_callout(parties, policy=_policy(self.draw))

    def turn(self) -> None:
        for node in (self.county, self.township):
            if self.draw.random() < 0.9:  # a node may be slow, too
                with node:
                    town.step(6)
                    jobs.audit(the_clock.now())

    def at_the_township(self, callout_id: int) -> None:
        with self.township:
            if not Callout.objects.filter(pk=callout_id).exists():
                return
            try:
                if self.takeovers and self.draw.random() < 0.3:
                    services.hand_back(
                        viewer=HEAD, takeover_id=self.takeovers.pop(), reason="恢复联系"
                    )
                elif not self.takeovers:
                    taken = services.take_over(
                        viewer=HEAD, callout_id=callout_id, place_code=TOWNSHIP, reason="县里断网"
                    )
                    self.takeovers.append(taken["takeover_id"])
            except Problem:
                return

    def play(self, callout_id: int, *, with_takeovers: bool) -> None:
        for number in range(STEPS_MAX):
            is_late = number >= APART_STEPS
            if is_late or self.draw.random() < 0.25:
                self.are_connected = is_late or not self.are_connected
            if self.are_connected:
                meet(self.county, self.township)
            self.turn()
            if with_takeovers and not is_late and self.draw.random() < 0.15:
                self.at_the_township(callout_id)
            the_clock.forward(seconds=STEP_S)
            if is_late and not self._open_calls(callout_id):
                break
        meet(self.county, self.township)

    def _open_calls(self, callout_id: int) -> int:
        with self.county:
            return Call.objects.filter(callout_id=callout_id, ended_as="").count()

    def rung_by(self) -> dict[str, set[str]]:
        """Effect → the nodes that had it sent."""
        found: dict[str, set[str]] = defaultdict(set)
        for node, effect_id, _ in self.sent:
            found[effect_id].add(node)
        return found

    def close(self) -> None:
        self.county.close()
        self.township.close()


def _policy(draw: random.Random) -> dict[str, Any]:
    rung = {"who": "holder", "channels": ["voice", "sms"], "spacing_s": 60, "patience_s": 30}
    rungs: list[dict[str, Any]] = [{**rung, "tries": draw.randint(2, 5)}]
    if draw.random() < 0.6:
        rungs.append({"who": "in_person", "patience_s": 90})
    return {"name": "drawn", "colour": "red", "rungs": rungs}


@pytest.fixture
def play(db: None, clock: Any, tmp_path: Path) -> Iterator[Any]:
    played: list[TwoNodes] = []

    def start(seed: int) -> TwoNodes:
        night = TwoNodes(seed, tmp_path / str(seed))
        played.append(night)
        return night

    yield start
    for night in played:
        night.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_takeover_only_the_owner_rings(seed: int, play: Any) -> None:
    night = play(seed)
    callout_id = night.open()
    night.play(callout_id, with_takeovers=False)
    assert {node for node, _, _ in night.sent} == {"county"}
    assert len(night.sent) == len(night.rung_by()), "an effect was sent twice"
    _both_tell_the_same(night, callout_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_takeovers_both_tell_the_same_and_everybody_ends(seed: int, play: Any) -> None:
    night = play(seed)
    callout_id = night.open()
    night.play(callout_id, with_takeovers=True)
    with night.county:
        takeovers = list(Takeover.objects.filter(callout_id=callout_id))
        elsewhere = set(
            Call.objects.filter(callout_id=callout_id)
            .exclude(place_code__startswith=TOWNSHIP[:9])
            .values_list("person_id", flat=True)
        )
    by_township = {person for node, _, person in night.sent if node == "township"}
    assert not by_township or takeovers, "the township rang without having taken over"
    assert not by_township & elsewhere, "it rang people of another township"
    per_node = [(node, effect) for node, effect, _ in night.sent]
    assert len(per_node) == len(set(per_node)), "one node sent an effect twice"
    _both_tell_the_same(night, callout_id)


def _both_tell_the_same(night: TwoNodes, callout_id: int) -> None:
    prefix = TOWNSHIP[:9]
    with night.county:
        lost = list(Call.objects.filter(callout_id=callout_id).exclude(ended_as__in=ENDS))
        ids = set(Call.objects.filter(place_code__startswith=prefix).values_list("id", flat=True))
    assert not lost, "somebody has no end"
    for model in SAME:
        name = "call_id__in" if model is Attempt else "id__in"
        where = {} if model is Takeover else {name: ids}
        ours, theirs = (rows_of(node, model, **where) for node in (night.county, night.township))
        assert ours == theirs, model.__name__
    assert night.county.rebuilt_the_same() == []
    assert night.township.rebuilt_the_same() == []


def test_a_node_that_forgets_whose_calls_they_are_is_found(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof proves something: with the owner's filter gone, the township rings as well."""

    def everybodys(now: Any, limit: int) -> list[engine.Due]:
        rows = Call.objects.filter(next_at__lte=now).order_by("next_at")
        return [engine.Due(*row) for row in rows.values_list(*engine.Due._fields)[:limit]]

    monkeypatch.setattr(engine, "due_calls", everybodys)
    monkeypatch.setattr("fengsui.engines.calls.services.dispatching._not_ours", lambda ids: set())
    night = play(3)
    night.play(night.open(), with_takeovers=False)
    assert {node for node, _, _ in night.sent} == {"county", "township"}
