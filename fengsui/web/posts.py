"""Naming a stand-in, with a link to send; reporting an absence; both ended early."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.people import queries, rules, services
from fengsui.foundation.people.api.shown import AbsenceOut
from fengsui.foundation.people.errors import HAS_ACCOUNT
from fengsui.standards.instants import to_iso
from fengsui.web import lending

router = Router(tags=["people"])
CODE_LENGTH_MAX = 17
Under = Annotated[str, Query(max_length=CODE_LENGTH_MAX)]
PHONE_LENGTH_MAX = 40


class NamedIn(Schema):
    name: str = Field(max_length=rules.NAME_LENGTH_MAX)
    phone: str = Field(max_length=PHONE_LENGTH_MAX)


class StandInIn(NamedIn):
    until: datetime
    since: datetime | None = None
    reason: str = Field("", max_length=rules.REASON_LENGTH_MAX)
    absent_person_id: str = Field("", max_length=20, pattern=r"^\d*$")


class LentOut(Schema):
    """`no_link`: "" or not_yet, no_role, has_account, not_allowed."""

    stand_in_id: str
    person_id: str
    name: str
    place_name: str
    title: str
    until: str
    link: str
    qr_picture: str
    text: str
    expires: str | None
    no_link: str


class StandInEndIn(Schema):
    was_mistake: bool = False


class StandInEndedOut(Schema):
    id: str


class AbsenceIn(Schema):
    from_at: datetime | None = Field(None, alias="from")
    until: datetime
    reason: str = Field("", max_length=rules.REASON_LENGTH_MAX)
    stand_in: NamedIn | None = None


class AbsencesOut(Schema):
    items: list[AbsenceOut]


class OneOfTwoOut(Schema):
    person_id: str
    name: str
    place_name: str
    titles: list[str]
    phones: list[str]
    households: int


class MovesOut(Schema):
    ledger: str
    zh: str
    en: str
    rows: int


class MergePreviewOut(Schema):
    keep: OneOfTwoOut
    drop: OneOfTwoOut
    moves: list[MovesOut]
    withdrawn: int
    obstacle: str


class MergeIn(Schema):
    reason: str = Field(max_length=rules.REASON_LENGTH_MAX)


class MergedOut(Schema):
    change_set_id: str
    moved: int


class ReportedOut(Schema):
    id: str
    stand_ins: list[LentOut]


@router.get("/persons/{int:keep_id}/merge/{int:drop_id}", response=MergePreviewOut)
def preview_merge(request: HttpRequest, keep_id: int, drop_id: int) -> dict[str, Any]:
    """What would move if these two were one; nothing is written."""
    viewer = signed_in(request)
    found = services.preview_merge(viewer=viewer, keep_id=keep_id, drop_id=drop_id)
    return {
        "keep": _twin(found["keep"]),
        "drop": _twin(found["drop"]),
        "moves": found["moves"],
        "withdrawn": found["withdrawn"],
        "obstacle": "has_account" if lending.has_rights(drop_id) else "",
    }


@router.post("/persons/{int:keep_id}/merge/{int:drop_id}", response=MergedOut)
def merge(request: HttpRequest, keep_id: int, drop_id: int, body: MergeIn) -> dict[str, Any]:
    """合并: as one step that can be undone. Whoever can sign in is the one that stays."""
    viewer = signed_in(request)
    named = services.preview_merge(viewer=viewer, keep_id=keep_id, drop_id=drop_id)["drop"]["name"]
    if lending.has_rights(drop_id):
        raise HAS_ACCOUNT(name=named)
    made = services.merge_persons(
        viewer=viewer, keep_id=keep_id, drop_id=drop_id, reason=body.reason
    )
    return {"change_set_id": str(made["change_set_id"]), "moved": made["moved"]}


@router.post("/posts/{int:post_id}/stand-ins", response=LentOut)
def name_stand_in(request: HttpRequest, post_id: int, body: StandInIn) -> dict[str, Any]:
    """临时顶岗: a name, a number, until when. The answer is what to send to that person."""
    viewer = signed_in(request)
    made = services.name_stand_in(
        viewer=viewer,
        post_id=post_id,
        name=body.name,
        phone=body.phone,
        until_at=body.until,
        since_at=body.since,
        reason=body.reason,
        absent_person_id=int(body.absent_person_id) if body.absent_person_id else None,
    )
    return _lent(request, viewer, made["stand_in_id"])


@router.post("/stand-ins/{int:stand_in_id}/link", response=LentOut)
def another_link(request: HttpRequest, stand_in_id: int) -> dict[str, Any]:
    """A fresh link, where the first was lost or it was too early for one."""
    viewer = signed_in(request)
    services.check_may_name(stand_in_id=stand_in_id, viewer=viewer)
    return _lent(request, viewer, stand_in_id)


@router.post("/stand-ins/{int:stand_in_id}/end", response=StandInEndedOut)
def end_stand_in(request: HttpRequest, stand_in_id: int, body: StandInEndIn) -> dict[str, Any]:
    """Back before the end, or named by mistake: the role that was lent ends too."""
    viewer = signed_in(request)
    services.end_stand_in(viewer=viewer, stand_in_id=stand_in_id, was_mistake=body.was_mistake)
    lending.take_back(viewer, queries.standing_in(stand_in_id))
    return {"id": str(stand_in_id)}


@router.get("/absences", response=AbsencesOut)
def absences(request: HttpRequest, under: Under = "") -> dict[str, Any]:
    """Absences that are not over."""
    viewer = signed_in(request)
    rows = queries.absences(viewer=viewer, codes=[under] if under else None)
    return {
        "items": [
            {
                **row,
                "id": str(row["id"]),
                "person_id": str(row["person_id"]),
                "from_at": to_iso(row["from_at"]),
                "until_at": to_iso(row["until_at"]),
            }
            for row in rows
        ]
    }


@router.post("/posts/holders/{int:holder_id}/absences", response=ReportedOut)
def report_absence(request: HttpRequest, holder_id: int, body: AbsenceIn) -> dict[str, Any]:
    """离岗报备, with who stands in on every post that the person holds."""
    viewer = signed_in(request)
    stand_in = body.stand_in
    made = services.report_absence(
        viewer=viewer,
        person_id=holder_id,
        from_at=body.from_at,
        until_at=body.until,
        reason=body.reason,
        stand_in=None if stand_in is None else {"name": stand_in.name, "phone": stand_in.phone},
    )
    lent = [_lent(request, viewer, one) for one in made["stand_in_ids"]]
    return {"id": str(made["absence_id"]), "stand_ins": lent}


def _lent(request: HttpRequest, viewer: Viewer, stand_in_id: int) -> dict[str, Any]:
    standing = queries.standing_in(stand_in_id)
    lent = lending.lend(viewer, standing, request)
    return {
        "stand_in_id": str(stand_in_id),
        "person_id": str(standing["person_id"]),
        "name": standing["name"],
        "place_name": standing["place_name"],
        "title": standing["title"],
        "until": to_iso(standing["until_at"]),
        "expires": to_iso(lent.pop("expires_at")) if lent["expires_at"] else lent.pop("expires_at"),
        **lent,
    }


def _twin(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "person_id": str(row["person_id"])}
