"""The alert desk's verbs. Every decision is a fact; whoever approves is another than the author."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shapely.geometry import Polygon

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.accounts.queries import holders_of
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.gateways.protocols import check
from fengsui.gateways.shapes import outlines
from fengsui.gateways.warnings import CheckResult, Verdict, Warning
from fengsui.response.alerts import facts, queries, rules
from fengsui.response.alerts.errors import (
    ALREADY_RECEIVED,
    AUTHOR_MAY_NOT_APPROVE,
    BAD_AREA,
    BAD_AUTHORISATION,
    MISSING_STATUTORY,
    NOTHING_READABLE,
    REASON_NEEDED,
    SHORT_TEXT_TOO_LONG,
    VERBATIM_ONLY,
    WRONG_STATE,
)
from fengsui.response.alerts.models import Alert, Authorisation
from fengsui.response.alerts.states import EDITABLE_STATES, AlertKind, AlertState, may_move
from fengsui.response.evacuations import services as evacuations
from fengsui.standards.divisions import is_division_code, scope_prefix
from fengsui.standards.instants import to_ms

DEGREE_E7 = 10_000_000
POLYGON_VERTICES_MAX = 5000
AREA_CODES_MAX = 2000
TEXT_MAX = 20_000
STATE_WORD = {
    "draft": "草稿",
    "pending": "待审批",
    "returned": "已退回",
    "approved": "已批准",
    "active": "生效中",
    "updated": "已被接替",
    "cancelled": "已解除",
    "expired": "已到期",
}


# --- receiving -----------------------------------------------------------------------------


@command
def import_warning(
    *,
    viewer: Viewer,
    source_name: str,
    data: bytes,
    trust_anchors: list[bytes] | None = None,
    state: str = AlertState.PENDING.value,
) -> dict[str, Any]:
    """Put the warnings of one document into the inbox.

    Returns {"verdict", "format", "errors", "items": [{"alert_id" | None, "identifier",
    "errors"}]}. A rejected document stores nothing. What the node has already is named, not
    stored twice. A verified official orange or red warning under a standing authorisation runs
    at once.
    """
    owner = queries.owner_place()
    require(viewer, Permission.DRAFT_ALERT, owner)
    anchors = queries.trust_anchors() if trust_anchors is None else trust_anchors
    result = check(data, name=source_name, trust_anchors=anchors, received_at=clock.now())
    if result.verdict is Verdict.REJECTED:
        return {**_verdict(result), "items": []}
    items = [
        _receive(viewer, owner, warning, state)
        for warning in result.alerts
        if warning.status in ("Actual", "Exercise", "Test")
        and warning.msg_type in ("Alert", "Update", "Cancel")  # Ack and Error are not for people
    ]
    return {**_verdict(result), "items": items}


def _verdict(result: CheckResult) -> dict[str, Any]:
    return {
        "verdict": result.verdict.value,
        "format": result.format,
        "errors": [finding.to_plain() for finding in result.errors],
    }


@command
def paste_bulletin(*, viewer: Viewer, text: str, place_code: str) -> dict[str, Any]:
    """Bulletins copied from a message or a web page become drafts. Returns {"alert_id"}.

    A text with several warnings makes several drafts; the id is that of the first new one.
    """
    require(viewer, Permission.DRAFT_ALERT, place_code)
    result = check(text[:TEXT_MAX].encode(), name="bulletin.txt", received_at=clock.now())
    if not result.alerts:
        detail = "；".join(finding.zh for finding in result.errors) or "格式不认识"
        raise NOTHING_READABLE(detail=detail)
    owner = queries.owner_place()
    items = [
        _receive(
            viewer,
            owner,
            warning,
            AlertState.DRAFT.value,
            extra_codes=queries.codes_named_in(warning.description, within=place_code),
        )
        for warning in result.alerts
    ]
    fresh = [item["alert_id"] for item in items if item["alert_id"] is not None]
    if not fresh:
        raise ALREADY_RECEIVED(identifier=items[0]["identifier"])
    return {"alert_id": fresh[0]}


def _receive(
    viewer: Viewer, owner: str, warning: Warning, state: str, *, extra_codes: Iterable[str] = ()
) -> dict[str, Any]:
    known = Alert.objects.filter(
        identifier=warning.identifier, place_code=owner, exercise=warning.is_exercise
    )
    if warning.identifier and known.exists():
        problem = ALREADY_RECEIVED(identifier=warning.identifier)
        return {
            "alert_id": None,
            "identifier": warning.identifier,
            "errors": [problem.to_plain()],
        }
    codes = rules.area_within(warning.geocodes, scope_prefix(owner)) or list(extra_codes)
    starts_at = warning.starts_at or warning.sent_at
    fact = _record_received(
        viewer,
        owner,
        state=state,
        kind=AlertKind.OFFICIAL_WARNING.value,
        category=warning.event_code or "99999",
        category_name=warning.event_name or "其他",
        level=warning.level,
        starts_at=starts_at,
        expires_at=warning.expires_at,
        area_description=warning.area_description or "，".join(codes) or "未写明",
        area_codes=codes,
        polygons_e7=[_ring_e7(ring) for ring in outlines(warning)],
        caution=warning.caution or warning.headline,
        instruction=warning.instruction,
        issuer=warning.issuer or warning.sender,
        issued_at=warning.sent_at,
        headline=warning.headline,
        verbatim_text=warning.description or warning.caution,
        identifier=warning.identifier,
        msg_type=warning.msg_type,
        references=list(warning.references),
        exercise=warning.is_exercise,
        source_format=warning.source_format,
        source_digest=warning.digest,
        signature=warning.signature.to_plain(),
    )
    _run_under_authorisation(viewer, fact)
    return {"alert_id": fact.entity(), "identifier": warning.identifier, "errors": []}


def _ring_e7(ring: Iterable[Iterable[float]]) -> list[list[int]]:
    return [[round(value * DEGREE_E7) for value in point] for point in ring]


def _record_received(viewer: Viewer, owner: str, **body: Any) -> Fact:
    """The one place where an alert comes to be, whatever it came from."""
    level, kind = str(body["level"]), str(body["kind"])
    is_default = not body["instruction"]
    if is_default:
        body["instruction"] = rules.default_measures(level)
    body.setdefault("short_text", "")
    if not body["short_text"]:
        body["short_text"] = rules.short_text(
            kind=kind,
            category_name=str(body["category_name"]),
            level=level,
            description=str(body["verbatim_text"]),
        )
    for name in ("starts_at", "expires_at", "issued_at"):
        body[name] = to_ms(body[name]) if body[name] is not None else None
    body.setdefault("self_rescue", False)
    fact = record(
        facts.RECEIVED,
        fields={**body, "instruction_is_default": is_default},
        scope=owner,
        viewer=viewer,
    )
    _tell(fact.entity())
    return fact


@command
def draft_alert(
    *,
    viewer: Viewer,
    kind: str,
    category: str,
    category_name: str,
    level: str,
    text: str,
    area_codes: list[str],
    instruction: str = "",
    exercise: bool = False,
    hours: int = 24,
) -> dict[str, int]:
    """The county's own 监测告警 or a 转移避险指令, with the drafter's office as its issuer."""
    if kind not in (AlertKind.MONITORING_ALARM, AlertKind.EVACUATION_INSTRUCTION):
        raise VERBATIM_ONLY()
    owner = queries.owner_place()
    for code in area_codes or [owner]:
        require(viewer, Permission.DRAFT_ALERT, code)
    _check_codes(area_codes)
    now = clock.now()
    fact = _record_received(
        viewer,
        owner,
        state=AlertState.DRAFT.value,
        kind=kind,
        category=category,
        category_name=category_name,
        # An own alarm is never graded with the colours of official warnings.
        level="none" if kind == AlertKind.MONITORING_ALARM else level,
        starts_at=now,
        expires_at=now + timedelta(hours=hours),
        area_description="、".join(queries.names_of(area_codes)) or "全县",
        area_codes=area_codes or [owner],
        polygons_e7=[],
        caution=text,
        instruction=instruction,
        issuer=queries.office_name(owner),
        issued_at=now,
        headline=text.split("。")[0][:120],
        verbatim_text=text,
        identifier="",
        msg_type="Alert",
        references=[],
        exercise=exercise,
        source_format="own",
        source_digest="",
        signature={"present": False, "valid": False, "signer": ""},
    )
    return {"alert_id": fact.entity()}


# --- editing and approving ------------------------------------------------------------------


def _alert(viewer: Viewer, permission: Permission, alert_id: int) -> Alert:
    """The alert, when the viewer may see it and holds `permission` over all of its ground."""
    alert = queries.gate(alert_id, viewer=viewer)
    if not viewer.may(permission, alert.place_code):
        for code in alert.area_codes or [alert.place_code]:
            require(viewer, permission, code)
    return alert


def _must_move(alert: Alert, after: AlertState, verb: str) -> None:
    if not may_move(alert.state, after):
        raise WRONG_STATE(state=STATE_WORD[alert.state], verb=verb)


def _check_codes(codes: list[str]) -> None:
    wrong = [code for code in codes if not is_division_code(code)]
    if wrong or len(codes) > AREA_CODES_MAX:
        raise BAD_AREA(detail="、".join(wrong[:5]) or f"最多 {AREA_CODES_MAX} 个区划码")


def _checked_polygon(ring: list[list[float]]) -> list[list[int]]:
    """One closed ring of [longitude, latitude]; refused when crossed, open or out of range."""
    if len(ring) < 4 or len(ring) > POLYGON_VERTICES_MAX:
        raise BAD_AREA(detail=f"多边形要有 4 到 {POLYGON_VERTICES_MAX} 个点")
    if ring[0] != ring[-1]:
        raise BAD_AREA(detail="多边形没有闭合")
    if any(not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90) for point in ring):
        raise BAD_AREA(detail="坐标超出范围")
    if not Polygon(ring).is_valid:
        raise BAD_AREA(detail="多边形自相交")
    return _ring_e7(ring)


@command
def edit_alert(
    *,
    viewer: Viewer,
    alert_id: int,
    reason: str = "",
    area_codes: list[str] | None = None,
    polygon: list[list[float]] | None = None,
    include_other_households: bool | None = None,
    instruction: str | None = None,
    short_text: str | None = None,
) -> dict[str, int]:
    """Change where it goes and what is said beside it; never what its issuer said."""
    alert = _alert(viewer, Permission.DRAFT_ALERT, alert_id)
    if alert.state not in EDITABLE_STATES:
        raise WRONG_STATE(state=STATE_WORD[alert.state], verb="修改")
    changes: dict[str, Any] = {}
    if area_codes is not None:
        _check_codes(area_codes)
        for code in area_codes:
            require(viewer, Permission.DRAFT_ALERT, code)
        changes["area_codes"] = area_codes
    if polygon is not None:
        changes["polygons_e7"] = [_checked_polygon(polygon)] if polygon else []
    if include_other_households is not None:
        changes["include_other_households"] = include_other_households
    if instruction is not None and instruction.strip():
        changes["instruction"] = instruction.strip()[:TEXT_MAX]
        changes["instruction_is_default"] = False
    if short_text is not None and short_text.strip():
        if len(short_text) > rules.SHORT_TEXT_LIMIT:
            raise SHORT_TEXT_TOO_LONG(limit=rules.SHORT_TEXT_LIMIT, length=len(short_text))
        changes["short_text"] = short_text.strip()
    if changes:
        _step(viewer, alert, facts.EDITED, changes=changes, reason=reason)
    return {"alert_id": alert_id}


def _step(viewer: Viewer, alert: Alert, kind: Any, **body: Any) -> Fact:
    fact = record(
        kind,
        fields={"alert_id": alert.pk, **body},
        scope=alert.place_code,
        viewer=viewer,
        about=[alert.pk],
    )
    _tell(alert.pk)
    return fact


def _tell(alert_id: int) -> None:
    on_commit_notify("alerts", {"alert_id": str(alert_id)})


@command
def submit_alert(*, viewer: Viewer, alert_id: int) -> dict[str, int]:
    """Send a draft to a second person. Refused while one of the eight fields is not known."""
    alert = _alert(viewer, Permission.DRAFT_ALERT, alert_id)
    _must_move(alert, AlertState.PENDING, "提交")
    missing = queries.missing_statutory(alert)
    if missing:
        raise MISSING_STATUTORY(fields="、".join(missing))
    _step(viewer, alert, facts.SUBMITTED)
    return {"alert_id": alert_id}


@command
def approve_alert(*, viewer: Viewer, alert_id: int, reason: str = "") -> dict[str, Any]:
    """The second pair of eyes says yes: the alert is in force and calling begins.

    Raises alerts.author_may_not_approve when the approver wrote or edited it.
    """
    alert = _alert(viewer, Permission.APPROVE_ALERT, alert_id)
    _must_move(alert, AlertState.APPROVED, "批准")
    hands = {alert.author_id, *queries.editors_of(alert_id)}
    if viewer.person_id in hands or not rules.may_approve(
        author_id=alert.author_id, approver_id=viewer.person_id
    ):
        others = [
            one["name"]
            for one in holders_of("duty_leader", alert.place_code, viewer=viewer)
            if int(one["person_id"]) not in hands
        ]
        raise AUTHOR_MAY_NOT_APPROVE(names="、".join(others) or "另一位带班领导")
    missing = queries.missing_statutory(alert)
    if missing:
        raise MISSING_STATUTORY(fields="、".join(missing))
    approved = _step(
        viewer,
        alert,
        facts.APPROVED,
        author_id=alert.author_id,
        approver_id=viewer.person_id,
        authorisation_id=None,
        reason=reason,
    )
    return _activate(viewer, alert, approved)


def _run_under_authorisation(viewer: Viewer, received: Fact) -> None:
    alert = Alert.objects.get(id=received.entity())
    if alert.state != AlertState.PENDING or queries.missing_statutory(alert):
        return
    found = rules.authorisation_for(
        kind=alert.kind,
        level=alert.level,
        signature_valid=bool(alert.signature.get("valid")),
        exercise=alert.exercise,
        place_code=alert.place_code,
        now=clock.now(),
        authorisations=queries.authorisations_in_force(),
    )
    if found is None:
        return
    approved = _step(
        viewer,
        alert,
        facts.APPROVED,
        author_id=alert.author_id,
        approver_id=0,
        authorisation_id=found.id,
        reason="按预先授权",
    )
    _activate(viewer, alert, approved)


@command
def return_alert(*, viewer: Viewer, alert_id: int, reason: str) -> dict[str, int]:
    alert = _alert(viewer, Permission.APPROVE_ALERT, alert_id)
    _must_move(alert, AlertState.RETURNED, "退回")
    if not reason.strip():
        raise REASON_NEEDED()
    _step(viewer, alert, facts.RETURNED, reason=reason.strip())
    return {"alert_id": alert_id}


# --- in force --------------------------------------------------------------------------------


def _activate(viewer: Viewer, alert: Alert, cause: Fact) -> dict[str, Any]:
    """Decide what this alert is to the ones in force, then call, add, tell or lift."""
    # The desk has checked the right to do this; the engines act on the person's behalf.
    viewer = replace(viewer, is_node=True)
    before = rules.find_predecessor(
        issuer=alert.issuer,
        category=alert.category,
        references=alert.references,
        area_codes=alert.area_codes,
        exercise=alert.exercise,
        active=queries.predecessors(alert),
    )
    sequel = rules.sequel(msg_type=alert.msg_type, level=alert.level, predecessor=before)
    previous = Alert.objects.get(id=before.alert_id) if before else None
    callout_id: int | None = None
    evacuation_id: int | None = None
    if sequel in (rules.Sequel.NEW, rules.Sequel.UPGRADED):
        if previous and previous.callout_id:
            calls.stop_callout(
                viewer=viewer, callout_id=previous.callout_id, reason="预警升级，重新叫应"
            )
        callout_id, evacuation_id = _call_everyone(viewer, alert, cause, previous)
    elif previous:
        callout_id, evacuation_id = previous.callout_id, previous.evacuation_id
        if sequel is rules.Sequel.CONTINUED:
            _call_the_difference(viewer, alert, callout_id, evacuation_id)
        elif callout_id:
            word = "已解除" if sequel is rules.Sequel.LIFTED else "已降级"
            calls.notify_cancelled(
                viewer=viewer, callout_id=callout_id, text=f"{previous.headline}{word}。"
            )
    _step(
        viewer,
        alert,
        facts.ACTIVATED,
        sequel=sequel.value,
        predecessor_id=before.alert_id if before else None,
        callout_id=callout_id,
        evacuation_id=evacuation_id,
    )
    if previous and sequel is rules.Sequel.LIFTED:
        _step(viewer, previous, facts.CANCELLED, reason=alert.headline)
        _step(viewer, alert, facts.EXPIRED)
    elif previous:
        _step(viewer, previous, facts.SUPERSEDED, by_alert_id=alert.pk)
    return {"alert_id": alert.pk, "sequel": sequel.value, "callout_id": callout_id}


def _call_everyone(
    viewer: Viewer, alert: Alert, cause: Fact, previous: Alert | None
) -> tuple[int, int | None]:
    opened = calls.open_callout(
        viewer=viewer,
        subject_kind="alert",
        subject_id=alert.pk,
        place_code=alert.place_code,
        level=alert.level if alert.level != "none" else "yellow",
        text=alert.short_text,
        exercise=alert.exercise,
        policy=None,
        parties=queries.parties_of(alert),
        cause=cause.id,
    )
    if not _evacuates(alert):
        return opened["callout_id"], None
    households = queries.households_to_move(queries.concerned_by(alert))
    if previous and previous.evacuation_id:
        evacuations.add_households(
            viewer=viewer,
            evacuation_id=previous.evacuation_id,
            households=households,
        )
        return opened["callout_id"], previous.evacuation_id
    evacuation = evacuations.open_evacuation(
        viewer=viewer,
        alert_id=alert.pk,
        place_code=alert.place_code,
        exercise=alert.exercise,
        households=households,
        cause=cause.id,
    )
    return opened["callout_id"], evacuation["evacuation_id"]


def _call_the_difference(
    viewer: Viewer, alert: Alert, callout_id: int | None, evacuation_id: int | None
) -> None:
    """继续发布: those already called are left alone, whoever is new is called."""
    if callout_id:
        calls.add_parties(viewer=viewer, callout_id=callout_id, parties=queries.parties_of(alert))
    if evacuation_id:
        evacuations.add_households(
            viewer=viewer,
            evacuation_id=evacuation_id,
            households=queries.households_to_move(queries.concerned_by(alert)),
        )


def _evacuates(alert: Alert) -> bool:
    return (
        alert.kind == AlertKind.EVACUATION_INSTRUCTION or alert.level in rules.LEVELS_THAT_EVACUATE
    )


@command
def cancel_alert(*, viewer: Viewer, alert_id: int, reason: str) -> dict[str, int]:
    """Lift an alert, or throw a draft away. Everyone who was called is told."""
    in_force = queries.gate(alert_id, viewer=viewer).state in (
        AlertState.ACTIVE,
        AlertState.APPROVED,
    )
    needed = Permission.APPROVE_ALERT if in_force else Permission.DRAFT_ALERT
    alert = _alert(viewer, needed, alert_id)
    _must_move(alert, AlertState.CANCELLED, "解除")
    if not reason.strip():
        raise REASON_NEEDED()
    _step(viewer, alert, facts.CANCELLED, reason=reason.strip())
    if alert.callout_id:
        calls.notify_cancelled(
            viewer=replace(viewer, is_node=True),
            callout_id=alert.callout_id,
            text=f"{alert.headline}已解除。",
        )
    if alert.evacuation_id:
        on_commit_notify(f"evacuation:{alert.evacuation_id}", {})
    return {"alert_id": alert_id}


@command
def self_rescue_call(*, viewer: Viewer, place_code: str, text: str) -> dict[str, Any]:
    """自救呼叫: somebody alone and in danger calls their own people without a second person.

    Only the caller's own scope. Shown in red in every report, reviewed within 15 minutes.
    """
    require(viewer, Permission.SELF_RESCUE_CALL, place_code)
    _check_codes([place_code])
    now = clock.now()
    name = "、".join(queries.names_of([place_code])) or place_code
    received = _record_received(
        viewer,
        queries.owner_place(),
        state=AlertState.DRAFT.value,
        kind=AlertKind.EVACUATION_INSTRUCTION.value,
        category="11A51",
        category_name="自救呼叫",
        level="red",
        starts_at=now,
        expires_at=now + rules.DEFAULT_VALIDITY,
        area_description=name,
        area_codes=[place_code],
        polygons_e7=[],
        caution=text,
        instruction="",
        issuer=f"{name} {viewer.name}（自救呼叫）",
        issued_at=now,
        headline=f"{name}自救呼叫：{text}"[:120],
        verbatim_text=text,
        short_text=text[: rules.SHORT_TEXT_LIMIT],
        identifier="",
        msg_type="Alert",
        references=[],
        exercise=False,
        source_format="own",
        source_digest="",
        signature={"present": False, "valid": False, "signer": ""},
        self_rescue=True,
    )
    return _activate(viewer, Alert.objects.get(id=received.entity()), received)


@command
def review_self_rescue(*, viewer: Viewer, alert_id: int, verdict: str) -> dict[str, int]:
    alert = _alert(viewer, Permission.APPROVE_ALERT, alert_id)
    if not verdict.strip():
        raise REASON_NEEDED()
    _step(viewer, alert, facts.SELF_RESCUE_REVIEWED, verdict=verdict.strip())
    return {"alert_id": alert_id}


@command
def expire_alerts(*, viewer: Viewer, now: datetime) -> dict[str, int]:
    """End what has run out of time. Nobody is called; the record says so."""
    due = list(Alert.objects.filter(state=AlertState.ACTIVE, expires_at__lte=now)[:100])
    for alert in due:
        _step(viewer, alert, facts.EXPIRED)
    return {"expired": len(due)}


# --- standing authorisation ---------------------------------------------------------------


@command
def sign_authorisation(
    *,
    viewer: Viewer,
    levels: list[str],
    place_code: str,
    valid_from: datetime,
    valid_until: datetime,
    note: str = "",
) -> dict[str, int]:
    """A leader signs beforehand that verified official orange or red warnings run at once."""
    require(viewer, Permission.APPROVE_ALERT, place_code)
    known = set(levels) and set(levels) <= rules.LEVELS_UNDER_STANDING_AUTHORISATION
    if not known or valid_until <= valid_from:
        raise BAD_AUTHORISATION()
    fact = record(
        facts.AUTHORISATION_SIGNED,
        fields={
            "levels": sorted(levels),
            "place_code": place_code,
            "valid_from": to_ms(valid_from),
            "valid_until": to_ms(valid_until),
            "note": note,
        },
        scope=place_code,
        viewer=viewer,
    )
    return {"authorisation_id": fact.entity()}


@command
def stop_authorisation(*, viewer: Viewer, authorisation_id: int, reason: str) -> dict[str, int]:
    """The leader stops it; warnings that arrive from now on wait for a second person again."""
    row = Authorisation.objects.filter(id=authorisation_id).first()
    if row is None:
        raise NOT_FOUND()
    require(viewer, Permission.APPROVE_ALERT, row.place_code)
    if not reason.strip():
        raise REASON_NEEDED()
    record(
        facts.AUTHORISATION_STOPPED,
        fields={"authorisation_id": authorisation_id, "reason": reason.strip()},
        scope=row.place_code,
        viewer=viewer,
        about=[authorisation_id],
    )
    return {"authorisation_id": authorisation_id}
