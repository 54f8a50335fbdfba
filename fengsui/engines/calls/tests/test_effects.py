"""A message that may have been sent, and calls that another node opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.engines.calls import channel_register, jobs, queries, rules, services
from fengsui.engines.calls.errors import (
    ALREADY_DRIVEN_HERE,
    EFFECT_IS_HELD,
    NOTHING_TO_TAKE_OVER,
    OWNER_IN_CONTACT,
    REASON_REQUIRED,
)
from fengsui.engines.calls.models import (
    Attempt,
    Call,
    Callout,
    Companion,
    StopOwed,
    Takeover,
)
from fengsui.engines.calls.policies import default_policies
from fengsui.engines.calls.states import WORDS_ZH, CallState
from fengsui.engines.calls.tests import town
from fengsui.engines.calls.tests.test_dispatch import Telephone
from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND, Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.foundation.journal import clock as the_clock
from fengsui.gateways.channels import Delivery, Message, Outcome
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier
from tests.world.in_process import InProcessNode, certify, meet

TOWNSHIP, OTHER = town.TOWNSHIPS
HEAD = Viewer(801, "示意镇长", (Grant("township_officer", Scope.of(TOWNSHIP)),))
SECRETARY = Viewer(802, "示意村支书", (Grant("village_secretary", Scope.of(TOWNSHIP)),))
NEIGHBOUR = Viewer(803, "示意邻乡", (Grant("township_officer", Scope.of(OTHER)),))


class Carrier(Telephone):
    """A gateway; the power of this node goes before or after it has taken the message."""

    def __init__(self, *, dies: str = "") -> None:
        super().__init__(is_instant=True)
        self.dies = dies

    def send(self, message: Message) -> Outcome:
        if self.dies == "before":
            raise KeyboardInterrupt
        outcome = super().send(message)
        if self.dies == "after":
            raise KeyboardInterrupt
        return outcome


class CarrierWithIds(Carrier):
    """Keeps client message ids and tells of them, as gateways that can be asked do."""

    asked = 0

    def outcome_of(self, message: Message) -> Outcome | None:
        self.asked += 1
        known = {one.effect_id for one in self.sent}
        return Outcome(Delivery.DELIVERED) if message.effect_id in known else None


def _cut_while_dispatching(carrier: Carrier) -> None:
    """The power goes while the channel is being called; the node starts again."""
    town.phones({}, **town.silent_by_default())
    channel_register.register_real(carrier)
    town.open_callout([town.party(1)], exercise=False)
    jobs.unpack(the_clock.now())
    jobs.advance(the_clock.now())
    jobs.dispatch(the_clock.now())  # claimed, durably
    with pytest.raises(KeyboardInterrupt):
        jobs.dispatch(the_clock.now())
    carrier.dies = ""
    jobs.restart()


def _dispatch_until(word: str, rounds: int = 200) -> None:
    """Asking goes on in another thread; its answer is recorded by a later step."""
    for _ in range(rounds):
        jobs.dispatch(the_clock.now())
        if Attempt.objects.filter(word=word).exists():
            return
    pytest.fail(f"no try became {word}: {list(Attempt.objects.values_list('word'))}")


@pytest.fixture(autouse=True)
def _plain_channels() -> Iterator[None]:
    yield
    channel_register.reset()


def test_case_25_a_crash_while_sending_is_told_as_may_have_been_sent(node: Any, clock: Any) -> None:
    carrier = Carrier(dies="after")
    _cut_while_dispatching(carrier)
    jobs.dispatch(the_clock.now())
    assert Attempt.objects.get().word == "unknown"
    assert WORDS_ZH["unknown"] == "可能已发，可能重复"
    (row,) = queries.unanswered(Callout.objects.get().id, viewer=town.LEADER)["items"]
    assert row["last_word_zh"] == "可能已发，可能重复"
    town.step()
    # For life: rung again rather than never.
    assert len(carrier.sent) == 2


@pytest.mark.parametrize(("dies", "word"), [("after", "delivered"), ("before", "refused")])
def test_case_25_a_carrier_that_keeps_ids_is_asked_and_not_sent_again(
    node: Any, clock: Any, dies: str, word: str
) -> None:
    carrier = CarrierWithIds(dies=dies)
    _cut_while_dispatching(carrier)
    before = len(carrier.sent)
    _dispatch_until(word)
    assert carrier.asked == 1
    assert len(carrier.sent) == before


def test_what_is_held_is_not_done_again_before_a_person_has_looked(node: Any) -> None:
    held = default_policies()["red"].to_plain() | {"duplicates": "hold"}
    policy = rules.policy_from_plain(held)
    assert rules.policy_from_plain(policy.to_plain()) == policy
    here = rules.Situation(state=CallState.WAITING, tries=1, last_outcome="unknown")
    now = the_clock.now()
    usable = frozenset({"voice"})
    step = rules.next_step(policy, here, now=now, usable=usable, voice_channels=usable)
    assert step.action is rules.Action.KNOCK
    for_life = rules.next_step(
        default_policies()["red"], here, now=now, usable=usable, voice_channels=usable
    )
    assert for_life.action is rules.Action.TRY


def test_an_effect_has_the_same_id_on_every_node_and_another_for_another_try() -> None:
    one: dict[str, Any] = {"callout_id": 1, "call_id": 2, "channel": "voice", "step": 100}
    assert rules.effect_id(**one) == rules.effect_id(**one)
    changes: list[dict[str, Any]] = [
        {"callout_id": 9},
        {"call_id": 9},
        {"channel": "sms"},
        {"step": 200},
    ]
    assert len({rules.effect_id(**(one | change)) for change in [{}, *changes]}) == 5


# --- takeover ---------------------------------------------------------------------------------


@pytest.fixture
def two(db: None, clock: Any, tmp_path: Path) -> Iterator[tuple[InProcessNode, InProcessNode]]:
    """A county, and a township that has its callout."""

    def silent() -> list[Any]:
        carrier = SimulatedCarrier(temperaments={}, moods={Behaviour.NO_ANSWER: 1})
        return [carrier, InAppChannel()]

    county = InProcessNode("示例县", town.COUNTY, tmp_path / "county", silent)
    township = InProcessNode("示例镇", TOWNSHIP, tmp_path / "township", silent)
    certify(tmp_path, county, township)
    with county:
        town.open_callout([town.party(1), town.party(2, place=town.village(1, 1))])
        town.step()
    meet(county, township)
    yield county, township
    assert county.rebuilt_the_same() == []
    assert township.rebuilt_the_same() == []
    county.close()
    township.close()


def test_a_township_leaves_the_countys_calls_alone(two: Any, clock: Any) -> None:
    county, township = two
    with township:
        callout = Callout.objects.get()
        assert callout.owner_key == county.key.public.hex()
        clock.forward(hours=2)
        town.step()
        services.audit_promise(viewer=town.NODE)
        services.finish_callouts(viewer=town.NODE)
        assert Attempt.objects.count() == 1
        assert not any(feed["is_own"] for feed in _feeds())


def _feeds() -> list[dict[str, Any]]:
    from fengsui.foundation.journal import queries as journal

    return journal.feeds()


def test_a_takeover_is_a_person_a_place_and_a_reason(two: Any, clock: Any) -> None:
    _, township = two
    with township:
        callout_id = Callout.objects.get().id
        asked = {"callout_id": callout_id, "place_code": TOWNSHIP, "reason": "县里断网"}
        for viewer, changes, kind in (
            (NEIGHBOUR, {}, NOT_FOUND),
            (SECRETARY, {}, NOT_ALLOWED),
            (HEAD, {"place_code": town.COUNTY}, NOT_FOUND),
            (HEAD, {"reason": " "}, REASON_REQUIRED),
            (HEAD, {"place_code": town.village(0, 4)}, NOTHING_TO_TAKE_OVER),
        ):
            with pytest.raises(Problem) as refused:
                services.take_over(viewer=viewer, **{**asked, **changes})
            assert refused.value.kind is kind
        taken = services.take_over(viewer=HEAD, **asked)
        assert taken["calls"] == 1
        with pytest.raises(Problem) as refused:
            services.take_over(viewer=HEAD, **asked)
        assert refused.value.kind is ALREADY_DRIVEN_HERE
        clock.forward(minutes=6)
        town.step()
        assert Attempt.objects.count() == 2
        (shown,) = queries.takeovers(callout_id, viewer=HEAD)
        assert (shown["reason"], shown["place_code"]) == ("县里断网", TOWNSHIP)


def test_while_the_owner_is_in_contact_a_takeover_is_confirmed_twice(two: Any) -> None:
    _, township = two
    with township:
        callout_id = Callout.objects.get().id
        township.contact = services.Contact.IN_CONTACT
        asked = {"callout_id": callout_id, "place_code": TOWNSHIP, "reason": "县里断网"}
        with pytest.raises(Problem) as refused:
            services.take_over(viewer=HEAD, **asked)
        assert refused.value.kind is OWNER_IN_CONTACT
        services.take_over(viewer=HEAD, **asked, although_in_contact=True)
        assert Takeover.objects.get().contact == "in_contact"


def test_case_12_what_is_held_is_not_done_by_a_second_node_while_apart(
    two: Any, clock: Any
) -> None:
    """No such kind exists yet; the policy's word is real and is kept."""
    county, township = two
    held = default_policies()["red"].to_plain() | {"duplicates": "hold"}
    with county:
        callout_id = town.open_callout([town.party(5)], policy=held)
    meet(county, township)
    with township, pytest.raises(Problem) as refused:
        services.take_over(
            viewer=HEAD, callout_id=callout_id, place_code=TOWNSHIP, reason="县里断网"
        )
    assert refused.value.kind is EFFECT_IS_HELD


def test_when_the_owner_comes_back_it_knows_and_stops_until_it_is_handed_back(
    two: Any, clock: Any
) -> None:
    county, township = two
    with township:
        taken = services.take_over(
            viewer=HEAD,
            callout_id=Callout.objects.get().id,
            place_code=TOWNSHIP,
            reason="县里断网",
        )
    clock.forward(minutes=6)
    for node in (county, township):
        with node:
            town.step()
    meet(county, township)
    with county:
        taken_over = Call.objects.get(person_id=1)
        # The county rang meanwhile, too: two messages with one alert number, both on record.
        drivers = set(Attempt.objects.filter(call=taken_over).values_list("driver", flat=True))
        assert len(drivers) == 2
        assert taken_over.driver != services.this_driver()
        assert Call.objects.get(person_id=2).driver == services.this_driver()
        (shown,) = queries.board(Callout.objects.get().id, viewer=town.LEADER)["takeovers"]
        assert (shown["node_name"], shown["reason"]) == ("示例镇", "县里断网")
        before = Attempt.objects.filter(call=taken_over).count()
        clock.forward(minutes=6)
        town.step()
        assert Attempt.objects.filter(call=taken_over).count() == before
    with township:
        services.hand_back(viewer=HEAD, takeover_id=taken["takeover_id"], reason="网络恢复")
    meet(county, township)
    with county:
        town.step()
        assert Attempt.objects.filter(call=taken_over).count() == before + 1
        (shown,) = queries.takeovers(Callout.objects.get().id, viewer=town.LEADER)
        assert shown["handed_back_reason"] == "网络恢复"


def test_a_takeover_that_comes_before_its_callout_waits_for_it(two: Any, clock: Any) -> None:
    """Facts of different feeds meet in any order; drivers come out the same."""
    county, township = two
    with township:
        services.take_over(
            viewer=HEAD,
            callout_id=Callout.objects.get().id,
            place_code=TOWNSHIP,
            reason="县里断网",
        )
    meet(county, township)
    drivers = {}
    for node in two:
        with node:
            drivers[node.name] = set(Call.objects.filter(person_id=1).values_list("driver"))
    assert drivers["示例县"] == drivers["示例镇"]


def test_an_answer_at_another_node_stops_the_phones_that_this_one_rings(two: Any) -> None:
    """Red at night: the county rings A and B together, A answers at the township."""
    county, township = two
    with county:
        callout_id = town.open_callout([town.party(5, deputies=[town.person(6)])])
        town.step()
        assert Companion.objects.get(callout_id=callout_id).word == "handed_over"
    meet(county, township)
    with township:
        call = Call.objects.get(callout_id=callout_id)
        services.record_answer(
            viewer=town.viewer_of(5), call_id=call.id, answer_kind="on_it", how="app"
        )
        town.step()
        assert Companion.objects.get().word == "handed_over", "no phone of this node"
        assert not StopOwed.objects.exists()
    meet(county, township)
    with county:
        town.step()
        assert Companion.objects.get().word == "stopped"
        assert Attempt.objects.get(call_id=call.id).word == "stopped"
    meet(county, township)
    with township:
        assert Companion.objects.get().word == "stopped"
