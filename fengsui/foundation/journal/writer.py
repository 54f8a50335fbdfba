"""The one writer: a thread that owns the write connection, and a Unix socket as its door.

Commands queue; the batch is formed after the turn begins; each command has a savepoint; nobody
is answered before COMMIT (synchronous=FULL) has returned. Between two batches one step of one
due job runs, so neither answers nor the engine wait for more than one turn of the other.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem, ProblemKind
from fengsui.foundation.journal import (
    clock,
    dispatch,
    hlc,
    incarnation,
    ledger,
    place,
    replay,
    services,
    storage,
    timekeeping,
    wire,
)
from fengsui.foundation.journal.door import Call, Door
from fengsui.foundation.journal.errors import FAILED, NOT_STORED, SECOND_WRITER, UNKNOWN_COMMAND
from fengsui.foundation.journal.jobs import Job
from fengsui.foundation.journal.models import CommandDone

HOLD_SECONDS = 0.010
MAXIMUM_BATCH = 500
IDLE_SECONDS = 0.25
MEASURED_HOLDS = 1000
_ADVISORY_LOCK = 0x66656E67737569  # "fengsui"
_INSERT_DONE = "INSERT INTO journal_command_done (command_id, reply, done_at) VALUES (%s, %s, %s)"

log = logging.getLogger("fengsui.writer")


@dataclass
class Turns:
    """When each job is due, by the monotonic clock."""

    jobs: list[Job]
    due: dict[str, float] = field(default_factory=dict)

    def next_due(self, now: float) -> Job | None:
        """The job that has been due for longest."""
        late = [job for job in self.jobs if self.due.get(job.name, 0.0) <= now]
        return min(late, key=lambda job: self.due.get(job.name, 0.0), default=None)

    def seconds_to_next(self, now: float) -> float:
        nearest = min((self.due.get(job.name, 0.0) for job in self.jobs), default=now + 60)
        return max(0.0, min(nearest - now, IDLE_SECONDS))


class Writer:
    """Takes commands from any thread and carries them out in the thread that calls `loop`."""

    def __init__(self, jobs: list[Job]) -> None:
        self.queue: deque[Call] = deque()
        self.awake = threading.Condition()
        self.turns = Turns(jobs)
        self.holds: deque[float] = deque(maxlen=MEASURED_HOLDS)
        self.counts = {"commands": 0, "groups": 0, "refused": 0, "retries": 0, "job_steps": 0}
        self.longest_steps: dict[str, float] = {}
        self.timekeeper = timekeeping.Timekeeper()
        self.storage = storage.Storage()
        self.probe_at = 0.0

    def put(self, call: Call) -> None:
        with self.awake:
            self.queue.append(call)
            self.awake.notify()

    def loop(self, stop: threading.Event) -> None:
        """Works until `stop` is set, then finishes what is queued."""
        while not stop.is_set():
            with self.awake:
                if not self.queue:
                    self.awake.wait(self.turns.seconds_to_next(time.monotonic()))
            if self.queue:
                self.batch()
            self.step_job()
            self.probe()
            self.keep_time()
            incarnation.note_progress()
        while self.queue:
            self.batch()

    # --- commands ---------------------------------------------------------------------------

    def batch(self) -> None:
        """One group commit. The callers are answered after it, whatever came of it."""
        calls: list[Call] = []
        done: list[tuple[bytes, bytes, Any]] = []
        book = ledger.current()
        began = time.monotonic()
        try:
            with ledger.writing(), book.group():
                began = time.monotonic()
                while self.queue and len(calls) < MAXIMUM_BATCH:
                    call = self.queue.popleft()
                    calls.append(call)
                    with request_id.during(call.request_id):
                        self._carry_out(call, book, done)
                    if time.monotonic() - began > HOLD_SECONDS:
                        break
                if done:
                    with connection.cursor() as cursor:
                        cursor.executemany(_INSERT_DONE, done)
        except DatabaseError as error:
            kind = self._not_stored(error, len(calls))
            for call in calls:
                call.frame, call.outcome = _refusal(call, kind()), kind.code
        else:
            if done:
                self.storage.worked()
        self.holds.append(time.monotonic() - began)
        self.counts["groups"] += 1
        self.counts["commands"] += len(calls)
        notices = book.take_notices()
        for call in calls:
            call.answer(call.frame)
        services.announce(notices)
        _note(calls)

    def _carry_out(
        self, call: Call, book: ledger.Ledger, done: list[tuple[bytes, bytes, Any]]
    ) -> None:
        function = services.COMMANDS.get(call.name)
        if call.is_retry:
            self.counts["retries"] += 1
            earlier = _earlier_reply(call.command_id, done)
            if earlier is not None:
                call.frame, call.outcome = earlier, "answered before"
                return
        try:
            if function is None:
                raise UNKNOWN_COMMAND(name=call.name)
            with book.savepoint():
                result = function(**call.arguments)
                call.frame = wire.pack([wire.REPLY, call.command_id, True, result])
            done.append((call.command_id, call.frame, clock.now()))
        except Problem as problem:
            self.counts["refused"] += 1
            call.frame, call.outcome = _refusal(call, problem), problem.kind.code
        except Exception as error:
            kind = storage.problem_of(error)
            if kind is None:
                log.exception("the command %s failed", call.name)
            else:
                self.storage.failed(kind, 1)
            kind = kind or FAILED
            call.frame, call.outcome = _refusal(call, kind()), kind.code

    # --- the disk ---------------------------------------------------------------------------

    def _not_stored(self, error: DatabaseError, commands: int) -> ProblemKind:
        """What the callers of a group that did not reach the disk are told."""
        kind = storage.problem_of(error)
        if kind is None:
            log.exception("a group of %d commands was not stored", commands)
        else:
            self.storage.failed(kind, commands)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
            _lock_database()
        return kind or NOT_STORED

    def probe(self) -> None:
        """While the disk refuses writes: tries one now and then, so that the end is noticed."""
        now = time.monotonic()
        if not self.storage.finding or now < self.probe_at:
            return
        self.probe_at = now + storage.PROBE_SECONDS
        book = ledger.current()
        try:
            with ledger.writing(), book.group(), connection.cursor() as cursor:
                book.hlc += 1  # SQLite writes nothing where nothing changes
                cursor.execute("UPDATE journal_node_state SET hlc = %s WHERE id = 1", [book.hlc])
        except DatabaseError as error:
            self._not_stored(error, 0)
        else:
            self.storage.worked()

    # --- the clock --------------------------------------------------------------------------

    def keep_time(self) -> None:
        """Looks at the clock. One that was far ahead and is right now leaves a wrong time in the
        record: a new incarnation begins without it, as after a restart."""
        book = ledger.current()
        jump = self.timekeeper.look(book.hlc)
        if jump != timekeeping.SET_BACK or hlc.is_within_bound(book.hlc, clock.now()):
            return
        if self.timekeeper.finding.code in (timekeeping.DEAD, timekeeping.BEHIND):
            return
        try:
            with ledger.writing(), book.group():
                incarnation.begin(book, book.incarnation, "the clock had been far ahead")
        except DatabaseError as error:
            self._not_stored(error, 0)

    # --- jobs -------------------------------------------------------------------------------

    def step_job(self) -> None:
        """One step of the job that has been due for longest, in its own transaction."""
        now = time.monotonic()
        job = self.turns.next_due(now)
        if job is None:
            return
        book = ledger.current()
        more: bool | None = False
        try:
            with ledger.writing(), book.group():
                more = job.function(clock.now())
        except Exception as error:
            kind = storage.problem_of(error)
            if kind is None:
                log.exception("the job %s failed; it runs again in its turn", job.name)
            else:
                self.storage.failed(kind, 0)
        ended = time.monotonic()
        self.holds.append(ended - now)
        self.longest_steps[job.name] = max(self.longest_steps.get(job.name, 0.0), ended - now)
        self.counts["job_steps"] += 1
        # A job with more to do goes behind every job that is due, not before them.
        self.turns.due[job.name] = ended + (0.0 if more else job.every_seconds)
        services.announce(book.take_notices())

    def status(self) -> dict[str, Any]:
        """What /metrics and `fengsui doctor` show."""
        holds = sorted(self.holds) or [0.0]
        return {
            **self.counts,
            "process": os.getpid(),
            "queued": len(self.queue),
            "hold_milliseconds_median": round(holds[len(holds) // 2] * 1000, 3),
            "hold_milliseconds_p99": round(holds[int(len(holds) * 0.99)] * 1000, 3),
            "longest_steps_milliseconds": {
                name: round(seconds * 1000, 1) for name, seconds in self.longest_steps.items()
            },
            "clock": self.timekeeper.plain(),
            "storage": self.storage.plain(),
            "incarnation": ledger.current().incarnation,
            "facts": ledger.current().next_arrival - 1,
        }


def _note(calls: list[Call]) -> None:
    """One line for every command that a web request asked for, after its caller was answered."""
    for call in calls:
        if call.request_id:
            log.info("%s: %s", call.name, call.outcome, extra={"request_id": call.request_id})


def _refusal(call: Call, problem: Problem) -> bytes:
    return wire.pack([wire.REPLY, call.command_id, False, problem.to_plain()])


def _earlier_reply(command_id: bytes, done: list[tuple[bytes, bytes, Any]]) -> bytes | None:
    for known, frame, _ in done:
        if known == command_id:
            return frame
    row = CommandDone.objects.filter(command_id=command_id).values_list("reply", flat=True).first()
    return None if row is None else bytes(row)


# --- the process --------------------------------------------------------------------------------


@contextlib.contextmanager
def holding_the_pen(home: Path | None = None) -> Any:
    """Makes this process the writer for a while: lock, writing connection, ledger.

    Raises second_writer where another process has the lock.
    """
    lock = place.WriterLock(home or settings.HOME)
    try:
        take_write_connection()
        _lock_database()
        # The apps first: one of them may bring the clock by which the ledger is opened.
        dispatch.load_services()
        ledger.use(incarnation.open_ledger())
        yield ledger.current()
        incarnation.note_progress(at_end=True)
    finally:
        ledger.use(None)
        connections["default"].close()
        lock.release()


def take_write_connection() -> None:
    """Makes the default connection of this process the one that writes."""
    if settings.IS_WRITER:
        return
    settings.IS_WRITER = True
    default = connections["default"]
    default.close()
    options = default.settings_dict["OPTIONS"]
    if default.vendor == "sqlite":
        options["transaction_mode"] = "IMMEDIATE"
        options["init_command"] = settings.SQLITE_PRAGMAS
    else:
        options.pop("options", None)


def _lock_database() -> None:
    """PostgreSQL can be reached from several machines; SQLite only from this one."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ADVISORY_LOCK])
        row = cursor.fetchone()
    if not row[0]:
        raise SECOND_WRITER(pid="PostgreSQL")


def run(stop: threading.Event) -> None:
    """The writer process: catches up, serves the socket, runs the jobs, until `stop` is set."""
    with holding_the_pen():
        rebuilt = replay.rebuild_if_outdated()
        if rebuilt is not None:
            log.info("the tables were rebuilt from %d facts", rebuilt)
        caught_up = services.apply_newly_known(limit=None)
        if caught_up:
            log.info("%d facts that were unknown before are applied now", caught_up)
        writer = Writer(dispatch.jobs())
        door = Door(place.socket_path(settings.HOME), writer.put, writer.status)
        door.open()
        log.info("the writer is ready")
        try:
            writer.loop(stop)
        finally:
            door.close()
    log.info("the writer has stopped; everything acknowledged is on the disk")


def serve() -> int:
    """`run` until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        run(stop)
    except Problem as problem:
        sys.stderr.write(f"{problem.to_plain()['zh']}\n{problem.to_plain()['en']}\n")
        return 1
    return 0
