"""The list of those who have not answered, and what waits for one person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet

from fengsui.engines.calls.channel_register import voice_kinds
from fengsui.engines.calls.models import Attempt, Call, Callout, CallParty, Companion
from fengsui.engines.calls.queries.beside import night_marked, rung_beside
from fengsui.engines.calls.queries.gates import callout, calls_in_sight
from fengsui.engines.calls.states import STATE_ZH, WORDS_EN, WORDS_ZH, Word
from fengsui.engines.calls.wording import text_for
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.places.queries import names
from fengsui.standards.divisions import scope_prefix, village_of
from fengsui.standards.instants import to_iso

PAGE_MAX = 200
OPEN_CALLS_MAX = 50
MASKED_DIGITS = 4
_CURSOR = re.compile(r"(\d{1,4})\.(\d{1,9})")


def unanswered(
    callout_id: int,
    *,
    viewer: Viewer,
    after: str | None = None,
    limit: int = 50,
    village: str = "",
    rung: int | None = None,
    channel: str = "",
) -> dict[str, Any]:
    """未应答名单, those furthest up the ladder first, then in the list's order.

    `village` is a place of any level; `rung` where they stand now, `channel` what was tried last.
    Plain values as the API gives them. {"items", "next"}: `next` is None on the last page.
    `tries` and the last word are those of all rungs together. Numbers are masked.
    """
    found = callout(callout_id, viewer=viewer)
    limit = max(1, min(limit, PAGE_MAX))
    calls = still_unanswered(callout_id, viewer)
    if village:
        calls = calls.filter(place_code__startswith=scope_prefix(village))
    if rung is not None:
        calls = calls.filter(rung=rung)
    if channel:
        calls = calls.filter(channel=channel)
    cursor = _CURSOR.match(after or "")
    if cursor:
        top, ordinal = int(cursor[1]), int(cursor[2])
        calls = calls.filter(Q(rung__lt=top) | Q(rung=top, ordinal__gt=ordinal))
    rows = list(calls.order_by("-rung", "ordinal")[: limit + 1])
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "items": items_of(page, found, viewer=viewer),
        "next": f"{page[-1].rung}.{page[-1].ordinal}" if more else None,
    }


def still_unanswered(callout_id: int, viewer: Viewer) -> QuerySet[Call]:
    """Who in sight has neither answered nor been reached; the named are still among them."""
    return calls_in_sight(callout_id, viewer).exclude(
        ended_as__in=("answered", "reached_in_person", "notified")
    )


def items_of(page: Sequence[Call], found: Callout, *, viewer: Viewer) -> list[dict[str, Any]]:
    """These calls as the API lists them, in a fixed number of queries."""
    parties = CallParty.objects.in_bulk([call.id for call in page])
    tried = _tried([call.id for call in page])
    known = names([village_of(call.place_code) for call in page], viewer=viewer)
    beside = rung_beside([call.id for call in page], viewer=viewer)
    marked = night_marked(found.id, viewer=viewer)
    return [
        _unanswered_item(call, parties.get(call.id), known, found, viewer)
        | tried.get(call.id, {})
        | {"also_rung": beside.get(call.id, []), "night_mark": call.id in marked}
        for call in page
    ]


def _tried(call_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """How often each was tried and what the last settled try said, whatever rung it was on."""
    tried: dict[int, dict[str, Any]] = {}
    attempts = Attempt.objects.filter(call_id__in=call_ids).exclude(word=Word.WITHDRAWN)
    rows = attempts.order_by("step").values_list("call_id", "word", "heard_s", "settled_at")
    for call_id, word, heard_s, settled_at in rows:
        known = tried.setdefault(call_id, {"tries": 0})
        known["tries"] += 1
        # What a stand-in acknowledged is no word of this person: `is_covered` says that.
        if settled_at is not None and word != Word.ACKNOWLEDGED:
            known |= {"last_word": word, **last_words(word, heard_s)}
    return tried


def _unanswered_item(
    call: Call,
    party: CallParty | None,
    known: Mapping[str, str],
    found: Callout,
    viewer: Viewer,
) -> dict[str, Any]:
    number = _number(party)
    rungs = found.policy["rungs"]
    rung = rungs[min(call.rung, len(rungs) - 1)]
    may_reveal = viewer.may(Permission.REVEAL_PERSONAL, call.place_code)
    return {
        "call_id": str(call.id),
        "person_id": str(call.person_id) if call.person_id else None,
        "household_id": str(call.household_id) if call.household_id else None,
        "person_name": party.name if party else "",
        "post_title": call.post_title,
        "place_code": call.place_code,
        "place_name": known.get(village_of(call.place_code), ""),
        "unit_code": call.unit_code,
        "phone_masked": mask(number),
        "state": call.state,
        "state_word_zh": STATE_ZH[call.state],
        "rung": call.rung,
        "rung_word_zh": rung.get("word_zh") or rung["who"],
        "rung_word_en": rung.get("word_en") or rung["who"],
        "tries": call.tries,
        "is_covered": call.is_covered,
        "last_word": call.last_outcome,
        **last_words(call.last_outcome, call.heard_s),
        "next_at": to_iso(call.next_at) if call.next_at else None,
        "can_reveal": bool(number) and may_reveal,
        **_language(call, party, found),
    }


def _language(call: Call, party: CallParty | None, found: Callout) -> dict[str, str]:
    """What this person understands, and the language of what is said; "": the standard text.

    Whoever rings for them hears the standard text, and goes.
    """
    language = str(party.stand_ins.get("language", "")) if party is not None else ""
    is_voice = not call.channel or call.channel in voice_kinds()
    said = text_for(found.texts, found.text, language, is_voice=is_voice)
    return {"language": language, "language_used": said.language}


def _number(party: CallParty | None) -> str:
    contacts = party.contacts if party is not None else []
    return next((str(one["value"]) for one in contacts if one.get("kind") == "phone"), "")


def mask(number: str) -> str:
    """Only the last digits, enough to recognise a number one knows."""
    if len(number) <= MASKED_DIGITS:
        return "*" * len(number)
    return "*" * (len(number) - MASKED_DIGITS) + number[-MASKED_DIGITS:]


def last_words(word: str, heard_s: int) -> dict[str, str]:
    """What is known of the last try, in both languages."""
    return {
        "last_word_zh": WORDS_ZH.get(word, word).format(heard_s=heard_s),
        "last_word_en": WORDS_EN.get(word, word).format(heard_s=heard_s),
    }


def my_open_calls(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Calls that wait for this very person: their own, and those they are rung for as stand-in."""
    if not viewer.person_id:
        return []
    mine = Q(person_id=viewer.person_id)
    standing_in = Q(
        pk__in=CallParty.objects.filter(
            person_id=viewer.person_id, rung__gt=0, rung=F("call__rung")
        ).values("call_id")
    )
    # Rung together: a deputy is rung for a call that still stands on its first rung.
    standing_in |= Q(pk__in=Companion.objects.filter(person_id=viewer.person_id).values("call_id"))
    rows = (
        Call.objects.filter(mine | standing_in)
        .filter(ended_as="", callout__state="open")
        .select_related("callout")
        .order_by("-callout_id", "ordinal")[:OPEN_CALLS_MAX]
    )
    return [_as_mine(call, viewer) for call in rows]


def _as_mine(call: Call, viewer: Viewer) -> dict[str, Any]:
    return {
        "call_id": call.id,
        "callout_id": call.callout_id,
        "subject_kind": call.callout.subject_kind,
        "subject_id": call.callout.subject_id,
        "level": call.callout.level,
        "text": call.callout.text,
        "exercise": call.callout.exercise,
        "place_code": call.place_code,
        "post_title": call.post_title,
        "state": call.state,
        "answer_kind": call.answer_kind,
        "answered_at": call.answered_at,
        "stands_in": call.person_id != viewer.person_id,
        "opened_at": call.callout.opened_at,
    }


def my_open_call(*, viewer: Viewer, subject_id: int | None = None) -> dict[str, Any] | None:
    """What the field app shows of this person's call for a subject: {"id", "state",
    "answer_kind", "answered_at"}; an answered one too, so that the answer stays in sight."""
    if not viewer.person_id or subject_id is None:
        return None
    found = (
        Call.objects.filter(person_id=viewer.person_id, callout__subject_id=subject_id)
        .filter(callout__subject_kind="alert")
        .order_by("-callout_id")
        .first()
    )
    if found is None:
        waiting = [row for row in my_open_calls(viewer=viewer) if row["subject_id"] == subject_id]
        if not waiting:
            return None
        found = Call.objects.get(pk=waiting[0]["call_id"])
        return {"id": str(found.id), "state": found.state, "answer_kind": None, "answered_at": None}
    return {
        "id": str(found.id),
        "state": found.state,
        "answer_kind": found.answer_kind or None,
        "answered_at": to_iso(found.answered_at) if found.answered_at else None,
    }


def my_call(callout_id: int, *, viewer: Viewer) -> dict[str, Any] | None:
    """This person's own call in a callout, ended or not."""
    if not viewer.person_id:
        return None
    call = (
        Call.objects.filter(callout_id=callout_id, person_id=viewer.person_id)
        .select_related("callout")
        .first()
    )
    return _as_mine(call, viewer) if call is not None else None
