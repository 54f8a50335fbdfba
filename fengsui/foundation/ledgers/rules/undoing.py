"""What taking back a set of changes does to a row, and what it leaves alone. Pure.

A value is put back only where the set's own word still stands; what somebody said later stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ERASED = "erased"  # a value before that has been erased since: nobody can put it back


@dataclass(slots=True)
class Step:
    """What a set of changes did to one row, from its facts in their order."""

    is_born: bool = False
    was_withdrawn: bool | None = None  # before the set; None: the set says nothing about it
    before: dict[str, Any] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Taken:
    """What an undo does to one row: at most one of withdraw and restore."""

    withdraw: bool = False
    restore: bool = False
    put_back: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)  # field -> why it is left alone

    @property
    def is_anything(self) -> bool:
        return self.withdraw or self.restore or bool(self.put_back)


def note_born(steps: dict[Any, Step], keys: Collection[Any]) -> None:
    for key in keys:
        steps.setdefault(key, Step()).is_born = True


def note_state(steps: dict[Any, Step], keys: Collection[Any], *, was_withdrawn: bool) -> None:
    for key in keys:
        step = steps.setdefault(key, Step())
        if step.was_withdrawn is None:
            step.was_withdrawn = was_withdrawn


def note_changed(
    steps: dict[Any, Step],
    rows: Sequence[Sequence[Any]],
    private: Mapping[Any, Mapping[str, Any]],
) -> None:
    """`rows` of a changed fact; `private`: key -> values before, of the items that still stand."""
    for key, _, before, named in rows:
        step = steps.setdefault(key, Step())
        held = private.get(key)
        said = {**before, **{name: held[name] for name in named if held and name in held}}
        for name, value in said.items():
            if name not in step.erased:
                step.before.setdefault(name, value)
        step.erased |= {name for name in named if name not in said and name not in step.before}


def take_back(
    step: Step,
    *,
    clocks: Mapping[str, str],
    own: Collection[str],
    is_withdrawn: bool,
    state_field: str,
) -> Taken:
    """What is done to a row that holds these clocks now.

    `own`: the clocks of the set's facts, and of those that undid it and undid that again.
    """
    taken = Taken()
    later = {name for name, clock in clocks.items() if clock not in own}
    if step.is_born:
        if later:
            taken.kept = dict.fromkeys(sorted(later), "later")
        else:
            taken.withdraw = not is_withdrawn
        return taken
    if step.was_withdrawn is not None and step.was_withdrawn != is_withdrawn:
        if state_field in later:
            taken.kept[state_field] = "later"
        else:
            taken.withdraw, taken.restore = step.was_withdrawn, not step.was_withdrawn
    for name, value in step.before.items():
        if name in later:
            taken.kept[name] = "later"
        else:
            taken.put_back[name] = value
    for name in step.erased:
        taken.kept.setdefault(name, ERASED)
    return taken
