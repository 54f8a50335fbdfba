"""A long list is put on in turns: nobody twice, nobody left out, in the order it was written."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import services
from fengsui.engines.calls.models import Call, PartyBatch, PendingParties
from fengsui.engines.calls.services import parties
from fengsui.engines.calls.tests import town

pytestmark = pytest.mark.usefixtures("node")
PEOPLE = 24


@pytest.mark.parametrize(("per_slice", "limit"), [(4, 10), (4, 4), (4, 3), (11, 5), (3, 100)])
def test_slices_longer_and_shorter_than_a_step(
    clock: Any, monkeypatch: pytest.MonkeyPatch, per_slice: int, limit: int
) -> None:
    """Slices that an earlier version wrote may be longer than a step is."""
    monkeypatch.setattr(parties, "PARTIES_AT_ONCE", 2)
    monkeypatch.setattr(parties, "PARTIES_PER_SLICE", per_slice)
    town.phones({}, **town.silent_by_default())
    first = town.open_callout([town.party(n) for n in range(1, PEOPLE + 1)])
    other = town.open_callout([town.party(n) for n in range(1, 6)])
    services.add_parties(
        viewer=town.LEADER,
        callout_id=first,
        parties=[town.party(n) for n in range(101, 108)],
    )
    while True:
        done = services.unpack_parties(viewer=town.NODE, limit=limit)
        assert done["added"] <= max(limit, 1)
        if not done["more"]:
            break
    assert not PendingParties.objects.exists()
    for callout_id, wanted in ((first, [*range(1, PEOPLE + 1), *range(101, 108)]), (other, None)):
        rows = Call.objects.filter(callout_id=callout_id).order_by("ordinal")
        people = list(rows.values_list("person_id", flat=True))
        assert sorted(people) == (wanted or list(range(1, 6)))
        assert list(rows.values_list("ordinal", flat=True)) == list(range(len(people)))


def test_a_step_of_several_slices_is_one_fact(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parties, "PARTIES_AT_ONCE", 1)
    monkeypatch.setattr(parties, "PARTIES_PER_SLICE", 5)
    town.phones({}, **town.silent_by_default())
    town.open_callout([town.party(n, place=town.village(0, 1)) for n in range(1, 22)])
    services.unpack_parties(viewer=town.NODE, limit=20)
    assert list(PartyBatch.objects.order_by("first_ordinal").values_list("count", flat=True)) == [
        1,
        20,
    ]
