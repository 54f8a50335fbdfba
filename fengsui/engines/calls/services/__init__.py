"""The verbs of the call engine. Every one is a command: check, decide, record, apply."""

from fengsui.engines.calls.services.answering import (
    answer_for,
    mark_reached_in_person,
    record_answer,
    record_first_action,
)
from fengsui.engines.calls.services.answers_together import record_answers
from fengsui.engines.calls.services.auditing import audit_promise
from fengsui.engines.calls.services.companions import claim_companions, record_rung_together
from fengsui.engines.calls.services.dispatching import (
    claim_dispatches,
    forget_claims_of_the_dead,
    record_outcomes,
)
from fengsui.engines.calls.services.elsewhere import record_rung_elsewhere
from fengsui.engines.calls.services.engine import advance_calls, finish_callouts
from fengsui.engines.calls.services.levels import call_all_levels, hand_on, hand_on_levels
from fengsui.engines.calls.services.numbers import (
    Heard,
    set_number_listener,
    tell_of_numbers,
)
from fengsui.engines.calls.services.opening import (
    add_parties,
    notify_cancelled,
    open_callout,
)
from fengsui.engines.calls.services.owning import (
    Contact,
    hand_back,
    set_contact_resolver,
    take_over,
    this_driver,
)
from fengsui.engines.calls.services.parties import unpack_parties
from fengsui.engines.calls.services.policies import (
    default_plain,
    read_policy,
    set_policy_source,
)
from fengsui.engines.calls.services.receipts import record_receipts
from fengsui.engines.calls.services.rehearsing import script_people
from fengsui.engines.calls.services.silencing import silence_what_is_over
from fengsui.engines.calls.services.stand_ins import StandIn, StandInRequest, set_resolver
from fengsui.engines.calls.services.standing_in import relay_units, ring_stand_ins
from fengsui.engines.calls.services.steering import (
    pause_channel,
    replace_number,
    reveal_number,
    skip_rung,
    stop_callout,
)

__all__ = [
    "Contact",
    "Heard",
    "StandIn",
    "StandInRequest",
    "add_parties",
    "advance_calls",
    "answer_for",
    "audit_promise",
    "call_all_levels",
    "claim_companions",
    "claim_dispatches",
    "default_plain",
    "finish_callouts",
    "forget_claims_of_the_dead",
    "hand_back",
    "hand_on",
    "hand_on_levels",
    "mark_reached_in_person",
    "notify_cancelled",
    "open_callout",
    "pause_channel",
    "read_policy",
    "record_answer",
    "record_answers",
    "record_first_action",
    "record_outcomes",
    "record_receipts",
    "record_rung_elsewhere",
    "record_rung_together",
    "relay_units",
    "replace_number",
    "reveal_number",
    "ring_stand_ins",
    "script_people",
    "set_contact_resolver",
    "set_number_listener",
    "set_policy_source",
    "set_resolver",
    "silence_what_is_over",
    "skip_rung",
    "stop_callout",
    "take_over",
    "tell_of_numbers",
    "this_driver",
    "unpack_parties",
]
