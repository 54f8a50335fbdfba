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
            "sign_on": ("统一身份认证", "single sign-on"),
        }
    },
)
ROLE_DEFINED = FactKind(
    number=303,
    name="account.role_defined",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.FIELD,
    # role_id: None makes a role; else this is its new content as a whole.
    fields=("role_id", "name_zh", "name_en", "permissions", "granted_by", "place_code"),
    zh="设定本地角色“{name_zh}”",
    en="The county's own role “{name_en}” was set",
)
ROLE_WITHDRAWN = FactKind(
    number=304,
    name="account.role_withdrawn",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("role_id", "reason"),
    zh="停用本地角色：{reason}",
    en="An own role was withdrawn: {reason}",
)
LINK_MADE = FactKind(
    number=305,
    name="account.link_made",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("person_id", "hours"),
    zh="生成一次性登录链接，{hours} 小时内有效",
    en="A one-time sign-in link was made, good for {hours} hours",
)
POLICY_SET = FactKind(
    number=306,
    name="account.policy_set",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.FIELD,
    fields=("place_code", "values", "reason"),
    zh="更改登录规则：{reason}",
    en="The rules for signing in changed: {reason}",
)
KEY_MADE = FactKind(
    number=307,
    name="account.key_made",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("person_id", "name", "place_code", "permissions", "until_s"),
    zh="发放接口密钥“{name}”",
    en="The key “{name}” for another system was made",
)
KEY_REVOKED = FactKind(
    number=308,
    name="account.key_revoked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("key_id", "reason"),
    zh="收回接口密钥：{reason}",
    en="A key was revoked: {reason}",
)
IDENTITY_LINKED = FactKind(
    number=309,
    name="account.identity_linked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("person_id", "issuer"),
    personal=("subject",),
    zh="关联统一身份",
    en="Linked to a single sign-on identity",
)
IDENTITY_UNLINKED = FactKind(
    number=310,
    name="account.identity_unlinked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("identity_id", "reason"),
    zh="解除统一身份关联：{reason}",
    en="A single sign-on identity was unlinked: {reason}",
)
SECRET_CHANGED = FactKind(
    number=311,
    name="account.secret_changed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.APPEND,
    fields=("person_id", "what", "reason"),
    zh="{what}",
    en="{what}",
    words={
        "what": {
            "password": ("设置了密码", "A password was set"),
            "factor_added": ("启用了动态口令", "A second factor was set up"),
            "factor_removed": ("停用了动态口令", "The second factor was removed"),
            "factor_reset": ("由安全管理员清除动态口令", "The second factor was reset"),
            "recovery_used": ("使用了一个恢复码", "A recovery code was used"),
            "unlocked": ("解除登录锁定", "The lock on signing in was lifted"),
            "ended": ("停用账号", "The account was ended"),
            "sessions_ended": ("结束了登录会话", "Sessions were ended"),
        }
    },
)
KINDS: tuple[FactKind, ...] = (
    ROLE_GRANTED,
    ROLE_REVOKED,
    SIGNED_IN,
    ROLE_DEFINED,
    ROLE_WITHDRAWN,
    LINK_MADE,
    POLICY_SET,
    KEY_MADE,
    KEY_REVOKED,
    IDENTITY_LINKED,
    IDENTITY_UNLINKED,
    SECRET_CHANGED,
)
