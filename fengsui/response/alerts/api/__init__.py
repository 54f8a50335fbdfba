"""The alert desk over HTTP: import, paste, look whom it concerns, submit, approve, lift."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, UploadedFile

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import NOBODY, Permission, Viewer, node_viewer
from fengsui.foundation.accounts.queries import holders_of
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.queries import facts_about, verification
from fengsui.foundation.people.queries import duty_phones, person_names
from fengsui.foundation.places.queries import names, node_place
from fengsui.gateways.protocols.cap import write_cap, write_feed
from fengsui.response.alerts import queries, rules, services
from fengsui.response.alerts.api.schemas import (
    AlertDetail,
    AlertList,
    AlertReasonIn,
    AuthorisationIn,
    AuthorisationList,
    ConcernedOut,
    DraftIn,
    EditIn,
    ImportOut,
    PasteIn,
    PublicOut,
    SelfRescueIn,
    TimelineOut,
)
from fengsui.response.alerts.errors import NOTHING_READABLE
from fengsui.response.alerts.facts import AUTHORISATION_STOPPED
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.states import EDITABLE_STATES, AlertState, may_move
from fengsui.standards.instants import to_iso

router = Router(tags=["alerts"])

IMPORT_BYTES_MAX = 2 * 1024 * 1024
TIMELINE_MAX = 500


def summary(alert: Alert) -> dict[str, Any]:
    due = None
    if alert.self_rescue and alert.self_rescue_reviewed_at is None:
        due = to_iso(alert.created_at + rules.SELF_RESCUE_REVIEW)
    return {
        "id": str(alert.pk),
        "kind": alert.kind,
        "category": alert.category,
        "category_name": alert.category_name,
        "level": alert.level,
        "headline": alert.headline,
        "short_text": alert.short_text,
        "issuer": alert.issuer,
        "issued_at": to_iso(alert.issued_at),
        "starts_at": to_iso(alert.starts_at),
        "expires_at": to_iso(alert.expires_at) if alert.expires_at else None,
        "area_description": alert.area_description,
        "exercise": alert.exercise,
        "self_rescue": alert.self_rescue,
        "self_rescue_review_due_at": due,
        "state": alert.state,
        "callout_id": str(alert.callout_id) if alert.callout_id else None,
        "evacuation_id": str(alert.evacuation_id) if alert.evacuation_id else None,
    }


def allowed_to(viewer: Viewer, alert: Alert) -> list[str]:
    """Which buttons this person has: the services decide again."""
    drafts = viewer.may(Permission.DRAFT_ALERT, alert.place_code)
    approves = viewer.may(Permission.APPROVE_ALERT, alert.place_code)
    own = viewer.person_id in {alert.author_id, *queries.editors_of(alert.pk)}
    verbs = {
        "edit": drafts and alert.state in EDITABLE_STATES,
        "submit": drafts and may_move(alert.state, AlertState.PENDING),
        "approve": approves and not own and may_move(alert.state, AlertState.APPROVED),
        "return": approves and may_move(alert.state, AlertState.RETURNED),
        "cancel": may_move(alert.state, AlertState.CANCELLED)
        and (approves or (drafts and alert.state in EDITABLE_STATES)),
    }
    return [verb for verb, may in verbs.items() if may]


def detail(alert: Alert, viewer: Viewer) -> dict[str, Any]:
    area = queries.area_of(alert)
    people = person_names(
        [one for one in (alert.author_id, alert.approver_id) if one], viewer=viewer
    )
    polygons = area["polygons"]
    geojson = {"type": "MultiPolygon", "coordinates": [[ring] for ring in polygons]}
    area_names = names(area["codes"], viewer=viewer)
    return {
        **summary(alert),
        "verbatim_text": alert.verbatim_text,
        "caution": alert.caution,
        "instruction": alert.instruction,
        "instruction_is_default": alert.instruction_is_default,
        "include_other_households": alert.include_other_households,
        "area": {
            **area,
            "names": [area_names.get(code, code) for code in area["codes"]],
            "geojson": geojson if polygons else None,
        },
        "identifier": alert.identifier,
        "msg_type": alert.msg_type,
        "references": alert.references,
        "source_format": alert.source_format,
        "signature": alert.signature,
        "author": people.get(alert.author_id, "系统导入"),
        "approver": people.get(alert.approver_id or 0) if alert.approver_id else None,
        "under_authorisation": alert.authorisation_id is not None,
        "history": [
            {**step, "at": to_iso(step["at"])} for step in queries.history(alert.pk, viewer=viewer)
        ],
        "allowed": allowed_to(viewer, alert),
        "may_approve": [
            one["name"]
            for one in holders_of("duty_leader", alert.place_code, viewer=viewer)
            if int(one["person_id"]) != alert.author_id
        ],
        "missing": queries.missing_statutory(alert),
        "sequel": alert.sequel,
    }


@router.get("/alerts", response=AlertList)
def list_alerts(request: HttpRequest, state: str = "open") -> dict[str, Any]:
    rows = queries.alerts(viewer=signed_in(request), only_open=state != "all")
    return {"items": [summary(row) for row in rows]}


@router.get("/alerts/{int:alert_id}", response=AlertDetail)
def read_alert(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    viewer = signed_in(request)
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.post("/alerts/import", response=ImportOut)
def import_warning(
    request: HttpRequest,
    file: UploadedFile | None = File(None),  # type: ignore[type-arg]  # noqa: B008 - ninja reads it so
    text: str = Form(""),  # type: ignore[type-arg]
) -> dict[str, Any]:
    """A warning as a file or as text; every verdict names what is wrong and where."""
    viewer = signed_in(request)
    data = file.read(IMPORT_BYTES_MAX + 1) if file else text.encode()
    name = (file.name or "upload") if file else "pasted.txt"
    result = services.import_warning(viewer=viewer, source_name=name, data=data)
    shared = {"verdict": result["verdict"], "format": result["format"]}
    items = [
        {**item, **shared, "alert_id": str(item["alert_id"]) if item["alert_id"] else None}
        for item in result["items"]
    ]
    return {**shared, "errors": result["errors"], "items": items}


@router.post("/alerts/paste", response=AlertDetail)
def paste_bulletin(request: HttpRequest, body: PasteIn) -> dict[str, Any]:
    viewer = signed_in(request)
    if not body.text.strip():
        raise NOTHING_READABLE(detail="没有文字")
    made = services.paste_bulletin(
        viewer=viewer, text=body.text, place_code=body.place_code or queries.owner_place()
    )
    return detail(queries.gate(made["alert_id"], viewer=viewer), viewer)


@router.post("/alerts/draft", response=AlertDetail)
def draft_alert(request: HttpRequest, body: DraftIn) -> dict[str, Any]:
    """The county's own 监测告警, or a 转移避险指令: never dressed as an official warning."""
    viewer = signed_in(request)
    made = services.draft_alert(viewer=viewer, **body.dict())
    return detail(queries.gate(made["alert_id"], viewer=viewer), viewer)


@router.patch("/alerts/{int:alert_id}", response=AlertDetail)
def edit_alert(request: HttpRequest, alert_id: int, body: EditIn) -> dict[str, Any]:
    viewer = signed_in(request)
    services.edit_alert(viewer=viewer, alert_id=alert_id, **body.dict())
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.get("/alerts/{int:alert_id}/concerned", response=ConcernedOut)
def read_concerned(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """Whom it would reach, by township and by need, before anything is sent."""
    viewer = signed_in(request)
    alert = queries.gate(alert_id, viewer=viewer)
    require(viewer, Permission.DRAFT_ALERT, alert.place_code)
    return queries.preview(alert, viewer)


@router.post("/alerts/{int:alert_id}/submit", response=AlertDetail)
def submit_alert(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    viewer = signed_in(request)
    services.submit_alert(viewer=viewer, alert_id=alert_id)
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.post("/alerts/{int:alert_id}/approve", response=AlertDetail)
def approve_alert(request: HttpRequest, alert_id: int, body: AlertReasonIn) -> dict[str, Any]:
    viewer = signed_in(request)
    services.approve_alert(viewer=viewer, alert_id=alert_id, reason=body.reason)
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.post("/alerts/{int:alert_id}/return", response=AlertDetail)
def return_alert(request: HttpRequest, alert_id: int, body: AlertReasonIn) -> dict[str, Any]:
    viewer = signed_in(request)
    services.return_alert(viewer=viewer, alert_id=alert_id, reason=body.reason)
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.post("/alerts/{int:alert_id}/cancel", response=AlertDetail)
def cancel_alert(request: HttpRequest, alert_id: int, body: AlertReasonIn) -> dict[str, Any]:
    viewer = signed_in(request)
    services.cancel_alert(viewer=viewer, alert_id=alert_id, reason=body.reason)
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.post("/alerts/{int:alert_id}/review", response=AlertDetail)
def review_self_rescue(request: HttpRequest, alert_id: int, body: AlertReasonIn) -> dict[str, Any]:
    viewer = signed_in(request)
    services.review_self_rescue(viewer=viewer, alert_id=alert_id, verdict=body.reason)
    return detail(queries.gate(alert_id, viewer=viewer), viewer)


@router.post("/alerts/self-rescue", response=AlertDetail)
def self_rescue(request: HttpRequest, body: SelfRescueIn) -> dict[str, Any]:
    viewer = signed_in(request)
    made = services.self_rescue_call(viewer=viewer, place_code=body.place_code, text=body.text)
    return detail(queries.gate(made["alert_id"], viewer=viewer), viewer)


@router.post("/alerts/{int:alert_id}/carry-on", response=AlertDetail)
def carry_on(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """接续: this node takes a warning whose issuer is cut off as its own, for its own places."""
    viewer = signed_in(request)
    made = services.carry_on(viewer=viewer, alert_id=alert_id)
    return detail(queries.gate(made["alert_id"], viewer=viewer), viewer)


@router.get("/alerts/{int:alert_id}/timeline", response=TimelineOut)
def read_timeline(request: HttpRequest, alert_id: int, after: int = 0) -> dict[str, Any]:
    """Every fact that speaks of this alert, in a sentence, with the state of the record."""
    viewer = signed_in(request)
    alert = queries.gate(alert_id, viewer=viewer)
    about = [one for one in (alert.pk, alert.callout_id, alert.evacuation_id) if one]
    rows = facts_about(viewer, entity=about, after=after, limit=TIMELINE_MAX, without=calls.ROUTINE)
    actors = person_names([row["fact"].actor for row in rows], viewer=viewer)
    places = names([row["fact"].scope for row in rows], viewer=viewer)
    state = verification(viewer)
    checked = state["checked_at"]
    return {
        "items": [
            {
                "fact_id": row["fact"].id.hex(),
                "at": to_iso(row["fact"].at),
                "kind": row["fact"].kind,
                "sentence_zh": row["zh"],
                "sentence_en": row["en"],
                "actor_name": actors.get(row["fact"].actor, "系统"),
                "place_name": places.get(row["fact"].scope, ""),
                "verified": state["state"] == "verified" and row["arrival"] <= state["facts"],
                "arrival": row["arrival"],
            }
            for row in rows
        ],
        "verified": {
            "state": state["state"],
            "facts": state["facts"],
            "checked_at": to_iso(checked) if checked else None,
        },
    }


# --- standing authorisation ----------------------------------------------------------------


@router.get("/authorisations", response=AuthorisationList)
def list_authorisations(request: HttpRequest) -> dict[str, Any]:
    """Signatures given beforehand, newest first, with who stopped which and why."""
    rows = queries.authorisations(viewer=signed_in(request))
    stoppers = _who_stopped([row.pk for row in rows if row.stopped_at])
    people = person_names(
        [*(row.signed_by for row in rows), *stoppers.values()], viewer=node_viewer()
    )
    places = names([row.place_code for row in rows], viewer=node_viewer())
    now = clock.now()
    return {
        "items": [
            {
                "id": str(row.pk),
                "levels": row.levels,
                "place_name": places.get(row.place_code, ""),
                "valid_from": to_iso(row.valid_from),
                "valid_until": to_iso(row.valid_until),
                "signed_by": people.get(row.signed_by, ""),
                "note": row.note,
                "stopped_at": to_iso(row.stopped_at) if row.stopped_at else None,
                "stopped_by": people.get(stoppers.get(row.pk, 0), ""),
                "stop_reason": row.stop_reason,
                "in_force": row.stopped_at is None and row.valid_from <= now < row.valid_until,
            }
            for row in rows
        ]
    }


def _who_stopped(authorisation_ids: list[int]) -> dict[int, int]:
    """Authorisation id to the person who stopped it first, as the record has it."""
    if not authorisation_ids:
        return {}
    found: dict[int, int] = {}
    for row in facts_about(node_viewer(), entity=authorisation_ids, limit=TIMELINE_MAX):
        fact = row["fact"]
        if fact.kind == AUTHORISATION_STOPPED.name:
            found.setdefault(int(fact.fields["authorisation_id"]), fact.actor)
    return found


@router.post("/authorisations", response=AuthorisationList)
def sign_authorisation(request: HttpRequest, body: AuthorisationIn) -> dict[str, Any]:
    """A leader signs beforehand: verified official orange or red warnings run at once."""
    services.sign_authorisation(
        viewer=signed_in(request), place_code=queries.owner_place(), **body.dict()
    )
    return list_authorisations(request)


@router.post("/authorisations/{int:authorisation_id}/stop", response=AuthorisationList)
def stop_authorisation(
    request: HttpRequest, authorisation_id: int, body: AlertReasonIn
) -> dict[str, Any]:
    services.stop_authorisation(
        viewer=signed_in(request), authorisation_id=authorisation_id, reason=body.reason
    )
    return list_authorisations(request)


# --- for anybody ---------------------------------------------------------------------------


@router.get("/public/alerts", response=PublicOut, tags=["public"])
def public_alerts(request: HttpRequest) -> dict[str, Any]:
    """What is in force here, for whom, what to do, whom to ring. No sign-in."""
    county = node_place()
    phones = duty_phones(county.code, viewer=NOBODY) if county else []
    return {
        "items": [
            {**{key: getattr(row, key) for key in _PUBLIC_TEXT}, **summary(row)}
            for row in queries.public_alerts()
        ],
        "phone": {"duty_room": phones[0]["phone"] if phones else ""},
        "place_name": county.name if county else "",
        "now": to_iso(clock.now()),
    }


@router.get("/public/feed.atom", tags=["public"])
def public_feed(request: HttpRequest) -> HttpResponse:
    """An Atom list of what is in force, each entry with its CAP 1.2 inside."""
    base = request.build_absolute_uri("/api/v1/public")
    rows = queries.public_alerts()
    county = node_place()
    feed = write_feed(
        identifier=f"{base}/feed.atom",
        title=f"{county.name if county else '烽燧'}在发预警",
        author=queries.office_name(county.code) if county else "烽燧",
        link=f"{base}/feed.atom",
        updated_at=max((row.activated_at or row.created_at for row in rows), default=clock.now()),
        warnings=[(queries.as_warning(row), f"{base}/cap/{row.pk}.xml") for row in rows],
    )
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


@router.get("/public/cap/{int:alert_id}.xml", tags=["public"])
def public_cap(request: HttpRequest, alert_id: int) -> HttpResponse:
    """One alert as CAP 1.2."""
    document = write_cap(queries.as_warning(queries.public_alert(alert_id)))
    return HttpResponse(document, content_type="application/cap+xml; charset=utf-8")


_PUBLIC_TEXT = ("caution", "instruction", "instruction_is_default", "verbatim_text")
