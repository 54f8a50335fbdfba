"""Thin links between certified nodes: what is refused, repeated, restored, typed and summed up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.engines.calls.models import Answer, Call
from fengsui.exchange.telegrams import queries
from fengsui.exchange.telegrams import services as telegrams
from fengsui.exchange.telegrams.models import Heard, Outgoing, SendCounter, SentFrame, ThinLink
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import incarnation
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.nodes import services as tree
from fengsui.response.evacuations.models import Evacuation
from fengsui.response.situation import queries as situation
from fengsui.response.situation import services as situation_services
from tests.world import county as world
from tests.world.journals import Box, Boxes
from tests.world.thin_county import NODE, ThinCounty

pytestmark = pytest.mark.django_db(databases=["default", "local"], transaction=True)
SLOT_S = 60.5


@pytest.fixture
def thin(clock: Any, tmp_path: Path) -> Iterator[ThinCounty]:
    (tmp_path / "boxes").mkdir()
    county = ThinCounty(clock, Boxes(tmp_path / "boxes"), tmp_path)
    try:
        yield county
    finally:
        county.close()


def sos(box: Box, sos_id: str, people: int = 3) -> None:
    with box.here():
        situation_services.raise_sos(
            viewer=NODE,
            content={"place_code": world.SHITAN, "people": people, "injured": 0, "need": []},
            sos_id=sos_id,
        )


def count(box: Box, place: str, moved: int) -> None:
    with box.here():
        situation_services.report_headcount(
            viewer=NODE, content={"place_code": place, "should": 11, "moved": moved}
        )


def heard(box: Box) -> int:
    with box.here():
        return Heard.objects.count()


def refused(box: Box) -> int:
    with box.here():
        return sum(ThinLink.objects.values_list("frames_refused", flat=True))


def inject(box: Box, frame: bytes) -> dict[str, Any]:
    with box.here():
        name = ThinLink.objects.get().name
        return telegrams.receive_frame(link_name=name, address="127.0.0.1:9", frame=frame)


def test_old_forged_and_foreign_frames_change_nothing(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1, query="?signed=1")
    caught: list[bytes] = []
    wire = next(one for one in thin.wires if one.box is thin.village)
    write = wire._write

    def overhear(out: Any) -> None:
        caught.extend(one.data for one in out)
        write(out)

    wire._write = overhear  # type: ignore[method-assign]
    sos(thin.village, "a")
    thin.until_delivered(step_s=20, steps_max=8)
    sos(thin.village, "b")
    thin.until_delivered(step_s=20, steps_max=8)
    thin.step(5)  # the last receipts are read
    assert heard(thin.township) == 2
    with thin.township.here():
        assert all(row.is_signed for row in Heard.objects.all())
    assert max(map(len, caught)) <= 233
    for frame in caught:
        assert inject(thin.township, frame)["outcome"] == "known", "replayed"
        for place in (0, 3, 8, len(frame) - 1):
            changed = bytearray(frame)
            changed[place] ^= 0x10
            assert inject(thin.township, bytes(changed))["outcome"] == "refused"
    for noise in (b"", b"\x40", b"\x40" * 13, bytes(range(64, 120)), b"ZY 32/35 and more words"):
        assert inject(thin.township, noise)["outcome"] == "refused"
    assert heard(thin.township) == 2
    assert refused(thin.township) > 0


def test_two_nodes_do_not_thank_each_other_for_ever(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    sos(thin.village, "a")
    for _ in range(6):
        thin.step(20)
    assert sum(len(wire.sizes) for wire in thin.wires) == 2, "the SOS and its receipt"


def test_a_revoked_node_is_not_heard(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    sos(thin.village, "a")
    thin.until_delivered(step_s=20, steps_max=8)
    with thin.township.here():
        tree.revoke(
            viewer=NODE,
            public_key=thin.village.public_key,
            reason="偷走了",
            reason_code="stolen",
            last_valid={},
        )
    sos(thin.village, "b")
    thin.step(20)
    thin.step(20)
    assert heard(thin.township) == 1
    with thin.township.here():
        assert ThinLink.objects.get().last_error == "telegrams.unknown_sender"


def test_a_restored_node_uses_no_number_twice_and_is_heard_again(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    sos(thin.village, "a")
    thin.until_delivered(step_s=20, steps_max=8)
    with thin.village.here():
        before = set(SentFrame.objects.values_list("epoch", "fact_class", "number"))
        # As after a backup was put back: numbers and windows are those of long ago.
        SendCounter.objects.all().delete()
        SentFrame.objects.all().delete()
        ledger = ledgers.current()
        with ledger.group():
            incarnation.begin(ledger, ledger.incarnation, "put back")
    sos(thin.village, "b")
    thin.until_delivered(step_s=20, steps_max=8)
    assert heard(thin.township) == 2
    with thin.village.here():
        after = set(SentFrame.objects.values_list("epoch", "fact_class", "number"))
    assert {epoch for epoch, _, _ in after}.isdisjoint(epoch for epoch, _, _ in before)


def test_a_terminal_that_refuses_keeps_the_sos_first(thin: ThinCounty) -> None:
    thin.beidou(
        thin.county,
        thin.township,
        loss=0.0,
        seed=1,
        is_bds3=True,
        only_digits=True,
        query="?dialect=bds3&payload=digits",
    )
    thin.step(1)
    terminal = thin.terminal_of(thin.township)
    for village in (world.SHITAN, world.FENGPING):
        count(thin.township, village, 2)
    terminal.says = 3  # radio silence
    sos(thin.township, "a")
    thin.step(1)
    assert terminal.refused == [3]
    with thin.township.here():
        row = ThinLink.objects.get()
        assert row.state == "silence"
        assert Outgoing.objects.get(kind="sos").tries == 0
    terminal.says = 0
    for _ in range(12):
        thin.step(SLOT_S)
    assert heard(thin.county) == 3
    with thin.county.here():
        assert Heard.objects.order_by("heard_at", "id").values_list("kind", flat=True)[0] == "sos"


def test_a_handset_and_a_text_message_count_once_each(thin: ThinCounty) -> None:
    thin.beidou(thin.county, thin.township, loss=0.0, seed=1)
    thin.step(1)
    assert thin.satellites is not None
    with thin.township.here():
        for text in ("ZY 6/11", "zy６／１１"):
            done = telegrams.receive_text(viewer=NODE, number="+86 00010000021", text=text)
            assert done["reply"].startswith("已收：应转11，已转6")
        with pytest.raises(Problem, match=r"telegrams\.unknown_number"):
            telegrams.receive_text(viewer=NODE, number="99999", text="ZY 6/11")
        with pytest.raises(Problem, match=r"telegrams\.bad_text"):
            telegrams.receive_text(viewer=NODE, number="00010000021", text="ZY 12/11")
        assert situation.headcount_total(None, viewer=NODE)["moved"] == 6
        # Somebody whose handset is in the register would be known by its card number.
        thin.terminal_of(thin.county).type("0242286", "你好")
        thin.satellites.look()
    thin.step(1)
    with thin.township.here():
        assert not Heard.objects.filter(path="beidou").exists()


def test_a_typed_headcount_is_about_tonights_evacuation(thin: ThinCounty) -> None:
    with thin.county.here():
        thin.people.issue(world.rain_warning(codes=world.QINGSHI))
        telegrams.receive_text(viewer=NODE, number="00010000021", text="ZY 6/11")
        evacuation_id = Evacuation.objects.get().pk
        assert situation.headcount_total(evacuation_id, viewer=NODE)["moved"] == 6
        # The full fact of the same place and evacuation takes its place.
        situation_services.report_headcount(
            viewer=NODE,
            content={
                "place_code": world.SHITAN,
                "should": 11,
                "moved": 7,
                "evacuation_id": evacuation_id,
            },
        )
        assert situation.headcount_total(evacuation_id, viewer=NODE)["moved"] == 7


def test_an_answer_by_text_message_answers_the_senders_call_only(thin: ThinCounty) -> None:
    with thin.county.here():
        thin.people.issue(world.rain_warning(codes=world.QINGSHI))
        done = telegrams.receive_text(viewer=NODE, number="00010000021", text="收到")
        assert done["outcome"] == "recorded"
        [call] = Call.objects.filter(ended_as="answered")
        assert call.person_id == thin.people.ids["shitan_a"]
        assert Answer.objects.get().how == "sms"
        with pytest.raises(Problem, match=r"telegrams\.bad_text"):
            telegrams.receive_text(
                viewer=NODE, number="99999", text="收到", place_code=world.SHITAN
            )


def test_villages_headcounts_are_summed_and_newer_ones_replace_older(thin: ThinCounty) -> None:
    thin.beidou(thin.county, thin.township, loss=0.0, seed=1)
    thin.step(1)
    for moved in (1, 2):
        for village in (world.SHITAN, world.FENGPING, world.YUNPAN):
            count(thin.township, village, moved)
            thin.clock.forward(seconds=5)
        thin.look()
    with thin.township.here():
        waiting = Outgoing.objects.filter(standing="queued")
        assert sorted(waiting.values_list("kind", flat=True)) == [
            *["headcount"] * 3,
            "headcount_total",
        ]
        assert Outgoing.objects.filter(standing="superseded").exists()
    thin.step(SLOT_S)
    with thin.county.here():
        [total] = queries.township_totals(viewer=NODE)
        assert (total.content["moved"], total.content["reported"]) == (6, 3)
        assert situation.headcount_total(None, viewer=NODE)["moved"] == 0, "a sum adds nothing"
    thin.until_delivered(step_s=SLOT_S, steps_max=30)
    thin.meet()
    with thin.county.here():
        assert situation.headcount_total(None, viewer=NODE)["moved"] == 6


def test_what_is_too_old_is_dropped_and_a_test_says_that_the_link_works(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    with thin.village.here():
        name = ThinLink.objects.get().name
        assert telegrams.queue_test(viewer=NODE, link_name=name)["queued"] == 1
    thin.until_delivered(step_s=5, steps_max=8)
    with thin.village.here():
        assert Outgoing.objects.get().standing == "acknowledged"
        assert ThinLink.objects.get().last_heard_at is not None
    for wire in thin.wires:
        wire.loss = 1.0
    count(thin.village, world.SHITAN, 4)
    thin.step(1)
    assert thin.waiting(thin.village) == 1
    thin.step(4 * 3600)
    assert thin.waiting(thin.village) == 0
    with thin.village.here():
        assert Outgoing.objects.get(kind="headcount").standing == "expired"


def test_a_byte_budget_is_kept(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    with thin.village.here():
        ThinLink.objects.update(bytes_per_minute=90)
    for number in range(8):
        sos(thin.village, f"sos-{number}", people=number)
    sizes = []
    for _ in range(30):
        thin.step(5)
    with thin.village.here():
        frames = list(SentFrame.objects.order_by("sent_at").values_list("sent_at", "size"))
    for start, _ in frames:
        sizes.append(sum(size for at, size in frames if 0 <= (at - start).total_seconds() < 60))
    assert max(sizes) <= 90
    assert len(frames) >= 4


def test_links_are_refused_with_a_way_out(thin: ThinCounty) -> None:
    with thin.village.here():
        for address in ("tcp:1", "serial:/dev/x?dialect=9", "serial:/dev/x?payload=morse"):
            with pytest.raises(Problem, match=r"telegrams\.bad_address"):
                telegrams.add_link(viewer=NODE, name="x", address=address)
        telegrams.add_link(viewer=NODE, name="x", address="udp:127.0.0.1:9300")
        with pytest.raises(Problem, match=r"telegrams\.link_exists"):
            telegrams.add_link(viewer=NODE, name="x", address="udp:127.0.0.1:9300")
        with pytest.raises(Problem, match=r"telegrams\.unknown_peer"):
            telegrams.add_peer(viewer=NODE, link_name="x", public_key=b"?", address="1")
        telegrams.remove_link(viewer=NODE, name="x")
        with pytest.raises(Problem, match=r"telegrams\.no_such_link"):
            telegrams.remove_link(viewer=NODE, name="x")
