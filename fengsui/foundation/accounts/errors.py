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
