"""Rows of duty as the pages read them. Names come with the room or the person in sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import queries, rules
from fengsui.readiness.watch.facts import RULE_NAMES
from fengsui.readiness.watch.models import CheckIn, Handover, RollCall
from fengsui.readiness.watch.queries.checking import last_positions
from fengsui.readiness.watch.queries.handing import Standing, answers, standings
from fengsui.readiness.watch.queries.rota import RoomRota, names_of, own_numbers, place_names
from fengsui.readiness.watch.rules import OnShift
from fengsui.readiness.watch.states import (
    MATTER_WORDS,
    OUTCOME_WORDS,
    POSITION_WORDS,
    RULES,
    Position,
    RoomAnswer,
)
from fengsui.standards.instants import from_ms, to_iso

E7 = 10_000_000


def rooms_shown(rotas: Sequence[RoomRota], viewer: Viewer) -> list[dict[str, Any]]:
    """Each room tonight, with how many gaps its next ninety days have."""
    how = standings([one.room for one in rotas])
    names = names_of(
        {pk for one in how for pk in _people_of(one)}
        | {shift.person_id for one in how for shift in one.current}
    )
    known = place_names({one.room["place_code"] for one in rotas})
    return [_room(rota, one, names, known, viewer) for rota, one in zip(rotas, how, strict=True)]


def _people_of(one: Standing) -> set[int]:
    signed = {one.last.incoming_id} if one.last else set()
    return {*one.on_watch, *signed}


def _room(
    rota: RoomRota,
    one: Standing,
    names: dict[int, str],
    known: dict[str, str],
    viewer: Viewer,
) -> dict[str, Any]:
    code = one.room["place_code"]
    now = clock.now()
    soon = {shift.person_id for shift in rota.shifts if shift.from_at <= now + rules.EARLY}
    return {
        "post_id": str(one.room["id"]),
        "place_code": code,
        "place_name": known.get(code, ""),
        "title": one.room["title"],
        "has_rota": rota.has_rota,
        "on_watch": [names.get(pk, "") for pk in one.on_watch],
        "officers": _named(one.current, Position.OFFICER, names),
        "leaders": _named(one.current, Position.LEADER, names),
        "responsible": names.get(one.last.incoming_id, "") if one.last else "",
        "signed_at": to_iso(one.last.signed_at) if one.last else None,
        "is_unsigned": one.is_unsigned,
        "may_plan": viewer.may(Permission.NAME_STAND_IN, code),
        "may_sign": bool(viewer.person_id)
        and viewer.person_id in soon
        and viewer.may(Permission.SEE_CALLS, code),
        "next_gap_at": to_iso(rota.gaps[0].from_at) if rota.gaps else None,
        "gaps": len(rota.gaps),
        "clashes": len(rota.clashes),
    }


def _named(shifts: Iterable[OnShift], position: Position, names: dict[int, str]) -> list[str]:
    found = [names.get(one.person_id, "") for one in shifts if one.position == position]
    return list(dict.fromkeys(found))


def shift_shown(one: OnShift, names: dict[int, str]) -> dict[str, Any]:
    zh, en = POSITION_WORDS[one.position]
    return {
        "id": str(one.id),
        "position": one.position,
        "position_zh": zh,
        "position_en": en,
        "person_id": str(one.person_id),
        "name": names.get(one.person_id, ""),
        "from_at": to_iso(one.from_at),
        "until_at": to_iso(one.until_at),
        "is_now": one.covers(clock.now()),
    }


def rota_shown(rota: RoomRota, viewer: Viewer) -> dict[str, Any]:
    ids = {one.person_id for one in rota.shifts} | {one.person_id for one in rota.clashes}
    names = names_of(ids | {pk for gap in rota.gaps for pk in gap.away})
    rooms = {one["id"]: one["title"] for one in queries.rooms(viewer=viewer)}
    return {
        "room": rooms_shown([rota], viewer)[0],
        "shifts": [shift_shown(one, names) for one in rota.shifts],
        "gaps": [
            {
                "from_at": to_iso(gap.from_at),
                "until_at": to_iso(gap.until_at),
                "position": gap.position,
                "position_zh": POSITION_WORDS[gap.position][0],
                "position_en": POSITION_WORDS[gap.position][1],
                "wanted": gap.wanted,
                "found": gap.found,
                "away": [names.get(pk, "") for pk in gap.away],
            }
            for gap in rota.gaps
        ],
        "clashes": [
            {
                "name": names.get(one.person_id, ""),
                "from_at": to_iso(one.from_at),
                "until_at": to_iso(one.until_at),
                # A room out of sight is not named; that there is one is no secret.
                "rooms": [rooms[pk] for pk in one.post_ids if pk in rooms],
                "is_too_long": one.is_too_long,
            }
            for one in rota.clashes
        ],
        "rules": rules_shown(rota),
        "rules_source": "本县规则(默认)，非法定要求；参照《意见》(2024)（十四）领导带班和值班值守",
        "is_verified": False,
        "days": rules.GAP_DAYS,
        "server_time": to_iso(clock.now()),
    }


def rules_shown(rota: RoomRota) -> list[dict[str, Any]]:
    own = own_numbers(rota.room["place_code"])
    return [
        {
            "name": name,
            "zh": RULE_NAMES[name][0],
            "en": RULE_NAMES[name][1],
            "number": rota.numbers[name],
            "least": least,
            "most": most,
            "is_default": name not in own,
        }
        for name, (_, least, most) in RULES.items()
    ]


def matter_shown(one: queries.Matter) -> dict[str, Any]:
    zh, en = MATTER_WORDS[one.kind]
    return {
        "key": one.key,
        "kind": one.kind.value,
        "kind_zh": zh,
        "kind_en": en,
        "place_code": one.place_code,
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "since_at": to_iso(one.since_at) if one.since_at else None,
        "due_at": to_iso(one.due_at) if one.due_at else None,
        "count": one.count,
        "link": one.link,
    }


def handover_shown(row: Handover, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "incoming": names.get(row.incoming_id, ""),
        "outgoing": names.get(row.outgoing_id or 0, ""),
        "signed_at": to_iso(row.signed_at),
        "count": len(row.matters),
        "by_kind": [_signed_matter(row, *one) for one in row.matters],
        "digest": row.digest,
    }


def _signed_matter(
    row: Handover, kind: str, reference: str, count: int, since: int | None, due: int | None
) -> dict[str, Any]:
    zh, en = MATTER_WORDS.get(kind, (kind, kind))
    return {
        "key": f"{kind}:{reference}",
        "kind": kind,
        "kind_zh": zh,
        "kind_en": en,
        "place_code": row.place_code,
        "title_zh": "",
        "title_en": "",
        "since_at": None if since is None else to_iso(from_ms(since)),
        "due_at": None if due is None else to_iso(from_ms(due)),
        "count": count,
        "link": "",
    }


def roll_call_shown(row: RollCall) -> dict[str, Any]:
    listed = answers(row)
    names = names_of({one.person_id for one in listed if one.person_id})
    known = place_names({row.place_code, *(one.place_code for one in listed)})
    closes_at = row.opened_at + timedelta(seconds=row.within_s)
    return {
        "id": str(row.pk),
        "callout_id": str(row.callout_id),
        "place_name": known.get(row.place_code, ""),
        "opened_at": to_iso(row.opened_at),
        "closes_at": to_iso(closes_at),
        "within_s": row.within_s,
        "exercise": row.exercise,
        "is_over": clock.now() >= closes_at,
        "in_time": sum(one.answer in (RoomAnswer.IN_TIME, RoomAnswer.STOOD_IN) for one in listed),
        "total": len(listed),
        "rooms": [
            {
                "post_id": str(one.post_id),
                "place_code": one.place_code,
                "place_name": known.get(one.place_code, ""),
                "title": one.title,
                "person": names.get(one.person_id, ""),
                "answer": one.answer.value,
                "answered_at": to_iso(one.answered_at) if one.answered_at else None,
                "took_s": int((one.answered_at - row.opened_at).total_seconds())
                if one.answered_at
                else None,
                "call_id": str(one.call_id) if one.call_id else None,
            }
            for one in listed
        ],
    }


def check_ins_shown(rows: Sequence[CheckIn], viewer: Viewer) -> list[dict[str, Any]]:
    """With the last known position, which only those see who may see the place's calls."""
    ids = {row.person_id for row in rows} | {row.leader_id or 0 for row in rows}
    names = names_of(ids - {0})
    known = place_names({row.place_code for row in rows})
    titles = people.titles_of([row.person_id for row in rows], viewer=viewer)
    where = last_positions(row.pk for row in rows)
    return [_check_in(row, names, known, titles, where.get(row.pk)) for row in rows]


def _check_in(
    row: CheckIn,
    names: dict[int, str],
    known: dict[str, str],
    titles: dict[int, list[str]],
    word: Any,
) -> dict[str, Any]:
    zh, en = OUTCOME_WORDS.get(row.outcome, ("", ""))
    return {
        "id": str(row.pk),
        "person_id": str(row.person_id),
        "name": names.get(row.person_id, ""),
        "place_code": row.place_code,
        "place_name": known.get(row.place_code, ""),
        "title": "、".join(titles.get(row.person_id, [])[:2]),
        "leader": names.get(row.leader_id or 0, ""),
        "task": row.task,
        "every_s": row.every_s,
        "state": rules.check_in_state(missed_at=row.missed_at, ended_at=row.ended_at).value,
        "due_at": to_iso(row.due_at),
        "until_at": to_iso(row.until_at),
        "heard_at": to_iso(row.heard_at) if row.heard_at else None,
        "missed_at": to_iso(row.missed_at) if row.missed_at else None,
        "ended_at": to_iso(row.ended_at) if row.ended_at else None,
        "outcome": row.outcome,
        "outcome_zh": zh,
        "outcome_en": en,
        "exercise": row.exercise,
        "position": None
        if word is None
        else {
            "lon": word.lon_e7 / E7,
            "lat": word.lat_e7 / E7,
            "accuracy_m": word.accuracy_m,
            "at": to_iso(word.at),
        },
    }
