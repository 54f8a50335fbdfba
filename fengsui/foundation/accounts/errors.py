"""What signing in can refuse."""

from fengsui.foundation.access.problems import ProblemKind

LINK_NOT_VALID = ProblemKind(
    "accounts.link_not_valid",
    401,
    "登录链接已用过或已过期，请向管理员重新要一个。",
    "This sign-in link was used before or has expired. Ask your administrator for a new one.",
)
WRONG_PASSWORD = ProblemKind(
    "accounts.wrong_password",
    401,
    "姓名或密码不对。再错 {tries_left} 次将锁定 {lock_minutes} 分钟。",
    "Wrong name or password. {tries_left} more and it locks for {lock_minutes} minutes.",
)
LOCKED = ProblemKind(
    "accounts.locked",
    429,
    "登录失败次数过多，请 {minutes} 分钟后再试，或让管理员发一次性链接。",
    "Too many failed attempts. Try again in {minutes} minutes, or ask for a one-time link.",
)
PASSWORD_TOO_WEAK = ProblemKind(
    "accounts.password_too_weak",
    422,
    "密码至少 {minimum} 位，并包含大写、小写、数字、符号中的三种。",
    "Use at least {minimum} characters with three of: capitals, small letters, digits, symbols.",
)
UNKNOWN_ROLE = ProblemKind(
    "accounts.unknown_role", 422, "没有“{role}”这个角色。", "There is no role “{role}”."
)
SEPARATED_DUTIES = ProblemKind(
    "accounts.separated_duties",
    422,
    "系统管理员、安全管理员、审计员须由不同的人担任。",
    "System administrator, security administrator and auditor must be different persons.",
)
END_NOT_VALID = ProblemKind(
    "accounts.end_not_valid",
    422,
    "结束时间须在今后 {days} 天之内。",
    "The end must lie within the next {days} days.",
)
NOT_TO_ONESELF = ProblemKind(
    "accounts.not_to_oneself",
    403,
    "不能给自己授予角色，也不能自行交出三员角色，请由另一位管理员办理。",
    "Nobody gives a role to themselves or lays down one of the three. Ask another administrator.",
)
NAME_TAKEN = ProblemKind(
    "accounts.name_taken",
    422,
    "登录名“{name}”已有人使用，请换一个，如加上村名。",
    "The sign-in name “{name}” is taken. Choose another, for example with the village's name.",
)
PASSWORD_USED_BEFORE = ProblemKind(
    "accounts.password_used_before",
    422,
    "这个密码最近用过，请换一个新的。",
    "This password was used recently. Choose a new one.",
)
OLD_PASSWORD_WRONG = ProblemKind(
    "accounts.old_password_wrong",
    422,
    "原密码不对。",
    "The present password is not right.",
)
NOTHING_PENDING = ProblemKind(
    "accounts.nothing_pending",
    401,
    "这一步已过时，请重新登录。",
    "This step is out of date. Sign in again.",
)
WRONG_CODE = ProblemKind(
    "accounts.wrong_code",
    422,
    "动态口令不对或已用过，请等手机上出现下一个再输。",
    "The code is wrong or was used before. Wait for the next one on your phone.",
)
FACTOR_NEEDED = ProblemKind(
    "accounts.factor_needed",
    409,
    "您的角色必须使用动态口令，不能停用。",
    "Your role needs the second factor; it cannot be removed.",
)
NO_FACTOR_STARTED = ProblemKind(
    "accounts.no_factor_started",
    409,
    "请先扫描二维码，再输入手机上显示的动态口令。",
    "Scan the code first, then enter what your phone shows.",
)
ROLE_NOT_VALID = ProblemKind(
    "accounts.role_not_valid",
    422,
    "角色须有名称和至少一项权限，且不得含三员专有的权限。",
    "A role needs a name and a permission, and none that only the three administrators hold.",
)
RULE_NOT_VALID = ProblemKind(
    "accounts.rule_not_valid",
    422,
    "“{name}”须在 {least} 到 {most} 之间。",
    "“{name}” must lie between {least} and {most}.",
)
KEY_NOT_VALID = ProblemKind(
    "accounts.key_not_valid",
    422,
    "密钥须有名称、至少一项您本人在该地拥有且可交给其他系统的权限，期限 1 到 {days} 天。",
    "A key needs a name, 1 to {days} days, and rights that you hold there and a machine may have.",
)
KEY_REFUSED = ProblemKind(
    "accounts.key_refused",
    401,
    "接口密钥无效、已到期或已收回。",
    "This key is unknown, has ended or was revoked.",
)
KEY_MAY_NOT = ProblemKind(
    "accounts.key_may_not",
    403,
    "这一操作须由本人登录办理，不能使用接口密钥。",
    "This takes a person who is signed in; a key cannot do it.",
)
TOO_MANY_REQUESTS = ProblemKind(
    "accounts.too_many_requests",
    429,
    "请求过于频繁，每分钟最多 {per_minute} 次。",
    "Too many requests; at most {per_minute} a minute.",
)
IDENTITY_TAKEN = ProblemKind(
    "accounts.identity_taken",
    409,
    "该统一身份已关联其他人员，请联系安全管理员。",
    "This identity belongs to another person here. Ask your security administrator.",
)
IDENTITY_UNKNOWN = ProblemKind(
    "accounts.identity_unknown",
    401,
    "该统一身份还没有关联到本系统的人员。请先用密码或一次性链接登录，在“我的登录”中关联。",
    "This identity is not linked to anybody here. Sign in another way and link it on “My sign-in”.",
)
SIGN_ON_FAILED = ProblemKind(
    "accounts.sign_on_failed",
    401,
    "统一身份认证没有通过（{detail}），请重试或改用密码登录。",
    "Single sign-on did not succeed ({detail}). Try again or use your password.",
)
SIGN_ON_ABSENT = ProblemKind(
    "accounts.sign_on_absent",
    404,
    "本节点没有配置这个统一身份认证。",
    "This node has no such single sign-on.",
)
ADMINISTRATORS_DIFFER = ProblemKind(
    "accounts.administrators_differ",
    422,
    "系统管理员、安全管理员、审计员须是三个不同的人，姓名不能相同。",
    "The three administrators must be three different persons with different names.",
)
