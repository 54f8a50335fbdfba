"""Calling out and answering."""

from __future__ import annotations

from tests.architecture.needs import PUBLIC, SIGNED_IN, Needs, P

NEEDS: Needs = {
    "POST /callbacks/{kind}": PUBLIC,  # a carrier's; its secret is tested with the channels
    "GET /callouts/{callout_id}/board": {P.SEE_CALLS},
    "GET /callouts/{callout_id}/unanswered": {P.SEE_CALLS},
    "GET /callouts/{callout_id}/next-to-ring": {P.SEE_CALLS},
    "GET /callouts/{callout_id}/earlier": {P.SEE_CALLS},
    "POST /callouts/{callout_id}/stop": {P.STEER_CALLOUT},
    "POST /callouts/{callout_id}/skip-rung": {P.STEER_CALLOUT},
    "POST /callouts/{callout_id}/pause-channel": {P.STEER_CALLOUT},
    "POST /callouts/{callout_id}/first-action": {P.MARK_REACHED, P.ANSWER_FOR_OTHERS},
    "POST /callouts/{callout_id}/take-over": {P.TAKE_OVER},
    "POST /takeovers/{takeover_id}/hand-back": {P.TAKE_OVER},
    "GET /callouts/{callout_id}/levels": {P.SEE_CALLS},
    "GET /callouts/{callout_id}/level-people": {P.SEE_CALLS},
    "POST /callouts/{callout_id}/hand-on": {P.ANSWER_FOR_OTHERS},
    "POST /callouts/{callout_id}/call-all-levels": {P.APPROVE_ALERT, P.STEER_CALLOUT},
    "POST /calls/rung-elsewhere": {P.ANSWER_FOR_OTHERS},
    "GET /calls/mine": SIGNED_IN,
    "POST /calls/{call_id}/answer": SIGNED_IN,  # one's own call; a foreign one is not found
    "POST /calls/{call_id}/reveal": {P.REVEAL_PERSONAL},
    "POST /calls/{call_id}/number": {P.MARK_REACHED},
    "POST /calls/{call_id}/reached-in-person": {P.MARK_REACHED},
    "POST /calls/{call_id}/answer-for": {P.ANSWER_FOR_OTHERS},
}

KNOWN = {"takeover_id": "1", "kind": "voice"}
WORDS = {"answer_kind": "on_it", "channel": "voice"}
