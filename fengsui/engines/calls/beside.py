"""The part of the dispatcher that rings companions, and stops phones when another has answered."""

from __future__ import annotations

import secrets
from concurrent.futures import Future, ThreadPoolExecutor

from fengsui.engines.calls import channel_register, queries, services
from fengsui.engines.calls.services import companions
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.gateways.channels import Outcome, StopsRinging, hand_over
from fengsui.gateways.channels.simulated import SimulatedCarrier

SENDERS = 4


class Beside:
    """Sends what an earlier, durable step claimed; slow channels in threads, as `Dispatcher`."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(8)
        self._pool: ThreadPoolExecutor | None = None
        self._out: dict[int, Future[Outcome]] = {}
        self._is_resumed = False

    def step(self) -> bool:
        viewer = node_viewer("calls")
        if not self._is_resumed:
            self._resume(viewer)
            self._is_resumed = True
        if not self._out and not companions.are_any_on_their_way():
            return False
        outcomes, finished = self._finished()
        outcomes += self._send(viewer)
        services.silence_what_is_over(viewer=viewer)
        stopped = self._stop(viewer)
        if outcomes or stopped:
            services.record_rung_together(viewer=viewer, outcomes=outcomes, stopped=stopped)
        for pk in finished:
            del self._out[pk]
        claim = services.claim_companions(viewer=viewer, boot=self.boot)
        return bool(claim["claimed"] or claim["more"])

    def _finished(self) -> tuple[list[list[object]], list[int]]:
        done = [pk for pk, future in self._out.items() if future.done()]
        return [_told(pk, self._out[pk].result()) for pk in done], done

    def _send(self, viewer: Viewer) -> list[list[object]]:
        outcomes: list[list[object]] = []
        is_demonstration = channel_register.is_demonstration()
        for channel, message in queries.owed_companions(self.boot, viewer=viewer):
            pk = int(message.reference)
            if pk in self._out:
                continue
            if channel is None:
                outcomes.append([pk, "failed_for_good", 0])
            elif channel.is_instant:
                outcome = hand_over(channel, message, is_demonstration=is_demonstration)
                outcomes.append(_told(pk, outcome))
            else:
                self._out[pk] = self._senders().submit(
                    hand_over, channel, message, is_demonstration=is_demonstration
                )
        return outcomes

    def _stop(self, viewer: Viewer) -> list[int]:
        """Told once at least; a channel that cannot stop lets it ring out its patience."""
        told = []
        for pk, channel in queries.stops_owed(viewer=viewer):
            if pk in self._out:
                continue  # its channel has not been told to ring yet
            if isinstance(channel, StopsRinging):
                if channel.is_instant:
                    channel.stop_ringing(str(pk))
                else:
                    self._senders().submit(channel.stop_ringing, str(pk))
            told.append(pk)
        return told

    def _resume(self, viewer: Viewer) -> None:
        for channel, message in queries.companions_on_their_way(
            viewer=viewer, driver=services.this_driver()
        ):
            if isinstance(channel, SimulatedCarrier):
                channel.resume(message)

    def _senders(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="beside")
        return self._pool

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None


def _told(pk: int, outcome: Outcome) -> list[object]:
    return [pk, outcome.delivery.value, outcome.heard_s]
