"""The people of a callout: checked, put on the list in turns, nobody twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from fengsui.engines.calls.apply.writing import milliseconds
from fengsui.engines.calls.errors import PARTY_UNREADABLE, TOO_MANY_PARTIES
from fengsui.engines.calls.facts import PARTIES_ADDED
from fengsui.engines.calls.models import Call, Callout, PendingParties
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, record
from fengsui.standards.divisions import is_division_code, township_of

PARTIES_MAX = 1_000_000
CONTACTS_MAX = 8
UNITS_MAX = 16  # for which one person answers with one call
TITLE_CHARACTERS_MAX = 64
STAND_INS_MAX = 2  # one who stands in, one who stands in for that one
# A batch of 250 with its rows is written in about 10 ms, which is what a holder may take.
PARTIES_PER_FACT = 250
PARTIES_BYTES_MAX = 160_000  # of names and contacts in one fact; a body holds 256 kB
# Longer lists are written down whole with the command and unpacked by the engine in turns.
PARTIES_AT_ONCE = 500
PARTIES_PER_SLICE = 1000
IDS_PER_QUERY = 900


def clean_parties(parties: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every person once, in the order given; contacts and stand-ins within their limits.

    A person given several times holds several posts: one call, which answers for each of them.
    """
    if len(parties) > PARTIES_MAX:
        raise TOO_MANY_PARTIES(limit=PARTIES_MAX, count=len(parties))
    clean: dict[Any, dict[str, Any]] = {}
    for index, party in enumerate(parties, start=1):
        place_code = party.get("place_code", "")
        if not is_division_code(place_code):
            raise PARTY_UNREADABLE(index=index, why="place_code")
        person_id = int(party.get("person_id") or 0)
        key = person_id or (place_code, party.get("post_title", ""), party.get("name", ""))
        units = _units(party)
        if key in clean:
            _join(clean[key], party, units)
            continue
        clean[key] = {
            "person_id": person_id,
            "household_id": party.get("household_id"),
            "name": str(party.get("name", ""))[:64],
            "place_code": place_code,
            "unit_code": units[0] if units else "",
            "more_units": units[1:UNITS_MAX],
            "post_title": str(party.get("post_title", ""))[:TITLE_CHARACTERS_MAX],
            "contacts": _contacts(party.get("contacts", ())),
            "deputies": _stand_ins(party.get("deputies", ()), units),
            "superiors": _stand_ins(party.get("superiors", ())),
        }
    return list(clean.values())


def _units(party: dict[str, Any]) -> list[str]:
    named = (party.get("unit_code") or "", *party.get("unit_codes", ()))
    return [code for code in dict.fromkeys(named) if code]


def _join(held: dict[str, Any], party: dict[str, Any], units: Sequence[str]) -> None:
    """One more post of somebody who is on the list: its title, unit, contacts and deputies."""
    title = str(party.get("post_title", ""))[:TITLE_CHARACTERS_MAX]
    joined = "、".join(dict.fromkeys([*held["post_title"].split("、"), *title.split("、")]))
    if len(joined) <= TITLE_CHARACTERS_MAX:
        held["post_title"] = joined
    known = [code for code in (held["unit_code"], *held["more_units"]) if code]
    every = list(dict.fromkeys([*known, *units]))[:UNITS_MAX]
    held["unit_code"], held["more_units"] = (every[0], every[1:]) if every else ("", [])
    more = [one for one in _contacts(party.get("contacts", ())) if one not in held["contacts"]]
    held["contacts"] = [*held["contacts"], *more][:CONTACTS_MAX]
    for name, own in (("deputies", units), ("superiors", ())):
        found = _stand_ins(party.get(name, ()), own)
        held[name] = _together([*held[name], *found])


def _together(stand_ins: Iterable[Any]) -> list[Any]:
    """Each of them once, for all the units that were said; no more than STAND_INS_MAX."""
    together: dict[Any, Any] = {}
    for one in stand_ins:
        key = one if isinstance(one, int) else (one["person_id"], one["name"])
        if key in together and isinstance(one, dict):
            units = dict.fromkeys([*together[key]["unit_codes"], *one["unit_codes"]])
            together[key] = {**together[key], "unit_codes": list(units)}
        together.setdefault(key, one)
    return list(together.values())[:STAND_INS_MAX]


def _contacts(contacts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"kind": str(contact["kind"]), "value": str(contact["value"])}
        for contact in list(contacts)[:CONTACTS_MAX]
    ]


def _stand_ins(stand_ins: Iterable[Any], units: Sequence[str] = ()) -> list[Any]:
    frozen: list[Any] = []
    for one in list(stand_ins)[:STAND_INS_MAX]:
        if isinstance(one, dict):
            frozen.append(
                {
                    "person_id": int(one.get("person_id") or 0),
                    "name": str(one.get("name", ""))[:64],
                    "contacts": _contacts(one.get("contacts", ())),
                    "unit_codes": list(one.get("unit_codes") or units)[:UNITS_MAX],
                }
            )
        else:
            frozen.append(int(one))
    return frozen


def put_on_the_list(
    callout_id: int,
    first_ordinal: int,
    parties: list[dict[str, Any]],
    *,
    viewer: Viewer,
    cause: Fact | bytes | None,
) -> None:
    """The first few hundred at once, township by township; the rest is owed, durably."""
    parties = sorted(parties, key=lambda party: township_of(party["place_code"]))
    head, rest = parties[:PARTIES_AT_ONCE], parties[PARTIES_AT_ONCE:]
    record_parties(callout_id, first_ordinal, head, viewer=viewer, cause=cause)
    if not rest:
        return
    first_ordinal += len(head)
    now = clock.now()
    cause_id = cause.id if isinstance(cause, Fact) else cause or b""
    PendingParties.objects.bulk_create(
        [
            PendingParties(
                callout_id=callout_id,
                first_ordinal=first_ordinal + start,
                parties=rest[start : start + PARTIES_PER_SLICE],
                cause=cause_id.hex(),
                queued_at=now,
            )
            for start in range(0, len(rest), PARTIES_PER_SLICE)
        ]
    )


def record_parties(
    callout_id: int,
    first_ordinal: int,
    parties: list[dict[str, Any]],
    *,
    viewer: Viewer,
    cause: Fact | bytes | None,
) -> int:
    """One fact per township and at most PARTIES_PER_FACT people. Returns the next ordinal."""
    start = 0
    while start < len(parties):
        township = township_of(parties[start]["place_code"])
        end, size = start, 0
        while (
            end < len(parties)
            and end - start < PARTIES_PER_FACT
            and township_of(parties[end]["place_code"]) == township
        ):
            size += len(json.dumps(parties[end], ensure_ascii=False).encode())
            if size > PARTIES_BYTES_MAX and end > start:
                break
            end += 1
        chunk = parties[start:end]
        record(
            PARTIES_ADDED,
            fields={
                "callout_id": callout_id,
                "first_ordinal": first_ordinal + start,
                "place_codes": [party["place_code"] for party in chunk],
                "unit_codes": [party["unit_code"] for party in chunk],
                "post_titles": [party["post_title"] for party in chunk],
                "person_ids": [party["person_id"] for party in chunk],
                "household_ids": [party["household_id"] for party in chunk],
                # By the engine's own clock: a record ahead of it must not delay the first ring.
                "next_at_ms": milliseconds(clock.now()),
                "more_units": [party.get("more_units", []) for party in chunk],
            },
            items=[
                {name: party[name] for name in ("name", "contacts", "deputies", "superiors")}
                for party in chunk
            ],
            scope=township,
            viewer=viewer,
            cause=cause,
            about=(callout_id,),
        )
        start = end
    return first_ordinal + len(parties)


@command
def unpack_parties(*, viewer: Viewer, limit: int = PARTIES_PER_FACT) -> dict[str, Any]:
    """Puts up to `limit` owed people on their list. Returns {"added", "more"}."""
    slice_ = PendingParties.objects.order_by("id").first()
    if slice_ is None:
        return {"added": 0, "more": False}
    chunk, rest = slice_.parties[:limit], slice_.parties[limit:]
    cause = bytes.fromhex(slice_.cause) or None
    record_parties(slice_.callout_id, slice_.first_ordinal, chunk, viewer=viewer, cause=cause)
    if rest:
        slice_.parties, slice_.first_ordinal = rest, slice_.first_ordinal + len(chunk)
        slice_.save()
    else:
        slice_.delete()
    more = bool(rest) or PendingParties.objects.exists()
    return {"added": len(chunk), "more": more}


def next_ordinal(callout: Callout) -> int:
    slices = PendingParties.objects.filter(callout_id=callout.id)
    pending = slices.order_by("-first_ordinal").first()
    if pending is not None:
        return pending.first_ordinal + len(pending.parties)
    return Callout.objects.get(pk=callout.id).calls


def not_on_the_list(callout_id: int, parties: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [party["person_id"] for party in parties if party["person_id"]]
    on_it: set[int] = set()
    for start in range(0, len(ids), IDS_PER_QUERY):
        on_it.update(
            Call.objects.filter(
                callout_id=callout_id, person_id__in=ids[start : start + IDS_PER_QUERY]
            ).values_list("person_id", flat=True)
        )
    for slice_ in PendingParties.objects.filter(callout_id=callout_id):
        on_it.update(party["person_id"] for party in slice_.parties)
    rooms = set(
        Call.objects.filter(callout_id=callout_id, person_id=0).values_list(
            "place_code", "post_title"
        )
    )
    return [
        party
        for party in parties
        if (party["person_id"] and party["person_id"] not in on_it)
        or (not party["person_id"] and (party["place_code"], party["post_title"]) not in rooms)
    ]
