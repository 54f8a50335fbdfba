"""The contents outside the database, in a backup folder: one pool that all its backups share.

A content lies under its own hash and never changes, so it is kept once: by a link on the same
disk, by a copy on another. Each backup names what it needs in `blobs.txt`; what no backup names,
and what was erased since, leaves the pool with the next round.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

POOL = "blobs"
LIST = "blobs.txt"
_NAME = re.compile(r"[0-9a-f]{64}")


def path_in(folder: Path, name: str) -> Path:
    return folder / POOL / name[:2] / name


def names_in(folder: Path) -> Iterator[str]:
    """The contents that lie in a node's folder or a backup folder."""
    for path in sorted((folder / POOL).glob("??/*")):
        if _NAME.fullmatch(path.name):
            yield path.name


def named_by(backup: Path) -> list[str]:
    """What a backup needs; nothing for one made before there were any."""
    with contextlib.suppress(FileNotFoundError):
        return [one for one in (backup / LIST).read_text().split() if _NAME.fullmatch(one)]
    return []


def keep(home: Path, folder: Path, backup: Path) -> int:
    """Every content of the node into the pool of `folder`, and its name into `backup`."""
    names = []
    for name in names_in(home):
        # One may be dropped at this very moment; then no row speaks of it any more.
        with contextlib.suppress(FileNotFoundError):
            _bring(path_in(home, name), path_in(folder, name))
            names.append(name)
    (backup / LIST).write_text("".join(f"{name}\n" for name in names))
    return len(names)


def carry(backup: Path, second: Path) -> None:
    """The same contents on a second medium."""
    for name in named_by(backup):
        with contextlib.suppress(FileNotFoundError):
            _bring(path_in(backup.parent, name), path_in(second, name))


def missing(backup: Path) -> list[str]:
    """Contents that a backup names and its pool does not hold whole."""
    return [name for name in named_by(backup) if not _is_whole(path_in(backup.parent, name))]


def put_back(backup: Path, home: Path, erased: Collection[str]) -> int:
    """What the backup names and the node lacks, but for what was erased since; how many."""
    count = 0
    for name in named_by(backup):
        source, target = path_in(backup.parent, name), path_in(home, name)
        if name not in erased and not target.exists() and _is_whole(source):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = target.with_name(f"{name}.partial")
            shutil.copy2(source, partial)
            os.replace(partial, target)
            count += 1
    return count


def sweep(folder: Path, backups: Collection[Path], erased: Collection[str]) -> int:
    """Removes what no backup of the folder names, and what was erased; how many."""
    needed = {name for backup in backups for name in named_by(backup)} - set(erased)
    superfluous = [name for name in names_in(folder) if name not in needed]
    for name in superfluous:
        path_in(folder, name).unlink(missing_ok=True)
    return len(superfluous)


def _bring(source: Path, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        partial = target.with_name(f"{target.name}.partial")
        shutil.copy2(source, partial)
        with partial.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(partial, target)


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest() == path.name
    except OSError:
        return False
