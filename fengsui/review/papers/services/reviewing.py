"""复盘 of a callout as a PDF that the node signs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fengsui.engines.calls.queries.gates import callout
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record, sign_document
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers import queries
from fengsui.review.papers.facts import REVIEW_SIGNED
from fengsui.review.papers.printing.typeset import to_pdf
from fengsui.review.papers.queries.lists import Unanswered
from fengsui.review.papers.rules import kpis, signatures
from fengsui.review.papers.services.taking import File, check_words, paper_number, place_taken
from fengsui.standards.instants import BEIJING

LISTED_MAX = 60
SHARE_WORDS = (
    ("reached", "叫应率", "接通 / 应叫"),
    ("answered", "应答率", "确认 / 应叫"),
    ("in_time", "及时率", "时限内确认 / 应叫"),
    ("acted", "行动反馈率", "已反馈首次行动的单位 / 应到单位"),
    ("acted_in_time", "及时行动率", "时限内反馈首次行动的单位 / 应到单位"),
    ("households", "到户率", "已见到人或查明去向的户 / 名单上的户"),
)


def review_as_pdf(*, viewer: Viewer, callout_id: int, recipient: str) -> File:
    """The review, set, put on record with its hash, and signed by this node's key.

    Raises access.not_found, papers.recipient_needed, papers.not_set.
    """
    figures = queries.review(callout_id, viewer=viewer)  # not found comes before any other word
    check_words(viewer, reason="", recipient=recipient, with_personal=False)
    now = clock.now()
    content = to_pdf("review", _content(figures, viewer, callout_id, recipient), now)
    digest = signatures.digest(content)
    signed = sign_review(
        viewer=viewer,
        callout_id=callout_id,
        sha256=digest.hex(),
        figures={name: one["permille"] for name, one in figures["shares"].items()}
        | {
            "called": figures["counts"]["called"],
            "p50_s": figures["p50_s"],
            "p90_s": figures["p90_s"],
        },
        recipient=recipient.strip(),
    )
    line = signatures.sign_line(
        signatures.Signature(
            suite=int(signed["suite"]),
            key=bytes.fromhex(signed["key"]),
            fact_id=bytes.fromhex(signed["fact_id"]),
            signature=bytes.fromhex(signed["signature"]),
        )
    )
    number = paper_number(now)
    name = f"叫应复盘-{now.astimezone(BEIJING):%Y%m%d-%H%M}-{number}.pdf"
    return File(content + line, name, "application/pdf", number)


@command
def sign_review(
    *, viewer: Viewer, callout_id: int, sha256: str, figures: dict[str, Any], recipient: str
) -> dict[str, str]:
    """Puts the paper's hash on record and signs it bound to that fact; everything in hex."""
    found = callout(callout_id, viewer=viewer)
    scope = place_taken(found, viewer)
    if not viewer.may(Permission.SEE_CALLS, scope):
        raise NOT_ALLOWED(permission=Permission.SEE_CALLS.value, place=scope)
    fact = record(
        REVIEW_SIGNED,
        fields={
            "callout_id": callout_id,
            "sha256": sha256,
            "figures": figures,
            "recipient": recipient,
        },
        scope=scope,
        viewer=viewer,
        about=[callout_id],
    )
    suite, key, signature = sign_document(signatures.PURPOSE, bytes.fromhex(sha256) + fact.id)
    return {
        "suite": str(suite),
        "key": key.hex(),
        "fact_id": fact.id.hex(),
        "signature": signature.hex(),
    }


def _content(
    figures: dict[str, Any], viewer: Viewer, callout_id: int, recipient: str
) -> dict[str, Any]:
    found = callout(callout_id, viewer=viewer)
    alert = alerts.alert_of_callout(callout_id, viewer=viewer)
    left = queries.unanswered_at(callout_id, viewer=viewer, at=clock.now())
    policy = figures["policy"]
    drawn = queries.drawn_list(callout_id, viewer=viewer)
    return {
        "title": "叫应复盘",
        "headline": alert.headline if alert else "",
        "issuer": alert.issuer if alert else "",
        "exercise": found.exercise,
        "opened": _at(found.opened_at),
        "closed": _at(found.closed_at) if found.closed_at else "进行中",
        "made": _at(clock.now()),
        "maker": viewer.name,
        "recipient": recipient.strip(),
        "policy": f"{policy.get('label_zh') or ''}：{figures['answer_within_s'] // 60} 分钟内确认",
        "counts": figures["counts"],
        "shares": _shares(figures["shares"]),
        "p50": kpis.minutes_in_words(figures["p50_s"]),
        "p90": kpis.minutes_in_words(figures["p90_s"]),
        "slowest": kpis.minutes_in_words(figures["slowest_s"]),
        "five": f"{drawn.unanswered} / {drawn.called}" if drawn else "—",
        "relayed": figures["relayed"],
        "night_only": figures["night_only"],
        "first_sign": _first_sign(figures["first_sign"]),
        "townships": figures["by_township"],
        "channels": [
            {**one, "name": CHANNELS.get(one["channel"], one["channel"])}
            for one in figures["by_channel"]
        ],
        "left": _left(left[:LISTED_MAX]),
        "left_more": max(0, len(left) - LISTED_MAX),
    }


def _shares(shares: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "means": means,
            "part": shares[key]["part"],
            "whole": shares[key]["whole"],
            "share": kpis.in_words(shares[key]["permille"]),
        }
        for key, name, means in SHARE_WORDS
    ]


def _left(rows: Sequence[Unanswered]) -> list[dict[str, Any]]:
    return [
        {
            "place": f"{one.township}{one.village}",
            "post": one.post_title,
            "name": one.name,
            "tries": one.tries,
            "last": one.last_word,
        }
        for one in rows
    ]


CHANNELS = {"voice": "电话", "email": "邮件", "in_app": "应用内", "sms": "短信"}


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _first_sign(found: dict[str, Any] | None) -> str:
    if found is None:
        return "没有收到灾情迹象"
    what = "求救" if found["what"] == "sos" else "灾情快报"
    lead = kpis.minutes_in_words(found["lead_s"])
    return f"启动后 {lead} 收到第一起{what}；当时已应 {found['answered']} / {found['called']} 人"
