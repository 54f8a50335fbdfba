"""Who rings when the holder is silent: frozen at opening, else resolved when the rung is reached.

Who holds a post or a shift tonight is known to upper apps; `config` wires them in here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fengsui.engines.calls.rules import Who
from fengsui.foundation.people import queries as people


@dataclass(frozen=True, slots=True)
class StandInRequest:
    """One call that has reached a rung on which somebody else rings for it."""

    call_id: int
    who: Who
    person_ids: tuple[int, ...]  # frozen at opening; empty: whoever is on duty
    place_code: str
    unit_code: str
    post_title: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who that is. `contacts` as in a party: [{"kind", "value"}]. Person 0: a duty room."""

    person_id: int
    name: str
    contacts: list[dict[str, Any]] = field(default_factory=list)
    unit_codes: tuple[str, ...] = ()  # for which this one stands in; (): the call's first


def stand_in_of(frozen: Mapping[str, Any]) -> StandIn:
    """A deputy or superior as a callout froze it."""
    return StandIn(
        int(frozen.get("person_id") or 0),
        frozen.get("name", ""),
        frozen.get("contacts", []),
        tuple(frozen.get("unit_codes", ())),
    )


Resolver = Callable[[Sequence[StandInRequest]], Mapping[int, StandIn]]


def _nobody(requests: Sequence[StandInRequest]) -> Mapping[int, StandIn]:
    return {}


_resolver: Resolver = _nobody


def set_resolver(resolver: Resolver | None) -> None:
    """`config` calls this once. The resolver answers many requests in a fixed number of queries
    and leaves out the calls for which it finds nobody; their rung is skipped. It goes by place,
    unit, post and the people named: where these are the same, one call may ask for all."""
    global _resolver
    _resolver = resolver or _nobody


FROZEN_UNDER: Mapping[Who, tuple[str, int]] = {
    Who.DEPUTY: ("deputies", 0),
    Who.SUBSTITUTE: ("deputies", 1),
    Who.SUPERIOR_DUTY_ROOM: ("superiors", 0),
}


@dataclass(frozen=True, slots=True)
class Reaching:
    """A call that has reached a stand-in's rung, with what was frozen for it at opening."""

    call_id: int
    person_id: int
    place_code: str
    unit_code: str
    post_title: str
    frozen: Mapping[str, Sequence[Any]]


def find_stand_ins(who: Who, reaching: Sequence[Reaching]) -> dict[int, StandIn]:
    """By call id, for those where somebody is found. Never the person called himself."""
    found: dict[int, StandIn] = {}
    asked: list[StandInRequest] = []
    name, first = FROZEN_UNDER.get(who, ("", 0))  # a duty phone is asked for when it is to ring
    for call in reaching:
        frozen = list(call.frozen.get(name, ()))[first:]
        known = next((one for one in frozen if isinstance(one, dict)), None)
        if known is not None:
            found[call.call_id] = stand_in_of(known)
            if who is not Who.SUPERIOR_DUTY_ROOM:
                continue  # a deputy is a person; a duty room is whoever sits there by now
        asked.append(
            StandInRequest(
                call.call_id,
                who,
                tuple(int(one) for one in frozen if not isinstance(one, dict)),
                call.place_code,
                call.unit_code,
                call.post_title,
            )
        )
    if asked:
        wanted = {request.call_id for request in asked}
        found |= {pk: who for pk, who in _resolver(asked).items() if pk in wanted}
    found = _those_in_their_place(found)
    themselves = {call.call_id: call.person_id for call in reaching if call.person_id}
    return {pk: one for pk, one in found.items() if one.person_id != themselves.get(pk, -1)}


def _those_in_their_place(found: dict[int, StandIn]) -> dict[int, StandIn]:
    """A deputy who is away since the callout opened: whoever stands in for that one is rung."""
    known = {one.person_id for one in found.values() if one.person_id}
    instead = people.replaced(known) if known else {}
    return {
        pk: StandIn(
            instead[one.person_id]["person_id"],
            instead[one.person_id]["name"],
            instead[one.person_id]["contacts"],
            one.unit_codes,
        )
        if one.person_id in instead
        else one
        for pk, one in found.items()
    }
