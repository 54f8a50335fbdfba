"""Callouts as the engine needs them every cycle: what cannot change is read once."""

from __future__ import annotations

import json
from collections.abc import Iterable

from fengsui.engines.calls import rules
from fengsui.engines.calls.models import Callout
from fengsui.engines.calls.queries.by_key import select_among

CALLOUTS_KEPT = 64
_callouts: dict[int, Callout] = {}
_policies: dict[int, rules.Policy] = {}


def open_callouts(ids: Iterable[int]) -> dict[int, Callout]:
    """Those callouts, with the channels that are paused now. Their state, times and counts are
    as they were when they were first asked for: nobody may read those here."""
    found: dict[int, Callout] = {}
    columns = "id, paused_channels"
    for pk, paused in select_among(columns, "calls_callout", sorted(ids)):
        if pk not in _callouts:
            if len(_callouts) >= CALLOUTS_KEPT:
                _callouts.clear()
            _callouts[pk] = Callout.objects.get(pk=pk)
        found[pk] = _callouts[pk]
        found[pk].paused_channels = json.loads(paused)
    return found


def frozen_policy(callout: Callout) -> rules.Policy:
    """The callout's own policy."""
    policy = _policies.get(callout.id)
    if policy is None:
        if len(_policies) >= CALLOUTS_KEPT:
            _policies.clear()
        policy = _policies[callout.id] = rules.policy_from_plain(callout.policy)
    return policy
