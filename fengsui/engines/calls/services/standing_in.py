"""A stand-in named while a callout runs is rung; units of other townships hear in their own feed.

Both look at the tables, not at the command that changed them: the stand-in may have been named on
the township's node, and the answer may have been given there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.writing import milliseconds
from fengsui.engines.calls.facts import RUNG_RESOLVED, STOOD_IN, UNIT_ACKNOWLEDGED
from fengsui.engines.calls.models import Answer, Call, Callout, CallParty, UnitCall, UnitRelay
from fengsui.engines.calls.rules import Who
from fengsui.engines.calls.services.opening import add_parties
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import ACKNOWLEDGES, CalloutState
from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import Scope, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.states import Slot
from fengsui.standards.divisions import scope_prefix, township_of

HOW = "stand_in"
# An answer may come hours after the callout ended, from a township that was cut off.
RELAYED_FOR = timedelta(hours=24)
CALLOUTS_REMEMBERED = 64
_ACKNOWLEDGES = [kind.value for kind in ACKNOWLEDGES]


@command
def ring_stand_ins(*, viewer: Viewer) -> dict[str, Any]:
    """Whoever stands in since the callout opened gets a call of their own; once they acknowledge,
    the person they stand in for is covered. Returns {"rung", "covered"}."""
    done = {"rung": 0, "covered": 0}
    callouts = list(
        Callout.objects.filter(state=CalloutState.OPEN, driver=this_driver()).order_by("id")
    )
    if not callouts:
        return done
    everyone = people.standing_in_now()
    standing = [row for row in everyone if row["slot"] == Slot.A]
    for callout in callouts if everyone else ():
        _put_on_rungs(callout, everyone, viewer)
        done["rung"] += _ring_in(callout, standing)
        done["covered"] += _cover_in(callout, standing, viewer)
    return done


def _put_on_rungs(callout: Callout, standing: Sequence[Mapping[str, Any]], viewer: Viewer) -> None:
    """Where the absent one had been chosen already to ring for somebody: from now on this one."""
    instead = {
        row["absent_person_id"]: row["person_id"] for row in standing if row["absent_person_id"]
    }
    rows = CallParty.objects.filter(
        call__callout=callout, call__ended_as="", call__is_covered=False, rung__gt=0
    ).filter(person_id__in={*instead, *instead.values()})
    chosen: dict[tuple[int, int], CallParty] = {}
    for party in rows.select_related("call__batch").order_by("added_at", "id"):
        chosen[party.call_id, party.rung] = party
    away = {key: party for key, party in chosen.items() if party.person_id in instead}
    if not away:
        return
    known = people.replaced({party.person_id for party in away.values()})
    rungs = callout.policy["rungs"]
    for party in away.values():
        call, found = party.call, known.get(party.person_id)
        if found is None or found["person_id"] == call.person_id:
            continue
        record(
            RUNG_RESOLVED,
            fields={
                "batch_id": call.batch_id,
                "lap": call.lap,
                "rung": party.rung,
                "who": rungs[party.rung]["who"] if party.rung < len(rungs) else Who.DUTY_PHONE,
                "offsets": rules.pack_ordinals([call.id - call.batch.first_call_id]),
                "person_ids": [found["person_id"]],
            },
            items=[{"name": found["name"], "contacts": found["contacts"]}],
            scope=call.batch.place_code,
            viewer=viewer,
            about=(callout.id,),
        )


def _ring_in(callout: Callout, standing: Sequence[Mapping[str, Any]]) -> int:
    wanted = {row["person_id"] for row in standing} | {row["absent_person_id"] for row in standing}
    listed = {
        call.person_id: call
        for call in Call.objects.filter(callout=callout, person_id__in=wanted - {None, 0})
    }
    new = [
        row
        for row in standing
        if row["person_id"] not in listed and _is_called(callout, row, listed)
    ]
    if not new:
        return 0
    who = {row["person_id"] for row in new}
    parties = [
        party
        for party in people.parties_for_posts([row["post_id"] for row in new], viewer=node_viewer())
        if party["person_id"] in who
    ]
    if not parties:
        return 0
    added = add_parties(viewer=node_viewer("calls"), callout_id=callout.id, parties=parties)
    return int(added["called"])


def _is_called(callout: Callout, row: Mapping[str, Any], listed: Mapping[int, Call]) -> bool:
    """Whether the post is one of those that this callout rings."""
    place = str(row["place_code"])
    absent = listed.get(row["absent_person_id"])
    if absent is not None:
        return place == absent.place_code or place in absent.units
    if row["absent_person_id"] is not None:
        return False
    under = in_scopes("place_code", (Scope.of(place),))
    return Call.objects.filter(under, callout=callout).exists()


def _cover_in(callout: Callout, standing: Sequence[Mapping[str, Any]], viewer: Viewer) -> int:
    pairs = {row["person_id"]: row["absent_person_id"] for row in standing}
    spoken = Call.objects.filter(
        callout=callout,
        person_id__in=pairs,
        answer_kind__in=_ACKNOWLEDGES,
        answered_at__isnull=False,
    )
    covered = 0
    for own in spoken:
        absent = Call.objects.filter(
            callout=callout, person_id=pairs[own.person_id] or -1, ended_as="", is_covered=False
        ).first()
        client_id = f"{HOW} {own.id}"
        if absent is None or Answer.objects.filter(client_id=client_id).exists():
            continue
        record(
            STOOD_IN,
            fields={
                "call_id": absent.id,
                "answer_kind": own.answer_kind,
                "how": HOW,
                "rung": absent.rung,
                "client_id": client_id,
                "person_id": own.person_id,
                "unit_codes": [code for code in absent.units if code in own.units],
            },
            scope=absent.place_code,
            viewer=viewer,
            about=(callout.id, absent.id),
        )
        covered += 1
    if covered:
        on_commit_notify(f"callout:{callout.id}", {"verb": "answered"})
    return covered


_abroad: dict[int, tuple[int, list[tuple[int, str]]]] = {}  # callout → (people, (call, unit))


@command
def relay_units(*, viewer: Viewer) -> dict[str, Any]:
    """Tells a unit, in its own township's feed, that its post-holder on another township's list
    has acknowledged. By the node that speaks for the whole callout. Returns {"told"}."""
    since = clock.now() - RELAYED_FOR
    told = 0
    rows = Callout.objects.filter(driver=this_driver(), opened_at__gte=since).order_by("id")
    for callout in rows.only("id", "calls", "place_code"):
        abroad = _units_abroad(callout)
        if abroad:
            told += _relay_in(callout, abroad, viewer)
    return {"told": told}


def _units_abroad(callout: Callout) -> list[tuple[int, str]]:
    known = _abroad.get(callout.id)
    if known is not None and known[0] == callout.calls:
        return known[1]
    if len(_abroad) >= CALLOUTS_REMEMBERED:
        _abroad.clear()
    own = scope_prefix(callout.place_code)
    found = [
        (pk, code)
        for pk, township, codes in _with_several_units(callout.id)
        for code in codes.split()
        if township_of(code) != township and code.startswith(own)
    ]
    _abroad[callout.id] = (callout.calls, found)
    return found


def _with_several_units(callout_id: int) -> Iterable[tuple[int, str, str]]:
    rows = Call.objects.filter(callout_id=callout_id).exclude(more_units="").order_by("id")
    return rows.values_list("id", "batch__place_code", "more_units")


def _relay_in(callout: Callout, abroad: Sequence[tuple[int, str]], viewer: Viewer) -> int:
    told = set(UnitRelay.objects.filter(callout=callout).values_list("unit_code", flat=True))
    waiting = {code: pk for pk, code in abroad if code not in told}
    if not waiting:
        return 0
    units = UnitCall.objects.filter(
        callout=callout, unit_code__in=waiting, acknowledged_at__isnull=False
    ).order_by("unit_code")
    count = 0
    for unit_code, at in units.values_list("unit_code", "acknowledged_at"):
        assert at is not None
        record(
            UNIT_ACKNOWLEDGED,
            fields={
                "callout_id": callout.id,
                "unit_code": unit_code,
                "call_id": waiting[unit_code],
                "acknowledged_at_ms": milliseconds(at),
            },
            scope=unit_code,
            viewer=viewer,
            about=(callout.id,),
        )
        count += 1
    return count
