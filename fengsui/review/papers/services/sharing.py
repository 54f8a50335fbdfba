"""调查链接: made for a reason, told in two parts, looked at until its end or until withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fengsui.engines.calls.queries.gates import callout
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers import queries
from fengsui.review.papers.errors import BAD_EXPIRY, LINK_CLOSED, NO_PARTS
from fengsui.review.papers.facts import SHARE_MADE, SHARE_OPENED, SHARE_REFUSED, SHARE_WITHDRAWN
from fengsui.review.papers.rules import shares as rules
from fengsui.review.papers.services.taking import check_words, place_taken
from fengsui.review.papers.states import SharePart
from fengsui.standards.instants import to_ms

TOKEN_CHARACTERS_MAX = 64
CODE_CHARACTERS_MAX = 16


def make_share(
    *,
    viewer: Viewer,
    callout_id: int,
    parts: Sequence[str],
    recipient: str,
    reason: str,
    expires_at: datetime,
) -> dict[str, Any]:
    """{"share_id", "token", "code"}: both are shown once; the node keeps only hashes.

    Raises papers.bad_expiry, papers.no_parts, papers.recipient_needed, access.not_allowed.
    """
    token = secrets.token_urlsafe(rules.TOKEN_BYTES)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    made = note_share(
        viewer=viewer,
        callout_id=callout_id,
        parts=list(parts),
        recipient=recipient,
        reason=reason,
        expires_at=expires_at,
        token_hash=rules.token_hash(token),
        code_hash=rules.code_hash(token, code),
    )
    return {"share_id": made["share_id"], "token": token, "code": code}


@command
def note_share(
    *,
    viewer: Viewer,
    callout_id: int,
    parts: Sequence[str],
    recipient: str,
    reason: str,
    expires_at: datetime,
    token_hash: str,
    code_hash: str,
) -> dict[str, Any]:
    """Puts a link on record; token and code themselves never come here."""
    found = callout(callout_id, viewer=viewer)
    scope = place_taken(found, viewer)
    require(viewer, Permission.VERIFY_RECORD, scope)
    check_words(viewer, reason="", recipient=recipient, with_personal=False)
    check_words(viewer, reason="", recipient=reason, with_personal=False)
    chosen = [SharePart(one).value for one in dict.fromkeys(parts)]
    if not chosen:
        raise NO_PARTS()
    if not rules.LASTS_MIN <= expires_at - clock.now() <= rules.LASTS_MAX:
        raise BAD_EXPIRY()
    alert = alerts.alert_of_callout(callout_id, viewer=viewer)
    fact = record(
        SHARE_MADE,
        fields={
            "callout_id": callout_id,
            "alert_id": alert.pk if alert else None,
            "token_hash": token_hash,
            "code_hash": code_hash,
            "parts": chosen,
            "recipient": recipient.strip(),
            "reason": reason.strip(),
            "expires_at_ms": to_ms(expires_at),
        },
        scope=scope,
        viewer=viewer,
        about=[callout_id],
    )
    return {"share_id": fact.entity()}


@command
def withdraw_share(*, viewer: Viewer, share_id: int, reason: str) -> dict[str, Any]:
    """From now on the link opens nothing."""
    share = queries.share_named(share_id, viewer=viewer)
    require(viewer, Permission.VERIFY_RECORD, share.place_code)
    check_words(viewer, reason="", recipient=reason, with_personal=False)
    record(
        SHARE_WITHDRAWN,
        fields={"share_id": share_id, "reason": reason.strip()},
        scope=share.place_code,
        viewer=viewer,
        about=[share_id, share.callout_id],
    )
    return {"share_id": share_id, "outcome": "recorded"}


def look(*, token: str, code: str) -> dict[str, Any]:
    """What the link shows to whoever holds token and code. One refusal for every reason.

    Each opening and each wrong code is a fact; an unknown token writes nothing at all.
    """
    line = queries.open_share(token[:TOKEN_CHARACTERS_MAX])
    if line is None:
        raise LINK_CLOSED()
    # The count of a wrong code must outlive the refusal, so the refusal is said after the commit.
    judged = note_look(share_id=line.share.pk, token=token, code=code[:CODE_CHARACTERS_MAX])
    if not judged["is_right"]:
        raise LINK_CLOSED()
    return queries.shared(line.share)


@command
def note_look(*, share_id: int, token: str, code: str) -> dict[str, Any]:
    """Judged where it is counted, one after the other: nobody tries two codes at once."""
    line = queries.open_share(token)
    if line is None or line.share.pk != share_id:
        raise LINK_CLOSED()
    is_right = rules.is_code(line.share.code_hash, token, code)
    return _note(line.share.pk, line.share.place_code, line.share.callout_id, is_right)


def _note(share_id: int, scope: str, callout_id: int, is_right: bool) -> dict[str, Any]:
    record(
        SHARE_OPENED if is_right else SHARE_REFUSED,
        fields={"share_id": share_id},
        scope=scope,
        viewer=node_viewer("papers"),
        about=[share_id, callout_id],
    )
    return {"is_right": is_right}
