"""From plan to outcome: claimed durably, sent once, unknown after a crash, watched from outside."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from fengsui.engines.calls import channel_register, jobs, queries, services
from fengsui.engines.calls.models import Alarm, Attempt, Call, Callout, Dispatch
from fengsui.engines.calls.tests import town
from fengsui.engines.calls.tests.town import Behaviour
from fengsui.foundation.journal import clock as the_clock
from fengsui.foundation.journal.models import StoredFact
from fengsui.gateways.channels import Delivery, Message, Outcome, Receipt
from fengsui.gateways.channels.email import EmailChannel

pytestmark = pytest.mark.usefixtures("node")


class Telephone:
    """A channel that reaches people, as far as the engine can tell; it keeps what it sent."""

    kind = "voice"
    contact_kinds = ("phone",)
    reaches_outside = True

    def __init__(self, *, is_instant: bool = True) -> None:
        self.is_instant = is_instant
        self.sent: list[Message] = []
        self.threads: set[str] = set()
        self.dispatching: list[int] = []

    def send(self, message: Message) -> Outcome:
        self.threads.add(threading.current_thread().name)
        self.sent.append(message)
        return Outcome(Delivery.HANDED_OVER)

    def parse_callback(self, body: bytes) -> list[Receipt]:
        return []

    def poll(self, now: datetime) -> Sequence[Receipt]:
        return ()


@pytest.fixture
def telephone() -> Any:
    town.phones({}, **town.silent_by_default())
    phone = Telephone()
    channel_register.register_real(phone)
    yield phone
    channel_register.reset()


def test_a_real_callout_rings_the_real_telephone_once(clock: Any, telephone: Telephone) -> None:
    town.open_callout([town.party(1)], exercise=False)
    town.step()
    town.step()
    assert [message.address for message in telephone.sent] == [town.phone(1)]
    assert Attempt.objects.get().word == "handed_over"
    assert not Dispatch.objects.exists()


def test_an_exercise_rings_nobody_real_from_opening_to_the_end(
    clock: Any, telephone: Telephone
) -> None:
    town.open_callout([town.party(1)], exercise=True)
    town.run(minutes=50, every_s=60)
    assert Callout.objects.get().state == "finished"
    assert Attempt.objects.filter(channel="voice").exists()
    assert telephone.sent == []


def test_a_demonstration_node_refuses_real_channels(
    clock: Any, telephone: Telephone, settings: Any
) -> None:
    settings.IS_DEMONSTRATION = True
    town.open_callout([town.party(1)], exercise=False)
    town.run(minutes=2)
    assert Attempt.objects.exists()
    assert telephone.sent == []


def test_nothing_is_sent_before_its_claim_is_durable(clock: Any, telephone: Telephone) -> None:
    town.open_callout([town.party(1)], exercise=False)
    jobs.advance(the_clock.now())
    assert Dispatch.objects.get().boot == ""
    jobs.dispatch(the_clock.now())  # claims
    assert Dispatch.objects.get().boot != ""
    assert telephone.sent == []
    jobs.dispatch(the_clock.now())  # sends what an earlier step claimed
    assert len(telephone.sent) == 1


def test_what_was_being_sent_when_the_process_died_is_unknown_and_tried_again(
    clock: Any, telephone: Telephone
) -> None:
    callout_id = town.open_callout([town.party(1)], exercise=False)
    jobs.advance(the_clock.now())
    jobs.dispatch(the_clock.now())
    jobs.restart()  # the power went between claim and outcome
    town.step()
    town.step()
    words = list(Attempt.objects.order_by("step").values_list("word", flat=True))
    assert words == ["unknown", "handed_over"]
    assert len(telephone.sent) == 1
    assert town.call_of(callout_id, 1).tries == 2


def test_a_slow_channel_is_called_in_a_thread_of_its_own(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    slow = Telephone(is_instant=False)
    channel_register.register_real(slow)
    town.open_callout([town.party(1), town.party(2)], exercise=False)
    for _ in range(200):
        town.step(1)
        if not Dispatch.objects.exists() and slow.sent:
            break
        threading.Event().wait(0.005)
    assert len(slow.sent) == 2
    assert all(name.startswith("channel") for name in slow.threads)
    assert set(Attempt.objects.values_list("word", flat=True)) == {"handed_over"}
    jobs.restart()
    channel_register.reset()


def test_a_call_that_was_answered_meanwhile_is_not_rung(clock: Any, telephone: Telephone) -> None:
    callout_id = town.open_callout([town.party(1)], exercise=False)
    jobs.advance(the_clock.now())
    services.record_answer(
        viewer=town.viewer_of(1),
        call_id=town.call_of(callout_id, 1).id,
        answer_kind="on_it",
        how="app",
        client_id="a",
    )
    town.step()
    assert telephone.sent == []
    assert Attempt.objects.get().word == "withdrawn"
    assert town.call_of(callout_id, 1).state == "answered"


def test_no_contact_moves_on_at_once(clock: Any, telephone: Telephone) -> None:
    nobody = {**town.party(1), "contacts": []}
    callout_id = town.open_callout([nobody], exercise=False, level="red")
    town.step()
    assert Attempt.objects.order_by("step").first().word == "no_contact"  # type: ignore[union-attr]
    assert Attempt.objects.order_by("step").last().channel == "in_app"  # type: ignore[union-attr]
    assert town.call_of(callout_id, 1).tries == 2


def test_a_carriers_receipt_told_twice_counts_once(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    town.open_callout([town.party(1)])
    town.step()
    receipt = {"attempt_id": Attempt.objects.get().id, "answer_kind": "on_it"}
    first = services.record_receipts(viewer=town.NODE, receipts=[receipt, dict(receipt)])
    second = services.record_receipts(viewer=town.NODE, receipts=[receipt])
    assert (first["answers"], second["answers"]) == (1, 0)
    lost = services.record_receipts(
        viewer=town.NODE, receipts=[{"attempt_id": 12, "answer_kind": "on_it"}]
    )
    assert lost["dropped"] == 1


def test_the_auditor_notices_an_engine_that_stands_still(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1)])
    town.step()
    jobs.audit(the_clock.now())
    assert not Alarm.objects.exists()
    clock.forward(minutes=4)  # the next try was due after two minutes, and nobody came
    jobs.audit(the_clock.now())
    assert Alarm.objects.get().what == "decision_overdue"
    jobs.audit(the_clock.now())
    assert Alarm.objects.count() == 1
    alarms = [row["what"] for row in queries.board(callout_id, viewer=town.LEADER)["alarms"]]
    assert alarms == ["engine_silent", "decision_overdue"]
    clock.forward(minutes=2)
    assert queries.duties(viewer=town.LEADER)["auditor"]["is_silent"]


def test_a_silent_channel_counts_only_those_of_whom_it_is_silent(clock: Any) -> None:
    """One row is owed for all three; two of them are known."""
    town.phones({}, **town.silent_by_default())
    town.open_callout([town.party(n, place=town.village(0, 1)) for n in (1, 2, 3)])
    jobs.advance(the_clock.now())
    jobs.dispatch(the_clock.now())  # claims
    known = list(Attempt.objects.order_by("id").values_list("id", flat=True))[:2]
    services.record_outcomes(viewer=town.NODE, outcomes=[[pk, "handed_over", 0] for pk in known])
    clock.forward(seconds=90)
    jobs.audit(the_clock.now())
    assert Alarm.objects.get(what="channel_silent").overdue == 1


def test_a_long_list_is_acknowledged_at_once_and_unpacked_in_turns(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    parties = [town.party(number, place=town.village(number % 2, 1)) for number in range(1, 1203)]
    callout_id = town.open_callout(parties)
    assert Call.objects.count() == 500
    added = services.add_parties(
        viewer=town.LEADER, callout_id=callout_id, parties=[town.party(1200), town.party(5000)]
    )
    assert added == {"called": 1, "already": 1}
    while jobs.unpack(the_clock.now()):
        pass
    ordinals = list(Call.objects.order_by("ordinal").values_list("ordinal", flat=True))
    assert ordinals == list(range(1203))
    assert Callout.objects.get().calls == 1203


def test_a_cycle_is_one_fact_per_township_with_packed_ordinals(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    town.open_callout([town.party(n, place=town.village(n % 2, n % 7)) for n in range(1, 401)])
    before = StoredFact.objects.count()
    services.advance_calls(viewer=town.NODE, limit=1000)
    facts = StoredFact.objects.filter(arrival__gt=before)
    assert facts.count() == 2
    assert all(len(bytes(fact.body)) < 150 for fact in facts)


def test_a_switched_off_phone_says_so(clock: Any) -> None:
    town.phones({1: [Behaviour.SWITCHED_OFF], 2: [Behaviour.HANGS_UP]})
    callout_id = town.open_callout([town.party(1), town.party(2)])
    town.run(minutes=1)
    page = queries.unanswered(callout_id, viewer=town.LEADER)
    assert [item["last_word_zh"] for item in page["items"]] == ["关机", "收听 6 秒后挂断"]
    assert [item["last_word_en"] for item in page["items"]] == [
        "powered off",
        "hung up after 6 s",
    ]


def test_an_e_mail_goes_to_a_real_server_and_its_reply_is_the_answer(clock: Any) -> None:
    mails: list[bytes] = []

    class Mailbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            mails.append(envelope.content)
            return "250 kept"

    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        town.phones({}, **town.silent_by_default())
        settings = channel_register.email_settings(
            f"smtp://127.0.0.1:{port}/?from=duty@example.org"
        )
        channel = EmailChannel(settings)
        channel_register.register_real(channel)
        party = {**town.party(1), "contacts": [{"kind": "email", "value": "jia@example.org"}]}
        policy = {
            "name": "mail",
            "colour": "yellow",
            "rungs": [
                {
                    "who": "holder",
                    "channels": ["email"],
                    "tries": 1,
                    "spacing_s": 600,
                    "patience_s": 60,
                }
            ],
        }
        callout_id = town.open_callout([party], exercise=False, policy=policy)
        for _ in range(400):
            town.step(1)
            if mails and not Dispatch.objects.exists():
                break
            threading.Event().wait(0.005)
    finally:
        jobs.restart()
        server.stop()
        channel_register.reset()
    attempt = Attempt.objects.get()
    assert (len(mails), attempt.word) == (1, "sent")
    reply = f"In-Reply-To: <try.{attempt.id}@example.org>\r\n\r\n收到".encode()
    receipts = [channel_register.receipt_to_plain(one) for one in channel.parse_callback(reply)]
    services.record_receipts(viewer=town.NODE, receipts=receipts)
    assert town.call_of(callout_id, 1).ended_as == "answered"
    assert Attempt.objects.get().word == "acknowledged"


def test_receipts_that_could_not_be_recorded_are_told_again(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.phones({1: [Behaviour.ANSWERS]})
    callout_id = town.open_callout([town.party(1)])
    town.step()
    clock.forward(minutes=1)

    def dies(**_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(services, "record_receipts", dies)
        with pytest.raises(OSError, match="full"):
            jobs.hear(the_clock.now())
    jobs.hear(the_clock.now())
    assert town.call_of(callout_id, 1).ended_as == "answered"


def test_in_a_night_that_runs_faster_the_auditor_is_not_called_silent(clock: Any) -> None:
    """The job looks every two seconds, which are 37 of an exercise at 18.5 times the pace."""
    for step_s, looks in ((37, 10), (2, 40)):
        for _ in range(looks):
            clock.forward(seconds=step_s)
            jobs.audit_in_time(the_clock.now())
            auditor = queries.duties(viewer=town.NODE)["auditor"]
            assert not auditor["is_silent"]
            assert auditor["seconds"] < max(step_s, jobs.AUDIT_EVERY_S + step_s)
