"""What is wrong with the machine under this node, for every screen."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import queries as journal
from fengsui.foundation.machine import backups, rules
from fengsui.foundation.machine.rules import Warning


def warnings(status: dict[str, Any] | None = None) -> list[Warning]:
    """Everything worth a word, worst first. `status`: what the writer says, if known already."""
    found: list[Warning | None] = []
    storage = ""
    if status is None:
        try:
            status = journal.writer_status()
        except Problem:
            found.append(rules.warning("writer_away"))
    if status is not None:
        storage = status["storage"]["finding"]
        found.append(_clock(status["clock"]))
    free = shutil.disk_usage(settings.HOME).free
    found.append(rules.of_storage(storage, free))
    found += _backup()
    found.append(_certificate())
    found.append(_restored())
    said = [one for one in found if one is not None]
    return sorted(said, key=lambda one: one.level != rules.BAD)


def _clock(plain: dict[str, Any]) -> Warning | None:
    proposed = plain["proposed"]
    return rules.of_clock(
        plain["finding"],
        datetime.fromisoformat(plain["machine"]),
        datetime.fromisoformat(proposed) if proposed else None,
        plain["source"],
    )


def _backup() -> list[Warning]:
    state = backups.State.read(backups.folder(settings.HOME))
    if state is None:
        return []
    found = rules.of_backup(state.last, state.began, state.why, clock.machine_now())
    second = rules.of_second_medium(state.second_why)
    return found if second is None else [*found, second]


def _restored() -> Warning | None:
    note = backups.last_restore(settings.HOME)
    return None if note is None else rules.of_restore(*note, clock.machine_now())


def _certificate() -> Warning | None:
    path = os.environ.get("FENGSUI_TLS_CERT", "")
    if not path:
        return None
    not_after = certificate_end(Path(path))
    return None if not_after is None else rules.of_certificate(not_after, clock.machine_now())


def certificate_end(path: Path) -> datetime | None:
    """Until when the first certificate of a PEM file is valid; None where it cannot be read."""
    try:
        return _certificate_end(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=4)
def _certificate_end(path: Path, changed_ns: int) -> datetime:
    return x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
