"""Every ledger: registered, found, corrected, withdrawn, put back, taken back. One test for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, grants_of, node_viewer
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.ledgers import queries, services
from fengsui.foundation.ledgers.queries import PageRequest
from tests.world import county as world

NODE = node_viewer()
REASON = "示意理由"

Row = dict[str, Any]
# A new row of each ledger, and one column that is changed later.
NEW: dict[str, Callable[[dict[str, int]], tuple[Row, str, Any]]] = {
    "places": lambda ids: (
        {"code": "439901101204", "name": "新村", "point": [1101000000, 284400000]},
        "name",
        "新新村",
    ),
    "persons": lambda ids: (
        {
            "name": "示意寅",
            "place_code": world.SHITAN,
            "phone": "00099990001",
            "title": "网格员",
        },
        "phone",
        "00099990002",
    ),
    "posts": lambda ids: (
        {"title": "山洪预警员", "place_code": world.SHITAN, "role": "flash_flood_warner"},
        "title",
        "山洪预警员（上游）",
    ),
    "holdings": lambda ids: (
        {"post": ids["post-shitan_grid"], "person": ids["shitan_b"], "slot": "B"},
        "slot",
        "A",
    ),
    "contacts": lambda ids: (
        {"person": ids["shitan_b"], "kind": "phone", "value": "00099990003"},
        "value",
        "00099990004",
    ),
    "households": lambda ids: (
        {
            "label": "示意卯户",
            "place_code": world.SHITAN,
            "people_count": 3,
            "assist_level": "2",
            "relative_phone": "00099990005",
            "group_head": ids["shitan_grid"],
            "point": [1100800000, 284400000],
        },
        "people_count",
        5,
    ),
    "danger_areas": lambda ids: (
        {
            "name": "示意沟",
            "place_code": world.SHITAN,
            "kind": "flash_flood",
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[110.07, 28.43], [110.09, 28.43], [110.09, 28.45], [110.07, 28.43]]
                ],
            },
        },
        "trigger",
        "1 小时雨量 40 毫米",
    ),
    "venues": lambda ids: (
        {"name": "示意小学", "place_code": world.SHITAN, "kind": "school", "headcount_tonight": 30},
        "headcount_tonight",
        31,
    ),
    # The register of the tests: its model, its facts and a few lines, see ledgers/README.md.
    "wells": lambda ids: (
        {"name": "示意井", "place_code": world.SHITAN, "depth_metres": 9, "owner": "示意辰"},
        "owner",
        "示意巳",
    ),
}


@pytest.fixture
def county(node: Any, clock: Any) -> world.County:
    return world.build()


def test_every_ledger_of_the_program_is_tried_here() -> None:
    assert set(queries.all_ledgers()) == set(NEW)


@pytest.mark.parametrize("name", sorted(NEW))
def test_a_row_goes_all_the_way_and_back(county: world.County, clock: Any, name: str) -> None:
    values, column, better = NEW[name](county.ids)
    ledger = queries.ledger(name, NODE)
    before = queries.page(name, PageRequest(), viewer=NODE)["total"]

    opened = services.open_change_set(
        viewer=NODE, kind="import", title="示意导入", ledger=name, scope=world.COUNTY
    )
    one = services.create(viewer=NODE, ledger=name, rows=[values], cause=opened)[0]
    services.close_change_set(viewer=NODE, cause=opened)
    row = queries.one(ledger, one, viewer=NODE)
    assert {key: row["values"][key] for key in values} == values
    page = queries.page(name, PageRequest(limit=200), viewer=NODE)
    assert page["total"] == before + 1
    assert one in [each["id"] for each in page["items"]]
    key = tuple(row["values"][each.name] for each in ledger.keys)
    assert queries.by_keys(name, [key], viewer=NODE)[key]["id"] == one

    clock.forward(minutes=1)
    edit = services.open_change_set(
        viewer=NODE, kind="edit", title="更改", ledger=name, scope=world.COUNTY
    )
    services.change(viewer=NODE, ledger=name, changes=[[one, {column: better}]], cause=edit)
    services.close_change_set(viewer=NODE, cause=edit)
    row = queries.one(ledger, one, viewer=NODE)
    assert row["values"][column] == better
    clock.forward(minutes=1)
    taken = services.undo(viewer=NODE, change_set_id=entity_id(edit), reason=REASON)
    assert taken["kept"] == []
    assert queries.one(ledger, one, viewer=NODE)["values"][column] == values.get(column)
    clock.forward(minutes=1)
    services.undo(viewer=NODE, change_set_id=taken["change_set_id"], reason=REASON)
    assert queries.one(ledger, one, viewer=NODE)["values"][column] == better

    clock.forward(minutes=1)
    gone = services.open_change_set(
        viewer=NODE, kind="edit", title="撤下", ledger=name, scope=world.COUNTY
    )
    services.withdraw(viewer=NODE, ledger=name, ids=[one], reason=REASON, cause=gone)
    services.close_change_set(viewer=NODE, cause=gone)
    assert queries.page(name, PageRequest(), viewer=NODE)["total"] == before
    withdrawn = queries.page(name, PageRequest(state="withdrawn"), viewer=NODE)
    assert [each["id"] for each in withdrawn["items"]] == [one]
    clock.forward(minutes=1)
    services.restore(viewer=NODE, ledger=name, ids=[one], reason=REASON)
    assert queries.page(name, PageRequest(), viewer=NODE)["total"] == before + 1

    history = queries.history(ledger, queries.one(ledger, one, viewer=NODE), viewer=NODE)
    assert history[0]["is_standing"]
    assert history[0]["shown"] in ("恢复", "（空）")
    # The oldest change says what stood there when the row was registered: the undo put it back.
    ours = [each for each in history if each["column"] == column]
    if name != "persons":  # whose number is a row of another register
        assert [each["before"] is None for each in ours] == [True, True, False]
        assert ours[-1]["before"] == ours[-2]["shown"] != ours[-1]["shown"]


@pytest.mark.parametrize("name", sorted(set(NEW) - {"persons"}))
def test_an_import_is_taken_back_and_a_later_edit_stays(
    county: world.County, clock: Any, name: str
) -> None:
    values, column, better = NEW[name](county.ids)
    ledger = queries.ledger(name, NODE)
    opened = services.open_change_set(
        viewer=NODE, kind="import", title="示意导入", ledger=name, scope=world.COUNTY
    )
    one = services.create(viewer=NODE, ledger=name, rows=[values], cause=opened)[0]
    services.close_change_set(viewer=NODE, cause=opened)
    clock.forward(minutes=1)
    taken = services.undo(viewer=NODE, change_set_id=entity_id(opened), reason=REASON)
    assert (taken["undone"], taken["kept"]) == (1, [])
    assert queries.one(ledger, one, viewer=NODE)["is_withdrawn"]
    with pytest.raises(Problem) as again:
        services.undo(viewer=NODE, change_set_id=entity_id(opened), reason=REASON)
    assert again.value.kind.code == "ledgers.already_undone"
    clock.forward(minutes=1)
    services.undo(viewer=NODE, change_set_id=taken["change_set_id"], reason=REASON)
    assert not queries.one(ledger, one, viewer=NODE)["is_withdrawn"]

    clock.forward(minutes=1)
    services.change(viewer=NODE, ledger=name, changes=[[one, {column: better}]])
    clock.forward(minutes=1)
    taken = services.undo(viewer=NODE, change_set_id=entity_id(opened), reason=REASON)
    assert (taken["undone"], taken["kept_count"]) == (0, 1)
    assert taken["kept"][0]["field"] == column
    row = queries.one(ledger, one, viewer=NODE)
    assert (row["is_withdrawn"], row["values"][column]) == (False, better)


def test_a_line_of_the_contact_list_is_a_person_a_number_and_a_post(
    county: world.County,
) -> None:
    opened = services.open_change_set(
        viewer=NODE, kind="import", title="通讯录", ledger="persons", scope=world.COUNTY
    )
    line = {"name": "示意寅", "place_code": world.SHITAN, "phone": "00099990001", "title": "支书"}
    one = services.create(viewer=NODE, ledger="persons", rows=[line], cause=opened)[0]
    services.close_change_set(viewer=NODE, cause=opened)
    ledger = queries.ledger("persons", NODE)
    values = queries.one(ledger, one, viewer=NODE)["values"]
    assert (values["role"], values["slot"]) == ("village_secretary", "A")
    taken = services.undo(viewer=NODE, change_set_id=entity_id(opened), reason=REASON)
    assert taken["kept"] == []
    assert taken["undone"] == 4  # person, number, post, holding
    values = queries.one(ledger, one, viewer=NODE)["values"]
    assert (values["phone"], values["title"]) == (None, None)


def test_two_people_at_one_row_see_both_values(county: world.County) -> None:
    officer = Viewer(county.ids["officer"], "示意甲", grants_of([("duty_officer", "439901")]))
    one = (
        county.ids["h1"]
        if "h1" in county.ids
        else min(
            each["id"] for each in queries.page("households", PageRequest(), viewer=NODE)["items"]
        )
    )
    services.change(
        viewer=officer,
        ledger="households",
        changes=[[one, {"people_count": 7, "relative_phone": "00088880000"}]],
    )
    with pytest.raises(Problem) as refusal:
        services.change(
            viewer=officer,
            ledger="households",
            changes=[[one, {"people_count": 8}]],
            expected={one: {"people_count": 2, "relative_phone": "000****0000"}},
        )
    assert refusal.value.kind.code == "ledgers.changed_meanwhile"
    [conflict] = refusal.value.data["conflicts"]
    assert (conflict["expected"], conflict["theirs"]) == (2, 7)
    assert conflict["by"] == "示意甲"
