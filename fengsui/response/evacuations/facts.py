"""Which households should leave, and what was seen of each."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.response.evacuations.states import WORDS

HOUSEHOLD_ITEM = ("household_id", "place_code", "people", "assist_level", "shelter")

OPENED = FactKind(
    number=700,
    name="evacuation.opened",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("alert_id", "exercise"),
    item=HOUSEHOLD_ITEM,
    zh="列出应转移住户",
    en="Households to move listed",
)
HOUSEHOLDS_ADDED = FactKind(
    number=701,
    name="evacuation.households_added",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("evacuation_id",),
    item=HOUSEHOLD_ITEM,
    zh="补充应转移住户",
    en="More households to move listed",
)
HOUSEHOLD_RECORDED = FactKind(
    number=702,
    name="evacuation.household_recorded",
    version=1,
    fact_class=FactClass.LIFE_SAFETY,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=(
        "evacuation_id",
        "household_id",
        "status",
        "people_moved",
        "confirmed_how",
        "observed_at",
        "client_id",
    ),
    personal=("confirmed_by",),
    zh="住户情况：{status}",
    en="Household: {status}",
    words={"status": {status.value: word for status, word in WORDS.items()}},
)
CLOSED = FactKind(
    number=703,
    name="evacuation.closed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("evacuation_id", "reason"),
    zh="转移结束：{reason}",
    en="Evacuation closed: {reason}",
)
HOUSEHOLDS_LINKED = FactKind(
    number=704,
    name="evacuation.households_linked",
    version=1,
    fact_class=FactClass.LIFE_SAFETY,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("evacuation_id", "household_id", "same_as", "reason"),
    zh="两条登记是同一户：{reason}",
    en="Two entries are one household: {reason}",
)
HOUSEHOLDS_UNLINKED = FactKind(
    number=705,
    name="evacuation.households_unlinked",
    version=1,
    fact_class=FactClass.LIFE_SAFETY,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("evacuation_id", "link_id", "reason"),
    zh="撤销合并，是两户：{reason}",
    en="They are two households after all: {reason}",
)
KINDS: tuple[FactKind, ...] = (
    OPENED,
    HOUSEHOLDS_ADDED,
    HOUSEHOLD_RECORDED,
    CLOSED,
    HOUSEHOLDS_LINKED,
    HOUSEHOLDS_UNLINKED,
)
