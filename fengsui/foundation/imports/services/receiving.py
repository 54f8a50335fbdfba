"""A file comes in pieces and can go on where it stopped."""

from __future__ import annotations

import secrets
from typing import Any

from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports import queries
from fengsui.foundation.imports.errors import (
    NOT_NOW,
    TOO_LARGE,
    TOO_MANY_OPEN,
    WRONG_DIGEST,
    WRONG_OFFSET,
)
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.staging import FILE_BYTES_MAX, Staging
from fengsui.foundation.imports.states import OVER, ImportState
from fengsui.foundation.journal import clock

PIECE_BYTES_MAX = 1024 * 1024
OPEN_MAX = 5  # of one person at a time
FILE_NAME_LENGTH_MAX = 200


def announce(
    *, viewer: Viewer, ledger: str, file_name: str, size_bytes: int, sha256: str
) -> Import:
    """Makes room for a file that is about to come.

    `sha256` in hexadecimal, or "" where the caller could not work it out. Raises
    access.not_found, access.not_allowed, imports.too_large, imports.too_many_open.
    """
    declared = registers.get(ledger, viewer=viewer)
    if not viewer.scopes(declared.edit):
        raise NOT_ALLOWED(permission=declared.edit.value, place="")
    if not 0 < size_bytes <= FILE_BYTES_MAX:
        raise TOO_LARGE(megabytes=FILE_BYTES_MAX >> 20)
    mine = Import.objects.filter(person_id=viewer.person_id).exclude(state__in=OVER)
    if mine.count() >= OPEN_MAX and not viewer.is_node:
        raise TOO_MANY_OPEN(most=OPEN_MAX)
    now = clock.now()
    one = Import(
        id=secrets.token_hex(16),
        ledger=declared.name,
        person_id=viewer.person_id,
        viewer=viewer.to_plain(),
        file_name=file_name.replace("\\", "/").rsplit("/", 1)[-1][:FILE_NAME_LENGTH_MAX],
        bytes=size_bytes,
        sha256=sha256.lower(),
        state=ImportState.RECEIVING,
        created_at=now,
        touched_at=now,
    )
    Staging(one.id).make()
    one.save(force_insert=True)
    return one


def take_piece(*, viewer: Viewer, import_id: str, offset: int, piece: bytes) -> Import:
    """Takes the piece that begins at `offset`; a piece that is here already is taken again.

    Raises imports.wrong_offset with how much is here, imports.wrong_digest after the last one.
    """
    one = queries.own(import_id, viewer=viewer)
    if one.state != ImportState.RECEIVING:
        if offset + len(piece) <= one.received:
            return one
        raise NOT_NOW(state=one.state)
    if offset > one.received or offset < 0:
        raise WRONG_OFFSET(received=one.received)
    if not piece or len(piece) > PIECE_BYTES_MAX or offset + len(piece) > one.bytes:
        raise TOO_LARGE(megabytes=PIECE_BYTES_MAX >> 20)
    with Staging(one.id) as staging:
        if not staging.upload.exists():
            raise NOT_FOUND()
        received = max(staging.append(offset, piece), one.received)
        if received == one.bytes and one.sha256 and staging.digest() != one.sha256:
            note(one, received=0)
            raise WRONG_DIGEST()
        if received == one.bytes and not one.sha256:
            one.sha256 = staging.digest()
    state = ImportState.READING if received == one.bytes else ImportState.RECEIVING
    return note(one, received=received, state=state, sha256=one.sha256)


def note(one: Import, **values: Any) -> Import:
    """Keeps how far an import is, and when it was last touched."""
    values["touched_at"] = clock.now()
    for name, value in values.items():
        setattr(one, name, value)
    Import.objects.filter(pk=one.pk).update(**values)
    return one


def ask_again(one: Import, viewer: Viewer) -> None:
    """The rights of whoever asked last are those a step works with."""
    note(one, viewer=viewer.to_plain())
