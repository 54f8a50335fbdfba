"""The calling side of sessions: drives the link to the node above, for as long as it runs."""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from fengsui.exchange.links import addresses, envelopes
from fengsui.exchange.links.envelopes import BadEnvelopeError
from fengsui.exchange.links.outbox import Outbox
from fengsui.exchange.links.server import own_signer
from fengsui.exchange.links.shell import CARRIER, Shell
from fengsui.exchange.neighbours import identity, queries, services
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import client, clock
from fengsui.foundation.journal import services as journal
from fengsui.standards.instants import to_iso, to_ms

BACKOFF_FIRST_SECONDS = 0.2
BACKOFF_MAX_SECONDS = 15.0
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
POLL_MS = envelopes.WAIT_MS_MAX
POLL_MARGIN_SECONDS = 10.0
LOOK_SECONDS = 0.5
HEARD_SECONDS = 20.0
LINK = "upstream"

log = logging.getLogger("fengsui.links")


class LinkDownError(Exception):
    """The session is over; `code` is a word for the status, the text is for the log."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Caller:
    """One link to the node above. `run` returns when `stop` is set."""

    def __init__(self, urls: list[str], home: Path, stop: threading.Event) -> None:
        self.urls = urls
        self.home = home
        self.stop = stop
        self.signer = own_signer()
        self.was_up = False
        self.talk: Conversation | None = None
        self.shell = Shell(self._trouble)
        self.tls = addresses.tls_context(home)
        self.status: dict[str, Any] = {}

    def run(self) -> None:
        self.shell.start()
        failures, turn = 0, 0
        while not self.stop.is_set():
            url = self.urls[turn % len(self.urls)]
            self.was_up = False
            try:
                self._session(url)
            except LinkDownError as error:
                self._say("down", url, code=error.code, text=str(error))
            except Problem as problem:
                self._say("down", url, code=problem.kind.code, text=str(problem))
            except Exception as error:
                log.exception("the link failed")
                self._say("down", url, code="failed", text=str(error))
            # A line that comes and goes is used whenever it is there.
            failures = 1 if self.was_up else failures + 1
            turn += 1
            self._pause(failures)
        self.shell.stop()

    def _pause(self, failures: int) -> None:
        """Waits longer each time; a life-safety fact of ours ends the waiting."""
        longest = min(BACKOFF_MAX_SECONDS, BACKOFF_FIRST_SECONDS * 2.0 ** min(failures, 10))
        end = time.monotonic() + longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self.shell.urgent.clear()
        while time.monotonic() < end and not self.stop.wait(0.1):
            if self.shell.urgent.is_set():
                return

    def _trouble(self, reason: str) -> None:
        if self.talk is not None:
            self.talk.end("disk", reason)

    # --- one session

    def _session(self, url: str) -> None:
        read = POLL_MS / 1000 + POLL_MARGIN_SECONDS
        with self._line(url, ANSWER_SECONDS) as asking, self._line(url, read) as waiting:
            session, peer = self._open(asking, url)
            outbox = self.shell.link_up(LINK, peer)
            talk = self.talk = Conversation(self, session, peer)
            poll = threading.Thread(
                target=self._poll, args=(waiting, talk), name="link-poll", daemon=True
            )
            try:
                poll.start()
                self._say("up", url, name=peer.name)
                self.was_up = True
                self._ask(asking, talk, outbox)
            finally:
                # Nobody waits for the thread that waits: what it still hears is dropped.
                talk.end("ended", "")
                self.shell.link_down(LINK)

    def _line(self, url: str, seconds: float) -> httpx.Client:
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        headers = {
            "Content-Type": envelopes.MEDIA_TYPE,
            envelopes.NODE_HEADER: self.signer.public_key.hex(),
        }
        return httpx.Client(
            base_url=url, timeout=timeout, headers=headers, verify=self.tls, trust_env=False
        )

    def _open(self, line: httpx.Client, url: str) -> tuple[bytes, identity.Identity]:
        wants_manifest = queries.may_begin() or queries.is_bootstrapping()
        sent_ms = to_ms(clock.now())
        request = envelopes.open_body(
            self.signer,
            nonce=secrets.token_bytes(envelopes.NONCE_BYTES),
            now_ms=sent_ms,
            wants_manifest=wants_manifest,
        )
        body = post(line, request)
        try:
            welcome = envelopes.read_welcome(body, request)
        except BadEnvelopeError as error:
            raise LinkDownError("not_a_node", f"{url} does not answer as a node: {error}") from None
        peer = identity.peer(welcome.public_key)
        if peer is None or peer.suite != welcome.suite:
            raise LinkDownError("unknown", f"the node at {url} has no valid certificate here")
        services.note_heard(public_key=peer.public_key, carrier=CARRIER)
        self._note_clock(peer, welcome.now_ms, sent_ms, to_ms(clock.now()))
        if welcome.manifest is not None:
            services.begin_bootstrap(public_key=peer.public_key)
            services.note_manifest(
                public_key=peer.public_key, heads=[list(line) for line in welcome.manifest]
            )
        return welcome.session, peer

    def _note_clock(
        self, peer: identity.Identity, theirs_ms: int, sent_ms: int, back_ms: int
    ) -> None:
        offset_ms = theirs_ms - (sent_ms + back_ms) // 2
        self.status["clock_offset_ms"] = offset_ms
        journal.note_peer_clock(
            node_name=peer.name, offset_ms=offset_ms, round_trip_ms=max(0, back_ms - sent_ms)
        )

    def _ask(self, line: httpx.Client, talk: Conversation, outbox: Outbox) -> None:
        """Lane 0: whatever there is to say, at once."""
        heard_at, is_fetching = time.monotonic(), queries.is_bootstrapping()
        while not self.stop.is_set():
            outbox.arrived.wait(LOOK_SECONDS)
            if talk.broken.is_set():
                raise LinkDownError(*talk.why)
            messages, _ = outbox.take()
            if messages:
                talk.exchange(line, 0, messages, 0)
            if is_fetching:
                is_fetching = bool(services.look_at_bootstrap()["is_bootstrapping"])
            if time.monotonic() - heard_at > HEARD_SECONDS and talk.heard_at > heard_at:
                heard_at = time.monotonic()
                services.note_heard(public_key=talk.peer.public_key, carrier=CARRIER)

    def _poll(self, line: httpx.Client, talk: Conversation) -> None:
        """Lane 1: waits for news of the other side."""
        while not talk.broken.is_set() and not self.stop.is_set():
            try:
                talk.exchange(line, 1, [], POLL_MS)
            except LinkDownError as error:
                talk.end(error.code, str(error))
            except Exception as error:
                if not talk.broken.is_set():
                    log.exception("waiting for news failed")
                talk.end("failed", str(error))

    def _say(self, state: str, url: str, **more: Any) -> None:
        if state == "down":
            log.info("the link to %s is down: %s", url, more.get("text"))
        self.status = {
            **({"clock_offset_ms": self.status.get("clock_offset_ms")} if self.status else {}),
            "state": state,
            "url": url,
            "is_encrypted": urlsplit(url).scheme == "https",
            "since": to_iso(clock.now()),
            **more,
        }
        addresses.write_status(self.home, self.status)


class Conversation:
    """The counters of one session and the handing on of what comes back."""

    def __init__(self, caller: Caller, session: bytes, peer: identity.Identity) -> None:
        self.caller = caller
        self.session = session
        self.peer = peer
        self.counters = [0] * envelopes.LANES
        self.heard_at = time.monotonic()
        self.broken = threading.Event()
        self.why = ("", "")

    def end(self, code: str, text: str) -> None:
        if not self.broken.is_set():
            self.why = (code, text)
            self.broken.set()

    def exchange(self, line: httpx.Client, lane: int, messages: list[bytes], wait_ms: int) -> None:
        """One request and its answer. Raises LinkDownError."""
        self.counters[lane] += 1
        request = envelopes.talk_body(
            self.caller.signer,
            session=self.session,
            lane=lane,
            counter=self.counters[lane],
            now_ms=to_ms(clock.now()),
            wait_ms=wait_ms,
            messages=messages,
        )
        body = post(line, request)
        try:
            answer = envelopes.read_answer(body, request)
        except BadEnvelopeError as error:
            raise LinkDownError("not_a_node", f"the answer was refused: {error}") from None
        if answer.public_key != self.peer.public_key:
            raise LinkDownError("unknown", "another node answered")
        self.heard_at = time.monotonic()
        for message in answer.messages:
            if self.broken.is_set():
                return  # a later session has taken over
            self.caller.shell.arrived(LINK, message)


_WORDS = {
    403: ("refused", "the node above does not let this node in"),
    409: ("ended", "the session has ended there"),
    413: ("too_large", "a request was too large"),
    429: ("too_many", "too many requests"),
}


def post(line: httpx.Client, body: bytes) -> bytes:
    """The body of the answer. Raises LinkDownError for everything else."""
    try:
        with line.stream("POST", envelopes.PATH, content=body) as response:
            if response.status_code != 200:
                code, text = _WORDS.get(
                    response.status_code, ("failed", f"HTTP {response.status_code}")
                )
                raise LinkDownError(code, text)
            return _limited(response)
    except (httpx.HTTPError, OSError, RuntimeError) as error:
        raise LinkDownError("unreachable", f"{type(error).__name__}: {error}") from None


def _limited(response: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > envelopes.BODY_BYTES_MAX:
            raise LinkDownError("too_large", "an answer was too large")
        parts.append(part)
    return b"".join(parts)


def writer_is_up() -> bool:
    """The tables exist once the writer answers: it brings them up to date first."""
    try:
        client.status()
    except Problem:
        return False
    return True


def run(home: Path, stop: threading.Event) -> int:
    """The link process: 0 once `stop` is set, 1 where there is nothing to call."""
    urls = addresses.upstream_urls(home)
    if not urls:
        return 1
    while not writer_is_up():
        if stop.wait(LOOK_SECONDS):
            return 0
    Caller(urls, home, stop).run()
    return 0
