"""Links for an inquiry: those that were made, and what one of them shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengsui.engines.calls.queries.gates import callout
from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.accounts.queries import viewer_for_person
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.queries import facts_about
from fengsui.foundation.places.queries import names as place_names
from fengsui.response.alerts import queries as alerts
from fengsui.review.papers.errors import LINK_CLOSED
from fengsui.review.papers.models import Share, ShareStep
from fengsui.review.papers.queries.bulletins import bulletins
from fengsui.review.papers.queries.lists import unanswered_at
from fengsui.review.papers.queries.reviews import review
from fengsui.review.papers.rules import bulletins as bulletin_rules
from fengsui.review.papers.rules import shares as rules
from fengsui.review.papers.states import SharePart
from fengsui.standards.instants import to_iso

TIMELINE_MAX = 500
UNANSWERED_SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A link as its makers see it. The token is shown once, when it is made, and never again."""

    share: Share
    openings: int
    wrong_codes: int
    last_opened_at: datetime | None
    withdrawn_at: datetime | None
    is_open: bool


def shares(callout_id: int, *, viewer: Viewer) -> list[ShareLine]:
    """The links of a callout in the viewer's places, newest first."""
    callout(callout_id, viewer=viewer)
    rows = Share.objects.filter(visible(viewer, Permission.VERIFY_RECORD), callout_id=callout_id)
    found = list(rows.order_by("-made_at", "-id"))
    steps = _steps([one.pk for one in found])
    return [_line(one, steps.get(one.pk, [])) for one in found]


def share_named(share_id: int, *, viewer: Viewer) -> Share:
    """Raises access.not_found."""
    rows = Share.objects.filter(visible(viewer, Permission.VERIFY_RECORD), pk=share_id)
    found = rows.first()
    if found is None:
        raise NOT_FOUND()
    return found


def _steps(share_ids: list[int]) -> dict[int, list[ShareStep]]:
    found: dict[int, list[ShareStep]] = defaultdict(list)
    for step in ShareStep.objects.filter(share_id__in=share_ids).order_by("at", "id"):
        found[step.share_id].append(step)
    return found


def _line(share: Share, steps: list[ShareStep]) -> ShareLine:
    count = Counter(one.verb for one in steps)
    withdrawn = next((one.at for one in steps if one.verb == "withdrawn"), None)
    opened = [one.at for one in steps if one.verb == "opened"]
    return ShareLine(
        share=share,
        openings=count["opened"],
        wrong_codes=count["refused"],
        last_opened_at=opened[-1] if opened else None,
        withdrawn_at=withdrawn,
        is_open=not rules.is_dead(
            now=clock.now(),
            expires_at=share.expires_at,
            withdrawn_at=withdrawn,
            wrong_codes=count["refused"],
            openings=count["opened"],
        ),
    )


def open_share(token: str) -> ShareLine | None:
    """The link with this token, where it is still open; the code is not looked at."""
    share = Share.objects.filter(token_hash=rules.token_hash(token)).first()
    if share is None:
        return None
    line = _line(share, _steps([share.pk]).get(share.pk, []))
    return line if line.is_open else None


def shared(share: Share) -> dict[str, Any]:
    """What an inquiry sees: the parts chosen, masked, and never more than the maker may see now.

    Raises papers.link_closed where the maker has lost the sight of it.
    """
    viewer = viewer_for_person(share.made_by)
    try:
        found = callout(share.callout_id, viewer=viewer)
    except Problem as refusal:
        raise LINK_CLOSED() from refusal
    alert = alerts.alert_of_callout(share.callout_id, viewer=viewer)
    parts = [SharePart(one) for one in share.parts]
    return {
        "recipient": share.recipient,
        "reason": share.reason,
        "expires_at": to_iso(share.expires_at),
        "headline": alert.headline if alert else "",
        "issuer": alert.issuer if alert else "",
        "exercise": found.exercise,
        "at": to_iso(clock.now()),
        "parts": [one.value for one in parts],
        "review": review(found.pk, viewer=viewer) if SharePart.REVIEW in parts else None,
        "timeline": _timeline(share, viewer) if SharePart.TIMELINE in parts else [],
        "bulletins": _bulletins(share, viewer) if SharePart.BULLETINS in parts else [],
        "unanswered": _unanswered(found.pk, viewer) if SharePart.UNANSWERED in parts else [],
    }


def _timeline(share: Share, viewer: Viewer) -> list[dict[str, str]]:
    about = [one for one in (share.alert_id, share.callout_id) if one]
    rows = facts_about(viewer, entity=about, limit=TIMELINE_MAX)
    places = place_names({row["fact"].scope for row in rows}, viewer=viewer)
    return [
        {
            "at": to_iso(row["fact"].at),
            "place": places.get(row["fact"].scope, ""),
            "zh": row["zh"],
            "en": row["en"],
        }
        for row in rows
    ]


def _bulletins(share: Share, viewer: Viewer) -> list[dict[str, Any]]:
    if not share.alert_id:
        return []
    return [
        {
            "number": bulletin_rules.number_in_words(one.year, one.issue),
            "version": one.version,
            "kind": one.kind,
            "issued_at": to_iso(one.issued_at),
            "numbers": one.numbers,
            "notes": one.notes,
            "reason": one.reason,
        }
        for one in bulletins(share.alert_id, viewer=viewer)
    ]


def _unanswered(callout_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """Names and numbers masked: an inquiry that needs them asks the office by name."""
    rows = unanswered_at(callout_id, viewer=viewer, at=clock.now())
    return [
        {
            "township": one.township,
            "village": one.village,
            "post_title": one.post_title,
            "name": one.name,
            "tries": one.tries,
            "last_word": one.last_word,
        }
        for one in rows[:UNANSWERED_SHOWN_MAX]
    ]
