"""The human ways to households that a telephone does not reach, and whether they were tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fengsui.foundation.access.listed import Values
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people
from fengsui.foundation.places import queries as places
from fengsui.readiness.policies import rules
from fengsui.readiness.policies.models import HumanRoute, RouteTrial
from fengsui.readiness.policies.queries.spoken import has_words
from fengsui.readiness.policies.states import (
    NEED_WORDS,
    NEEDS_A_LANGUAGE,
    NEEDS_SOMEBODY,
    WAY_WORDS,
)
from fengsui.standards.instants import to_iso


def parties_with_ways(
    parties: Sequence[dict[str, Any]], texts: Sequence[Sequence[Any]] = ()
) -> list[dict[str, Any]]:
    """Parties of a call with the human way to their households: whoever goes there stands in first.

    Whom a telephone does not reach keeps no number, so that somebody is sent at once; so does who
    understands a language in which none of `texts` (as `spoken_texts`) is.
    """
    wanted = [one["household_id"] for one in parties if one.get("household_id")]
    stated = HumanRoute.objects.filter(pk__listed=Values(wanted)) if wanted else ()
    rows = {row.id: row for row in stated}
    goers = people.parties_for_persons(
        [{"person_id": row.person_id, "title": ""} for row in rows.values() if row.person_id],
        viewer=node_viewer(),
    )
    by_id = {one["person_id"]: one for one in goers}
    return [_with_way(one, rows.get(one.get("household_id") or 0), by_id, texts) for one in parties]


def _with_way(
    party: dict[str, Any],
    row: HumanRoute | None,
    goers: Mapping[int, Mapping[str, Any]],
    texts: Sequence[Sequence[Any]],
) -> dict[str, Any]:
    if row is None:
        return party
    goer = goers.get(row.person_id)
    first = [{name: goer[name] for name in ("person_id", "name", "contacts")}] if goer else []
    rest = [
        one
        for one in party.get("deputies", ())
        if not isinstance(one, dict) or one["person_id"] != row.person_id
    ]
    contacts = party.get("contacts", [])
    language = row.language if row.need in NEEDS_A_LANGUAGE else ""
    is_unheard = row.need in NEEDS_SOMEBODY or (language and not has_words(texts, language))
    if is_unheard and first:
        contacts = []
    return {**party, "deputies": [*first, *rest], "contacts": contacts, "language": language}


def routes(
    *, viewer: Viewer, only_open: bool = False, after: str = "", limit: int = 100
) -> dict[str, Any]:
    """Households that a telephone does not reach, by place: the way to them, when it last worked.

    {"items", "next", "counts": {"stated", "tried", "untried", "nobody", "without_number"}}; a way
    counts as tried out when it worked after it was stated and within the last year
    (本县规则(默认)). `without_number`: households nobody can ring and for which nothing is stated.
    """
    seen = HumanRoute.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    tried = _tried_since(clock.now())
    rows = list(seen.order_by("place_code", "id"))
    trials = _last_trials(row.id for row in rows)
    shown = [_route(row, trials.get(row.id, []), tried) for row in rows]
    counts = {
        "stated": len(shown),
        "tried": sum(one["is_tried"] for one in shown),
        "untried": sum(not one["is_tried"] for one in shown),
        "nobody": sum(not one["person_id"] for one in shown),
        "without_number": people.households_without_number(
            viewer=viewer, but={row.id for row in rows}
        ),
    }
    wanted = [one for one in shown if not (only_open and one["is_tried"])]
    limit = max(1, min(limit, rules.ROUTES_PER_PAGE))
    start = int(after) if after.isdigit() else 0
    page = wanted[start : start + limit]
    _name(page, viewer)
    more = start + limit < len(wanted)
    return {"items": page, "next": str(start + limit) if more else None, "counts": counts}


def _tried_since(now: datetime) -> datetime:
    return now - timedelta(days=rules.TRIED_WITHIN_DAYS)


def _last_trials(household_ids: Iterable[int]) -> dict[int, list[RouteTrial]]:
    found: dict[int, list[RouteTrial]] = {}
    rows = RouteTrial.objects.filter(household_id__listed=household_ids)
    for row in rows.order_by("-tried_at", "-id"):
        found.setdefault(row.household_id, []).append(row)
    return found


def _route(row: HumanRoute, trials: Sequence[RouteTrial], since: datetime) -> dict[str, Any]:
    last = trials[0] if trials else None
    worked = next((one for one in trials if one.worked), None)
    need_zh, need_en = NEED_WORDS.get(row.need, ("", ""))
    way_zh, way_en = WAY_WORDS.get(row.way, ("", ""))
    return {
        "household_id": str(row.id),
        "place_code": row.place_code,
        "need": row.need,
        "need_zh": need_zh,
        "need_en": need_en,
        "language": row.language,
        "way": row.way,
        "way_zh": way_zh,
        "way_en": way_en,
        "note": row.note,
        "person_id": str(row.person_id) if row.person_id else None,
        "stated_at": to_iso(row.stated_at),
        "tried_at": to_iso(last.tried_at) if last else None,
        "last_worked": last.worked if last else None,
        "worked_at": to_iso(worked.tried_at) if worked else None,
        "is_tried": bool(
            row.person_id
            and worked is not None
            and last is worked
            and worked.tried_at >= row.stated_at
            and worked.tried_at >= since
        ),
    }


def _name(page: Sequence[dict[str, Any]], viewer: Viewer) -> None:
    known = people.households([int(one["household_id"]) for one in page], viewer=viewer)
    labels = {one["id"]: one["label"] for one in known}
    goers = people.person_names(
        [int(one["person_id"]) for one in page if one["person_id"]], viewer=viewer
    )
    named = places.names({one["place_code"] for one in page}, viewer=viewer)
    for one in page:
        one["label"] = labels.get(int(one["household_id"]), "")
        one["person_name"] = goers.get(int(one["person_id"] or 0), "")
        one["place_name"] = named.get(one["place_code"], "")


def ways_of(household_ids: Iterable[str | None]) -> dict[int, dict[str, Any]]:
    ids = [int(one) for one in household_ids if one]
    rows = list(HumanRoute.objects.filter(pk__listed=ids))
    trials = _last_trials(ids)
    since = _tried_since(clock.now())
    return {
        row.id: {
            name: value
            for name, value in _route(row, trials.get(row.id, []), since).items()
            if name in ("way_zh", "way_en", "is_tried", "person_id")
        }
        for row in rows
    }
