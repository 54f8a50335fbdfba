"""What a phone can be told when its key or its items are refused."""

from fengsui.foundation.access.problems import ProblemKind

UNKNOWN_DEVICE = ProblemKind(
    "devices.unknown_device",
    404,
    "这里还不认识这部手机。请用值班室发的一次性链接登录一次。",
    "This phone is not known here yet. Sign in once with a one-time link of the duty room.",
)
DEVICE_LOST = ProblemKind(
    "devices.lost",
    403,
    "这部手机已报丢失，不能再用。找回了，请值班室发新的登录链接。",
    "This phone was reported lost. If it was found, ask the duty room for a new link.",
)
MADE_AFTER_LOSS = ProblemKind(
    "devices.made_after_loss",
    409,
    "这一条是手机报丢失以后记的，没有计入，已留存备查。",
    "This entry was made after the phone was reported lost. It is kept, but not counted.",
)
BAD_SIGNATURE = ProblemKind(
    "devices.bad_signature",
    422,
    "这一条的签名不对：内容和记录时不一样，没有计入。",
    "The signature does not fit: this is not what the phone recorded. It is not counted.",
)
BAD_ITEM = ProblemKind(
    "devices.bad_item", 422, "这一条读不懂：{detail}", "This item cannot be read: {detail}"
)
BAD_KEY = ProblemKind(
    "devices.bad_key",
    422,
    "手机的密钥读不懂，请更新页面后再试。",
    "The key of the phone cannot be read. Update the page and try again.",
)
ITEM_CHANGED = ProblemKind(
    "devices.item_changed",
    409,
    "同一个编号已经收到过另一种内容，这一条没有计入，请当面核对。",
    "Another content came under the same number before. Not counted; check in person.",
)
NOT_YOURS = ProblemKind(
    "devices.not_yours",
    403,
    "没有签名的记录只能由本人登录后送。",
    "Unsigned entries are taken from the signed-in author only.",
)
TOO_LONG_AWAY = ProblemKind(
    "devices.too_long_away",
    401,
    "手机超过 {days} 天没有和村里联系。请用新的一次性链接登录；记过的都还在手机里。",
    "No contact for more than {days} days. Sign in with a new link; your entries are kept.",
)
CLOCK_OFF = ProblemKind(
    "devices.clock_off",
    409,
    "手机时间和村里差得太多，请再试一次。",
    "The clocks of phone and box differ too much. Try again.",
)
