"""A node that is updated while tries are owed to a channel goes on with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from fengsui.engines.calls import rules
from fengsui.engines.calls.models import Dispatch
from fengsui.engines.calls.services.dispatching import waiting

AT = "2026-07-01 00:00:00+00:00"
GROUPED = ("calls", "0007_dispatch_groups")
ROW_BY_ROW = ("calls", "0006_companions")


@pytest.fixture
def before(transactional_db: None) -> Any:
    """The tables as they were when one row was owed for each try."""
    executor = MigrationExecutor(connection)
    newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "calls"]
    executor.migrate([ROW_BY_ROW])
    yield executor.loader.project_state([ROW_BY_ROW]).apps
    executor = MigrationExecutor(connection)
    executor.migrate(newest)


def test_tries_owed_one_by_one_are_owed_still(before: Any) -> None:
    batch = before.get_model("calls", "PartyBatch")
    common = {"callout_id": 1, "channel": "voice", "rung": 0, "try_number": 1}
    batch.objects.create(
        id=5,
        callout_id=1,
        place_code="990101101000",
        first_ordinal=0,
        first_call_id=11,
        count=2,
        added_at=AT,
    )
    for index in (0, 1):
        before.get_model("calls", "Call").objects.create(
            id=11 + index,
            callout_id=1,
            batch_id=5,
            ordinal=index,
            person_id=index + 1,
            place_code="990101101201",
        )
        before.get_model("calls", "Attempt").objects.create(
            id=70 + index, plan_id=70, call_id=11 + index, step=100, started_at=AT, **common
        )
        before.get_model("calls", "Dispatch").objects.create(
            id=70 + index,
            call_id=11 + index,
            party_id=11 + index,
            owed_at=AT,
            boot="dead" if index else "",
            **common,
        )
    before.get_model("calls", "Dispatch").objects.create(
        id=99, call_id=404, party_id=404, owed_at=AT, **common
    )
    MigrationExecutor(connection).migrate([GROUPED])
    rows = {row.id: row for row in Dispatch.objects.order_by("id")}
    assert [waiting(row) for row in rows.values()] == [[70], [71], [99]]
    assert [row.plan_id for row in rows.values()] == [70, 70, 99]
    assert [row.step for row in rows.values()] == [100, 100, 0]
    assert [row.place_code for row in rows.values()] == ["990101101000", "990101101000", ""]
    assert [row.boot for row in rows.values()] == ["", "dead", ""]
    assert bytes(rows[70].waiting) == rules.pack_ordinals([0])
    assert {row.count for row in rows.values()} == {1}
