"""Facts about attachments become rows. Files are never touched here: see jobs.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fengsui.foundation.attachments.facts import ATTACHED, WITHDRAWN
from fengsui.foundation.attachments.models import Attachment
from fengsui.foundation.journal.facts import Fact

PROJECTION_VERSION = 1


def apply_attached(fact: Fact) -> None:
    fields, private = fact.fields, fact.personal or {}
    taken_s = private.get("taken_s")
    said = {
        "file_name": private.get("file_name") or "",
        "taken_at": None if taken_s is None else datetime.fromtimestamp(taken_s, UTC),
        "lon_e7": private.get("lon_e7"),
        "lat_e7": private.get("lat_e7"),
        "is_erased": fact.personal is None,
    }
    row = Attachment(
        id=fact.entity(),
        owner_ledger=fields["owner_ledger"],
        owner_key=fields["owner_key"],
        place_code=fact.scope,
        sha256=fields["sha256"],
        bytes=fields["bytes"],
        kind=fields["kind"],
        width=fields["width"],
        height=fields["height"],
        public_sha256=fields["public_sha256"],
        public_kind=fields["public_kind"],
        thumbnail_sha256=fields["thumbnail_sha256"],
        added_by=fact.actor,
        added_at=fact.at,
        withdrawn_reason="",
        **said,
    )
    # Said again once it is erased: what names somebody goes, a withdrawal stays.
    Attachment.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=list(said)
    )


def apply_withdrawn(fact: Fact) -> int | None:
    """The earliest withdrawal stays, in whatever order they come."""
    row = Attachment.objects.filter(pk=fact.fields["attachment_id"]).first()
    if row is None:
        attachment_id: int = fact.fields["attachment_id"]
        return attachment_id
    known = (row.withdrawn_at, row.withdrawn_by)
    if row.withdrawn_at is None or (fact.at, fact.actor) < known:
        Attachment.objects.filter(pk=row.pk).update(
            withdrawn_at=fact.at,
            withdrawn_by=fact.actor,
            withdrawn_reason=fact.fields["reason"],
        )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    ATTACHED.name: apply_attached,
    WITHDRAWN.name: apply_withdrawn,
}
