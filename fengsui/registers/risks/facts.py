"""What can be said about danger areas. Registry numbers 550-599."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.ledgers.facts import register_kinds

DANGER_AREAS_REGISTERED = FactKind(
    number=550,
    name="risks.danger_areas_registered",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    fields=("count", "is_invented"),
    item=("place_code", "name", "kind", "geometry", "trigger", "route", "shelter_name"),
    zh="登记 {count} 处危险区",
    en="{count} danger areas registered",
)
HOUSEHOLDS_LISTED = FactKind(
    number=551,
    name="risks.households_listed",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    # pairs: [danger area id, household id, place_code]
    fields=("count", "pairs"),
    zh="{count} 户列入危险区名册",
    en="{count} households listed in danger areas",
)
HOUSEHOLDS_DELISTED = FactKind(
    number=552,
    name="risks.households_delisted",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("count", "pairs", "reason"),
    zh="{count} 户移出危险区名册：{reason}",
    en="{count} households taken off the danger list: {reason}",
)
DANGER_AREA_CHANGED = FactKind(
    number=553,
    name="risks.danger_area_changed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("danger_area_id", "changes"),
    zh="更改了一处危险区的登记",
    en="The record of a danger area changed",
)

DANGER_AREAS = register_kinds(
    app="risks",
    register="danger_areas",
    numbers=range(590, 593),
    audience=Audience.VILLAGE,
    zh="处危险区",
    en="danger areas",
)

KINDS: tuple[FactKind, ...] = (
    DANGER_AREAS_REGISTERED,
    HOUSEHOLDS_LISTED,
    HOUSEHOLDS_DELISTED,
    DANGER_AREA_CHANGED,
    *DANGER_AREAS.all,
)
