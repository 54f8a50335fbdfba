"""The engine in the writer: unpack lists, decide, send, hear, finish; and, apart, the auditor."""

from __future__ import annotations

import logging
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from fengsui.engines.calls import channel_register, queries, services
from fengsui.engines.calls.services.auditing import beat
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.gateways.channels import Outcome, ask, hand_over
from fengsui.gateways.channels.simulated import SimulatedCarrier

# What one step may take without holding the writer for more than about 10 ms.
PARTIES_PER_STEP = 120
CALLS_PER_STEP = 250
MESSAGES_PER_STEP = 120
RECEIPTS_PER_STEP = 40
SLOW_SENDERS = 8

log = logging.getLogger("fengsui.calls")


class Dispatcher:
    """Sends what an earlier, durable step claimed. Slow channels run in threads that never
    touch the database; what they say is recorded by a later step."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(8)
        self._pool: ThreadPoolExecutor | None = None
        self._out: dict[int, Future[Outcome]] = {}
        self._to_ask: set[int] = set()
        self._is_resumed = False

    def step(self) -> bool:
        viewer = node_viewer("calls")
        # Looked for every time: whether an earlier group was stored is not remembered here.
        lost = services.forget_claims_of_the_dead(viewer=viewer, boot=self.boot)
        self._to_ask.update(lost["to_ask"])
        if lost["more"]:
            return True
        if not self._is_resumed:
            self._resume_carriers(viewer)
            self._is_resumed = True
        # Forgotten only once they are recorded: until then their rows still stand as claimed.
        finished = [attempt_id for attempt_id, future in self._out.items() if future.done()]
        outcomes: list[list[object]] = [
            _told(attempt_id, self._out[attempt_id].result()) for attempt_id in finished
        ]
        # Only rows of a group that was committed before this step began are read here.
        for channel, message in queries.claimed_messages(
            self.boot, viewer=viewer, limit=MESSAGES_PER_STEP, in_hand=self._out.keys()
        ):
            attempt_id = int(message.reference)
            if channel is None:
                outcomes.append([attempt_id, "failed_for_good", 0])
            elif attempt_id in self._to_ask:
                self._out[attempt_id] = self._senders().submit(ask, channel, message)
            elif channel.is_instant:
                outcome = hand_over(channel, message, is_demonstration=_demonstration())
                outcomes.append(_told(attempt_id, outcome))
            else:
                self._out[attempt_id] = self._senders().submit(
                    hand_over, channel, message, is_demonstration=_demonstration()
                )
        if outcomes:
            services.record_outcomes(viewer=viewer, outcomes=outcomes)
        for attempt_id in finished:
            del self._out[attempt_id]
            self._to_ask.discard(attempt_id)
        claim = services.claim_dispatches(viewer=viewer, boot=self.boot, limit=MESSAGES_PER_STEP)
        return bool(claim["claimed"] or claim["more"])

    def _senders(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(SLOW_SENDERS, thread_name_prefix="channel")
        return self._pool

    def _resume_carriers(self, viewer: Viewer) -> None:
        """The simulated people of an exercise remember who rang them before the restart."""
        for channel, message in queries.messages_on_their_way(
            viewer=viewer, driver=services.this_driver()
        ):
            if isinstance(channel, SimulatedCarrier):
                channel.resume(message)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None


def _told(attempt_id: int, outcome: Outcome) -> list[object]:
    return [attempt_id, outcome.delivery.value, outcome.heard_s]


def _demonstration() -> bool:
    return channel_register.is_demonstration()


_dispatcher = Dispatcher()


def restart() -> Dispatcher:
    """As after a crash: nothing remembered but what is on the disk. For tests and simulation."""
    global _dispatcher
    _dispatcher.close()
    _dispatcher = Dispatcher()
    return _dispatcher


def unpack(now: datetime) -> bool:
    return bool(
        services.unpack_parties(viewer=node_viewer("calls"), limit=PARTIES_PER_STEP)["more"]
    )


def advance(now: datetime) -> bool:
    beat("engine", now)
    viewer = node_viewer("calls")
    moved = services.advance_calls(viewer=viewer, limit=CALLS_PER_STEP)
    if not moved["moved"]:
        services.finish_callouts(viewer=viewer)
    return bool(moved["more"])


def dispatch(now: datetime) -> bool:
    return _dispatcher.step()


def hear(now: datetime) -> bool:
    """Asks the channels that are asked, and records what they tell."""
    more = False
    for channel in channel_register.practice_channels().values():
        if not isinstance(channel, SimulatedCarrier):
            continue
        receipts = channel.poll(now, RECEIPTS_PER_STEP)
        if not receipts:
            continue
        try:
            services.record_receipts(
                viewer=node_viewer("carrier"),
                receipts=[channel_register.receipt_to_plain(receipt) for receipt in receipts],
            )
        except BaseException:
            channel.put_back(receipts)
            raise
        more = more or len(receipts) == RECEIPTS_PER_STEP
    return more


def prove(now: datetime) -> bool:
    """Numbers that were answered or are dead, told to the registers."""
    told = services.tell_of_numbers(viewer=node_viewer("calls"))
    return bool(told["more"])


def audit(now: datetime) -> bool:
    services.audit_promise(viewer=node_viewer("auditor"))
    return False


JOBS = (
    Job("calls.unpack", 0.2, unpack),
    Job("calls.advance", 0.5, advance),
    Job("calls.dispatch", 0.2, dispatch),
    Job("calls.hear", 0.2, hear),
    Job("calls.numbers", 5.0, prove),
    Job("calls.audit", 15.0, audit),
)
