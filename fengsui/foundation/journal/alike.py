"""Calls of one command that stand next to each other in the queue, carried out at once.

A command takes part by a function of its app (`services.carried_out_together`). Where that goes
wrong nothing of it stands, and the calls are carried out one by one, so that one of them cannot
take the others down with it.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import Any

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import services, wire
from fengsui.foundation.journal.door import Call
from fengsui.foundation.journal.ledger import Ledger

TOGETHER_MAX = 100  # about what a turn may take

log = logging.getLogger("fengsui.writer")


def take(queue: deque[Call]) -> list[Call]:
    """The next call, with those behind it that can be carried out at once with it."""
    first = queue.popleft()
    several = [first]
    if first.is_retry or first.name not in services.TOGETHER:
        return several
    while queue and len(several) < TOGETHER_MAX:
        if queue[0].is_retry or queue[0].name != first.name:
            break
        several.append(queue.popleft())
    return several


def carry_out(calls: list[Call], book: Ledger) -> list[Call]:
    """Gives calls their frame and outcome. Returns those that are to be carried out alone."""
    name = calls[0].name
    if len(calls) == 1 or name not in services.TOGETHER:
        return calls
    try:
        with book.savepoint():
            results = services.TOGETHER[name]([call.arguments for call in calls])
            frames = [_frame(call, one) for call, one in zip(calls, results, strict=True)]
    except Exception:
        log.exception("%d calls of %s are carried out one by one", len(calls), name)
        return calls
    for call, frame, result in zip(calls, frames, results, strict=True):
        call.frame = frame
        if isinstance(result, Problem):
            call.outcome = result.kind.code
    return [call for call, result in zip(calls, results, strict=True) if result is None]


def _frame(call: Call, result: Any) -> bytes:
    if result is None:
        return b""
    if isinstance(result, Problem):
        return refusal(call, result)
    return wire.pack([wire.REPLY, call.command_id, True, result])


def refusal(call: Call, problem: Problem) -> bytes:
    return wire.pack([wire.REPLY, call.command_id, False, problem.to_plain()])
