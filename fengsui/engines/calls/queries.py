"""The reads of the call engine. Each takes a viewer and shows what that viewer may see.

The board and its companions are set-based: a fixed number of queries, whatever the size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Value, When

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.models import (
    Alarm,
    Answer,
    Attempt,
    Call,
    Callout,
    CallParty,
    Dispatch,
    Heartbeat,
    UnitCall,
)
from fengsui.engines.calls.states import (
    FAILED_FOR_GOOD,
    FAILED_FOR_NOW,
    ON_ITS_WAY,
    STATE_ZH,
    WORDS_EN,
    WORDS_ZH,
    UnitState,
)
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.places.queries import names
from fengsui.gateways.channels import Channel, Message
from fengsui.standards.divisions import village_of
from fengsui.standards.instants import to_iso

PAGE_MAX = 200
CURVE_POINTS_MAX = 240
OPEN_CALLS_MAX = 50
UNITS_SHOWN_MAX = 500
SILENT_AFTER_S = 60
MASKED_DIGITS = 4
_PARTY_OF_RUNG_ZH = {"holder": "A岗", "in_person": "派人上门"}


def callout(callout_id: int, *, viewer: Viewer) -> Callout:
    """The callout, where the viewer may see the calls of its place or of a part of it."""
    found = Callout.objects.filter(pk=callout_id).first()
    if found is None:
        raise NOT_FOUND()
    if viewer.may(Permission.SEE_CALLS, found.place_code):
        return found
    if not _calls(callout_id, viewer).exists():
        raise NOT_FOUND()
    return found


def callouts_of(subject_kind: str, subject_id: int, *, viewer: Viewer) -> list[Callout]:
    """The callouts of one subject (an alert), oldest first."""
    rows = Callout.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")
    return [row for row in rows.filter(visible(viewer, Permission.SEE_CALLS, "place_code"))]


def _calls(callout_id: int, viewer: Viewer) -> QuerySet[Call]:
    return Call.objects.filter(callout_id=callout_id).filter(
        visible(viewer, Permission.SEE_CALLS, "place_code")
    )


def _settled_by(at: datetime) -> Q:
    return Q(answered_at__lte=at) | Q(reached_at__lte=at) | Q(notified_at__lte=at)


def _not_by(field: str, at: datetime) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": at})


def board(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> dict[str, Any]:
    """应叫 / 已应 / 未应 with curve, units, rungs, channels and places; `at` replays the past.

    Plain values as the API gives them: ids as strings, times in ISO 8601 UTC, counts of people.
    A person who answered after having been named counts as answered.
    """
    found = callout(callout_id, viewer=viewer)
    now = clock.now()
    moment = min(at, now) if at is not None else now
    calls = _calls(callout_id, viewer).filter(batch__added_at__lte=moment)
    counts = _counts(calls, moment)
    points = _curve(calls, found, moment)
    total = counts["called"]
    return {
        "callout": {
            "id": str(found.id),
            "alert_id": str(found.subject_id) if found.subject_kind == "alert" else None,
            "state": _state_at(found, moment),
            "level": found.level,
            "exercise": found.exercise,
            "opened_at": to_iso(found.opened_at),
            "closed_at": to_iso(found.closed_at)
            if found.closed_at and found.closed_at <= moment
            else None,
            "expected": found.expected,
            "now": to_iso(moment),
        },
        **counts,
        "units": _units(found, viewer, moment),
        "curve": points,
        "projected_seconds": rules.projected_seconds(points, total=total),
        "by_place": progress_by_place(callout_id, viewer=viewer, at=moment),
        "by_rung": by_rung(callout_id, viewer=viewer, at=moment),
        "by_channel": by_channel(callout_id, viewer=viewer, at=moment),
        "policy": policy_shown(found),
        "alarms": _alarms(found, moment),
    }


def _state_at(found: Callout, moment: datetime) -> str:
    return "open" if found.closed_at and found.closed_at > moment else found.state


def _counts(calls: QuerySet[Call], moment: datetime) -> dict[str, int]:
    answered = Q(answered_at__lte=moment)
    not_answered = _not_by("answered_at", moment)
    reached = Q(reached_at__lte=moment) & not_answered
    alone = not_answered & _not_by("reached_at", moment)
    notified = Q(notified_at__lte=moment) & alone
    named = Q(named_at__lte=moment) & alone & _not_by("notified_at", moment)
    counts = calls.aggregate(
        called=Count("id"),
        answered=Count("id", filter=answered),
        reached_in_person=Count("id", filter=reached),
        notified=Count("id", filter=notified),
        unreached_named=Count("id", filter=named),
        settled=Count("id", filter=_settled_by(moment)),
        needs_support=Count("id", filter=answered & Q(needs_support=True)),
        late=Count("id", filter=answered & Q(is_late=True)),
        covered=Count("id", filter=Q(is_covered=True, ended_as="")),
    )
    counts["unanswered"] = counts["called"] - counts.pop("settled")
    return counts


def _curve(calls: QuerySet[Call], found: Callout, moment: datetime) -> list[tuple[int, int]]:
    """[(whole seconds since opening, people answered or reached by then)], thinned."""
    settled = calls.filter(_settled_by(moment)).values_list(
        "answered_at", "reached_at", "notified_at"
    )
    per_second: dict[int, int] = defaultdict(int)
    for times in settled.iterator(chunk_size=5000):
        first = min(time for time in times if time is not None and time <= moment)
        per_second[max(0, int((first - found.opened_at).total_seconds()))] += 1
    points: list[tuple[int, int]] = [(0, per_second.pop(0, 0))]
    for second in sorted(per_second):
        points.append((second, points[-1][1] + per_second[second]))
    elapsed = max(0, int((moment - found.opened_at).total_seconds()))
    if points[-1][0] < elapsed:
        points.append((elapsed, points[-1][1]))
    if len(points) > CURVE_POINTS_MAX:
        stride = -(-len(points) // CURVE_POINTS_MAX)
        points = [*points[:-1:stride], points[-1]]
    return points


def curve(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> list[tuple[int, int]]:
    """The reached curve alone; see `board`."""
    found = callout(callout_id, viewer=viewer)
    moment = at or clock.now()
    calls = _calls(callout_id, viewer).filter(batch__added_at__lte=moment)
    return _curve(calls, found, moment)


def progress_by_place(
    callout_id: int, *, viewer: Viewer, at: datetime | None = None
) -> list[dict[str, Any]]:
    """One row per village (or township, county) with people called there."""
    moment = at or clock.now()
    rows = (
        _calls(callout_id, viewer)
        .filter(batch__added_at__lte=moment)
        .values("place_code")
        .annotate(
            called=Count("id"),
            answered=Count("id", filter=_settled_by(moment)),
            named=Count(
                "id",
                filter=Q(named_at__lte=moment)
                & _not_by("answered_at", moment)
                & _not_by("reached_at", moment),
            ),
        )
        .order_by("place_code")
    )
    known = names({village_of(row["place_code"]) for row in rows}, viewer=viewer)
    is_late = _is_past_its_time(callout(callout_id, viewer=viewer), moment)
    places: dict[str, dict[str, Any]] = {}
    for row in rows:
        code = village_of(row["place_code"])
        place = places.setdefault(
            code,
            {
                "code": code,
                "name": known.get(code, ""),
                "called": 0,
                "answered": 0,
                "unanswered": 0,
                "named": 0,
            },
        )
        for name in ("called", "answered", "named"):
            place[name] += row[name]
    for place in places.values():
        place["unanswered"] = place["called"] - place["answered"]
        named = place.pop("named")
        place["state"] = (
            "answered"
            if not place["unanswered"]
            else "unanswered"
            if named or (is_late and not place["answered"])
            else "calling"
        )
    return list(places.values())


def _is_past_its_time(found: Callout, moment: datetime) -> bool:
    """Past the policy's time for an answer, a silent village is shown as unanswered."""
    allowed = timedelta(seconds=int(found.policy.get("answer_within_s", 600)))
    return moment > found.opened_at + allowed


def by_rung(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> list[dict[str, Any]]:
    """How many of the unanswered stand on each rung, and how many answered from it."""
    found = callout(callout_id, viewer=viewer)
    moment = at or clock.now()
    calls = _calls(callout_id, viewer).filter(batch__added_at__lte=moment)
    if at is None or at >= clock.now():
        standing = calls.filter(ended_as="").values_list("rung").annotate(n=Count("id")).order_by()
    else:
        last = (
            Attempt.objects.filter(callout_id=callout_id, started_at__lte=moment)
            .filter(visible(viewer, Permission.SEE_CALLS, "call__place_code"))
            .filter(Q(call__answered_at__isnull=True) | Q(call__answered_at__gt=moment))
            .filter(Q(call__reached_at__isnull=True) | Q(call__reached_at__gt=moment))
            .values("call_id")
            .annotate(top=Max("rung"))
            .values_list("top", flat=True)
        )
        totals: dict[int, int] = defaultdict(int)
        for top in last.iterator(chunk_size=5000):
            totals[top] += 1
        standing = sorted(totals.items())  # type: ignore[assignment]
    answered = (
        Answer.objects.filter(call__callout_id=callout_id, answered_at__lte=moment)
        .filter(visible(viewer, Permission.SEE_CALLS, "call__place_code"))
        .values_list("rung")
        .annotate(n=Count("id"))
        .order_by()
    )
    waiting, said = dict(standing), dict(answered)
    return [
        {
            "rung": index,
            "who": rung["who"],
            "word_zh": rung.get("word_zh") or _PARTY_OF_RUNG_ZH.get(rung["who"], rung["who"]),
            "word_en": rung.get("word_en") or rung["who"],
            "unanswered": waiting.get(index, 0),
            "answers": said.get(index, 0),
        }
        for index, rung in enumerate(found.policy["rungs"])
    ]


def by_channel(
    callout_id: int, *, viewer: Viewer, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Tries by channel: what is known of them now, among those begun until `at`."""
    moment = at or clock.now()
    rows = (
        Attempt.objects.filter(callout_id=callout_id, started_at__lte=moment)
        .filter(visible(viewer, Permission.SEE_CALLS, "call__place_code"))
        .values_list("channel", "word")
        .annotate(n=Count("id"))
        .order_by("channel", "word")
    )
    failed = FAILED_FOR_GOOD | FAILED_FOR_NOW
    channels: dict[str, dict[str, Any]] = {}
    for channel, word, number in rows:
        known = channels.setdefault(
            channel,
            {
                "channel": channel,
                "tries": 0,
                "handed_over": 0,
                "delivered": 0,
                "acknowledged": 0,
                "failed": 0,
                "words": {},
            },
        )
        known["tries"] += number
        known["words"][word] = number
        known["handed_over"] += number if word not in ("planned", "withdrawn") else 0
        known["delivered"] += number if word in ("delivered", "heard", "acknowledged") else 0
        known["acknowledged"] += number if word == "acknowledged" else 0
        known["failed"] += number if word in failed else 0
    return list(channels.values())


def _units(found: Callout, viewer: Viewer, moment: datetime) -> dict[str, Any]:
    """应叫单位, 应到单位 and those not 应到, by code."""
    units = UnitCall.objects.filter(callout=found).filter(
        visible(viewer, Permission.SEE_CALLS, "unit_code")
    )
    acknowledged = Q(acknowledged_at__lte=moment)
    acted = acknowledged & Q(first_action_at__lte=moment)
    counts = units.aggregate(
        called=Count("id"),
        acknowledged=Count("id", filter=acknowledged),
        answered=Count("id", filter=acted),
    )
    rank = Case(When(acted, then=Value(1)), default=Value(0), output_field=IntegerField())
    missing = list(
        units.annotate(done=rank)
        .filter(done=0)
        .order_by("unit_code")
        .values_list("unit_code", "acknowledged_at")[:UNITS_SHOWN_MAX]
    )
    known = names([code for code, _ in missing], viewer=viewer)
    return {
        **counts,
        "unanswered": [
            {
                "code": code,
                "name": known.get(code, ""),
                "state": UnitState.ACKNOWLEDGED.value
                if seen is not None and seen <= moment
                else UnitState.WAITING.value,
            }
            for code, seen in missing
        ],
    }


def units(callout_id: int, *, viewer: Viewer) -> list[UnitCall]:
    """Every unit of the callout with its state."""
    rows = UnitCall.objects.filter(callout_id=callout_id).order_by("unit_code")
    return list(rows.filter(visible(viewer, Permission.SEE_CALLS, "unit_code")))


def unanswered(
    callout_id: int,
    *,
    viewer: Viewer,
    after: str | None = None,
    limit: int = 50,
    village: str = "",
) -> dict[str, Any]:
    """未应答名单, those furthest up first within the list's order, paged by ordinal.

    Plain values as the API gives them. {"items", "next"}: `next` is None on the last page.
    Numbers are masked.
    """
    found = callout(callout_id, viewer=viewer)
    limit = max(1, min(limit, PAGE_MAX))
    calls = _calls(callout_id, viewer).exclude(
        ended_as__in=("answered", "reached_in_person", "notified")
    )
    if village:
        calls = calls.filter(place_code__startswith=village[:12])
    if after and after.isdigit():
        calls = calls.filter(ordinal__gt=int(after))
    rows = list(calls.order_by("ordinal")[: limit + 1])
    page = rows[:limit]
    parties = CallParty.objects.in_bulk([call.id for call in page])
    known = names([village_of(call.place_code) for call in page], viewer=viewer)
    rungs = found.policy["rungs"]
    items = []
    for call in page:
        party = parties.get(call.id)
        number = _number(party)
        rung = rungs[min(call.rung, len(rungs) - 1)]
        items.append(
            {
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
                "can_reveal": bool(number)
                and viewer.may(Permission.REVEAL_PERSONAL, call.place_code),
            }
        )
    return {"items": items, "next": str(page[-1].ordinal) if len(rows) > limit else None}


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


def call(call_id: int, *, viewer: Viewer) -> Call:
    """One call, where the viewer may see it or is the person called."""
    found = Call.objects.filter(pk=call_id).first()
    if found is None:
        raise NOT_FOUND()
    if viewer.person_id and found.person_id == viewer.person_id:
        return found
    if not viewer.may(Permission.SEE_CALLS, found.place_code):
        raise NOT_FOUND()
    return found


def policy_shown(found: Callout) -> dict[str, Any]:
    """What the board says of the frozen policy: name, label, source, whether it is verified."""
    names = ("name", "colour", "label_zh", "source", "clause", "verified", "answer_within_s")
    return {name: found.policy.get(name) for name in names}


def _alarms(found: Callout, moment: datetime) -> list[dict[str, Any]]:
    rows = Alarm.objects.filter(callout=found, raised_at__lte=moment).order_by("-raised_at")[:5]
    alarms = [
        {
            "what": row.what,
            "overdue": row.overdue,
            "oldest_s": row.oldest_s,
            "raised_at": to_iso(row.raised_at),
        }
        for row in rows
    ]
    if found.state == "open":
        for name, silent in duties(viewer=_NODE).items():
            if silent["is_silent"]:
                alarms.insert(
                    0,
                    {
                        "what": f"{name}_silent",
                        "overdue": 0,
                        "oldest_s": silent["seconds"] or 0,
                        "raised_at": to_iso(moment),
                    },
                )
    return alarms


def duties(*, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """Engine and auditor: when each was last heard of. The auditor's own silence shows here."""
    now = clock.now()
    beats = dict(Heartbeat.objects.values_list("name", "beaten_at"))
    found = {}
    for name in ("engine", "auditor"):
        last = beats.get(name)
        seconds = None if last is None else max(0, int((now - last).total_seconds()))
        found[name] = {
            "beaten_at": last,
            "seconds": seconds,
            "is_silent": seconds is not None and seconds > SILENT_AFTER_S,
        }
    return found


_NODE = Viewer(person_id=0, name="fengsui", is_node=True)


# --- for the engine's own jobs ----------------------------------------------------------------


def claimed_messages(
    boot: str, *, viewer: Viewer, limit: int, in_hand: Collection[int] = ()
) -> list[tuple[Channel | None, Message]]:
    """Tries that `boot` has claimed, as messages with the channel each goes to.

    Those `in_hand` are being sent already and are left out.
    """
    if not viewer.is_node:
        return []
    rows = Dispatch.objects.filter(boot=boot).order_by("id")[: limit + len(in_hand)]
    owed = [row for row in rows if row.id not in in_hand][:limit]
    callouts = Callout.objects.in_bulk({row.callout_id for row in owed})
    parties = CallParty.objects.in_bulk({row.party_id for row in owed})
    now = clock.now()
    return [
        _message(
            row.id,
            callouts[row.callout_id],
            parties.get(row.party_id),
            row.channel,
            row.rung,
            row.try_number,
            now,
        )
        for row in owed
    ]


def messages_on_their_way(*, viewer: Viewer) -> Iterator[tuple[Channel | None, Message]]:
    """Tries of open callouts that a channel took and that are not settled."""
    if not viewer.is_node:
        return
    rows = (
        Attempt.objects.filter(word__in=[word.value for word in ON_ITS_WAY])
        .filter(callout__state="open")
        .select_related("callout", "call")
        .order_by("id")
    )
    for attempt in rows.iterator(chunk_size=500):
        party = (
            CallParty.objects.filter(call_id=attempt.call_id, rung=attempt.rung)
            .order_by("-added_at", "-id")
            .first()
            or CallParty.objects.filter(pk=attempt.call_id).first()
        )
        yield _message(
            attempt.id,
            attempt.callout,
            party,
            attempt.channel,
            attempt.rung,
            attempt.try_number,
            attempt.started_at,
        )


def _message(
    attempt_id: int,
    found: Callout,
    party: CallParty | None,
    kind: str,
    rung: int,
    try_number: int,
    sent_at: datetime,
) -> tuple[Channel | None, Message]:
    channel = channel_register.channels(exercise=found.exercise).get(kind)
    kinds = channel.contact_kinds if channel is not None else ()
    contacts = party.contacts if party is not None else []
    address = next(
        (str(one["value"]) for one in contacts if one.get("kind") in (kinds or ("phone",))), ""
    )
    rungs = found.policy["rungs"]
    message = Message(
        reference=str(attempt_id),
        address=address,
        person_id=party.person_id if party is not None else 0,
        person_name=party.name if party is not None else "",
        text=found.text,
        level=found.level,
        exercise=found.exercise,
        rung=rung,
        try_number=try_number,
        patience_s=int(rungs[min(rung, len(rungs) - 1)]["patience_s"]),
        sent_at=sent_at,
    )
    return channel, message
