"""What can be said about imports and exports. Registry numbers 96-99."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

MAPPING_SAVED = FactKind(
    number=96,
    name="imports.mapping_saved",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    # columns: folded header -> target or None
    fields=("ledger", "title", "columns", "system"),
    zh="保存了表格的列对应关系“{title}”",
    en="The mapping “{title}” of a sheet was saved",
)
MAPPING_DROPPED = FactKind(
    number=97,
    name="imports.mapping_dropped",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("mapping_id",),
    zh="删去了一套表格的列对应关系",
    en="A mapping of a sheet was dropped",
)
EXPORTED = FactKind(
    number=98,
    name="imports.exported",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=(
        "number", "ledger", "format", "rows_count", "columns", "under", "with_personal", "reason",
        "recipient", "actor_name",
    ),
    zh="导出台账 {ledger}，{rows_count} 行，给{recipient}，编号 {number}",
    en="{rows_count} rows of {ledger} were exported for {recipient}, number {number}",
)  # fmt: skip
CARRIED_OUT = FactKind(
    number=99,
    name="imports.carried_out",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=(
        "ledger", "file_name", "sha256", "created", "changed", "same", "skipped", "left_out",
        "is_whole",
    ),
    zh="导入台账 {ledger}：新增 {created} 行，更改 {changed} 行，未写入 {left_out} 行",
    en="Import into {ledger}: {created} new, {changed} changed, {left_out} left out",
)  # fmt: skip

KINDS: tuple[FactKind, ...] = (MAPPING_SAVED, MAPPING_DROPPED, EXPORTED, CARRIED_OUT)
