"""What the record knows for a 值班快报, and the versions that were issued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.places.queries import names as place_names
from fengsui.response.alerts import queries as alerts
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.situation import queries as situation
from fengsui.response.situation.states import ContactState
from fengsui.review.papers.models import Bulletin
from fengsui.review.papers.rules import bulletins as rules
from fengsui.review.papers.states import COUNTED, TOLD
from fengsui.standards.divisions import full_code

_CUTS = (("road_cut", "道路中断"), ("power_cut", "停电"), ("network_cut", "通信中断"))


def office_of(alert: Alert, viewer: Viewer) -> str:
    """For which place this viewer reports: the alert's own, else the viewer's office in it.

    Raises access.not_allowed.
    """
    if viewer.may(Permission.DRAFT_ALERT, alert.place_code):
        return alert.place_code
    for scope in viewer.scopes(Permission.DRAFT_ALERT):
        if scope.prefix.startswith(alert.place_code[:6]):
            return full_code(scope.prefix)
    raise NOT_ALLOWED(permission=Permission.DRAFT_ALERT.value, place="")


def bulletins(alert_id: int, *, viewer: Viewer) -> list[Bulletin]:
    """Every version of every issue about an alert, newest first."""
    alerts.gate(alert_id, viewer=viewer)
    rows = Bulletin.objects.filter(visible(viewer, Permission.SEE_CALLS), alert_id=alert_id)
    return list(rows.order_by("-issue", "-version", "-id"))


def bulletin(bulletin_id: int, *, viewer: Viewer) -> Bulletin:
    """One version. Raises access.not_found."""
    found = Bulletin.objects.filter(visible(viewer, Permission.SEE_CALLS), pk=bulletin_id).first()
    if found is None:
        raise NOT_FOUND()
    return found


def last_of(alert_id: int, place_code: str) -> Bulletin | None:
    """The newest version of the newest issue of an office about an alert."""
    rows = Bulletin.objects.filter(alert_id=alert_id, place_code=place_code)
    return rows.order_by("-year", "-issue", "-version", "-id").first()


def standing_numbers(alert: Alert, *, viewer: Viewer) -> dict[str, int]:
    """Every number of the form as the record has it now, within the viewer's places."""
    numbers = dict.fromkeys(COUNTED, 0)
    if alert.callout_id:
        board = calls.board(alert.callout_id, viewer=viewer)
        numbers |= {
            "called": board["called"],
            "answered": board["answered"],
            "reached_in_person": board["reached_in_person"],
            "unanswered": board["unanswered"],
            "units_called": board["units"]["called"],
            "units_acted": board["units"]["answered"],
        }
    if alert.evacuation_id:
        balance = evacuations.balance(alert.evacuation_id, viewer=viewer)
        numbers |= {
            "should_move": balance["should"],
            "moved": balance["moved"],
            "away": balance["away"],
            "not_moved": balance["not_yet"],
        }
    since = _since(alert)
    numbers["sos_open"] = sum(one.at >= since for one in situation.open_sos(viewer=viewer))
    return numbers | rules.reported_once(_reports(alert, viewer))


def _since(alert: Alert) -> datetime:
    return alert.activated_at or alert.created_at


def _reports(alert: Alert, viewer: Viewer) -> list[tuple[str, str, dict[str, int]]]:
    return [
        (one.place_code, one.disaster, {name: getattr(one, name) for name in TOLD})
        for one in situation.reports(viewer=viewer)
        if one.at >= _since(alert)
    ]


def draft(alert_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """Sections and numbers of the next report, drawn from facts; nothing is recorded."""
    alert = alerts.gate(alert_id, viewer=viewer)
    place = office_of(alert, viewer)
    numbers = standing_numbers(alert, viewer=viewer)
    before = last_of(alert_id, place)
    changed = rules.changes(before.numbers if before else {}, numbers)
    return {
        "place_code": place,
        "office": alerts.office_name(place),
        "exercise": alert.exercise,
        "known_at": alert.created_at,
        "kind": "follow_up" if before else "first",
        "numbers": numbers,
        "before": dict(before.numbers) if before else {},
        "needs_note": [one.name for one in changed if one.needs_note],
        "sections": rules.draft(_known(alert, numbers, viewer)),
        "main_to": before.main_to if before else "",
        "copy_to": before.copy_to if before else "",
        "contact": before.contact if before else "",
    }


def _known(alert: Alert, numbers: dict[str, int], viewer: Viewer) -> rules.Known:
    found = calls.callout(alert.callout_id, viewer=viewer) if alert.callout_id else None
    units = calls.board(found.pk, viewer=viewer)["units"]["unanswered"] if found else []
    lost = [
        one.name
        for one in situation.contact(viewer=viewer, now=clock.now())
        if one.state is ContactState.LOST
    ]
    since = _since(alert)
    first = [one for one in situation.moved_first(viewer=viewer) if one.at >= since]
    cuts = [one for one in situation.reports(viewer=viewer) if one.at >= since]
    places = place_names({one.place_code for one in (*first, *cuts)}, viewer=viewer)
    return rules.Known(
        now=clock.now(),
        headline=alert.headline,
        issuer=alert.issuer,
        issued_at=alert.issued_at,
        received_at=alert.created_at,
        area=alert.area_description,
        opened_at=found.opened_at if found else None,
        numbers=numbers,
        silent_units=tuple(one["name"] or one["code"] for one in units),
        out_of_contact=tuple(lost),
        moved_first=tuple(dict.fromkeys(places.get(one.place_code, "") for one in first)),
        measures=_measures(alert, found is not None),
        roads=tuple(
            f"{places.get(one.place_code, '')}{word}"
            for one in cuts
            for name, word in _CUTS
            if getattr(one, name)
        ),
    )


def _measures(alert: Alert, is_called: bool) -> tuple[str, ...]:
    done = []
    if is_called:
        done.append("已按预警范围启动叫应")
    if alert.evacuation_id:
        done.append("已下达转移避险指令")
    if alert.instruction:
        done.append(f"已转发防御要求：{alert.instruction.rstrip('。')}")
    return tuple(done)
