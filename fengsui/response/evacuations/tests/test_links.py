"""Two people register one household: linked, counted once, and undone when it was a mistake."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import NOT_ALLOWED, Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.stored import decode
from fengsui.response.evacuations import queries, rules, services
from fengsui.response.evacuations.apply import APPLY
from fengsui.response.evacuations.errors import ALREADY_ONE, NOT_IN_EVACUATION
from fengsui.response.evacuations.models import EvacuationEntry, EvacuationHousehold

VILLAGE, OTHER = "439901101201", "439901101202"
NODE = node_viewer()
SECRETARY = Viewer(21, "示意己", (Grant("village_secretary", Scope.of(VILLAGE)),))
NEIGHBOUR = Viewer(24, "示意壬", (Grant("village_secretary", Scope.of(OTHER)),))


def household(key: int, people: int) -> dict[str, Any]:
    return {
        "household_id": key,
        "place_code": VILLAGE,
        "people": people,
        "assist_level": 0,
        "shelter": "",
    }


@pytest.fixture
def evacuation_id(node: Any) -> int:
    opened = services.open_evacuation(
        viewer=NODE,
        alert_id=1,
        place_code=VILLAGE,
        exercise=True,
        households=[household(1, 4), household(2, 4), household(3, 2)],
    )
    return opened["evacuation_id"]


def balance(evacuation_id: int) -> tuple[int, int, int]:
    found = queries.balance(evacuation_id, viewer=SECRETARY)
    return found["should"], found["moved"], found["households"]


def test_case_13_two_entries_of_one_household_count_once_and_it_can_be_undone(
    evacuation_id: int, clock: Any
) -> None:
    services.record_household_status(
        viewer=SECRETARY, household_id=1, status="moved_central", client_id="a"
    )
    clock.forward(minutes=1)
    services.record_household_status(
        viewer=NODE, household_id=2, status="moved_relatives", client_id="b"
    )
    assert balance(evacuation_id) == (10, 8, 3)
    asked = {"evacuation_id": evacuation_id, "household_id": 2, "same_as": 1, "reason": "同一户"}
    for viewer, changes, kind in (
        (NEIGHBOUR, {}, NOT_ALLOWED),
        (SECRETARY, {"same_as": 99}, NOT_IN_EVACUATION),
        (SECRETARY, {"same_as": 2}, NOT_IN_EVACUATION),
    ):
        with pytest.raises(Problem) as refused:
            services.link_households(viewer=viewer, **{**asked, **changes})
        assert refused.value.kind is kind
    linked = services.link_households(viewer=SECRETARY, **asked)
    assert balance(evacuation_id) == (6, 4, 2)
    with pytest.raises(Problem) as refused:
        services.link_households(viewer=SECRETARY, **asked)
    assert refused.value.kind is ALREADY_ONE
    # What was seen last of either is what counts, whichever of the two rows it names.
    shown = {row.household_id for row in queries.households_of(evacuation_id, viewer=SECRETARY)}
    assert shown == {2, 3}
    clock.forward(minutes=1)
    services.record_household_status(
        viewer=SECRETARY, household_id=1, status="not_yet", client_id="c"
    )
    assert balance(evacuation_id) == (6, 0, 2)
    services.unlink_households(viewer=SECRETARY, link_id=linked["link_id"], reason="看错了")
    assert balance(evacuation_id) == (10, 4, 3)
    (link,) = queries.links(evacuation_id, viewer=SECRETARY)
    assert link.unlinked_by == SECRETARY.person_id


def test_chains_of_links_count_one() -> None:
    counting, silent = rules.one_of_each({1: "", 2: "b", 3: "a", 9: ""}, [(1, 2), (3, 2), (9, 8)])
    assert (counting, silent) == ({2, 9}, {1, 3})


def test_what_was_seen_before_the_list_named_the_household_is_not_lost(
    evacuation_id: int, clock: Any
) -> None:
    """A long list comes in pieces of one feed; a village's ticks come by another in between."""
    services.add_households(viewer=NODE, evacuation_id=evacuation_id, households=[household(4, 5)])
    services.record_household_status(
        viewer=SECRETARY,
        household_id=4,
        status="away",
        client_id="d",
        confirmed_by="示意邻居",
        confirmed_how="neighbour",
    )
    before = EvacuationHousehold.objects.filter(household_id=4).values().get()
    facts = [decode(stored) for stored in StoredFact.objects.order_by("arrival")]
    added, seen = facts[-2:]
    assert added is not None
    assert seen is not None
    EvacuationHousehold.objects.filter(household_id=4).delete()
    EvacuationEntry.objects.all().delete()
    for fact in (seen, added):
        assert APPLY[fact.kind](fact) is None
    after = EvacuationHousehold.objects.filter(household_id=4).values().get()
    assert {**after, "id": 0} == {**before, "id": 0}
