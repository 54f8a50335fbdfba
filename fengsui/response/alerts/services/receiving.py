"""How an alert comes to be: imported, pasted, drafted, or called out for help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, record
from fengsui.gateways.protocols import check
from fengsui.gateways.protocols.bulletin import reading as bulletin
from fengsui.gateways.shapes import outlines
from fengsui.gateways.warnings import CheckResult, Verdict, Warning
from fengsui.response.alerts import facts, queries, rules
from fengsui.response.alerts.errors import (
    ALREADY_RECEIVED,
    CALL_LIST_IS_HERE,
    CLASSIFIED,
    IS_OWN,
    NOT_OUR_GROUND,
    NOTHING_READABLE,
    VERBATIM_ONLY,
    WRONG_STATE,
)
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.services.activating import activate
from fengsui.response.alerts.services.steps import (
    STATE_WORD,
    TEXT_MAX,
    check_codes,
    is_marked,
    refuse_marked,
    ring_e7,
    take_step,
    tell,
)
from fengsui.response.alerts.states import AlertKind, AlertState
from fengsui.standards.divisions import scope_prefix
from fengsui.standards.instants import to_ms

# What a message from outside would bring along.
_NOBODY_ELSES: Mapping[str, Any] = {
    "identifier": "",
    "msg_type": "Alert",
    "references": [],
    "source_format": "own",
    "source_digest": "",
    "signature": {"present": False, "valid": False, "signer": ""},
}


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
    refuse_marked(text)
    result = check(text[:TEXT_MAX].encode(), name="bulletin.txt", received_at=clock.now())
    if any(finding.code == bulletin.CLASSIFIED.code for finding in result.errors):
        raise CLASSIFIED()
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
    said = (warning.headline, warning.description, warning.caution, warning.instruction)
    if is_marked(*said, warning.area_description, warning.issuer):
        return {"alert_id": None, "identifier": "", "errors": [CLASSIFIED().to_plain()]}
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
    fact = record_received(
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
        polygons_e7=[ring_e7(ring) for ring in outlines(warning)],
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


def record_received(viewer: Viewer, owner: str, **body: Any) -> Fact:
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
    tell(fact.entity())
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
    refuse_marked(text, instruction, category_name)
    owner = queries.owner_place()
    for code in area_codes or [owner]:
        require(viewer, Permission.DRAFT_ALERT, code)
    check_codes(area_codes)
    now = clock.now()
    fact = record_received(
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
        exercise=exercise,
        **_NOBODY_ELSES,
    )
    return {"alert_id": fact.entity()}


@command
def carry_on(*, viewer: Viewer, alert_id: int) -> dict[str, Any]:
    """Takes another node's alert in force as this node's own, verbatim and under its number.

    For a node whose superior has warned but cannot call: the alert came by session, bundle or
    telegram, its call list did not. It waits for a second person like any other, or runs at once
    under a standing authorisation. Where the call list is here, it is taken over instead.
    Returns {"alert_id"}. Raises alerts.is_own, alerts.call_list_is_here, alerts.not_our_ground.
    """
    theirs = queries.gate(alert_id, viewer=viewer)
    owner = queries.owner_place()
    require(viewer, Permission.DRAFT_ALERT, owner)
    if theirs.place_code == owner:
        raise IS_OWN()
    if theirs.state != AlertState.ACTIVE:
        raise WRONG_STATE(state=STATE_WORD[theirs.state], verb="接续")
    number, prefix = queries.number_of(theirs), scope_prefix(owner)
    if Alert.objects.filter(identifier=number, place_code=owner).exists():
        raise ALREADY_RECEIVED(identifier=number)
    if theirs.callout_id and calls.has_calls(theirs.callout_id, owner, viewer=viewer):
        raise CALL_LIST_IS_HERE()
    codes = rules.area_within(theirs.area_codes, prefix)
    if not codes and not theirs.polygons_e7:
        raise NOT_OUR_GROUND()
    copied = {
        name: getattr(theirs, name)
        for name in (
            *("kind", "category", "category_name", "level", "starts_at", "expires_at", "caution"),
            *("area_description", "polygons_e7", "instruction", "issuer", "issued_at", "headline"),
            *("short_text", "verbatim_text", "exercise", "signature"),
        )
    }
    fact = record_received(
        viewer,
        owner,
        state=AlertState.PENDING.value,
        area_codes=codes or [owner],
        identifier=number,
        msg_type="Alert",
        references=[number],
        source_format=queries.CARRIED_ON,
        source_digest="",
        **copied,
    )
    _run_under_authorisation(viewer, fact)
    return {"alert_id": fact.entity()}


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
    approved = take_step(
        viewer,
        alert,
        facts.APPROVED,
        author_id=alert.author_id,
        approver_id=0,
        authorisation_id=found.id,
        reason="按预先授权",
    )
    activate(viewer, alert, approved)


@command
def self_rescue_call(
    *,
    viewer: Viewer,
    place_code: str,
    text: str,
    category_name: str = "自救呼叫",
    household_ids: list[int] | None = None,
) -> dict[str, Any]:
    """自救呼叫: somebody alone and in danger calls their own people without a second person.

    Only the caller's own scope. Shown in red in every report, reviewed within 15 minutes.
    `household_ids`: of the households in danger, only these are called and listed to move.
    Returns {"alert_id", "sequel", "callout_id", "evacuation_id"}.
    """
    require(viewer, Permission.SELF_RESCUE_CALL, place_code)
    check_codes([place_code])
    now = clock.now()
    name = "、".join(queries.names_of([place_code])) or place_code
    received = record_received(
        viewer,
        queries.owner_place(),
        state=AlertState.DRAFT.value,
        kind=AlertKind.EVACUATION_INSTRUCTION.value,
        category="11A51",
        category_name=category_name,
        level="red",
        starts_at=now,
        expires_at=now + rules.DEFAULT_VALIDITY,
        area_description=name,
        area_codes=[place_code],
        polygons_e7=[],
        caution=text,
        instruction="",
        issuer=f"{name} {viewer.name}（{category_name}）",
        issued_at=now,
        headline=f"{name}{category_name}：{text}"[:120],
        verbatim_text=text,
        short_text=text[: rules.SHORT_TEXT_LIMIT],
        exercise=False,
        **_NOBODY_ELSES,
        self_rescue=True,
    )
    alert = Alert.objects.get(id=received.entity())
    only = None if household_ids is None else frozenset(household_ids)
    return activate(viewer, alert, received, only_households=only)
