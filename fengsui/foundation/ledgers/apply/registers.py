"""How the facts about a register become its rows: the same for every register.

Every field merges by clock by itself, so facts may come twice and in any order; what loses stays
visible in the history.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import models

from fengsui.foundation.journal import rowwise
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of, merge
from fengsui.foundation.ledgers.facts import WITHDRAWN, RegisterKinds
from fengsui.foundation.ledgers.models import RowChange

ROWS_PER_QUERY = 500

Apply = Callable[[Fact], "int | None"]
Values = Mapping[str, Any]


def _as_they_are(values: Values) -> Values:
    return values


def _withdrawn(fact: Fact) -> Values:
    return {WITHDRAWN: True}


def _restored(fact: Fact) -> Values:
    return {WITHDRAWN: False}


@dataclass(frozen=True, slots=True)
class Register:
    """A table, and which of its fields the facts about its rows may set.

    `private`: fields that name somebody, with what stands there once they are erased.
    `derive`: turns values as facts hold them into values of the model (an outline into text and
    box); fields of moments are turned from seconds without it.
    `withdrawn`, `restored`: what these facts set, where that is not is_withdrawn.
    """

    name: str
    model: type[models.Model]
    kinds: RegisterKinds
    public: tuple[str, ...]
    private: Mapping[str, Any] = field(default_factory=dict)
    place: str = "place_code"
    derive: Callable[[Values], Values] = _as_they_are
    withdrawn: Callable[[Fact], Values] = _withdrawn
    restored: Callable[[Fact], Values] = _restored
    touched: Callable[[], None] | None = None
    # The app's own kinds that bring rows into being: name -> the keys of those rows, for undo.
    born: Mapping[str, Callable[[Fact], Sequence[Any]]] = field(default_factory=dict)
    # For tables whose rows several facts bring into being: a row of which one field has arrived.
    blank_row: Callable[[Any], dict[str, Any]] | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.public, *self.private)

    def keys_born(self, fact: Fact) -> Sequence[Any] | None:
        """The keys of the rows that a fact brought into this register; None for another fact."""
        if self.kinds.registered is not None and fact.kind == self.kinds.registered.name:
            return counted(fact)
        return self.born[fact.kind](fact) if fact.kind in self.born else None

    def applies(self) -> dict[str, Apply]:
        """For the app's APPLY."""
        found: dict[str, Apply] = {
            self.kinds.changed.name: self.apply_changed,
            self.kinds.withdrawn.name: self.apply_withdrawn,
            self.kinds.restored.name: self.apply_restored,
        }
        if self.kinds.registered is not None:
            found[self.kinds.registered.name] = self.apply_registered
        return found

    def apply_changed(self, fact: Fact) -> int | None:
        private = {item["key"]: item["values"] or {} for item in fact.items if item is not None}
        said = {}
        for key, values, _, named in fact.fields["rows"]:
            known = {name: value for name, value in values.items() if name in self.public}
            given = private.get(key, {})
            for name in named:
                if name in self.private:
                    known[name] = given.get(name, self.private[name])
            said[key] = known
        return self._say(fact, said)

    def apply_withdrawn(self, fact: Fact) -> int | None:
        values = self.withdrawn(fact)
        return self._say(fact, dict.fromkeys(fact.fields["keys"], values))

    def apply_restored(self, fact: Fact) -> int | None:
        values = self.restored(fact)
        return self._say(fact, dict.fromkeys(fact.fields["keys"], values))

    def _say(self, fact: Fact, said: Mapping[Any, Values]) -> int | None:
        if self.blank_row is not None:
            _insert_missing(self.model, said, self.blank_row)
        missing = merge_rows(fact, self.model, said, derive=self.derive)
        changes = [
            Said(key, name, value, name in self.private)
            for key, values in said.items()
            for name, value in values.items()
        ]
        note_changes(fact, self.name, changes)
        if self.touched is not None:
            self.touched()
        return missing

    def apply_registered(self, fact: Fact) -> None:
        """Rows of the fact's `names`; private values come in the order of `private`."""
        names = fact.fields["names"]
        rows = []
        for index, values in enumerate(fact.fields["rows"]):
            item = fact.items[index] if index < len(fact.items) else None
            given = [] if item is None else item["values"]
            said = {name: value for name, value in zip(names, values, strict=False)}
            said |= dict(self.private) | dict(zip(self.private, given, strict=False))
            known = {name: said[name] for name in self.fields if name in said}
            rows.append(
                {
                    "id": fact.entity(index),
                    **_for_model(self.model, self.derive(known)),
                    "is_invented": fact.fields["is_invented"],
                    WITHDRAWN: False,
                    "field_clock": NO_CLOCKS,
                }
            )
        rowwise.insert(self.model, rows, may_exist=True)
        erased = [fact.entity(index) for index, item in enumerate(fact.items) if item is None]
        self._blank(erased)
        if self.touched is not None:
            self.touched()

    def _blank(self, keys: Sequence[Any]) -> None:
        """Empties what names somebody where the leaf was erased; the rows still count."""
        if not keys or not self.private:
            return
        rows = self.model._default_manager.filter(pk__in=keys).values_list("pk", "field_clock")
        for key, clocks in rows:
            set_later = json.loads(clocks)
            blank = {n: v for n, v in self.private.items() if n not in set_later}
            self.model._default_manager.filter(pk=key).update(**blank)


def counted(fact: Fact) -> Sequence[int]:
    """The keys of the rows of a fact that says how many it brings, one after another."""
    return range(fact.entity(), fact.entity() + fact.fields["count"])


class Said(NamedTuple):
    """One value that a fact said of a row."""

    key: Any
    field: str
    value: Any
    is_private: bool = False


def merge_rows(
    fact: Fact,
    model: type[models.Model],
    said: Mapping[Any, Values],
    *,
    derive: Callable[[Values], Values] = _as_they_are,
) -> int | None:
    """Merges field by field by clock; the id of the first row that has not arrived, or None."""
    clock = clock_of(fact)
    keys = list(said)
    missing: int | None = None
    for start in range(0, len(keys), ROWS_PER_QUERY):
        piece = keys[start : start + ROWS_PER_QUERY]
        held = dict(model._default_manager.filter(pk__in=piece).values_list("pk", "field_clock"))
        # Rows of one shape go in one statement.
        changed: dict[tuple[str, ...], dict[Any, dict[str, Any]]] = {}
        for key in piece:
            if key not in held:
                missing = key if missing is None else missing
                continue
            winning, clocks = merge(held[key], clock, said[key], entity=key)
            if winning:
                row = {**_for_model(model, derive(winning)), "field_clock": clocks}
                changed.setdefault(tuple(row), {})[key] = row
        for rows_of_shape in changed.values():
            rowwise.update(model, rows_of_shape)
    return missing


def _insert_missing(
    model: type[models.Model], keys: Iterable[Any], blank_row: Callable[[Any], dict[str, Any]]
) -> None:
    wanted = list(keys)
    there = set(model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True))
    rowwise.insert(model, [blank_row(key) for key in wanted if key not in there], may_exist=True)


def _for_model(model: type[models.Model], values: Values) -> dict[str, Any]:
    moments = _moments(model)
    return {
        name: datetime.fromtimestamp(value, UTC)
        if name in moments and type(value) is int
        else value
        for name, value in values.items()
    }


def _moments(model: type[models.Model]) -> frozenset[str]:
    found = _MOMENTS.get(model)
    if found is None:
        found = _MOMENTS[model] = frozenset(
            one.attname
            for one in model._meta.concrete_fields
            if isinstance(one, models.DateTimeField)
        )
    return found


_MOMENTS: dict[type[models.Model], frozenset[str]] = {}


def note_changes(fact: Fact, register: str, changes: Sequence[Said]) -> None:
    """Keeps what was said of rows, whether or not it wins, and says so on which fact."""
    keep_changes(changes_of(fact, register, changes))


def changes_of(fact: Fact, register: str, changes: Sequence[Said]) -> list[RowChange]:
    clock = clock_of(fact)
    return [
        RowChange(
            id=fact.entity(index),
            register=register,
            row_key=str(one.key),
            place_code=fact.scope,
            field=one.field,
            value=json.dumps(one.value, ensure_ascii=False),
            clock=clock,
            actor_id=fact.actor,
            at=fact.at,
            is_private=one.is_private,
            note=fact.fields.get("reason") or "",
            fact_id=fact.id,
            cause=fact.cause,
        )
        for index, one in enumerate(changes)
    ]


def keep_changes(changes: Sequence[RowChange]) -> None:
    RowChange.objects.bulk_create(
        changes,
        update_conflicts=True,  # said again without its value once that has been erased
        unique_fields=["id"],
        update_fields=["value"],
    )
