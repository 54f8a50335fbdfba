"""What the HTTP edge itself can refuse, before any app is asked."""

from fengsui.foundation.access.problems import ProblemKind

INVALID_INPUT = ProblemKind(
    "web.invalid_input",
    422,
    "提交的内容不符合要求：{field}。请改正后重试。",
    "What was sent does not fit: {field}. Correct it and try again.",
)
UNREADABLE = ProblemKind(
    "web.unreadable",
    400,
    "无法读懂提交的内容，请按接口文档的格式重新提交。",
    "The request could not be read. Send it in the form the interface documents.",
)
STALE_PAGE = ProblemKind(
    "web.stale_page",
    403,
    "页面已过期，请刷新后重试（刚才的操作没有执行）。",
    "This page is stale. Reload it and try again; nothing was done.",
)
NO_SUCH_PAGE = ProblemKind(
    "web.no_such_page", 404, "没有这个地址，请检查后重试。", "There is no such address. Check it."
)
WRONG_METHOD = ProblemKind(
    "web.wrong_method",
    405,
    "这个地址不支持该操作方式。",
    "This address does not take that method.",
)
TOO_LARGE = ProblemKind(
    "web.too_large",
    413,
    "提交的内容超过 {megabytes} MB，请拆分后再提交。",
    "More than {megabytes} MB was sent. Split it and send the parts.",
)
TOO_BUSY = ProblemKind(
    "web.too_busy",
    503,
    "实时连接已满，请关闭多余的页面后重试；页面仍会定时刷新。",
    "All live connections are taken. Close pages you do not need; this one refreshes by itself.",
)
WENT_WRONG = ProblemKind(
    "web.went_wrong",
    500,
    "系统出错，操作可能没有完成。请把编号 {request_id} 告诉管理员；紧急时直接打电话。",
    "Something broke and this may not have been done. Give the administrator number "
    "{request_id}; in an emergency, telephone.",
)
CHANGED_MEANWHILE = ProblemKind(
    "web.changed_meanwhile",
    409,
    "您查看期间，别人已改过这一项。请刷新后看过再改。",
    "Somebody changed this while you looked at it. Load it again, look, then change it.",
)
NO_TILES = ProblemKind(
    "web.no_tiles",
    404,
    "本机没有设置天地图，显示的是本县自己的底图。",
    "Tianditu is not set up at this node; the county's own map is shown.",
)
TILES_UNREACHABLE = ProblemKind(
    "web.tiles_unreachable",
    503,
    "天地图暂时连不上，请继续使用本县自己的底图；恢复后会自动接上。",
    "Tianditu cannot be reached. Go on with the county's own map; it comes back by itself.",
)
