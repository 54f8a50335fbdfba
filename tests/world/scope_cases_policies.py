"""The reads of calling rules, of phones rung together, of numbers called, of nights marked."""

from __future__ import annotations

_STORY = "tests/stories/test_policies.py looks at it from the township next door"
_BESIDE = "engines/calls/tests/test_beside.py looks at it from the township next door"
_PROGRAM = "for the program alone; anybody else gets nothing"
WITHOUT_CASE_POLICIES = {
    "policies.policies": "a county's rules are no secret from its places: test_permissions",
    "policies.lines_of_this_node": "a county's rules are no secret from its places",
    "policies.templates": "a county's words are no secret from its places",
    "policies.routes": _STORY,
    "policies.dry_run": f"refused without draft_alert over every code; {_STORY}",
    "risks.called": "numbers of what its caller found; risks/tests/test_concerned.py as a township",
    "people.households_without_number": f"a number of households in sight; {_STORY}",
    "calls.dry_run": "is given its people by whoever asks, and reads none",
    "calls.night_marked": _BESIDE,
    "calls.not_counted_at_night": _BESIDE,
    "calls.rung_beside": _BESIDE,
    "calls.owed_companions": _PROGRAM,
    "calls.companions_on_their_way": _PROGRAM,
    "calls.stops_owed": _PROGRAM,
}
