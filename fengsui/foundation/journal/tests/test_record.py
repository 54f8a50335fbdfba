"""record, apply, group and savepoint."""

from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import dispatch, queries, replay
from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.services import command, record

NOTED = FactKind(
    number=90,
    name="test.noted",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    fields=("text", "count"),
    personal=("name",),
    item=("label",),
    item_is_personal=True,
    zh="记下：{text}",
    en="Noted: {text}",
)
COUNTED = FactKind(
    number=91,
    name="test.counted",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("count",),
)
VILLAGE = "433126101201"


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    real = dispatch.catalogue()
    extended = dispatch.Catalogue(
        {**real.by_number, 90: NOTED, 91: COUNTED},
        {**real.by_name, NOTED.name: NOTED, COUNTED.name: COUNTED},
        real.apply,
        real.judge,
    )
    for module in ("dispatch", "ledger", "queries"):
        monkeypatch.setattr(
            f"fengsui.foundation.journal.{module}.catalogue", lambda: extended, raising=True
        )


@command
def note(*, text: str, fail: bool = False) -> dict[str, Any]:
    viewer = node_viewer()
    fact = record(
        NOTED,
        fields={"text": text, "count": 3},
        personal={"name": "示意甲"},
        items=[{"label": "示意户 1"}, {"label": "示意户 2"}],
        scope=VILLAGE,
        viewer=viewer,
        about=[77],
    )
    record(COUNTED, fields={"count": 1}, scope=VILLAGE, viewer=viewer, cause=fact)
    if fail:
        raise ValueError("no")
    return {"id": fact.entity(), "fact": fact.id}


def test_a_fact_is_stored_and_found_again(node: Any) -> None:
    made = note(text="雨")
    found = queries.facts_about(node_viewer(), entity=made["id"])
    assert [row["zh"] for row in found] == ["记下：雨"]
    assert found[0]["fact"].items[1] == {"label": "示意户 2"}
    assert len(queries.facts_about(node_viewer(), cause=made["fact"])) == 1
    assert len(queries.facts_about(node_viewer(), entity=77)) == 1


def test_a_failed_command_leaves_nothing(node: Any) -> None:
    note(text="a")
    heads = dict(node.heads)
    with pytest.raises(ValueError, match="no"):
        note(text="b", fail=True)
    assert node.heads == heads
    note(text="c")
    assert StoredFact.objects.count() == 4
    assert list(StoredFact.objects.order_by("arrival").values_list("arrival", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
    assert all(replay.digest().values())
