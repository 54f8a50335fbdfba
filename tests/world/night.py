"""One night of the standing county: wind the clock, and what the writer would do is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from fengsui.engines.calls import channel_register, jobs, queries
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.viewer import node_viewer
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier
from fengsui.response.alerts import jobs as alert_jobs
from fengsui.response.alerts.models import Alert
from tests.world.county import County, build

STEP = timedelta(seconds=5)
WORK = (jobs.unpack, jobs.advance, jobs.dispatch, jobs.hear, jobs.dispatch, jobs.advance)
TURNS_MAX = 500


@dataclass
class Night:
    """The duty room's night. Everybody answers unless `everybody(…)` says otherwise."""

    clock: Any
    county: County = field(init=False)
    carrier: SimulatedCarrier = field(init=False)

    def __post_init__(self) -> None:
        self.county = build()
        channel_register.reset()
        self.carrier = SimulatedCarrier(
            kind="voice",
            seed=1,
            temperaments={},
            moods={Behaviour.ANSWERS: 1000},
        )
        channel_register.register_practice(self.carrier)
        jobs.restart()

    def close(self) -> None:
        jobs.restart()
        channel_register.reset()

    def everybody(self, behaviour: Behaviour, *people: str) -> None:
        """What these persons do whenever their phone rings."""
        for who in people:
            self.carrier.script[self.county.ids[who]] = [behaviour]

    def forward(
        self, *, minutes: float = 0, seconds: float = 0, every_s: float = STEP.total_seconds()
    ) -> None:
        """Winds the clock on, five seconds at a time, doing the writer's work at each stop."""
        step = timedelta(seconds=every_s)
        end = self.clock.now() + timedelta(minutes=minutes, seconds=seconds)
        self._work()
        while self.clock.now() < end:
            self.clock.forward(seconds=min(step, end - self.clock.now()).total_seconds())
            self._work()

    def _work(self) -> None:
        now: datetime = self.clock.now()
        for job in WORK:
            for _ in range(TURNS_MAX):
                if not job(now):
                    break
        alert_jobs.expire(now)

    # --- what the story asks --------------------------------------------------------------

    def alert(self, alert_id: int) -> Alert:
        return Alert.objects.get(id=alert_id)

    def call(self, alert_id: int, who: str) -> Call:
        callout_id = self.alert(alert_id).callout_id
        return Call.objects.get(callout_id=callout_id, person_id=self.county.ids[who])

    def board(self, alert_id: int) -> dict[str, Any]:
        callout_id = self.alert(alert_id).callout_id
        assert callout_id is not None
        return queries.board(callout_id, viewer=node_viewer())

    def attempts(self, alert_id: int) -> int:
        """How often any phone rang for this alert's callout."""
        from fengsui.engines.calls.models import Attempt

        return Attempt.objects.filter(callout_id=self.alert(alert_id).callout_id).count()

    def heard(self, alert_id: int) -> int:
        """Calls that were answered, or whose deputy answered first: at night both ring together,
        and whose phone was quicker is no business of a story."""
        calls = Call.objects.filter(callout_id=self.alert(alert_id).callout_id)
        return calls.filter(Q(ended_as="answered") | Q(is_covered=True)).count()

    def alerts_open(self) -> list[int]:
        return list(Alert.objects.filter(state="active").values_list("id", flat=True))
