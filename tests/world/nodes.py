"""Several real nodes on loopback: `fengsui up` each, their own folders, keys and certificates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world import running_node
from tests.world.postgres import free_port
from tests.world.running_node import RunningNode, until

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "tests.world.wound_settings"
LEVEL_SECONDS = 60.0


@dataclass
class Place:
    """One node: its folder, and while it runs its processes."""

    name: str
    scope: str
    home: Path
    clock: Path
    upstream: str = ""
    port: int = field(default_factory=free_port)
    node: RunningNode | None = None
    hand: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "FENGSUI" not in name}
        return {
            **kept,
            "FENGSUI_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "WOUND_CLOCK": str(self.clock),
            "PYTHONPATH": str(ROOT),
            **({"FENGSUI_UPSTREAM": self.upstream} if self.upstream else {}),
        }

    def start(self) -> None:
        """Returns when the node is ready."""
        self.node = running_node.start(self.home, port=self.port, environment=self.environment())
        node = self.node
        until(
            lambda: node.process.poll() is not None or any(node.address in s for s in node.lines),
            f"{self.name} to be ready",
        )
        assert node.process.poll() is None, "\n".join(node.lines)

    def stop(self) -> None:
        if self.hand is not None:
            assert self.hand.stdin is not None
            self.hand.stdin.close()
            self.hand.wait(10)
            assert self.hand.stdout is not None
            self.hand.stdout.close()
            self.hand = None
        if self.node is not None:
            self.node.stop()
            self.node = None

    def restart(self, upstream: str | None = None) -> None:
        self.stop()
        self.upstream = self.upstream if upstream is None else upstream
        self.start()

    def run(self, code: str, **given: Any) -> Any:
        """Runs code at the node's machine; `V` is the node's viewer, `result` comes back."""
        if self.hand is None:
            self.hand = subprocess.Popen(
                [sys.executable, "-m", "tests.world.hand"],
                env=self.environment(),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.hand.stdin is not None
        assert self.hand.stdout is not None
        asked = {"code": textwrap.dedent(code), "given": given}
        self.hand.stdin.write(json.dumps(asked) + "\n")
        self.hand.stdin.flush()
        line = self.hand.stdout.readline()
        assert line, f"the hand at {self.name} has died"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def link(self) -> dict[str, Any]:
        """What the link process says of itself."""
        try:
            found: dict[str, Any] = json.loads((self.home / "link.json").read_text())
            return found
        except FileNotFoundError:
            return {}

    def upstream_state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.run(
            """
            from fengsui.exchange.neighbours import queries
            found = queries.not_received_upstream()
            result = {"state": found.state.value, "facts": found.facts,
                      "life_safety": found.life_safety, "name": found.node_name}
            """
        )
        return found

    def facts(self) -> int:
        count: int = self.run(
            "from fengsui.foundation.journal.models import StoredFact\n"
            "result = StoredFact.objects.count()"
        )
        return count

    def wind(self, hours: float) -> None:
        """Winds the clock of all nodes on."""
        wound = float(self.clock.read_text()) + hours * 3600
        part = self.clock.with_suffix(".part")
        part.write_text(str(wound))
        part.replace(self.clock)

    def until_level(self, seconds: float = LEVEL_SECONDS) -> None:
        until(
            lambda: self.upstream_state()["state"] == "level",
            f"{self.name} to be level with its upstream: {self.upstream_state()} {self.link()}",
            seconds,
        )


def trust_each_other(places: list[Place]) -> None:
    """Nodes without a root: each is told by hand the keys and places of all, its own among them."""
    keys = {
        place.name: place.run(
            "from fengsui.exchange.neighbours import identity\nresult = identity.own_key().public"
        )
        for place in places
    }
    for place in places:
        for other in places:
            place.run(
                """
                from fengsui.foundation.journal import services
                services.trust_node(viewer=V, suite=1, public_key=bytes.fromhex(key),
                                    name=name, scope=scope)
                """,
                key=keys[other.name],
                name=other.name,
                scope=other.scope,
            )


def found_county(county: Place, folder: Path) -> None:
    """A root key in a folder of its own certifies the county's node."""
    county.run(
        """
        from pathlib import Path
        from fengsui.foundation.journal import clock
        from fengsui.foundation.nodes import services
        from fengsui.foundation.nodes.root import Root
        root = Root.make(Path(folder), scope, 1)
        asked = services.request_enrolment(name=name, level="county", scope=scope)
        made = services.county_chain(root, asked, name=name, now=clock.now())
        services.init_county(viewer=V, chain=made["chain"], root_facts=made["root_facts"])
        """,
        folder=str(folder),
        name=county.name,
        scope=county.scope,
    )


def enrol(parent: Place, child: Place, level: str) -> None:
    """The child asks, two people compare a code, the parent certifies, the child takes it."""
    asked = child.run(
        """
        from fengsui.foundation.nodes import rules, services
        asked = services.request_enrolment(name=name, level=level, scope=scope)
        result = {"request": asked.hex(), "word": rules.short_code(asked)}
        """,
        name=child.name,
        level=level,
        scope=child.scope,
    )
    chain = parent.run(
        """
        from fengsui.foundation.nodes import services
        made = services.enrol(viewer=V, request=bytes.fromhex(request), code=word, scope=scope,
                              level=level, name=name)
        result = made["chain"]
        """,
        **asked,
        name=child.name,
        level=level,
        scope=child.scope,
    )
    child.run(
        "from fengsui.foundation.nodes import services\n"
        "services.accept_certificate(viewer=V, chain=chain)",
        chain=chain,
    )


@contextmanager
def places(folder: Path, *named: tuple[str, str]) -> Iterator[list[Place]]:
    """Places made but not started; (name, scope) each. All are stopped afterwards."""
    clock = folder / "clock"
    clock.write_text("0")
    made = []
    for number, (name, scope) in enumerate(named):
        home = folder / f"node{number}"
        home.mkdir(mode=0o700)
        made.append(Place(name, scope, home, clock))
    try:
        yield made
    finally:
        for place in reversed(made):
            place.stop()
