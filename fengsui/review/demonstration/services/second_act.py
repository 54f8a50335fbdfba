"""The second act: one township's network is pulled; its own node goes on; the numbers agree again.

The verbs only say what is wanted and what has happened. The second node is run by
`fengsui.config.second_act`, which alone may start processes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.response.evacuations import queries as evacuations
from fengsui.review.demonstration import queries
from fengsui.review.demonstration.errors import CUT_ALREADY, NOT_CUT, NOT_RUNNING
from fengsui.review.demonstration.facts import (
    CUT_ASKED,
    LINK_PULLED,
    NUMBERS_AGREED,
    RESTORE_ASKED,
)
from fengsui.review.demonstration.models import Night, TownshipDoor
from fengsui.review.demonstration.services.telling import Teller
from fengsui.standards.divisions import township_of, village_of

TOPIC = "demonstration"


@command
def cut(*, viewer: Viewer) -> dict[str, Any]:
    """Asks for the township with most of tonight's households to be cut off.

    Returns what `queries.shown` returns. Raises demonstration.not_running, .cut_already.
    """
    night = _night(viewer)
    if queries.cut_of(night.pk) is not None:
        raise CUT_ALREADY()
    record(
        CUT_ASKED,
        fields={"night_id": night.pk, "township_code": _township_to_cut(night)},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    on_commit_notify(TOPIC, {"state": night.state})
    return queries.shown(viewer=viewer)


@command
def plug_in(*, viewer: Viewer) -> dict[str, Any]:
    """Asks for the network to be plugged in again. Raises demonstration.not_running, .not_cut."""
    night = _night(viewer)
    pulled = queries.cut_of(night.pk)
    if pulled is None or pulled.pulled_at is None or pulled.restore_asked_at is not None:
        raise NOT_CUT()
    record(
        RESTORE_ASKED,
        fields={"night_id": night.pk},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    on_commit_notify(TOPIC, {"state": night.state})
    return queries.shown(viewer=viewer)


@command
def note_pulled(*, viewer: Viewer, night_id: int, address: str) -> None:
    """The township's node has everything it may hold, and its link is down now.

    `address`: its own pages with a sign-in that works once; kept beside the record, not in it.
    """
    night = Night.objects.get(id=night_id)
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    record(
        LINK_PULLED,
        fields={"night_id": night_id},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    TownshipDoor.objects.update_or_create(night_id=night_id, defaults={"address": address})
    on_commit_notify(TOPIC, {"state": night.state})


@command
def note_agreed(
    *,
    viewer: Viewer,
    night_id: int,
    facts: int,
    seconds: int,
    township: dict[str, int],
) -> dict[str, Any]:
    """The link is up again and nothing is under way: the two sets of numbers side by side.

    `township` is what the township's own node counts; the county's are counted here. Both hold
    should, moved, away and not_yet in people. Returns {"county", "township", "agree"}.
    """
    night = Night.objects.get(id=night_id)
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    pulled = queries.cut_of(night_id)
    if pulled is None or pulled.restore_asked_at is None:
        raise NOT_CUT()
    county = queries.township_balance(night.evacuation_id, pulled.township_code)
    township = {name: int(township[name]) for name in county}
    said = {"county": county, "township": township, "agree": county == township}
    record(
        NUMBERS_AGREED,
        fields={"night_id": night_id, "facts": facts, "seconds": seconds, **said},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    on_commit_notify(TOPIC, {"state": night.state})
    return said


def remaining_movements(night_id: int) -> list[dict[str, Any]]:
    """What will still be seen in the cut township after the cut, in order of time.

    Rows: at_s (seconds after the callout opened), household_id, status, people_moved,
    confirmed_by, confirmed_how, village_code, head_id.
    """
    night = Night.objects.get(id=night_id)
    prepared = queries.preparation(viewer=node_viewer())
    pulled = queries.cut_of(night_id)
    if prepared is None or pulled is None or pulled.pulled_at is None:
        return []
    teller = Teller(night, prepared)
    since = teller.seconds(pulled.pulled_at)
    return [
        {
            "at_s": step.at_s,
            "household_id": step.household_id,
            "status": step.status,
            "people_moved": step.people_moved,
            "confirmed_by": step.confirmed_by,
            "confirmed_how": step.confirmed_how,
            "village_code": village_of(teller.places[step.household_id]),
            "head_id": teller.heads[step.household_id],
        }
        for step in teller.movements
        if step.at_s > since
        and township_of(teller.places[step.household_id]) == pulled.township_code
    ]


def _night(viewer: Viewer) -> Night:
    night = queries.latest_night(viewer=node_viewer())
    if night is None or night.put_away_at is not None:
        raise NOT_RUNNING()
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    return night


def _township_to_cut(night: Night) -> str:
    counts: Counter[str] = Counter()
    for code, people in evacuations.balance_by_place(
        night.evacuation_id, viewer=node_viewer()
    ).items():
        counts[township_of(code)] += people["should"]
    return max(sorted(counts), key=lambda code: counts[code])
