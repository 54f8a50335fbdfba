"""Which channels this node has: real ones, and those an exercise may use. Wired by `config`.

An exercise or a demonstration looks only among the second; `hand_over` guards it once more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlparse

from django.conf import settings

from fengsui.engines.calls.rules import Policy
from fengsui.engines.calls.states import AnswerKind
from fengsui.gateways.channels import Channel, KeepsClientIds, Receipt
from fengsui.gateways.channels.email import EmailChannel, EmailSettings
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import SimulatedCarrier

VOICE = frozenset({"voice"})
KEYS: Mapping[str, AnswerKind] = {
    "1": AnswerKind.ON_IT,
    "2": AnswerKind.NEED_SUPPORT,
    "3": AnswerKind.AWAY_PASS_TO_B,
}
DEMONSTRATION_SEED = 20260717

_real: dict[str, Channel] = {}
_practice: dict[str, Channel] = {}


def is_demonstration() -> bool:
    return bool(getattr(settings, "IS_DEMONSTRATION", False))


def register_real(channel: Channel) -> None:
    """A channel that reaches people. One line in `config` per channel."""
    _real[channel.kind] = channel


def register_practice(channel: Channel) -> None:
    """A channel for exercises. Raises ValueError if it could reach anybody."""
    if channel.reaches_outside:
        raise ValueError(f"{channel.kind} reaches outside and cannot serve an exercise")
    _practice[channel.kind] = channel


def reset() -> None:
    """The channels every node has: the app; e-mail where configured; a simulated carrier."""
    _real.clear()
    _practice.clear()
    register_real(InAppChannel())
    register_practice(InAppChannel())
    register_practice(SimulatedCarrier(kind="voice", seed=DEMONSTRATION_SEED))
    register_practice(SimulatedCarrier(kind="email", seed=DEMONSTRATION_SEED))
    server = os.environ.get("FENGSUI_SMTP_URL", "")
    if server:
        register_real(EmailChannel(email_settings(server)))


def email_settings(url: str) -> EmailSettings:
    """smtp://user:password@host:port/?from=duty@example.org, smtps:// for TLS from the start."""
    parts = urlparse(url)
    sender = dict(pair.partition("=")[::2] for pair in parts.query.split("&")).get("from", "")
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return EmailSettings(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 25,
        sender=unquote(sender) or "fengsui@localhost",
        security="tls" if parts.scheme == "smtps" else "none" if loopback else "starttls",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def channels(*, exercise: bool) -> Mapping[str, Channel]:
    """The channels a callout may use. Chosen here, so a real one is never even a candidate."""
    if not _real:
        reset()
    return _practice if exercise or is_demonstration() else _real


def usable_kinds(*, exercise: bool) -> frozenset[str]:
    return frozenset(channels(exercise=exercise))


def voice_kinds() -> frozenset[str]:
    return VOICE


def kinds_that_can_be_asked() -> frozenset[str]:
    """Kinds of which some channel here can say what became of a message."""
    known = [*channels(exercise=False).values(), *channels(exercise=True).values()]
    return frozenset(channel.kind for channel in known if isinstance(channel, KeepsClientIds))


def practice_channels() -> Mapping[str, Channel]:
    return channels(exercise=True)


def receipt_to_plain(receipt: Receipt) -> dict[str, object]:
    """As `record_receipts` takes it. A key that means nothing is a wrong key."""
    answer = KEYS.get(receipt.key)
    word = receipt.delivery.value if receipt.delivery is not None else ""
    if receipt.key and answer is None:
        word = "wrong_key"
    return {
        "attempt_id": receipt.reference,
        "word": word,
        "heard_s": receipt.heard_s,
        "answer_kind": answer.value if answer is not None else "",
        "acted": receipt.acted,
    }


def patience_s(policy: Policy, rung: int) -> int:
    return policy.rungs[min(rung, len(policy.rungs) - 1)].patience_s
