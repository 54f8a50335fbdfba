"""Tells the running night, a few steps at a time, through the same verbs that people use."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as call_services
from fengsui.engines.calls.states import CalloutState, CallState
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.accounts.queries import holders_of, viewer_for_person
from fengsui.foundation.people import queries as people
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.review.demonstration import queries, scenario
from fengsui.review.demonstration.models import Night, Preparation
from fengsui.review.demonstration.services.night import end_night
from fengsui.review.demonstration.services.rehearsing import cast, rehearse
from fengsui.review.demonstration.states import NightState
from fengsui.standards.divisions import township_of, village_of

_NAMESPACE = uuid.UUID("6f0b3c1e-5d0c-4d7e-9a55-0b6a3a7f2107")


class Teller:
    """What one process remembers of the night it tells; all of it can be worked out again."""

    def __init__(self, night: Night, prepared: Preparation) -> None:
        self.night_id = night.pk
        self.evacuation_id = night.evacuation_id
        self.callout_id = night.callout_id
        self.place_code = night.place_code
        self.seed = prepared.seed
        self.silent = set(prepared.storm["silent_village_codes"])
        self.opened_at: datetime = calls.callout(night.callout_id, viewer=node_viewer()).opened_at
        self.households = self._households()
        self.movements = scenario.movements(self.seed, [one for one, _, _ in self.households])
        self.heads = {one.household_id: head for one, head, _ in self.households}
        self.places = {
            one.household_id: one.place_code
            for one in evacuations.households_of(night.evacuation_id, viewer=node_viewer())
        }
        self.contacts = people.contact_persons(self.heads, viewer=node_viewer())
        self.number_of = {
            row["id"]: number for number, row in enumerate(cast(prepared.storm["village_codes"]))
        }
        left = scenario.left_to_the_end([one for one, _, _ in self.households])
        self.never_met = {
            self.contacts[household_id]
            for household_id, status in left.items()
            if status == "knocked_no_answer" and household_id in self.contacts
        }
        self.told = 0

    def _households(self) -> list[tuple[scenario.Household, int | None, str]]:
        listed = evacuations.households_of(self.evacuation_id, viewer=node_viewer())
        rows = {
            row["id"]: row
            for row in people.households([one.household_id for one in listed], viewer=node_viewer())
        }
        found = [
            (
                scenario.Household(
                    one.household_id,
                    one.people,
                    one.assist_level,
                    village_of(one.place_code) in self.silent,
                ),
                rows[one.household_id]["group_head_id"],
                str(rows[one.household_id]["label"]),
            )
            for one in listed
        ]
        return sorted(found, key=lambda one: one[2])

    def seconds(self, now: datetime) -> float:
        return (now - self.opened_at).total_seconds()


# What one turn of the writer takes on, so that an answer never waits long behind the story.
STEPS_PER_TURN = 4
KNOCKS_PER_TURN = 4
UNANSWERED_READ = 200
SECRETARY = "村支书"

_teller: Teller | None = None


def tell(now: datetime) -> bool:
    """One short step of the running night; True when more is due at once. The writer's job."""
    global _teller
    night = queries.running_night()
    if night is None:
        _teller = None
        return False
    if _teller is None or _teller.night_id != night.pk:
        prepared = queries.preparation(viewer=node_viewer())
        if prepared is None:
            return False
        rehearse(prepared)
        _teller = Teller(night, prepared)
        return True
    moved = _move_households(_teller, now)
    met = _meet_people(_teller, now)
    if not (moved or met) and _is_over(_teller, now):
        viewer = node_viewer("demonstration")
        end_night(viewer=viewer, night_id=night.pk, state=NightState.FINISHED.value)
        _teller = None
    return moved or met


def forget() -> None:
    """As after a restart of the process. For tests."""
    global _teller
    _teller = None


def _move_households(teller: Teller, now: datetime) -> bool:
    """Group heads tick what they see. The id of a tick is derived, so none counts twice."""
    seconds = teller.seconds(now)
    for _ in range(STEPS_PER_TURN):
        if teller.told >= len(teller.movements) or teller.movements[teller.told].at_s > seconds:
            return False
        step = teller.movements[teller.told]
        if _is_cut_off(teller, step):
            teller.told += 1
            continue
        head = teller.heads[step.household_id]
        viewer = viewer_for_person(head) if head else node_viewer("demonstration")
        evacuation_services.record_household_status(
            viewer=viewer,
            household_id=step.household_id,
            evacuation_id=teller.evacuation_id,
            status=step.status,
            people_moved=step.people_moved,
            confirmed_by=step.confirmed_by,
            confirmed_how=step.confirmed_how,
            client_id=str(uuid.uuid5(_NAMESPACE, f"{teller.night_id} {teller.told}")),
            observed_at=min(now, teller.opened_at + timedelta(seconds=step.at_s)),
        )
        teller.told += 1
    return True


def _is_cut_off(teller: Teller, step: scenario.Movement) -> bool:
    """Whether it happens where the network is pulled: that township's own node is told of it."""
    cut = queries.cut_of(teller.night_id)
    return (
        cut is not None
        and cut.pulled_at is not None
        and step.at_s > teller.seconds(cut.pulled_at)
        and township_of(teller.places[step.household_id]) == cut.township_code
    )


def _meet_people(teller: Teller, now: datetime) -> bool:
    """Whoever is at the door stage is met in time, but for the last few: those are named."""
    seconds, met = teller.seconds(now), 0
    if seconds < scenario.KNOCK_BEGINS_S:
        return False
    for call in _at_the_door(teller.callout_id):
        person_id = int(call["person_id"])
        if person_id in teller.never_met:
            continue
        number = teller.number_of.get(person_id, person_id % 1000)
        silent = village_of(call["place_code"]) in teller.silent
        if scenario.knocked_at_s(teller.seed, number, silent=silent) > seconds:
            continue
        _meet(teller, call, is_secretary=silent and SECRETARY in call["post_title"])
        met += 1
        if met >= KNOCKS_PER_TURN:
            return True
    return False


def _meet(teller: Teller, call: dict[str, Any], *, is_secretary: bool) -> None:
    """Somebody from the township stands at the door. A silent village's secretary takes over
    from there, and the township writes that down (上级代录): the village has answered."""
    viewer, call_id = _who_knocks(call["place_code"]), int(call["call_id"])
    if not is_secretary:
        call_services.mark_reached_in_person(viewer=viewer, call_id=call_id, note="上门叫醒")
        return
    heard_from = f"{call['person_name']}（当面）"
    call_services.answer_for(
        viewer=viewer, call_id=call_id, answer_kind="on_it", heard_from=heard_from
    )
    call_services.record_first_action(
        viewer=viewer,
        callout_id=teller.callout_id,
        unit_code=call["unit_code"],
        heard_from=heard_from,
        note="已组织逐户敲门转移",
    )


def _at_the_door(callout_id: int) -> Iterator[dict[str, Any]]:
    page = calls.unanswered(callout_id, viewer=node_viewer(), limit=UNANSWERED_READ)
    while True:
        yield from (one for one in page["items"] if one["state"] == CallState.KNOCK)
        if not page["next"]:
            return
        page = calls.unanswered(
            callout_id, viewer=node_viewer(), limit=UNANSWERED_READ, after=page["next"]
        )


def _who_knocks(place_code: str) -> Viewer:
    for one in holders_of("township_officer", township_of(place_code), viewer=node_viewer()):
        return viewer_for_person(int(one["person_id"]))
    return node_viewer("demonstration")


def _is_over(teller: Teller, now: datetime) -> bool:
    if teller.seconds(now) < scenario.NIGHT_S or teller.told < len(teller.movements):
        return False
    callout = calls.callout(teller.callout_id, viewer=node_viewer())
    return callout.state != CalloutState.OPEN
