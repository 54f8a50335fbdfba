"""After the event names and numbers go, from the record and from the rows; the counts stay."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import queries, services
from fengsui.engines.calls.models import Answer, CallParty
from fengsui.engines.calls.tests import town
from fengsui.engines.calls.tests.town import Behaviour
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.services import erasable_leaves, erase_leaves


@pytest.mark.usefixtures("node")
def test_erased_people_still_count_and_a_rebuild_agrees(clock: Any) -> None:
    town.phones({2: [Behaviour.ANSWERS]}, **town.silent_by_default())
    callout_id = town.open_callout(
        [town.party(1, deputies=[town.person(2)]), town.party(3), town.party(4)]
    )
    town.run(minutes=1)
    services.replace_number(
        viewer=town.LEADER,
        call_id=town.call_of(callout_id, 3).id,
        value="00000000033",
        reason="示意",
    )
    services.answer_for(
        viewer=town.LEADER,
        call_id=town.call_of(callout_id, 4).id,
        answer_kind="on_it",
        heard_from="示意4",
        note="示意",
    )
    town.run(minutes=60)
    before = queries.board(callout_id, viewer=town.LEADER)
    for stored in StoredFact.objects.order_by("arrival"):
        if erasable_leaves(stored):
            erase_leaves(viewer=town.NODE, fact_id=bytes(stored.fact_id), reason="事件结束")
    assert set(CallParty.objects.values_list("name", flat=True)) == {""}
    numbers = [
        contact["value"]
        for contacts in CallParty.objects.values_list("contacts", flat=True)
        for contact in contacts
    ]
    assert set(numbers) <= {""}
    assert set(Answer.objects.values_list("heard_from", "note")) == {("", "")}
    after = queries.board(callout_id, viewer=town.LEADER)
    assert after == before
    # The node fixture now rebuilds everything from the erased record and compares.
