"""The contents, each under the hash of what it is: FENGSUI_HOME/blobs/aa/<sha-256 in hex>.

Outside the database, so that its backups stay small. Content never changes under its name; a file
is there whole, durable, or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

BLOBS, STAGING = "blobs", "uploads"


def folder(home: Path) -> Path:
    return home / BLOBS


def staging(home: Path) -> Path:
    """Where files lie that are still coming in."""
    path = home / STAGING
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(home: Path, sha256: str) -> Path:
    return folder(home) / sha256[:2] / sha256


def has(home: Path, sha256: str) -> bool:
    return bool(sha256) and path_of(home, sha256).is_file()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(home: Path, source: Path) -> str:
    """Moves a finished file to its place and makes it durable; returns its hash."""
    sha256 = digest_of(source)
    target = path_of(home, sha256)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.is_file():
        os.utime(target)  # young again: see rules.ORPHAN_KEPT
        source.unlink()
        return sha256
    source.chmod(0o600)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    partial = target.with_name(f"{sha256}.{secrets.token_hex(4)}")
    # Within one disk a rename; `uploads` and `blobs` lie in one folder.
    source.replace(partial)
    os.utime(partial)
    partial.replace(target)
    for parent in (target.parent, target.parent.parent, home):
        _sync(parent)
    return sha256


def drop(home: Path, sha256: str) -> bool:
    """Takes a blob away for good; True where it was there."""
    path = path_of(home, sha256)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        _sync(path.parent)
        return True
    return False


def all_in(home: Path, first: str = "") -> Iterator[Path]:
    """Every blob whose hash begins with these two characters; all of them without."""
    yield from sorted(folder(home).glob(f"{first or '*'}/*"))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
