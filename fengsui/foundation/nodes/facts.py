"""The kinds of the tree of nodes (40-69). All of them are for everybody and signed one by one."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

_REASONS = {
    "stolen": ("被盗", "stolen"),
    "lost": ("丢失", "lost"),
    "retired": ("停用", "retired"),
    "replaced": ("换机", "replaced"),
    "misused": ("滥用", "misused"),
}

# A certificate. `kinds`: numbers of the kinds it may state, None for all. `short_id`: 16 bits,
# unique in the county. `replaces_until_ms`: earlier certificates of this key count up to then.
CERTIFIED = FactKind(
    number=40,
    name="nodes.certified",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=(
        "public_key",
        "suite",
        "link_key",
        "short_id",
        "name",
        "level",
        "scope",
        "kinds",
        "not_before_ms",
        "not_after_ms",
        "replaces_until_ms",
    ),
    zh="为节点“{name}”签发证书，范围{scope}",
    en="A certificate for the node “{name}”, jurisdiction {scope}",
)
# `last_valid`: [[feed id, last number that counts], ...]; feeds not named count for nothing.
REVOKED = FactKind(
    number=41,
    name="nodes.revoked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.PUBLIC,
    merge=Merge.APPEND,
    fields=(
        "public_key",
        "name",
        "reason_code",
        "reason",
        "revoked_ms",
        "last_valid",
        "unwitnessed",
    ),
    zh="吊销节点“{name}”的证书（{reason_code}）：{reason}",
    en="The certificate of the node “{name}” was revoked ({reason_code}): {reason}",
    words={"reason_code": _REASONS},
)
# "I hold this feed up to this number, with this hash."
WITNESSED = FactKind(
    number=42,
    name="nodes.witnessed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("feeds",),
    item=("feed_id", "seq", "hash"),
    zh="见证了{feeds}条链的现状",
    en="Witnessed where {feeds} feeds stand",
)
# `root`: Merkle root (RFC 6962, 2.1) over CBOR [feed id, number, hash] of every feed, by feed id.
DAY_CLOSED = FactKind(
    number=43,
    name="nodes.day_closed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("date", "feeds", "facts", "root", "part", "parts"),
    item=("feed_id", "seq", "hash"),
    zh="{date}日终：{feeds}条链，{facts}条记录",
    en="End of {date}: {feeds} feeds, {facts} facts",
)

KINDS: tuple[FactKind, ...] = (CERTIFIED, REVOKED, WITNESSED, DAY_CLOSED)
