"""Several nodes in one test: each with a journal, an engine and a disk of its own, one clock.

Only one of them is awake at a time (`with node:`). Facts go from one to another byte for byte,
through the same judge as everywhere, and only those that the other may hold.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from fengsui.config import settings as node_settings
from fengsui.engines.calls import channel_register, jobs
from fengsui.engines.calls import services as calls
from fengsui.engines.calls.beside import Beside
from fengsui.exchange.replication.audiences import may_hold
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock, incarnation, ledger, queries, replay, services
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.nodes import queries as node_queries
from fengsui.foundation.nodes import services as nodes
from fengsui.foundation.nodes.root import Root
from fengsui.foundation.nodes.rules import short_code
from fengsui.gateways.channels import Channel
from fengsui.standards.divisions import level_of

NODE = node_viewer()
ACCEPTED = {"taken", "known", "kept", "gap"}


def fresh_disk(folder: Path) -> Path:
    """A migrated, empty database; made once a test run and copied after that."""
    template = folder.parent / "template.db"
    if not template.exists():
        with _using(_wrapper(template)):
            call_command("migrate", verbosity=0, interactive=False)
    disk = folder / "node.db"
    shutil.copy(template, disk)
    return disk


def _wrapper(path: Path) -> DatabaseWrapper:
    settings = {**connections.databases["default"], **node_settings._sqlite(path, writable=True)}
    # The power is never cut here, so nothing need wait for the disk.
    pragmas = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    settings["OPTIONS"] = {**settings["OPTIONS"], "init_command": pragmas}
    return DatabaseWrapper(settings, "default")


class _using:
    def __init__(self, wrapper: DatabaseWrapper) -> None:
        self.wrapper = wrapper

    def __enter__(self) -> None:
        self.before = connections["default"]
        connections["default"] = self.wrapper  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        self.wrapper.close()
        connections["default"] = self.before


class InProcessNode:
    """One node. `channels` are made anew at every boot, as after a power cut."""

    def __init__(
        self, name: str, scope: str, folder: Path, channels: Callable[[], list[Channel]]
    ) -> None:
        folder.mkdir(parents=True)
        self.name, self.scope, self.make_channels = name, scope, channels
        self.key, self.incarnation = NodeKey.fresh(), incarnation.mint(0)
        self.wrapper = _wrapper(fresh_disk(folder))
        self.contact = calls.Contact.NOT_KNOWN
        self._depth = 0
        self._ledger: ledger.Ledger | None = None
        self._channels: list[Channel] = []
        self._dispatchers: tuple[jobs.Dispatcher, Beside] | None = None
        with self:
            self.boot()

    def boot(self) -> None:
        self._ledger = ledger.Ledger.open(self.key, self.incarnation)
        ledger.use(self._ledger)
        self._channels = self.make_channels()
        self._wire_channels()
        jobs.restart()
        self._dispatchers = (jobs._dispatcher, jobs._beside)

    def _wire_channels(self) -> None:
        channel_register.reset()
        channel_register._practice.clear()
        for channel in self._channels:
            channel_register.register_practice(channel)

    def __enter__(self) -> InProcessNode:
        self._depth += 1
        if self._depth > 1:
            return self
        self._stack = ExitStack()
        running = (jobs._dispatcher, jobs._beside)
        self._before = (connections["default"], ledger._current, running)
        connections["default"] = self.wrapper  # type: ignore[assignment]
        ledger.use(self._ledger)
        if self._dispatchers is not None:
            jobs._dispatcher, jobs._beside = self._dispatchers
        self._wire_channels()
        calls.set_contact_resolver(lambda node_key: self.contact)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth:
            return
        before, book, running = self._before
        connections["default"] = before
        ledger.use(book)
        jobs._dispatcher, jobs._beside = running
        channel_register.reset()
        calls.set_contact_resolver(None)

    def rebuilt_the_same(self) -> list[str]:
        """Tables that a rebuild changes; none, if the facts tell everything."""
        with self:
            return list(replay.rebuild_and_compare())

    def close(self) -> None:
        self.wrapper.close()


def certify(folder: Path, county: InProcessNode, *below: InProcessNode) -> None:
    """A root key, a county's certificate, and the others enrolled by the county."""
    root = Root.make(folder / "root", county.scope, 1)
    with county:
        asked = nodes.request_enrolment(name=county.name, level="county", scope=county.scope)
        made = nodes.county_chain(root, asked, name=county.name, now=clock.now())
        nodes.init_county(viewer=NODE, chain=made["chain"], root_facts=made["root_facts"])
    for node in below:
        level = level_of(node.scope).value
        with node:
            asked = nodes.request_enrolment(name=node.name, level=level, scope=node.scope)
        with county:
            made = nodes.enrol(
                viewer=NODE,
                request=asked,
                code=short_code(asked),
                scope=node.scope,
                level=level,
                name=node.name,
            )
        with node:
            nodes.accept_certificate(viewer=NODE, chain=made["chain"])


def carry(
    sender: InProcessNode, receiver: InProcessNode, *, audiences: set[str] | None = None
) -> int:
    """Everything that `receiver` may hold and lacks, or of these audiences only.

    Returns how many facts were new there.
    """
    with receiver:
        held = {feed["feed_id"]: feed["head"] for feed in queries.feeds()}
    with sender:
        scopes = node_queries.known_scopes()
        offered = []
        for feed in queries.feeds():
            key = FeedKey(*feed["key"])
            author_scope = scopes.get(key.public_key, "")
            after = held.get(feed["feed_id"], -1)
            if audiences is not None and key.audience not in audiences:
                continue
            if (
                feed["head"] > after
                and author_scope
                and may_hold(receiver.scope, key, author_scope)
            ):
                facts = queries.facts_of_feed(feed["feed_id"], after=after, limit=500)
                offered.append((list(feed["key"]), facts))
    new = 0
    with receiver:
        for key_, facts in offered:
            told = services.receive(feed=key_, facts=facts, carrier=sender.name)
            assert set(told["verdicts"]) <= ACCEPTED, told
            new += told["verdicts"].count("taken")
    return new


def meet(first: InProcessNode, second: InProcessNode) -> None:
    """Until neither has anything for the other."""
    while carry(first, second) + carry(second, first):
        pass


def rows_of(node: InProcessNode, model: Any, **where: Any) -> list[dict[str, Any]]:
    """Rows as plain values, for comparing nodes; in order of id."""
    with node:
        return list(model.objects.filter(**where).order_by("id").values())
