"""State what was seen: SOS, headcounts, quick reports; and what a gateway heard of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import FactKind
from fengsui.foundation.journal.services import (
    command,
    on_commit_notify,
    own_public_key,
    record,
)
from fengsui.registers.risks import queries as risks
from fengsui.response.alerts import services as alerts
from fengsui.response.situation import rules
from fengsui.response.situation.errors import (
    GAUGE_NEEDS_VALUE,
    NO_SUCH_SOS,
    NOT_IN_THIS_VILLAGE,
    UNKNOWN_KIND,
    UNKNOWN_OUTCOME,
    UNKNOWN_SIGN,
    UNREADABLE,
)
from fengsui.response.situation.facts import (
    CONTACT_LOST,
    CONTACT_REGAINED,
    HEADCOUNT_REPORTED,
    MOVED_FIRST,
    QUICK_REPORT_FILED,
    RELAYED,
    SOS_CLOSED,
    SOS_RAISED,
)
from fengsui.response.situation.models import (
    ContactLoss,
    Headcount,
    QuickReport,
    Sos,
    Statement,
)
from fengsui.response.situation.models import MovedFirst as MovedFirstRow
from fengsui.response.situation.queries import Contact, contact
from fengsui.response.situation.states import (
    RELAY_KINDS,
    RELAY_PATHS,
    SIGNS,
    SOS_OUTCOMES,
    ContactState,
    Sign,
)
from fengsui.standards.instants import from_ms, to_ms

REASON_CHARACTERS_MAX = 300
TOPIC = "situation"


def _clean(
    clean: Callable[[Mapping[str, Any]], dict[str, Any]], content: Mapping[str, Any]
) -> dict[str, Any]:
    said = dict(content)
    if said.get("at_ms") is None:
        said["at_ms"] = to_ms(clock.now())
    try:
        return clean(said)
    except (rules.UnreadableError, TypeError, ValueError) as error:
        raise UNREADABLE(field=str(error)) from error


def _is_said(table: type[Statement], client_id: str) -> bool:
    """A repeated statement is one statement; what a gateway heard of it does not count as said."""
    rows: Any = table._default_manager
    return bool(client_id) and rows.filter(client_id=client_id, is_provisional=False).exists()


def _state(
    viewer: Viewer,
    kind: FactKind,
    table: type[Statement],
    said: dict[str, Any],
    client_id: str,
    id_name: str,
    personal: dict[str, Any] | None = None,
) -> dict[str, Any]:
    client_id = client_id[: rules.CODE_CHARACTERS_MAX]
    require(viewer, Permission.RECORD_HOUSEHOLD, said["place_code"])
    if _is_said(table, client_id):
        return {"outcome": "already_recorded", id_name: client_id}
    evacuation = said.get("evacuation_id")
    fact = record(
        kind,
        fields={**said, id_name: client_id},
        personal=personal,
        scope=said["place_code"],
        viewer=viewer,
        about=[evacuation] if evacuation else [],
    )
    on_commit_notify(TOPIC, {"kind": kind.name, "place_code": said["place_code"]})
    return {"outcome": "recorded", id_name: client_id or fact.id.hex(), "fact_id": fact.id}


@command
def raise_sos(*, viewer: Viewer, content: dict[str, Any], sos_id: str = "") -> dict[str, Any]:
    """Somebody calls for help. The same `sos_id` (made by the phone) twice is one SOS.

    `content`: place_code, lon_e7, lat_e7 (1e-7 degree, or None), people, injured, need (list of
    words), text, at_ms (None: now), device. Returns {"outcome": "recorded" | "already_recorded",
    "sos_id", "fact_id"}. Raises situation.unreadable, access.not_allowed.
    """
    said = _clean(rules.clean_sos, content)
    personal = {"text": said.pop("text")}
    return _state(viewer, SOS_RAISED, Sos, said, sos_id, "sos_id", personal)


@command
def close_sos(*, viewer: Viewer, sos_id: str, outcome: str, reason: str = "") -> dict[str, Any]:
    """Says how an SOS ended. One that only a gateway heard of can be closed too."""
    row = Sos.objects.filter(client_id=sos_id).first()
    if row is None or not viewer.may(Permission.SEE_HOUSEHOLDS, row.place_code):
        raise NO_SUCH_SOS()
    require(viewer, Permission.MARK_REACHED, row.place_code)
    if outcome not in SOS_OUTCOMES:
        raise UNKNOWN_OUTCOME()
    if row.closed_at is not None:
        return {"outcome": "already_recorded", "sos_id": sos_id}
    record(
        SOS_CLOSED,
        fields={"sos_id": sos_id, "outcome": outcome},
        personal={"reason": reason.strip()[:REASON_CHARACTERS_MAX]},
        scope=row.place_code,
        viewer=viewer,
    )
    on_commit_notify(TOPIC, {"kind": SOS_CLOSED.name, "place_code": row.place_code})
    return {"outcome": "recorded", "sos_id": sos_id}


@command
def report_headcount(
    *, viewer: Viewer, content: dict[str, Any], client_id: str = ""
) -> dict[str, Any]:
    """Nine numbers of a place. The newest of a (place, evacuation, series) counts, alone.

    `content`: place_code, evacuation_id or None, series (0-255), at_ms (None: now) and the
    numbers of `facts.HEADCOUNT_NUMBERS`; not_yet always comes out as should - moved - away.
    Returns {"outcome", "client_id", "fact_id"}.
    """
    said = _clean(rules.clean_headcount, content)
    return _state(viewer, HEADCOUNT_REPORTED, Headcount, said, client_id, "client_id")


@command
def file_quick_report(
    *, viewer: Viewer, content: dict[str, Any], client_id: str = ""
) -> dict[str, Any]:
    """灾情快报. The newest of a (place, disaster) counts, alone.

    `content`: place_code, at_ms (None: now), disaster (code), `facts.REPORT_NUMBERS`,
    `facts.REPORT_CUTS` (booleans) and needs [[code, amount], ...].
    """
    said = _clean(rules.clean_report, content)
    return _state(viewer, QUICK_REPORT_FILED, QuickReport, said, client_id, "client_id")


@command
def move_first(
    *,
    viewer: Viewer,
    place_code: str,
    sign: str,
    gauge_value_mm: int | None = None,
    danger_area_ids: Sequence[int] = (),
    note: str = "",
    at_ms: int | None = None,
    client_id: str = "",
) -> dict[str, Any]:
    """村级先行转移: the village moves people on its own gauge or mark, and nobody has to agree.

    Rests on the rule of the self-rescue call: own scope only, in red in every report, reviewed
    afterwards. Calls the posts of the village and the households of the danger areas chosen (all
    of the village's where none is), and lists them to move. `at_ms`: when they moved (None: now);
    a phone without a network may say so later. The same `client_id` twice is one.
    Returns {"outcome", "client_id", "alert_id", "evacuation_id"}. Raises access.not_allowed,
    situation.unknown_sign, .gauge_needs_value, .not_in_this_village, .unreadable.
    """
    require(viewer, Permission.SELF_RESCUE_CALL, place_code)
    client_id = client_id[: rules.CODE_CHARACTERS_MAX]
    known = MovedFirstRow.objects.filter(client_id=client_id).first() if client_id else None
    if known is not None:
        return _moved(known.client_id, "already_recorded", known.alert_id, known.evacuation_id)
    _check_sign(sign, gauge_value_mm)
    moved_ms = to_ms(clock.now()) if at_ms is None else min(at_ms, to_ms(clock.now()))
    note = note.strip()[: rules.TEXT_CHARACTERS_MAX]
    said = rules.words_of_moving_first(SIGNS[sign][0], gauge_value_mm, from_ms(moved_ms), note)
    opened = alerts.self_rescue_call(
        viewer=viewer,
        place_code=place_code,
        text=said,
        category_name="村级先行转移",
        household_ids=_households_of(danger_area_ids, place_code) if danger_area_ids else None,
    )
    made = {name: opened[name] for name in ("alert_id", "evacuation_id")}
    fields = {
        "place_code": place_code,
        "sign": sign,
        "gauge_value_mm": gauge_value_mm,
        "at_ms": moved_ms,
        "danger_area_ids": [int(one) for one in danger_area_ids],
        "by": viewer.person_id,
        "client_id": client_id,
        **made,
    }
    known_by = _record_moved(viewer, fields, note)
    return _moved(client_id or known_by, "recorded", **made)


def _record_moved(viewer: Viewer, fields: dict[str, Any], note: str) -> str:
    """Returns what the move is known by where the phone gave it no id."""
    fact = record(
        MOVED_FIRST,
        fields=fields,
        personal={"note": note},
        scope=fields["place_code"],
        viewer=viewer,
        about=[fields[name] for name in ("alert_id", "evacuation_id") if fields[name]],
    )
    on_commit_notify(TOPIC, {"kind": MOVED_FIRST.name, "place_code": fields["place_code"]})
    return fact.id.hex()


def _check_sign(sign: str, gauge_value_mm: int | None) -> None:
    if sign not in SIGNS:
        raise UNKNOWN_SIGN()
    if sign == Sign.GAUGE and gauge_value_mm is None:
        raise GAUGE_NEEDS_VALUE()
    if gauge_value_mm is not None and abs(gauge_value_mm) > rules.GAUGE_MM_MAX:
        raise UNREADABLE(field="gauge_value_mm")


def _moved(
    client_id: str, outcome: str, alert_id: int | None, evacuation_id: int | None
) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "client_id": client_id,
        "alert_id": alert_id,
        "evacuation_id": evacuation_id,
    }


def _households_of(danger_area_ids: Sequence[int], place_code: str) -> list[int]:
    """The households of the chosen danger areas, all of which lie in the place."""
    program = node_viewer("situation")
    wanted = {int(one) for one in danger_area_ids}
    areas = risks.danger_areas_in([place_code], viewer=program)
    if not wanted <= {one["id"] for one in areas}:
        raise NOT_IN_THIS_VILLAGE()
    households: set[int] = set()
    for area_id in sorted(wanted):
        area = risks.danger_area(area_id, viewer=program)
        households.update(int(one) for one in area["household_ids"])
    return sorted(households)


@command
def watch_contact(*, viewer: Viewer) -> dict[str, int]:
    """Names the villages that fell silent while this node's calls await something of them, and
    says of those it named when they are heard again. Returns {"lost", "regained"}.
    """
    now = clock.now()
    own_key = own_public_key().hex()
    counts = {"lost": 0, "regained": 0}
    losses = {
        row.place_code: row
        for row in ContactLoss.objects.filter(regained_at=None, node_key=own_key).order_by("id")
    }
    for row in contact(viewer=viewer, now=now, driver=calls.this_driver()):
        loss = losses.get(row.place_code)
        if row.state is ContactState.SILENT:
            _name_lost(viewer, row)
            counts["lost"] += 1
        elif loss is not None and row.word is not None and row.word.at > loss.lost_at:
            record(
                CONTACT_REGAINED,
                fields={
                    "loss_id": loss.id,
                    "place_code": row.place_code,
                    "heard_ms": to_ms(row.word.at),
                    "path": row.word.path,
                },
                scope=row.place_code,
                viewer=viewer,
                about=[loss.alert_id],
            )
            counts["regained"] += 1
    if counts["lost"] or counts["regained"]:
        on_commit_notify(TOPIC, {"kind": "contact"})
    return counts


def _name_lost(viewer: Viewer, row: Contact) -> None:
    record(
        CONTACT_LOST,
        fields={
            "place_code": row.place_code,
            "last_heard_ms": None if row.word is None else to_ms(row.word.at),
            "last_path": "" if row.word is None else row.word.path,
            "alert_id": row.alert_id,
        },
        scope=row.place_code,
        viewer=viewer,
        about=[row.alert_id],
    )


@command
def relay(
    *,
    viewer: Viewer,
    kind: str,
    content: dict[str, Any],
    path: str,
    reference: dict[str, Any] | None = None,
    client_id: str = "",
) -> dict[str, Any]:
    """What a gateway heard of somebody else's fact: it stands until that fact is here.

    `kind`: see `states.RelayKind`; `content` as for raise_sos, report_headcount or
    file_quick_report (place_code always; at_ms or None: now); `path`: beidou, radio, sms, paper,
    voice. `reference` names the fact: {"node": its author's public key, "class", "audience",
    "epoch": `rules.epoch_of(incarnation)`, "seq"}; None where nobody knows it, then `client_id`
    keeps a repetition from counting twice. Whichever of the two comes first, they count once.
    Returns {"outcome", "fact_id"}. Raises situation.unknown_kind, situation.unreadable.
    """
    if kind not in RELAY_KINDS or path not in RELAY_PATHS:
        raise UNKNOWN_KIND(kind=f"{kind} {path}")
    place_code = str(content.get("place_code") or "")
    require(viewer, Permission.ANSWER_FOR_OTHERS, place_code)
    said = {"at_ms": to_ms(clock.now())} | {k: v for k, v in content.items() if v is not None}
    clean = rules.CLEAN.get(kind)
    if clean is not None:
        _clean(clean, said)
    try:
        rules.key_of_reference(reference)
    except rules.UnreadableError as error:
        raise UNREADABLE(field="reference") from error
    fact = record(
        RELAYED,
        fields={
            "kind": kind,
            "place_code": place_code,
            "reference": reference,
            "path": path,
            "at_ms": said.pop("at_ms"),
            "client_id": client_id,
        },
        personal={"content": said},
        scope=place_code,
        viewer=viewer,
    )
    on_commit_notify(TOPIC, {"kind": RELAYED.name, "place_code": place_code})
    return {"outcome": "recorded", "fact_id": fact.id}
