"""What a fact is: kinds, classes, audiences, and the ids that derive from a fact. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

ID_BYTES = 16
SALT_BYTES = 16
MAXIMUM_ITEMS = 4096
MAXIMUM_BODY_BYTES = 256 * 1024
_ENTITY_SPACE = (1 << 63) - 1

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Words = Mapping[str, tuple[str, str]]  # code -> (Chinese, English)


class FactClass(IntEnum):
    """How urgent a fact is, and how it is signed: 0-1 each one, 2-3 the head once per commit."""

    LIFE_SAFETY = 0
    COMMAND = 1
    ROUTINE = 2
    BULK = 3

    @property
    def signs_each(self) -> bool:
        return self <= FactClass.COMMAND


class Audience(StrEnum):
    """Which prefix of a fact's scope its feed belongs to."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    PUBLIC = "public"


AUDIENCE_DIGITS: Mapping[Audience, int] = MappingProxyType(
    {Audience.COUNTY: 6, Audience.TOWNSHIP: 9, Audience.VILLAGE: 12}
)


class Merge(StrEnum):
    """How facts of one kind from several nodes add up."""

    APPEND = "append"
    FIELD = "field"
    OWNER = "owner"
    MOVEMENT = "movement"


@dataclass(frozen=True, slots=True)
class FactKind:
    """One entry of an app's catalogue.

    Fields are positional: a later version may append names and must never reorder or remove
    them. `upcasters[n]` turns the fields of version n into those of version n + 1. `words` says a
    coded field in Chinese and English where a sentence shows it: {field: {code: (zh, en)}}.
    """

    number: int
    name: str
    version: int
    fact_class: FactClass
    audience: Audience
    merge: Merge
    fields: tuple[str, ...]
    personal: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    item_is_personal: bool = False
    zh: str = ""
    en: str = ""
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KindsOf:
    """Declares the kinds of one app: what most of them share is said once.

    After `kind = KindsOf("watch", COMMAND, TOWNSHIP, APPEND)` the call
    `kind(520, "shifts_planned", fields, zh, en)` is version 1 of `watch.shifts_planned`.
    """

    app: str
    fact_class: FactClass
    audience: Audience
    merge: Merge

    def __call__(
        self,
        number: int,
        name: str,
        fields: tuple[str, ...],
        zh: str,
        en: str,
        *,
        personal: tuple[str, ...] = (),
        words: Mapping[str, Words] | None = None,
        fact_class: FactClass | None = None,
        audience: Audience | None = None,
        merge: Merge | None = None,
    ) -> FactKind:
        return FactKind(
            number=number,
            name=f"{self.app}.{name}",
            version=1,
            fact_class=self.fact_class if fact_class is None else fact_class,
            audience=audience or self.audience,
            merge=merge or self.merge,
            fields=fields,
            personal=personal,
            zh=zh,
            en=en,
            words=words or {},
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as the apps see it, decoded from its stored bytes.

    `personal` is None, and an item is None, where the leaf has been erased.
    """

    id: bytes
    kind: str
    version: int
    scope: str
    actor: int
    at: datetime
    hlc: int
    cause: bytes | None
    feed: bytes
    seq: int
    fields: Mapping[str, Any]
    personal: Mapping[str, Any] | None
    items: Sequence[Mapping[str, Any] | None]
    about: tuple[int, ...] = ()
    # The clock by which it merges, where that is not its own (see CLOCK_DOUBTED).
    merges_at: int | None = None

    def entity(self, index: int = 0) -> int:
        """The id of the index-th thing this fact brings into being."""
        return entity_id(self.id, index)


def entity_id(fact_id: bytes, index: int = 0) -> int:
    """A positive 63-bit id. The ids of one fact are consecutive, so its rows lie together."""
    return (int.from_bytes(fact_id[:8], "big") >> 1) + index & _ENTITY_SPACE


LEAF_ERASED = FactKind(
    number=1,
    name="journal.leaf_erased",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("fact_id", "leaves", "reason"),
    zh="按规定抹去了个人信息：{reason}",
    en="Personal data was erased: {reason}",
)
NODE_INCARNATED = FactKind(
    number=2,
    name="journal.node_incarnated",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("previous_incarnation", "incarnation", "reason"),
    zh="本节点开始了新的一世：{reason}",
    en="This node began a new incarnation: {reason}",
)

# These facts of a feed came with a clock more than an hour ahead of the one who received them.
# They count, and lose every merge, on every node that hears of it.
CLOCK_DOUBTED = FactKind(
    number=3,
    name="journal.clock_doubted",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=("feed_id", "from_seq", "to_seq", "witnessed_ms"),
    zh="一台节点的时钟明显超前，其第{from_seq}至{to_seq}条记录的时间存疑",
    en="A node's clock was far ahead; the times of its facts {from_seq} to {to_seq} are doubted",
)
# Someone has found out by how much that clock was ahead: the facts merge by the true time.
CLOCK_RETIMED = FactKind(
    number=4,
    name="journal.clock_retimed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=("feed_id", "from_seq", "to_seq", "shift_ms", "reason"),
    zh="已校正一台超前时钟的记录时间：{reason}",
    en="The times of a clock that was ahead were set right: {reason}",
)
# Two facts carry one number of one feed: its key is on two machines. The proof is inside: for
# both, headers in chain order up to one that is signed.
FORK_FOUND = FactKind(
    number=5,
    name="journal.fork_found",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=("feed", "seq", "left", "left_signature", "right", "right_signature"),
    zh="发现同一把密钥在两台机器上使用，该密钥暂停",
    en="One key was used on two machines; it is suspended",
)
# The node of the value that was kept says that another had been written without knowledge of it.
VALUES_DIFFER = FactKind(
    number=6,
    name="journal.values_differ",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    fields=("entity", "what", "kept_fact", "other_fact"),
    zh="同一项“{what}”在两处被改成不同的内容",
    en="One “{what}” was changed to different values in two places",
)
DIFFERENCE_SETTLED = FactKind(
    number=7,
    name="journal.difference_settled",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    fields=("difference_id", "decision", "note"),
    zh="已核对不一致之处：{decision} {note}",
    en="A difference was looked at: {decision} {note}",
    words={
        "decision": {
            "keep": ("保留现值", "the present value stays"),
            "changed": ("已改正", "it was put right"),
        }
    },
)

# Facts about the node that states them: they have no place, so no jurisdiction bounds them.
OF_THE_NODE = frozenset({NODE_INCARNATED.number, CLOCK_DOUBTED.number, FORK_FOUND.number})

KINDS: tuple[FactKind, ...] = (
    LEAF_ERASED,
    NODE_INCARNATED,
    CLOCK_DOUBTED,
    CLOCK_RETIMED,
    FORK_FOUND,
    VALUES_DIFFER,
    DIFFERENCE_SETTLED,
)
