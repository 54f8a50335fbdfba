"""Two values of one field, where the fact speaks of many rows of a register."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fengsui.foundation.journal import differences
from fengsui.foundation.journal.facts import Fact

ROWS = [[7, {"people_count": 3}, {"people_count": 2}, []], [8, {"people_count": 4}, {}, ["label"]]]


def fact(items: list[dict[str, Any] | None]) -> Fact:
    return Fact(
        id=bytes(16), kind="people.households_changed", version=1, scope="439901101201", actor=1,
        at=datetime(2026, 7, 16, tzinfo=UTC), hlc=1, cause=None, feed=bytes(16), seq=1,
        fields={"count": 2, "rows": ROWS}, personal={}, items=items,
    )  # fmt: skip


def test_each_row_has_its_own_value() -> None:
    said = fact([{"key": 8, "values": {"label": "示意甲户"}, "before": {}}])
    assert differences.value_in(said, "7", "people_count") == 3
    assert differences.value_in(said, "8", "people_count") == 4
    assert differences.value_in(said, "8", "label") == "示意甲户"
    assert differences.is_missing(differences.value_in(said, "7", "label"))


def test_what_names_somebody_is_hidden_and_gone_once_it_is_erased() -> None:
    said = fact([{"key": 8, "values": {"label": "示意甲户"}, "before": {}}])
    assert differences.is_personal(said, "8", "label", items_are_personal=True)
    assert not differences.is_personal(said, "8", "people_count", items_are_personal=True)
    assert not differences.is_personal(said, "8", "label", items_are_personal=False)
    assert differences.is_missing(differences.value_in(fact([None]), "8", "label"))
