"""Persons, posts, contacts and households: loading, changing, masking, revealing, merging."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, grants_of, node_viewer
from fengsui.foundation.journal import merging, replay
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.queries import facts_about
from fengsui.foundation.ledgers.models import RowChange
from fengsui.foundation.people import apply, facts, queries, services
from fengsui.foundation.people.models import ContactPoint, Household, Person
from fengsui.foundation.places import services as places

NODE = node_viewer()
COUNTY, TOWN, VILLAGE = "439903000000", "439903101000", "439903101201"
OFFICER = Viewer(7, "示意甲", grants_of([("duty_officer", "439903")]))
SECRETARY = Viewer(8, "示意乙", grants_of([("village_secretary", VILLAGE)]))


@pytest.fixture
def loaded(node):
    places.register_places(
        viewer=NODE,
        county_code=COUNTY,
        is_invented=True,
        places=[
            {"code": COUNTY, "name": "示意县"},
            {"code": TOWN, "name": "东镇"},
            {"code": VILLAGE, "name": "河边村"},
        ],
    )
    refs = services.register_people(
        viewer=NODE,
        is_invented=True,
        persons=[
            {"ref": "a", "name": "示意甲", "place_code": VILLAGE},
            {"ref": "b", "name": "示意乙", "place_code": VILLAGE},
        ],
        posts=[
            {"ref": "p", "place_code": VILLAGE, "role": "village_secretary", "title": "村支书"},
            {"ref": "d", "place_code": TOWN, "role": "duty_room", "title": "值班室"},
        ],
        holdings=[{"post": "p", "person": "a"}, {"post": "p", "person": "b", "slot": "B"}],
        contact_points=[
            {"ref": "c", "person": "a", "kind": "phone", "value": "00012345678",
             "proven_s": 1_780_000_000},
            {"post": "d", "kind": "phone", "value": "00087654321"},
        ],
    )  # fmt: skip
    return services.register_households(
        viewer=NODE,
        refs=refs,
        households=[
            {"ref": "h", "place_code": VILLAGE, "label": "示意户1", "people_count": 4,
             "assist_level": 1, "relative_name": "示意丙", "relative_phone": "00011112222",
             "responsible_person": "a", "group_head": "b", "contact_person": "a"},
            {"ref": "g", "place_code": VILLAGE, "label": "示意户2", "people_count": 2},
        ],
    )  # fmt: skip


def test_what_was_loaded_can_be_read(loaded):
    one = queries.person(loaded["a"], viewer=OFFICER)
    assert (one["name"], one["posts"][0]["title"]) == ("示意甲", "村支书")
    assert one["contacts"][0]["value_masked"] == "000****5678"
    assert queries.main_post_title(loaded["a"], viewer=OFFICER) == "河边村 村支书"
    held = queries.holders([loaded["p"]], viewer=OFFICER)[loaded["p"]]
    assert [one["name"] for one in held["A"]] == ["示意甲"]
    assert [one["name"] for one in held["B"]] == ["示意乙"]
    assert queries.posts_without_holder([loaded["p"], loaded["d"]], viewer=OFFICER) == [
        {"id": loaded["d"], "place_code": TOWN, "role": "duty_room", "title": "值班室"}
    ]
    household = queries.household(loaded["h"], viewer=SECRETARY)
    assert (household["people_count"], household["assist_people"]) == (4, 1)
    assert household["relative_phone_masked"] == "000****2222"
    assert "relative_phone" not in household
    assert {row["id"] for row in queries.households_of(loaded["b"], viewer=OFFICER)} == {
        loaded["h"]
    }


def test_the_duty_rooms_number_is_published(loaded):
    stranger = Viewer(0, "")
    assert queries.duty_phones(VILLAGE, viewer=stranger) == [
        {"place_code": TOWN, "title": "值班室", "phone": "00087654321"}
    ]


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ({"persons": [{"name": "", "place_code": VILLAGE}]}, "name"),
        ({"persons": [{"name": "示意", "place_code": "439903"}]}, "place_code"),
        ({"posts": [{"place_code": VILLAGE, "role": "king", "title": "王"}]}, "role"),
        ({"contact_points": [{"kind": "phone", "value": "000"}]}, "person"),
        ({"holdings": [{"post": 1, "person": 2, "slot": "C"}]}, "slot"),
    ],
)
def test_bad_rows_are_refused_by_row_and_field_and_nothing_is_written(node, rows, field):
    with pytest.raises(Problem) as refusal:
        services.register_people(viewer=NODE, **rows)
    assert refusal.value.kind.code == "people.rows_refused"
    assert refusal.value.data["row"] == 1
    assert refusal.value.data["field"] == field
    assert not StoredFact.objects.exists()


def test_a_reference_to_nobody_is_refused_before_anything_is_written(node):
    with pytest.raises(Problem) as refusal:
        services.register_people(
            viewer=NODE,
            persons=[{"ref": "a", "name": "示意", "place_code": VILLAGE}],
            contact_points=[{"person": "z", "kind": "phone", "value": "00000000000"}],
        )
    assert refusal.value.kind.code == "people.unknown_reference"
    assert not StoredFact.objects.exists()


def test_what_was_registered_before_can_be_referred_to_by_ref_or_by_id(loaded):
    refs = services.register_people(
        viewer=NODE,
        refs=loaded,
        contact_points=[
            {"ref": "mail", "person": "b", "kind": "email", "value": "b@example.org"},
            {"ref": "second", "person": loaded["b"], "kind": "phone", "value": "00000000009"},
        ],
        holdings=[{"post": "d", "person": loaded["b"]}],
    )
    found = queries.contacts(person_ids=[loaded["b"]], viewer=OFFICER)
    assert {one["contact_point_id"] for one in found} == {refs["mail"], refs["second"]}
    held = queries.holders([loaded["d"]], viewer=OFFICER)[loaded["d"]]["A"]
    assert [one["person_id"] for one in held] == [loaded["b"]]


def test_only_who_may_edit_the_registers_loads_them(loaded):
    with pytest.raises(Problem) as refusal:
        services.register_households(
            viewer=SECRETARY, households=[{"place_code": VILLAGE, "label": "示意户"}]
        )
    assert refusal.value.kind.code == "access.not_allowed"


def test_a_number_is_shown_for_a_reason_that_is_recorded(loaded):
    before = StoredFact.objects.count()
    with pytest.raises(Problem) as refusal:
        services.reveal_contact(viewer=OFFICER, person_id=loaded["a"], reason=" ")
    assert refusal.value.kind.code == "people.reason_needed"
    with pytest.raises(Problem) as refusal:
        services.reveal_contact(viewer=SECRETARY, person_id=loaded["a"], reason="打电话叫应")
    assert refusal.value.kind.code == "access.not_allowed"
    assert StoredFact.objects.count() == before

    shown = services.reveal_contact(viewer=OFFICER, person_id=loaded["a"], reason="打电话叫应")
    relative = services.reveal_contact(
        viewer=OFFICER, household_id=loaded["h"], reason="联系亲属核实"
    )
    assert (shown["value"], relative["value"]) == ("00012345678", "00011112222")
    assert StoredFact.objects.filter(kind=facts.CONTACT_REVEALED.number).count() == 2


def test_tonights_people_are_counted_and_every_count_stays_visible(loaded, clock):
    services.record_presence(viewer=SECRETARY, counts={loaded["h"]: 3})
    clock.forward(minutes=5)
    services.record_presence(viewer=SECRETARY, counts={loaded["h"]: 5, loaded["g"]: 0})
    assert queries.household(loaded["h"], viewer=SECRETARY)["tonight_people"] == 5
    said = queries.field_history(loaded["h"], viewer=SECRETARY)
    assert [(one["value"], one["is_current"]) for one in said] == [(5, True), (3, False)]


def test_a_changed_number_is_unproven_and_an_answer_proves_it(loaded):
    services.replace_contact(
        viewer=OFFICER, contact_point_id=loaded["c"], value="00055556666", reason="原号码为空号"
    )
    assert ContactPoint.objects.get(pk=loaded["c"]).proven_at is None
    services.prove_contacts(viewer=OFFICER, contact_point_ids=[loaded["c"]])
    contact = ContactPoint.objects.get(pk=loaded["c"])
    assert contact.value == "00055556666"
    assert contact.proven_at is not None
    history = queries.field_history(loaded["c"], viewer=OFFICER)
    assert history[0]["value"] == "000****6666"


def test_who_left_a_post_no_longer_holds_it(loaded):
    holding = loaded_holding(loaded["p"], "A")
    services.end_holding(viewer=OFFICER, holding_id=holding)
    assert queries.holders([loaded["p"]], viewer=OFFICER)[loaded["p"]]["A"] == []
    parties = queries.parties_for_posts([loaded["p"]], viewer=NODE)
    assert [one["person_id"] for one in parties] == [loaded["b"]]  # B answers where no A is


def loaded_holding(post_id: int, slot: str) -> int:
    from fengsui.foundation.people.models import PostHolding

    return PostHolding.objects.get(post_id=post_id, slot=slot).pk


def test_changes_of_one_household_give_the_same_row_in_any_order(loaded, clock):
    """Facts of several nodes come in any order: the later word wins, field by field."""
    said = []
    for changes in (
        {"people_count": 5, "label": "示意户甲"},
        {"people_count": 6},
        {"label": "示意户乙", "lon_e7": 1100000000, "lat_e7": 280000000},
    ):
        clock.forward(seconds=1)
        services.change_household(viewer=OFFICER, household_id=loaded["h"], changes=changes)
        said.append(latest_fact(loaded["h"]))
    expected = row_of(loaded["h"])
    assert (expected["people_count"], expected["label"]) == (6, "示意户乙")
    for order in itertools.permutations(said):
        Household.objects.filter(pk=loaded["h"]).update(
            people_count=4, label="示意户1", lon_e7=None, lat_e7=None,
            field_clock=merging.NO_CLOCKS,
        )  # fmt: skip
        RowChange.objects.all().delete()
        for fact in (*order, order[0]):  # the first comes twice
            assert apply.apply_household_changed(fact) is None
        assert row_of(loaded["h"]) == expected
        assert RowChange.objects.count() == 6


def test_of_two_nodes_at_the_same_instant_the_same_one_wins_in_any_order(loaded):
    services.change_household(viewer=OFFICER, household_id=loaded["h"], changes={"people_count": 5})
    ours = latest_fact(loaded["h"])
    theirs = replace(
        ours,
        id=bytes(16),
        feed=b"\xff" * 16,
        fields={**ours.fields, "changes": {"people_count": 9}},
    )
    for order in ((ours, theirs), (theirs, ours)):
        Household.objects.filter(pk=loaded["h"]).update(field_clock=merging.NO_CLOCKS)
        for fact in order:
            apply.apply_household_changed(fact)
        assert Household.objects.get(pk=loaded["h"]).people_count == 9
    # Put back what the journal knows of, for the check at the end of the test.
    replay.rebuild()


def test_a_change_waits_for_the_household_it_speaks_of(loaded):
    services.change_household(viewer=OFFICER, household_id=loaded["h"], changes={"people_count": 5})
    fact = latest_fact(loaded["h"])
    stray = replace(fact, id=b"\x01" * 16, fields={**fact.fields, "household_id": 42})
    assert apply.apply_household_changed(stray) == 42
    replay.rebuild()


def test_an_erased_household_leaves_a_row_that_still_counts(loaded):
    registered = registering_fact(loaded["h"])
    apply.apply_households_registered(replace(registered, items=[None] * len(registered.items)))
    row = Household.objects.get(pk=loaded["h"])
    assert (row.label, row.relative_phone, row.relative_name) == ("", "", "")
    assert (row.people_count, row.assist_level, row.place_code) == (4, 1, VILLAGE)
    persons = registering_fact(loaded["a"])
    apply.apply_persons_registered(replace(persons, items=[None] * len(persons.items)))
    assert set(Person.objects.values_list("name", flat=True)) == {""}
    replay.rebuild()


def row_of(household_id: int) -> Any:
    return Household.objects.filter(pk=household_id).values().get()


def latest_fact(household_id: int):
    return facts_about(NODE, entity=household_id)[-1]["fact"]


def registering_fact(entity: int):
    return facts_about(NODE, entity=entity)[0]["fact"]
