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
    *,
    app: str,
    register: str,
    numbers: range,
    audience: Audience,
    zh: str,
    en: str,
) -> RegisterKinds:
    """The kinds of a register: three consecutive numbers, a fourth for *registered*.

    `zh` is a measure and a noun ("户", "处场所"), `en` a plural. What names a person stands in
    salted items that carry the id of their row, so that it can be erased by itself.
    """

    def kind(
        index: int,
        verb: str,
        fields: tuple[str, ...],
        item: tuple[str, ...],
        sentences: tuple[str, str],
    ) -> FactKind:
        return FactKind(
            number=numbers[index],
            name=f"{app}.{register}_{verb}",
            version=1,
            fact_class=FactClass.BULK if verb == "registered" else FactClass.ROUTINE,
            audience=audience,
            merge=Merge.APPEND if verb == "registered" else Merge.FIELD,
            fields=fields,
            item=item,
            item_is_personal=bool(item),
            zh=sentences[0],
            en=sentences[1],
        )

    # rows of changed: [key, {field: value}, {field: value before}, [private fields]]
    changed = kind(
        0,
        "changed",
        ("count", "rows"),
        ("key", "values", "before"),
        (f"更改了 {{count}} {zh}的登记", f"The records of {{count}} {en} changed"),
    )
    withdrawn = kind(
        1,
        "withdrawn",
        ("count", "keys", "reason"),
        (),
        (f"撤下 {{count}} {zh}：{{reason}}", f"{{count}} {en} withdrawn: {{reason}}"),
    )
    restored = kind(
        2,
        "restored",
        ("count", "keys", "reason"),
        (),
        (f"恢复 {{count}} {zh}：{{reason}}", f"{{count}} {en} put back: {{reason}}"),
    )
    registered = None
    if len(numbers) > 3:
        # rows of registered: values in the order of `names`; items: those of the private fields
        registered = kind(
            3,
            "registered",
            ("count", "is_invented", "names", "rows"),
            ("values",),
            (f"登记 {{count}} {zh}", f"{{count}} {en} registered"),
        )
    return RegisterKinds(changed, withdrawn, restored, registered)
