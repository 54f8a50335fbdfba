"""Which incarnation of the node this database is. A restored backup must begin a new one.

Beside the database lies a small file: the nonces of this and the previous start, and how many
facts had been acknowledged. A database that carries another nonce, or fewer facts than the file
has seen, has been put back from a backup; going on with its feeds would use numbers twice.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from fengsui.foundation.journal import clock, generations, hlc, keys, timekeeping
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import NODE_INCARNATED
from fengsui.foundation.journal.ledger import Ledger
from fengsui.foundation.journal.models import NodeState, StoredFact

_NONCE_BYTES = 16
PROGRESS_SECONDS = 1.0
FILE_NAME = "incarnation.json"

log = logging.getLogger("fengsui.writer")


@dataclass(frozen=True, slots=True)
class Witness:
    """What the file beside the database knows."""

    nonces: tuple[str, ...]
    facts: int
    incarnation: int

    @classmethod
    def read(cls, path: Path) -> Witness | None:
        try:
            plain = json.loads(path.read_text())
            return cls(tuple(plain["nonces"]), int(plain["facts"]), int(plain["incarnation"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path, *, durable: bool) -> None:
        plain = {"nonces": self.nonces, "facts": self.facts, "incarnation": self.incarnation}
        partial = path.with_suffix(".partial")
        with open(partial, "w") as handle:
            handle.write(json.dumps(plain))
            handle.flush()
            if durable:
                os.fsync(handle.fileno())
        partial.replace(path)
        if durable:
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def mint(previous: int) -> int:
    """A number above `previous` that two restores of one backup do not share."""
    return generations.next_incarnation(previous, secrets.randbits(generations.RANDOM_BITS))


def reason_for_new(
    *, nonce: str, facts: int, last_hlc: int, witness: Witness | None, now: Any
) -> str | None:
    """Why this database must begin a new incarnation, or None. Pure."""
    seen = (witness.nonces, witness.facts) if witness else None
    return generations.reason_for_new(
        nonce=nonce, facts=facts, last_hlc=last_hlc, seen=seen, now=now
    )


def open_ledger() -> Ledger:
    """The ledger of this node: its key, its incarnation, its heads."""
    path = settings.HOME / FILE_NAME
    key = keys.load_or_make(settings.HOME)
    witness = Witness.read(path)
    state = NodeState.objects.filter(id=1).first()
    facts = StoredFact.objects.order_by("-arrival").values_list("arrival", flat=True).first() or 0
    fresh = secrets.token_hex(_NONCE_BYTES)
    if state is None:
        previous = witness.incarnation if witness else 0
        state = NodeState.objects.create(id=1, incarnation=mint(previous))
        reason = None
        nonce = fresh
    else:
        nonce = bytes(state.nonce).hex()
        reason = reason_for_new(
            nonce=nonce,
            facts=facts,
            last_hlc=state.hlc,
            witness=witness,
            now=timekeeping.believed_now(clock.now(), state.hlc),
        )
    # The file first: a crash before the database has the new nonce leaves one it still knows.
    incarnation = max(state.incarnation, witness.incarnation if witness else 0)
    Witness((nonce, fresh), facts, incarnation).write(path, durable=True)
    NodeState.objects.filter(id=1).update(nonce=bytes.fromhex(fresh))
    ledger = Ledger.open(key, state.incarnation)
    ledger.nonces = (nonce, fresh)
    if reason is not None:
        ledgers.use(ledger)
        with ledger.group():
            begin(ledger, incarnation, reason)
        ledger.take_notices()
    note_progress(ledger, at_end=True)
    return ledger


def begin(ledger: Ledger, previous: int, reason: str) -> int:
    """Starts a new incarnation in the open transaction and states it as a fact."""
    incarnation = mint(max(previous, ledger.incarnation))
    log.warning("a new incarnation begins: %s", reason)
    NodeState.objects.filter(id=1).update(incarnation=incarnation)
    now = timekeeping.believed_now(clock.now(), ledger.hlc)
    if not hlc.is_within_bound(ledger.hlc, now):
        ledger.hlc = hlc.of_time(now)
    ledger.reincarnate(incarnation)
    ledger.record(
        NODE_INCARNATED,
        fields={"previous_incarnation": previous, "incarnation": incarnation, "reason": reason},
        personal=None,
        items=(),
        scope="",
        actor=0,
        cause=None,
        about=(),
    )
    return incarnation


_last_note = 0.0


def note_progress(ledger: Ledger | None = None, *, at_end: bool = False) -> None:
    """Tells the file how many facts are acknowledged; at most once a second, or at the end."""
    global _last_note
    now = time.monotonic()
    ledger = ledger or ledgers.current()
    if not at_end and (now - _last_note < PROGRESS_SECONDS or not ledger.has_news):
        return
    _last_note = now
    ledger.has_news = False
    witness = Witness(ledger.nonces, ledger.next_arrival - 1, ledger.incarnation)
    try:
        witness.write(settings.HOME / FILE_NAME, durable=at_end)
    except OSError:
        # Nothing acknowledged depends on it; the next note tells the same and more.
        log.exception("the companion file of the database could not be written")
