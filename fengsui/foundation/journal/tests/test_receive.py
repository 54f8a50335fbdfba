"""Facts that come from elsewhere: judged, kept, applied; order between feeds does not matter."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import clock, hlc, replay, services, verify
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import LEAF_ERASED, FactKind, entity_id
from fengsui.foundation.journal.models import (
    FactState,
    Feed,
    KnownNode,
    Quarantined,
    StoredFact,
    Waiting,
)
from tests.beacon import services as beacons
from tests.beacon.facts import BEACON_LIT, BEACON_NAMED, BEACON_SEEN
from tests.beacon.models import Beacon, Sighting

from .conftest import NIGHT, VILLAGE, Neighbour

NODE = node_viewer()


def trust(neighbour: Neighbour, scope: str = "433126") -> None:
    services.trust_node(
        viewer=NODE,
        suite=neighbour.key.suite.number,
        public_key=neighbour.key.public,
        name="示意乡",
        scope=scope,
    )


def send(neighbour: Neighbour, kind: FactKind, facts: list[Any] | None = None) -> list[str]:
    key = neighbour.feed_key(kind, VILLAGE)
    chosen = neighbour.facts[key.fact_class, key.audience] if facts is None else facts
    reply = services.receive(feed=list(key), facts=chosen, carrier="usb")
    verdicts: list[str] = reply["verdicts"]
    return verdicts


def facts_of(neighbour: Neighbour, kind: FactKind) -> list[Any]:
    key = neighbour.feed_key(kind, VILLAGE)
    return neighbour.facts[key.fact_class, key.audience]


@pytest.fixture
def neighbour(node: Any) -> Neighbour:
    made = Neighbour()
    trust(made)
    return made


def lit(neighbour: Neighbour, name: str = "北岭", **more: Any) -> bytes:
    fields = {"name": name, "height_metres": more.pop("height_metres", 12)}
    return neighbour.write(BEACON_LIT, fields, personal={"keeper": "示意己"}, **more)


def test_taken_stored_byte_for_byte_and_applied_once(neighbour: Neighbour) -> None:
    lit(neighbour)
    assert send(neighbour, BEACON_LIT) == ["taken"]
    assert send(neighbour, BEACON_LIT) == ["known"]
    stored = StoredFact.objects.get()
    header, body, signature = facts_of(neighbour, BEACON_LIT)[0]
    assert (bytes(stored.header), bytes(stored.body), bytes(stored.signature or b"")) == (
        header,
        body,
        signature,
    )
    assert Beacon.objects.get().keeper == "示意己"
    assert verify.check_database(processes=1).is_whole


def test_a_fact_waits_for_what_it_speaks_of(neighbour: Neighbour) -> None:
    fact_id = lit(neighbour)
    neighbour.write(BEACON_SEEN, {"beacon_id": entity_id(fact_id), "note": "亮"})
    assert send(neighbour, BEACON_SEEN) == ["taken"]
    assert not Sighting.objects.exists()
    assert Waiting.objects.count() == 1
    assert send(neighbour, BEACON_LIT) == ["taken"]
    assert Sighting.objects.get().note == "亮"
    assert not Waiting.objects.exists()
    assert set(StoredFact.objects.values_list("state", flat=True)) == {FactState.APPLIED}


def test_what_an_unknown_node_states_is_held_and_not_stored(node: Any) -> None:
    stranger = Neighbour(seed=b"s" * 32)
    lit(stranger)
    assert send(stranger, BEACON_LIT) == ["held"]
    kept = Quarantined.objects.get()
    assert bytes(kept.header) == facts_of(stranger, BEACON_LIT)[0][0]
    assert "not known" in kept.reason
    assert kept.carrier == "usb"
    assert not StoredFact.objects.exists()


def test_a_gap_waits_and_a_fork_is_evidence(neighbour: Neighbour) -> None:
    for name in "甲乙丙":
        lit(neighbour, name)
    first, second, third = facts_of(neighbour, BEACON_LIT)
    assert send(neighbour, BEACON_LIT, [first, third]) == ["taken", "gap"]
    twin = Neighbour()
    twin.heads = {(1, VILLAGE): (0, neighbour.key.suite.digest(first[0]))}
    lit(twin, "另一支")
    assert send(neighbour, BEACON_LIT, [second, third]) == ["taken", "taken"]
    assert send(neighbour, BEACON_LIT, facts_of(twin, BEACON_LIT)) == ["broken"]
    assert "forked" in Quarantined.objects.get().reason
    assert Beacon.objects.count() == 3


def test_an_altered_fact_stops_its_feed_and_no_other(neighbour: Neighbour) -> None:
    fact_id = lit(neighbour)
    lit(neighbour, "乙")
    neighbour.write(BEACON_SEEN, {"beacon_id": entity_id(fact_id), "note": "亮"})
    header, body, signature = facts_of(neighbour, BEACON_LIT)[1]
    altered = body[:-1] + bytes([body[-1] ^ 1])
    good = facts_of(neighbour, BEACON_LIT)[0]
    assert send(neighbour, BEACON_LIT, [good, (header, altered, signature)]) == ["taken", "broken"]
    assert send(neighbour, BEACON_SEEN) == ["taken"]
    assert send(neighbour, BEACON_LIT) == ["known", "taken"]


def test_a_wrong_or_missing_signature_is_refused(neighbour: Neighbour) -> None:
    lit(neighbour)
    header, body, signature = facts_of(neighbour, BEACON_LIT)[0]
    assert send(neighbour, BEACON_LIT, [(header, body, bytes(64))]) == ["broken"]
    assert send(neighbour, BEACON_LIT, [(header, body, None)]) == ["broken"]
    assert send(neighbour, BEACON_LIT, [(header, body, signature)]) == ["taken"]


def test_facts_no_signature_covers_are_not_taken(neighbour: Neighbour) -> None:
    for note, signed in (("1", False), ("2", True), ("3", False)):
        neighbour.write(BEACON_SEEN, {"beacon_id": 5, "note": note}, signed=signed)
    assert send(neighbour, BEACON_SEEN) == ["taken", "taken", "gap"]
    assert Feed.objects.get().head_seq == 1


def test_outside_its_jurisdiction_the_chain_goes_on_and_nothing_is_applied(node: Any) -> None:
    neighbour = Neighbour()
    trust(neighbour, "433126102")
    lit(neighbour)
    lit(neighbour, "乙")
    assert send(neighbour, BEACON_LIT) == ["refused", "refused"]
    assert not Beacon.objects.exists()
    assert Quarantined.objects.count() == 2
    assert verify.check_database(processes=1).is_whole


def test_the_owner_judges(neighbour: Neighbour) -> None:
    lit(neighbour, height_metres=9001)
    lit(neighbour, "乙")
    assert send(neighbour, BEACON_LIT) == ["refused", "taken"]
    assert Quarantined.objects.get().reason == "no beacon stands that high"
    assert Beacon.objects.get().name == "乙"


@pytest.mark.parametrize("newer", [{"number": 998}, {"schema": 2}])
def test_what_is_newer_than_this_program_is_kept(
    neighbour: Neighbour, newer: dict[str, int]
) -> None:
    lit(neighbour, **newer)
    assert send(neighbour, BEACON_LIT) == ["kept"]
    assert StoredFact.objects.get().state == FactState.UNKNOWN_KIND
    assert services.apply_newly_known(limit=None) == 0


def test_a_clock_far_ahead_is_flagged_and_not_followed(neighbour: Neighbour, node: Any) -> None:
    lit(neighbour, at=hlc.of_time(NIGHT + timedelta(days=3650)))
    assert send(neighbour, BEACON_LIT) == ["taken"]
    assert StoredFact.objects.get(clock_suspect=True).kind == BEACON_LIT.number
    assert hlc.to_time(node.hlc) == clock.now()
    assert Beacon.objects.exists()


def test_a_clock_a_little_ahead_is_followed(neighbour: Neighbour, node: Any) -> None:
    ahead = hlc.of_time(NIGHT + timedelta(minutes=40))
    lit(neighbour, at=ahead)
    send(neighbour, BEACON_LIT)
    beacons.light(viewer=NODE, place_code=VILLAGE, name="甲")
    assert node.hlc > ahead


def test_own_later_facts_from_a_neighbour_mean_that_this_is_an_old_copy(node: Any) -> None:
    """A database put back unnoticed: it never goes on with the numbers a neighbour already has."""
    copy = Neighbour(incarnation=node.incarnation)
    copy.key = node.key
    beacons.light(viewer=NODE, place_code=VILLAGE, name="甲")
    head = node.heads[1, VILLAGE]
    copy.heads = {(1, VILLAGE): (head.seq, head.hash)}
    copy.hlc = node.hlc
    lit(copy, "乙")
    before = node.incarnation
    assert send(copy, BEACON_LIT) == ["taken"]
    assert node.incarnation > before
    beacons.light(viewer=NODE, place_code=VILLAGE, name="丙")
    assert Beacon.objects.count() == 3
    assert verify.check_database(processes=1).is_whole


def test_only_who_manages_accounts_extends_trust(node: Any) -> None:
    officer = Viewer(5, "示意丁", (Grant("duty_officer", Scope("433126")),))
    with pytest.raises(Problem, match="not_allowed"):
        services.trust_node(viewer=officer, suite=1, public_key=bytes(32), name="?", scope="433126")
    assert not KnownNode.objects.exists()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(range(12)), cuts=st.lists(st.integers(1, 3), max_size=12))
def test_order_between_feeds_does_not_matter_and_twice_changes_nothing(
    neighbour: Neighbour, order: list[int], cuts: list[int]
) -> None:
    """Three feeds from two nodes, delivered in pieces in any order, some of them twice."""
    other = Neighbour(seed=b"o" * 32)
    here = Neighbour()
    first = lit(here, "甲")
    second = lit(other, "乙", at=here.hlc)
    for turn, beacon in enumerate((first, second, first)):
        for writer in (here, other):
            beacon_id = entity_id(beacon)
            writer.write(BEACON_SEEN, {"beacon_id": beacon_id, "note": str(turn)})
            writer.write(BEACON_NAMED, {"beacon_id": beacon_id, "name": f"{turn}"})
    pieces = [
        (writer, kind, facts_of(writer, kind)[start : start + 2])
        for writer in (here, other)
        for kind in (BEACON_LIT, BEACON_SEEN, BEACON_NAMED)
        for start in (0, 2)
    ]
    digests = []
    for sequence in (range(12), order, [*order, *order[: len(cuts)]]):
        with transaction.atomic():
            ledger = ledgers.current()
            mark = ledger.mark()
            trust(other)
            for _ in range(2):  # what came before its predecessors is sent again
                for index in sequence:
                    writer, kind, facts = pieces[index]
                    send(writer, kind, facts)
            assert not Waiting.objects.exists()
            digest = replay.digest()
            digest.pop("journal_about")
            digests.append(digest)
            transaction.set_rollback(True)
        ledger.restore(mark)
    assert digests[0] == digests[1] == digests[2]


def test_a_fact_an_app_fails_at_takes_nothing_down(
    neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the facts behind it, nor a command here that brings what it waited for."""
    fact_id = lit(neighbour)
    neighbour.write(BEACON_SEEN, {"beacon_id": entity_id(fact_id), "note": "坏"})
    neighbour.write(BEACON_SEEN, {"beacon_id": entity_id(fact_id), "note": "好"})
    assert send(neighbour, BEACON_SEEN) == ["taken", "taken"]
    whole = Sighting.objects.get_or_create

    def fail(**more: Any) -> Any:
        if more["defaults"]["note"] == "坏":
            raise ValueError("a fault of the program")
        return whole(**more)

    monkeypatch.setattr(Sighting.objects, "get_or_create", fail)
    assert send(neighbour, BEACON_LIT) == ["taken"]
    assert [sighting.note for sighting in Sighting.objects.all()] == ["好"]
    states = list(StoredFact.objects.order_by("arrival").values_list("state", flat=True))
    assert states == [FactState.NOT_APPLIED, FactState.APPLIED, FactState.APPLIED]


def test_nobody_erases_what_belongs_to_another_place(node: Any) -> None:
    here = beacons.light(viewer=NODE, place_code="433126102201", name="甲", keeper="示意甲")
    neighbour = Neighbour()
    trust(neighbour, "433126101")
    for scope in (VILLAGE, "433126102201"):  # as its own, and as the other place's
        fields = {"fact_id": here["fact_id"], "leaves": [1], "reason": "?"}
        neighbour.write(LEAF_ERASED, fields, scope=scope)
    key = neighbour.feed_key(LEAF_ERASED, VILLAGE)
    facts = neighbour.facts[key.fact_class, key.audience]
    assert send(neighbour, LEAF_ERASED, facts) == ["taken", "refused"]
    assert Beacon.objects.get().keeper == "示意甲"
