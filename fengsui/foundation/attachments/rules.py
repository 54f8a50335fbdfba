"""Limits on what may be handed in, and byte ranges. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from fengsui.gateways.files.sniffing import MEBIBYTE

GIBIBYTE = 1024 * MEBIBYTE
CHUNK_BYTES_MAX = MEBIBYTE
NODE_BYTES_MAX = 20 * GIBIBYTE
PERSON_BYTES_A_DAY_MAX = 500 * MEBIBYTE
PERSON_UPLOADS_MAX = 20  # begun and not finished
ROW_ATTACHMENTS_MAX = 50
FREE_BYTES_KEPT = GIBIBYTE  # a disk this full is for the record alone
FILE_NAME_MAX = 120
REASON_LENGTH_MIN, REASON_LENGTH_MAX = 4, 200
UPLOAD_KEPT = timedelta(hours=24)
# Longer than the oldest backup is kept, so that a file withdrawn by mistake can be put back.
WITHDRAWN_KEPT = timedelta(days=35)
# A blob is put down before the fact that refers to it.
ORPHAN_KEPT = timedelta(hours=2)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_UNFIT = re.compile(r'[\x00-\x1f\x7f"\\/<>|:*?\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """The id of a row, or the code of a place: digits either way."""
    return text.isascii() and text.isdecimal() and len(text) <= 19


def file_name(said: str, ending: str) -> str:
    """A name that no screen and no disk misreads, with the ending of what the file really is."""
    plain = _UNFIT.sub("", said.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    stem = plain.rsplit(".", 1)[0] if "." in plain[1:] else plain
    return (stem[: FILE_NAME_MAX - len(ending)] or "附件") + ending


@dataclass(frozen=True, slots=True)
class Room:
    """What is used and what may be, in bytes."""

    node_used: int
    person_today: int
    person_uploads: int
    free: int

    def refusal(self, wanted: int) -> str:
        """Why a file of `wanted` bytes is not begun, or ""."""
        if self.free - wanted < FREE_BYTES_KEPT:
            return "disk"
        if self.node_used + wanted > NODE_BYTES_MAX:
            return "node"
        if self.person_today + wanted > PERSON_BYTES_A_DAY_MAX:
            return "person"
        if self.person_uploads >= PERSON_UPLOADS_MAX:
            return "uploads"
        return ""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) of a single range (RFC 9110 §14.1.2); None: the whole file.

    Raises ValueError where nothing of it lies in the file. Several ranges are answered whole.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        start, end = size - length, size - 1
    else:
        start, end = int(first), min(int(last or size - 1), size - 1)
    if start >= size or end < start:
        raise ValueError("outside the file")
    return start, end
