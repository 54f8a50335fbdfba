"""The suite that every channel passes: what it may say, and when it must keep silent.

A new channel adds one class here: how to make it, and how its outside world misbehaves.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from fengsui.engines.calls import channel_register
from fengsui.engines.calls.states import Word
from fengsui.gateways.channels import (
    CallbackUnreadableError,
    Channel,
    Delivery,
    Message,
    Outcome,
    hand_over,
)
from fengsui.gateways.channels.email import EmailChannel, EmailSettings
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier

NOW = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
MESSAGE = Message(
    reference="4611686018427387904",
    address="",
    person_id=7,
    person_name="示意甲",
    text="暴雨红色预警：立即转移危险区群众。",
    level="red",
    exercise=False,
    rung=0,
    try_number=1,
    patience_s=60,
    sent_at=NOW,
)


RUNG = replace(MESSAGE, address="00010000007")


class Mailbox:
    """A real SMTP server on loopback that keeps what it gets and answers as it is told."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.mail_answer = "250 OK"
        self.recipient_answer = "250 OK"
        self.data_answer = "250 kept"
        self.hangs_in_data = threading.Event()

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self.mail_answer

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        while self.hangs_in_data.is_set():
            await asyncio.sleep(0.02)
        self.mails.append(envelope.content)
        return self.data_answer


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, EmailSettings]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield box, EmailSettings("127.0.0.1", controller.port, "duty@example.org", "none")
    finally:
        box.hangs_in_data.clear()
        controller.stop()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmailCase:
    """E-mail, against the real server."""

    def __init__(self, box: Mailbox, settings: EmailSettings) -> None:
        self.box, self.settings = box, settings
        self.channel: Channel = EmailChannel(settings)
        self.message = replace(MESSAGE, address="jia@example.org")

    def times_out(self) -> Outcome:
        self.box.hangs_in_data.set()
        return hand_over(
            EmailChannel(replace(self.settings, timeout_s=0.2)),
            self.message,
            is_demonstration=False,
        )

    def refuses_now(self) -> Outcome:
        self.box.recipient_answer = "451 try later"
        return hand_over(self.channel, self.message, is_demonstration=False)

    def refuses_for_good(self) -> Outcome:
        self.box.recipient_answer = "550 no such user"
        return hand_over(self.channel, self.message, is_demonstration=False)

    def callback(self) -> bytes:
        return (
            b"From: jia@example.org\r\nTo: duty@example.org\r\nSubject: Re\r\n"
            b"In-Reply-To: <try.4611686018427387904@example.org>\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n1\r\n"
        )

    def unreadable(self) -> list[bytes]:
        return [b"", b"\xff\xfe\x00", b"Subject: hello\r\n\r\n1", b"x" * 300_000]


class InAppCase:
    """The app: nothing can time out or refuse, only a person without an app."""

    def __init__(self) -> None:
        self.channel: Channel = InAppChannel()
        self.message = MESSAGE

    times_out = None
    refuses_now = None

    def refuses_for_good(self) -> Outcome:
        return hand_over(self.channel, replace(self.message, person_id=0), is_demonstration=False)

    def callback(self) -> bytes:
        return json.dumps({"reference": MESSAGE.reference, "event": "shown"}).encode()

    def unreadable(self) -> list[bytes]:
        return [b"", b"{", b"[]", b'{"reference": "x"}', b'{"reference": 1, "event": "odd"}']


class SimulatedCase:
    """The simulated carrier: its people misbehave in their receipts."""

    def __init__(self) -> None:
        self.channel: Channel = SimulatedCarrier(seed=3)
        self.message = RUNG

    def _ends_with(self, behaviour: Behaviour) -> Outcome:
        carrier = SimulatedCarrier(seed=3, script={7: [behaviour]})
        assert hand_over(carrier, self.message, is_demonstration=False).delivery == "handed_over"
        receipt = carrier.poll(NOW + timedelta(minutes=2))[-1]
        assert receipt.delivery is not None
        return Outcome(receipt.delivery, receipt.heard_s)

    def times_out(self) -> Outcome:
        # Nobody says anything until the patience has passed; that is for the engine to notice.
        carrier = SimulatedCarrier(seed=3, script={7: [Behaviour.NO_ANSWER]})
        hand_over(carrier, self.message, is_demonstration=False)
        assert carrier.poll(NOW + timedelta(seconds=59)) == []
        return Outcome(Delivery.UNKNOWN)

    def refuses_now(self) -> Outcome:
        return self._ends_with(Behaviour.SWITCHED_OFF)

    def refuses_for_good(self) -> Outcome:
        return self._ends_with(Behaviour.WRONG_NUMBER)

    def callback(self) -> bytes:
        return json.dumps({"reference": MESSAGE.reference, "event": "", "key": "1"}).encode()

    def unreadable(self) -> list[bytes]:
        return [b"", b"nonsense", b"[1]", b'{"reference": 1, "event": "exploded"}', b"0" * 5000]


@pytest.fixture(params=["email", "in_app", "simulated"])
def case(request: pytest.FixtureRequest) -> Any:
    if request.param == "email":
        return EmailCase(*request.getfixturevalue("mailbox"))
    return {"in_app": InAppCase, "simulated": SimulatedCase}[request.param]()


FOR_NOW = {Delivery.REFUSED, Delivery.POWERED_OFF, Delivery.NO_ANSWER}
FOR_GOOD = {Delivery.FAILED_FOR_GOOD, Delivery.WRONG_NUMBER, Delivery.NO_CONTACT}
TAKEN = {Delivery.HANDED_OVER, Delivery.SENT, Delivery.DELIVERED}


def _or_skip(misbehave: Callable[[], Outcome] | None) -> Outcome:
    if misbehave is None:
        pytest.skip("this cannot happen to this channel: nothing leaves the node")
    return misbehave()


def test_a_message_is_taken_and_no_more_is_claimed(case: Any) -> None:
    outcome = hand_over(case.channel, case.message, is_demonstration=False)
    assert outcome.delivery in TAKEN
    assert outcome.delivery is not Delivery.DELIVERED, "sent is not received"


def test_after_a_timeout_the_outcome_is_unknown(case: Any) -> None:
    assert _or_skip(case.times_out).delivery is Delivery.UNKNOWN


def test_a_refusal_for_now_may_be_tried_again(case: Any) -> None:
    assert _or_skip(case.refuses_now).delivery in FOR_NOW


def test_a_refusal_for_good_is_said_to_be_for_good(case: Any) -> None:
    assert _or_skip(case.refuses_for_good).delivery in FOR_GOOD


def test_the_same_callback_twice_reads_the_same(case: Any) -> None:
    first = case.channel.parse_callback(case.callback())
    assert first == case.channel.parse_callback(case.callback())
    assert [receipt.reference for receipt in first] == [MESSAGE.reference]


def test_an_unreadable_callback_is_refused_in_words(case: Any) -> None:
    for body in case.unreadable():
        with pytest.raises(CallbackUnreadableError, match=r".+"):
            case.channel.parse_callback(body)


@pytest.mark.parametrize(("exercise", "demonstration"), [(True, False), (False, True)])
def test_an_exercise_never_reaches_the_outside(
    case: Any, exercise: bool, demonstration: bool
) -> None:
    message = replace(case.message, exercise=exercise)
    outcome = hand_over(case.channel, message, is_demonstration=demonstration)
    if case.channel.reaches_outside:
        assert outcome.delivery is Delivery.FAILED_FOR_GOOD
        assert case.box.mails == []
        hand_over(case.channel, case.message, is_demonstration=False)
        assert len(case.box.mails) == 1  # the same way is open to a real message
    else:
        assert outcome.delivery in TAKEN


def test_a_channel_that_breaks_leaves_the_outcome_unknown(case: Any) -> None:
    class Broken:
        kind, contact_kinds, reaches_outside, is_instant = "broken", (), False, True
        parse_callback = poll = None

        def send(self, message: Message) -> Outcome:
            raise RuntimeError("the line went dead")

    outcome = hand_over(Broken(), case.message, is_demonstration=False)  # type: ignore[arg-type]
    assert outcome.delivery is Delivery.UNKNOWN


def test_every_word_of_a_channel_is_a_word_of_the_engine() -> None:
    assert {word.value for word in Delivery} <= {word.value for word in Word}


def test_an_exercise_finds_no_real_channel_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGSUI_SMTP_URL", "smtp://127.0.0.1:2525/?from=duty@example.org")
    channel_register.reset()
    try:
        real = channel_register.channels(exercise=False)
        assert real["email"].reaches_outside
        practice = channel_register.channels(exercise=True)
        assert not any(channel.reaches_outside for channel in practice.values())
        with pytest.raises(ValueError, match="reaches outside"):
            channel_register.register_practice(real["email"])
    finally:
        monkeypatch.delenv("FENGSUI_SMTP_URL")
        channel_register.reset()


# --- e-mail alone -----------------------------------------------------------------------------


def test_a_mail_carries_the_text_and_the_way_back(
    mailbox: tuple[Mailbox, EmailSettings],
) -> None:
    box, settings = mailbox
    case = EmailCase(box, settings)
    assert case.channel.send(case.message).delivery is Delivery.SENT
    mail = email.message_from_bytes(box.mails[0], policy=email.policy.default)
    assert mail["Message-ID"] == "<try.4611686018427387904@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "暴雨红色预警" in mail["Subject"]
    assert MESSAGE.text in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "address",
    ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "", "a b@c", "a@b\n"],
)
def test_an_address_cannot_carry_headers(
    mailbox: tuple[Mailbox, EmailSettings], address: str
) -> None:
    box, settings = mailbox
    outcome = EmailChannel(settings).send(replace(MESSAGE, address=address))
    assert outcome.delivery is Delivery.FAILED_FOR_GOOD
    assert box.mails == []


def test_a_text_cannot_carry_headers(mailbox: tuple[Mailbox, EmailSettings]) -> None:
    box, settings = mailbox
    text = "暴雨\r\nBcc: evil@example.org\r\n\r\nbody\x00"
    EmailChannel(settings).send(replace(MESSAGE, address="jia@example.org", text=text))
    mail = email.message_from_bytes(box.mails[0], policy=email.policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("暴雨 Bcc")


def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    settings = EmailSettings("127.0.0.1", _free_port(), "duty@example.org", "none", timeout_s=0.5)
    outcome = EmailChannel(settings).send(replace(MESSAGE, address="jia@example.org"))
    assert outcome.delivery is Delivery.REFUSED


def test_a_server_that_refuses_the_sender_or_the_text(
    mailbox: tuple[Mailbox, EmailSettings],
) -> None:
    box, settings = mailbox
    message = replace(MESSAGE, address="jia@example.org")
    box.mail_answer = "421 too busy"
    assert EmailChannel(settings).send(message).delivery is Delivery.REFUSED
    box.mail_answer, box.data_answer = "250 OK", "554 no"
    assert EmailChannel(settings).send(message).delivery is Delivery.FAILED_FOR_GOOD


def test_a_bounce_and_a_strange_reply_are_told_as_such() -> None:
    channel = EmailChannel(EmailSettings("127.0.0.1", 1, "duty@example.org"))
    bounce = (
        b"From: mailer\r\nContent-Type: text/plain\r\n\r\n"
        b"Status: 5.1.1\r\nMessage-ID: <try.12@example.org>\r\n"
    )
    assert channel.parse_callback(bounce)[0].delivery is Delivery.FAILED_FOR_GOOD
    reply = b"In-Reply-To: <try.12@example.org>\r\n\r\nwhat is this?\r\n"
    assert channel.parse_callback(reply)[0].delivery is Delivery.WRONG_KEY


# --- the simulated people ---------------------------------------------------------------------


def test_the_same_seed_plays_the_same_night() -> None:
    def night(seed: int) -> list[Any]:
        carrier = SimulatedCarrier(seed=seed)
        for person in range(200):
            carrier.send(replace(RUNG, person_id=person + 1, reference=str(person)))
        return list(carrier.poll(NOW + timedelta(hours=2), limit=10_000))

    assert night(1) == night(1)
    assert night(1) != night(2)


def test_a_simulated_late_answer_comes_after_the_patience() -> None:
    carrier = SimulatedCarrier(seed=1, script={7: [Behaviour.ANSWERS_LATE]})
    told = carrier.events(RUNG)
    assert told[0].delivery is Delivery.NO_ANSWER
    assert told[1].key == "1"
    assert told[1].at > NOW + timedelta(seconds=RUNG.patience_s)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_reply_that_names_no_character_set_is_read(charset: str) -> None:
    channel = EmailChannel(EmailSettings("127.0.0.1", 1, "duty@example.org"))
    reply = b"In-Reply-To: <try.12@example.org>\r\n\r\n" + "需支援，路断了".encode(charset)
    assert channel.parse_callback(reply)[0].key == "2"
