"""Messages too large for a link become several that each stand by themselves. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fengsui.gateways.telegrams.messages import (
    AREAS_MAX,
    NEEDS_MAX,
    EvacuationInstruction,
    Message,
    QuickReport,
    Sos,
    TelegramError,
)

Length = Callable[[Message], int]


def split(message: Message, *, length: Length, limit: int) -> list[Message]:
    """One or more messages of at most `limit` bytes by `length`.

    An instruction is split by areas (one township each, at most eight), a report by needs.
    An SOS loses words, never numbers.
    Raises TelegramError where even the smallest piece is too long.
    """
    pieces = list(_pieces(message))
    fitting: list[Message] = []
    while pieces:
        piece = pieces.pop(0)
        if length(piece) <= limit:
            fitting.append(piece)
            continue
        halves = _halves(piece)
        if not halves:
            raise TelegramError("telegrams.too_long", f"{length(piece)} bytes, at most {limit}")
        pieces[:0] = halves
    return fitting


def _pieces(message: Message) -> list[Message]:
    if isinstance(message, EvacuationInstruction):
        towns: dict[str, list[str]] = {}
        for code in message.areas:
            towns.setdefault(code[:9], []).append(code)
        return [
            replace(message, areas=tuple(areas[start : start + AREAS_MAX]))
            for areas in towns.values()
            for start in range(0, len(areas), AREAS_MAX)
        ]
    if isinstance(message, QuickReport) and len(message.needs) > NEEDS_MAX:
        return _report_pieces(message, NEEDS_MAX)
    return [message]


def _report_pieces(message: QuickReport, size: int) -> list[Message]:
    """Every piece repeats the people: of one place and disaster the newest report counts alone."""
    needs = message.needs
    return [
        replace(message, needs=needs[start : start + size]) for start in range(0, len(needs), size)
    ]


def _halves(message: Message) -> list[Message]:
    if isinstance(message, EvacuationInstruction) and len(message.areas) > 1:
        middle = len(message.areas) // 2
        return [
            replace(message, areas=message.areas[:middle]),
            replace(message, areas=message.areas[middle:]),
        ]
    if isinstance(message, QuickReport) and message.needs:
        if len(message.needs) == 1:
            return [replace(message, needs=())]
        return _report_pieces(message, (len(message.needs) + 1) // 2)
    if isinstance(message, Sos) and message.text:
        return [replace(message, text=message.text[: len(message.text) // 2])]
    return []
