"""A picture or a paper belongs to a row of a ledger. Registry numbers 350-399.

The fact holds the SHA-256 of the content; the content itself lies outside the record and may come
later or never. Its name, place and time name somebody: they are in the leaf that can be erased,
and where that leaf is gone the content goes too, on every node.
"""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

ATTACHED = FactKind(
    number=350,
    name="attachments.attached",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    # hashes in hex; public and thumbnail are "" where no copy could be made
    fields=(
        "owner_ledger",
        "owner_key",
        "sha256",
        "bytes",
        "kind",
        "width",
        "height",
        "public_sha256",
        "public_kind",
        "thumbnail_sha256",
    ),
    personal=("file_name", "taken_s", "lon_e7", "lat_e7"),
    zh="添加了一个附件",
    en="A file was attached",
)
WITHDRAWN = FactKind(
    number=351,
    name="attachments.withdrawn",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("attachment_id", "reason"),
    zh="撤下了一个附件：{reason}",
    en="An attached file was withdrawn: {reason}",
)
KINDS: tuple[FactKind, ...] = (ATTACHED, WITHDRAWN)
