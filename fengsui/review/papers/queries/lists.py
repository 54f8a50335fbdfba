"""Who had not answered at a moment, as rows for a list; what was taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fengsui.engines.calls.models import Answer, Attempt, Call, Callout, CallParty
from fengsui.engines.calls.queries import last_words, mask
from fengsui.engines.calls.queries.gates import callout, calls_in_sight, not_by
from fengsui.engines.calls.states import Word
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.ledgers.rules import masked
from fengsui.foundation.places.queries import names as place_names
from fengsui.review.papers.errors import BAD_MOMENT
from fengsui.review.papers.models import DrawnList, TakenPaper
from fengsui.review.papers.queries.chains import newest_words
from fengsui.review.papers.states import SAID_WORDS, SaidKind
from fengsui.standards.divisions import full_code, village_of

ROWS_MAX = 20_000
TAKEN_SHOWN_MAX = 50
IDS_PER_QUERY = 900


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One line of the list, as it may be shown: masked unless the viewer may and asked."""

    call_id: int
    township: str
    village: str
    post_title: str
    name: str
    number: str
    rung: str
    tries: int
    last_word: str
    relayed: str
    is_covered: bool


def moment_in(found: Callout, at: datetime | None) -> datetime:
    """The moment a list shows: `at`, or now. Raises papers.bad_moment outside the callout."""
    now = clock.now()
    if at is None:
        return now
    if not found.opened_at <= at <= now:
        raise BAD_MOMENT()
    return at


def _unanswered(callout_id: int, viewer: Viewer, at: datetime) -> QuerySet[Call]:
    return (
        calls_in_sight(callout_id, viewer)
        .filter(batch__added_at__lte=at)
        .filter(not_by("answered_at", at))
        .filter(not_by("reached_at", at))
        .filter(not_by("notified_at", at))
    )


def unanswered_at(
    callout_id: int, *, viewer: Viewer, at: datetime, under: str = "", in_full: bool = False
) -> list[Unanswered]:
    """未应答名单 at a moment, by place; at most ROWS_MAX + 1 rows, so that too many are noticed.

    `in_full` shows names and numbers where the viewer may reveal them, row by row.
    """
    found = callout(callout_id, viewer=viewer)
    calls = _unanswered(callout_id, viewer, at)
    if under:
        calls = calls.filter(place_code__startswith=under)
    rows = list(calls.order_by("place_code", "ordinal")[: ROWS_MAX + 1])
    ids = [row.pk for row in rows]
    parties = CallParty.objects.in_bulk(ids)
    tried, covered = _tried(ids, at), _covered(callout_id, at)
    said = newest_words(callout_id, viewer=viewer, at=at)
    codes = {village_of(row.place_code) for row in rows}
    known = place_names(codes | {full_code(code[:9]) for code in codes}, viewer=viewer)
    rungs = found.policy["rungs"]
    return [
        _line(
            row,
            parties.get(row.pk),
            tried.get(row.pk),
            said.get(row.pk, ""),
            known,
            rungs,
            is_covered=row.pk in covered,
            shows=in_full and viewer.may(Permission.REVEAL_PERSONAL, row.place_code),
        )
        for row in rows
    ]


_Tried = tuple[int, int, str, int]  # tries, rung of the last, its word, seconds heard


def _line(
    row: Call,
    party: CallParty | None,
    tried: _Tried | None,
    said: str,
    known: Mapping[str, str],
    rungs: Sequence[Mapping[str, Any]],
    *,
    is_covered: bool,
    shows: bool,
) -> Unanswered:
    tries, rung, word, heard_s = tried or (0, 0, "", 0)
    name = party.name if party is not None else ""
    number = _number(party)
    where = rungs[min(rung, len(rungs) - 1)]
    return Unanswered(
        call_id=row.pk,
        township=known.get(full_code(row.place_code[:9]), ""),
        village=known.get(village_of(row.place_code), "") if len(row.place_code) > 9 else "",
        post_title=row.post_title,
        name=name if shows else masked(name),
        number=number if shows else mask(number),
        rung=str(where.get("word_zh") or where["who"]),
        tries=tries,
        last_word=last_words(word, heard_s)["last_word_zh"],
        relayed=SAID_WORDS[SaidKind(said)][0] if said else "",
        is_covered=is_covered,
    )


def _number(party: CallParty | None) -> str:
    contacts = party.contacts if party is not None else []
    return next((str(one["value"]) for one in contacts if one.get("kind") == "phone"), "")


def _tried(call_ids: Sequence[int], at: datetime) -> dict[int, _Tried]:
    """Tries begun until a moment, and what is known by now of the last of them that settled."""
    found: dict[int, _Tried] = {}
    for part in _parts(call_ids):
        attempts = Attempt.objects.filter(call_id__in=part, started_at__lte=at)
        rows = attempts.exclude(word=Word.WITHDRAWN).order_by("step", "id")
        for call_id, rung, word, heard_s, settled_at in rows.values_list(
            "call_id", "rung", "word", "heard_s", "settled_at"
        ):
            tries, _, last, seconds = found.get(call_id, (0, 0, "", 0))
            if settled_at is not None and word != Word.ACKNOWLEDGED:
                last, seconds = word, heard_s
            found[call_id] = (tries + 1, rung, last, seconds)
    return found


def _covered(callout_id: int, at: datetime) -> set[int]:
    """Calls for which somebody stood in by then; the people called are still owed an answer."""
    rows = Answer.objects.filter(call__callout_id=callout_id, is_stand_in=True, answered_at__lte=at)
    return set(rows.exclude(kind="away_pass_to_b").values_list("call_id", flat=True))


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(ids), IDS_PER_QUERY):
        yield ids[start : start + IDS_PER_QUERY]


def drawn_list(callout_id: int, *, viewer: Viewer) -> DrawnList | None:
    """The list of five minutes after the start, where its callout is in sight as a whole."""
    rows = DrawnList.objects.filter(visible(viewer, Permission.SEE_CALLS), callout_id=callout_id)
    return rows.order_by("at", "id").first()


def overview(callout_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """How many are unanswered now, the list of five minutes, and who took what."""
    found = callout(callout_id, viewer=viewer)
    now = clock.now()
    calls = calls_in_sight(callout_id, viewer)
    return {
        "callout": found,
        "at": now,
        "called": calls.count(),
        "unanswered": _unanswered(callout_id, viewer, now).count(),
        "drawn": drawn_list(callout_id, viewer=viewer),
        "taken": taken(callout_id, viewer=viewer),
    }


def taken(callout_id: int, *, viewer: Viewer) -> list[TakenPaper]:
    """Papers of a callout taken out in the viewer's places, and one's own; newest first."""
    mine = visible(viewer, Permission.SEE_CALLS)
    rows = TakenPaper.objects.filter(mine, callout_id=callout_id)
    return list(rows.order_by("-taken_at", "-id")[:TAKEN_SHOWN_MAX])
