"""Who may do what, where. Secrets are never facts."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.standards.roles import role_words

ROLE_WORDS = {code: (role.zh, role.en) for code, role in role_words().items()}

ROLE_GRANTED = FactKind(
    number=300,
    name="account.role_granted",
    version=2,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    # until_s: the second at which the role ends by itself; None where somebody has to end it.
    fields=("person_id", "role", "place_code", "until_s", "reason"),
    zh="授予 {role} 角色",
    en="Role {role} granted",
    upcasters={1: lambda fields: {**fields, "until_s": None, "reason": ""}},
    words={"role": ROLE_WORDS},
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
    words={
        "how": {
            "one_time_link": ("一次性链接", "one-time link"),
            "password": ("密码", "password"),
            "phone_key": ("手机密钥", "phone key"),
        }
    },
)
KINDS: tuple[FactKind, ...] = (ROLE_GRANTED, ROLE_REVOKED, SIGNED_IN)
