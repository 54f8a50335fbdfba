"""Papers: what is taken out is masked and on record, and a group's word is nobody's answer."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pypdf
import pytest

from fengsui.engines.calls.models import Call
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.models import StoredFact
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.response.evacuations.services import record_household_status
from fengsui.response.situation import services as situation
from fengsui.review.papers import jobs, queries, services
from fengsui.review.papers.models import Bulletin, DrawnList, RelayedWord, TakenPaper
from fengsui.review.papers.services.taking import File
from tests.world import county as world
from tests.world.night import Night


class Office:
    """The night's callout and whoever works on it."""

    def __init__(self, night: Night) -> None:
        self.night = night
        night.everybody(Behaviour.NO_ANSWER, "shitan_a", "shitan_b", "gaozhai_a", "fengping_a")
        self.alert_id = night.county.issue(world.rain_warning())
        self.callout_id = night.alert(self.alert_id).callout_id or 0

    def viewer(self, who: str = "officer") -> Viewer:
        return self.night.county.viewer(who)

    def take(self, who: str = "officer", **more: Any) -> File:
        said: dict[str, Any] = {"file_format": "xlsx", "recipient": "示意乡镇"} | more
        return services.take_list(viewer=self.viewer(who), callout_id=self.callout_id, **said)

    def paste(self, text: str, who: str = "officer", **more: Any) -> list[dict[str, Any]]:
        made = services.record_chain(
            viewer=self.viewer(who), callout_id=self.callout_id, text=text, **more
        )
        return list(made["rows"])

    def issue(self, who: str = "officer", **more: Any) -> dict[str, Any]:
        said: dict[str, Any] = {
            "kind": "first",
            "sections": [{"key": "a", "title": "基本情况", "text": "示意"}],
        }
        return services.issue_bulletin(
            viewer=self.viewer(who), alert_id=self.alert_id, **(said | more)
        )


@pytest.fixture
def office(night: Night) -> Office:
    return Office(night)


def cells(content: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


# --- 未应答名单 ------------------------------------------------------------------------------


def test_five_minutes_after_the_start_the_list_is_drawn_by_itself(office: Office) -> None:
    office.night.forward(minutes=2)
    jobs.draw(office.night.clock.now())
    assert not DrawnList.objects.exists()
    office.night.clock.forward(seconds=190)
    for _ in range(2):
        jobs.draw(office.night.clock.now())
    (drawn,) = DrawnList.objects.all()
    callout = queries.overview(office.callout_id, viewer=office.viewer())["callout"]
    assert drawn.at == callout.opened_at + timedelta(minutes=5)
    rows = queries.unanswered_at(office.callout_id, viewer=office.viewer(), at=drawn.at)
    assert 0 < drawn.unanswered == len(rows) < drawn.called


def test_the_list_of_a_moment_stays_the_same_when_people_answer_later(office: Office) -> None:
    office.night.forward(minutes=2.5)
    at = office.night.clock.now()
    before = queries.unanswered_at(office.callout_id, viewer=office.viewer(), at=at)
    assert any(row.tries for row in before)
    office.night.everybody(Behaviour.ANSWERS, "shitan_a", "shitan_b", "gaozhai_a", "fengping_a")
    office.night.forward(minutes=4)
    later = queries.unanswered_at(office.callout_id, viewer=office.viewer(), at=at)
    # Of the last try begun by then, its outcome is told as it is known by now.
    assert [replace(row, last_word="") for row in later] == [
        replace(row, last_word="") for row in before
    ]
    now = queries.unanswered_at(
        office.callout_id, viewer=office.viewer(), at=office.night.clock.now()
    )
    assert len(now) < len(before)


def test_names_and_numbers_are_masked_and_whoever_takes_a_list_is_on_record(
    office: Office,
) -> None:
    table = str(cells(office.take().content))
    assert "村支书" in table
    for secret in ("示意己", "00010000021"):
        assert secret not in table
    (row,) = TakenPaper.objects.all()
    assert (row.recipient, row.with_personal, row.taken_by) == (
        "示意乡镇",
        False,
        office.night.county.ids["officer"],
    )
    with pytest.raises(Problem) as refused:
        office.take(with_personal=True)
    assert refused.value.kind.code == "papers.reason_needed"
    with pytest.raises(Problem) as refused:
        office.take(recipient="")
    assert refused.value.kind.code == "papers.recipient_needed"
    table = str(cells(office.take(with_personal=True, reason="派人上门").content))
    assert "示意己" in table
    assert "00010000021" in table
    assert TakenPaper.objects.filter(with_personal=True, reason="派人上门").count() == 1


def test_a_township_takes_its_own_people_only(office: Office) -> None:
    table = str(cells(office.take("qingshi", with_personal=True, reason="派人上门").content))
    assert "石滩村" in table
    assert "高寨村" not in table
    assert TakenPaper.objects.get().place_code == world.QINGSHI
    with pytest.raises(Problem):
        office.take("shitan_grid")  # sees no calls


def test_the_pdf_says_the_same_as_the_sheet(office: Office) -> None:
    file = office.take(file_format="pdf", with_personal=True, reason="派人上门")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
    assert "未应答名单" in text
    assert "示意己" in text
    assert "含完整个人信息" in text


# --- 接龙 ------------------------------------------------------------------------------------


def test_a_word_of_the_group_is_relayed_and_the_phone_goes_on_ringing(office: Office) -> None:
    office.night.forward(minutes=1)
    call = office.night.call(office.alert_id, "shitan_a")
    tries = office.night.attempts(office.alert_id)
    (row,) = office.paste("#接龙\n1. 示意己 收到，正在敲门", group="示意群")
    assert (row["outcome"], row["said"]) == ("recorded", "on_it")
    again = Call.objects.get(pk=call.pk)
    assert again.answered_at is None
    assert (again.ended_as, again.state) == (call.ended_as, call.state)
    office.night.forward(minutes=3)
    assert office.night.attempts(office.alert_id) > tries
    assert Call.objects.get(pk=call.pk).answered_at is None
    word = RelayedWord.objects.get()
    assert (word.recorded_by, word.group) == (office.night.county.ids["officer"], "示意群")
    (listed,) = queries.relayed(office.callout_id, viewer=office.viewer())
    assert listed["has_answered"] is False
    rows = cells(office.take(with_personal=True, reason="核对").content)
    line = next(one for one in rows if "示意己" in one)
    assert "收到" in line


def test_the_chain_is_shown_before_it_is_recorded_and_counts_once(office: Office) -> None:
    facts = StoredFact.objects.count()
    text = "#接龙\n例 某某 收到\n1. 示意己 收到\n2、示意癸：需要支援，来两个人\n3. 路人 收到"
    rows, left_out = queries.chain(office.callout_id, text, viewer=office.viewer())
    assert [(one.said, one.outcome.value) for one in rows] == [
        ("on_it", "new"),
        ("need_support", "new"),
        ("on_it", "nobody"),
    ]
    assert left_out == 0
    assert StoredFact.objects.count() == facts
    assert [one["outcome"] for one in office.paste(text)] == ["recorded", "recorded", "nobody"]
    again = [one["outcome"] for one in office.paste(text)]
    assert again == ["already_recorded", "already_recorded", "nobody"]
    said = [one["said"] for one in queries.relayed(office.callout_id, viewer=office.viewer())]
    assert said == ["need_support", "on_it"], "who needs support comes first"


def test_a_township_records_nobody_of_the_next_one(office: Office) -> None:
    (row,) = office.paste("1. 示意癸 收到", who="qingshi")
    assert (row["outcome"], row["who"]) == ("nobody", "")
    assert not RelayedWord.objects.exists()


def test_whoever_has_answered_is_told_nothing_new_by_the_group(office: Office) -> None:
    office.night.forward(minutes=3)
    (row,) = office.paste("1. 示意丁 收到")
    assert row["outcome"] == "answered"
    assert not RelayedWord.objects.exists()


def test_the_card_names_nobody_and_says_what_it_is_not(office: Office) -> None:
    text = queries.card(office.callout_id, viewer=office.viewer())["text"]
    assert "#接龙" in text
    assert "不算应答" in text
    for name in ("示意己", "示意丁", "00010000021"):
        assert name not in text


# --- 值班快报 --------------------------------------------------------------------------------


def report(office: Office, **numbers: int) -> None:
    content = {"place_code": world.SHITAN, "disaster": "山洪", **numbers}
    situation.file_quick_report(viewer=office.viewer("shitan_a"), content=content)


def test_the_draft_is_written_from_the_record(office: Office) -> None:
    office.night.forward(minutes=1)
    record_household_status(
        viewer=office.viewer("shitan_grid"),
        household_id=office.night.county.ids["h1"],
        status="moved_central",
        client_id="示意-1",
    )
    report(office, affected=12, injured=1)
    draft = queries.draft(office.alert_id, viewer=office.viewer())
    numbers = draft["numbers"]
    board = office.night.board(office.alert_id)
    assert numbers["answered"] == board["answered"] > 0
    assert (numbers["moved"], numbers["affected"], numbers["injured"]) == (4, 12, 1)
    text = "\n".join(one["text"] for one in draft["sections"])
    assert f"应叫{board['called']}人" in text
    assert "受伤人1" in text
    assert draft["kind"] == "first"


def test_no_number_falls_silently_and_no_version_is_lost(office: Office) -> None:
    first = office.issue(told={"dead": 3, "missing": 1})
    assert (first["issue"], first["version"]) == (1, 1)
    with pytest.raises(Problem) as refused:
        office.issue(kind="follow_up", told={"dead": 2, "missing": 1})
    assert refused.value.kind.code == "papers.decrease_needs_note"
    assert "死亡（人） 3→2" in str(refused.value.to_plain()["zh"])
    with pytest.raises(Problem):
        office.issue(kind="follow_up", told={"missing": 1})  # leaving it out is a decrease too
    second = office.issue(
        kind="follow_up", told={"dead": 2, "missing": 1}, notes={"dead": "一人误报，已核实生还"}
    )
    assert (second["issue"], second["version"]) == (2, 1)
    with pytest.raises(Problem) as refused:
        office.issue(told={"dead": 2, "missing": 1}, corrects=second["bulletin_id"])
    assert refused.value.kind.code == "papers.correction_needs_reason"
    third = office.issue(
        kind="follow_up",
        told={"dead": 2, "missing": 1},
        corrects=second["bulletin_id"],
        reason="补充地点",
    )
    assert (third["issue"], third["version"]) == (2, 2)
    kept = Bulletin.objects.order_by("issue", "version").values_list("issue", "version")
    assert list(kept) == [(1, 1), (2, 1), (2, 2)]
    assert Bulletin.objects.get(pk=first["bulletin_id"]).numbers["dead"] == 3
    assert Bulletin.objects.get(pk=first["bulletin_id"]).edited["dead"] == 0, "what the record said"


def test_what_the_record_counts_cannot_be_typed(office: Office) -> None:
    for told in ({"answered": 99}, {"dead": -1}, {"nonsense": 1}):
        with pytest.raises(Problem) as refused:
            office.issue(told=told)
        assert refused.value.kind.code == "papers.bad_number"
    assert not Bulletin.objects.exists()


def test_the_report_prints_with_the_numbers_of_the_one_before(office: Office) -> None:
    office.issue(told={"dead": 3})
    made = office.issue(kind="follow_up", told={"dead": 2}, notes={"dead": "误报"})
    file = services.bulletin_as_pdf(viewer=office.viewer(), bulletin_id=made["bulletin_id"])
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
    printed = "".join(text.split())
    for words in ("值班快报", "〔2026〕第2期续报", "误报", "死亡（人）23"):
        assert words in printed
    with pytest.raises(Problem):
        services.bulletin_as_pdf(viewer=office.viewer("qingshi"), bulletin_id=made["bulletin_id"])
