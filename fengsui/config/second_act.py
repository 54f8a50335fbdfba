"""The second act of the demonstration: a township's own node runs beside the county's.

It is a real node: its own folder, key, certificate, writer and pages. Its link to the county is
a process; pulling the network is stopping that process. What the people there do is in
`township_hands`. This module only starts and stops, and tells the county what has happened.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from django.db import DatabaseError

from fengsui.config.supervisor import Child
from fengsui.engines.calls import queries as calls
from fengsui.exchange.telegrams import services as telegrams
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.nodes import queries as node_queries
from fengsui.foundation.nodes import rules as node_rules
from fengsui.foundation.nodes import services as nodes
from fengsui.foundation.nodes.root import Root
from fengsui.foundation.places import queries as places
from fengsui.review.demonstration import night_clock, queries, services
from fengsui.review.demonstration.models import Night

LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
TEXT_EVERY_S = 240  # of the night: every village sends its headcount by text message
STEPS_AT_ONCE = 40
HOST = "localhost"  # another name than the county's: sessions of both fit into one browser
VIEWER = node_viewer("demonstration")

log = logging.getLogger("fengsui.second_act")


class Township:
    """The township's node: its processes, and the line to the people in it."""

    def __init__(self, home: Path, county_home: Path, county_url: str) -> None:
        self.home = home
        self.county_url = county_url
        self.port = _free_port()
        environment = {
            "FENGSUI_HOME": str(home),
            "FENGSUI_DEMO": "1",
            "FENGSUI_DATABASE_URL": "",
            "FENGSUI_HOSTS": f"{HOST},127.0.0.1",
        }
        home.mkdir(mode=0o700, parents=True)
        (home / night_clock.FILE_NAME).symlink_to(county_home / night_clock.FILE_NAME)
        self.writer = Child(
            "township-writer", ["writer"], {**environment, "FENGSUI_ROLE": "writer"}
        )
        self.web = Child("township-web", ["web", "127.0.0.1", str(self.port)], environment)
        self.link = Child("township-link", ["link"], environment)
        self.writer.start()
        self.hands = subprocess.Popen(
            [sys.executable, "-m", "fengsui.config.processes", "hands"],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, verb: str, **asked: Any) -> dict[str, Any]:
        """One verb of `township_hands`. Raises RuntimeError where it was refused."""
        source, target = self.hands.stdin, self.hands.stdout
        assert source is not None
        assert target is not None
        return _answer(source, target, {"verb": verb, **asked})

    def stop(self) -> None:
        self.hands.kill()
        self.hands.wait()
        children = (self.link, self.web, self.writer)
        for child in children:
            if child.process is not None:
                child.process.terminate()
        for child in children:
            stop_child(child)


def _answer(source: IO[str], target: IO[str], asked: dict[str, Any]) -> dict[str, Any]:
    source.write(json.dumps(asked, ensure_ascii=False) + "\n")
    source.flush()
    line = target.readline()
    answer: dict[str, Any] = json.loads(line) if line else {"problem": "gone"}
    if "problem" in answer:
        raise RuntimeError(f"{asked['verb']}: {answer['problem']} {answer.get('zh', '')}")
    return answer


def stop_child(child: Child) -> None:
    if child.process is not None and child.is_running():
        child.process.terminate()
        try:
            child.process.wait(10)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
    child.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Director:
    """Looks at what the county's record asks for and brings it about."""

    def __init__(self, home: Path, county_url: str, stop: threading.Event) -> None:
        self.home = home
        self.county_url = county_url
        self.stopping = stop
        self.township: Township | None = None
        self.night_id = 0
        self.movements: list[dict[str, Any]] = []  # what will be seen there after the cut
        self.told_until_s = -1.0
        self.texted_at_s = 0.0

    def run(self) -> None:
        while not self.stopping.wait(LOOK_SECONDS):
            try:
                self.look()
            except (Problem, RuntimeError, OSError, DatabaseError):
                log.exception("the second act stumbled; it goes on")
        self._end()

    def look(self) -> None:
        """One step of the act, by what the record says."""
        night = queries.latest_night(viewer=VIEWER)
        act = (
            None if night is None or night.put_away_at else queries.second_act(night, viewer=VIEWER)
        )
        if night is None or act is None:
            self._end()
            return
        if self.night_id != night.pk:
            self._end()
            self.night_id = night.pk
        if self.township is None:
            if act["state"] != "preparing":
                return  # this machine was restarted in the middle; the act is over
            self._prepare(night, act)
            return
        if act["state"] in ("pulled", "reconnecting", "agreed"):
            self._tell(night, act["township_code"])
        if act["state"] == "reconnecting":
            self._reconnect(night, act["township_code"])

    def _prepare(self, night: Night, act: dict[str, Any]) -> None:
        code = act["township_code"]
        folder = self.home / "township"
        shutil.rmtree(folder, ignore_errors=True)
        township = self.township = Township(folder, self.home, self.county_url)
        self._until(lambda: bool(township.ask("ready")["ready"]))
        self._make_county()
        name = places.names([code], viewer=VIEWER).get(code, code)
        asked = township.ask("request", name=name, scope=code)
        enrolled = nodes.enrol(
            viewer=VIEWER,
            request=asked["request"],
            code=asked["code"],
            scope=code,
            level="township",
            name=name,
        )
        township.ask("accept", chain=enrolled["chain"], upstream=self.county_url)
        township.link.start()
        township.web.start()
        self._until(lambda: self._is_level(township, night, code))
        township.ask("print_lists", evacuation_id=night.evacuation_id, township=code)
        self._until(lambda: township.ask("standing")["facts"] == 0)
        stop_child(township.link)
        token = township.ask("sign_in", township=code)["token"]
        address = f"http://{HOST}:{township.port}/link/{token}" if token else ""
        services.note_pulled(viewer=VIEWER, night_id=night.pk, address=address)
        self.movements = services.remaining_movements(night.pk)
        self.told_until_s, self.texted_at_s = -1.0, 0.0

    def _make_county(self) -> None:
        """The demonstration's county gets a root of its own, in its own folder."""
        if node_queries.anchor() is not None:
            return
        county = places.node_place()
        assert county is not None
        folder = self.home / "demonstration-root"
        try:
            root = Root.open(folder)
        except ValueError:
            root = Root.make(folder, county.code, node_queries.own_key().suite.number)
        made = nodes.request_enrolment(name=county.name, level="county", scope=county.code)
        request = node_rules.to_text(node_rules.REQUEST_WORD, made)
        chain = nodes.county_chain(root, request, name=county.name, now=clock.now())
        nodes.init_county(viewer=VIEWER, chain=chain["chain"], root_facts=chain["root_facts"])

    def _is_level(self, township: Township, night: Night, code: str) -> bool:
        """Whether the township's node holds what the county holds of tonight's list there."""
        if township.ask("standing")["state"] != "level":
            return False
        theirs = township.ask("balance", evacuation_id=night.evacuation_id, township=code)
        should = int(theirs["should"])
        return should == queries.township_balance(night.evacuation_id, code)["should"]

    def _tell(self, night: Night, code: str) -> None:
        """What is seen there now goes onto paper and into the township's node; texts go out."""
        assert self.township is not None
        opened = calls.callout(night.callout_id, viewer=VIEWER).opened_at
        now_s = (clock.now() - opened).total_seconds()
        due = [
            {**step, "seen_s": opened.timestamp() + step["at_s"]}
            for step in self.movements
            if self.told_until_s < step["at_s"] <= now_s
        ]
        for start in range(0, len(due), STEPS_AT_ONCE):
            piece = due[start : start + STEPS_AT_ONCE]
            done = self.township.ask(
                "type_ticks", evacuation_id=night.evacuation_id, township=code, steps=piece
            )
            for refused in done["refused"]:
                log.error("not taken from paper: %s", refused)
        self.told_until_s = now_s
        if now_s - self.texted_at_s >= TEXT_EVERY_S:
            self.texted_at_s = now_s
            counted = self.township.ask(
                "count_heads", evacuation_id=night.evacuation_id, township=code
            )
            for one in counted["texts"]:
                telegrams.receive_text(viewer=VIEWER, number=one["number"], text=one["text"])

    def _reconnect(self, night: Night, code: str) -> None:
        assert self.township is not None
        township, began = self.township, time.monotonic()
        waiting = township.ask("standing")["facts"]
        if not township.link.is_running():
            township.link.start()
        self._until(lambda: self._have_met(township, night, code))
        theirs = township.ask("balance", evacuation_id=night.evacuation_id, township=code)
        services.note_agreed(
            viewer=VIEWER,
            night_id=night.pk,
            facts=waiting,
            seconds=round(time.monotonic() - began),
            township=theirs,
        )

    def _have_met(self, township: Township, night: Night, code: str) -> bool:
        found = township.ask("standing")
        return bool(found["state"] == "level" and found["facts"] == 0)

    def _until(self, is_so: Any) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if self.stopping.wait(LOOK_SECONDS / 2):
                raise RuntimeError("the demonstration ends")
            if time.monotonic() > deadline:
                raise RuntimeError("the township's node did not come so far in time")

    def _end(self) -> None:
        if self.township is not None:
            self.township.stop()
            self.township = None
        self.night_id = 0


def run(home: Path, county_url: str, stop: threading.Event) -> int:
    Director(home, county_url, stop).run()
    return 0
