"""The kinds of the beacon app."""

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

BEACON_LIT = FactKind(
    number=990,
    name="beacon.lit",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    fields=("name", "height_metres"),
    personal=("keeper",),
    item=("watcher",),
    item_is_personal=True,
    zh="点燃烽燧{name}",
    en="Beacon {name} was lit",
)
BEACON_SEEN = FactKind(
    number=991,
    name="beacon.seen",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("beacon_id", "note"),
    zh="看见烽燧：{note}",
    en="Beacon seen: {note}",
)
BEACON_NAMED = FactKind(
    number=992,
    name="beacon.named",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("beacon_id", "name"),
)
# Every field keeps what was said last; "is_out" is how a beacon is taken out of the register.
BEACON_CHANGED = FactKind(
    number=993,
    name="beacon.changed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("beacon_id", "changes"),
)

KINDS = (BEACON_LIT, BEACON_SEEN, BEACON_NAMED, BEACON_CHANGED)
