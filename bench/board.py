"""A board of ten thousand people, from a change to the page: through HTTP and the live stream.

    python -m bench.board [--people 10000] [--changes 200] [--pages 1 10]    one line of JSON

A whole node runs (`fengsui up --demo`), with its engine ringing the ten thousand through the
simulated carrier while this measures. A change is the duty room's word for somebody (POST
/calls/{id}/answer-for); every one is of a village of its own, so the board that holds it is known
by that village's row. Measured from before the POST is sent until a board with it has been
received and read as JSON by a page that follows the live stream as the desk does: it asks 40 ms
after the first word, then at most every 400 ms, or half as often as an answer takes. Drawing it is
not in it: this client is Python. `refresh` is one GET of the board by itself. `pages`: so many
pages look at once, all but the first only asking. The load generator's own processor time is
given. Floors of the same run: the same database asked for the same three counts by one raw
statement, and a GET of /healthz.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import resource
import sqlite3
import statistics
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

TOWNSHIPS, VILLAGES = 30, 12
GATHER_S, GAP_S, GAP_LAST_S = 0.04, 0.4, 1.0
PATIENCE_S = 30.0
TARGET_MS = 1000.0
REFRESH_TARGET_MS = 2000.0
LISTINGS_MAX = 5
WITNESS_TOWNSHIPS = range(900, 1000)


class Page:
    """One signed-in browser: a connection kept open, its cookies, its token."""

    def __init__(self, address: str, link: str = "", cookies: str = "") -> None:
        self.host = urlsplit(address).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=PATIENCE_S)
        self.cookies = cookies
        self.token = ""
        self.jar: dict[str, str] = {}
        if link:
            self._sign_in(link)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Cookie": self.cookies, "Accept": "application/json"}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers |= {
                "Content-Type": "application/json",
                "X-CSRFToken": self.token,
                "Referer": f"http://{self.host}/",
            }
        self.connection.request(method, path, content, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.jar[key] = rest.partition(";")[0]
                self.cookies = "; ".join(f"{one}={it}" for one, it in self.jar.items())
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text[:1] in (b"{", b"[") else text

    def _sign_in(self, link: str) -> None:
        self.token = self.ask("GET", "/api/v1/session")["csrf_token"]
        self.ask("POST", "/api/v1/session/link", {"token": link.rsplit("/", 1)[-1]})
        self.token = self.ask("GET", "/api/v1/session")["csrf_token"]


class Stream(threading.Thread):
    """The live stream of one callout; `told` is set by every word that comes."""

    def __init__(self, page: Page, callout_id: int) -> None:
        super().__init__(daemon=True)
        self.told = threading.Event()
        self.page, self.path = page, f"/api/v1/live?topics=callout:{callout_id}"

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.page.host, timeout=PATIENCE_S)
        connection.request("GET", self.path, headers={"Cookie": self.page.cookies})
        answer = connection.getresponse()
        for line in answer:
            if line.startswith(b"data:"):
                self.told.set()


class Follower(threading.Thread):
    """A page as the desk is one: asks when it is told, in bounded steps, and keeps what it got."""

    def __init__(self, page: Page, stream: Stream, callout_id: int) -> None:
        super().__init__(daemon=True)
        self.page, self.stream, self.path = page, stream, f"/api/v1/callouts/{callout_id}/board"
        self.answered: dict[str, float] = {}  # village -> when a board with its answer was read
        self.took_ms: list[float] = []
        self.stopped = False

    def run(self) -> None:
        allowed = 0.0
        while not self.stopped:
            if not self.stream.told.wait(0.5):
                continue
            time.sleep(max(GATHER_S, allowed - time.perf_counter()))
            self.stream.told.clear()
            began = time.perf_counter()
            board = self.page.ask("GET", self.path)
            read = time.perf_counter()
            self.took_ms.append((read - began) * 1000)
            allowed = began + min(max(GAP_S, 2 * (read - began)), GAP_LAST_S)
            for row in board["by_place"]:
                if row["answered"]:
                    self.answered.setdefault(row["code"], read)


def _parties(people: int, witnesses: int, county: str) -> list[dict[str, Any]]:
    stem = county[:6]
    places = [
        f"{stem}{1 + n % TOWNSHIPS:03d}{200 + n // TOWNSHIPS % VILLAGES:03d}" for n in range(people)
    ]
    places += [f"{stem}{999 - n // 90:03d}{300 + n % 90:03d}" for n in range(witnesses)]
    return [
        {
            "person_id": 7_000_000 + n, "name": f"示意{n}", "place_code": code, "unit_code": "",
            "post_title": "住户", "deputies": [], "superiors": [],
            # Nobody can ring the witnesses: only the duty room's word answers for them.
            "contacts": [{"kind": "phone", "value": f"000{n:08d}"}] if n < people else [],
        }
        for n, code in enumerate(places)
    ]  # fmt: skip


def _open(home: str, people: int, witnesses: int, county: str) -> int:
    os.environ.update(FENGSUI_HOME=home, DJANGO_SETTINGS_MODULE="fengsui.config.settings")
    import django

    django.setup()
    from fengsui.engines.calls import services
    from fengsui.foundation.access.viewer import node_viewer

    return int(
        services.open_callout(
            viewer=node_viewer("bench"), subject_kind="alert", subject_id=1, place_code=county,
            level="red", text="演练", exercise=True, parties=_parties(people, witnesses, county),
        )["callout_id"]
    )  # fmt: skip


def _summary(times_ms: list[float]) -> dict[str, float]:
    ordered = sorted(times_ms)
    return {
        "n": len(ordered),
        "median_ms": round(statistics.median(ordered), 1),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "worst_ms": round(ordered[-1], 1),
    }


def _floor(home: str, callout_id: int, page: Page) -> dict[str, Any]:
    opened = sqlite3.connect(f"file:{home}/node.db?mode=ro", uri=True)
    raw, health = [], []
    for _ in range(30):
        began = time.perf_counter()
        opened.execute(
            "SELECT COUNT(*), SUM(answered_at IS NOT NULL), SUM(named_at IS NOT NULL)"
            " FROM calls_call WHERE callout_id = ? GROUP BY place_code",
            (callout_id,),
        ).fetchall()
        raw.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        page.ask("GET", "/healthz")
        health.append((time.perf_counter() - began) * 1000)
    return {"raw_counts_by_place": _summary(raw), "GET /healthz": _summary(health)}


def _changes(page: Page, callout_id: int, wanted: int) -> list[tuple[str, str]]:
    """(call id, village) of the witnesses, as the list gives them.

    The engine moves people up the list while it is read page by page, so it is read again.
    """
    found: dict[str, str] = {}
    for _ in range(LISTINGS_MAX):
        after: str | None = ""
        while after is not None and len(found) < wanted:
            path = f"/api/v1/callouts/{callout_id}/unanswered?limit=200&after={after}"
            listed = page.ask("GET", path)
            found |= {
                one["call_id"]: one["place_code"]
                for one in listed["items"]
                if int(one["place_code"][6:9]) in WITNESS_TOWNSHIPS
            }
            after = listed["next"]
    if len(found) < wanted:
        raise SystemExit(f"only {len(found)} of {wanted} villages to change were found")
    return list(found.items())[:wanted]


def _measure(
    address: str, office: Page, callout_id: int, pages: int, calls: list[tuple[str, str]]
) -> dict[str, Any]:
    # Pages beside the first sit at the same desk: the same person, other windows.
    screens = [Page(address, cookies=office.cookies) for _ in range(pages)]
    streams = [Stream(screen, callout_id) for screen in screens]
    followers = [
        Follower(screen, stream, callout_id)
        for screen, stream in zip(screens, streams, strict=True)
    ]
    for thread in (*streams, *followers):
        thread.start()
    time.sleep(2)
    sent: dict[str, float] = {}
    posts = []
    for call_id, village in calls:
        sent[village] = time.perf_counter()
        office.ask(
            "POST",
            f"/api/v1/calls/{call_id}/answer-for",
            {"answer_kind": "on_it", "heard_from": "示意", "note": "", "client_id": ""},
        )
        posts.append((time.perf_counter() - sent[village]) * 1000)
        time.sleep(0.11)  # out of step with the pages
    first = followers[0]
    end = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < end and not sent.keys() <= first.answered.keys():
        time.sleep(0.05)
    for follower in followers:
        follower.stopped = True
    late = sent.keys() - first.answered.keys()
    if late:
        raise SystemExit(f"{len(late)} changes never came to the page")
    to_screen = [(first.answered[village] - sent[village]) * 1000 for village in sent]
    return {
        "pages": pages,
        "change_to_page": _summary(to_screen),
        "recording_the_change": _summary(posts),
        "refresh": _summary([took for one in followers for took in one.took_ms]),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--pages", type=int, nargs="+", default=[1, 10])
    given = parser.parse_args()
    from tests.world.running_node import running

    with running("--demo") as node:
        link = next(one["url"] for one in node.links() if "县应急值班室" in one["title"])
        office = Page(node.address, link)
        county = office.ask("GET", "/api/v1/session")["node"]["place_code"]
        callout_id = _open(str(node.home), given.people, given.changes * len(given.pages), county)
        path = f"/api/v1/callouts/{callout_id}/board"
        wanted = given.people + given.changes * len(given.pages)
        while office.ask("GET", path)["called"] < wanted:
            time.sleep(1)
        witnesses = _changes(office, callout_id, given.changes * len(given.pages))
        runs = []
        for number, pages in enumerate(given.pages):
            mine = witnesses[number * given.changes : (number + 1) * given.changes]
            runs.append(_measure(node.address, office, callout_id, pages, mine))
        last = office.ask("GET", path)
        floor = _floor(str(node.home), callout_id, office)
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(
        json.dumps(
            {
                "bench": "board",
                "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
                "load_average": round(os.getloadavg()[0], 1),
                "people": last["called"],
                "answered_at_the_end": last["answered"],
                "villages": len(last["by_place"]),
                "target": {"change_to_page_p99_ms": TARGET_MS, "refresh_ms": REFRESH_TARGET_MS},
                "is_met": all(
                    one["change_to_page"]["p99_ms"] <= TARGET_MS
                    and one["refresh"]["worst_ms"] <= REFRESH_TARGET_MS
                    for one in runs
                ),
                "runs": runs,
                "floor": floor,
                "load_generator_processor_s": round(used.ru_utime + used.ru_stime, 1),
            },
            ensure_ascii=False,
        )
        + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
