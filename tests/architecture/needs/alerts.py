"""Warnings, authorisations, the public page."""

from __future__ import annotations

from tests.architecture.needs import PUBLIC, Needs, P

NEEDS: Needs = {
    "GET /public/alerts": PUBLIC,
    "GET /public/feed.atom": PUBLIC,
    "GET /public/cap/{alert_id}.xml": PUBLIC,
    "GET /alerts": {P.SEE_ALERTS},
    "GET /alerts/{alert_id}": {P.SEE_ALERTS},
    "PATCH /alerts/{alert_id}": {P.DRAFT_ALERT, P.APPROVE_ALERT},
    "POST /alerts/import": {P.DRAFT_ALERT},
    "POST /alerts/paste": {P.DRAFT_ALERT},
    "POST /alerts/draft": {P.DRAFT_ALERT},
    "GET /alerts/{alert_id}/concerned": {P.DRAFT_ALERT},
    "POST /alerts/{alert_id}/submit": {P.DRAFT_ALERT},
    "POST /alerts/{alert_id}/approve": {P.APPROVE_ALERT},
    "POST /alerts/{alert_id}/return": {P.APPROVE_ALERT},
    "POST /alerts/{alert_id}/cancel": {P.APPROVE_ALERT},
    "POST /alerts/{alert_id}/review": {P.APPROVE_ALERT},
    "POST /alerts/self-rescue": {P.SELF_RESCUE_CALL},
    "POST /alerts/{alert_id}/carry-on": {P.DRAFT_ALERT},
    "GET /alerts/{alert_id}/timeline": {P.SEE_ALERTS},
    "GET /alerts/{alert_id}/evacuation": {P.SEE_HOUSEHOLDS, P.SEE_ALERTS},
    "GET /authorisations": {P.SEE_ALERTS, P.APPROVE_ALERT},
    "POST /authorisations": {P.APPROVE_ALERT},
    "POST /authorisations/{authorisation_id}/stop": {P.APPROVE_ALERT},
}

KNOWN = {"authorisation_id": "1"}
WORDS = {"kind": "monitoring_alarm"}
ANSWERS_PER_ITEM = {"POST /alerts/import"}
