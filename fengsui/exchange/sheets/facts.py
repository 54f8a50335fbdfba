"""Which households stand on which paper sheet, so that a code typed anywhere finds them."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

# Of commands, since these go down to the village and up to the county alike.
PRINTED = FactKind(
    number=860,
    name="sheets.printed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("evacuation_id", "number", "group_head_id"),
    item=("household_id",),
    zh="印出纸质名单{number}号",
    en="Paper sheet {number} printed",
)
TYPED = FactKind(
    number=861,
    name="sheets.typed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("sheet_id", "number", "lines", "recorded"),
    zh="把纸质名单{number}号录入：{lines}行，新记{recorded}条",
    en="Paper sheet {number} typed in: {lines} lines, {recorded} of them new",
)
KINDS: tuple[FactKind, ...] = (PRINTED, TYPED)
