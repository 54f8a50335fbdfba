"""The engine in the writer: unpack lists, decide, send, hear, finish; and, apart, the auditor."""

from __future__ import annotations

import logging
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from fengsui.engines.calls import channel_register, queries, services
from fengsui.engines.calls.beside import Beside
from fengsui.engines.calls.services.auditing import beat
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.journal.jobs import Job, Pace
from fengsui.gateways.channels import Outcome, ask, hand_over
from fengsui.gateways.channels.simulated import SimulatedCarrier

# What one step may take without holding the writer for more than about 10 ms.
PARTIES_PER_STEP = 200
CALLS_PER_STEP = 400
MESSAGES_PER_STEP = 250
RECEIPTS_PER_STEP = 40
SLOW_SENDERS = 8
AUDIT_EVERY_S = 15

unpacking, advancing, dispatching = Pace(), Pace(), Pace()

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
        limit = dispatching.of(MESSAGES_PER_STEP)
        # Only rows of a group that was committed before this step began are read here.
        for channel, message in queries.claimed_messages(
            self.boot, viewer=viewer, limit=limit, in_hand=self._out.keys()
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
        claim = services.claim_dispatches(viewer=viewer, boot=self.boot, limit=limit)
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
_beside = Beside()
_audited_at: datetime | None = None


def restart() -> Dispatcher:
    """As after a crash: nothing remembered but what is on the disk. For tests and simulation."""
    global _beside, _dispatcher
    _dispatcher.close()
    _beside.close()
    _dispatcher, _beside = Dispatcher(), Beside()
    return _dispatcher


def unpack(now: datetime) -> bool:
    limit = unpacking.of(PARTIES_PER_STEP)
    return bool(services.unpack_parties(viewer=node_viewer("calls"), limit=limit)["more"])


def advance(now: datetime) -> bool:
    beat("engine", now)
    viewer = node_viewer("calls")
    moved = services.advance_calls(viewer=viewer, limit=advancing.of(CALLS_PER_STEP))
    if not moved["moved"]:
        services.finish_callouts(viewer=viewer)
    return bool(moved["more"])


def dispatch(now: datetime) -> bool:
    more = _dispatcher.step()
    return _beside.step() or more


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


def hand_on(now: datetime) -> bool:
    """Whose turn has come because the level above has spoken, or was silent too long."""
    return bool(services.hand_on_levels(viewer=node_viewer("calls"))["more"])


def stand_in(now: datetime) -> bool:
    """Stand-ins named since a callout opened, and units of other townships."""
    services.ring_stand_ins(viewer=node_viewer("calls"))
    services.relay_units(viewer=node_viewer("calls"))
    return False


def prove(now: datetime) -> bool:
    """Numbers that were answered or are dead, told to the registers."""
    told = services.tell_of_numbers(viewer=node_viewer("calls"))
    return bool(told["more"])


def audit(now: datetime) -> bool:
    global _audited_at
    _audited_at = now
    services.audit_promise(viewer=node_viewer("auditor"))
    return False


def audit_in_time(now: datetime) -> bool:
    """Every AUDIT_EVERY_S of the node's own clock, which may run faster in an exercise."""
    if _audited_at is None or not 0 <= (now - _audited_at).total_seconds() < AUDIT_EVERY_S:
        audit(now)
    return False


JOBS = (
    Job("calls.unpack", 0.2, unpack, pace=unpacking),
    Job("calls.advance", 0.5, advance, pace=advancing),
    Job("calls.dispatch", 0.2, dispatch, pace=dispatching),
    Job("calls.hear", 0.2, hear),
    Job("calls.levels", 1.0, hand_on),
    Job("calls.stand_ins", 2.0, stand_in),
    Job("calls.numbers", 5.0, prove),
    Job("calls.audit", 2.0, audit_in_time),
)
