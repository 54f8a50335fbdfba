"""The signature of a paper: one comment line after the PDF's end (ISO 32000-2, 7.5.1). Pure.

`%fengsui-signature 1 suite=… key=… fact=… signature=…`, in hex. It signs the hash of every byte
before that line under a purpose of its own, so it can be taken for no signature of the record.
Readers of PDF skip comments; `tools/verify_paper.py` checks it without this program.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

PURPOSE = b"fengsui paper 1\0"
PAPER_BYTES_MAX = 16 << 20
_LINE = re.compile(
    rb"\n%fengsui-signature 1 suite=(\d{1,3}) key=([0-9a-f]{64,130}) fact=([0-9a-f]{32})"
    rb" signature=([0-9a-f]{128})\n\Z"
)


@dataclass(frozen=True, slots=True)
class Signature:
    suite: int
    key: bytes
    fact_id: bytes
    signature: bytes


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def message(content_digest: bytes, fact_id: bytes) -> bytes:
    """What is signed: the paper's hash bound to the fact that tells of it."""
    return hashlib.sha256(PURPOSE + content_digest + fact_id).digest()


def sign_line(one: Signature) -> bytes:
    return (
        f"\n%fengsui-signature 1 suite={one.suite} key={one.key.hex()} "
        f"fact={one.fact_id.hex()} signature={one.signature.hex()}\n"
    ).encode()


def split(paper: bytes) -> tuple[bytes, Signature | None]:
    """The content and its signature; None where there is none or where it is not the very end."""
    tail = paper[-1024:]
    found = _LINE.search(tail)
    if found is None:
        return paper, None
    content = paper[: len(paper) - len(tail) + found.start()]
    return content, Signature(
        int(found[1]), bytes.fromhex(found[2].decode()), bytes.fromhex(found[3].decode()),
        bytes.fromhex(found[4].decode()),
    )  # fmt: skip
