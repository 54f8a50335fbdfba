"""An office's sheet goes in: looked at, corrected, written once, undone as one step."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.imports import services
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.services import carrying, registers
from fengsui.foundation.imports.services.staging import Staging
from fengsui.foundation.imports.states import ImportState, RowKind, RowState
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.people.models import Household
from tests.world import county as world
from tests.world import office

HEADER = ["序号", "村", "户主", "人口", "包保责任人", "亲属姓名", "亲属电话"]
TITLE = ["青石镇住户登记表", *[""] * 6]


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


def lines(*rows: list[Any]) -> list[list[Any]]:
    numbered = [[n, *row] for n, row in enumerate(rows, 1)]
    return [TITLE, HEADER, *numbered, ["合计", "", "", 99, "", "", ""], ["填表人：示意丁"]]


GOOD = lines(
    ["青石镇石滩村", "示意一户", 3, "示意己", "示意亲甲", "00010009001"],
    ["枫坪村", "示意二户", "４人", "示意辛", "", ""],
)


def counts(one: Import) -> tuple[int, ...]:
    return tuple(one.counts[kind.value] for kind in RowKind)


def test_a_sheet_with_title_total_and_signature_goes_in_as_it_is(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    before = Household.objects.count()
    one = office.whole(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"]))
    assert one.state == ImportState.DONE
    assert one.counts["outcome"] == {"created": 2, "changed": 0, "left_out": 0}
    assert Household.objects.count() == before + 2
    made = Household.objects.get(label="示意一户")
    assert (made.place_code, made.people_count) == (world.SHITAN, 3)
    assert made.responsible_person_id == county.ids["shitan_a"]


def test_the_same_file_again_changes_nothing(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    content = office.xlsx_of(GOOD, ["A1:G1"])
    office.whole(clerk, "households", content)
    again = office.settle(clerk, office.bring(clerk, "households", content))
    assert counts(again) == (0, 0, 2, 0, 0)


def test_faults_name_row_column_and_fix_and_keep_only_their_own_row_out(
    county: world.County,
) -> None:
    clerk = county.viewer("qingshi")
    rows = lines(
        ["石滩村", "示意一户", 3, "示意己", "示意亲甲", "1390000000"],
        ["石摊村", "示意二户", "三", "示意乙", "", ""],
        ["石滩村", "示意三户", 2, "", "", ""],
        ["石滩村", "示意三户", 5, "", "", ""],
    )
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(rows, ["A1:G1"])))
    assert "第 3 行“亲属电话”：少一位数字，应为 11 位。请核对后重填。" in office.said(clerk, one)
    assert any(text.startswith("第 4 行“村”") for text in office.said(clerk, one))
    assert any("与第 5 行重复" in text for text in office.said(clerk, one))
    done = office.carry_out(clerk, one)
    assert done.counts["outcome"]["created"] == 1
    assert Household.objects.filter(label="示意三户", people_count=2).count() == 1


def test_a_doubt_is_settled_with_one_tap_for_all_rows_that_say_the_same(
    county: world.County,
) -> None:
    clerk = county.viewer("qingshi")
    rows = lines(*(["石摊村", f"示意{n}户", 3, "", "", ""] for n in "甲乙丙"))
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(rows, ["A1:G1"])))
    doubtful = office.rows_of(one, RowKind.DOUBTFUL)
    assert len(doubtful) == 3
    choice = doubtful[0].findings[0].choices[0]
    assert choice.text == world.SHITAN
    ledger = registers.get("households", viewer=clerk)
    with Staging(one.id) as staging:
        concerned = services.correct(
            one,
            staging,
            ledger,
            clerk,
            n=doubtful[0].n,
            texts={"place_code": choice.text},
            is_for_alike=True,
        )
    assert len(concerned) == 3
    assert counts(one) == (3, 0, 0, 0, 0)


def test_a_row_that_is_skipped_stays_out(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"])))
    ledger = registers.get("households", viewer=clerk)
    with Staging(one.id) as staging:
        services.correct(one, staging, ledger, clerk, n=3, texts={}, is_skipped=True)
    done = office.carry_out(clerk, one)
    assert done.counts["outcome"]["created"] == 1
    assert not Household.objects.filter(label="示意一户").exists()


def test_undo_is_one_step_and_leaves_later_edits_alone(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    office.whole(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"]))
    held = Household.objects.get(label="示意二户")
    changed = lines(
        ["石滩村", "示意一户", 7, "", "", ""],
        ["枫坪村", "示意二户", 8, "", "", ""],
        ["枫坪村", "示意三户", 2, "", "", ""],
    )
    one = office.whole(clerk, "households", office.xlsx_of(changed, ["A1:G1"]))
    assert one.counts["outcome"] == {"created": 1, "changed": 2, "left_out": 0}
    ledgers.change(viewer=clerk, ledger="households", changes=[[held.pk, {"people_count": 9}]])
    set_id = registers.set_id(one.cause)
    assert set_id is not None
    ledgers.undo(viewer=clerk, change_set_id=int(set_id), reason="名单拿错了")
    assert Household.objects.get(label="示意一户").people_count == 3
    assert Household.objects.get(label="示意二户").people_count == 9
    assert Household.objects.get(label="示意三户").is_withdrawn
    assert registers.is_undone(one.cause)


def test_after_an_undo_the_same_file_brings_the_rows_back(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    content = office.xlsx_of(GOOD, ["A1:G1"])
    one = office.whole(clerk, "households", content)
    first = Household.objects.get(label="示意一户").pk
    ledgers.undo(
        viewer=clerk, change_set_id=int(registers.set_id(one.cause) or 0), reason="名单拿错了"
    )
    office.whole(clerk, "households", content)
    held = Household.objects.get(label="示意一户")
    assert (held.pk, held.is_withdrawn) == (first, False)


def test_it_goes_on_where_it_was_killed_and_writes_nothing_twice(
    county: world.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after a command and before its note, the worst moment there is."""
    clerk = county.viewer("qingshi")
    rows = lines(*(["石滩村", f"示意{n}号户", 3, "", "", ""] for n in range(450)))
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(rows, ["A1:G1"])))
    ledger = registers.get("households", viewer=clerk)
    settle, pieces = Staging.settle, []

    def dies(staging: Staging, outcomes: Any) -> None:
        pieces.append(len(outcomes))
        if len(pieces) == 2:
            raise KeyboardInterrupt
        settle(staging, outcomes)

    with Staging(one.id) as staging:
        services.begin(one, staging, ledger, clerk)
    monkeypatch.setattr(Staging, "settle", dies)
    with pytest.raises(KeyboardInterrupt):
        services.work(one.id)
    monkeypatch.undo()
    assert Household.objects.filter(label__contains="号户").count() == 400
    one.refresh_from_db()
    assert (one.state, one.done) == (ImportState.RUNNING, 200)
    services.work(one.id)
    one.refresh_from_db()
    assert one.state == ImportState.DONE
    assert Household.objects.filter(label__contains="号户").count() == 450
    assert one.counts["outcome"]["created"] == 450


def test_cancelled_on_its_way_it_says_what_is_in(
    county: world.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = county.viewer("qingshi")
    rows = lines(*(["石滩村", f"示意{n}号户", 3, "", "", ""] for n in range(450)))
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(rows, ["A1:G1"])))
    carry = carrying._carry

    def carry_and_cancel(*given: Any) -> Any:
        settled = carry(*given)
        with Staging(one.id) as staging:
            services.cancel(Import.objects.get(pk=one.pk), staging)
        return settled

    monkeypatch.setattr(carrying, "_carry", carry_and_cancel)
    office.carry_out(clerk, one)
    one.refresh_from_db()
    assert one.state == ImportState.CANCELLED
    assert one.counts["outcome"]["created"] == 200
    assert Household.objects.filter(label__contains="号户").count() == 200
    set_id = int(registers.set_id(one.cause) or 0)
    ledgers.undo(viewer=clerk, change_set_id=set_id, reason="不要了，重来")
    assert not Household.objects.filter(label__contains="号户", is_withdrawn=False).exists()


def test_what_somebody_changed_since_the_preview_is_kept_and_named(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    office.whole(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"]))
    held = Household.objects.get(label="示意一户")
    rows = lines(["石滩村", "示意一户", 7, "", "", ""])
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(rows, ["A1:G1"])))
    ledgers.change(viewer=clerk, ledger="households", changes=[[held.pk, {"people_count": 9}]])
    office.carry_out(clerk, one)
    row = office.rows_of(one)[0]
    assert row.state is RowState.KEPT
    assert "预览之后有人改了“" in row.note
    held.refresh_from_db()
    assert held.people_count == 9


def test_a_township_cannot_write_into_another_nor_see_its_places(county: world.County) -> None:
    clerk = county.viewer("baishui")
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"])))
    assert counts(one)[0] == 0
    codes = office.csv_of([["村", "户主", "人口"], [world.SHITAN, "示意一户", 3]])
    other = office.settle(clerk, office.bring(clerk, "households", codes, "名单.csv"))
    assert counts(other)[0] == 0
    assert "石滩" not in str([row.findings for row in office.rows_of(other)])


def test_an_import_is_nobodys_but_its_own(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    one = office.bring(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"]))
    from fengsui.foundation.imports import queries

    for other in ("officer", "baishui", "shitan_a"):
        with pytest.raises(Problem, match=r"access\.not_found"):
            queries.own(one.id, viewer=county.viewer(other))


def test_rights_taken_away_stop_an_import_that_is_under_way(
    county: world.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = county.viewer("qingshi")
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(GOOD, ["A1:G1"])))
    with Staging(one.id) as staging:
        services.begin(one, staging, registers.get("households", viewer=clerk), clerk)
    from fengsui.foundation.imports.services import working

    monkeypatch.setattr(working, "_viewer_resolver", lambda _: county.viewer("shitan_grid"))
    services.work(one.id)
    one.refresh_from_db()
    assert not Household.objects.filter(label="示意一户").exists()
    assert one.state in (ImportState.DONE, ImportState.CANCELLED)
    assert one.counts["outcome"]["created"] == 0


def test_a_mark_of_secrecy_in_any_cell_keeps_the_file_out_and_deletes_it(
    county: world.County,
) -> None:
    clerk = county.viewer("qingshi")
    rows = [*GOOD, ["机密★10年"]]
    one = office.bring(clerk, "households", office.xlsx_of(rows))
    assert one.state == ImportState.FAILED
    assert one.problem["mark"]
    assert not Staging(one.id).folder.exists()


def test_a_mapping_that_an_office_saved_is_used_for_its_next_sheet(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    odd = [["甲栏", "乙栏", "丙栏"], ["石滩村", "示意一户", 3]]
    columns = {"甲栏": "place_code", "乙栏": "label", "丙栏": "people_count"}
    services.save_mapping(viewer=clerk, ledger="households", title="本镇的表", columns=columns)
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(odd)))
    assert counts(one)[0] == 1


def test_what_is_left_alone_is_deleted_with_its_names_and_numbers(
    county: world.County, clock: Any
) -> None:
    clerk = county.viewer("qingshi")
    one = office.bring(clerk, "households", office.xlsx_of(GOOD))
    clock.forward(days=services.STAGING_DAYS, minutes=1)
    services.forget_old(clock.now())
    assert not Staging(one.id).folder.exists()
    assert not Import.objects.filter(pk=one.pk).exists()
