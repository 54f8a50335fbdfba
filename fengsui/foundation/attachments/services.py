"""Files come in piece by piece, are looked into by a child process, and belong to a row."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.attachments import blobs, errors, queries, rules
from fengsui.foundation.attachments.facts import ATTACHED, WITHDRAWN
from fengsui.foundation.attachments.models import Attachment, Upload
from fengsui.foundation.journal import clock, erasures
from fengsui.foundation.journal.services import command, record
from fengsui.gateways.files.sniffing import BYTES_MAX, HEAD_BYTES, KINDS, is_active, kind_of
from fengsui.standards.secrecy import mark_in_name

EXAMINE_SECONDS = 40.0
_REFUSALS = {
    "": None,
    "active": errors.ACTIVE,
    "bomb": errors.BOMB,
    "broken": errors.BROKEN,
    "locked": errors.LOCKED,
    "other": errors.NOT_TAKEN,
}
log = logging.getLogger("fengsui.web")


# --- coming in (this machine only) ----------------------------------------------------------


def begin(
    *, viewer: Viewer, owner_ledger: str, owner_key: str, file_name: str, size: int, sha256: str
) -> Upload:
    """Announces a file before its first byte, so that a refusal costs nobody anything.

    The same person, row and content again is the same upload: it goes on where it stopped.
    Raises access.not_found, .not_allowed and the problems of `errors`.
    """
    owner = queries.owner(owner_ledger, owner_key, viewer=viewer)
    require(viewer, owner.edit, owner.place_code)
    mark = mark_in_name(file_name)
    if mark:
        raise errors.MARKED_SECRET(mark=mark)
    for field, is_sound in (("bytes", size > 0), ("sha256", rules.is_digest(sha256))):
        if not is_sound:
            raise errors.BAD_REQUEST(field=field)
    if size > BYTES_MAX:
        raise errors.TOO_LARGE(megabytes=BYTES_MAX >> 20)
    known = Upload.objects.filter(
        person_id=viewer.person_id,
        owner_ledger=owner_ledger,
        owner_key=owner_key,
        sha256=sha256,
        attachment_id=None,
    ).first()
    if known is not None:
        return known
    if len(queries.of_row(owner_ledger, owner_key, viewer=viewer)) >= rules.ROW_ATTACHMENTS_MAX:
        raise errors.ROW_IS_FULL(most=rules.ROW_ATTACHMENTS_MAX)
    _refuse_without_room(queries.room(viewer=viewer), size)
    return Upload.objects.create(
        id=secrets.randbits(62) + 1,
        person_id=viewer.person_id,
        owner_ledger=owner_ledger,
        owner_key=owner_key,
        file_name=file_name[: rules.FILE_NAME_MAX],
        bytes=size,
        sha256=sha256,
        began_at=clock.now(),
    )


def _refuse_without_room(room: rules.Room, size: int) -> None:
    refusal = room.refusal(size)
    if refusal == "disk":
        raise errors.NO_ROOM_DISK()
    if refusal == "node":
        raise errors.NO_ROOM_NODE(gigabytes=rules.NODE_BYTES_MAX // rules.GIBIBYTE)
    if refusal == "person":
        raise errors.NO_ROOM_PERSON(megabytes=rules.PERSON_BYTES_A_DAY_MAX >> 20)
    if refusal == "uploads":
        raise errors.TOO_MANY_UPLOADS(most=rules.PERSON_UPLOADS_MAX)


def received(upload: Upload) -> int:
    """How many bytes of it are here."""
    with contextlib.suppress(FileNotFoundError):
        return _part(upload).stat().st_size
    return upload.bytes if upload.attachment_id else 0


def take(*, viewer: Viewer, upload_id: int, offset: int, piece: bytes) -> Upload:
    """Appends a piece that must begin where the last one ended; the last one finishes the file.

    Raises attachments.out_of_step with what is here, and what `finish` raises.
    """
    upload = queries.upload(upload_id, viewer=viewer)
    if upload.attachment_id:
        return upload
    here = received(upload)
    if offset != here or here + len(piece) > upload.bytes:
        raise errors.OUT_OF_STEP(received=here)
    if len(piece) > rules.CHUNK_BYTES_MAX:
        raise errors.BAD_REQUEST(field="content")
    if offset == 0:
        _refuse_by_head(upload, piece[:HEAD_BYTES])
    with _part(upload).open("ab") as out:
        out.write(piece)
    if here + len(piece) == upload.bytes:
        return finish(viewer=viewer, upload=upload)
    return upload


def _refuse_by_head(upload: Upload, head: bytes) -> None:
    """What the first bytes tell is said at once, not after twenty megabytes."""
    kind = kind_of(head)
    if kind is None:
        _forget(upload)
        raise errors.ACTIVE() if is_active(head) else errors.NOT_TAKEN()
    if upload.bytes > kind.bytes_max:
        _forget(upload)
        raise errors.TOO_LARGE(megabytes=kind.bytes_max >> 20)


def finish(*, viewer: Viewer, upload: Upload) -> Upload:
    """Looks into a whole file and attaches it; what is refused is gone from the disk."""
    part = _part(upload)
    if blobs.digest_of(part) != upload.sha256:
        _forget(upload)
        raise errors.DIFFERS()
    with tempfile.TemporaryDirectory(dir=blobs.staging(settings.HOME)) as out:
        try:
            found = examine(part, Path(out))
        except Problem:
            _forget(upload)
            raise
        copies = {
            name: blobs.put(settings.HOME, Path(out) / name) if found.get(name) else ""
            for name in ("public", "thumbnail")
        }
        _refuse_without_room(queries.room(viewer=viewer), 0)
        blobs.put(settings.HOME, part)
    _say_it_is_back({upload.sha256, *copies.values()})
    done = attach(
        viewer=viewer,
        owner_ledger=upload.owner_ledger,
        owner_key=upload.owner_key,
        file_name=upload.file_name,
        sha256=upload.sha256,
        size=upload.bytes,
        found={**found, "public_sha256": copies["public"], "thumbnail_sha256": copies["thumbnail"]},
    )
    upload.attachment_id = done["attachment_id"]
    upload.file_name = ""
    upload.save(update_fields=["attachment_id", "file_name"])
    return upload


def _say_it_is_back(digests: set[str]) -> None:
    """A content that was dropped once may be handed in again, and belongs into backups then."""
    known = erasures.blobs(settings.HOME) & digests
    at = int(clock.now().timestamp())
    lines = [{"blob": one, "is_back": True, "at": at} for one in sorted(known)]
    erasures.add(settings.HOME, lines)


def examine(path: Path, out: Path) -> dict[str, Any]:
    """What is in a file, told by a child process; see gateways/files/examining.

    Raises the problem that says why it is not taken.
    """
    arguments = [sys.executable, "-m", "fengsui.gateways.files.examining", str(path), str(out)]
    try:
        child = subprocess.run(  # noqa: S603 - our own module, no shell
            arguments, capture_output=True, timeout=EXAMINE_SECONDS, check=False
        )
        found: dict[str, Any] = json.loads(child.stdout)
    except subprocess.TimeoutExpired:
        raise errors.BUSY() from None
    except ValueError:
        # Killed at one of its limits, or by the file itself.
        log.warning("the child that looks into files ended with %s", child.returncode)
        raise errors.BOMB() from None
    if found["fault"] == "large":
        raise errors.TOO_LARGE(megabytes=KINDS[found["kind"]].bytes_max >> 20)
    refusal = _REFUSALS[found["fault"]]
    if refusal is not None:
        raise refusal()
    if found.get("mark"):
        raise errors.MARKED_SECRET(mark=found["mark"])
    return found


def cancel(*, viewer: Viewer, upload_id: int) -> None:
    """Gives up an upload; nothing of it stays."""
    _forget(queries.upload(upload_id, viewer=viewer))


def _part(upload: Upload) -> Path:
    return blobs.staging(settings.HOME) / f"{upload.pk}.part"


def _forget(upload: Upload) -> None:
    _part(upload).unlink(missing_ok=True)
    upload.delete()


def forget_old_uploads() -> int:
    """Drops what nobody finished within UPLOAD_KEPT, and files that no upload knows."""
    old = Upload.objects.filter(began_at__lt=clock.now() - rules.UPLOAD_KEPT)
    count = 0
    for upload in old[:100]:
        _forget(upload)
        count += 1
    known = {f"{pk}.part" for pk in Upload.objects.values_list("pk", flat=True)}
    begun_before = clock.machine_now().timestamp() - rules.ORPHAN_KEPT.total_seconds()
    for path in blobs.staging(settings.HOME).iterdir():
        if path.name not in known and path.stat().st_mtime < begun_before:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return count


# --- the record -----------------------------------------------------------------------------


@command
def attach(
    *,
    viewer: Viewer,
    owner_ledger: str,
    owner_key: str,
    file_name: str,
    sha256: str,
    size: int,
    found: dict[str, Any],
) -> dict[str, int]:
    """States that a row has a file. The content must lie here already."""
    owner = queries.owner(owner_ledger, owner_key, viewer=viewer)
    require(viewer, owner.edit, owner.place_code)
    kind = KINDS[found["kind"]]
    fact = record(
        ATTACHED,
        fields={
            "owner_ledger": owner_ledger,
            "owner_key": owner_key,
            "sha256": sha256,
            "bytes": size,
            "kind": kind.name,
            "width": found.get("width"),
            "height": found.get("height"),
            "public_sha256": found["public_sha256"],
            "public_kind": found.get("public") or "",
            "thumbnail_sha256": found["thumbnail_sha256"],
        },
        personal={
            "file_name": rules.file_name(file_name, kind.ending),
            "taken_s": found.get("taken_s"),
            "lon_e7": found.get("lon_e7"),
            "lat_e7": found.get("lat_e7"),
        },
        scope=owner.place_code,
        viewer=viewer,
        about=[int(owner_key)],
    )
    return {"attachment_id": fact.entity()}


@command
def withdraw(*, viewer: Viewer, attachment_id: int, reason: str) -> dict[str, int]:
    """Takes a file off its row. The content goes 35 days later, or at once by an erasure."""
    row = queries.gate(attachment_id, viewer=viewer)
    owner = queries.owner(row.owner_ledger, row.owner_key, viewer=viewer)
    require(viewer, owner.edit, owner.place_code)
    if not rules.REASON_LENGTH_MIN <= len(reason.strip()) <= rules.REASON_LENGTH_MAX:
        raise errors.REASON_NEEDED(least=rules.REASON_LENGTH_MIN, most=rules.REASON_LENGTH_MAX)
    record(
        WITHDRAWN,
        fields={"attachment_id": attachment_id, "reason": reason.strip()},
        scope=row.place_code,
        viewer=viewer,
        about=[attachment_id, int(row.owner_key)],
    )
    return {"attachment_id": attachment_id}


# --- contents that nothing refers to --------------------------------------------------------


def sweep_gone(after: int, limit: int) -> tuple[int, int]:
    """Drops the contents of erased and long withdrawn files: (last row looked at, dropped)."""
    rows = list(
        Attachment.objects.filter(pk__gt=after)
        .exclude(is_erased=False, withdrawn_at__isnull=True)
        .order_by("pk")[:limit]
    )
    digests = {
        digest
        for row in rows
        for digest in (row.sha256, row.public_sha256, row.thumbnail_sha256)
        if blobs.has(settings.HOME, digest)
    }
    dropped = drop_unless_referred(digests)
    at = int(clock.now().timestamp())
    # A backup that is put back later must not bring it back either.
    erasures.add(settings.HOME, [{"blob": one, "at": at} for one in sorted(dropped)])
    return (rows[-1].pk if len(rows) == limit else 0), len(dropped)


def sweep_orphans(first: str) -> int:
    """Drops blobs of one subfolder that no fact has referred to for ORPHAN_KEPT."""
    before = clock.machine_now().timestamp() - rules.ORPHAN_KEPT.total_seconds()
    digests = set()
    for path in blobs.all_in(settings.HOME, first):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                digests.add(path.name)
    partial = {name for name in digests if not rules.is_digest(name)}
    for name in partial:
        blobs.path_of(settings.HOME, name).unlink(missing_ok=True)
    return len(drop_unless_referred(digests - partial))


def drop_unless_referred(digests: set[str]) -> set[str]:
    """Two facts may speak of one content: it goes with the last of them. Returns what went."""
    gone = digests - queries.still_referred(digests) if digests else set()
    return {digest for digest in gone if blobs.drop(settings.HOME, digest)}
