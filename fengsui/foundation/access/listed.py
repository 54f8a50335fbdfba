"""`field__listed=values`: what `field__in=values` finds, bound as one value however many they are.

Django binds every value by itself, which takes some microseconds of each and hits a limit of the
database (SQLite 32,766, PostgreSQL 65,535). A county asks for forty thousand households at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from django.db.models import CharField, Field, Lookup, TextField
from django.db.models.fields.related import ForeignObject

TEXTS = (CharField, TextField)


class Values(Sequence[Any]):
    """A sequence that Django hands on as it is: it walks lists and tuples, one value at a time."""

    __slots__ = ("_held",)

    def __init__(self, held: Iterable[Any]) -> None:
        self._held = list(held)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._held[index]

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._held)


class Listed(Lookup):
    lookup_name = "listed"
    prepare_rhs = False

    def get_prep_lookup(self) -> list[Any]:
        plain: type = str if isinstance(self.lhs.output_field, TEXTS) else int
        return [plain(one) for one in self.rhs if one is not None]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, bound = self.process_lhs(compiler, connection)
        if connection.vendor == "sqlite":
            listed = "IN (SELECT value FROM json_each(%s))"
            return f"{column} {listed}", (*bound, json.dumps(self.rhs))
        return f"{column} = ANY(%s)", (*bound, self.rhs)


def register() -> None:
    Field.register_lookup(Listed)
    ForeignObject.register_lookup(Listed)  # looks among its own only
