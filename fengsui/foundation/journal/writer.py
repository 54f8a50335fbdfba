"""The one writer: a thread that owns the write connection, and a Unix socket as its door.

Commands queue; the batch is formed after the turn begins; each command has a savepoint; nobody
is answered before COMMIT (synchronous=FULL) has returned. In each turn one step of one due job
runs, so neither answers nor the engine wait for more than one turn of the other.
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
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem, ProblemKind
from fengsui.foundation.journal import (
    alike,
    checkpoints,
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
from fengsui.foundation.journal.door import STORED, Call, Door
from fengsui.foundation.journal.errors import FAILED, NOT_STORED, SECOND_WRITER, UNKNOWN_COMMAND
from fengsui.foundation.journal.jobs import Job, Turns
from fengsui.foundation.journal.models import CommandDone

HOLD_SECONDS = 0.010
# On a slow disk a turn may be longer by what its commit takes, up to so much, else most of the
# time would go by waiting for the disk.
LONGER_SECONDS = 0.005
_NEW_SHARE = 0.2  # of what the last commit took in what commits are taken to take
MAXIMUM_BATCH = 500
MEASURED_HOLDS = 1000
_ADVISORY_LOCK = 0x66656E67737569  # "fengsui"
# An id that was given to another command by mistake must not take a turn's other work down.
_INSERT_DONE = (
    "INSERT INTO journal_command_done (command_id, reply, done_at) VALUES (%s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)

log = logging.getLogger("fengsui.writer")


class Writer:
    """Carries out commands in the thread that calls `loop`, as `door` takes them in, if there is
    one."""

    def __init__(self, jobs: list[Job]) -> None:
        self.queue: deque[Call] = deque()
        self.door: Door | None = None
        self.turns = Turns(jobs)
        self.holds: deque[float] = deque(maxlen=MEASURED_HOLDS)
        self.counts = {"commands": 0, "groups": 0, "refused": 0, "retries": 0, "job_steps": 0}
        self.longest_steps: dict[str, float] = {}
        self.timekeeper = timekeeping.Timekeeper()
        self.storage = storage.Storage()
        self.checkpoints = checkpoints.Checkpoints()
        self.commit_seconds = 0.0
        self.probe_at = 0.0

    def put(self, call: Call) -> None:
        self.queue.append(call)

    def loop(self, stop: threading.Event) -> None:
        """Works until `stop` is set, then finishes what is queued."""
        while not stop.is_set():
            rest = 0.0 if self.queue else self.turns.seconds_to_next(time.monotonic())
            self._look(rest)
            job = self.turns.next_due(time.monotonic())
            if self.queue or job is not None:
                self.batch(job)
            self.probe()
            self.keep_time()
            incarnation.note_progress()
        while self.queue:
            self.batch()

    def _look(self, seconds: float = 0.0) -> None:
        if self.door is not None:
            self.door.look(seconds)

    # --- commands ---------------------------------------------------------------------------

    def batch(self, job: Job | None = None) -> None:
        """One group commit: a step of `job`, then the commands that are there by then. The callers
        are answered after it, whatever came of it.

        One commit for both, since on a slow disk the commit is most of a turn; the job first,
        since whoever asks while it runs is then answered in the same turn.
        """
        self.checkpoints.between_turns()
        calls: list[Call] = []
        done: list[tuple[bytes, bytes, Any]] = []
        book = ledger.current()
        began = time.monotonic()
        more, stepped = False, began
        try:
            with ledger.writing(), book.group():
                began = time.monotonic()
                more = job is not None and self._step(job, book)
                stepped = time.monotonic()
                self._look()
                self._take_commands(calls, book, done)
                worked = time.monotonic()
            self.commit_seconds += _NEW_SHARE * (time.monotonic() - worked - self.commit_seconds)
        except Exception as error:
            kind = self._not_stored(error, len(calls))
            for call in calls:
                call.frame, call.outcome = alike.refusal(call, kind()), kind.code
        else:
            if done:
                self.storage.worked()
        ended = time.monotonic()
        if job is not None:
            self.turns.worked(job, ended, stepped - began, more=more, is_busy=bool(calls))
        self.holds.append(ended - began)
        self.counts["groups"] += bool(calls)
        self.counts["commands"] += len(calls)
        notices = book.take_notices()
        for call in calls:
            call.answer(call.frame)
        services.announce(notices)
        if self.door is not None:
            self.door.flush()
        _note(calls)

    def _take_commands(
        self, calls: list[Call], book: ledger.Ledger, done: list[tuple[bytes, bytes, Any]]
    ) -> None:
        until = time.monotonic() + HOLD_SECONDS
        while self.queue and len(calls) < MAXIMUM_BATCH:
            several = alike.take(self.queue)
            calls += several
            for call in self._carry_out_together(several, book, done):
                with request_id.during(call.request_id):
                    self._carry_out(call, book, done)
            if time.monotonic() > until:
                break
        if done:
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT_DONE, done)

    def _carry_out_together(
        self, calls: list[Call], book: ledger.Ledger, done: list[tuple[bytes, bytes, Any]]
    ) -> list[Call]:
        """Those that are to be carried out alone."""
        alone = alike.carry_out(calls, book)
        told = [call for call in calls if call.frame]
        stored = [call for call in told if call.outcome == STORED]
        now = connection.ops.adapt_datetimefield_value(clock.now())
        done += [(call.command_id, call.frame, now) for call in stored]
        self.counts["refused"] += len(told) - len(stored)
        return alone

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
            call.frame, call.outcome = alike.refusal(call, problem), problem.kind.code
        except Exception as error:
            kind = storage.problem_of(error)
            if kind is None:
                log.exception("the command %s failed", call.name)
            else:
                self.storage.failed(kind, 1)
            kind = kind or FAILED
            call.frame, call.outcome = alike.refusal(call, kind()), kind.code

    # --- the disk ---------------------------------------------------------------------------

    def _not_stored(self, error: Exception, commands: int) -> ProblemKind:
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
        """A turn with one step of the job that has been due for longest."""
        job = self.turns.next_due(time.monotonic())
        if job is not None:
            self.batch(job)

    def _step(self, job: Job, book: ledger.Ledger) -> bool:
        """One step, all of it or nothing; whether there is more to do."""
        began, worked = time.monotonic(), time.thread_time()
        more: bool | None = False
        try:
            with book.savepoint():
                more = job.function(clock.now())
        except Exception as error:
            kind = storage.problem_of(error)
            if kind is None:
                log.exception("the job %s failed; it runs again in its turn", job.name)
            else:
                self.storage.failed(kind, 0)
        took = time.monotonic() - began
        self.longest_steps[job.name] = max(self.longest_steps.get(job.name, 0.0), took)
        self.counts["job_steps"] += 1
        if more and job.pace is not None:
            # By what it worked: smaller steps do not help against programs that crowd it out.
            may_take = HOLD_SECONDS + min(self.commit_seconds, LONGER_SECONDS)
            job.pace.took((time.thread_time() - worked) / may_take)
        return bool(more)

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
        writer.door = door
        writer.checkpoints.start()
        log.info("the writer is ready")
        try:
            writer.loop(stop)
        finally:
            writer.checkpoints.stop()
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
