"""Who drives which calls: the node that opened them, or one that took them over."""

from __future__ import annotations

from fengsui.engines.calls import rules
from fengsui.engines.calls.models import Call, Callout, PartyBatch, Takeover
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.standards.divisions import scope_prefix

_AUTHORS: dict[bytes, tuple[str, int]] = {}


def author_key_of(fact: Fact) -> tuple[str, int]:
    """The key (hex) and driver id of the node that states a fact."""
    known = _AUTHORS.get(fact.feed)
    if known is None:
        key = feed_key(fact.feed)
        public_key = key.public_key if key is not None else b""
        known = _AUTHORS[fact.feed] = (public_key.hex(), rules.driver_id(public_key))
    return known


def author_of(fact: Fact) -> int:
    return author_key_of(fact)[1]


def taken(callout_id: int) -> list[rules.Taken]:
    """The takeovers of a callout that stand."""
    rows = Takeover.objects.filter(callout_id=callout_id, handed_back_at=None)
    return [rules.Taken(scope_prefix(row.place_code), row.driver, row.hlc, row.id) for row in rows]


def apply_taken_over(fact: Fact) -> int | None:
    callout = Callout.objects.filter(pk=fact.fields["callout_id"]).first()
    if callout is None:
        return int(fact.fields["callout_id"])
    node_key, driver = author_key_of(fact)
    Takeover.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "callout_id": callout.id,
            "place_code": fact.scope,
            "node_key": node_key,
            "driver": driver,
            "person_id": fact.actor,
            "reason": fact.fields["reason"],
            "contact": fact.fields["contact"],
            "hlc": fact.hlc,
            "taken_at": fact.at,
        },
    )
    settle_drivers(callout)
    return None


def apply_handed_back(fact: Fact) -> int | None:
    takeover = Takeover.objects.filter(pk=fact.fields["takeover_id"]).first()
    if takeover is None:
        return int(fact.fields["takeover_id"])
    if takeover.handed_back_at is None or fact.at < takeover.handed_back_at:
        takeover.handed_back_at = fact.at
        takeover.handed_back_by = fact.actor
        takeover.handed_back_reason = fact.fields["reason"]
        takeover.save()
    settle_drivers(Callout.objects.get(pk=takeover.callout_id))
    return None


def settle_drivers(callout: Callout) -> None:
    """Every call of the callout goes to whoever drives its place now."""
    standing = taken(callout.id)
    callout.driver = rules.driver_of(callout.place_code, owner=callout.owner, taken=standing)
    callout.save(update_fields=["driver"])
    places = PartyBatch.objects.filter(callout=callout).values_list("id", "place_code")
    by_driver: dict[int, list[int]] = {}
    for batch_id, place_code in places:
        driver = rules.driver_of(place_code, owner=callout.owner, taken=standing)
        by_driver.setdefault(driver, []).append(batch_id)
    for driver, batch_ids in sorted(by_driver.items()):
        Call.objects.filter(callout=callout, batch_id__in=batch_ids).exclude(driver=driver).update(
            driver=driver
        )
