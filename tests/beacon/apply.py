"""The facts of the beacon app applied."""

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import clock_of, merge

from .facts import BEACON_CHANGED, BEACON_LIT, BEACON_NAMED, BEACON_SEEN
from .models import Beacon, Sighting, Watcher

HIGHEST_METRES = 9000
FIELDS = {"name", "height_metres", "is_out"}


def apply_lit(fact: Fact) -> int | None:
    keeper = fact.personal["keeper"] if fact.personal is not None else ""
    beacon, is_new = Beacon.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "name": fact.fields["name"],
            "keeper": keeper,
            "height_metres": fact.fields["height_metres"],
        },
    )
    if not is_new and fact.personal is None:
        Beacon.objects.filter(pk=beacon.pk).update(keeper="")
    for index, item in enumerate(fact.items):
        name = item["watcher"] if item is not None else ""
        Watcher.objects.update_or_create(
            id=fact.entity(1 + index), defaults={"beacon": beacon, "name": name}
        )
    return None


def apply_seen(fact: Fact) -> int | None:
    beacon_id = fact.fields["beacon_id"]
    if not Beacon.objects.filter(pk=beacon_id).exists():
        return beacon_id
    Sighting.objects.get_or_create(
        id=fact.entity(),
        defaults={"beacon_id": beacon_id, "note": fact.fields["note"], "seen_at": fact.at},
    )
    return None


def apply_named(fact: Fact) -> int | None:
    beacon = Beacon.objects.filter(pk=fact.fields["beacon_id"]).first()
    if beacon is None:
        return fact.fields["beacon_id"]
    if (fact.hlc, fact.feed) > (beacon.named_hlc, bytes(beacon.named_feed)):
        beacon.name, beacon.named_hlc, beacon.named_feed = (
            fact.fields["name"],
            fact.hlc,
            fact.feed,
        )
        beacon.save()
    return None


def apply_changed(fact: Fact) -> int | None:
    beacon_id: int = fact.fields["beacon_id"]
    row = Beacon.objects.filter(pk=beacon_id).values("field_clock").first()
    if row is None:
        return beacon_id
    changes = {
        name: fact.fields["changes"][name] for name in FIELDS & fact.fields["changes"].keys()
    }
    winning, clocks = merge(row["field_clock"], clock_of(fact), changes, entity=beacon_id)
    if winning:
        Beacon.objects.filter(pk=beacon_id).update(**winning, field_clock=clocks)
    return None


def judge_lit(fact: Fact) -> str | None:
    if fact.fields["height_metres"] > HIGHEST_METRES:
        return "no beacon stands that high"
    return None


APPLY = {
    BEACON_LIT.name: apply_lit,
    BEACON_SEEN.name: apply_seen,
    BEACON_NAMED.name: apply_named,
    BEACON_CHANGED.name: apply_changed,
}
JUDGE = {BEACON_LIT.name: judge_lit}
