"""What a gateway heard over a thin link, signed by the gateway."""

from __future__ import annotations

from fengsui.exchange.telegrams.states import KIND_WORDS, PATH_WORDS
from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

# `frame`: the bytes as they came (None for a typed text). `reference`: the fact it stands for, as
# in situation.relayed. `part`: what tells several telegrams about one fact apart.
RECEIVED = FactKind(
    number=830,
    name="telegrams.received",
    version=1,
    fact_class=FactClass.LIFE_SAFETY,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=(
        "kind",
        "place_code",
        "sender",
        "epoch",
        "number",
        "reference",
        "part",
        "path",
        "link",
        "at_ms",
        "is_signed",
        "frame",
        "content",
    ),
    personal=("said_by",),
    zh="收到{path}：{kind}",
    en="Heard by {path}: {kind}",
    words={"kind": KIND_WORDS, "path": PATH_WORDS},
)

KINDS: tuple[FactKind, ...] = (RECEIVED,)
