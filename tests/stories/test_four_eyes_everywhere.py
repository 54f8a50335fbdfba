"""Author and approver are two people at every node: a fact that says otherwise is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import services
from fengsui.foundation.journal.models import FactState, Quarantined, StoredFact
from fengsui.foundation.journal.replay import digest
from fengsui.foundation.journal.tests.conftest import Neighbour
from fengsui.response.alerts.facts import APPROVED
from tests.world.county import COUNTY, rain_warning
from tests.world.night import Night

REFUSED, TAKEN = "refused", "taken"


class Township:
    """Another node that this county trusts, writing approvals of one waiting alert."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.node = Neighbour()
        self.sent = 0
        self.alert_id = int(night.county.import_xml(rain_warning())["items"][0]["alert_id"])
        services.trust_node(
            viewer=node_viewer(),
            suite=self.node.key.suite.number,
            public_key=self.node.key.public,
            name="示意节点",
            scope=COUNTY,
        )

    def approve(self, *, author: str, approver: str, **claims: Any) -> str:
        """Writes and sends an approval; what this node makes of it."""
        ids = self.night.county.ids
        self.node.write(
            APPROVED,
            {
                "alert_id": self.alert_id,
                "author_id": ids[author],
                "approver_id": ids[approver],
                "authorisation_id": None,
                "reason": "同意",
                **claims,
            },
            scope=COUNTY,
        )
        key = self.node.feed_key(APPROVED, COUNTY)
        facts = self.node.facts[key.fact_class, key.audience][self.sent :]
        self.sent += len(facts)
        (verdict,) = services.receive(feed=list(key), facts=facts, carrier="示意U盘")["verdicts"]
        return str(verdict)

    @property
    def last_bytes(self) -> tuple[bytes, bytes, bytes | None]:
        key = self.node.feed_key(APPROVED, COUNTY)
        return self.node.facts[key.fact_class, key.audience][-1]


@pytest.fixture
def township(night: Night) -> Township:
    return Township(night)


def test_one_person_for_two_is_quarantined_and_the_next_fact_counts(
    night: Night, township: Township
) -> None:
    before = digest()
    assert township.approve(author="officer", approver="officer") == REFUSED
    assert digest() == before
    assert night.alert(township.alert_id).state == "pending"
    kept = Quarantined.objects.get()
    assert (bytes(kept.header), bytes(kept.body), bytes(kept.signature or b"")) == (
        township.last_bytes
    )
    assert kept.reason == "approver is the author"
    assert kept.carrier == "示意U盘"
    assert StoredFact.objects.get(header=kept.header).state == FactState.NOT_APPLIED

    assert township.approve(author="officer", approver="leader") == TAKEN
    alert = night.alert(township.alert_id)
    assert (alert.state, alert.approver_id) == ("approved", night.county.ids["leader"])
    assert Quarantined.objects.count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"author_id": 1}, id="another author"),
        pytest.param({"authorisation_id": 1}, id="an authorisation that is none"),
    ],
)
def test_a_fact_that_hides_who_the_author_is_changes_nothing_either(
    night: Night, township: Township, claims: dict[str, Any]
) -> None:
    """The row knows its author; what the fact claims of itself does not decide."""
    before = digest()
    assert township.approve(author="officer", approver="officer", **claims) == REFUSED
    assert digest() == before
    assert night.alert(township.alert_id).approver_id is None
    assert township.approve(author="officer", approver="leader") == TAKEN
    assert night.alert(township.alert_id).approver_id == night.county.ids["leader"]
