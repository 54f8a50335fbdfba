"""The messages of thin links as plain values. Places are full codes, times are milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

SHORT_ID_MASK = 0xFFFF
AREAS_MAX = 8
NEEDS_MAX = 8
RECEIPTS_MAX = 8


class TelegramError(ValueError):
    """Bytes or text that are no telegram, or values that fit in none. `code` says which rule."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reference:
    """The fact a message stands for: a place in its author's chain.

    `author` and `epoch` None: those of the frame. `audience`: 0 county, 1 township, 2 village,
    3 public. The class is that of the message.
    """

    sequence: int
    audience: int = 1
    author: int | None = None
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class EvacuationInstruction:
    """Leave these places of one township. `alert` is the short id of the alert."""

    alert: int
    hazard: str
    level: str
    action: str
    issued_ms: int
    areas: tuple[str, ...]
    exercise: bool = False
    leave_by_ms: int | None = None
    shelter: int | None = None
    fact: Reference | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer to a call. Either `ordinal` (place on the call list) or `person` (short id)."""

    of: int
    answer: str
    at_ms: int
    ordinal: int | None = None
    person: int | None = None
    place_code: str | None = None
    fact: Reference | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """应转 已转 外出 未转 需协助 已安置 受伤 失联 死亡, in people."""

    should: int = 0
    moved: int = 0
    away: int = 0
    not_yet: int = 0
    needs_help: int = 0
    sheltered: int = 0
    injured: int = 0
    missing: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Headcount:
    place_code: str
    at_ms: int
    numbers: Numbers
    evacuation: int | None = None
    series: int = 0
    fact: Reference | None = None


@dataclass(frozen=True, slots=True)
class Sos:
    """`lon_e5`/`lat_e5`: 1e-5 degree. `needs`: codes of `tables.NEEDS`."""

    place_code: str
    at_ms: int
    people: int = 0
    injured: int = 0
    needs: tuple[str, ...] = ()
    lon_e5: int | None = None
    lat_e5: int | None = None
    text: str = ""
    fact: Reference | None = None


@dataclass(frozen=True, slots=True)
class QuickReport:
    """灾情快报. `needs`: (code of `tables.SUPPLIES`, amount)."""

    place_code: str
    at_ms: int
    disaster: str
    affected: int = 0
    moved: int = 0
    injured: int = 0
    missing: int = 0
    dead: int = 0
    trapped: int = 0
    houses_collapsed: int = 0
    houses_damaged: int = 0
    road_cut: bool = False
    power_cut: bool = False
    network_cut: bool = False
    needs: tuple[tuple[str, int], ...] = ()
    fact: Reference | None = None


@dataclass(frozen=True, slots=True)
class HeadcountTotal:
    """A township's sum over `reported` of `expected` villages. It stands for no single fact."""

    place_code: str
    at_ms: int
    numbers: Numbers
    reported: int
    expected: int
    evacuation: int | None = None
    series: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """A frame of the other side was opened: low bits of its epoch and number."""

    epoch: int
    fact_class: int
    sequence: int


Message = EvacuationInstruction | Acknowledgement | Headcount | Sos | QuickReport | HeadcountTotal


@dataclass(frozen=True, slots=True)
class Telegram:
    """What one frame holds: receipts and at most one message."""

    message: Message | None = None
    received: tuple[Receipt, ...] = ()


# The class of the fact that a message stands for, and of the frame that carries it.
CLASS_OF: dict[type, int] = {
    EvacuationInstruction: 1,
    Acknowledgement: 0,
    Headcount: 0,
    Sos: 0,
    QuickReport: 1,
    HeadcountTotal: 0,
}


def class_of(message: Message | None) -> int:
    return 0 if message is None else CLASS_OF[type(message)]
