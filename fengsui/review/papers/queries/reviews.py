"""复盘: the figures of a callout, and whether a signed paper is one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.models import Attempt, Callout, UnitCall
from fengsui.engines.calls.queries.gates import callout, calls_in_sight
from fengsui.engines.calls.states import UnitState, Word
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock, signing
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.places.queries import names
from fengsui.response.alerts import queries as alerts
from fengsui.response.evacuations.models import EvacuationHousehold
from fengsui.response.evacuations.states import HouseholdStatus
from fengsui.response.situation import queries as situation
from fengsui.review.papers.models import RelayedWord, SignedReview
from fengsui.review.papers.rules import kpis, signatures
from fengsui.review.papers.states import Verdict
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import to_iso

# A voice was on the other end, whatever it did then.
_CONNECTED = (Word.HEARD, Word.WRONG_KEY, Word.HUNG_UP, Word.ACKNOWLEDGED)
_WAKES_NOBODY = ("in_app", "email")
_NOT_FOUND_AT_HOME = (HouseholdStatus.NOT_YET, HouseholdStatus.KNOCKED_NO_ANSWER)
ANSWER_WITHIN_DEFAULT_S = 600
ACT_WITHIN_DEFAULT_S = 1800


def review(callout_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """The figures of a callout within the viewer's places, plain values; shares in permille."""
    found = callout(callout_id, viewer=viewer)
    board = calls.board(callout_id, viewer=viewer)
    answer_within = int(found.policy.get("answer_within_s") or ANSWER_WITHIN_DEFAULT_S)
    timed = kpis.answers(_timed(callout_id, viewer), answer_within_s=answer_within)
    called = board["called"]
    shares = {
        "reached": kpis.Share(_connected(callout_id, viewer), called),  # 叫应率
        "answered": kpis.Share(board["answered"], called),  # 应答率
        "in_time": kpis.Share(timed.in_time, called),  # 及时率
        "acted": kpis.Share(board["units"]["answered"], board["units"]["called"]),  # 行动反馈率
        "acted_in_time": _acted_in_time(found, viewer),
        "households": _households(callout_id, viewer),  # 到户率
    }
    return {
        "callout": board["callout"],
        "at": to_iso(clock.now()),
        "policy": board["policy"],
        "answer_within_s": answer_within,
        "shares": {
            name: {"part": one.part, "whole": one.whole, "permille": one.permille}
            for name, one in shares.items()
        },
        "p50_s": timed.p50_s,
        "p90_s": timed.p90_s,
        "slowest_s": timed.slowest_s,
        "counts": {
            name: board[name]
            for name in (
                "called", "answered", "reached_in_person", "unreached_named", "notified",
                "unanswered", "late", "needs_support",
            )
        },
        # 夜间规则: messages that wake nobody count as no call.
        "night_only": len(calls.night_marked(callout_id, viewer=viewer)),
        "relayed": RelayedWord.objects.filter(
            visible(viewer, Permission.SEE_CALLS), callout_id=callout_id
        ).values("call_id").distinct().count(),
        "first_sign": _first_sign(found, viewer),
        "by_township": _by_township(board["by_place"], viewer),
        "by_channel": board["by_channel"],
    }  # fmt: skip


def _timed(callout_id: int, viewer: Viewer) -> Iterator[kpis.Timed]:
    rows = calls_in_sight(callout_id, viewer).filter(answered_at__isnull=False)
    for added, answered, reached in rows.values_list(
        "batch__added_at", "answered_at", "reached_at"
    ).iterator(chunk_size=5000):
        yield kpis.Timed(added, answered, reached)


def _connected(callout_id: int, viewer: Viewer) -> int:
    """People who were got hold of: somebody listened, answered, or stood before a person."""
    heard = Attempt.objects.filter(call_id=OuterRef("pk"), word__in=_CONNECTED).exclude(
        channel__in=_WAKES_NOBODY
    )
    met = Q(answered_at__isnull=False) | Q(reached_at__isnull=False)
    return calls_in_sight(callout_id, viewer).filter(met | Exists(heard)).count()


def _acted_in_time(found: Callout, viewer: Viewer) -> kpis.Share:
    within = int(found.policy.get("act_within_s") or ACT_WITHIN_DEFAULT_S)
    units = UnitCall.objects.filter(
        visible(viewer, Permission.SEE_CALLS, "unit_code"), callout=found
    )
    moments = units.filter(state=UnitState.ACTED.value).values_list("first_action_at", flat=True)
    in_time = sum(
        at is not None and (at - found.opened_at).total_seconds() <= within for at in moments
    )
    return kpis.Share(in_time, units.count())


def _households(callout_id: int, viewer: Viewer) -> kpis.Share:
    alert = alerts.alert_of_callout(callout_id, viewer=viewer)
    if alert is None or not alert.evacuation_id:
        return kpis.Share(0, 0)
    rows = EvacuationHousehold.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), evacuation_id=alert.evacuation_id, counts=True
    )
    # 到户: somebody was at the door or reached them. 敲门未应 is a visit that reached nobody.
    return kpis.Share(
        rows.exclude(status__in=_NOT_FOUND_AT_HOME).count(),
        rows.count(),
    )


def _first_sign(found: Callout, viewer: Viewer) -> dict[str, Any] | None:
    """提前量: the first call for help or report of harm after the start, and who knew by then."""
    moments: list[tuple[datetime, str]] = [
        (one.at, "sos") for one in situation.open_sos(viewer=viewer, with_closed=True)
    ]
    moments += [(one.at, "report") for one in situation.reports(viewer=viewer, with_older=True)]
    after = sorted(one for one in moments if one[0] >= found.opened_at)
    if not after:
        return None
    at, what = after[0]
    calls_then = calls_in_sight(found.pk, viewer).filter(batch__added_at__lte=at)
    return {
        "at": to_iso(at),
        "what": what,
        "lead_s": int((at - found.opened_at).total_seconds()),
        "answered": calls_then.filter(answered_at__lte=at).count(),
        "called": calls_then.count(),
    }


def _by_township(places: list[dict[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    totals: dict[str, dict[str, int]] = {}
    for one in places:
        code = full_code(one["code"][:9])
        held = totals.setdefault(code, {"called": 0, "answered": 0})
        held["called"] += one["called"]
        held["answered"] += one["answered"]
    known = names(totals, viewer=viewer)
    return [
        {"code": code, "name": known.get(code, ""), **held} for code, held in sorted(totals.items())
    ]


# --- a paper that somebody holds ------------------------------------------------------------


def paper_verdict(paper: bytes, *, viewer: Viewer) -> dict[str, Any]:
    """Whether a PDF is one that was signed here: {"verdict", "made_at", "callout_id", …}."""
    if not viewer.person_id and not viewer.is_node:
        raise NOT_ALLOWED(permission="", place="")
    content, signature = signatures.split(paper)
    if signature is None:
        return _verdict(Verdict.UNSIGNED)
    suite = signing.SUITES.get(signature.suite)
    digest = signatures.digest(content)
    is_signed = suite is not None and suite.is_valid(
        signature.key, signatures.message(digest, signature.fact_id), signature.signature
    )
    if not is_signed:
        return _verdict(Verdict.CHANGED)
    # The key in the paper proves nothing by itself: the record has to tell of this very paper.
    row = SignedReview.objects.filter(fact_id=signature.fact_id.hex(), sha256=digest.hex()).first()
    if row is None or signature.key != _author_of(row):
        return _verdict(Verdict.UNKNOWN_SIGNER)
    return _verdict(
        Verdict.GENUINE, row if viewer.may(Permission.SEE_CALLS, row.place_code) else None
    )


def _author_of(row: SignedReview) -> bytes:
    """The key of the node whose record the fact stands in."""
    stored = StoredFact.objects.filter(fact_id=bytes.fromhex(row.fact_id))
    key = stored.values_list("feed__public_key", flat=True).first()
    return bytes(key) if key is not None else b""


def _verdict(verdict: Verdict, row: SignedReview | None = None) -> dict[str, Any]:
    return {
        "verdict": verdict.value,
        "made_at": to_iso(row.made_at) if row else None,
        "callout_id": str(row.callout_id) if row else None,
        "recipient": row.recipient if row else "",
    }
