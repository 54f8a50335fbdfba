"""Facts applied together make the same tables as facts applied one by one, whatever the pieces."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import batches, ledger, replay
from fengsui.foundation.journal.models import StoredFact, Waiting
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import Household
from fengsui.response.evacuations import services as evacuations
from fengsui.response.evacuations.states import HouseholdStatus
from fengsui.response.situation import services as situation
from tests.world import county as world
from tests.world.county import rain_warning
from tests.world.night import Night

NODE = node_viewer()


def live_a_night(night: Night, draw: random.Random) -> None:
    alert = night.alert(night.county.issue(rain_warning()))
    households = list(Household.objects.order_by("id").values_list("id", flat=True))
    listed = [night.county.ids[one] for one in ("h1", "h2", "h3", "h4", "h5")]
    for number in range(120):
        night.clock.forward(seconds=draw.choice((0, 0, 1, 40)))
        place = draw.choice((world.SHITAN, world.FENGPING))
        match draw.randrange(4):
            case 0:
                evacuations.record_household_status(
                    viewer=NODE,
                    household_id=draw.choice(listed),
                    status=draw.choice((HouseholdStatus.MOVED_CENTRAL, HouseholdStatus.REFUSES)),
                    client_id=f"tick-{number}",
                    evacuation_id=alert.evacuation_id,
                )
            case 1:
                content = {"place_code": place, "series": draw.randrange(3), "should": 35}
                situation.report_headcount(
                    viewer=NODE, content={**content, "moved": draw.randrange(30)}
                )
            case 2:
                content = {"place_code": place, "disaster": draw.choice(("flood", "landslide"))}
                situation.file_quick_report(
                    viewer=NODE, content={**content, "affected": draw.randrange(90)}
                )
            case 3:
                chosen = draw.sample(households, draw.randrange(1, 4))
                people.record_presence(
                    viewer=NODE, counts={one: draw.randrange(9) for one in chosen}
                )


def replayed_together(draw: random.Random) -> dict[str, str]:
    """The digest after the whole journal was applied anew in pieces of every size."""
    book = ledger.current()
    facts = list(StoredFact.objects.order_by("arrival"))
    with transaction.atomic(), ledger.writing(), book.group():
        replay._empty([model._meta.db_table for model in replay.projected_models()])
        Waiting.objects.all().delete()
        book.waiting = 0
        while facts:
            size = draw.randrange(1, 60)
            piece, facts = facts[:size], facts[size:]
            read: list[Any] = [(decode(one), one.arrival, None) for one in piece]
            assert all(batches.apply(book, [one for one in read if one[0] is not None]))
    book.take_notices()
    return replay.digest()


@pytest.mark.parametrize("seed", range(3))
def test_together_is_as_one_by_one(night: Night, seed: int) -> None:
    draw = random.Random(seed)
    live_a_night(night, draw)
    one_by_one = replay.digest()
    together = replayed_together(draw)
    changed = [table for table, digest in one_by_one.items() if together[table] != digest]
    assert changed == [], f"seed {seed}"
