"""What can be said of papers: lists drawn and taken, relayed words, reports, reviews, links."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, KindsOf, Merge, Words
from fengsui.review.papers.states import BULLETIN_WORDS, SAID_WORDS

_SAID: Words = {kind.value: words for kind, words in SAID_WORDS.items()}
_KINDS: Words = {kind.value: words for kind, words in BULLETIN_WORDS.items()}
_WHAT: Words = {
    "unanswered": ("未应答名单", "the list of the unanswered"),
    "bulletin": ("值班快报", "a duty report"),
    "review": ("复盘", "a review"),
}


_kind = KindsOf("papers", FactClass.COMMAND, Audience.COUNTY, Merge.APPEND)

LIST_DRAWN = _kind(
    960,
    "list_drawn",
    ("callout_id", "at_ms", "called", "unanswered"),
    "启动 5 分钟，未应答名单 {unanswered} 人（应叫 {called} 人）",
    "Five minutes after the start {unanswered} of {called} had not answered",
    fact_class=FactClass.ROUTINE,
)
TAKEN = _kind(
    961,
    "taken",
    (
        "number", "what", "callout_id", "format", "at_ms", "rows_count", "with_personal", "reason",
        "recipient", "actor_name",
    ),
    "取走{what}，{rows_count} 行，给{recipient}，编号 {number}",
    "{what} was taken for {recipient}, {rows_count} rows, number {number}",
    words={"what": _WHAT},
)  # fmt: skip
RELAYED = _kind(
    962,
    "relayed",
    ("call_id", "callout_id", "said", "heard_at_ms", "client_id"),
    "群里转述：{said}（不算本人应答，继续叫应）",
    "Relayed from a group: {said} (no answer of the person's own; calling goes on)",
    audience=Audience.TOWNSHIP,
    personal=("text", "group"),
    words={"said": _SAID},
)
BULLETIN_ISSUED = _kind(
    963,
    "bulletin_issued",
    (
        "alert_id", "callout_id", "year", "issue", "version", "kind", "numbers", "edited", "notes",
        "main_to", "copy_to", "reason", "late_reason", "known_at_ms", "exercise",
    ),
    "签发值班快报{kind}〔{year}〕第{issue}期，第{version}版",
    "Duty report {kind} no. {issue} of {year} was issued, version {version}",
    personal=("sections", "contact"),
    words={"kind": _KINDS},
)  # fmt: skip
REVIEW_SIGNED = _kind(
    964,
    "review_signed",
    ("callout_id", "sha256", "figures", "recipient"),
    "生成复盘并签名，指纹 {sha256}",
    "A review was made and signed, digest {sha256}",
)
SHARE_MADE = _kind(
    965,
    "share_made",
    (
        "callout_id", "alert_id", "token_hash", "code_hash", "parts", "recipient", "reason",
        "expires_at_ms",
    ),
    "给{recipient}开了调查链接：{reason}",
    "A link for an inquiry was made for {recipient}: {reason}",
)  # fmt: skip
SHARE_WITHDRAWN = _kind(
    966,
    "share_withdrawn",
    ("share_id", "reason"),
    "收回了调查链接：{reason}",
    "A link for an inquiry was withdrawn: {reason}",
)
SHARE_OPENED = _kind(
    967,
    "share_opened",
    ("share_id",),
    "调查链接被打开",
    "A link for an inquiry was opened",
    fact_class=FactClass.ROUTINE,
)
SHARE_REFUSED = _kind(
    968,
    "share_refused",
    ("share_id",),
    "调查链接的提取码输错",
    "A wrong code was typed for a link of an inquiry",
    fact_class=FactClass.ROUTINE,
)

KINDS: tuple[FactKind, ...] = (
    LIST_DRAWN,
    TAKEN,
    RELAYED,
    BULLETIN_ISSUED,
    REVIEW_SIGNED,
    SHARE_MADE,
    SHARE_WITHDRAWN,
    SHARE_OPENED,
    SHARE_REFUSED,
)
