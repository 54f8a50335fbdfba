"""What the record keeps of bundles: those that were turned away, and who brought them."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

REFUSED = FactKind(
    number=820,
    name="bundles.refused",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("fault", "digest", "size", "sender_key"),
    personal=("carried_by",),
    zh="拒收数据包（{fault}），送包人：{carried_by}",
    en="A bundle was turned away ({fault}), brought by {carried_by}",
    words={
        "fault": {
            "not_a_bundle": ("不是数据包", "no bundle"),
            "newer_version": ("版本较新", "a newer version"),
            "cut_short": ("不完整", "cut short"),
            "altered": ("被改动", "altered"),
            "too_large": ("超出大小", "too large"),
            "wrong_receiver": ("收件节点不是本节点", "for another node"),
            "unknown_sender": ("发件节点不认识或已吊销", "sender unknown or revoked"),
        }
    },
)
KINDS: tuple[FactKind, ...] = (REFUSED,)
