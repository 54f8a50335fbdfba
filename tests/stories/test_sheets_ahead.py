"""From yellow on the door-knock sheets have their numbers before anybody asks for them."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest

from fengsui.exchange.sheets import codes, jobs, queries, services
from fengsui.exchange.sheets.models import Sheet
from fengsui.foundation.access.problems import Problem
from fengsui.response.alerts import services as alerts
from fengsui.response.evacuations import queries as evacuations
from tests.world import county as world
from tests.world.night import Night


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    jobs.restart()
    yield
    jobs.restart()


def work(night: Night) -> int:
    """Lets the writer number sheets until there is nothing left to do; how many stand now."""
    for _ in range(50):
        if not jobs.look(night.clock.now()) and not jobs.look(night.clock.now()):
            break
    return Sheet.objects.count()


def code_of(night: Night, household: str) -> tuple[int, str]:
    for sheet in Sheet.objects.order_by("id"):
        for line, household_id in queries.lines_of([sheet])[sheet.pk].items():
            if household_id == night.county.ids[household]:
                return sheet.number, codes.line_code(sheet.number, line)
    raise AssertionError(household)


def test_at_yellow_every_group_has_its_sheet_and_below_none(night: Night) -> None:
    night.county.issue(world.rain_warning(severity="Blue"))
    assert work(night) == 0
    alert_id = night.county.issue(world.rain_warning(1, severity="Yellow"))
    assert night.alert(alert_id).evacuation_id is None
    count = work(night)
    assert count == len({(sheet.place_code, sheet.group_head_id) for sheet in Sheet.objects.all()})
    assert count >= 3
    assert set(Sheet.objects.values_list("evacuation_id", "alert_id")) == {(0, alert_id)}
    assert work(night) == count, "nothing is numbered twice"
    jobs.restart()
    assert work(night) == count, "nor after a restart"

    pdf = services.sheets_as_pdf(
        viewer=night.county.viewer("qingshi"), alert_id=alert_id, place_code=world.QINGSHI
    )
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "转移准备名单" in text
    assert "示意户 1" in text
    assert "示意户 6" not in text, "of the next township"
    assert Sheet.objects.count() == count


def test_a_sheet_of_yellow_counts_when_the_warning_is_raised(night: Night) -> None:
    night.county.issue(world.rain_warning(severity="Yellow"))
    work(night)
    number, code = code_of(night, "h1")
    viewer = night.county.viewer("shitan_a")
    (row,) = services.record_typed(viewer=viewer, text=f"{number}\n{code} 1 4")
    assert (row["outcome"], row["field"]) == ("fault", "no_evacuation")

    night.clock.forward(minutes=20)
    red = night.alert(night.county.issue(world.rain_warning(21)))
    assert red.evacuation_id
    before = Sheet.objects.count()
    assert work(night) == before, "the same households keep their paper"
    assert code_of(night, "h1") == (number, code)
    night.clock.forward(minutes=10)
    (row,) = services.record_typed(viewer=viewer, text=f"{number}\n{code} 1 4")
    assert row["outcome"] == "recorded"
    assert evacuations.balance(red.evacuation_id, viewer=viewer)["moved"] == 4


def test_an_old_sheet_of_another_warning_is_no_sheet_of_tonight(night: Night) -> None:
    old = night.county.issue(world.rain_warning(severity="Yellow"))
    work(night)
    number, code = code_of(night, "h1")
    alerts.cancel_alert(viewer=night.county.viewer("leader"), alert_id=old, reason="示意解除")
    night.clock.forward(minutes=20)
    night.county.issue(world.rain_warning(22))
    night.clock.forward(minutes=5)
    viewer = night.county.viewer("shitan_a")
    (row,) = services.record_typed(viewer=viewer, text=f"{number}\n{code} 1 4")
    assert (row["outcome"], row["field"]) == ("fault", "no_evacuation")


def test_nobody_prints_what_they_may_not_see(night: Night) -> None:
    alert_id = night.county.issue(world.rain_warning(severity="Yellow"))
    for who, place in (("baishui", world.SHITAN), ("shuikou_a", world.QINGSHI)):
        with pytest.raises(Problem):
            services.sheets_as_pdf(
                viewer=night.county.viewer(who), alert_id=alert_id, place_code=place
            )
    assert not Sheet.objects.exists()
