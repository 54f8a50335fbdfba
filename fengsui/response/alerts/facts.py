"""The facts of an alert's life. Everything an inquiry asks about the decision is here."""

from __future__ import annotations

from fengsui.foundation.journal.facts import (
    Audience,
    Fact,
    FactClass,
    FactKind,
    KindsOf,
    Merge,
)
from fengsui.standards.warning_levels import LEVELS

STATUTORY = (
    "category",
    "level",
    "starts_at",
    "area_description",
    "caution",
    "instruction",
    "issuer",
    "issued_at",
)
"""突发事件应对法(2024) §64, in the order of the law: 预警类别、级别、起始时间、可能影响的范围、
警示事项、应当采取的措施、发布单位、发布时间."""


SEQUEL_WORDS = {
    "new": ("首次", "new"),
    "continued": ("继续发布，不重复叫应", "continued, nobody called twice"),
    "upgraded": ("升级，重新叫应", "upgraded, everyone called anew"),
    "downgraded": ("降级，告知", "downgraded, told"),
    "lifted": ("解除，告知已叫的人", "lifted, those called are told"),
}
LEVEL_WORDS = {level.colour: (level.zh, level.en) for level in LEVELS}


_kind = KindsOf("alert", FactClass.COMMAND, Audience.COUNTY, Merge.OWNER)

RECEIVED = _kind(
    600,
    "received",
    (
        *STATUTORY,
        "kind",
        "category_name",
        "expires_at",
        "area_codes",
        "polygons_e7",
        "instruction_is_default",
        "headline",
        "short_text",
        "verbatim_text",
        "identifier",
        "msg_type",
        "references",
        "exercise",
        "source_format",
        "source_digest",
        "signature",
        "state",
        "self_rescue",
    ),
    "收到：{headline}（{issuer}）",
    "Received: {headline} ({issuer})",
)
EDITED = _kind(
    601, "edited", ("alert_id", "changes", "reason"), "修改：{reason}", "Edited: {reason}"
)
SUBMITTED = _kind(602, "submitted", ("alert_id",), "提交审批", "Submitted for approval")
APPROVED = _kind(
    603,
    "approved",
    ("alert_id", "author_id", "approver_id", "authorisation_id", "reason"),
    "批准发布 {reason}",
    "Approved {reason}",
)
RETURNED = _kind(604, "returned", ("alert_id", "reason"), "退回：{reason}", "Returned: {reason}")
ACTIVATED = _kind(
    605,
    "activated",
    ("alert_id", "sequel", "predecessor_id", "callout_id", "evacuation_id"),
    "生效（{sequel}）",
    "In force ({sequel})",
    words={"sequel": SEQUEL_WORDS},
)
SUPERSEDED = _kind(
    606, "superseded", ("alert_id", "by_alert_id"), "由新的预警接替", "Superseded by a later alert"
)
CANCELLED = _kind(607, "cancelled", ("alert_id", "reason"), "解除：{reason}", "Lifted: {reason}")
EXPIRED = _kind(608, "expired", ("alert_id",), "到期", "Expired")
SELF_RESCUE_REVIEWED = _kind(
    609,
    "self_rescue_reviewed",
    ("alert_id", "verdict"),
    "自救呼叫已复核：{verdict}",
    "Self-rescue call reviewed: {verdict}",
)
AUTHORISATION_SIGNED = _kind(
    610,
    "authorisation_signed",
    ("levels", "place_code", "valid_from", "valid_until", "note"),
    "签署预先授权：{levels}",
    "Standing authorisation signed: {levels}",
    words={"levels": LEVEL_WORDS},
)
AUTHORISATION_STOPPED = _kind(
    611,
    "authorisation_stopped",
    ("authorisation_id", "reason"),
    "停止预先授权：{reason}",
    "Standing authorisation stopped: {reason}",
)
KINDS: tuple[FactKind, ...] = (
    RECEIVED,
    EDITED,
    SUBMITTED,
    APPROVED,
    RETURNED,
    ACTIVATED,
    SUPERSEDED,
    CANCELLED,
    EXPIRED,
    SELF_RESCUE_REVIEWED,
    AUTHORISATION_SIGNED,
    AUTHORISATION_STOPPED,
)


def judge_approval(fact: Fact) -> str | None:
    """Four eyes, judged again at every node a fact passes: a violating pair is quarantined."""
    approver, author = fact.fields["approver_id"], fact.fields["author_id"]
    if approver == author and not fact.fields["authorisation_id"]:
        return "approver is the author"
    return None
