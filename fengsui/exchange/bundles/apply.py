"""A bundle that was turned away changes no table; the fact itself is the record of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.foundation.journal.facts import Fact

APPLY: Mapping[str, Callable[[Fact], int | None]] = {}
