"""What duty asks and only upper apps know: what is open besides calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fengsui.readiness.watch.states import MatterKind


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that passes from the outgoing officer to the incoming one.

    `key` names it for as long as it is open; `link` is its page on the desk.
    """

    kind: MatterKind
    reference: str
    place_code: str
    title_zh: str
    title_en: str
    since_at: datetime | None = None
    due_at: datetime | None = None
    count: int = 1
    link: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.reference}"


MatterSource = Callable[[str], Sequence[Matter]]


def _nothing(place_code: str) -> Sequence[Matter]:
    return ()


_source: MatterSource = _nothing


def set_matters(source: MatterSource | None) -> None:
    """`config` calls this once: place code → what upper apps hold open at or below that place."""
    global _source
    _source = source or _nothing


def matters_of_upper_apps(place_code: str) -> Sequence[Matter]:
    return _source(place_code)
