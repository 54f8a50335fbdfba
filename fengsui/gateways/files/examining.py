"""The child that looks into a handed-in file: `python -m fengsui.gateways.files.examining IN OUT`.

It lives for one file, with little memory, little time and no way to write a large file, so that a
picture made to break its reader breaks this process and nothing else. It prints one JSON line:
{"kind", "fault", "mark", "width", "height", "taken_s", "lon_e7", "lat_e7", "public", "thumbnail"}
and writes `OUT/public` and `OUT/thumbnail` for a picture. `fault`: "" or active, bomb, broken,
locked, other; `mark`: a mark of secrecy in the text of an office paper.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 20
FILE_BYTES = 64 * 1024 * 1024


def limit() -> None:
    """From here on this process cannot grow, run on, or write much."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def examine(path: Path, out: Path) -> dict[str, Any]:
    """See the module."""
    from fengsui.gateways.files import sniffing

    with path.open("rb") as file:
        head = file.read(sniffing.HEAD_BYTES)
    kind = sniffing.kind_of(head)
    if kind is None:
        return {"kind": "", "fault": "active" if sniffing.is_active(head) else "other"}
    if path.stat().st_size > kind.bytes_max:
        return {"kind": kind.name, "fault": "large"}
    if kind is sniffing.DOCX:
        return _paper(path)
    if kind is sniffing.PDF:
        return _pdf(path)
    if kind.is_picture:
        return _picture(path, out, kind.name)
    return {"kind": kind.name, "fault": ""}


def _paper(path: Path) -> dict[str, Any]:
    from fengsui.gateways.files import office
    from fengsui.standards.secrecy import mark_in_text

    with path.open("rb") as file:
        try:
            kind, text = office.look_into(file)
        except office.UnfitPaperError as error:
            return {"kind": "docx", "fault": str(error)}
    return {"kind": kind, "fault": "", "mark": mark_in_text(text)}


def _pdf(path: Path) -> dict[str, Any]:
    """A PDF that starts programs is refused. What it says is packed away and is not read."""
    raw = path.read_bytes()
    is_active = any(word in raw for word in (b"/JavaScript", b"/Launch", b"/EmbeddedFile"))
    return {"kind": "pdf", "fault": "active" if is_active else ""}


def _picture(path: Path, out: Path, kind: str) -> dict[str, Any]:
    from fengsui.gateways.files import pictures

    with path.open("rb") as file:
        try:
            found = pictures.read(file)
        except pictures.UnfitPictureError as error:
            return {"kind": kind, "fault": str(error)}
    (out / "public").write_bytes(found.public)
    (out / "thumbnail").write_bytes(found.thumbnail)
    names = ("width", "height", "taken_s", "lon_e7", "lat_e7")
    told = {name: getattr(found, name) for name in names}
    return {"kind": kind, "fault": "", "public": found.public_type, "thumbnail": "jpeg", **told}


def main(arguments: list[str]) -> int:
    limit()
    try:
        told = examine(Path(arguments[0]), Path(arguments[1]))
    except MemoryError:
        told = {"kind": "", "fault": "bomb"}
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
