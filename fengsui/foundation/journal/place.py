"""Where the writer's socket and lock are, under FENGSUI_HOME."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path

from fengsui.foundation.journal.errors import SECOND_WRITER

# A Unix socket address holds 108 bytes (unix(7)), with the closing zero.
_LONGEST_ADDRESS = 107


def socket_path(home: Path) -> Path:
    """`writer.sock` in the home; where that is too long an address, in a private short folder."""
    path = home / "writer.sock"
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        return path
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"fengsui-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a private folder of this user")
    return folder / f"{name}.sock"


class WriterLock:
    """Held by the one process that writes. The system lets go of it when the process ends."""

    def __init__(self, home: Path) -> None:
        self._descriptor = os.open(home / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 20).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise SECOND_WRITER(pid=holder or "?") from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        os.close(self._descriptor)
