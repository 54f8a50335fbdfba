"""Strips with their refusals in words."""

from __future__ import annotations

from fengsui.exchange.bundles.errors import ALTERED, TOO_LONG_FOR_A_STRIP
from fengsui.exchange.bundles.strips import (
    FRAME_BYTES,
    FRAMES_MAX,
    MalformedFrameError,
    Strip,
    frames_of,
)


def strips_of(data: bytes) -> list[str]:
    """The frames of a file. Raises bundles.too_long_for_a_strip."""
    try:
        return frames_of(data)
    except MalformedFrameError as error:
        raise TOO_LONG_FOR_A_STRIP(kib=FRAME_BYTES * FRAMES_MAX >> 10) from error


def whole_of(strip: Strip) -> bytes:
    """The file that a strip makes. Raises bundles.altered."""
    try:
        return strip.data()
    except MalformedFrameError as error:
        raise ALTERED(detail=str(error)) from error
