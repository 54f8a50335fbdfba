"""One fact → rows. Facts only ever move a call forward, so their order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fengsui.engines.calls.apply.answers import (
    apply_answered,
    apply_answered_for,
    apply_answered_many,
    apply_first_action_recorded,
    apply_reached_in_person,
    apply_stood_in,
)
from fengsui.engines.calls.apply.ladder import (
    apply_attempts_planned,
    apply_knocks_needed,
    apply_named_unreached,
    apply_number_replaced,
    apply_outcomes_recorded,
    apply_rung_resolved,
    apply_rung_skipped,
)
from fengsui.engines.calls.apply.levels import (
    apply_level_handed_on,
    apply_rung_elsewhere,
    apply_unit_acknowledged,
    apply_units_called,
)
from fengsui.engines.calls.apply.opening import (
    apply_channel_paused,
    apply_finished,
    apply_opened,
    apply_parties_added,
    apply_promise_at_risk,
    apply_stopped,
)
from fengsui.engines.calls.apply.owning import apply_handed_back, apply_taken_over
from fengsui.engines.calls.apply.together import (
    apply_companions_heard,
    apply_companions_planned,
    apply_night_marked,
)
from fengsui.foundation.journal.facts import Fact

PROJECTION_VERSION = 6  # 6: texts in other languages; 5: who is rung together

APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "callout.opened": apply_opened,
    "callout.parties_added": apply_parties_added,
    "calls.attempts_planned": apply_attempts_planned,
    "calls.outcomes_recorded": apply_outcomes_recorded,
    "calls.knocks_needed": apply_knocks_needed,
    "calls.named_unreached": apply_named_unreached,
    "call.answered": apply_answered,
    "call.answered_for": apply_answered_for,
    "call.reached_in_person": apply_reached_in_person,
    "call.stood_in": apply_stood_in,
    "calls.rung_resolved": apply_rung_resolved,
    "call.number_replaced": apply_number_replaced,
    "calls.rung_skipped": apply_rung_skipped,
    "callout.channel_paused": apply_channel_paused,
    "callout.stopped": apply_stopped,
    "callout.finished": apply_finished,
    "unit.first_action_recorded": apply_first_action_recorded,
    "calls.promise_at_risk": apply_promise_at_risk,
    "callout.taken_over": apply_taken_over,
    "callout.handed_back": apply_handed_back,
    "calls.companions_planned": apply_companions_planned,
    "calls.companions_heard": apply_companions_heard,
    "calls.night_marked": apply_night_marked,
    "callout.level_handed_on": apply_level_handed_on,
    "calls.rung_elsewhere": apply_rung_elsewhere,
    "unit.acknowledged": apply_unit_acknowledged,
    "callout.units_called": apply_units_called,
}
APPLY_MANY: Mapping[str, Callable[[Sequence[Fact]], Sequence[int | None]]] = {
    "call.answered": apply_answered_many,
}
