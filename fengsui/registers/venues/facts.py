"""What can be said about venues. Registry numbers 500-549."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.ledgers.facts import register_kinds

VENUES_REGISTERED = FactKind(
    number=500,
    name="venues.venues_registered",
    version=2,
    fact_class=FactClass.BULK,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("count", "is_invented"),
    item=(
        "place_code",
        "name",
        "kind",
        "lon_e7",
        "lat_e7",
        "warning_contact_id",
        "headcount_tonight",
        "boarding_people",  # 2; None: nobody has said
        "open_when",  # 2
        "notes",  # 2
    ),
    zh="登记 {count} 处公共场所",
    en="{count} venues registered",
)
HEADCOUNT_RECORDED = FactKind(
    number=501,
    name="venues.headcount_recorded",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("venue_id", "people"),
    zh="登记场所今晚人数 {people}",
    en="{people} people tonight recorded for a venue",
)
WARNING_CONTACT_NAMED = FactKind(
    number=502,
    name="venues.warning_contact_named",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("venue_id", "person_id"),
    zh="指定了场所的预警接收人",
    en="The warning contact of a venue was named",
)

VENUES = register_kinds(
    app="venues",
    register="venues",
    numbers=range(540, 543),
    audience=Audience.TOWNSHIP,
    zh="处公共场所",
    en="venues",
)

KINDS: tuple[FactKind, ...] = (
    VENUES_REGISTERED,
    HEADCOUNT_RECORDED,
    WARNING_CONTACT_NAMED,
    *VENUES.all,
)
