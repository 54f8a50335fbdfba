"""A village from which nothing is heard is named before a quarter of an hour is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.viewer import node_viewer
from fengsui.response.alerts.models import Alert
from fengsui.response.situation import jobs, queries, services
from fengsui.response.situation.models import ContactLoss
from tests.world import county as world

NODE = node_viewer()
QUARTER = timedelta(minutes=15)


def _row(clock: Any, code: str, *, viewer: Any = NODE) -> queries.Contact | None:
    rows = queries.contact(viewer=viewer, now=clock.now())
    return next((row for row in rows if row.place_code == code), None)


def _answer(county: world.County, alert_id: int, who: str) -> None:
    callout_id = Alert.objects.get(id=alert_id).callout_id
    call = Call.objects.get(callout_id=callout_id, person_id=county.ids[who])
    calls.record_answer(viewer=county.viewer(who), call_id=call.id, answer_kind="on_it", how="app")


def _wait(clock: Any, minutes: float) -> None:
    for _ in range(int(minutes * 4)):
        clock.forward(seconds=15)
        jobs.watch(clock.now())


def test_a_silent_village_is_named_within_a_quarter_of_an_hour(node: Any, clock: Any) -> None:
    county = world.build()
    alert_id = county.issue(world.rain_warning(codes=world.SHITAN, area="石滩村"))
    opened_at = clock.now()
    _wait(clock, 10)
    assert not ContactLoss.objects.filter(place_code=world.SHITAN).exists()
    _wait(clock, 5)
    loss = ContactLoss.objects.get(place_code=world.SHITAN)
    assert loss.lost_at - opened_at < QUARTER
    assert (loss.alert_id, loss.last_heard_at, loss.last_path) == (alert_id, None, "")
    _wait(clock, 5)
    assert ContactLoss.objects.filter(place_code=world.SHITAN).count() == 1, "named once"
    row = _row(clock, world.SHITAN, viewer=county.viewer("qingshi"))
    assert row is not None
    assert (row.state, row.lost_at) == ("lost", loss.lost_at)
    assert _row(clock, world.SHUIKOU).state == "quiet", "nothing is expected of it"  # type: ignore[union-attr]
    assert _row(clock, world.SHITAN, viewer=county.viewer("shuikou_a")) is None
    services.report_headcount(
        viewer=county.viewer("shitan_grid"),
        content={"place_code": world.SHITAN, "should": 11, "moved": 4},
    )
    _wait(clock, 0.25)
    loss.refresh_from_db()
    assert loss.regained_path == "report"
    assert _row(clock, world.SHITAN).state == "in_contact"  # type: ignore[union-attr]


def test_any_word_counts_whatever_the_path(node: Any, clock: Any) -> None:
    county = world.build()
    alert_id = county.issue(world.rain_warning(codes=world.SHITAN, area="石滩村"))
    _wait(clock, 10)
    services.relay(
        viewer=NODE,
        kind="headcount",
        content={"place_code": world.SHITAN, "should": 11, "moved": 1},
        path="beidou",
    )
    _wait(clock, 10)
    assert not ContactLoss.objects.filter(place_code=world.SHITAN).exists()
    row = _row(clock, world.SHITAN)
    assert row is not None
    assert row.word is not None
    assert (row.word.path, row.state) == ("beidou", "in_contact")
    for who in ("shitan_a", "shitan_b", "shitan_grid"):
        if Call.objects.filter(person_id=county.ids[who], household_id=None).exists():
            _answer(county, alert_id, who)
    _wait(clock, 30)
    assert not ContactLoss.objects.filter(place_code=world.SHITAN).exists(), (
        "every post-holder has answered: nothing is awaited"
    )


def test_a_session_or_a_stick_is_a_word_too(node: Any, clock: Any) -> None:
    county = world.build()
    county.issue(world.rain_warning(codes=world.SHITAN, area="石滩村"))
    queries.set_hearing_resolver(lambda: {world.SHITAN: (clock.now(), "bundle")})
    try:
        _wait(clock, 20)
        row = _row(clock, world.SHITAN)
    finally:
        queries.set_hearing_resolver(None)
    assert not ContactLoss.objects.filter(place_code=world.SHITAN).exists()
    assert row is not None
    assert row.word is not None
    assert row.word.path == "bundle"
