"""E-mail through an SMTP server (RFC 5321, RFC 5322). Replies and bounces are its callbacks."""

from __future__ import annotations

import email
import email.policy
import re
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

from fengsui.gateways.channels import (
    CallbackUnreadableError,
    Delivery,
    Message,
    Outcome,
    Receipt,
    cut,
)

TIMEOUT_S = 10.0
SUBJECT_CHARACTERS_MAX = 60
CALLBACK_BYTES_MAX = 256 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_REFERENCE = re.compile(r"<try\.(\d{1,19})@")
_STATUS = re.compile(r"^Status:\s*([245])\.\d{1,3}\.\d{1,3}", re.MULTILINE | re.IGNORECASE)
_KEYS = (("1", ("1", "收到")), ("2", ("2", "需支援", "需要支援")), ("3", ("3", "不在村")))
_TEMPORARY = range(400, 500)


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """How to reach the server. `security`: "none" (loopback), "starttls" or "tls"."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = ""
    timeout_s: float = TIMEOUT_S


class EmailChannel:
    """One connection per message: a lost connection then costs one message, not a queue."""

    kind = "email"
    contact_kinds: tuple[str, ...] = ("email",)
    reaches_outside = True
    is_instant = False

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    def send(self, message: Message) -> Outcome:
        if not _ADDRESS.fullmatch(message.address):
            return Outcome(Delivery.FAILED_FOR_GOOD, detail="this is no e-mail address")
        mail = self._compose(message)
        is_data_out = False
        try:
            with self._connection() as server:
                # One step at a time: only after DATA has begun may it have left.
                code, _ = server.mail(self._settings.sender)
                if code != 250:
                    return _refusal(code)
                code, _ = server.rcpt(message.address)
                if code not in (250, 251):
                    return _refusal(code, for_good=Delivery.WRONG_NUMBER)
                is_data_out = True
                code, _ = server.data(mail.as_bytes(policy=email.policy.SMTP))
                return Outcome(Delivery.SENT) if code == 250 else _refusal(code)
        except smtplib.SMTPResponseException as error:
            return _refusal(error.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            word = Delivery.UNKNOWN if is_data_out else Delivery.REFUSED
            return Outcome(word, detail=type(error).__name__)

    def _connection(self) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if settings.security == "tls":
            server = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user:
                server.login(settings.user, settings.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _compose(self, message: Message) -> EmailMessage:
        """Header values are put on one line first, so a text cannot add headers."""
        mail = EmailMessage(policy=email.policy.SMTP)
        mark = "【演练】" if message.exercise else ""
        mail["From"] = self._settings.sender
        mail["To"] = message.address
        mail["Subject"] = mark + cut(_printable(message.text), SUBJECT_CHARACTERS_MAX)
        mail["Date"] = format_datetime(message.sent_at)
        domain = self._settings.sender.rpartition("@")[2] or socket.gethostname()
        mail["Message-ID"] = f"<try.{int(message.reference)}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            f"{mark}{message.text}\n\n"
            "请回复本邮件：1 收到正在落实；2 需支援；3 不在村转B岗。\n"
            "Reply with 1 (on it), 2 (need support) or 3 (away, pass to B).\n"
        )
        return mail

    def parse_callback(self, body: bytes) -> list[Receipt]:
        """A reply ("1", "收到", …) or a bounce (RFC 3464) to one of our messages."""
        if not body.strip() or len(body) > CALLBACK_BYTES_MAX:
            raise CallbackUnreadableError("empty or too long")
        try:
            mail = email.message_from_bytes(body, policy=email.policy.default)
            named = _REFERENCE.search(f"{mail['In-Reply-To']} {mail['References']}")
            status = _STATUS.search(body.decode("utf-8", "replace"))
            if status is not None:
                named = named or _REFERENCE.search(body.decode("utf-8", "replace"))
            if named is None:
                raise CallbackUnreadableError("it answers none of our messages")
            if status is not None:
                return _bounce(named[1], status[1])
            part = mail.get_body(("plain",))
            said = _text(part).strip() if part is not None else ""
        except CallbackUnreadableError:
            raise
        except Exception as error:  # the parser meets whatever the world's mailers make
            raise CallbackUnreadableError(f"no readable mail: {error}") from error
        for key, words in _KEYS:
            if said.startswith(words):
                return [Receipt(reference=named[1], key=key)]
        return [Receipt(reference=named[1], delivery=Delivery.WRONG_KEY)]

    def poll(self, now: datetime) -> Sequence[Receipt]:
        return ()


def _text(part: MIMEPart) -> str:
    """The words of a part; mailers that name no character set, or a wrong one, are read too."""
    payload = part.get_payload(decode=True)
    words = payload if isinstance(payload, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "gb18030"):
        with suppress(UnicodeDecodeError, LookupError):
            return words.decode(charset)
    return ""


def _bounce(reference: str, status: str) -> list[Receipt]:
    words = {"2": Delivery.DELIVERED, "4": Delivery.REFUSED, "5": Delivery.FAILED_FOR_GOOD}
    return [Receipt(reference=reference, delivery=words[status])]


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _refusal(code: int, *, for_good: Delivery = Delivery.FAILED_FOR_GOOD) -> Outcome:
    word = Delivery.REFUSED if code in _TEMPORARY or code < 400 else for_good
    return Outcome(word, detail=f"SMTP {code}")
