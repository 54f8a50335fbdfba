"""Where the releases of an installation lie: `releases/<version>`, and `current` names one.

No Django: `fengsui up` and `fengsui upgrade` use it. A checkout is no installation.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

MARK = "release.json"


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder made by deploy/install."""

    root: Path

    def release(self, version: str) -> Path:
        return self.root / "releases" / version

    def python(self, version: str) -> Path:
        return self.release(version) / "venv" / "bin" / "python"

    def is_complete(self, version: str) -> bool:
        """Whether the release was laid to the end; the mark is written last."""
        try:
            plain = json.loads((self.release(version) / MARK).read_text())
        except (OSError, ValueError):
            return False
        return bool(version) and plain.get("version") == version

    def versions(self) -> list[str]:
        """What lies there whole, the newest laid last."""
        found = [path for path in (self.root / "releases").glob("*") if path.is_dir()]
        whole = [path for path in found if self.is_complete(path.name)]
        return [path.name for path in sorted(whole, key=lambda path: path.stat().st_mtime)]

    def current(self) -> str:
        """The version that starts; "" where none is chosen."""
        try:
            return Path(os.readlink(self.root / "current")).name
        except OSError:
            return ""

    def point_to(self, version: str) -> None:
        """From now on this one starts: one rename, durable when this returns."""
        if self.current() == version:
            return
        fresh = self.root / "current.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("releases") / version)
        os.replace(fresh, self.root / "current")
        sync_folder(self.root)


def installation() -> Installation | None:
    """The installation whose program this is; None in a checkout."""
    prefix = Path(sys.prefix).resolve()
    if prefix.name == "venv" and prefix.parents[1].name == "releases":
        return Installation(prefix.parents[2])
    return None


def own_version() -> str:
    """The name of this program's own folder under `releases`; "" in a checkout."""
    return "" if installation() is None else Path(sys.prefix).resolve().parent.name


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
