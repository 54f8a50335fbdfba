"""The answering side of sessions: who may talk, no request twice, what is sent back."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from fengsui.exchange.links import envelopes
from fengsui.exchange.links.envelopes import BadEnvelopeError, Open, Signer, Talk
from fengsui.exchange.links.outbox import Outbox
from fengsui.exchange.links.shell import CARRIER, Shell
from fengsui.exchange.neighbours import identity, services
from fengsui.exchange.neighbours.identity import Identity
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import clock
from fengsui.standards.instants import to_ms

# Opened sessions of one peer that have not yet proved to be alive: a recorded "open" played
# again pushes out only its like, never a session in use.
PENDING_PER_PEER = 4
PEERS_MAX = 2000
IDLE_SECONDS = 120.0
HEARD_SECONDS = 20.0
# A healthy session needs a few requests a second; a broken one may not starve the others.
REQUESTS_PER_SECOND = 50.0
REQUESTS_AT_ONCE = 300.0

OK, REFUSED, NO_SESSION, TOO_MANY = 200, 403, 409, 429

log = logging.getLogger("fengsui.links")


@dataclass(slots=True)
class Session:
    """One session of one peer; `counters` are the last seen on each lane."""

    session: bytes
    peer: Identity
    used_at: float
    counters: list[int] = field(default_factory=lambda: [0] * envelopes.LANES)
    link: str = ""
    outbox: Outbox | None = None


@dataclass(slots=True)
class Pace:
    """A bucket of requests that fills by the second."""

    left: float
    at: float

    def allows(self, now: float) -> bool:
        gained = (now - self.at) * REQUESTS_PER_SECOND
        self.left, self.at = min(REQUESTS_AT_ONCE, self.left + gained), now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request. With a session: answer once `wait_seconds` are over or sooner."""

    status: int
    body: bytes = b""
    request: bytes = b""
    session: Session | None = None
    wait_seconds: float = 0.0


class Server:
    """All sessions of this process. Its methods run in threads."""

    def __init__(self) -> None:
        self.shell = Shell(self._trouble)
        self.signer = own_signer()
        self._lock = threading.Lock()
        self._pending: defaultdict[bytes, deque[Session]] = defaultdict(
            lambda: deque(maxlen=PENDING_PER_PEER)
        )
        self._in_use: dict[bytes, Session] = {}  # by public key: one session a peer
        self._paces: dict[bytes, Pace] = {}
        self._heard: dict[bytes, float] = {}

    def start(self) -> None:
        self.shell.start()

    def stop(self) -> None:
        self.shell.stop()

    def may_knock(self, key: bytes) -> bool:
        """Before a body is even read: only keys of nodes that may talk. Not yet a proof."""
        return key in self.shell.node.known and key != self.signer.public_key

    def take(self, body: bytes) -> Taken:
        """Reads a request and hands its messages on. Whoever is refused is not told why."""
        try:
            request = envelopes.read_request(body)
        except BadEnvelopeError as error:
            log.info("a session request was refused: %s", error)
            return Taken(REFUSED)
        if not self._pace(request.public_key):
            return Taken(TOO_MANY)
        peer = identity.peer(request.public_key)
        if peer is None or peer.suite != request.suite:
            log.warning("a node that may not talk here asked: %s", request.public_key.hex()[:16])
            self._forget(request.public_key)
            return Taken(REFUSED)
        self._expire()
        if isinstance(request, Open):
            return self._open(request, peer, body)
        return self._talk(request, body)

    def answer(self, taken: Taken) -> bytes:
        """The signed answer with whatever waits for the peer by now."""
        outbox = taken.session.outbox if taken.session else None
        messages, more = outbox.take() if outbox else ([], False)
        return envelopes.answer_body(
            self.signer,
            request=taken.request,
            now_ms=to_ms(clock.now()),
            more=more,
            messages=messages,
        )

    # --- opening

    def _open(self, request: Open, peer: Identity, body: bytes) -> Taken:
        session = Session(secrets.token_bytes(envelopes.SESSION_BYTES), peer, time.monotonic())
        with self._lock:
            if len(self._pending) >= PEERS_MAX and request.public_key not in self._pending:
                return Taken(TOO_MANY)
            self._pending[request.public_key].append(session)
        welcome = envelopes.welcome_body(
            self.signer,
            request=body,
            session=session.session,
            now_ms=to_ms(clock.now()),
            manifest=self.shell.manifest(peer.scope) if request.wants_manifest else None,
        )
        return Taken(OK, welcome)

    def _talk(self, request: Talk, body: bytes) -> Taken:
        with self._lock:
            session = self._session(request)
            if session is None or request.counter <= session.counters[request.lane]:
                return Taken(NO_SESSION)
            session.counters[request.lane] = request.counter
            session.used_at = time.monotonic()
            is_new = session.outbox is None
            if is_new:
                before = self._in_use.get(request.public_key)
                self._in_use[request.public_key] = session
                self._pending.pop(request.public_key, None)
                self._link_up(session, before)
        self._note_heard(request.public_key)
        for message in request.messages:
            self.shell.arrived(session.link, message)
        return Taken(OK, b"", body, session, request.wait_ms / 1000)

    def _session(self, request: Talk) -> Session | None:
        in_use = self._in_use.get(request.public_key)
        candidates = [*([in_use] if in_use else []), *self._pending.get(request.public_key, ())]
        return next((one for one in candidates if one.session == request.session), None)

    def _link_up(self, session: Session, before: Session | None) -> None:
        if before is not None:
            self.shell.link_down(before.link)
        session.link = f"from {session.peer.name} {session.session.hex()[:8]}"
        session.outbox = self.shell.link_up(session.link, session.peer)

    # --- ending

    def _expire(self) -> None:
        limit = time.monotonic() - IDLE_SECONDS
        with self._lock:
            idle = [key for key, one in self._in_use.items() if one.used_at < limit]
        for key in idle:
            self._forget(key)

    def _forget(self, public_key: bytes) -> None:
        with self._lock:
            session = self._in_use.pop(public_key, None)
            self._pending.pop(public_key, None)
        if session is not None:
            self.shell.link_down(session.link)

    def _trouble(self, reason: str) -> None:
        """The disk takes nothing: end the sessions; the peers come back and begin from it."""
        log.warning("all sessions end: %s", reason)
        with self._lock:
            keys = list(self._in_use)
        for key in keys:
            self._forget(key)

    # --- pace and signs of life

    def _pace(self, key: bytes) -> bool:
        now = time.monotonic()
        with self._lock:
            if len(self._paces) > PEERS_MAX:
                self._paces.clear()
            return self._paces.setdefault(key, Pace(REQUESTS_AT_ONCE, now)).allows(now)

    def _note_heard(self, key: bytes) -> None:
        now = time.monotonic()
        if now - self._heard.get(key, -HEARD_SECONDS) < HEARD_SECONDS:
            return
        self._heard[key] = now
        try:
            services.note_heard(public_key=key, carrier=CARRIER)
        except Problem as problem:
            log.warning("a sign of life was not taken down: %s", problem)

    def status(self) -> dict[str, float]:
        """For /metrics."""
        return {"sessions": len(self._in_use), **self.shell.counts}


def own_signer() -> Signer:
    key = identity.own_key()
    return Signer(key.suite.number, key.public, key.sign)
