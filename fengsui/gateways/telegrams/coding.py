"""Messages to bytes and back: unaligned PER of `telegrams.asn1`. Pure.

Source: ITU-T X.680 (2021) for the schema, X.691 (2021) for the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fengsui.gateways.telegrams import plain
from fengsui.gateways.telegrams.messages import Telegram, TelegramError

UNREADABLE = "telegrams.unreadable"
DOES_NOT_FIT = "telegrams.does_not_fit"
UNKNOWN_MESSAGE = "telegrams.unknown_message"


def schema_text() -> str:
    """The schema, as it stands in the package; `spec/telegrams.asn1` is a copy."""
    return files("fengsui.gateways.telegrams").joinpath("telegrams.asn1").read_text("utf-8")


@cache
def compiled(text: str | None = None) -> Any:
    """The codec of a schema; of this package's own without `text`."""
    import asn1tools  # only where telegrams are spoken: it is 15 MB in every process

    return asn1tools.compile_string(text or schema_text(), "uper")


def encode(telegram: Telegram, *, county: str) -> bytes:
    """`county`: the six digits implied by the link. Raises TelegramError(DOES_NOT_FIT)."""
    try:
        value = plain.telegram_to_plain(telegram, county=county)
        return bytes(compiled().encode("Telegram", value, check_constraints=True))
    except TelegramError:
        raise
    except Exception as error:
        if not isinstance(error, _unfit()):
            raise
        raise TelegramError(DOES_NOT_FIT, str(error)) from error


@cache
def _unfit() -> tuple[type[Exception], ...]:
    import asn1tools

    return (asn1tools.Error, ValueError, TypeError, KeyError, OverflowError)


def decode(data: bytes, *, county: str, now_ms: int) -> Telegram:
    """Reads a telegram; times are rebuilt around `now_ms`.

    Never raises anything but TelegramError: UNREADABLE, or UNKNOWN_MESSAGE where a newer schema
    speaks of something this one has no word for.
    """
    try:
        value: Mapping[str, Any] = compiled().decode("Telegram", data)
        return plain.telegram_from_plain(value, county=county, now_ms=now_ms)
    except TelegramError:
        raise
    # A decoder of foreign bytes: whatever it stumbles over is an unreadable telegram.
    except Exception as error:
        raise TelegramError(UNREADABLE, f"{type(error).__name__}: {error}") from error


Encoder = Callable[[Telegram], bytes]
