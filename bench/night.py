"""The engine at work while people answer: transitions a second, answers done, how long they wait.

`python -m bench.night [--households 400 4000 40000] [--runs 3] [--commit-delay-ms 0 5]` prints
one JSON object. One writer, as `fengsui up` runs it (its own turns, its own door, a carrier that
takes everything and says nothing); beside it one load generator process on the writer's socket,
which offers `record_answer` at a fixed pace and sends the next without waiting for a reply.

Measured work begins when the engine finds everybody due and ends when nobody is; every call moves
once to its next try (decision, fact, call, try, what is owed). An answer is measured from the
moment at which it was to be sent, so a late generator counts against us, to its reply, which the
writer sends after the commit. `--commit-delay-ms` sleeps in every commit, as a slow disk does.

The floor does the same row changes by raw SQL (select what is due, update by ids, insert the
tries), without facts, chains, outbox or answers, in the same run on the same disk, with the same
delay. Every pace is given by the wall and by processor seconds of the writer: on a machine that
does other things besides, only the second can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.calls import (
    CYCLE,
    Steps,
    _open,
    _parties,
    _set_up,
    _silent_people,
    floor_of,
    wound_clock,
)
from bench.served import apart

ANSWERS_PER_S = 1000
ANSWERS_MAX = 20_000
IMPORTS_S = 1.5  # the generator gets ready; nobody measures that
_RECORD = "fengsui.engines.calls.services.answering.record_answer"


@contextlib.contextmanager
def slow_commits(seconds: float) -> Iterator[None]:
    """Every COMMIT of this process through Django takes so much longer."""
    from django.db import connection

    before = connection._commit  # type: ignore[attr-defined]

    def late() -> Any:
        time.sleep(seconds)
        return before()

    connection._commit = late  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection._commit = before  # type: ignore[attr-defined]


def generate(path: str, call_ids: list[int], per_s: int, begin: Any, stop: Any, told: Any) -> None:
    """The load generator's process: paced answers, sent without waiting for earlier replies."""
    import socket

    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import wire

    viewer = node_viewer("bench")
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    due: dict[bytes, float] = {}
    waits: list[float] = []
    failed = 0
    frames = []
    for call_id in call_ids:
        command = wire.command_id()
        said = {"viewer": viewer, "call_id": call_id, "answer_kind": "on_it", "how": "app"}
        frames.append((command, wire.pack([wire.CALL, command, False, _RECORD, said])))
    begin.wait()
    started, busy = time.perf_counter(), time.process_time()

    def send() -> None:
        for number, (command, frame) in enumerate(frames):
            at = started + number / per_s
            if stop.is_set():
                break
            time.sleep(max(0.0, at - time.perf_counter()))
            due[command] = at
            line.sendall(frame)

    sender = threading.Thread(target=send)
    sender.start()
    line.settimeout(10)
    while sender.is_alive() or len(waits) < len(due):
        try:
            reply = wire.read_frame(line)
        except (TimeoutError, ConnectionError):
            break
        waits.append((time.perf_counter() - due[reply[1]]) * 1000)
        failed += not reply[2]
    took = time.perf_counter() - started
    used = time.process_time() - busy
    told.put({"waits": waits, "failed": failed, "sent": len(due), "took": took, "busy": used})


class Duty:
    """The writer's own turns and door; the one who measures gives it its turns."""

    def __init__(self) -> None:
        from django.conf import settings

        from fengsui.engines.calls import jobs
        from fengsui.foundation.journal import place, writer
        from fengsui.foundation.journal.door import Door

        self.advance = next(one for one in jobs.JOBS if one.name == "calls.advance")
        self.writer = writer.Writer([self.advance])
        self.path = str(place.socket_path(settings.HOME))
        self.door = Door(Path(self.path), self.writer.put, self.writer.status)
        self.door.open()
        self.writer.door = self.door
        self.writer.checkpoints.start()

    def until_nobody_is_due(self) -> None:
        while True:
            self.writer.batch(self.advance)
            if self.writer.turns.due[self.advance.name] > time.monotonic():
                return

    def finish(self, generator: Any, told: Any) -> dict[str, Any]:
        """Answers what is still asked; what the generator then tells."""
        while generator.is_alive() and told.empty():
            self.door.look(0.001)
            if self.writer.queue:
                self.writer.batch()
        said: dict[str, Any] = told.get()
        self.writer.checkpoints.stop()
        self.door.close()
        return said


class Clocks:
    """Seconds since it was made: by the wall, of this thread, of this process."""

    def __init__(self) -> None:
        self._began = self._now()

    @staticmethod
    def _now() -> tuple[float, float, float]:
        return time.perf_counter(), time.thread_time(), time.process_time()

    def read(self) -> tuple[float, float, float]:
        wall, thread, process = self._now()
        began = self._began
        return wall - began[0], thread - began[1], process - began[2]


def everybody_is_due(count: int) -> tuple[int, list[int]]:
    """A callout of so many who have all been rung once and were silent, and its calls."""
    from fengsui.engines.calls import jobs
    from fengsui.engines.calls.models import Call
    from fengsui.foundation.journal import clock

    _silent_people()
    steps = Steps()
    callout_id = _open(_parties(count))
    for job in (jobs.unpack, jobs.advance, jobs.dispatch):
        steps.until_done(job.__name__, job)
    ids = list(Call.objects.filter(callout_id=callout_id).values_list("id", flat=True))
    clock.forward(seconds=121)
    return callout_id, ids


def measure(count: int, folder: Path, delay_ms: float, per_s: int) -> dict[str, Any]:
    from fengsui.engines.calls import services
    from fengsui.foundation.access.viewer import node_viewer

    callout_id, ids = everybody_is_due(count)
    duty = Duty()
    context = multiprocessing.get_context("spawn")
    begin, stop, told = context.Event(), context.Event(), context.Queue()
    asked = ids[:: max(1, count // ANSWERS_MAX)]
    generator = context.Process(
        target=generate, args=(duty.path, asked, per_s, begin, stop, told), daemon=True
    )
    generator.start()
    time.sleep(IMPORTS_S)
    with slow_commits(delay_ms / 1000):
        begin.set()
        clocks = Clocks()
        duty.until_nobody_is_due()
        took = clocks.read()
        stop.set()
        said = duty.finish(generator, told)
    _, planned = floor_of(folder, callout_id, count, delay_s=delay_ms / 1000)
    services.stop_callout(viewer=node_viewer("bench"), callout_id=callout_id, reason="measured")
    return {
        "households": count,
        "commit_delay_ms": delay_ms,
        "seconds": round(took[0], 2),
        "transitions_per_s": round(count / took[0]),
        "transitions_per_writer_thread_s": round(count / took[1]),
        "transitions_per_process_s": round(count / took[2]),
        "floor_per_s": round(count / planned[0]),
        "floor_per_processor_s": round(count / planned[1]),
        "share_of_floor": round(planned[0] / took[0], 2),
        "share_of_floor_processor": round(planned[1] / took[1], 2),
        "answers_offered_per_s": per_s,
        **_answers(said),
        "hold_ms": _spread([hold * 1000 for hold in duty.writer.holds]),
        "load": round(os.getloadavg()[0], 1),
    }


def _answers(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "answers_sent": said["sent"],
        "answers_failed": said["failed"],
        "answers_done_share": round(len(said["waits"]) / max(1, said["sent"]), 3),
        "answer_ms": _spread(said["waits"]),
        "generator_processor_share": round(said["busy"] / max(said["took"], 0.001), 2),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {
        "p50": round(statistics.median(ordered), 1),
        "p99": round(ordered[int(len(ordered) * 0.99)], 1),
    }


def one(size: int, delay_ms: float, answers: int, at_night: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as home:
        _set_up(home)
        from fengsui.foundation.journal import clock

        clock.use(wound_clock(at_night=at_night))
        return measure(size, Path(home), delay_ms, answers)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, nargs="+", default=[400, 4_000, 40_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--commit-delay-ms", type=float, nargs="+", default=[0.0, 5.0])
    parser.add_argument("--answers", type=int, default=ANSWERS_PER_S)
    parser.add_argument("--at-night", action="store_true")
    parser.add_argument("--one", action="store_true", help="a single run, as JSON")
    wanted = parser.parse_args()
    if wanted.one:
        size, delay = wanted.households[0], wanted.commit_delay_ms[0]
        sys.stdout.write(json.dumps(one(size, delay, wanted.answers, wanted.at_night)) + "\n")
        return 0
    night = ["--at-night"] * wanted.at_night
    # Each in a process and a folder of its own, as a node has them.
    runs = [
        apart("night", "--one", "--households", size, "--commit-delay-ms", delay,
              "--answers", wanted.answers, *night)
        for size in wanted.households
        for delay in wanted.commit_delay_ms
        for _ in range(wanted.runs)
    ]  # fmt: skip
    result = {
        "bench": "night",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "cycle": CYCLE,
        "at_night": wanted.at_night,
        "runs": runs,
    }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
