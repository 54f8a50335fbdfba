"""What bears a mark of secrecy stays out, by whichever door it comes."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.ledgers.services import editing
from fengsui.response.alerts import services as alerts
from fengsui.response.alerts.models import Alert
from tests.world.county import COUNTY, SHITAN, rain_warning
from tests.world.night import Night

BULLETIN = "示例县气象台2026年7月17日2时10分发布暴雨红色预警信号：预计未来3小时石滩乡有暴雨。"
ADDRESSES = ["密级：机密\n{}", "机 密★10年\n{}", "{}\n绝密★长期", "（秘密 10年）{}"]


@pytest.mark.parametrize("form", ADDRESSES)
def test_a_pasted_warning_with_a_mark_is_refused_and_leaves_nothing(
    night: Night, form: str
) -> None:
    before = StoredFact.objects.count(), Alert.objects.count()
    with pytest.raises(Problem) as refused:
        alerts.paste_bulletin(
            viewer=night.county.viewer("officer"), text=form.format(BULLETIN), place_code=COUNTY
        )
    assert refused.value.kind.code == "alerts.classified"
    assert "石滩" not in str(refused.value.to_plain())
    assert (StoredFact.objects.count(), Alert.objects.count()) == before


def test_a_warning_of_a_file_with_a_mark_in_its_words_is_refused_by_itself(night: Night) -> None:
    marked = rain_warning(1, text="机密★10年 石滩村转移名单")
    item = night.county.import_xml(marked)["items"][0]
    assert item["alert_id"] is None
    assert item["errors"][0]["code"] == "alerts.classified"
    assert "石滩" not in str(item)
    assert night.county.import_xml(rain_warning(2))["items"][0]["alert_id"] is not None


def test_an_own_alarm_and_its_edits_are_looked_at(night: Night) -> None:
    officer = night.county.viewer("officer")
    own: dict[str, Any] = {
        "kind": "monitoring_alarm",
        "category": "11A51",
        "category_name": "山洪",
        "level": "none",
        "area_codes": [SHITAN],
    }
    with pytest.raises(Problem) as refused:
        alerts.draft_alert(viewer=officer, text="【秘密】水库调度方案", **own)
    assert refused.value.kind.code == "alerts.classified"
    made = alerts.draft_alert(viewer=officer, text="石滩河水位上涨。", **own)
    for change in (
        {"instruction": "机密★5年"},
        {"short_text": "密级：秘密"},
        {"include_other_households": True, "reason": "绝密★长期"},
    ):
        with pytest.raises(Problem) as refused:
            alerts.edit_alert(viewer=officer, alert_id=made["alert_id"], **change)
        assert refused.value.kind.code == "alerts.classified"


def test_a_call_for_help_is_never_held_up_by_a_word(night: Night) -> None:
    secretary = night.county.viewer("shitan_a")
    made = alerts.self_rescue_call(
        viewer=secretary, place_code=SHITAN, text="机密★10年 仓库进水，救人"
    )
    assert night.alert(made["alert_id"]).state == "active"


def test_the_form_of_a_ledger_names_the_field_and_writes_nothing(night: Night) -> None:
    before = StoredFact.objects.count()
    values = {"code": "439901101204", "name": "机密★10年"}
    with pytest.raises(Problem) as refused:
        editing.register_one(viewer=node_viewer(), ledger="places", values=values)
    assert refused.value.kind.code == "ledgers.row_refused"
    fault = refused.value.to_plain()["data"]["faults"][0]
    assert fault["column"] == "name"
    assert "密级标志" in fault["zh"]
    assert "非涉密系统" in fault["fix_zh"]
    row = night.county.ids["shitan_b"]
    with pytest.raises(Problem) as refused:
        editing.change_one(
            viewer=node_viewer(),
            ledger="persons",
            row_id=row,
            changes={"title": "密级：机密"},
            expected={},
        )
    assert refused.value.to_plain()["data"]["faults"][0]["column"] == "title"
    with pytest.raises(Problem) as refused:
        ledgers.withdraw(
            viewer=node_viewer(), ledger="persons", ids=[row], reason="机密★10年 示意理由"
        )
    assert refused.value.kind.code == "ledgers.marked_secret"
    assert StoredFact.objects.count() == before
