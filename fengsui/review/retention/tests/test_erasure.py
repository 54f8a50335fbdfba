"""What is due goes, on a person's word, from the record and everything that was made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.models import CallParty
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import erasures as register
from fengsui.foundation.journal import verify
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.people import queries as people_queries
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import ContactPoint, Household, Person, PostHolding
from fengsui.foundation.people.states import PostRole
from fengsui.readiness.watch import services as watch
from fengsui.response.alerts import services as alerts
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation
from fengsui.response.evacuations.models import EvacuationEntry
from fengsui.response.situation import services as situation
from fengsui.review.retention import jobs, queries, rules, services
from fengsui.review.retention.models import Erasure, ErasureProgress
from fengsui.review.search.models import SearchKey
from tests.world import county as world

NODE = node_viewer()
MARK = "标记甲乙丙"


@pytest.fixture
def county(node: Any, settings: Any, tmp_path: Path) -> world.County:
    settings.HOME = tmp_path
    return world.build()


@pytest.fixture
def night(county: world.County, clock: Any) -> world.County:
    """A warning was called out, a household was recorded, and it is over."""
    alert_id = county.issue(
        world.rain_warning(severity="Orange", codes=world.SHITAN, area="石滩村")
    )
    county.ids["alert"] = alert_id
    alert = Alert.objects.get(pk=alert_id)
    evacuation.record_household_status(
        viewer=county.viewer("shitan_a"),
        household_id=county.ids["h1"],
        status="away",
        client_id="phone-1",
        evacuation_id=alert.evacuation_id,
        confirmed_by=MARK,
        confirmed_how="phone",
        observed_at=clock.now(),
    )
    return county


def end(county: world.County) -> Alert:
    alerts.cancel_alert(
        viewer=county.viewer("leader"), alert_id=county.ids["alert"], reason="雨停了"
    )
    return Alert.objects.get(pk=county.ids["alert"])


def carry_out() -> int:
    steps = 0
    for job in (jobs.carry_on, jobs.follow):
        while job(datetime(2026, 1, 1, tzinfo=UTC)):
            steps += 1
            assert steps < 5000, "it never ends"
    return steps


def said_anywhere(text: str) -> list[str]:
    """Kinds of the facts and names of the tables in which a text stands."""
    from django.apps import apps
    from django.db import models

    found = [
        f"fact {stored.kind}"
        for stored in StoredFact.objects.all()
        if text.encode() in bytes(stored.body)
    ]
    for model in apps.get_models():
        if model._meta.app_label in ("sessions", "contenttypes") or model is StoredFact:
            continue
        texts = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, (models.TextField, models.CharField, models.JSONField))
        ]
        for row in model._default_manager.values_list(*texts) if texts else ():
            if text in json.dumps(row, ensure_ascii=False, default=str):
                found.append(model._meta.db_table)
    return found


# --- the table ------------------------------------------------------------------------------


def test_every_kind_with_personal_data_belongs_to_a_class() -> None:
    names = {kind.name for kind in queries.personal_kinds().values()}
    of_tests = {name for name in names if name.startswith(("beacon", "wells"))}
    assert names - of_tests - rules.CLASS_OF_KIND.keys() == set()
    assert set(rules.CLASS_OF_KIND.values()) <= rules.BY_CODE.keys()


def test_a_local_default_can_be_set_within_bounds_and_a_law_cannot(county: world.County) -> None:
    leader = county.viewer("leader")
    services.set_term(viewer=leader, class_code="call_list", days=45, reason="县里规定")
    services.set_term(viewer=leader, class_code="evacuation", days=60, reason="县里规定")
    assert queries.days_of("call_list") == 45
    (row,) = [one for one in queries.table(viewer=leader) if one["code"] == "call_list"]
    assert (row["days"], row["days_default"], row["set_reason"]) == (45, 30, "县里规定")
    for code, days, problem in (
        ("call_list", 4000, "out_of_range"),
        ("sign_in_audit", 200, "not_editable"),
        ("official_acts", 1, "not_editable"),
    ):
        with pytest.raises(Problem, match=problem):
            services.set_term(viewer=leader, class_code=code, days=days, reason="县里规定")
    with pytest.raises(Problem, match="reason_needed"):
        services.set_term(viewer=leader, class_code="call_list", days=40, reason=" ")


# --- an event -------------------------------------------------------------------------------


def test_an_event_is_due_thirty_days_after_its_end(night: world.County, clock: Any) -> None:
    leader = night.viewer("leader")
    assert queries.events(viewer=leader) == []
    end(night)
    (row,) = queries.events(viewer=leader)
    assert (row["is_due"], row["is_over"]) == (False, True)
    assert row["people"] > 0
    assert row["records"] == 1
    clock.forward(days=31)
    (row,) = queries.events(viewer=leader)
    assert row["is_due"]
    services.keep_event(
        viewer=leader,
        alert_id=night.ids["alert"],
        until=clock.now() + timedelta(days=90),
        reason="事故调查取证",
    )
    (row,) = queries.events(viewer=leader)
    assert (row["is_due"], row["kept_reason"]) == (False, "事故调查取证")
    clock.forward(days=91)
    assert queries.events(viewer=leader)[0]["is_due"]


def test_nothing_goes_without_a_persons_word(night: world.County, clock: Any) -> None:
    end(night)
    clock.forward(days=400)
    carry_out()
    assert said_anywhere(MARK)


def test_an_event_that_is_running_is_not_erased(night: world.County) -> None:
    with pytest.raises(Problem, match="event_open"):
        services.erase_event(
            viewer=night.viewer("leader"), alert_id=night.ids["alert"], reason="试一试"
        )


def test_names_and_numbers_of_an_event_go_and_its_counts_stay(
    night: world.County, clock: Any
) -> None:
    alert = end(night)
    assert alert.callout_id is not None
    assert alert.evacuation_id is not None
    leader = night.viewer("leader")
    balance = evacuations.balance(alert.evacuation_id, viewer=leader)
    clock.forward(days=31)
    board = calls.board(alert.callout_id, viewer=leader)
    services.erase_event(viewer=leader, alert_id=alert.pk, reason="期满清除")
    carry_out()
    assert said_anywhere(MARK) == []
    parties = CallParty.objects.filter(call__callout_id=alert.callout_id)
    assert set(parties.values_list("name", flat=True)) == {""}
    assert "0001000" not in json.dumps(
        list(parties.values_list("contacts", "stand_ins")), ensure_ascii=False
    )
    assert calls.board(alert.callout_id, viewer=leader) == board
    assert evacuations.balance(alert.evacuation_id, viewer=leader) == balance
    # The registers are not the event's: people are called by them tomorrow.
    assert Person.objects.filter(name="示意己").exists()
    assert verify.check_database(processes=1).is_whole
    (done,) = queries.erasures(viewer=leader)
    assert done["done_at"] is not None
    assert done["leaves"] > 0
    assert queries.events(viewer=leader) == []


def test_what_a_cut_off_village_says_late_goes_too(night: world.County, clock: Any) -> None:
    alert = end(night)
    services.erase_event(viewer=night.viewer("leader"), alert_id=alert.pk, reason="期满清除")
    carry_out()
    evacuation.record_household_status(
        viewer=night.viewer("shitan_a"),
        household_id=night.ids["h2"],
        status="away",
        client_id="phone-late",
        evacuation_id=alert.evacuation_id,
        confirmed_by="迟到的名字",
        confirmed_how="phone",
        observed_at=clock.now() - timedelta(hours=2),
    )
    assert said_anywhere("迟到的名字")
    carry_out()
    assert said_anywhere("迟到的名字") == []
    assert EvacuationEntry.objects.filter(client_id="phone-late").exists()


def test_who_may_not_may_not(night: world.County) -> None:
    end(night)
    for who in ("officer", "qingshi", "shitan_a"):
        with pytest.raises(Problem, match=r"not_found|not_allowed"):
            services.erase_event(
                viewer=night.viewer(who), alert_id=night.ids["alert"], reason="期满清除"
            )
        assert queries.events(viewer=night.viewer(who)) == []
        assert queries.find("示意户", viewer=night.viewer(who)) == []


# --- one household, one person ----------------------------------------------------------------


def relative(county: world.County, **changes: Any) -> None:
    people.change_household(
        viewer=county.viewer("qingshi"), household_id=county.ids["h2"], changes=changes
    )


def test_a_household_goes_everywhere_and_still_counts(night: world.County, clock: Any) -> None:
    relative(night, relative_name=MARK + "旧", relative_phone="00077770001")
    relative(night, relative_name=MARK + "新", relative_phone="00077770002")
    alert = Alert.objects.get(pk=night.ids["alert"])
    evacuation.record_household_status(
        viewer=night.viewer("shitan_a"),
        household_id=night.ids["h2"],
        status="moved_relatives",
        client_id="phone-2",
        evacuation_id=alert.evacuation_id,
        confirmed_by=MARK + "邻居",
        confirmed_how="neighbour",
        observed_at=clock.now(),
    )
    household = Household.objects.get(pk=night.ids["h2"])
    assert household.contact_person_id is not None
    contact = Person.objects.get(pk=household.contact_person_id).name
    leader = night.viewer("leader")
    with pytest.raises(Problem, match="still_needed"):
        services.erase_subject(
            viewer=leader, subject="household", subject_id=household.pk, reason="本人要求"
        )
    end(night)
    close(night, alert)
    shown = queries.preview(queries.Subject.HOUSEHOLD, household.pk, viewer=leader)
    assert {one["en"] for one in shown["goes"]} >= {"name", "the relative", "telephone numbers"}
    assert {one["en"] for one in shown["stays"]} >= {"people that still count"}
    assert shown["exports"] == []
    SearchKey.objects.create(
        kind=1, unit="", key=household.label, entity=household.pk, place_code=world.SHITAN
    )
    services.erase_subject(
        viewer=leader, subject="household", subject_id=household.pk, reason="本人要求清除"
    )
    carry_out()
    for text in (MARK + "旧", MARK + "新", MARK + "邻居", "00077770001", "00077770002"):
        assert said_anywhere(text) == [], text
    assert said_anywhere(contact) == [], "the person whom a call to it rings"
    after = Household.objects.get(pk=household.pk)
    assert (after.label, after.relative_name, after.relative_phone) == ("", "", "")
    assert (after.lon_e7, after.lat_e7) == (None, None)
    assert after.people_count == household.people_count
    assert not SearchKey.objects.filter(entity=household.pk).exists()
    assert said_anywhere(MARK), "another household keeps what was said of it"
    assert verify.check_database(processes=1).is_whole


def close(county: world.County, alert: Alert) -> None:
    from fengsui.response.evacuations.models import Evacuation

    for row in Evacuation.objects.filter(closed_at__isnull=True):
        evacuation.close_evacuation(viewer=NODE, evacuation_id=row.pk, reason="结束")


def test_a_person_in_office_stays_and_one_who_left_can_go(county: world.County, clock: Any) -> None:
    leader = county.viewer("leader")
    person_id = county.ids["fengping_a"]
    with pytest.raises(Problem, match="still_needed"):
        services.erase_subject(
            viewer=leader, subject="person", subject_id=person_id, reason="调离本县"
        )
    holding = PostHolding.objects.get(person_id=person_id)
    people.end_holding(viewer=NODE, holding_id=holding.pk)
    people.rename_person(viewer=NODE, person_id=person_id, name=MARK)
    services.erase_subject(viewer=leader, subject="person", subject_id=person_id, reason="调离本县")
    carry_out()
    for text in (MARK, "示意辛", "00010000023"):
        assert said_anywhere(text) == [], text
    assert Person.objects.get(pk=person_id).name == ""
    assert list(ContactPoint.objects.filter(person_id=person_id).values_list("value", flat=True))
    assert Person.objects.filter(name="示意己").exists()


def test_texts_of_a_class_go_by_age(county: world.County, clock: Any) -> None:
    situation.raise_sos(
        viewer=county.viewer("shitan_a"),
        content={"place_code": world.SHITAN, "text": MARK + "旧"},
    )
    officer = county.viewer("officer")
    room = people_queries.posts_at([world.COUNTY], [PostRole.DUTY_ROOM], viewer=officer)[0]["id"]
    incident = watch.enter_incident(
        viewer=officer,
        post_id=room,
        title=MARK + "旧",
        grade="ordinary",
        known_at=clock.now(),
    )
    key = incident["incident_id"]
    watch.close_incident(viewer=officer, incident_id=key)
    watch.reopen_incident(viewer=officer, incident_id=key, reason=MARK + "旧")
    clock.forward(days=61)
    situation.raise_sos(
        viewer=county.viewer("shitan_a"),
        content={"place_code": world.SHITAN, "text": MARK + "新"},
    )
    leader = county.viewer("leader")
    due = {one["code"]: one for one in queries.classes_due(viewer=leader)}
    assert (due["statements"]["left"], due["statements"]["is_due"]) == (1, True)
    services.erase_class(viewer=leader, class_code="statements", reason="期满清除")
    carry_out()
    assert said_anywhere(MARK + "旧") == []
    assert said_anywhere(MARK + "新")
    assert {one["code"]: one["is_due"] for one in queries.classes_due(viewer=leader)}[
        "statements"
    ] is False


# --- phones, register -----------------------------------------------------------------------


def test_a_phone_is_told_what_to_forget_of_its_own_places(night: world.County) -> None:
    end(night)
    services.erase_event(
        viewer=night.viewer("leader"), alert_id=night.ids["alert"], reason="期满清除"
    )
    carry_out()
    (item,) = queries.erasures_for_phone(viewer=night.viewer("shitan_grid"), after=None)
    assert night.ids["alert"] in item["ids"]
    again = queries.erasures_for_phone(viewer=night.viewer("shitan_grid"), after=item["at"])
    assert again == []


def test_erasures_are_registered_beside_the_database_once(
    night: world.County, tmp_path: Path
) -> None:
    (tmp_path / "backups").mkdir()
    end(night)
    services.erase_event(
        viewer=night.viewer("leader"), alert_id=night.ids["alert"], reason="期满清除"
    )
    carry_out()
    while services.register_erasures():
        pass
    known = register.known([tmp_path])
    assert known
    assert {one.fact_id for one in register.known([tmp_path / "backups"])} == {
        one.fact_id for one in known
    }
    lines = (tmp_path / register.FILE).read_text()
    assert not services.register_erasures()
    assert (tmp_path / register.FILE).read_text() == lines
    assert "示意" not in lines
    assert register.carry_out(tmp_path, []) == 0, "nothing of it stands any more"


def test_a_torn_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    register.add(tmp_path, [{"fact": "aa", "leaves": [1], "at": 1}])
    with register.path_of(tmp_path).open("a") as file:
        file.write('{"fact": "bb", "lea')
    register.add(tmp_path, [{"fact": "cc", "leaves": [2, 0, -1, True], "at": 2}])
    assert register.known([tmp_path]) == [
        register.Erased(b"\xaa", (1,)),
        register.Erased(b"\xcc", (2,)),
    ]


def test_the_followed_orders_do_not_run_for_ever(night: world.County) -> None:
    end(night)
    services.erase_event(
        viewer=night.viewer("leader"), alert_id=night.ids["alert"], reason="期满清除"
    )
    carry_out()
    before = StoredFact.objects.count()
    assert carry_out() == 0
    assert StoredFact.objects.count() == before
    assert ErasureProgress.objects.get().has_forgotten
    assert Erasure.objects.get().done_at is not None
