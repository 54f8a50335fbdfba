"""Tiles kept on disk within a quota, where the county's terms with the provider allow it."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from fengsui.foundation.journal import clock

DAYS_KEPT = 7
_SECONDS_KEPT = DAYS_KEPT * 24 * 3600
_ROOM_MADE = 0.8  # when the quota is reached, so much of it stays
_lock = threading.Lock()
_used: dict[Path, int] = {}


@dataclass(frozen=True, slots=True)
class TileStore:
    """A folder and its quota in bytes; with 0 nothing is kept and nothing is read."""

    folder: Path
    bytes_max: int

    def read(self, layer: str, zoom: int, column: int, row: int) -> bytes | None:
        if not self.bytes_max:
            return None
        path = self._path(layer, zoom, column, row)
        with contextlib.suppress(OSError):
            if clock.machine_now().timestamp() - path.stat().st_mtime < _SECONDS_KEPT:
                return path.read_bytes()
        return None

    def keep(self, layer: str, zoom: int, column: int, row: int, content: bytes) -> None:
        if len(content) > self.bytes_max:
            return
        path = self._path(layer, zoom, column, row)
        # A full disk costs the copy, never the tile.
        with contextlib.suppress(OSError), _lock:
            used = _used[self.folder] if self.folder in _used else self._measure()
            if used + len(content) > self.bytes_max:
                used = self._make_room(len(content))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_bytes(content)
            draft.replace(path)
            _used[self.folder] = used + len(content)

    def _path(self, layer: str, zoom: int, column: int, row: int) -> Path:
        return self.folder / layer / str(zoom) / f"{column}-{row}.tile"

    def _measure(self) -> int:
        return sum(one.stat().st_size for one in self.folder.rglob("*.tile"))

    def _make_room(self, needed: int) -> int:
        """Takes the oldest away; what is left, in bytes."""
        found = sorted(
            ((one.stat().st_mtime_ns, one.stat().st_size, one) for one in self._all()),
            key=lambda each: each[0],
        )
        used = sum(size for _, size, _ in found)
        for _, size, path in found:
            if used + needed <= self.bytes_max * _ROOM_MADE:
                break
            path.unlink(missing_ok=True)
            used -= size
        return used

    def _all(self) -> list[Path]:
        return list(self.folder.rglob("*.tile"))
