"""Alerta beside us: alerts created and acknowledged a second, calls opened and answered a second.

    python -m bench.peer --peer /path/to/venv/bin/python [--requests 1000] [--connections 8]
    (or FENGSUI_BENCH_PEER; without it the bench says so and measures nothing)

The peer is alerta-server from PyPI with gunicorn and psycopg2-binary, in a virtual environment of
its own outside this tree, on a throw-away PostgreSQL (tests/world/postgres.py: fsync off, which
favours it; ours is SQLite with synchronous=FULL): two workers of eight threads, no sign-in, its
default plugins. Ours is a whole node (`fengsui up`: one web process, one writer), signed in. Both
in one run, one after the other, round by round; the same load generator (a process of its own, so
many kept connections, the next request when the last was answered), the same number of requests.

What is compared:
- created: the peer's POST /alert, one alert a request, against our calls opened by one approval of
  a warning through HTTP, from before POST /alerts/{id}/approve until every call is durable and on
  the list. Alerta has no request that creates several; we have none that opens a single call.
- acknowledged, request by request: its PUT /alert/{id}/action (ack) against our POST
  /calls/{id}/answer, each by another person with a session of their own (signed, durable, applied).
- acknowledged, the engines: the same of the peer (it has no other way in) against `record_answer`
  at our writer's door, where web, telegrams and carriers hand answers in: no HTTP on our side.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.answers import own_answers
from bench.beside import Answers
from bench.served import (
    Line,
    calls_of,
    county_code,
    driven,
    node_with_county,
    officer,
    open_callout,
    party,
    people,
    signed_in,
)
from tests.world.postgres import free_port, postgres
from tests.world.running_node import RunningNode, until

WANTED_TIMES = 20
WORKERS, THREADS = 2, 8
DOOR_PER_S = 1_000_000  # as fast as it goes
DOOR_SECONDS_MAX = 60.0


class Peer:
    """Alerta, running."""

    def __init__(self, port: int, url: str) -> None:
        self.port, self.url = port, url
        self.line = Line(port)

    def alert(self) -> bytes:
        name = secrets.token_hex(8)
        said = {
            "resource": f"village-{name}", "event": "CallOut", "environment": "Production",
            "severity": "critical", "service": ["bench"], "text": "exercise",
        }  # fmt: skip
        return self.line.request("POST", "/alert", said)

    def measure(self, requests: int, connections: int) -> dict[str, Any]:
        created = driven(self.port, [self.alert() for _ in range(requests)], connections)
        said = {"action": "ack", "text": "", "timeout": 3600}
        asked = [self.line.request("PUT", f"/alert/{one}/action", said) for one in self.open_ones()]
        return {"created": created, "acknowledged": driven(self.port, asked, connections)}

    def open_ones(self) -> list[str]:
        import psycopg

        with psycopg.connect(self.url) as opened:
            return [row[0] for row in opened.execute("SELECT id FROM alerts WHERE status = 'open'")]

    def acknowledged(self) -> int:
        import psycopg

        with psycopg.connect(self.url) as opened:
            found = opened.execute("SELECT COUNT(*) FROM alerts WHERE status = 'ack'").fetchone()
            return int(found[0]) if found else 0


@contextlib.contextmanager
def peer_of(python: str) -> Iterator[Peer]:
    with postgres() as url, tempfile.TemporaryFile() as log:
        port = free_port()
        command = [python, "-m", "gunicorn", "-w", str(WORKERS), "-k", "gthread"]
        command += ["--threads", str(THREADS), "-b", f"127.0.0.1:{port}", "--keep-alive", "60"]
        kept = {name: it for name, it in os.environ.items() if "FENGSUI" not in name}
        environment = {**kept, "DATABASE_URL": url}
        # Its workers would make the same tables at the same time, and one of them would fail.
        tables = [python, "-c", "from alerta import create_app; create_app()"]
        subprocess.run(tables, env=environment, check=True, stdout=log, stderr=log)
        with subprocess.Popen(
            [*command, "alerta:create_app()"],
            env=environment,
            cwd=tempfile.gettempdir(),
            stdout=log,
            stderr=log,
        ) as server:
            try:

                def is_up() -> bool:
                    try:
                        return bool(Line(port).ask("GET", "/alerts/count"))
                    except (OSError, SystemExit):
                        if server.poll() is not None:
                            log.seek(0)
                            raise SystemExit(log.read().decode()[-2000:]) from None
                        return False

                until(is_up, "Alerta to answer")
                yield Peer(port, url)
            finally:
                if server.poll() is not None:
                    log.seek(0)
                    sys.stderr.write(log.read().decode()[-2000:])
                server.terminate()


def version_of(python: str) -> str:
    """ "" where this Python has no Alerta."""
    asked = "from importlib.metadata import version; print(version('alerta-server'))"
    try:
        done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


class Ours:
    """Our node, with a county of so many households and whoever drafts and approves."""

    def __init__(self, node: RunningNode) -> None:
        self.node, self.county = node, county_code()
        self.drafting = officer(self.county)
        (leader,) = people(["示意带班领导"], self.county)
        self.approving = signed_in(leader, [("duty_leader", self.county)])

    def measure(self, requests: int, connections: int) -> dict[str, Any]:
        opened = self._opened()
        own = driven(
            self.node.port, own_answers(self.node.port, self.county, requests), connections
        )
        return {"opened": opened, "answered": own, "answered_at_the_door": self._at_the_door()}

    def _opened(self) -> dict[str, Any]:
        from fengsui.engines.calls.models import Call

        draft = {
            "kind": "monitoring_alarm", "category_name": "暴雨", "level": "red",
            "text": "示意：请立即转移。", "area_codes": [self.county], "exercise": True,
        }  # fmt: skip
        # New ones each round: the server closes a connection that was idle for a while.
        drafts = Line(self.node.port, self.drafting)
        approves = Line(self.node.port, self.approving)
        alert = drafts.ask("POST", "/api/v1/alerts/draft", draft)["id"]
        address = f"/api/v1/alerts/{alert}"
        drafts.ask("PATCH", address, {"include_other_households": True})
        drafts.ask("POST", f"{address}/submit")
        wanted = drafts.ask("GET", f"{address}/concerned")["parties"]
        began = time.perf_counter()
        callout = approves.ask("POST", f"{address}/approve", {"reason": ""})["callout_id"]
        replied = time.perf_counter() - began
        calls = Call.objects.filter(callout_id=int(callout))
        until(lambda: calls.count() >= wanted, "everybody to be on the list")
        took = time.perf_counter() - began
        approves.ask("POST", f"/api/v1/callouts/{callout}/stop", {"reason": "measured"})
        approves.ask("POST", f"{address}/cancel", {"reason": "measured"})
        return {
            "calls": wanted,
            "reply_s": round(replied, 2),
            "all_on_the_list_s": round(took, 2),
            "per_s": round(wanted / took, 1),
        }

    def _at_the_door(self) -> dict[str, Any]:
        from fengsui.foundation.journal import place

        township, count = f"{self.county[:6]}001000", 5_000
        first = 7_000_000 + time.monotonic_ns() % 10**9 * 10_000
        callout = open_callout([party(first + n, township) for n in range(count)], self.county)
        ids = calls_of(callout, count)
        answers = Answers(str(place.socket_path(self.node.home)), ids, DOOR_PER_S)

        from fengsui.engines.calls.models import Answer

        def all_answered() -> bool:
            return Answer.objects.filter(call_id__in=ids[-1:]).exists()

        took, said = answers.beside(lambda: until(all_answered, "answers", DOOR_SECONDS_MAX))
        if said["failed"] or said["done_share"] < 1:
            raise SystemExit(f"answers were refused: {said}")
        return {
            "answers": said["sent"],
            "per_s": round(said["sent"] / took, 1),
            "generator_processor_share": said["generator_processor_share"],
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=os.environ.get("FENGSUI_BENCH_PEER", ""))
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--households", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    version = version_of(wanted.peer) if wanted.peer else ""
    result: dict[str, Any] = {
        "bench": "peer",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "peer": f"alerta-server {version}" if version else "not installed: nothing was measured",
    }
    if version:
        result |= _compared(wanted)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


def _compared(wanted: argparse.Namespace) -> dict[str, Any]:
    rounds: list[dict[str, Any]] = []
    with (
        peer_of(str(Path(wanted.peer).absolute())) as peer,
        node_with_county(villages=60, households=wanted.households) as node,
    ):
        ours = Ours(node)
        for _ in range(wanted.rounds):
            theirs = peer.measure(wanted.requests, wanted.connections)
            mine = ours.measure(wanted.requests, wanted.connections)
            rounds.append({"peer": theirs, "ours": mine, "load": round(os.getloadavg()[0], 1)})
        if peer.acknowledged() != wanted.requests * wanted.rounds:
            raise SystemExit("the peer did not acknowledge everything")

    def middle(who: str, what: str) -> float:
        paces: list[float] = [one[who][what]["per_s"] for one in rounds]
        return round(statistics.median(paces), 1)

    created, acknowledged = middle("peer", "created"), middle("peer", "acknowledged")
    times = {
        "calls opened by one approval : alerts created": middle("ours", "opened") / created,
        "answers : acknowledgements, both through HTTP": middle("ours", "answered") / acknowledged,
        "answers at the door : acknowledgements through HTTP": (
            middle("ours", "answered_at_the_door") / acknowledged
        ),
    }
    return {
        "median_per_s": {
            "peer created": created,
            "peer acknowledged": acknowledged,
            "calls opened": middle("ours", "opened"),
            "answers through HTTP": middle("ours", "answered"),
            "answers at the door": middle("ours", "answered_at_the_door"),
        },
        "times": {name: round(it, 1) for name, it in times.items()},
        "wanted_times": WANTED_TIMES,
        "rounds": rounds,
    }


if __name__ == "__main__":
    sys.exit(main())
