"""What a box writes in a night, through the production writer, one group commit after the other.

Commands come as they come over the socket: with an id, in groups, repeated now and then. Some are
refused by their app, some erase, jobs run between them. `told` holds what a person was told.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VILLAGE = "433126101201"
COMMANDS = "tests.beacon.services"
# So small that pages go from the log to the database several times in a night.
CHECKPOINT_PAGES = 12


@dataclass
class Sent:
    """One command as a person sent it."""

    id: bytes
    name: str
    arguments: dict[str, Any]
    beacon: str


@dataclass
class Told:
    """What was answered, by command id: the result, or the code of the problem."""

    saved: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    refused: dict[bytes, str] = field(default_factory=dict)

    def take(self, frame: bytes) -> None:
        from fengsui.foundation.journal import wire

        _, command_id, is_saved, result = wire.unpack(frame[wire.LENGTH.size :])
        if is_saved:
            self.saved[command_id] = result
            self.refused.pop(command_id, None)
        else:
            self.refused[command_id] = result["code"]


def night(chance: random.Random, groups: int) -> Iterator[list[Sent]]:
    """The commands of each group."""
    number = 0
    for _ in range(groups):
        group = []
        for _ in range(chance.randint(1, 4)):
            number += 1
            name = f"beacon-{number}"
            verb = chance.choice(("light", "light_and_see", "light_and_see"))
            arguments: dict[str, Any] = {"place_code": VILLAGE, "name": name}
            if verb == "light" and chance.random() < 0.2:
                arguments["height_metres"] = -1  # refused after it was recorded
            group.append(Sent(chance.randbytes(16), f"{COMMANDS}.{verb}", arguments, name))
        yield group


class Box:
    """The writer of a home folder in this process, without its socket."""

    def __init__(self, home: Path, synchronous: str = "FULL") -> None:
        from django.db import connection

        from fengsui.foundation.journal import dispatch, writer

        self.pen = writer.holding_the_pen(home)
        self.pen.__enter__()
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
            if synchronous != "FULL":
                cursor.execute(f"PRAGMA synchronous={synchronous}")
        self.writer = writer.Writer(dispatch.jobs())
        self.told = Told()

    def group(self, commands: list[Sent], *, is_retry: bool = False) -> None:
        from fengsui.foundation.access.viewer import node_viewer
        from fengsui.foundation.journal.door import Call

        for sent in commands:
            arguments = {"viewer": node_viewer(), **sent.arguments}
            self.writer.put(Call(sent.id, is_retry, sent.name, arguments, self.told.take))
        while self.writer.queue:
            self.writer.batch()

    def erase_one(self) -> None:
        """An erasure of personal data: it empties the log into the database."""
        from fengsui.foundation.access.viewer import node_viewer
        from fengsui.foundation.journal import services
        from fengsui.foundation.journal.models import StoredFact
        from tests.beacon.facts import BEACON_LIT

        stored = StoredFact.objects.filter(kind=BEACON_LIT.number).order_by("-arrival").first()
        if stored is not None and services.erasable_leaves(stored):
            services.erase_leaves(
                viewer=node_viewer(), fact_id=bytes(stored.fact_id), reason="试验"
            )

    def close(self) -> None:
        self.pen.__exit__(None, None, None)


def set_up(home: Path) -> None:
    """Django for the journal with the beacon app alone, its tables made. Once a process."""
    import os

    from tests.simulation.real_node import environment

    os.environ.update(environment(home, role="writer"))
    os.environ.pop("FENGSUI_DATABASE_URL", None)
    import django

    django.setup()
    from fengsui.config.processes import migrate

    migrate()


def move_to(home: Path) -> None:
    """From here on this process works in another home folder."""
    from django.conf import settings
    from django.db import connections

    settings.HOME = home
    for alias, name in (("default", "node.db"), ("local", "local.db")):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = str(home / name)
