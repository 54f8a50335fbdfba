"""The people of a callout: checked, put on the list in turns, nobody twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cbor2

from fengsui.engines.calls.apply.writing import milliseconds
from fengsui.engines.calls.errors import PARTY_UNREADABLE, TOO_MANY_PARTIES
from fengsui.engines.calls.facts import PARTIES_ADDED, UNITS_CALLED
from fengsui.engines.calls.levels import level_of_party
from fengsui.engines.calls.models import Call, Callout, PendingParties
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, record
from fengsui.standards.divisions import is_division_code, scope_prefix, township_of

PARTIES_MAX = 1_000_000
CONTACTS_MAX = 8
UNITS_MAX = 16  # for which one person answers with one call
TITLE_CHARACTERS_MAX = 64
LANGUAGE_CHARACTERS_MAX = 40
STAND_INS_MAX = 2  # one who stands in, one who stands in for that one
# A batch of 250 with its rows is written in about 10 ms, which is what a holder may take.
PARTIES_PER_FACT = 250
PARTIES_BYTES_MAX = 160_000  # of names and contacts in one fact; a body holds 256 kB
BYTES_BESIDE_TEXT = 256  # names of fields, ids, codes, the salt
BYTES_OF_A_CHARACTER = 4  # of UTF-8, at most
CONTACT_BYTES = 8
# Longer lists are written down whole with the command and unpacked by the engine in turns.
PARTIES_AT_ONCE = 500
# Small, so that a step takes whole slices and never writes the rest of one back.
PARTIES_PER_SLICE = 40
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
            "level": _level(party, place_code),
            "language": str(party.get("language", ""))[:LANGUAGE_CHARACTERS_MAX],
        }
    return list(clean.values())


def _level(party: Mapping[str, Any], place_code: str) -> int:
    roles, household_id = party.get("roles") or (), party.get("household_id")
    return int(level_of_party(place_code=place_code, roles=roles, household_id=household_id))


def _units(party: dict[str, Any]) -> list[str]:
    named = (party.get("unit_code") or "", *party.get("unit_codes", ()))
    return [code for code in dict.fromkeys(named) if code]


def _join(held: dict[str, Any], party: dict[str, Any], units: Sequence[str]) -> None:
    """One more post of somebody who is on the list: its title, unit, contacts and deputies."""
    held["language"] = held["language"] or str(party.get("language", ""))
    held["level"] = min(held["level"], _level(party, party["place_code"]))
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
    """The first few hundred at once, level by level and township by township; the rest is owed,
    durably. A party with "due_ms" is not rung before that moment unless its turn comes earlier."""
    parties = sorted(parties, key=_turn)
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


def _turn(party: Mapping[str, Any]) -> tuple[int, str, int]:
    """Those rung first come first; people who share a turn and a township share a fact."""
    return party.get("due_ms", 0), township_of(party["place_code"]), party["level"]


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
        turn = _turn(parties[start])
        township = turn[1]
        end, size = start, 0
        while end < len(parties) and end - start < PARTIES_PER_FACT and _turn(parties[end]) == turn:
            size += _bytes_at_most(parties[end])
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
                "next_at_ms": max(milliseconds(clock.now()), turn[0]),
                "more_units": [party.get("more_units", []) for party in chunk],
                "level": turn[2],
            },
            items=[
                {name: party[name] for name in ("name", "contacts", "deputies", "superiors")}
                | {"language": party.get("language", "")}
                for party in chunk
            ],
            scope=township,
            viewer=viewer,
            cause=cause,
            about=(callout_id,),
        )
        _tell_other_townships(callout_id, township, chunk, viewer=viewer, cause=cause)
        start = end
    return first_ordinal + len(parties)


def _bytes_at_most(party: Mapping[str, Any]) -> int:
    """No less than a party takes in a fact. Most have a name and a few numbers: those are not
    encoded only to be counted."""
    if any(party.get(name) for name in ("deputies", "superiors", "more_units")):
        return len(cbor2.dumps(party))
    characters = len(party["name"]) + len(party["post_title"]) + len(party.get("language", ""))
    for contact in party["contacts"]:
        characters += len(contact["kind"]) + len(contact["value"]) + CONTACT_BYTES
    return BYTES_BESIDE_TEXT + BYTES_OF_A_CHARACTER * characters


def _tell_other_townships(
    callout_id: int,
    township: str,
    parties: Sequence[Mapping[str, Any]],
    *,
    viewer: Viewer,
    cause: Fact | bytes | None,
) -> None:
    """A unit whose post-holder is on another township's list is on the board of its own, too."""
    elsewhere: dict[str, set[str]] = {}
    for party in parties:
        for code in party.get("more_units", ()):
            if township_of(code) != township:
                elsewhere.setdefault(township_of(code), set()).add(code)
    if not elsewhere:
        return
    # A township that calls out its own people cannot write into its neighbour's feed.
    own = scope_prefix(Callout.objects.values_list("place_code", flat=True).get(pk=callout_id))
    for other in sorted(code for code in elsewhere if code.startswith(own)):
        record(
            UNITS_CALLED,
            fields={"callout_id": callout_id, "unit_codes": sorted(elsewhere[other])},
            scope=other,
            viewer=viewer,
            cause=cause,
            about=(callout_id,),
        )


@command
def unpack_parties(*, viewer: Viewer, limit: int = PARTIES_PER_FACT) -> dict[str, Any]:
    """Puts up to `limit` owed people on their list. Returns {"added", "more"}."""
    added = 0
    done: list[int] = []
    for same in _runs(_whole_slices(limit)):
        parties = [party for slice_ in same for party in slice_.parties]
        chunk, rest = parties[:limit], parties[limit:]
        first = same[0]
        cause = bytes.fromhex(first.cause) or None
        record_parties(first.callout_id, first.first_ordinal, chunk, viewer=viewer, cause=cause)
        added += len(chunk)
        if rest:  # a single slice that is longer than a step
            first.parties, first.first_ordinal = rest, first.first_ordinal + len(chunk)
            first.save()
        else:
            done += [slice_.id for slice_ in same]
    PendingParties.objects.filter(pk__in=done).delete()
    return {"added": added, "more": added > 0 and PendingParties.objects.exists()}


def _whole_slices(limit: int) -> list[PendingParties]:
    """The next slices with no more than `limit` people among them, but at least one slice."""
    found: list[PendingParties] = []
    count = 0
    for slice_ in PendingParties.objects.order_by("id")[: 1 + limit // PARTIES_PER_SLICE]:
        count += len(slice_.parties)
        if found and count > limit:
            break
        found.append(slice_)
    return found


def _runs(slices: Iterable[PendingParties]) -> list[list[PendingParties]]:
    """Slices that continue each other, so that their people may share facts."""
    runs: list[list[PendingParties]] = []
    end: tuple[int, str, int] | None = None
    for slice_ in slices:
        begin = (slice_.callout_id, slice_.cause, slice_.first_ordinal)
        if begin != end:
            runs.append([])
        runs[-1].append(slice_)
        end = (*begin[:2], slice_.first_ordinal + len(slice_.parties))
    return runs


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
