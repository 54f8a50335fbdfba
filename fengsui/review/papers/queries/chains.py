"""The card for a group, a pasted chain read against those called, and what was relayed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fengsui.engines.calls.models import Call, Callout, CallParty
from fengsui.engines.calls.queries.gates import callout, calls_in_sight
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.places.queries import names as place_names
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers.models import RelayedWord
from fengsui.review.papers.rules.chains import Line, read_chain
from fengsui.review.papers.states import LineOutcome
from fengsui.standards.divisions import village_of
from fengsui.standards.instants import BEIJING, to_iso

RELAYED_SHOWN_MAX = 500


# --- the card -------------------------------------------------------------------------------


def card(callout_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """Text to paste into a WeChat group. The issuer's words as they are; no name, no number."""
    found = callout(callout_id, viewer=viewer)
    alert = alerts.alert_of_callout(callout_id, viewer=viewer)
    lines = ["【演练】不是真的" if found.exercise else ""]
    if alert is not None:
        issued = f"{alert.issued_at.astimezone(BEIJING):%m月%d日 %H:%M}"
        lines += [
            f"【{alert.headline}】",
            f"{alert.issuer} {issued}",
            f"范围：{alert.area_description}",
        ]
    lines.append(found.text)
    if alert is not None and alert.instruction:
        lines.append(f"要做：{alert.instruction}")
    lines += [
        "",
        "请本人接听电话并按键确认。群里接龙只是转述，不算应答，电话照打。",
        "#接龙",
        "写法：姓名 + 收到／需支援（要什么）／不在村（谁代）",
        "例 示意姓名 收到，已通知到户",
    ]
    return {"text": "\n".join(line for at, line in enumerate(lines) if line or at > 0).strip()}


# --- a pasted chain -------------------------------------------------------------------------


@dataclass(slots=True)
class ChainRow:
    """One line of a chain and whom it can mean. `choices`: [(call id, who in words)]."""

    row: int
    text: str
    said: str
    words: str
    outcome: LineOutcome
    call_id: int = 0
    who: str = ""
    choices: list[tuple[int, str]] = field(default_factory=list)
    client_id: str = ""
    place_code: str = ""


def chain(
    callout_id: int,
    text: str,
    *,
    viewer: Viewer,
    chosen: Mapping[int, int] | None = None,
) -> tuple[list[ChainRow], int]:
    """What each line of a pasted chain means, and how many lines were not read.

    Only people whose answers the viewer may record are found. `chosen`: line → call id, where
    several people carry one name.
    """
    callout(callout_id, viewer=viewer)
    calls = {
        row.pk: row
        for row in Call.objects.filter(
            visible(viewer, Permission.ANSWER_FOR_OTHERS), callout_id=callout_id
        )
    }
    by_name: dict[str, list[int]] = defaultdict(list)
    parties = CallParty.objects.filter(call__callout_id=callout_id, rung=0)
    for pk, name in parties.values_list("id", "name"):
        if pk in calls and name:
            by_name[name].append(pk)
    lines, left_out = read_chain(text, list(by_name))
    wanted = [one for line in lines for one in by_name.get(line.name, ())]
    described = _described(wanted, calls, viewer)
    recorded = set(
        RelayedWord.objects.filter(callout_id=callout_id).values_list("client_id", flat=True)
    )
    rows = [
        _row(callout_id, line, by_name.get(line.name, []), calls, described, chosen or {})
        for line in lines
    ]
    seen: set[str] = set()
    for row in rows:
        if row.client_id and (row.client_id in recorded or row.client_id in seen):
            row.outcome = LineOutcome.ALREADY_RECORDED
        seen.add(row.client_id)
    return rows, left_out


def _row(
    callout_id: int,
    line: Line,
    possible: list[int],
    calls: Mapping[int, Call],
    described: Mapping[int, str],
    chosen: Mapping[int, int],
) -> ChainRow:
    row = ChainRow(line.row, line.text, line.said.value, line.words, LineOutcome.NEW)
    # A line that names the village of just one of them means that one.
    named = [one for one in possible if _place_of(described[one]) in line.text]
    picked = chosen.get(line.row)
    if picked in possible:
        row.call_id = picked or 0
    elif len(possible) == 1:
        row.call_id = possible[0]
    elif len(named) == 1 and _place_of(described[named[0]]):
        row.call_id = named[0]
    else:
        row.outcome = LineOutcome.SEVERAL if possible else LineOutcome.NOBODY
        row.choices = [(one, described[one]) for one in possible]
        return row
    row.who = described[row.call_id]
    row.place_code = calls[row.call_id].place_code
    if len(possible) > 1:
        row.choices = [(one, described[one]) for one in possible]
    row.client_id = f"chain {callout_id} {row.call_id} {row.said}"
    if calls[row.call_id].answered_at is not None:
        row.outcome = LineOutcome.ANSWERED
    return row


def _place_of(who: str) -> str:
    return who.split(" · ")[1] if " · " in who else ""


def _described(call_ids: list[int], calls: Mapping[int, Call], viewer: Viewer) -> dict[int, str]:
    """ "示意甲 · 石滩村 · 村支书" for each call."""
    parties = CallParty.objects.in_bulk(set(call_ids))
    known = place_names({village_of(calls[one].place_code) for one in call_ids}, viewer=viewer)
    return {
        one: " · ".join(
            part
            for part in (
                parties[one].name if one in parties else "",
                known.get(village_of(calls[one].place_code), ""),
                calls[one].post_title,
            )
            if part
        )
        for one in set(call_ids)
    }


# --- what was relayed -----------------------------------------------------------------------


def newest_words(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> dict[int, str]:
    """call id → what the group said of that person last."""
    rows = RelayedWord.objects.filter(
        visible(viewer, Permission.SEE_CALLS),
        callout_id=callout_id,
        recorded_at__lte=at or clock.now(),
    )
    return dict(rows.order_by("heard_at", "id").values_list("call_id", "said"))


def relayed(callout_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Words relayed of people who have not answered themselves: the gravest first."""
    callout(callout_id, viewer=viewer)
    rows = list(
        RelayedWord.objects.filter(
            visible(viewer, Permission.SEE_CALLS), callout_id=callout_id
        ).order_by("-heard_at", "-id")[:RELAYED_SHOWN_MAX]
    )
    calls = {
        row.pk: row
        for row in calls_in_sight(callout_id, viewer).filter(pk__in={one.call_id for one in rows})
    }
    described = _described(list(calls), calls, viewer)
    found: dict[int, dict[str, Any]] = {}
    for one in rows:
        if one.call_id in found or one.call_id not in calls:
            continue
        found[one.call_id] = {
            "call_id": str(one.call_id),
            "who": described[one.call_id],
            "said": one.said,
            "text": one.text,
            "group": one.group,
            "heard_at": to_iso(one.heard_at),
            "has_answered": calls[one.call_id].answered_at is not None,
        }
    order = {"need_support": 0, "other": 1, "away": 2, "on_it": 3}
    return sorted(found.values(), key=lambda one: (one["has_answered"], order[one["said"]]))


def callout_of(callout_id: int, *, viewer: Viewer) -> Callout:
    """Raises access.not_found out of sight."""
    return callout(callout_id, viewer=viewer)
