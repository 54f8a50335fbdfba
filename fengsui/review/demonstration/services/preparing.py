"""The invented county into an empty node; invented people into an imported one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.states import PostRole
from fengsui.foundation.places import queries as places
from fengsui.readiness.watch import services as watch
from fengsui.review.demonstration import loading, queries
from fengsui.review.demonstration.errors import (
    ALREADY_FILLED,
    COUNTY_EXISTS,
    HALF_LOADED,
    NO_COUNTY,
)
from fengsui.review.demonstration.facts import PREPARED
from fengsui.review.demonstration.models import Preparation
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import village_of
from fengsui.standards.instants import BEIJING

ACCOUNTS_PER_COMMAND = 40
ROTA_DAYS = 14
SHIFTS_START_AT = (0, 8, 16)  # 02:10 lies in a shift of the same day


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
    from fengsui.review.demonstration import story

    roster = story.story()
    ids = loading.load_roster(
        viewer=viewer, roster=roster, attributions=[story.ATTRIBUTION], source="示意"
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
    _plan_the_county_room(viewer, roster.county_code, ids)
    record_preparation(
        viewer=viewer,
        place_code=roster.county_code,
        seed=story.SEED,
        storm={
            "village_codes": storm["village_codes"],
            "silent_village_codes": storm["silent_village_codes"],
            "township_names": storm["township_names"],
            "polygon_e7": [[round(lon * E7), round(lat * E7)] for lon, lat in storm["polygon"]],
        },
        people=[[ids[reference], title] for reference, title in story.shown_people(roster)],
    )
    prepared = queries.preparation(viewer=viewer)
    if prepared is None:
        raise HALF_LOADED(home=str(settings.HOME))
    return prepared


def _plan_the_county_room(viewer: Viewer, county_code: str, ids: Mapping[str, int]) -> None:
    """A rota for a fortnight: a leader and two officers at any hour. Nobody has signed for the
    shift that is on, so that taking over can be tried at once."""
    (room,) = people.posts_at([county_code], [PostRole.DUTY_ROOM], viewer=viewer)
    watch.plan_rota(
        viewer=viewer,
        post_id=room["id"],
        first_day=clock.now().astimezone(BEIJING).date().isoformat(),
        days=ROTA_DAYS,
        starts_at_hours=list(SHIFTS_START_AT),
        leaders=[ids[f"county:leader:{slot}"] for slot in "AB"],
        officers=[ids[f"county:officer:{slot}"] for slot in "ABCD"],
        officers_each=2,
    )


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
    from fengsui.review.demonstration import story

    county = places.node_place()
    if county is not None:
        raise COUNTY_EXISTS(name=county.name)
    roster = story.whole_county(seed, townships, villages, households)
    loading.load_roster(
        viewer=viewer,
        roster=roster,
        attributions=[story.ATTRIBUTION],
        source=f"示意 seed {seed}",
        progress=progress,
    )
    return _sizes(roster)


def fill_county(
    *,
    viewer: Viewer,
    seed: int,
    households: int,
    county_code: str | None = None,
    progress: loading.Progress = lambda what, count: None,
) -> dict[str, int]:
    """Invented people around the villages of an imported county. Returns how much, by kind.

    `county_code` where a node holds several counties; else the one it serves.
    """
    from fengsui.review.demonstration import story

    county = (
        places.node_place() if county_code is None else places.place(county_code, viewer=viewer)
    )
    if county is None:
        raise NO_COUNTY()
    if people.households_in([county.code], viewer=viewer, limit=1):
        raise ALREADY_FILLED(name=county.name)
    below = places.places_below(county.code, viewer=viewer)
    roster = story.fill(
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
        attributions=[story.PEOPLE_ATTRIBUTION],
        source=f"示意 seed {seed}",
        progress=progress,
    )
    return _sizes(roster)


def _sizes(roster: Any) -> dict[str, int]:
    kinds = ("places", "persons", "posts", "households", "danger_areas", "venues")
    return {kind: len(getattr(roster, kind)) for kind in kinds}
