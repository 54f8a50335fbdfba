"""Who may do what, where. Secrets are never facts."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

ROLE_GRANTED = FactKind(
    number=300,
    name="account.role_granted",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("person_id", "role", "place_code"),
    zh="授予 {role} 角色",
    en="Role {role} granted",
)
ROLE_REVOKED = FactKind(
    number=301,
    name="account.role_revoked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("grant_id", "reason"),
    zh="收回角色：{reason}",
    en="Role revoked: {reason}",
)
SIGNED_IN = FactKind(
    number=302,
    name="account.signed_in",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("person_id", "how"),
    zh="登录（{how}）",
    en="Signed in ({how})",
)
KINDS: tuple[FactKind, ...] = (ROLE_GRANTED, ROLE_REVOKED, SIGNED_IN)
