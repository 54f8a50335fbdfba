"""What a gateway heard over a thin link, signed by the gateway."""

from __future__ import annotations

from fengsui.engines.calls.facts import FIELD_WORDS
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

# `alert`: the short id under which the instruction spoke of its alert.
INSTRUCTION_ANSWERED = FactKind(
    number=831,
    name="telegrams.instruction_answered",
    version=1,
    fact_class=FactClass.LIFE_SAFETY,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("alert", "reference", "person_id", "place_code", "answer_kind", "at_ms", "client_id"),
    zh="应答电报指令：{answer_kind}",
    en="Answered an instruction that came by telegram: {answer_kind}",
    words={"answer_kind": FIELD_WORDS["answer_kind"]},
)

KINDS: tuple[FactKind, ...] = (RECEIVED, INSTRUCTION_ANSWERED)
