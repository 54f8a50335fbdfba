"""The erasures that this node knows of, kept beside the database and with every backup.

A backup that was made before an erasure still holds what was erased. Whoever puts it back on a
machine that has lost everything else has no fact that says so; this register does. One JSON line
an erasure: {"fact", "leaves", "at"} in hex and numbers, or {"blob", "at"} for a content that was
dropped. It names nobody. It is only ever added to, and is never replaced by a restore.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "erasures.jsonl"
RESTORED_REASON = "恢复的备份里又出现了已清除的信息，再次清除"
_HEX = re.compile(r"[0-9a-f]+")
_PAGE = 500

log = logging.getLogger("fengsui.journal")


@dataclass(frozen=True, slots=True)
class Erased:
    """Leaves of one fact that must stand nowhere any more."""

    fact_id: bytes
    leaves: tuple[int, ...]


def path_of(folder: Path) -> Path:
    return folder / FILE


def lines(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Every readable line of the registers in these folders. A torn last line is left out."""
    for folder in folders:
        try:
            text = path_of(folder).read_text()
        except (OSError, UnicodeDecodeError):
            continue
        for line in text.splitlines():
            try:
                plain = json.loads(line)
            except ValueError:
                continue
            if isinstance(plain, dict):
                yield plain


def known(folders: Iterable[Path]) -> list[Erased]:
    found: dict[bytes, set[int]] = {}
    for plain in lines(folders):
        fact, leaves = plain.get("fact"), plain.get("leaves")
        if isinstance(fact, str) and _HEX.fullmatch(fact) and isinstance(leaves, list):
            numbers = {one for one in leaves if type(one) is int and one > 0}
            found.setdefault(bytes.fromhex(fact), set()).update(numbers)
    return [Erased(fact_id, tuple(sorted(leaves))) for fact_id, leaves in found.items()]


def blobs(*folders: Path) -> set[str]:
    """Hashes of the contents that were dropped: no backup need keep them. The last word counts:
    {"blob", "is_back"} says that the same content was handed in again since."""
    gone: set[str] = set()
    for folder in folders:
        for plain in lines([folder]):
            digest = plain.get("blob")
            if isinstance(digest, str) and len(digest) == 64:
                (gone.discard if plain.get("is_back") else gone.add)(digest)
    return gone


def add(folder: Path, said: Iterable[dict[str, Any]]) -> None:
    """Appends lines, durable when this returns. A line torn by a power cut is closed first."""
    text = "".join(json.dumps(one) + "\n" for one in said)
    if not text:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(folder)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        if file.seek(0, os.SEEK_END) and _last_byte(file) != b"\n":
            text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _last_byte(file: Any) -> bytes:
    file.seek(-1, os.SEEK_END)
    byte: bytes = file.read(1)
    file.seek(0, os.SEEK_END)
    return byte


def carry_to(source: Path, target: Path) -> int:
    """Adds to the register in `target` what only that in `source` says; how many lines."""
    there = {json.dumps(one, sort_keys=True) for one in lines([target])}
    missing = [one for one in lines([source]) if json.dumps(one, sort_keys=True) not in there]
    add(target, missing)
    return len(missing)


def carry_out(home: Path, folders: Iterable[Path]) -> int:
    """Erases again whatever of the registers stands in the database; how many facts it was.

    Only where this process holds the pen; before the node serves anybody.
    """
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import services
    from fengsui.foundation.journal.models import StoredFact

    wanted = known([home, *folders])
    count = 0
    for start in range(0, len(wanted), _PAGE):
        page = {one.fact_id: one.leaves for one in wanted[start : start + _PAGE]}
        for stored in StoredFact.objects.filter(fact_id__in=list(page)):
            fact_id = bytes(stored.fact_id)
            left = sorted(services.erasable_leaves(stored) & set(page[fact_id]))
            if left:
                services.erase_leaves(
                    viewer=node_viewer("restore"),
                    fact_id=fact_id,
                    leaves=left,
                    reason=RESTORED_REASON,
                )
                count += 1
    if count:
        log.warning("%d facts of the restored backup were erased again", count)
    return count
