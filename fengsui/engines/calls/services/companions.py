"""Rung together: at night the person called, B岗 and 值班电话 ring at the same moment.

Whoever answers first stops the others' ringing. The others stay listed as rung, with what is known
of it; the person called is still owed an end unless it was he who answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.facts import COMPANIONS_HEARD, COMPANIONS_PLANNED
from fengsui.engines.calls.models import (
    Attempt,
    Call,
    Callout,
    CallParty,
    Companion,
    CompanionOwed,
    PartyBatch,
    StopOwed,
)
from fengsui.engines.calls.queries.messages import contact_used
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import MAY_RING, WORD_RANK, Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

CLAIMS_PER_STEP = 100
HEARD_S_MAX = 3600
_MAY_RING = [word.value for word in MAY_RING]
_ANY = (
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM calls_companionowed)"
    " OR EXISTS (SELECT 1 FROM calls_stopowed)"
    " OR EXISTS (SELECT 1 FROM calls_companion WHERE word IN ({words}))"
)


@dataclass(frozen=True, slots=True)
class Ring:
    """One phone that rings beside that of the person called."""

    call_id: int
    batch_id: int
    lap: int
    step: rules.Step
    who: rules.Who
    party: CallParty


class Beside(NamedTuple):
    """A step of a group, and who could ring at the same moment: who -> call id -> CallParty id."""

    step: rules.Step
    lap: int
    members: Mapping[int, Sequence[int]]  # batch id -> call ids
    parties: Sequence[tuple[rules.Who, Mapping[int, int]]]


def choose(callout: Callout, several: Sequence[Beside], chosen: Iterable[Ring] = ()) -> list[Ring]:
    """Who rings beside the members of these groups of a callout; no phone twice at once.

    Whoever has an open call of their own in this callout is being rung for that already, and whom
    the channel cannot reach is not waited for. `chosen`: for others, in this same cycle.
    """
    wanted = {pk for one in several for _, of_who in one.parties for pk in of_who.values()}
    parties = CallParty.objects.in_bulk(wanted)
    taken = _being_rung(callout, parties.values()) | {_key(ring.party) for ring in chosen}
    channels = channel_register.channels(exercise=callout.exercise)
    rings: list[Ring] = []
    for step, lap, members, by_who in several:
        batch_of = {pk: batch_id for batch_id, ids in members.items() for pk in ids}
        channel = channels.get(step.channel)
        kinds = channel.contact_kinds if channel is not None else ()
        for who, of_who in by_who:
            for call_id, party_id in sorted(of_who.items()):
                party = parties.get(party_id)
                if call_id not in batch_of or party is None:
                    continue
                key = _key(party)
                if kinds and contact_used(party.contacts, kinds) is None:
                    continue
                if key and key not in taken:
                    taken.add(key)
                    rings.append(Ring(call_id, batch_of[call_id], lap, step, who, party))
    return rings


def still_ring(attempt_ids: Sequence[int]) -> set[int]:
    """Those of these tries beside which somebody else may be ringing for the same call."""
    if not Companion.objects.filter(word__in=_MAY_RING).exists():
        return set()
    calls = dict(Attempt.objects.filter(pk__in=attempt_ids).values_list("id", "call_id"))
    ringing = Companion.objects.filter(call_id__in=set(calls.values()), word__in=_MAY_RING)
    beside = set(ringing.values_list("call_id", flat=True))
    return {pk for pk, call_id in calls.items() if call_id in beside}


def _key(party: CallParty) -> str:
    """One person, or one duty phone with nobody named."""
    if party.person_id:
        return f"person {party.person_id}"
    used = contact_used(party.contacts, ("phone",))
    return f"phone {used['value']}" if used and used.get("value") else ""


def _being_rung(callout: Callout, parties: Iterable[CallParty]) -> set[str]:
    people = {party.person_id for party in parties if party.person_id}
    now = clock.now()
    own = Call.objects.filter(callout_id=callout.id, person_id__in=people, ended_as="")
    # Level by level, whoever's own turn has not come is rung by nobody so far.
    own = own.exclude(progress=0, next_at__gt=now)
    taken = {f"person {pk}" for pk in own.values_list("person_id", flat=True)}
    # A phone of which nothing more was heard rings no longer than its try was to last.
    patience = [timedelta(seconds=int(rung["patience_s"])) for rung in callout.policy["rungs"]]
    ringing = Companion.objects.filter(
        callout_id=callout.id, word__in=_MAY_RING, started_at__gt=now - max(patience)
    ).values_list("party_id", "rung", "started_at")
    live = {
        party_id
        for party_id, rung, at in ringing
        if at + patience[min(rung, len(patience) - 1)] > now
    }
    return taken | {_key(party) for party in CallParty.objects.filter(pk__in=live)}


def record_rings(callout_id: int, rings: Sequence[Ring], *, viewer: Viewer) -> int:
    """Writes them down as planned and owed to their channels, one fact per township."""
    batches = PartyBatch.objects.in_bulk({ring.batch_id for ring in rings})
    by_township: dict[str, list[Ring]] = defaultdict(list)
    for ring in rings:
        by_township[batches[ring.batch_id].place_code].append(ring)
    for township in sorted(by_township):
        groups: dict[tuple[Any, ...], list[Ring]] = defaultdict(list)
        for ring in sorted(by_township[township], key=lambda one: one.call_id):
            step = ring.step
            key = (ring.batch_id, ring.lap, step.rung, step.tries, ring.who.value, step.channel)
            groups[key].append(ring)
        fact = record(
            COMPANIONS_PLANNED,
            fields={
                "groups": [
                    [
                        *key,
                        rules.pack_ordinals(
                            [one.call_id - batches[key[0]].first_call_id for one in members]
                        ),
                        [one.party.id for one in members],
                        [one.party.person_id for one in members],
                    ]
                    for key, members in groups.items()
                ],
                "count": len(by_township[township]),
            },
            scope=township,
            viewer=viewer,
            about=(callout_id,),
        )
        CompanionOwed.objects.bulk_create(
            CompanionOwed(id=fact.entity(index), owed_at=fact.at)
            for index in range(len(by_township[township]))
        )
    return len(rings)


def store_outcomes(outcomes: Sequence[tuple[int, str, int]], *, viewer: Viewer) -> int:
    """[(id, word, seconds heard)] of tries that are no try of a person called; others are left."""
    known = {
        pk: (plan_id, callout_id, township)
        for pk, plan_id, callout_id, township in Companion.objects.filter(
            pk__in=[pk for pk, _, _ in outcomes]
        ).values_list("id", "plan_id", "callout_id", "call__batch__place_code")
    }
    groups: dict[str, dict[tuple[Any, ...], set[int]]] = defaultdict(lambda: defaultdict(set))
    about: dict[str, set[int]] = defaultdict(set)
    for pk, word, heard_s in outcomes:
        if pk in known:
            plan_id, callout_id, township = known[pk]
            groups[township][plan_id, word, heard_s].add(pk - plan_id)
            about[township].add(callout_id)
    for township in sorted(groups):
        record(
            COMPANIONS_HEARD,
            fields={
                "groups": [
                    [*key, rules.pack_ordinals(sorted(offsets))]
                    for key, offsets in groups[township].items()
                ],
                "count": sum(len(offsets) for offsets in groups[township].values()),
            },
            scope=township,
            viewer=viewer,
            about=sorted(about[township]),
        )
    CompanionOwed.objects.filter(pk__in=list(known)).delete()
    for callout_id in {callout_id for _, callout_id, _ in known.values()}:
        on_commit_notify(f"callout:{callout_id}", {"verb": "outcomes"})
    return len(known)


def are_any_on_their_way() -> bool:
    """Whether anything is owed to, or heard of, anybody rung beside: mostly not, and asked for
    with every step of the dispatcher."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY.format(words=", ".join(["%s"] * len(_MAY_RING))), _MAY_RING)
        return cursor.fetchone() is not None


def found(ids: Iterable[int]) -> dict[int, Companion]:
    """Those of these tries that were rung beside somebody, with their calls and callouts."""
    rows = Companion.objects.filter(pk__in=list(ids)).select_related("call", "call__callout")
    return {row.id: row for row in rows}


def rung_as(call_id: int, person_id: int) -> Companion | None:
    """How this person was last rung beside the person called, if at all."""
    rows = Companion.objects.filter(call_id=call_id, person_id=person_id)
    return rows.order_by("-step", "-id").first()


@command
def claim_companions(*, viewer: Viewer, boot: str, limit: int = CLAIMS_PER_STEP) -> dict[str, Any]:
    """Marks owed companions as being rung by `boot`; only when that is durable may they be.

    Those whose call needs nobody any more, or that another node has taken over, are withdrawn.
    What an earlier process had claimed may have been sent: nobody knows.
    Returns {"claimed", "more"}: how many, and whether others may be owed.
    """
    lost = CompanionOwed.objects.exclude(boot__in=("", boot)).values_list("id", flat=True)
    unknown = [(pk, Word.UNKNOWN.value, 0) for pk in lost[:limit]]
    owed = list(
        CompanionOwed.objects.filter(boot="").order_by("id").values_list("id", flat=True)[:limit]
    )
    if not owed and not unknown:
        return {"claimed": 0, "more": False}
    over = ~Q(call__ended_as="") | Q(call__is_covered=True) | ~Q(call__driver=this_driver())
    gone = set(Companion.objects.filter(over, pk__in=owed).values_list("id", flat=True))
    withdrawn = [(pk, Word.WITHDRAWN.value, 0) for pk in owed if pk in gone]
    if unknown or withdrawn:
        store_outcomes([*unknown, *withdrawn], viewer=viewer)
    claimed = CompanionOwed.objects.filter(pk__in=owed, boot="").update(boot=boot)
    return {"claimed": claimed, "more": len(owed) == limit}


@command
def record_rung_together(
    *, viewer: Viewer, outcomes: list[list[Any]], stopped: list[int]
) -> dict[str, int]:
    """What channels said of companions, [[id, word, seconds heard], …], and which stops were told.

    Returns {"recorded", "stopped"}.
    """
    known = [
        (int(pk), str(word), max(0, min(int(heard_s), HEARD_S_MAX)))
        for pk, word, heard_s in outcomes
        if word in WORD_RANK
    ]
    told = StopOwed.objects.filter(pk__in=stopped).delete()[0] if stopped else 0
    return {"recorded": store_outcomes(known, viewer=viewer) if known else 0, "stopped": told}
