#!/usr/bin/env python3
"""Checks a signed paper (docs/interfaces/papers.md) without Fengsui: `verify_paper.py PDF [KEY]`.

KEY is the node's public key in hex, as the county tells it by another way. Without it this says
only that the bytes belong to the key in the file. Needs PyNaCl; SM2 papers are not checked here.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

PURPOSE = b"fengsui paper 1\0"
LINE = re.compile(
    rb"\n%fengsui-signature 1 suite=(\d+) key=([0-9a-f]+) fact=([0-9a-f]{32})"
    rb" signature=([0-9a-f]{128})\n\Z"
)


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    paper = Path(arguments[0]).read_bytes()
    found = LINE.search(paper)
    if found is None:
        print("unsigned: there is no signature line at the very end")
        return 1
    content = paper[: found.start()]
    suite = int(found[1])
    key, fact, signature = (bytes.fromhex(found[group].decode()) for group in (2, 3, 4))
    if suite != 1:
        print(f"suite {suite} is not checked by this tool")
        return 2
    digest = hashlib.sha256(content).digest()
    if not is_valid(key, hashlib.sha256(PURPOSE + digest + fact).digest(), signature):
        print("changed: the signature does not belong to these bytes")
        return 1
    if len(arguments) == 2 and bytes.fromhex(arguments[1]) != key:
        print(f"another signer: {key.hex()}")
        return 1
    known = "the key that was given" if len(arguments) == 2 else "a key nobody vouched for"
    print(f"genuine: sha256 {digest.hex()}, fact {fact.hex()}, signed by {known} {key.hex()}")
    return 0


def is_valid(key: bytes, message: bytes, signature: bytes) -> bool:
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
