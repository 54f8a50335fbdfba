"""A village, its township and the county, with nothing between them but a USB stick."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from fengsui.exchange.bundles import facts as bundle_facts
from fengsui.exchange.bundles import queries as bundle_queries
from fengsui.exchange.bundles import rules as bundle_rules
from fengsui.exchange.bundles import services as bundles
from fengsui.exchange.bundles.columns import Run
from fengsui.exchange.bundles.layout import BundleFaultError, Range, open_sealed
from fengsui.exchange.neighbours import services as neighbours
from fengsui.exchange.neighbours.queries import held_by
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.replication.sync import feed_of
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal.codec import FeedKey, Header, encode_header
from fengsui.foundation.journal.models import Quarantined, StoredFact
from fengsui.foundation.journal.queries import sentences
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.nodes import services as nodes
from fengsui.foundation.people.models import Household
from fengsui.response.evacuations.models import EvacuationEntry
from fengsui.response.evacuations.services import record_household_status
from fengsui.response.situation import services as situation
from tests.world import county as world
from tests.world.journals import Box, Boxes
from tests.world.valley import NODE, Valley

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "local"])


@pytest.fixture
def valley(transactional_db: None, clock: Any, tmp_path: Path) -> Iterator[Valley]:
    boxes = Boxes(tmp_path)
    told = Valley(clock, boxes)
    yield told
    boxes.close()


def test_what_the_village_ticks_reaches_the_county_by_stick_and_the_numbers_agree(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    valley.tick(valley.village, "h1", "moved_central", "stick-1")
    valley.tick(valley.village, "h2", "refuses", "stick-2")

    up = valley.carry(valley.village, valley.township)
    assert (up.taken, up.refused, up.state) == (2, 0, "done")
    valley.carry(valley.township, valley.county)

    counted = [valley.balance(box) for box in (valley.village, valley.township, valley.county)]
    assert counted[0]["moved"] == 4
    assert counted[0] == counted[1] == counted[2]


def test_what_was_carried_counts_as_delivered_only_when_the_other_stick_is_back(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    valley.tick(valley.village, "h1", "moved_central", "stick-1")
    before = valley.not_above(valley.village)
    assert before > 0

    stick = valley.stick(valley.village, valley.township)
    assert valley.not_above(valley.village) == before, "written is not delivered"
    valley.read(valley.township, stick)
    assert valley.not_above(valley.village) == before, "read elsewhere is not known here"

    back = valley.carry(valley.township, valley.village)
    assert back.acknowledges >= 1
    assert valley.not_above(valley.village) == 0


def test_after_a_round_of_sticks_equal_scopes_have_equal_digests(valley: Valley) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    valley.tick(valley.village, "h1", "moved_central", "stick-1")
    valley.tick(valley.township, "h2", "refuses", "stick-2")
    valley.tick(valley.county, "h4", "moved_relatives", "stick-3")
    for source, target in (
        (valley.village, valley.township),
        (valley.township, valley.county),
        (valley.county, valley.township),
        (valley.township, valley.village),
    ):
        report = valley.carry(source, target)
        assert (report.state, report.quarantined, report.gap) == ("done", 0, 0)
    for lower, upper in ((valley.village, valley.township), (valley.township, valley.county)):
        shared = valley.shared(lower, upper)
        assert len(shared) > 5
        assert shared == valley.shared(upper, lower)
    tables = "evacuations_evacuationhousehold", "evacuations_evacuationentry"
    digests = [box.digest() for box in (valley.township, valley.county)]
    for table in tables:
        assert digests[0][table] == digests[1][table]


def test_only_what_the_other_lacks_goes_into_the_next_stick(valley: Valley) -> None:
    valley.warn()
    first = valley.carry(valley.county, valley.township)
    assert first.taken > 10
    valley.carry(valley.township, valley.county)
    valley.tick(valley.county, "h1", "refuses", "late-1")
    second = valley.carry(valley.county, valley.township)
    assert (second.facts, second.taken) == (1, 1)
    whole = valley.read(
        valley.township, valley.stick(valley.county, valley.township, everything=True)
    )
    assert whole.facts > first.facts
    assert whole.taken == 0
    assert whole.known == whole.facts


def test_a_village_never_gets_what_belongs_to_its_neighbour(valley: Valley) -> None:
    valley.warn()
    other = valley.boxes.make("水口村", world.SHUIKOU)
    valley.boxes.acquaint()
    valley.tick(valley.county, "h1", "refuses", "secret-1")
    valley.carry(valley.county, other)
    with other.here():
        assert not EvacuationEntry.objects.exists()
        assert not Household.objects.filter(place_code__startswith=world.SHITAN).exists()


def test_case_02_a_stick_read_again_after_the_power_went_changes_nothing(valley: Valley) -> None:
    """Power cut between apply and acknowledgement: the same file again is a no-op."""
    valley.warn()
    stick = valley.stick(valley.county, valley.township)
    first = valley.read(valley.township, stick)
    digest = valley.township.digest()
    again = valley.read(valley.township, stick)
    assert (again.taken, again.known, again.is_repeated) == (0, first.facts, True)
    assert valley.township.digest() == digest


def test_case_07_sticks_twice_and_in_the_wrong_order_end_in_the_same_state(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    sticks = []
    for number in range(4):
        valley.tick(valley.county, f"h{number + 1}", "refuses", f"order-{number}")
        valley.clock.forward(seconds=30)
        sticks.append(valley.stick(valley.county, valley.township))
    # None has come back, so each holds all that the one before held.
    reports = [valley.read(valley.township, sticks[index]) for index in (2, 0, 3, 1, 3)]
    assert [report.is_older for report in reports] == [False, True, False, True, False]
    assert all(report.quarantined == 0 and report.gap == 0 for report in reports)
    assert valley.balance(valley.township) == valley.balance(valley.county)
    assert valley.has_all(valley.township, valley.county)


def test_case_07_a_stick_that_skips_one_is_said_to_have_a_hole_and_loses_nothing(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.county)
    valley.tick(valley.county, "h1", "refuses", "hole-1")
    lost = valley.stick(valley.county, valley.township)
    with valley.county.here():  # as if the township had said that it has it
        neighbours.note_vector(
            public_key=valley.township.public_key,
            heads=[[list(one.key), one.seq, one.hash] for one in bundle_queries.heads()],
            carrier="示意",
        )
    valley.tick(valley.county, "h2", "refuses", "hole-2")
    report = valley.carry(valley.county, valley.township)
    assert (report.state, report.taken, report.gap) == ("gaps", 0, 1)
    assert valley.read(valley.township, lost).taken == 1
    assert valley.carry(valley.county, valley.township).state == "done"
    assert valley.balance(valley.township) == valley.balance(valley.county)


# --- what is brought in bad faith -----------------------------------------------------------


def refusal(valley: Valley, target: Box, data: bytes, carried_by: str = "示意路人") -> Problem:
    with pytest.raises(Problem) as refused:
        valley.read(target, data, carried_by)
    return refused.value


def test_case_18_a_forged_bundle_is_turned_away_and_the_audit_names_the_carrier(
    valley: Valley,
) -> None:
    valley.warn()
    genuine = valley.stick(valley.county, valley.township)
    thief = valley.boxes.make("示例县", world.COUNTY)  # the same name, another key
    with thief.here():
        for box in (thief, valley.township):
            journal.trust_node(
                viewer=NODE, suite=1, public_key=box.public_key, name=box.name, scope=box.scope
            )
        world.build()
    forged = valley.stick(thief, valley.township)

    with valley.township.here():
        before = StoredFact.objects.count()
    assert refusal(valley, valley.township, forged).kind.code == "bundles.unknown_sender"
    with valley.township.here():
        kept = StoredFact.objects.get(kind=bundle_facts.REFUSED.number)
        refused = decode(kept)
        assert refused is not None
        zh, en = sentences(refused)
        assert "示意路人" in zh
        assert "示意路人" in en
        rows = bundle_queries.passages(NODE)
        assert [(row["state"], row["carried_by"]) for row in rows] == [("refused", "示意路人")]
        assert StoredFact.objects.count() == before + 1, "nothing of it was taken in"
    assert valley.read(valley.township, genuine).state == "done"


def test_case_18_forged_facts_inside_a_sealed_bundle_are_quarantined_with_the_carrier(
    valley: Valley,
) -> None:
    """A known node that has gone bad seals facts that it did not make."""
    valley.warn()
    valley.carry(valley.county, valley.township)
    key = FeedKey(1, valley.county.public_key, 1, 0, world.QINGSHI[:9])
    header = encode_header(
        Header(1, 1, feed_of(key), 0, bytes(32), 1, 702, 1, world.SHITAN, 0, None, bytes(32))
    )
    fact = (header, b"\x81\x41\x80", bytes(64))
    head = Head(key, 0, hashlib.sha256(header).digest())
    data = valley.sealed(
        valley.village, valley.township, [Range(key, -1, 0)], [[Run(0, 0, bytes(32), (fact,))]],
        heads=[head],
    )  # fmt: skip
    report = valley.read(valley.township, data, "示意路人")
    assert (report.taken, report.broken) == (0, 1)
    with valley.township.here():
        row = Quarantined.objects.get()
        assert row.carrier == "bundle 石滩村 carried by 示意路人"
        assert bytes(row.header) == header


def test_case_18_an_old_bundle_played_again_cannot_take_back_an_acknowledgement(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.county)
    old = valley.stick(valley.township, valley.county)
    valley.tick(valley.county, "h1", "refuses", "new-1")
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.county)
    with valley.county.here():
        before = held_by(valley.township.public_key)
    report = valley.read(valley.county, old)
    assert report.is_older
    with valley.county.here():
        assert held_by(valley.township.public_key) == before


def test_a_bundle_for_another_node_is_turned_away_and_says_for_whom_it_is(valley: Valley) -> None:
    valley.warn()
    stick = valley.stick(valley.county, valley.township)
    problem = refusal(valley, valley.village, stick)
    assert problem.kind.code == "bundles.wrong_receiver"
    assert problem.data["receiver"] == "青石镇"


def test_case_23_a_stick_pulled_out_while_copying_is_found_and_nothing_is_read(
    valley: Valley,
) -> None:
    valley.warn()
    stick = valley.stick(valley.county, valley.township)
    with valley.township.here():
        before = StoredFact.objects.exclude(kind=bundle_facts.REFUSED.number).count()
        lengths = [*range(0, 200), *range(200, len(stick) - 100, 97)]
        for length in [*lengths, *range(len(stick) - 100, len(stick))]:
            with pytest.raises(BundleFaultError) as fault:
                open_sealed(BytesIO(stick[:length]), len(stick))
            assert fault.value.fault == "cut_short", length
        with pytest.raises(Problem) as refused:
            bundles.import_bundle(NODE, BytesIO(stick[: len(stick) // 2]), "示意子")
        assert refused.value.kind.code == "bundles.cut_short"
        after = StoredFact.objects.exclude(kind=bundle_facts.REFUSED.number).count()
        assert before == after
    assert valley.read(valley.township, stick).state == "done"


def test_case_23_a_reading_that_was_broken_off_goes_on_and_sends_nothing_twice(
    valley: Valley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_rules, "FACTS_PER_PIECE", 2)
    valley.warn()
    stick = valley.stick(valley.county, valley.township)
    seen: list[str] = []
    with valley.township.here():
        for _ in range(100):
            report = bundles.import_bundle(NODE, BytesIO(stick), "示意子", pieces_max=1)
            seen.append(report.state)
            if report.state != "reading":
                break
        assert seen.count("reading") > 2
        assert report.state == "done"
        held = {one.key: one.seq for one in bundle_queries.heads()}
    assert held
    assert valley.has_all(valley.township, valley.county)


def test_a_changed_byte_anywhere_is_found(valley: Valley) -> None:
    valley.warn()
    stick = valley.stick(valley.county, valley.township)
    for place in range(0, len(stick), 61):
        changed = bytearray(stick)
        changed[place] ^= 0x10
        with pytest.raises(BundleFaultError):
            open_sealed(BytesIO(bytes(changed)), len(stick))


# --- a parent that has been dead for a week --------------------------------------------------


def test_with_its_township_dead_for_a_week_a_village_sends_its_stick_to_the_county_by_a_neighbour(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    valley.tick(valley.village, "h1", "moved_central", "week-1")
    valley.clock.forward(days=7)
    valley.tick(valley.village, "h2", "moved_relatives", "week-2")

    stick = valley.stick(valley.village, valley.county)
    neighbour = valley.boxes.make("水口村", world.SHUIKOU)
    assert refusal(valley, neighbour, stick).kind.code == "bundles.wrong_receiver"
    report = valley.read(valley.county, stick, "水口村 示意壬")
    # Two ticks, and the certificate of the village, which its dead township never sent.
    assert (report.taken, report.quarantined, report.state) == (2, 0, "done")
    assert valley.balance(valley.county)["moved"] == 6
    with valley.county.here():
        row = bundle_queries.passages(NODE)[0]
        assert (row["node_name"], row["carried_by"]) == ("石滩村", "水口村 示意壬")

    assert valley.carry(valley.county, valley.village).acknowledges >= 2
    # The township comes back to life and learns from the county what its village did.
    valley.carry(valley.county, valley.township)
    assert valley.balance(valley.township) == valley.balance(valley.county)


def test_case_18_a_stolen_box_is_revoked_and_its_sticks_are_turned_away(valley: Valley) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    valley.carry(valley.village, valley.township)
    valley.tick(valley.village, "h1", "moved_central", "stolen-1")
    stick = valley.stick(valley.village, valley.township)
    with valley.township.here():
        nodes.revoke(
            viewer=NODE, public_key=valley.village.public_key, reason_code="stolen", reason="示意"
        )
    problem = refusal(valley, valley.township, stick)
    assert problem.kind.code == "bundles.unknown_sender"
    assert valley.balance(valley.township)["moved"] == 0
    with valley.township.here():
        (row,) = [one for one in bundle_queries.passages(NODE) if one["state"] == "refused"]
        assert (row["carried_by"], row["fault"]) == ("示意路人", "unknown_sender")


def test_a_word_from_before_a_backup_was_put_back_counts_for_nothing(valley: Valley) -> None:
    """A stale receipt must not say that facts are held which the restored disk lost."""
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.tick(valley.county, "h1", "refuses", "lost-1")
    kept = valley.boxes.keep(valley.township)
    valley.carry(valley.county, valley.township)
    stale = valley.stick(valley.township, valley.county)
    valley.boxes.put_back(valley.township, kept)
    valley.carry(valley.township, valley.county)
    with valley.county.here():
        before = held_by(valley.township.public_key)
    valley.read(valley.county, stale)
    with valley.county.here():
        assert held_by(valley.township.public_key) == before
    assert valley.carry(valley.county, valley.township).taken >= 1
    assert valley.balance(valley.township) == valley.balance(valley.county)


@pytest.mark.slow
def test_three_days_alone_then_ten_thousand_facts_go_by_one_stick(valley: Valley) -> None:
    """The township works by itself for 72 hours; one stick each way makes it level again."""
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.county)
    with valley.township.here():
        before = StoredFact.objects.count()
        alone(valley, facts=10_000, hours=72)
        made = StoredFact.objects.count() - before
    assert made >= 10_000

    began = time.monotonic()
    up = valley.carry(valley.township, valley.county)
    seconds = time.monotonic() - began
    assert (up.taken, up.quarantined, up.gap) == (made, 0, 0)
    assert seconds <= 60, f"{made} facts took {seconds:.1f} s"
    valley.carry(valley.county, valley.township)
    assert valley.not_above(valley.township) == 0
    assert valley.balance(valley.township) == valley.balance(valley.county)
    assert valley.shared(valley.township, valley.county) == valley.shared(
        valley.county, valley.township
    )
    township, county = valley.township.digest(), valley.county.digest()
    for table in ("evacuations_evacuationhousehold", "evacuations_evacuationentry",
                  "situation_sos", "situation_headcount"):  # fmt: skip
        assert township[table] == county[table], table


def alone(valley: Valley, *, facts: int, hours: int) -> None:
    """Ticks, headcounts and calls for help, spread evenly over the hours."""
    statuses = ("told", "moved_central", "needs_help", "refuses", "moved_relatives")
    ledger = valley.township.ledger
    pause = hours * 3600 / facts
    for start in range(0, facts, 100):
        with ledger.group():
            for number in range(start, start + 100):
                valley.clock.forward(seconds=pause)
                if number % 50 == 7:
                    situation.raise_sos(
                        viewer=NODE, content={"place_code": world.SHITAN, "people": number % 5},
                        sos_id=f"alone-{number}",
                    )  # fmt: skip
                elif number % 10 == 3:
                    situation.report_headcount(
                        viewer=NODE,
                        content={
                            "place_code": world.FENGPING, "evacuation_id": valley.evacuation_id,
                            "series": 1, "should": 9, "moved": number % 9,
                        },
                    )  # fmt: skip
                else:
                    record_household_status(
                        viewer=NODE,
                        household_id=valley.people.ids[f"h{number % 5 + 1}"],
                        status=statuses[number % 5],
                        client_id=f"alone-{number}",
                        evacuation_id=valley.evacuation_id,
                    )
        ledger.take_notices()
