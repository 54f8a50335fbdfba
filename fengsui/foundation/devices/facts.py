"""Phones enrolled and lost, and what they handed over, byte for byte."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

KEY_STORE_WORDS = {
    "webcrypto": ("密钥不可导出", "key cannot leave the phone"),
    "script": ("密钥由页面保管", "key kept by the page"),
}

ENROLLED = FactKind(
    number=70,
    name="devices.enrolled",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    # public_key: SubjectPublicKeyInfo (RFC 5280 §4.1), P-256
    fields=("person_id", "public_key", "name", "key_store"),
    zh="登记手机 {name}（{key_store}）",
    en="Phone {name} enrolled ({key_store})",
    words={"key_store": KEY_STORE_WORDS},
)
LOST = FactKind(
    number=71,
    name="devices.lost",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("device_id", "reason", "lost_at_ms"),
    zh="手机报丢失：{reason}",
    en="Phone reported lost: {reason}",
)
ITEMS_RECEIVED = FactKind(
    number=72,
    name="devices.items_received",
    version=1,
    fact_class=FactClass.LIFE_SAFETY,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    # device_id 0: not signed, taken from the author's own session
    fields=("device_id", "carried_by", "carrier_key_id"),
    personal=("bodies",),
    item=("client_id", "number", "person_id", "made_at_ms", "signature"),
    zh="收到手机记录",
    en="Items of a phone received",
)
ITEM_REFUSED = FactKind(
    number=73,
    name="devices.item_refused",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("device_id", "client_id", "made_at_ms", "reason", "signature", "carried_by"),
    personal=("body",),
    zh="手机记录未计入：{reason}",
    en="Item of a phone not counted: {reason}",
    words={"reason": {"devices.made_after_loss": ("报丢失以后记的", "made after the loss")}},
)
KINDS: tuple[FactKind, ...] = (ENROLLED, LOST, ITEMS_RECEIVED, ITEM_REFUSED)
