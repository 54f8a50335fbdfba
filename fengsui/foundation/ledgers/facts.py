"""What can be said of any register, and of several changes that are one step. Numbers 90-95.

`register_kinds` makes an app's facts about a register: rows changed, withdrawn and restored, and
for a register that has no kind of its own for it, registered.
"""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

WITHDRAWN = "is_withdrawn"

CHANGE_SET_OPENED = FactKind(
    number=90,
    name="ledgers.change_set_opened",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("kind", "title", "ledger", "source", "undoes", "reason"),
    zh="开始一组登记：{title}",
    en="A set of changes was opened: {title}",
)
CHANGE_SET_CLOSED = FactKind(
    number=91,
    name="ledgers.change_set_closed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    # kept: how many values were left alone because somebody changed them later
    fields=("change_set_id", "created", "changed", "withdrawn", "restored", "kept"),
    zh="一组登记已完成：登记 {created} 行，更改 {changed} 行，撤下 {withdrawn} 行",
    en="A set is complete: {created} registered, {changed} changed, {withdrawn} withdrawn",
)
VALUE_REVEALED = FactKind(
    number=92,
    name="ledgers.value_revealed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("ledger", "row_key", "column", "reason"),
    zh="查看了完整内容，理由：{reason}",
    en="A full value was shown, for the reason: {reason}",
)

KINDS: tuple[FactKind, ...] = (CHANGE_SET_OPENED, CHANGE_SET_CLOSED, VALUE_REVEALED)


_WITHOUT_REGISTERED = 3
_SENTENCES = {
    "changed": ("更改了 {count} {rows}的登记", "The records of {count} {rows} changed"),
    "withdrawn": ("撤下 {count} {rows}：{reason}", "{count} {rows} withdrawn: {reason}"),
    "restored": ("恢复 {count} {rows}：{reason}", "{count} {rows} put back: {reason}"),
    "registered": ("登记 {count} {rows}", "{count} {rows} registered"),
}


@dataclass(frozen=True, slots=True)
class RegisterKinds:
    """The facts about the rows of one register."""

    changed: FactKind
    withdrawn: FactKind
    restored: FactKind
    registered: FactKind | None = None

    @property
    def all(self) -> tuple[FactKind, ...]:
        three = (self.changed, self.withdrawn, self.restored)
        return three if self.registered is None else (*three, self.registered)


def register_kinds(
    *, app: str, register: str, numbers: range, audience: Audience, zh: str, en: str
) -> RegisterKinds:
    """The kinds of a register: three consecutive numbers, a fourth for *registered*.

    `zh` is a measure and a noun ("户", "处场所"), `en` a plural. What names a person stands in
    salted items that carry the id of their row, so that it can be erased by itself.
    """

    def kind(index: int, verb: str, *fields: str, item: tuple[str, ...] = ()) -> FactKind:
        sentence_zh, sentence_en = _SENTENCES[verb]
        return FactKind(
            number=numbers[index],
            name=f"{app}.{register}_{verb}",
            version=1,
            fact_class=FactClass.BULK if verb == "registered" else FactClass.ROUTINE,
            audience=audience,
            merge=Merge.APPEND if verb == "registered" else Merge.FIELD,
            fields=("count", *fields),
            item=item,
            item_is_personal=bool(item),
            zh=sentence_zh.replace("{rows}", zh),
            en=sentence_en.replace("{rows}", en),
        )

    return RegisterKinds(
        # rows: [key, {field: value}, {field: value before}, [private fields]]
        changed=kind(0, "changed", "rows", item=("key", "values", "before")),
        withdrawn=kind(1, "withdrawn", "keys", "reason"),
        restored=kind(2, "restored", "keys", "reason"),
        # rows: values in the order of `names`; items: those of the private fields
        registered=kind(3, "registered", "is_invented", "names", "rows", item=("values",))
        if len(numbers) > _WITHOUT_REGISTERED
        else None,
    )
