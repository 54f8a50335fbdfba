"""Prepare the invented county; start and stop the night; tell it step by step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as call_services
from fengsui.engines.calls.states import CalloutState, CallState
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import holders_of, viewer_for_person
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import queries as people
from fengsui.foundation.places import queries as places
from fengsui.response.alerts import queries as alert_queries
from fengsui.response.alerts import services as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.review.demonstration import loading, night_clock, queries, scenario
from fengsui.review.demonstration.errors import (
    ALREADY_FILLED,
    ALREADY_RUNNING,
    BAD_SPEED,
    COUNTY_EXISTS,
    HALF_LOADED,
    NO_COUNTY,
    NO_SECOND_PERSON,
    NOT_PREPARED,
    NOT_RUNNING,
)
from fengsui.review.demonstration.facts import ENDED, PREPARED, STARTED
from fengsui.review.demonstration.models import Night, Preparation
from fengsui.review.demonstration.states import NightState
from fengsui.review.demonstration.storm_message import storm_message
from fengsui.standards.divisions import township_of, village_of

ACCOUNTS_PER_COMMAND = 40
E7 = 10_000_000
_NAMESPACE = uuid.UUID("6f0b3c1e-5d0c-4d7e-9a55-0b6a3a7f2107")

# --- preparing ------------------------------------------------------------------------------


def prepare() -> list[dict[str, Any]]:
    """Loads the invented county where the node is empty; who may then sign in.

    Returns [{"person_id", "name", "title"}]. Runs in any process; takes some seconds the first
    time and none later. Raises demonstration.half_loaded after an interrupted load.
    """
    viewer = node_viewer("demonstration")
    known = queries.preparation(viewer=viewer)
    if known is None:
        county = places.node_place()
        if county is None:
            known = _load_story(viewer)
        elif county.is_invented:
            raise HALF_LOADED(home=str(settings.HOME))
        else:
            return []
    names = people.person_names([int(one) for one, _ in known.people], viewer=viewer)
    return [
        {"person_id": str(one), "name": names.get(int(one), ""), "title": title}
        for one, title in known.people
    ]


def _load_story(viewer: Viewer) -> Preparation:
    from fengsui.review.demonstration import roster as rosters

    roster = rosters.story()
    ids = loading.load_roster(
        viewer=viewer, roster=roster, attributions=[rosters.ATTRIBUTION], source="示意"
    )
    storm = roster.storm
    granted = [
        (ids[reference], role, place)
        for reference, role, place in roster.accounts
        if (len(place) == 12 and place.endswith("000"))
        or village_of(place) in storm["village_codes"]
    ]
    for start in range(0, len(granted), ACCOUNTS_PER_COMMAND):
        piece = granted[start : start + ACCOUNTS_PER_COMMAND]
        grant_accounts(viewer=viewer, rows=[list(row) for row in piece])
    record_preparation(
        viewer=viewer,
        place_code=roster.county_code,
        seed=rosters.SEED,
        storm={
            "village_codes": storm["village_codes"],
            "silent_village_codes": storm["silent_village_codes"],
            "township_names": storm["township_names"],
            "polygon_e7": [[round(lon * E7), round(lat * E7)] for lon, lat in storm["polygon"]],
        },
        people=[[ids[reference], title] for reference, title in rosters.shown_people(roster)],
    )
    prepared = queries.preparation(viewer=viewer)
    if prepared is None:
        raise HALF_LOADED(home=str(settings.HOME))
    return prepared


@command
def grant_accounts(*, viewer: Viewer, rows: list[list[Any]]) -> dict[str, int]:
    """Roles for invented people: [[person id, role, place code], …], one transaction."""
    for person_id, role, place in rows:
        accounts.register_account(viewer=viewer, person_id=person_id, grants=[[role, place]])
    return {"granted": len(rows)}


@command
def record_preparation(
    *, viewer: Viewer, place_code: str, seed: int, storm: dict[str, Any], people: list[list[Any]]
) -> dict[str, int]:
    """The last step of loading: without it the county counts as half loaded."""
    require(viewer, Permission.MANAGE_ACCOUNTS, place_code)
    fact = record(
        PREPARED,
        fields={"seed": seed, "storm": storm, "people": people},
        scope=place_code,
        viewer=viewer,
    )
    return {"preparation_id": fact.entity()}


def generate_county(
    *,
    viewer: Viewer,
    seed: int,
    townships: int,
    villages: int,
    households: int,
    progress: loading.Progress = lambda what, count: None,
) -> dict[str, int]:
    """A whole invented county into an empty node. Returns how much was loaded, by kind."""
    from fengsui.review.demonstration import roster as rosters

    county = places.node_place()
    if county is not None:
        raise COUNTY_EXISTS(name=county.name)
    roster = rosters.whole_county(seed, townships, villages, households)
    loading.load_roster(
        viewer=viewer,
        roster=roster,
        attributions=[rosters.ATTRIBUTION],
        source=f"示意 seed {seed}",
        progress=progress,
    )
    return _sizes(roster)


def fill_county(
    *,
    viewer: Viewer,
    seed: int,
    households: int,
    progress: loading.Progress = lambda what, count: None,
) -> dict[str, int]:
    """Invented people around the villages of an imported county. Returns how much, by kind."""
    from fengsui.review.demonstration import roster as rosters

    county = places.node_place()
    if county is None:
        raise NO_COUNTY()
    if people.households_in([county.code], viewer=viewer, limit=1):
        raise ALREADY_FILLED(name=county.name)
    below = places.places_below(county.code, viewer=viewer)
    roster = rosters.fill(
        seed,
        households,
        county=(county.code, county.name),
        townships=[(one.code, one.name) for one in below if one.level == "township"],
        villages=[
            {
                "code": one.code,
                "name": one.name,
                "lon": None if one.lon_e7 is None else one.lon_e7 / E7,
                "lat": None if one.lat_e7 is None else one.lat_e7 / E7,
            }
            for one in below
            if one.level == "village"
        ],
    )
    loading.load_roster(
        viewer=viewer,
        roster=roster,
        attributions=[rosters.PEOPLE_ATTRIBUTION],
        source=f"示意 seed {seed}",
        progress=progress,
    )
    return _sizes(roster)


def _sizes(roster: Any) -> dict[str, int]:
    kinds = ("places", "persons", "posts", "households", "danger_areas", "venues")
    return {kind: len(getattr(roster, kind)) for kind in kinds}


# --- the night ------------------------------------------------------------------------------


@command
def start(*, viewer: Viewer, speed: float = 1.0) -> dict[str, Any]:
    """02:10: the red warning comes in, a second person approves it, calling begins.

    `speed` 1 tells the night in three minutes. Everything is an exercise, so nothing can leave
    the node. Returns what `queries.shown` returns. Raises demonstration.not_prepared,
    .already_running, .bad_speed, .no_second_person, access.not_allowed.
    """
    prepared = queries.preparation(viewer=node_viewer())
    if prepared is None:
        raise NOT_PREPARED()
    require(viewer, Permission.RUN_EXERCISE, prepared.place_code)
    if not scenario.SPEED_MIN <= speed <= scenario.SPEED_MAX:
        raise BAD_SPEED(least=scenario.SPEED_MIN, most=scenario.SPEED_MAX)
    before = queries.latest_night(viewer=node_viewer())
    if before is not None and before.state == NightState.RUNNING:
        raise ALREADY_RUNNING()
    leader = _second_person(viewer, prepared.place_code)
    if before is not None:
        _clear_away(leader, before)
    _wind(speed)
    arrived = alerts.import_warning(
        viewer=viewer,
        source_name="storm.xml",
        data=storm_message(prepared.storm, clock.now()),
    )
    alert_id = int(arrived["items"][0]["alert_id"])
    _rehearse(prepared)
    alerts.approve_alert(viewer=leader, alert_id=alert_id, reason="演练：情况属实，立即叫应")
    alert = alert_queries.gate(alert_id, viewer=node_viewer())
    record(
        STARTED,
        fields={
            "preparation_id": prepared.pk,
            "alert_id": alert_id,
            "callout_id": alert.callout_id,
            "evacuation_id": alert.evacuation_id,
        },
        scope=prepared.place_code,
        viewer=viewer,
        about=[alert_id],
    )
    on_commit_notify("demonstration", {"state": NightState.RUNNING.value})
    return queries.shown(viewer=viewer)


@command
def stop(*, viewer: Viewer) -> dict[str, Any]:
    """Ends the night early: calling stops, the warning is lifted, the clock goes on normally."""
    night = queries.running_night()
    if night is None:
        raise NOT_RUNNING()
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    end_night(viewer=viewer, night_id=night.pk, state=NightState.STOPPED.value)
    _clear_away(_second_person(viewer, night.place_code, may_be_same=True), night)
    running = night_clock.installed()
    if running is not None:
        running.go_on(clock.now(), [])
    return queries.shown(viewer=viewer)


def _second_person(viewer: Viewer, place_code: str, *, may_be_same: bool = False) -> Viewer:
    for one in holders_of("duty_leader", place_code, viewer=node_viewer()):
        if may_be_same or int(one["person_id"]) != viewer.person_id:
            return viewer_for_person(int(one["person_id"]))
    raise NO_SECOND_PERSON()


def _wind(speed: float) -> None:
    """On a demonstration node the clock jumps to 02:10 and hurries; elsewhere time is time."""
    running = night_clock.installed()
    if running is not None:
        pace = [(seconds, rate * speed) for seconds, rate in scenario.PACE]
        running.go_on(night_clock.next_warning(running()), pace)


def _clear_away(leader: Viewer, night: Night) -> None:
    """Lifts what an earlier night left in force, so that the next one calls everybody anew."""
    reason = "演练重新开始"
    callout = calls.callout(night.callout_id, viewer=node_viewer())
    if callout.state == CalloutState.OPEN:
        call_services.stop_callout(viewer=leader, callout_id=night.callout_id, reason=reason)
    alert = alert_queries.gate(night.alert_id, viewer=node_viewer())
    if alert.state == "active":
        alerts.cancel_alert(viewer=leader, alert_id=night.alert_id, reason=reason)
    if any(one.pk == night.evacuation_id for one in evacuations.open_evacuations(viewer=leader)):
        evacuation_services.close_evacuation(
            viewer=leader, evacuation_id=night.evacuation_id, reason=reason
        )


@command
def end_night(*, viewer: Viewer, night_id: int, state: str) -> dict[str, int]:
    """Writes down how the night ended: 应转 = 已转 + 外出 + 未转, in people."""
    night = Night.objects.get(id=night_id)
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    balance = evacuations.balance(night.evacuation_id, viewer=node_viewer())
    record(
        ENDED,
        fields={"night_id": night_id, "state": NightState(state).value, "balance": balance},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    on_commit_notify("demonstration", {"state": state})
    return balance


# --- telling --------------------------------------------------------------------------------


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
        self.contacts = people.contact_persons(self.heads, viewer=node_viewer())
        self.number_of = {
            row["id"]: number for number, row in enumerate(_cast(prepared.storm["village_codes"]))
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


def _cast(village_codes: Sequence[str]) -> list[dict[str, Any]]:
    """Everybody who may be rung tonight, in an order that is the same on every node."""
    codes = sorted({*village_codes, *(township_of(code) for code in village_codes)})
    rows = {row["id"]: row for row in people.persons_in(codes, viewer=node_viewer())}
    return sorted(rows.values(), key=lambda row: str(row["name"]))


def _rehearse(prepared: Preparation) -> None:
    """Tells the simulated carrier what everybody does when the telephone rings."""
    silent = set(prepared.storm["silent_village_codes"])
    script: dict[int, Sequence[str]] = {}
    for number, row in enumerate(_cast(prepared.storm["village_codes"])):
        place = str(row["place_code"])
        script[row["id"]] = scenario.behaviour(
            prepared.seed,
            number,
            silent=village_of(place) in silent,
            is_township=township_of(place) == place,
        )
    call_services.script_people(script)


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
        _rehearse(prepared)
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
