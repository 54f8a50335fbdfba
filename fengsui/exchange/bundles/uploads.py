"""Files that are being brought in over HTTP: kept under FENGSUI_HOME until they were read."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from fengsui.exchange.bundles import services
from fengsui.exchange.bundles.errors import NO_SUCH_READING, TOO_LARGE, UPLOAD_BROKEN
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer

UPLOAD_BYTES_MAX = 512 * 1024 * 1024
UPLOADS_MAX = 20  # files that nobody finished; the oldest makes room
_READ_BYTES = 1 << 16
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, or the beginning of one. `size`: bytes that are here."""

    path: Path
    size: int
    is_whole: bool


def folder() -> Path:
    path = Path(settings.HOME) / "bundles"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def take(*, owner: int, name: str, offset: int, total: int | None, source: Any) -> Upload:
    """Appends what `source.read(n)` gives to an upload; it must begin where the last part ended.

    Without a name it is a file by itself. Raises bundles.too_large, .upload_broken.
    """
    if not _NAME.fullmatch(name):
        name, offset, total = secrets.token_hex(8), 0, None
    path = folder() / f"{owner}-{name}.part"
    held = path.stat().st_size if path.exists() else 0
    if offset == 0 and held:
        path.unlink()
        held = 0
    if offset != held:
        raise UPLOAD_BROKEN(held=held)
    _make_room()
    try:
        with path.open("ab") as out:
            size = _copy(source, out, held)
    except Problem:
        path.unlink(missing_ok=True)
        raise
    return Upload(path, size, is_whole=total is None or size >= total)


def _copy(source: Any, out: IO[bytes], size: int) -> int:
    while data := source.read(_READ_BYTES):
        size += len(data)
        if size > UPLOAD_BYTES_MAX:
            raise TOO_LARGE(detail=f"> {UPLOAD_BYTES_MAX >> 20} MiB")
        out.write(data)
    return size


def _make_room() -> None:
    files = sorted(folder().glob("*"), key=lambda path: path.stat().st_mtime)
    for path in files[: max(0, len(files) - UPLOADS_MAX + 1)]:
        path.unlink(missing_ok=True)


def kept(digest: str) -> Upload:
    """A whole file whose reading is not over. Raises bundles.no_such_reading."""
    path = folder() / f"{digest}.fsb"
    if not _DIGEST.fullmatch(digest) or not path.is_file():
        raise NO_SUCH_READING()
    return Upload(path, path.stat().st_size, is_whole=True)


def read_in(viewer: Viewer, upload: Upload, carried_by: str, pieces_max: int) -> services.Report:
    """Reads a whole file in, at most so many pieces; it is kept until it was read to its end."""
    try:
        with upload.path.open("rb") as file:
            report = services.import_bundle(viewer, file, carried_by, pieces_max=pieces_max)
    except Problem:
        upload.path.unlink(missing_ok=True)
        raise
    if report.state == "reading":
        upload.path.replace(folder() / f"{report.digest}.fsb")
    else:
        upload.path.unlink(missing_ok=True)
    return report
