"""Several nodes in one test process, each with a folder, a key and a database of its own.

    with boxes.make("township", QINGSHI): …       what is done in here is done at that node

Nothing but the files that a test carries goes from one to the other.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock, incarnation, keys, ledger, queries, replay
from fengsui.foundation.journal import services as journal
from fengsui.foundation.nodes import rules as node_rules
from fengsui.foundation.nodes import services as nodes
from fengsui.foundation.nodes.root import Root


@dataclass
class Box:
    """One node. Use it as a context: everything in it happens there."""

    name: str
    scope: str
    home: Path
    database: str
    ledger: Any = None

    @property
    def public_key(self) -> bytes:
        return keys.load_or_make(self.home).public

    @contextmanager
    def here(self) -> Iterator[Box]:
        before = settings.HOME, connection.settings_dict["NAME"], ledger._current
        # An in-memory database would be gone if its connection were closed: it is set aside.
        aside, connection.connection = connection.connection, None
        settings.HOME, connection.settings_dict["NAME"] = self.home, self.database
        try:
            if self.ledger is None:
                self.ledger = incarnation.open_ledger()
            ledger.use(self.ledger)
            yield self
        finally:
            connection.close()
            settings.HOME, connection.settings_dict["NAME"] = before[0], before[1]
            connection.connection = aside
            ledger.use(before[2])

    def heads(self) -> dict[bytes, int]:
        with self.here():
            return {feed["feed_id"]: feed["head"] for feed in queries.feeds()}

    def digest(self) -> dict[str, str]:
        with self.here():
            return replay.digest()


@dataclass
class Boxes:
    """Makes nodes; each begins as an empty, migrated database."""

    folder: Path
    made: list[Box] = field(default_factory=list)

    def make(self, name: str, scope: str) -> Box:
        home = self.folder / f"{len(self.made)}-{name}"
        home.mkdir()
        box = Box(name, scope, home, _empty_database(home, len(self.made)))
        self.made.append(box)
        return box

    def keep(self, box: Box) -> str:
        """A backup of a node's database: the name under which `put_back` finds it."""
        if connection.vendor == "sqlite":
            with box.here(), connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return str(shutil.copy(box.database, box.home / "backup.db"))
        return _copy_of(box.database, f"{box.database}_kept")

    def put_back(self, box: Box, backup: str) -> None:
        """The backup in place of the database, and the node started again."""
        with box.here():
            incarnation.note_progress(at_end=True)  # as a running writer does every second
        if connection.vendor == "sqlite":
            for end in ("-wal", "-shm"):
                Path(box.database + end).unlink(missing_ok=True)
            shutil.copy(backup, box.database)
        else:
            _copy_of(backup, box.database)
            _drop(backup)
        box.ledger = None

    def acquaint(self) -> None:
        """Without certificates: everybody knows everybody's key, each for its own places."""
        for box in self.made:
            with box.here():
                for other in self.made:
                    journal.trust_node(
                        viewer=node_viewer(),
                        suite=1,
                        public_key=other.public_key,
                        name=other.name,
                        scope=other.scope,
                    )

    def found_county(self, box: Box) -> None:
        """A root key on a stick certifies the county's node."""
        root = Root.make(self.folder / "root", box.scope, 1)
        with box.here():
            request = nodes.request_enrolment(name=box.name, level="county", scope=box.scope)
            made = nodes.county_chain(root, request, name=box.name, now=clock.now())
            nodes.init_county(
                viewer=node_viewer(), chain=made["chain"], root_facts=made["root_facts"]
            )

    def enrol(self, parent: Box, box: Box, level: str) -> None:
        """The parent's desk certifies a node, as with a request carried there on paper."""
        with box.here():
            request = nodes.request_enrolment(name=box.name, level=level, scope=box.scope)
        with parent.here():
            made = nodes.enrol(
                viewer=node_viewer(),
                request=request,
                code=node_rules.short_code(request),
                scope=box.scope,
                level=level,
                name=box.name,
            )
        with box.here():
            nodes.accept_certificate(viewer=node_viewer(), chain=made["chain"])

    def close(self) -> None:
        for box in self.made:
            if box.ledger is not None:
                with box.here():
                    changed = replay.rebuild_and_compare()
                    assert not changed, f"{box.name}: a rebuild changes {', '.join(changed)}"
        for box in self.made:
            _drop(box.database)
        shutil.rmtree(self.folder, ignore_errors=True)


def _empty_database(home: Path, number: int) -> str:
    """A copy of the migrated test database."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        path = home / "node.db"
        with sqlite3.connect(path) as copy:
            connection.connection.backup(copy)
        copy.close()
        return str(path)
    connection.close()
    template = connection.settings_dict["NAME"]
    return _copy_of(template, f"{template}_box{number}")


def _copy_of(template: str, name: str) -> str:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _drop(name: str) -> None:
    if connection.vendor != "sqlite":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
