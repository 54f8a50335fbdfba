"""Paper out, paper in: a list printed in the village, ticked by torchlight, typed anywhere."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst
import zxingcpp
from django.test import Client

from fengsui.exchange.sheets import codes, paper, queries, services
from fengsui.exchange.sheets.listing import source_of_evacuation
from fengsui.exchange.sheets.models import Sheet
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.journal.models import StoredFact
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.models import EvacuationEntry
from fengsui.response.evacuations.services import record_household_status
from tests.world import county as world
from tests.world.journals import Boxes
from tests.world.night import Night
from tests.world.pictures import grey
from tests.world.valley import NODE, Valley


class Office:
    """The night's evacuation and its sheets."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.alert_id = night.county.issue(world.rain_warning())
        self.evacuation_id = night.alert(self.alert_id).evacuation_id or 0
        night.clock.forward(minutes=5)

    def print(self, who: str = "shitan_a", place: str = world.SHITAN) -> list[Sheet]:
        printed = services.print_sheets(
            viewer=self.night.county.viewer(who),
            evacuation_id=self.evacuation_id,
            place_code=place,
        )
        return [Sheet.objects.get(pk=one) for one in printed["sheet_ids"]]

    def line(self, household: str) -> tuple[int, str]:
        """The sheet's number and the code of a household's line."""
        wanted = self.night.county.ids[household]
        for sheet in Sheet.objects.order_by("id"):
            for line, household_id in queries.lines_of([sheet])[sheet.pk].items():
                if household_id == wanted:
                    return sheet.number, codes.line_code(sheet.number, line)
        raise AssertionError(f"{household} is on no sheet")

    def type(self, text: str, who: str = "shitan_a", **more: Any) -> list[dict[str, Any]]:
        return services.record_typed(viewer=self.night.county.viewer(who), text=text, **more)

    def balance(self, who: str = "officer") -> dict[str, int]:
        return evacuations.balance(self.evacuation_id, viewer=self.night.county.viewer(who))


@pytest.fixture
def office(night: Night) -> Office:
    return Office(night)


def test_ticks_typed_from_paper_count_as_those_of_the_phone_do(office: Office) -> None:
    office.print()
    office.night.clock.forward(minutes=40)
    text = []
    for household, said in (("h1", "1 4"), ("h2", "外出 邻居 示意邻居"), ("h3", "投亲 3")):
        number, code = office.line(household)
        text.append(f"{number}-{code} {said}")
    rows = office.type("\n".join(text))
    assert [row["outcome"] for row in rows] == ["recorded"] * 3
    balance = office.balance("shitan_a")
    assert (balance["should"], balance["moved"], balance["away"]) == (11, 7, 2)
    assert balance["not_yet"] == 2

    entry = EvacuationEntry.objects.get(household_id=office.night.county.ids["h1"])
    assert entry.client_id.startswith(f"sheet-{Sheet.objects.first().pk}-")  # type: ignore[union-attr]
    assert entry.recorded_by == office.night.county.ids["shitan_a"], "who typed it"


def test_the_same_sheet_typed_twice_counts_once(office: Office) -> None:
    office.print()
    number, code = office.line("h1")
    office.night.clock.forward(minutes=40)
    first = office.type(f"{number} 02:40\n{code} 1 4")
    facts = StoredFact.objects.count()
    again = office.type(f"{number} 02:40\n{code} 1 4", who="qingshi")
    assert (first[0]["outcome"], again[0]["outcome"]) == ("recorded", "already_recorded")
    assert StoredFact.objects.count() == facts
    assert office.balance()["moved"] == 4


def test_what_is_typed_is_shown_before_it_is_recorded(office: Office) -> None:
    office.print()
    number, code = office.line("h3")
    facts = StoredFact.objects.count()
    (row,) = queries.typed(f"{number}\n{code} 1", viewer=office.night.county.viewer("shitan_a"))
    assert (row.outcome, row.label, row.people_listed) == ("new", "示意户 3", 5)
    assert StoredFact.objects.count() == facts


def test_paper_against_phone_the_one_seen_last_holds_and_both_are_shown(office: Office) -> None:
    office.print()
    number, code = office.line("h1")
    clock = office.night.clock
    clock.forward(minutes=30)  # 02:45
    record_household_status(
        viewer=office.night.county.viewer("shitan_grid"),
        household_id=office.night.county.ids["h1"],
        status="refuses",
        client_id="phone-1",
    )
    clock.forward(minutes=60)

    (unsaid,) = office.type(f"{number}\n{code} 1 4")
    assert unsaid["outcome"] == "needs_time", "nobody wrote when it was ticked"
    (early,) = office.type(f"{number} 02:30\n{code} 1 4")
    assert (early["outcome"], early["standing"]["holds"]) == ("recorded", "standing")
    assert early["standing"]["person_name"] == "示意子"
    assert office.balance()["moved"] == 0
    (late,) = office.type(f"{number} 03:10\n{code} 1 4")
    assert (late["outcome"], late["standing"]["holds"]) == ("recorded", "sheet")
    assert office.balance()["moved"] == 4


def test_a_line_that_is_wrong_is_named_and_takes_no_other_with_it(office: Office) -> None:
    office.print()
    number, code = office.line("h1")
    swapped = code[1] + code[0] + code[2]
    rows = office.type(f"{number}\n{swapped} 1 4\n{code} 1 4\n{code} 搬走")
    assert [(row["row"], row["outcome"], row["field"]) for row in rows] == [
        (2, "fault", "check"),
        (3, "recorded", ""),
        (4, "fault", "status"),
    ]
    assert all(row["zh"] and row["en"] for row in rows if row["outcome"] == "fault")


def test_nobody_types_for_another_village(office: Office) -> None:
    office.print("officer", world.COUNTY)
    number, code = office.line("h6")
    (row,) = office.type(f"{number}\n{code} 1 4")
    assert (row["outcome"], row["field"], row["label"]) == ("fault", "no_sheet", "")
    (row,) = office.type(f"{number}\n{code} 1 4", who="baishui")
    assert row["outcome"] == "recorded"


def test_printing_again_keeps_the_number_and_says_nothing_new(office: Office) -> None:
    first = [sheet.number for sheet in office.print()]
    facts = StoredFact.objects.count()
    office.night.clock.forward(minutes=20)
    assert [sheet.number for sheet in office.print("qingshi")] == first
    assert StoredFact.objects.count() == facts


def test_nobody_prints_what_is_not_theirs(office: Office) -> None:
    with pytest.raises(Problem) as refused:
        office.print("baishui", world.SHITAN)
    assert refused.value.kind.code == "sheets.no_households"


# --- the paper itself -----------------------------------------------------------------------


def desk(night: Night, who: str) -> Client:
    client = Client()
    session = client.session
    session[SESSION_PERSON] = night.county.ids[who]
    session.save()
    return client


def test_the_pdf_says_everything_and_its_code_names_the_sheet(office: Office) -> None:
    response = desk(office.night, "shitan_a").get(
        f"/api/v1/exchange/sheets/{office.evacuation_id}/{world.SHITAN}.pdf"
    )
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    sheet = Sheet.objects.get()
    pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
    assert len(pages) == 1
    box = pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)  # A4 in points
    text = "".join(pages[0].extract_text().split())
    number, code = office.line("h1")
    for words in (
        str(number), code, "示意户1", "示意户2", "示意户3", "石滩村", "示意数据", "第1页，共1页",
        "鸣锣吹哨", "派中心户长", "2026-07-1702:15印",
    ):  # fmt: skip
        assert words in text, words
    assert "演练" in text
    assert "0002000000" not in text, "no telephone number is printed"

    found = zxingcpp.read_barcodes(_picture(office))
    assert [one.text for one in found] == [f"http://testserver/field/?sheet={number}&id={sheet.pk}"]


def _picture(office: Office) -> Any:
    """The first page as it comes out of a printer."""
    source = source_of_evacuation(office.evacuation_id)
    assert source is not None
    sheet_ids = [sheet.pk for sheet in office.print()]
    printed = queries.on_paper(source, sheet_ids, viewer=NODE, origin="http://testserver/")
    png = typst.compile(
        paper.template(),
        font_paths=paper.fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(paper.content_of(printed))},
        format="png",
        ppi=150,
    )
    return grey(png if isinstance(png, bytes) else png[0])


@pytest.mark.parametrize(("status", "is_exercise"), [("Exercise", True), ("Actual", False)])
def test_an_exercise_says_so_on_every_page_and_nothing_else_does(
    night: Night, status: str, is_exercise: bool
) -> None:
    alert_id = night.county.issue(world.rain_warning(status=status))
    evacuation_id = night.alert(alert_id).evacuation_id or 0
    pdf = services.sheets_as_pdf(viewer=NODE, evacuation_id=evacuation_id, place_code=world.COUNTY)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) >= 3
    for page in pages:
        assert ("演练不是真的" in "".join(page.extract_text().split())) is is_exercise


def test_typed_over_http_shows_first_and_records_on_demand(office: Office) -> None:
    office.print()
    number, code = office.line("h1")
    client = desk(office.night, "shitan_a")

    def post(record: bool) -> dict[str, Any]:
        response = client.post(
            "/api/v1/exchange/sheets/typed",
            {"text": f"{number} 02:12\n{code} 1 4\n{code} 9", "record": record},
            content_type="application/json",
        )
        assert response.status_code == 200, response.content
        answer: dict[str, Any] = response.json()
        return answer

    assert post(False)["counts"] == {"new": 1, "fault": 1}
    assert office.balance()["moved"] == 0
    assert post(True)["counts"] == {"recorded": 1, "fault": 1}
    assert post(True)["counts"] == {"already_recorded": 1, "fault": 1}
    assert office.balance()["moved"] == 4


# --- between nodes --------------------------------------------------------------------------


@pytest.fixture
def valley(transactional_db: None, clock: Any, tmp_path: Path) -> Iterator[Valley]:
    boxes = Boxes(tmp_path)
    told = Valley(clock, boxes)
    yield told
    boxes.close()


@pytest.mark.django_db(transaction=True, databases=["default", "local"])
def test_a_sheet_printed_in_the_village_is_typed_at_the_township_and_counts_once_everywhere(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    with valley.village.here():
        services.print_sheets(
            viewer=NODE, evacuation_id=valley.evacuation_id, place_code=world.SHITAN
        )
        sheet = Sheet.objects.get()
        lines = queries.lines_of([sheet])[sheet.pk]
        line = next(k for k, v in lines.items() if v == valley.people.ids["h1"])
        text = f"{sheet.number} 02:30\n{codes.line_code(sheet.number, line)} 1 4"
    valley.clock.forward(minutes=30)
    valley.carry(valley.village, valley.township)
    # The paper is read out over a radio and typed in both places before they hear each other.
    for box in (valley.township, valley.village):
        with box.here():
            (row,) = services.record_typed(viewer=NODE, text=text)
            assert row["outcome"] == "recorded"
    for source, target in (
        (valley.village, valley.township),
        (valley.township, valley.county),
        (valley.township, valley.village),
    ):
        valley.carry(source, target)
    for box in (valley.village, valley.township, valley.county):
        assert valley.balance(box)["moved"] == 4
        with box.here():
            assert EvacuationEntry.objects.count() == 1
