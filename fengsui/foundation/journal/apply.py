"""The journal's own facts applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.foundation.journal.facts import Fact

APPLY: Mapping[str, Callable[[Fact], int | None]] = {}
