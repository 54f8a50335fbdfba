"""How far an upgrade has come: one small file in the node's folder, written before every step.

Until `switching` nothing of the node has been touched. Between `switching` and the end the file
says which way to go on, whoever reads it after a power cut.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fengsui.config.releases import sync_folder

FILE = "upgrade.json"
PREPARING, SWITCHING, TRYING, RETURNING = "preparing", "switching", "trying", "returning"


@dataclass(frozen=True, slots=True)
class Record:
    """`folder` is the upgrade's own folder under HOME/upgrades; `facts` counts those before."""

    id: str
    state: str
    root: str
    origin: str
    target: str
    facts: int = 0
    starts: int = 0
    keeps_facts: bool = False

    @classmethod
    def read(cls, home: Path) -> Record | None:
        """None where no upgrade is under way. A torn file cannot be: it is renamed into place."""
        try:
            plain: dict[str, Any] = json.loads((home / FILE).read_text())
        except FileNotFoundError:
            return None
        return cls(**plain)

    def write(self, home: Path) -> Record:
        partial = home / f"{FILE}.partial"
        with partial.open("w") as handle:
            handle.write(json.dumps(asdict(self), indent=1))
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(partial, home / FILE)
        sync_folder(home)
        return self

    def at(self, state: str, home: Path, **more: Any) -> Record:
        return replace(self, state=state, **more).write(home)

    def folder(self, home: Path) -> Path:
        return home / "upgrades" / self.id


def forget(home: Path) -> None:
    """The upgrade is over, one way or the other."""
    (home / FILE).unlink(missing_ok=True)
    sync_folder(home)
