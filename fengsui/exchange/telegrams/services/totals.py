"""The sum of a township's headcounts, sent before its villages' own take their turns."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from fengsui.exchange.telegrams import identity, mapping, rules
from fengsui.exchange.telegrams.models import Outgoing, ThinLink, ThinPeer
from fengsui.exchange.telegrams.states import Kind, Priority, Standing
from fengsui.gateways.telegrams import coding
from fengsui.gateways.telegrams.messages import HeadcountTotal, Numbers, Telegram
from fengsui.response.evacuations.models import EvacuationHousehold
from fengsui.response.situation.models import Headcount
from fengsui.response.situation.states import HEADCOUNT_NUMBERS
from fengsui.standards.divisions import VILLAGE_DIGITS, full_code, scope_prefix
from fengsui.standards.instants import to_ms

COUNT_MAX = 511


def queue_totals(row: ThinLink, peer: ThinPeer, now: datetime) -> int:
    """Queues a sum where several villages' headcounts wait for a slot. Returns how many."""
    waiting = Outgoing.objects.filter(
        peer=peer, kind=Kind.HEADCOUNT, standing=Standing.QUEUED, tries=0
    )
    if waiting.count() < rules.TOTAL_FROM_PLACES:
        return 0
    own = full_code(identity.own().scope)
    prefix = scope_prefix(own)
    counted: dict[tuple[int | None, int], list[Headcount]] = defaultdict(list)
    for one in Headcount.objects.filter(is_current=True, place_code__startswith=prefix):
        if len(scope_prefix(one.place_code)) >= VILLAGE_DIGITS:
            counted[one.evacuation_id, one.series].append(one)
    return sum(
        _queue_one(peer, own, evacuation_id, series, rows, now)
        for (evacuation_id, series), rows in counted.items()
        if len(rows) >= rules.TOTAL_FROM_PLACES
    )


def _queue_one(
    peer: ThinPeer,
    own: str,
    evacuation_id: int | None,
    series: int,
    rows: list[Headcount],
    now: datetime,
) -> int:
    at_ms = max(to_ms(one.at) for one in rows)
    numbers = {name: sum(getattr(one, name) for one in rows) for name in HEADCOUNT_NUMBERS}
    total = HeadcountTotal(
        place_code=own,
        at_ms=at_ms,
        numbers=Numbers(**numbers),
        reported=min(len(rows), COUNT_MAX),
        expected=min(max(len(rows), _expected(evacuation_id, own)), COUNT_MAX),
        evacuation=mapping.short(evacuation_id),
        series=min(series, 15),
    )
    telegram = coding.encode(Telegram(total), county=identity.county())
    subject = mapping.subject_of(total)
    source = f"total {evacuation_id} {series} {at_ms} {len(rows)} {numbers['moved']}"[:80]
    if Outgoing.objects.filter(peer=peer, source=source).exists():
        return 0
    Outgoing.objects.filter(peer=peer, subject=subject, standing=Standing.QUEUED).update(
        standing=Standing.SUPERSEDED
    )
    Outgoing.objects.create(
        peer=peer,
        kind=Kind.TOTAL,
        priority=Priority.P1,
        fact_class=0,
        telegram=telegram,
        source=source,
        subject=subject,
        queued_at=now,
        not_before=now,
        expires_at=now + timedelta(milliseconds=rules.TTL_MS[Kind.TOTAL]),
    )
    return 1


def _expected(evacuation_id: int | None, own: str) -> int:
    """How many villages have somebody to move."""
    if evacuation_id is None:
        return 0
    codes = EvacuationHousehold.objects.filter(
        evacuation_id=evacuation_id, place_code__startswith=scope_prefix(own)
    ).values_list("place_code", flat=True)
    return len({code[:VILLAGE_DIGITS] for code in codes})
