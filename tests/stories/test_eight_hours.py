"""Eight hours of one night, three warnings over one another: the soak, by the wound clock.

02:10 red rain over both townships, 02:40 a flood warning over one of them, 04:00 orange landslides
over the other; a carrier that is paused, a writer that starts again every hour, people who answer
late, move out, are met, and some who never answer. What every screen said meanwhile is read down,
and told again from facts in the morning: word for word the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import channel_register, jobs, services
from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.models import Alarm, Call, Callout, Dispatch, PendingParties
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import ledger
from fengsui.foundation.journal.models import StoredFact, Waiting
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.response.alerts import services as alerts
from fengsui.response.alerts.states import AlertState
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.services import record_household_status
from fengsui.review.replay import queries as replay
from fengsui.review.replay import rules
from tests.world import replayed
from tests.world.county import BAISHUI, QINGSHI, rain_warning
from tests.world.night import Night

NODE = node_viewer()
HOURS = 8
SILENT = ("shitan_a", "gaozhai_a", "baishui")


class Watch:
    """Somebody who reads every board down, and finds them again in the morning."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.alerts: list[int] = []
        self.read: list[tuple[int, datetime, dict[str, int]]] = []
        self.balances: list[tuple[int, datetime, dict[str, int]]] = []
        self.began_at = night.clock.now()

    def callouts(self) -> list[int]:
        known = [self.night.alert(one).callout_id for one in self.alerts]
        return [one for one in known if one is not None]

    def look(self) -> None:
        """Between two ticks of the clock, as a person does: never at the moment of a fact."""
        self.night.clock.forward(seconds=0.25)
        now = self.night.clock.now()
        for callout_id in self.callouts():
            shown = calls.board(callout_id, viewer=NODE)
            counts = {name: shown[name] for name in replayed.COUNTS}
            ends = sum(shown[name] for name in ("answered", "reached_in_person", "notified"))
            assert shown["called"] == ends + shown["unanswered"]
            before = [one for pk, _, one in self.read if pk == callout_id]
            assert not before or before[-1]["answered"] <= counts["answered"]
            self.read.append((callout_id, now, counts))
        for alert_id in self.alerts:
            evacuation_id = self.night.alert(alert_id).evacuation_id
            if evacuation_id is not None:
                row = evacuations.balance(evacuation_id, viewer=NODE)
                assert row["should"] == row["moved"] + row["away"] + row["not_yet"]
                sums = {name: row[name] for name in ("should", "moved", "away", "not_yet")}
                self.balances.append((evacuation_id, now, sums))
        self.night.clock.forward(seconds=0.25)  # what is done next is done after the look

    def go_on(self, minutes: int, *, every_s: int = 30, looks: int = 2) -> None:
        for _ in range(looks):
            self.night.forward(minutes=minutes / looks, every_s=every_s)
            jobs.hand_on(self.night.clock.now())
            jobs.audit(self.night.clock.now())
            self.look()

    def start_again(self) -> None:
        """As after a power cut: the tables and the same telephones, nothing else."""
        jobs.restart()
        book = ledger.current()
        ledger.use(ledger.Ledger.open(book.key, book.incarnation))


def flood(number: int, **changes: Any) -> str:
    return rain_warning(number, **changes).replace("11B03", "11A01").replace("暴雨", "洪水")


def moved(night: Night, who: str, household: str, status: str, **more: Any) -> None:
    record_household_status(
        viewer=night.county.viewer(who),
        household_id=night.county.ids[household],
        status=status,
        client_id=f"{household} {status} {night.clock.now().timestamp()}",
        **more,
    )


def first_hours(night: Night, watch: Watch) -> None:
    """Red rain, then a flood over one township while the first is still being called."""
    county = night.county
    watch.alerts.append(county.issue(rain_warning(0)))
    watch.go_on(20, every_s=15, looks=4)
    watch.start_again()
    services.pause_channel(
        viewer=county.viewer("officer"),
        callout_id=watch.callouts()[0],
        channel="voice",
        reason="示意：中继故障",
        is_paused=True,
    )
    moved(night, "shitan_grid", "h1", "told")
    watch.go_on(10)
    watch.alerts.append(county.issue(flood(31, codes=BAISHUI, area="白水乡")))
    services.pause_channel(
        viewer=county.viewer("officer"),
        callout_id=watch.callouts()[0],
        channel="voice",
        reason="示意：中继恢复",
        is_paused=False,
    )
    moved(night, "shitan_grid", "h1", "moved_central")
    watch.go_on(30, looks=3)
    night.everybody(Behaviour.ANSWERS, "gaozhai_a")  # woken by the neighbours
    moved(night, "shitan_a", "h3", "away", confirmed_by="示意邻居", confirmed_how="neighbour")
    watch.go_on(50, every_s=60, looks=5)
    watch.start_again()


def later_hours(night: Night, watch: Watch) -> None:
    """Landslides over the other township, the door; one warning runs out, two are lifted."""
    county = night.county
    landslide = rain_warning(2, severity="Orange", codes=QINGSHI, area="青石镇")
    landslide = landslide.replace("11B03", "11A06").replace("暴雨", "山洪")
    landslide = landslide.replace("2026-07-17 02:12", "2026-07-17 04:00").replace("05:10", "09:30")
    watch.alerts.append(county.issue(landslide))
    watch.go_on(40, looks=4)
    for callout_id in watch.callouts():
        call = Call.objects.filter(
            callout_id=callout_id, person_id=county.ids["shitan_a"], ended_as=""
        ).first()
        if call is not None:
            services.mark_reached_in_person(viewer=county.viewer("qingshi"), call_id=call.id)
    moved(night, "shitan_grid", "h2", "moved_relatives")
    watch.go_on(80, every_s=60, looks=4)
    watch.start_again()
    assert night.alert(watch.alerts[0]).state == AlertState.EXPIRED
    for alert_id in watch.alerts[1:]:
        if night.alert(alert_id).state == AlertState.ACTIVE:
            alerts.cancel_alert(
                viewer=county.viewer("leader"), alert_id=alert_id, reason="示意：降雨停止"
            )
    watch.go_on(70, every_s=60, looks=3)
    watch.start_again()


def test_eight_hours_with_three_warnings(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, *SILENT)
    watch = Watch(night)
    first_hours(night, watch)
    later_hours(night, watch)
    assert len(watch.callouts()) == 3
    facts = StoredFact.objects.count()
    rest = watch.began_at + timedelta(hours=HOURS) - night.clock.now()
    assert rest > timedelta(hours=1)
    watch.go_on(int(rest.total_seconds() // 60), every_s=120, looks=4)
    assert StoredFact.objects.count() == facts, "a night that is over writes nothing"

    assert not Callout.objects.filter(state="open").exists()
    assert not Call.objects.filter(ended_as="").exists()
    assert not Dispatch.objects.exists()
    assert not PendingParties.objects.exists()
    assert not Waiting.objects.exists()
    assert not Alarm.objects.exists(), "the auditor never had to raise its voice"
    for callout in Callout.objects.all():
        assert replayed.disagreements(callout.pk) == []
    for callout_id, at, counts in watch.read:
        assert replayed.frame(callout_id, at, viewer=NODE) == counts, f"{callout_id} at {at}"
    for evacuation_id, at, sums in watch.balances:
        assert replayed.moved(evacuation_id, at, viewer=NODE) == sums, f"{evacuation_id} at {at}"
    [shown] = replay.nights(viewer=NODE)
    assert len(shown["tracks"]) >= 3
    score = replay.score(rules.night_of(watch.began_at), viewer=NODE)
    assert {track["callout_id"] for track in score["tracks"]} >= {str(o) for o in watch.callouts()}
    channel_register.reset()
