"""The county calls, the link dies, the township goes on; together again, the numbers agree.

Two nodes with certificates of one root, each with its own journal, engine and disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.engines.calls import jobs as call_jobs
from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as call_services
from fengsui.engines.calls.errors import OWNER_IN_CONTACT
from fengsui.engines.calls.models import Attempt, Call, Callout
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.foundation.journal import clock as the_clock
from fengsui.foundation.journal import queries as journal
from fengsui.gateways.channels import Channel
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier
from fengsui.response.alerts import jobs as alert_jobs
from fengsui.response.alerts import queries as alerts
from fengsui.response.alerts import services as alert_services
from fengsui.response.alerts.errors import CALL_LIST_IS_HERE, IS_OWN
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.response.situation import queries as situation
from fengsui.response.situation import services as situation_services
from fengsui.web import board
from tests.world import county as world
from tests.world.in_process import NODE, InProcessNode, carry, certify, meet

MAYOR_ID, SECOND_ID = 8001, 8002
# Two people of the township with the power to warn their own ground.
MAYOR = Viewer(MAYOR_ID, "示意镇长", (Grant("duty_leader", Scope.of(world.QINGSHI)),))
SECOND = Viewer(SECOND_ID, "示意副镇长", (Grant("duty_leader", Scope.of(world.QINGSHI)),))
CALLED = [world.SHITAN, world.FENGPING]


class TwoHouses:
    """The standing county and its township 青石镇, with the people of both."""

    def __init__(self, folder: Path) -> None:
        def silent() -> list[Channel]:
            carrier = SimulatedCarrier(temperaments={}, moods={Behaviour.NO_ANSWER: 1})
            return [carrier, InAppChannel()]

        self.county = InProcessNode("示例县", world.COUNTY, folder / "county", silent)
        self.township = InProcessNode("青石镇", world.QINGSHI, folder / "township", silent)
        certify(folder, self.county, self.township)
        with self.county:
            self.people = world.build()
        meet(self.county, self.township)

    def warn(self, *, deliver: bool = True) -> Alert:
        with self.county:
            message = world.rain_warning(codes=",".join(CALLED), area="石滩村、枫坪村")
            alert = Alert.objects.get(id=self.people.issue(message))
            work()
        if deliver:
            meet(self.county, self.township)
        return alert

    def both(self, *, minutes: int) -> None:
        """Both go on, each by itself."""
        for _ in range(minutes):
            the_clock.forward(minutes=1)
            for node in (self.county, self.township):
                with node:
                    work()

    def close(self) -> None:
        for node in (self.county, self.township):
            assert node.rebuilt_the_same() == []
            node.close()


def work() -> None:
    """Everything that a node does by itself at this moment."""
    now = the_clock.now()
    for _ in range(4):
        for job in (call_jobs.unpack, call_jobs.advance, call_jobs.dispatch, call_jobs.hear):
            job(now)
    call_jobs.audit(now)
    alert_jobs.expire(now)
    from fengsui.response.situation import jobs as situation_jobs

    situation_jobs.watch(now)


@pytest.fixture
def houses(db: None, clock: Any, tmp_path: Path) -> Iterator[TwoHouses]:
    both = TwoHouses(tmp_path)
    yield both
    both.close()


def refused_with(kind: Any, deed: Any) -> None:
    with pytest.raises(Problem) as refused:
        deed()
    assert refused.value.kind is kind


def own_scopes(node: InProcessNode) -> set[str]:
    """The audiences of what this node has stated of its own."""
    return {feed["key"][4] for feed in journal.feeds() if feed["is_own"]}


def numbers(node: InProcessNode, alert: Alert) -> dict[str, Any]:
    """What the mayor sees of the night, at whichever node."""
    with node:
        held = Alert.objects.get(id=alert.pk)
        assert held.callout_id is not None
        shown = calls.board(held.callout_id, viewer=MAYOR)
        counted = ("called", "answered", "unanswered", "reached_in_person", "unreached_named")
        return {
            "calls": {name: shown[name] for name in counted},
            "takeovers": [(row["place_code"], row["reason"]) for row in shown["takeovers"]],
            "evacuation": evacuations.balance(held.evacuation_id or 0, viewer=MAYOR),
            "headcount": situation.headcount_total(held.evacuation_id, viewer=MAYOR),
            "moved_first": [
                (row.place_code, row.sign, row.at) for row in situation.moved_first(viewer=MAYOR)
            ],
            "lost": [
                row.place_code
                for row in situation.contact(viewer=MAYOR, now=the_clock.now())
                if row.state == "lost"
            ],
            "tries": Attempt.objects.filter(
                callout_id=held.callout_id, call__place_code__startswith=world.QINGSHI[:9]
            ).count(),
        }


def test_a_cut_off_township_takes_over_goes_on_and_the_numbers_agree(houses: TwoHouses) -> None:
    alert = houses.warn()
    assert alert.callout_id is not None
    # While both hear each other the township rings nobody and states nothing of the county's.
    houses.both(minutes=2)
    with houses.township:
        assert not any(feed["is_own"] for feed in journal.feeds() if feed["key"][4] == "439901")
        houses.township.contact = call_services.Contact.IN_CONTACT
        asked = {"callout_id": alert.callout_id, "place_code": world.QINGSHI, "reason": "断网"}
        refused_with(OWNER_IN_CONTACT, lambda: call_services.take_over(viewer=MAYOR, **asked))
        # The link dies.
        houses.township.contact = call_services.Contact.CUT_OFF
        before = Attempt.objects.count()
        call_services.take_over(viewer=MAYOR, **asked)
        refused_with(
            CALL_LIST_IS_HERE,
            lambda: alert_services.carry_on(viewer=MAYOR, alert_id=alert.pk),
        )
    houses.both(minutes=8)
    with houses.township:
        assert Attempt.objects.count() > before, "it goes on down the ladder by itself"
        secretary = houses.people.viewer("shitan_a")
        call = Call.objects.get(person_id=houses.people.ids["shitan_a"])
        call_services.record_answer(
            viewer=secretary, call_id=call.id, answer_kind="on_it", how="app"
        )
        for household in evacuations.households_of(alert.evacuation_id or 0, viewer=secretary):
            evacuation_services.record_household_status(
                viewer=secretary,
                household_id=household.household_id,
                status="moved_central",
                client_id=f"tick-{household.household_id}",
            )
        situation_services.report_headcount(
            viewer=secretary,
            content={
                "place_code": world.SHITAN,
                "evacuation_id": alert.evacuation_id,
                "should": 11,
                "moved": 11,
            },
        )
    assert numbers(houses.county, alert)["evacuation"]["moved"] == 0, "the county does not know"
    # The link is back.
    meet(houses.county, houses.township)
    assert numbers(houses.county, alert) == numbers(houses.township, alert)
    agreed = numbers(houses.county, alert)
    assert agreed["evacuation"]["moved"] == 11
    assert agreed["headcount"]["moved"] == 11
    assert agreed["calls"]["answered"] == 1
    assert agreed["takeovers"] == [(world.QINGSHI, "断网")]
    # The other township was the county's all along, and the taken part is not rung by it now.
    tries = agreed["tries"]
    with houses.county:
        the_clock.forward(minutes=6)
        work()
    assert numbers(houses.county, alert)["tries"] == tries


def test_the_takeover_stands_in_the_alerts_timeline(houses: TwoHouses) -> None:
    alert = houses.warn()
    with houses.township:
        call_services.take_over(
            viewer=MAYOR,
            callout_id=alert.callout_id or 0,
            place_code=world.QINGSHI,
            reason="光缆中断",
        )
    meet(houses.county, houses.township)
    with houses.county:
        told = journal.facts_about(houses.people.viewer("officer"), entity=alert.pk)
    assert "接管叫应：光缆中断" in [row["zh"] for row in told]


def test_a_warning_without_its_call_list_is_carried_on_by_the_townships_own_four_eyes(
    houses: TwoHouses,
) -> None:
    """Only the county's decisions came through (a stick, a telegram): no call list with them."""
    alert = houses.warn(deliver=False)
    carry_only_the_warning(houses.county, houses.township)
    with houses.township:
        assert Alert.objects.get(id=alert.pk).state == "active"
        assert not Call.objects.exists()
        carried = alert_services.carry_on(viewer=MAYOR, alert_id=alert.pk)["alert_id"]
        with pytest.raises(Problem):  # whoever carried it on may not approve it
            alert_services.approve_alert(viewer=MAYOR, alert_id=carried)
        alert_services.approve_alert(viewer=SECOND, alert_id=carried)
        own = Alert.objects.get(id=carried)
        assert (own.place_code, own.verbatim_text) == (world.QINGSHI, alert.verbatim_text)
        assert alerts.number_of(own) == alerts.number_of(alert)
        assert set(own.area_codes) == set(CALLED)
        assert Call.objects.filter(callout_id=own.callout_id).exists()
        refused_with(IS_OWN, lambda: alert_services.carry_on(viewer=MAYOR, alert_id=carried))
        secretary = houses.people.viewer("shitan_a")
        call = Call.objects.get(person_id=houses.people.ids["shitan_a"])
        call_services.record_answer(
            viewer=secretary, call_id=call.id, answer_kind="on_it", how="app"
        )
    meet(houses.county, houses.township)
    for node in (houses.county, houses.township):
        with node:
            found = board._together(Alert.objects.get(id=alert.pk), MAYOR)
            assert found is not None
            assert len(found["callout_ids"]) == 2
            both = found["calls"]
            people = set(
                Call.objects.filter(place_code__startswith=world.QINGSHI[:9]).values_list(
                    "person_id", flat=True
                )
            )
            assert both["called"] == len(people), "a person called by both counts once"
            assert both["twice"] > 0
            assert both["answered"] == 1
            alone = calls.board(alert.callout_id or 0, viewer=MAYOR)
            assert alone["answered"] == 0, "one answer never closes another callout's call"
            lists = Alert.objects.get(id=alert.pk).evacuation_id
            assert (
                found["evacuation"]["should"] == evacuations.balance(lists, viewer=MAYOR)["should"]
            )


def carry_only_the_warning(sender: InProcessNode, receiver: InProcessNode) -> None:
    """The feeds of the county as a whole; the township's own call list has not got through."""
    carry(sender, receiver, audiences={"439901", "public"})


def test_case_13_two_lists_of_one_warning_count_a_household_once(houses: TwoHouses) -> None:
    alert = houses.warn(deliver=False)
    carry(houses.county, houses.township, audiences={"public"})
    with houses.township:
        done = situation_services.move_first(
            viewer=houses.people.viewer("shitan_a"), place_code=world.SHITAN, sign="mark"
        )
    meet(houses.county, houses.township)
    with houses.county:
        lists = [alert.evacuation_id or 0, done["evacuation_id"]]
        alone = [evacuations.balance(one, viewer=NODE)["should"] for one in lists]
        assert evacuations.balance_together(lists, viewer=NODE)["should"] == max(alone)


def test_a_village_moves_first_while_cut_off_and_it_is_told_later_with_its_own_time(
    houses: TwoHouses,
) -> None:
    with houses.township:
        done = situation_services.move_first(
            viewer=houses.people.viewer("shitan_a"),
            place_code=world.SHITAN,
            sign="gauge",
            gauge_value_mm=62,
            client_id="phone-9",
        )
        moved_at = the_clock.now()
    the_clock.forward(hours=9)
    meet(houses.county, houses.township)
    with houses.county:
        officer = houses.people.viewer("officer")
        (row,) = situation.moved_first(viewer=officer)
        assert (row.at, row.gauge_value_mm) == (moved_at, 62)
        alert = Alert.objects.get(id=done["alert_id"])
        assert alert.self_rescue, "red in every report"
        assert alert.place_code == world.QINGSHI
        assert evacuations.balance(done["evacuation_id"], viewer=officer)["should"] == 11


def test_each_node_ends_its_own_alerts_only_and_names_its_own_lost(houses: TwoHouses) -> None:
    alert = houses.warn()
    houses.both(minutes=20)
    with houses.township:
        # The county's calls are the county's to speak of, its villages its to name.
        assert own_scopes(houses.township) <= {"439901101"} | {"public"}
        assert situation.contact(viewer=NODE, now=the_clock.now())
    meet(houses.county, houses.township)
    lost = {tuple(numbers(node, alert)["lost"]) for node in (houses.county, houses.township)}
    assert len(lost) == 1
    assert world.SHITAN in next(iter(lost))
    the_clock.forward(hours=12)
    with houses.township:
        work()
        assert Alert.objects.get(id=alert.pk).state == "active", "its owner has not said so"
        assert alerts.alert_for_the_field(viewer=MAYOR) is None, "but its time is over"
        assert Callout.objects.get(pk=alert.callout_id).state == "open"
    with houses.county:
        work()
        assert Alert.objects.get(id=alert.pk).state == "expired"
    meet(houses.county, houses.township)
    with houses.township:
        assert Alert.objects.get(id=alert.pk).state == "expired"
