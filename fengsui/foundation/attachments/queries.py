"""The reads: whose files they are decides who may see them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Sum

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.attachments import blobs, rules
from fengsui.foundation.attachments.errors import GONE, NO_COPY, NOT_HERE
from fengsui.foundation.attachments.models import Attachment, Upload
from fengsui.foundation.attachments.states import WORDS, Presence, Size
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import ledger as journal
from fengsui.gateways.files.sniffing import KINDS, FileKind


@dataclass(frozen=True, slots=True)
class Owner:
    """The row that a file belongs to."""

    ledger: str
    key: str
    place_code: str
    see: Permission
    edit: Permission


def owner(ledger_name: str, key: str, *, viewer: Viewer) -> Owner:
    """Raises access.not_found where there is no such row in sight."""
    ledger = _declared().get(ledger_name)
    if ledger is None or not rules.is_key(key):
        raise NOT_FOUND()
    rows = ledger.register.model.objects.filter(visible(viewer, ledger.see, ledger.place), pk=key)
    place_code = rows.values_list(ledger.place, flat=True).first()
    if place_code is None:
        raise NOT_FOUND()
    return Owner(ledger_name, key, place_code, ledger.see, ledger.edit)


@lru_cache(maxsize=1)
def _declared() -> dict[str, Any]:
    """The ledgers that the installed apps declare, the upper ones too."""
    found = {}
    for config in apps.get_app_configs():
        if config.name.startswith("fengsui.") and find_spec(f"{config.name}.ledger") is not None:
            for ledger in getattr(import_module(f"{config.name}.ledger"), "LEDGERS", ()):
                found[ledger.name] = ledger
    return found


def of_row(ledger_name: str, key: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """The files of a row, newest first; see `shown`. Raises access.not_found out of sight."""
    owner(ledger_name, key, viewer=viewer)
    journal.show_open_rows()
    rows = Attachment.objects.filter(
        owner_ledger=ledger_name, owner_key=key, withdrawn_at__isnull=True
    ).order_by("-added_at", "-id")
    return [shown(row) for row in rows[: rules.ROW_ATTACHMENTS_MAX]]


def gate(attachment_id: int, *, viewer: Viewer) -> Attachment:
    """The row of a file whose owner the viewer sees; raises access.not_found otherwise."""
    row = Attachment.objects.filter(pk=attachment_id).first()
    if row is None:
        raise NOT_FOUND()
    owner(row.owner_ledger, row.owner_key, viewer=viewer)
    return row


def content(attachment_id: int, size: Size, *, viewer: Viewer) -> tuple[Path, FileKind, str]:
    """(path, kind, name to save it under) of one copy of a file.

    Raises access.not_found out of sight, attachments.gone, .no_copy, .not_here.
    """
    row = gate(attachment_id, viewer=viewer)
    if row.is_erased or row.withdrawn_at is not None:
        raise GONE()
    kind = KINDS[row.kind]
    sha256 = row.sha256
    if size is Size.PUBLIC:
        sha256, kind = row.public_sha256, KINDS.get(row.public_kind, kind)
    elif size is Size.THUMBNAIL:
        sha256, kind = row.thumbnail_sha256, KINDS["jpeg"]
    if not sha256:
        raise NO_COPY()
    path = blobs.path_of(settings.HOME, sha256)
    if not path.is_file():
        raise NOT_HERE()
    return path, kind, rules.file_name(row.file_name, kind.ending)


def shown(row: Attachment) -> dict[str, Any]:
    """One file for a list; times UTC, position in 1e-7 degree."""
    presence = presence_of(row)
    kind = KINDS.get(row.kind)
    zh, en = WORDS[presence]
    return {
        "id": row.pk,
        "owner_ledger": row.owner_ledger,
        "owner_id": row.owner_key,
        "file_name": row.file_name,
        "kind": row.kind,
        "kind_zh": kind.zh if kind else row.kind,
        "kind_en": kind.en if kind else row.kind,
        "bytes": row.bytes,
        "width": row.width,
        "height": row.height,
        "taken_at": row.taken_at,
        "lon_e7": row.lon_e7,
        "lat_e7": row.lat_e7,
        "added_at": row.added_at,
        "added_by": row.added_by,
        "presence": presence.value,
        "presence_zh": zh,
        "presence_en": en,
        "has_thumbnail": bool(row.thumbnail_sha256),
        "has_public": bool(row.public_sha256),
    }


def presence_of(row: Attachment) -> Presence:
    if row.is_erased:
        return Presence.ERASED
    if row.withdrawn_at is not None:
        return Presence.WITHDRAWN
    return Presence.HERE if blobs.has(settings.HOME, row.sha256) else Presence.NOT_HERE


def room(*, viewer: Viewer) -> rules.Room:
    """What this node and this person have used."""
    since = clock.now() - timedelta(days=1)
    live = Attachment.objects.filter(is_erased=False, withdrawn_at__isnull=True)
    today = live.filter(added_by=viewer.person_id, added_at__gte=since)
    begun = Upload.objects.filter(person_id=viewer.person_id, attachment_id=None)
    return rules.Room(
        node_used=_bytes(live),
        person_today=_bytes(today) + _bytes(begun),
        person_uploads=begun.count(),
        free=shutil.disk_usage(settings.HOME).free,
    )


def _bytes(rows: Any) -> int:
    return int(rows.aggregate(total=Sum("bytes"))["total"] or 0)


def upload(upload_id: int, *, viewer: Viewer) -> Upload:
    """One's own upload; raises access.not_found for another's."""
    found = Upload.objects.filter(pk=upload_id, person_id=viewer.person_id).first()
    if found is None:
        raise NOT_FOUND()
    return found


def attachments_in(codes_viewer: Viewer, *, limit: int = 1000) -> list[dict[str, Any]]:
    """Files of places in sight, newest first, for the integrity check and the privacy page."""
    rows = Attachment.objects.filter(visible(codes_viewer, Permission.SEE_HOUSEHOLDS))
    return [shown(row) for row in rows.order_by("-added_at", "-id")[:limit]]


# --- for this machine -----------------------------------------------------------------------


def still_referred(digests: Iterable[str]) -> set[str]:
    """Those of the hashes that a file refers to which was neither erased nor withdrawn long ago."""
    wanted = set(digests)
    kept_since = clock.now() - rules.WITHDRAWN_KEPT
    rows = Attachment.objects.filter(is_erased=False).exclude(withdrawn_at__lt=kept_since)
    found: set[str] = set()
    for name in ("sha256", "public_sha256", "thumbnail_sha256"):
        found.update(rows.filter(**{f"{name}__in": wanted}).values_list(name, flat=True))
    return found


def integrity() -> dict[str, int]:
    """How the blobs of this machine stand: {"files", "here", "not_here", "damaged"}.

    Every content is read and hashed again.
    """
    rows = Attachment.objects.filter(is_erased=False, withdrawn_at__isnull=True)
    told = {"files": 0, "here": 0, "not_here": 0, "damaged": 0}
    for digest in rows.values_list("sha256", flat=True).distinct().iterator():
        told["files"] += 1
        path = blobs.path_of(settings.HOME, digest)
        if not path.is_file():
            told["not_here"] += 1
        elif blobs.digest_of(path) != digest:
            told["damaged"] += 1
        else:
            told["here"] += 1
    return told
