"""The situation over HTTP: SOS, headcounts, quick reports, who moved first, who is silent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.journal import clock
from fengsui.response.evacuations import services as evacuations
from fengsui.response.situation import queries, rules, services
from fengsui.response.situation.api import shown
from fengsui.response.situation.api.schemas import (
    ContactBoard,
    HeadcountIn,
    HeadcountPage,
    HouseholdLinkIn,
    LinkDone,
    MovedFirstDone,
    MovedFirstPage,
    MoveFirstIn,
    ReportIn,
    ReportPage,
    SituationDone,
    SosCloseIn,
    SosIn,
    SosPage,
    UnlinkIn,
)
from fengsui.response.situation.states import ContactState
from fengsui.standards.instants import to_iso, to_ms

router = Router(tags=["situation"])


def _done(done: dict[str, Any], name: str = "client_id") -> dict[str, Any]:
    return {"outcome": done["outcome"], "id": done[name]}


def _at_ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)


@router.get("/situation/sos", response=SosPage)
def sos_list(request: HttpRequest, with_closed: bool = False) -> dict[str, Any]:
    """Calls for help in one's own places."""
    rows = queries.open_sos(viewer=signed_in(request), with_closed=with_closed)
    named = shown.Shown(rows)
    return {"items": [shown.sos_shown(row, named) for row in rows]}


@router.post("/situation/sos", response=SituationDone)
def raise_sos(request: HttpRequest, body: SosIn) -> dict[str, Any]:
    """求救. The same `sos_id` twice is one SOS."""
    content = body.dict(exclude={"sos_id", "at"}) | {"at_ms": _at_ms(body.at)}
    done = services.raise_sos(viewer=signed_in(request), content=content, sos_id=body.sos_id)
    return _done(done, "sos_id")


@router.post("/situation/sos/{sos_id}/close", response=SituationDone)
def close_sos(request: HttpRequest, sos_id: str, body: SosCloseIn) -> dict[str, Any]:
    """How an SOS ended."""
    done = services.close_sos(
        viewer=signed_in(request), sos_id=sos_id, outcome=body.outcome, reason=body.reason
    )
    return _done(done, "sos_id")


@router.get("/situation/headcounts", response=HeadcountPage)
def headcounts(request: HttpRequest, evacuation_id: str | None = None) -> dict[str, Any]:
    """The newest headcount of each place, and their total, each person once."""
    viewer = signed_in(request)
    wanted = int(evacuation_id) if evacuation_id and evacuation_id.isdigit() else None
    rows = queries.headcounts(wanted, viewer=viewer)
    named, counted = shown.Shown(rows), queries.counted_once(rows)
    return {
        "items": [shown.headcount_shown(row, named, counted) for row in rows],
        "total": queries.headcount_total(wanted, viewer=viewer),
    }


@router.post("/situation/headcounts", response=SituationDone)
def report_headcount(request: HttpRequest, body: HeadcountIn) -> dict[str, Any]:
    """清点人数. 未转 is what is left of 应转."""
    content = body.dict(exclude={"client_id", "at"}) | {"at_ms": _at_ms(body.at)}
    content["evacuation_id"] = int(body.evacuation_id) if body.evacuation_id else None
    done = services.report_headcount(
        viewer=signed_in(request), content=content, client_id=body.client_id
    )
    return _done(done)


@router.get("/situation/reports", response=ReportPage)
def reports(request: HttpRequest, with_older: bool = False) -> dict[str, Any]:
    """灾情快报 of one's own places."""
    rows = queries.reports(viewer=signed_in(request), with_older=with_older)
    named = shown.Shown(rows)
    return {"items": [shown.report_shown(row, named) for row in rows]}


@router.post("/situation/reports", response=SituationDone)
def file_report(request: HttpRequest, body: ReportIn) -> dict[str, Any]:
    """灾情快报."""
    content = body.dict(exclude={"client_id", "at", "needs"}) | {"at_ms": _at_ms(body.at)}
    content["needs"] = [[need.code, need.amount] for need in body.needs]
    done = services.file_quick_report(
        viewer=signed_in(request), content=content, client_id=body.client_id
    )
    return _done(done)


@router.get("/situation/moved-first", response=MovedFirstPage)
def moved_first(request: HttpRequest) -> dict[str, Any]:
    """村级先行转移 of one's own places: moved first, reported later, each with its own time."""
    rows = queries.moved_first(viewer=signed_in(request))
    named = shown.Shown(rows, {row.by for row in rows})
    return {"items": [shown.moved_shown(row, named) for row in rows]}


@router.post("/situation/moved-first", response=MovedFirstDone)
def move_first(request: HttpRequest, body: MoveFirstIn) -> dict[str, Any]:
    """村级先行转移: nobody has to agree; red in every report, reported when the link is back."""
    done = services.move_first(
        viewer=signed_in(request),
        at_ms=_at_ms(body.at),
        danger_area_ids=[int(one) for one in body.danger_area_ids],
        **body.dict(exclude={"at", "danger_area_ids"}),
    )
    made = {name: str(done[name]) if done[name] else None for name in ("alert_id", "evacuation_id")}
    return _done(done) | made


@router.get("/situation/contact", response=ContactBoard)
def contact(request: HttpRequest) -> dict[str, Any]:
    """失联一览: the last word of each village and township in one's scope; the lost first."""
    now = clock.now()
    rows = queries.contact(viewer=signed_in(request), now=now)
    return {
        "items": [shown.contact_shown(row, now) for row in rows],
        "lost": sum(row.state is ContactState.LOST for row in rows),
        "silent": sum(row.state is ContactState.SILENT for row in rows),
        "silent_after_s": int(rules.SILENT_AFTER.total_seconds()),
        "server_time": to_iso(now),
    }


@router.post("/situation/households/link", response=LinkDone)
def link_households(request: HttpRequest, body: HouseholdLinkIn) -> dict[str, str]:
    """Two entries of tonight's list are one household: counted once, undone by unlink."""
    done = evacuations.link_households(
        viewer=signed_in(request),
        evacuation_id=int(body.evacuation_id),
        household_id=int(body.household_id),
        same_as=int(body.same_as),
        reason=body.reason,
    )
    return {"link_id": str(done["link_id"])}


@router.post("/situation/households/unlink", response=LinkDone)
def unlink_households(request: HttpRequest, body: UnlinkIn) -> dict[str, str]:
    """They are two households after all."""
    done = evacuations.unlink_households(
        viewer=signed_in(request), link_id=int(body.link_id), reason=body.reason
    )
    return {"link_id": str(done["link_id"])}
