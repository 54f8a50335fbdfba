"""What the places register refuses, and what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

IMPORT_REFUSED = ProblemKind(
    "places.import_refused",
    422,
    "有 {count} 处错误，未写入任何数据。第一处：{where}：{zh}请改正文件后重新导入。",
    "{count} faults; nothing was written. The first: {where}: {en} Correct the files and "
    "import again.",
)
ROWS_REFUSED = ProblemKind(
    "places.rows_refused",
    422,
    "第 {row} 行（{code}）的 {field} 有误：{fault}。未写入任何数据，请改正后重新导入。",
    "Row {row} ({code}), {field}: {fault}. Nothing was written; correct it and load again.",
)
POINT_OUTSIDE = ProblemKind(
    "places.point_outside",
    422,
    "坐标不合适：{fault}。请在地图上重新选点。",
    "The point does not fit: {fault}. Choose it on the map again.",
)
POINT_CHANGED = ProblemKind(
    "places.point_changed",
    409,
    "别人刚刚给“{name}”定了另一个位置。请刷新后看过再改。",
    "Somebody has just put {name} somewhere else. Load the page again, look, then change it.",
)
ALREADY_THERE = ProblemKind(
    "places.already_there",
    409,
    "代码 {code} 已经登记（可能已撤下）。请更改或恢复那一行。",
    "A place with the code {code} is there already, perhaps withdrawn. Change or restore it.",
)
