"""Times as the database takes them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from fengsui.engines.calls.apply import writing


@pytest.mark.one_database
def test_a_time_is_remembered_for_each_database_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 7, 16, 18, 10, 36, tzinfo=UTC)
    written = []
    for vendor, how in (("sqlite", str), ("postgresql", lambda moment: moment)):
        ops = SimpleNamespace(adapt_datetimefield_value=how)
        monkeypatch.setattr(writing, "connection", SimpleNamespace(vendor=vendor, ops=ops))
        written += [writing.stored(at), writing.stored(at)]
    assert written == [str(at), str(at), at, at]
