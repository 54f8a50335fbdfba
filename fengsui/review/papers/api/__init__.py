"""Papers over HTTP: lists, the group's card and chain, reports, reviews, links for inquiries."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Router

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.people.queries import person_names
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers import queries, services
from fengsui.review.papers.api import schemas as shapes
from fengsui.review.papers.errors import PAPER_TOO_LARGE
from fengsui.review.papers.models import Bulletin
from fengsui.review.papers.queries.shares import ShareLine
from fengsui.review.papers.rules import bulletins as bulletin_rules
from fengsui.review.papers.rules.signatures import PAPER_BYTES_MAX
from fengsui.review.papers.services.relaying import row_to_plain
from fengsui.review.papers.services.taking import File
from fengsui.review.papers.states import NUMBER_WORDS, TOLD
from fengsui.standards.instants import to_iso

router = Router(tags=["papers"])


def _download(file: File, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(file.content, content_type=file.media_type)
    ascii_name = "paper." + file.name.rsplit(".", 1)[-1]
    response["Content-Disposition"] = (
        f'{"inline" if inline else "attachment"}; filename="{ascii_name}"; '
        f"filename*=UTF-8''{quote(file.name)}"
    )
    response["X-Paper-Number"] = file.number
    return response


def _needs(viewer: Viewer, permission: Permission) -> None:
    if not viewer.scopes(permission):
        raise NOT_ALLOWED(permission=permission.value, place="")


# --- 未应答名单 ------------------------------------------------------------------------------


@router.get("/papers/callouts/{int:callout_id}", response=shapes.OverviewOut)
def overview(request: HttpRequest, callout_id: int) -> dict[str, Any]:
    """How many are unanswered now, the list of five minutes, and who took what."""
    viewer = signed_in(request)
    found = queries.overview(callout_id, viewer=viewer)
    callout, drawn = found["callout"], found["drawn"]
    alert = alerts.alert_of_callout(callout_id, viewer=viewer)
    return {
        "callout_id": str(callout.pk),
        "alert_id": str(alert.pk) if alert else None,
        "opened_at": to_iso(callout.opened_at),
        "exercise": callout.exercise,
        "at": to_iso(found["at"]),
        "called": found["called"],
        "unanswered": found["unanswered"],
        "drawn": None
        if drawn is None
        else {"at": to_iso(drawn.at), "called": drawn.called, "unanswered": drawn.unanswered},
        "taken": [
            {
                "number": one.number, "what": one.what, "format": one.format,
                "at": to_iso(one.at), "rows_count": one.rows_count,
                "with_personal": one.with_personal, "reason": one.reason,
                "recipient": one.recipient, "actor_name": one.actor_name,
                "taken_at": to_iso(one.taken_at),
            }
            for one in found["taken"]
        ],
    }  # fmt: skip


@router.post("/papers/callouts/{int:callout_id}/list", response={200: None})
def take_list(request: HttpRequest, callout_id: int, body: shapes.ListIn) -> HttpResponse:
    """未应答名单 as Excel or PDF. Names and numbers masked, unless with a reason."""
    file = services.take_list(
        viewer=signed_in(request),
        callout_id=callout_id,
        file_format=body.format,
        recipient=body.recipient,
        reason=body.reason,
        with_personal=body.with_personal,
        at=body.at,
        under=body.under,
    )
    return _download(file)


# --- the group -------------------------------------------------------------------------------


@router.get("/papers/callouts/{int:callout_id}/card", response=shapes.CardOut)
def card(request: HttpRequest, callout_id: int) -> dict[str, Any]:
    """Text to paste into a group: the issuer's words, no name, no number."""
    return queries.card(callout_id, viewer=signed_in(request))


@router.get("/papers/callouts/{int:callout_id}/relayed", response=shapes.RelayedList)
def relayed(request: HttpRequest, callout_id: int) -> dict[str, Any]:
    """What groups said of people of this callout: no answers of their own."""
    return {"items": queries.relayed(callout_id, viewer=signed_in(request))}


@router.post("/papers/callouts/{int:callout_id}/relayed", response=shapes.ChainOut)
def chain(request: HttpRequest, callout_id: int, body: shapes.ChainIn) -> dict[str, Any]:
    """A pasted 接龙: shown first, recorded with `record` as relayed, ending nobody's call."""
    viewer = signed_in(request)
    _needs(viewer, Permission.ANSWER_FOR_OTHERS)
    chosen = {
        int(row): int(call_id)
        for row, call_id in body.chosen.items()
        if row.isdigit() and call_id.isdigit()
    }
    if body.record:
        return services.record_chain(
            viewer=viewer,
            callout_id=callout_id,
            text=body.text,
            group=body.group,
            heard_at=body.heard_at,
            chosen=chosen,
        )
    rows, left_out = queries.chain(callout_id, body.text, viewer=viewer, chosen=chosen)
    return {"rows": [row_to_plain(row) for row in rows], "left_out": left_out}


# --- 值班快报 --------------------------------------------------------------------------------


@router.get("/papers/alerts/{int:alert_id}/draft", response=shapes.DraftOut)
def draft(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """The next report as the record would write it; nothing is recorded."""
    found = queries.draft(alert_id, viewer=signed_in(request))
    words = [
        {"name": name, "zh": zh, "en": en, "is_told": name in TOLD}
        for name, (zh, en) in NUMBER_WORDS.items()
    ]
    return {**found, "known_at": to_iso(found["known_at"]), "words": words}


@router.get("/papers/alerts/{int:alert_id}/bulletins", response=shapes.BulletinList)
def bulletins(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """Every version of every issue, newest first."""
    rows = queries.bulletins(alert_id, viewer=signed_in(request))
    who = person_names([row.issued_by for row in rows], viewer=node_viewer())
    return {"items": [_bulletin(row, who.get(row.issued_by, "")) for row in rows]}


def _bulletin(row: Bulletin, who: str) -> dict[str, Any]:
    names = (
        "year", "issue", "version", "kind", "numbers", "edited", "notes", "sections", "main_to",
        "copy_to", "contact", "reason", "late_reason",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "id": str(row.pk),
        "number": bulletin_rules.number_in_words(row.year, row.issue),
        "known_at": to_iso(row.known_at),
        "issued_at": to_iso(row.issued_at),
        "issued_by_name": who,
    }


@router.post("/papers/alerts/{int:alert_id}/bulletins", response=shapes.IssuedOut)
def issue(request: HttpRequest, alert_id: int, body: shapes.BulletinIn) -> dict[str, Any]:
    """Signs a report, or a new version of one. What was issued is never changed."""
    corrects = body.corrects if body.corrects and body.corrects.isdigit() else None
    made = services.issue_bulletin(
        viewer=signed_in(request),
        alert_id=alert_id,
        corrects=int(corrects) if corrects else None,
        **{name: value for name, value in body.dict().items() if name not in ("corrects",)},
    )
    return {
        "bulletin_id": str(made["bulletin_id"]),
        "number": bulletin_rules.number_in_words(made["year"], made["issue"]),
        "version": made["version"],
    }


@router.get("/papers/bulletins/{int:bulletin_id}.pdf", response={200: bytes})
def bulletin_pdf(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """One version as it is printed."""
    file = services.bulletin_as_pdf(viewer=signed_in(request), bulletin_id=bulletin_id)
    return _download(file, inline=True)


# --- 复盘 ------------------------------------------------------------------------------------


@router.get("/papers/callouts/{int:callout_id}/review", response=shapes.ReviewOut)
def review(request: HttpRequest, callout_id: int) -> dict[str, Any]:
    """The figures of a callout."""
    return queries.review(callout_id, viewer=signed_in(request))


@router.post("/papers/callouts/{int:callout_id}/review", response={200: None})
def review_pdf(request: HttpRequest, callout_id: int, body: shapes.ForWhom) -> HttpResponse:
    """The review as a PDF signed by this node; its hash goes on record."""
    file = services.review_as_pdf(
        viewer=signed_in(request), callout_id=callout_id, recipient=body.recipient
    )
    return _download(file)


@router.post("/papers/verify", response=shapes.VerdictOut, openapi_extra=None)
def verify(request: HttpRequest) -> dict[str, Any]:
    """Whether this PDF (the body, raw) was signed here and is unchanged."""
    viewer = signed_in(request)
    if int(request.headers.get("Content-Length") or 0) > PAPER_BYTES_MAX:
        raise PAPER_TOO_LARGE(megabytes=PAPER_BYTES_MAX >> 20)
    return queries.paper_verdict(request.body, viewer=viewer)


# --- 调查链接 --------------------------------------------------------------------------------


@router.get("/papers/callouts/{int:callout_id}/shares", response=shapes.ShareList)
def shares(request: HttpRequest, callout_id: int) -> dict[str, Any]:
    """The links of a callout; never their tokens."""
    viewer = signed_in(request)
    _needs(viewer, Permission.VERIFY_RECORD)
    lines = queries.shares(callout_id, viewer=viewer)
    who = person_names([line.share.made_by for line in lines], viewer=node_viewer())
    return {"items": [_share(line, who.get(line.share.made_by, "")) for line in lines]}


def _share(line: ShareLine, who: str) -> dict[str, Any]:
    share = line.share
    return {
        "id": str(share.pk),
        "recipient": share.recipient,
        "reason": share.reason,
        "parts": share.parts,
        "made_at": to_iso(share.made_at),
        "made_by_name": who,
        "expires_at": to_iso(share.expires_at),
        "withdrawn_at": to_iso(line.withdrawn_at) if line.withdrawn_at else None,
        "openings": line.openings,
        "wrong_codes": line.wrong_codes,
        "last_opened_at": to_iso(line.last_opened_at) if line.last_opened_at else None,
        "is_open": line.is_open,
    }


@router.post("/papers/callouts/{int:callout_id}/shares", response=shapes.ShareMadeOut)
def make_share(request: HttpRequest, callout_id: int, body: shapes.ShareIn) -> dict[str, Any]:
    """A link for an inquiry. Token and code are shown this once."""
    made = services.make_share(
        viewer=signed_in(request),
        callout_id=callout_id,
        parts=body.parts,
        recipient=body.recipient,
        reason=body.reason,
        expires_at=body.expires_at,
    )
    return {**made, "share_id": str(made["share_id"])}


@router.post("/papers/shares/{int:share_id}/withdraw", response=shapes.PaperOutcome)
def withdraw(request: HttpRequest, share_id: int, body: shapes.Because) -> dict[str, Any]:
    """From now on the link opens nothing."""
    made = services.withdraw_share(viewer=signed_in(request), share_id=share_id, reason=body.reason)
    return {"outcome": made["outcome"]}


@router.post("/papers/shared", response=shapes.SharedOut)
def look(request: HttpRequest, body: shapes.LookIn) -> dict[str, Any]:
    """What an inquiry sees with token and code; nobody signs in. Masked, and on record."""
    return services.look(token=body.token, code=body.code)
