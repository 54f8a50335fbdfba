"""A whole node (`fengsui up`) with an invented county, people signed in, and lines to it.

No benchmark by itself: what those share that measure through HTTP. `Line` is as little of an HTTP
client as will do, so that the load generator takes as little of the machine as it can.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.world.running_node import RunningNode, start, until

PATIENCE_S = 60.0
_END_OF_HEAD = b"\r\n\r\n"


class Line:
    """One connection kept open, with the cookies of one session."""

    def __init__(self, port: int, session: str = "", headers: dict[str, str] | None = None) -> None:
        self.opened = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        token = secrets.token_hex(16)
        given = {"Host": f"127.0.0.1:{port}", "Accept": "application/json", **(headers or {})}
        if session:
            given |= {
                "Cookie": f"sessionid={session}; csrftoken={token}",
                "X-CSRFToken": token,
                "Referer": f"http://127.0.0.1:{port}/",
            }
        self.head = "".join(f"{name}: {value}\r\n" for name, value in given.items())

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        """The bytes of a request: made before the clock runs, where that matters."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        size = f"Content-Length: {len(content)}\r\n" if content or method != "GET" else ""
        return f"{method} {path} HTTP/1.1\r\n{self.head}{kind}{size}\r\n".encode() + content

    def send(self, request: bytes) -> tuple[int, bytes]:
        """(status, body) of one request."""
        self.opened.sendall(request)
        while _END_OF_HEAD not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(_END_OF_HEAD)
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        if "chunked" in fields.get("transfer-encoding", ""):
            return int(lines[0].split()[1]), self._chunks()
        size = int(fields.get("content-length", "0"))
        while len(self.rest) < size:
            self._more()
        body, self.rest = self.rest[:size], self.rest[size:]
        return int(lines[0].split()[1]), body

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        status, text = self.send(self.request(method, path, body))
        if status >= 400:
            raise SystemExit(f"{method} {path}: {status} {text[:300]!r}")
        return json.loads(text) if text[:1] in (b"{", b"[") else text

    def _more(self) -> None:
        got = self.opened.recv(1 << 18)
        if not got:
            raise ConnectionError("the connection was closed")
        self.rest += got

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self.rest:
                self._more()
            size, _, self.rest = self.rest.partition(b"\r\n")
            wanted = int(size.split(b";")[0], 16)
            while len(self.rest) < wanted + 2:
                self._more()
            body, self.rest = body + self.rest[:wanted], self.rest[wanted + 2 :]
            if not wanted:
                return body


def drive(port: int, batches: list[list[bytes]], begin: Any, told: Any) -> None:
    """The load generator, in a process of its own: each list of requests over a connection of its
    own, the next when the last was answered. Tells {"waits_ms", "failed", "took", "busy"}."""
    waits: list[float] = []
    failed: list[bytes] = []
    lines = [Line(port) for _ in batches]
    ready = threading.Barrier(len(batches) + 1)

    def work(line: Line, requests: list[bytes]) -> None:
        mine = []
        ready.wait()
        for request in requests:
            began = time.perf_counter()
            status, body = line.send(request)
            mine.append((time.perf_counter() - began) * 1000)
            if status >= 400:
                failed.append(body[:200])
        waits.extend(mine)

    threads = [threading.Thread(target=work, args=it) for it in zip(lines, batches, strict=True)]
    for thread in threads:
        thread.start()
    told.put("ready")
    begin.wait()
    ready.wait()
    began, busy = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    told.put({"waits_ms": waits, "failed": failed, "took": took, "busy": busy})


def driven(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    pids: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """`requests` dealt out to so many kept connections of another process: pace and waits.

    `pids`: processes whose time of the processor a request is told, by name.
    """
    context = multiprocessing.get_context("spawn")
    begin, told = context.Event(), context.Queue()
    batches = [list(requests[one::connections]) for one in range(connections)]
    generator = context.Process(target=drive, args=(port, batches, begin, told), daemon=True)
    generator.start()
    told.get(timeout=PATIENCE_S)
    watched = pids or {}
    before = {name: processor_s([pid]) for name, pid in watched.items()}
    begin.set()
    said = told.get(timeout=PATIENCE_S * 10)
    used = {name: processor_s([pid]) - before[name] for name, pid in watched.items()}
    generator.join(PATIENCE_S)
    if said["failed"]:
        raise SystemExit(f"{len(said['failed'])} were refused: {said['failed'][0]!r}")
    return {
        "connections": connections,
        "per_s": round(len(said["waits_ms"]) / said["took"], 1),
        **spread(said["waits_ms"]),
        "processor_ms_each": {
            name: round(it / len(requests) * 1000, 2) for name, it in used.items()
        },
        "generator_processor_share": round(said["busy"] / said["took"], 2),
    }


@contextlib.contextmanager
def node_with_county(*, villages: int, households: int) -> Iterator[RunningNode]:
    """`fengsui up` over an invented county (none where `villages` is 0), this process ready to call
    the node's writer."""
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as folder:
        kept = {
            name: it
            for name, it in os.environ.items()
            if "FENGSUI" not in name or name.endswith("_CACHE_KIB")
        }
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "fengsui.config.cli", "county", "generate", "--whole"]
        command += ["--villages", str(villages), "--households", str(households)]
        environment = {**kept, "FENGSUI_HOME": folder}
        if villages:
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        node = start(Path(folder), environment=kept)
        try:
            until(node.is_healthy, "the node to be well")
            os.environ.update(FENGSUI_HOME=folder, DJANGO_SETTINGS_MODULE="fengsui.config.settings")
            import django

            django.setup()
            yield node
        finally:
            node.stop()


def apart(bench: str, *arguments: object) -> Any:
    """What another process prints as its last line: a process serves one home only."""
    command = [sys.executable, "-m", f"bench.{bench}", *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def county_code() -> str:
    from fengsui.foundation.places import queries as places

    county = places.node_place()
    assert county is not None
    return str(county.code)


def open_callout(parties: list[dict[str, Any]], place_code: str, level: str = "red") -> int:
    """A practice callout, opened by the running node's writer."""
    from fengsui.engines.calls import services
    from fengsui.foundation.access.viewer import node_viewer

    opened = services.open_callout(
        viewer=node_viewer("bench"), subject_kind="alert", subject_id=1, place_code=place_code,
        level=level, text="演练", exercise=True, parties=parties,
    )  # fmt: skip
    return int(opened["callout_id"])


def party(person_id: int, place_code: str, phone: str = "") -> dict[str, Any]:
    """Somebody to be called; without a number nothing rings, and somebody must knock."""
    return {
        "person_id": person_id,
        "name": f"示意{person_id}",
        "place_code": place_code,
        "unit_code": "",
        "post_title": "住户",
        "deputies": [],
        "superiors": [],
        "contacts": [{"kind": "phone", "value": phone}] if phone else [],
    }


def calls_of(callout_id: int, wanted: int) -> list[int]:
    """The ids of a callout's calls, once all of them are there and none is due."""
    from fengsui.engines.calls.models import Call
    from fengsui.foundation.journal import clock

    calls = Call.objects.filter(callout_id=callout_id)
    until(lambda: calls.count() >= wanted, "everybody to be on the list", PATIENCE_S * 5)
    until(
        lambda: not calls.filter(next_at__lte=clock.now()).exists(),
        "nobody to be due",
        PATIENCE_S * 5,
    )
    return list(calls.order_by("id").values_list("id", flat=True))


def processor_s(pids: Sequence[int]) -> float:
    """Seconds of the processor that running processes have taken so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return round(ticks / os.sysconf("SC_CLK_TCK"), 2)


def people(names: Sequence[str], place_code: str) -> list[int]:
    """Invented persons of one place, recorded by the running node."""
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.people import services

    rows = [{"ref": name, "name": name, "place_code": place_code} for name in names]
    ids = services.register_people(viewer=node_viewer("bench"), persons=rows, is_invented=True)
    return [ids[name] for name in names]


def signed_in(person_id: int, grants: Sequence[Sequence[str]] = ()) -> str:
    """The id of a session of this person, as signing in makes one."""
    from importlib import import_module

    from django.conf import settings

    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.accounts import services

    if grants:
        services.register_account(
            viewer=node_viewer("bench"), person_id=person_id, grants=[list(one) for one in grants]
        )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    services.begin_session(session, person_id=person_id, how="link")
    return str(session.session_key)


def officer(place_code: str) -> str:
    """A session of the county's officer on duty."""
    (person,) = people(["示意值班员"], place_code)
    return signed_in(person, [("duty_officer", place_code)])


def spread(times_ms: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times_ms)
    return {
        "n": len(ordered),
        "p50_ms": round(statistics.median(ordered), 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
        "worst_ms": round(ordered[-1], 2),
    }
