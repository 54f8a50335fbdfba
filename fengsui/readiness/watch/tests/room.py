"""示例县 with a rota: who sits in the county's duty room, by the wound clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.models import Post
from fengsui.readiness.watch import queries, services
from fengsui.standards.instants import BEIJING
from tests.world import county as world


@contextmanager
def wired(matters: Any = None) -> Iterator[None]:
    """As `config` wires it: posts follow the rota, a handover lists what upper apps hold."""
    people.set_rota(queries.tonight)
    queries.set_matters(matters)
    try:
        yield
    finally:
        people.set_rota(None)
        queries.set_matters(None)


def room_of(place: str) -> int:
    return int(Post.objects.get(place_code=place, role="duty_room").pk)


def today() -> str:
    return clock.now().astimezone(BEIJING).date().isoformat()


def at_hour(hour: int, day: int = 0) -> datetime:
    """That hour of Beijing, so many days on."""
    local = clock.now().astimezone(BEIJING) + timedelta(days=day)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0)


def plan(county: world.County, place: str = world.COUNTY, **said: Any) -> dict[str, Any]:
    """A rota of the county's room: shifts at 08:00 and 20:00, one officer, one leader."""
    wanted = {
        "first_day": today(),
        "days": 3,
        "starts_at_hours": [8, 20],
        "leaders": [county.ids["leader"], county.ids["second_leader"]],
        "officers": [county.ids["officer"], county.ids["leader"]],
        "officers_each": 1,
    }
    planned: dict[str, Any] = services.plan_rota(
        viewer=county.viewer("officer"), post_id=room_of(place), **(wanted | said)
    )
    return planned
