"""The steps that take longer than an answer may: each in a process of its own, each resumable.

Whoever asks for a step sets the state and starts a worker; the worker holds the import's lock
and does whatever the state says is next. Where a worker died, the state still says what is next,
and the writer's job starts another (`jobs.py`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.services import carrying, checking, registers
from fengsui.foundation.imports.services.opening import Refused, open_file
from fengsui.foundation.imports.services.receiving import note
from fengsui.foundation.imports.services.staging import STAGING_DAYS, Staging
from fengsui.foundation.imports.states import AT_WORK, ImportState

ATTEMPTS_MAX = 3
NICENESS = 5  # an import waits for a warning, never the other way round
WORKERS_MAX = 2
STARTED_AGAIN_MAX = 20

log = logging.getLogger("fengsui.imports")
_viewer_resolver: Callable[[int], Viewer] | None = None
_workers: list[subprocess.Popen[bytes]] = []  # kept so that they are waited for in the end


def set_viewer_resolver(resolver: Callable[[int], Viewer] | None) -> None:
    """Who may do what is known above this app: rights are asked for anew at every step."""
    global _viewer_resolver
    _viewer_resolver = resolver


def viewer_of(one: Import) -> Viewer:
    """Whoever asked for the step, with the rights they have now."""
    if one.person_id == 0:
        return node_viewer() if one.viewer.get("is_node") else Viewer(person_id=0, name="")
    if _viewer_resolver is not None:
        return _viewer_resolver(one.person_id)
    return Viewer.from_plain(one.viewer)


def start(one: Import) -> None:
    """Has the next step done: here where this process writes, else by a worker of its own."""
    if settings.IS_WRITER:
        work(one.id)
    else:
        spawn(one.id)
    one.refresh_from_db()


def spawn(import_id: str) -> None:
    """A worker that outlives this request. It finds out by itself what is to be done."""
    environment = {**os.environ, "FENGSUI_ROLE": ""}
    _workers[:] = [one for one in _workers if one.poll() is None]
    worker = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "fengsui.config.cli", "register", "work", import_id],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    _workers.append(worker)


def work(import_id: str) -> None:
    """Does what the state of the import says is next, until a person has to look at it."""
    with Staging(import_id) as staging, staging.alone() as is_alone:
        if not is_alone:
            return
        while True:
            one = Import.objects.filter(pk=import_id).first()
            if one is None or not _has_work(one):
                return
            before = one.state
            _step(one, staging)
            one.refresh_from_db()
            if one.state == before:
                return


def _has_work(one: Import) -> bool:
    is_left_open = one.state == ImportState.CANCELLED and one.cause is not None
    return one.state in AT_WORK or (is_left_open and "outcome" not in one.counts)


def _step(one: Import, staging: Staging) -> None:
    try:
        viewer = viewer_of(one)
        ledger = registers.get(one.ledger, viewer=viewer)
        if one.state == ImportState.READING:
            sheets = open_file(staging, one.file_name)
            if not sheets:
                raise Refused("表格里没有内容", "There is nothing in it")
            plan = checking.best_sheet(staging, ledger, viewer, sheets)
            note(one, plan=plan, state=ImportState.READ)
        elif one.state == ImportState.CHECKING:
            checking.check(one, staging, ledger, viewer)
        else:
            carrying.carry_on(one, staging, ledger, viewer)
    except Refused as refusal:
        staging.delete()
        note(one, state=ImportState.FAILED, problem=refusal.problem)
    except Problem as problem:
        if problem.kind.status < 500:
            _give_up(one, staging, problem)
        else:
            log.warning("import %s waits: %s", one.id, problem.kind.code)
    except Exception:
        log.exception("import %s: a step went wrong", one.id)
        attempts = one.plan.get("attempts", 0) + 1
        note(one, plan=one.plan | {"attempts": attempts})
        if attempts >= ATTEMPTS_MAX:
            _give_up(one, staging, None)


def _give_up(one: Import, staging: Staging, problem: Problem | None) -> None:
    """Says so. What is in the register stays, with its set of changes to undo it by."""
    plain = problem.to_plain() if problem else {}
    told = {
        "zh": plain.get("zh", "处理时出错，已停止"),
        "en": plain.get("en", "Something went wrong; it was stopped"),
        "mark": "",
    }
    is_running = one.state == ImportState.RUNNING
    note(one, problem=told, state=ImportState.CANCELLED if is_running else ImportState.FAILED)
    if not is_running:
        staging.delete()


# --- the writer's jobs ------------------------------------------------------------------------


def start_again(now: datetime) -> None:
    """Starts a worker for every import whose own has died."""
    del now
    open_ones = Import.objects.filter(state__in=AT_WORK).order_by("touched_at")
    started = 0
    for identity in open_ones.values_list("pk", flat=True)[:STARTED_AGAIN_MAX]:
        if started >= WORKERS_MAX:
            return
        with Staging(identity).alone() as is_alone:
            pass
        if is_alone:
            spawn(identity)
            started += 1


def forget_old(now: datetime) -> None:
    """Deletes the folders, and with them the names and numbers, of imports left alone."""
    limit = now - timedelta(days=STAGING_DAYS)
    for one in Import.objects.filter(touched_at__lt=limit).exclude(state__in=AT_WORK)[:10]:
        drop(one)


def forget(ledger_rows: list[tuple[str, str]]) -> int:
    """Drops every preview that may name one of these (ledger, row key); how many went.

    Staged files are not searched for a person: what was handed in may name them anywhere, so
    every import of the ledgers concerned goes that is not being written at this moment.
    """
    names = {ledger for ledger, _ in ledger_rows}
    gone = 0
    rows = Import.objects.filter(ledger__in=names).exclude(state=ImportState.RUNNING)
    for one in rows:
        drop(one)
        gone += 1
    return gone


def drop(one: Import) -> None:
    with contextlib.suppress(FileNotFoundError):
        Staging(one.id).delete()
    Import.objects.filter(pk=one.pk).delete()
