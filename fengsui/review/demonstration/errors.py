"""What the demonstration may refuse, and what to do then."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

NOT_PREPARED = ProblemKind(
    "demonstration.not_prepared",
    409,
    "本节点没有演示县。请用 fengsui up --demo 在一个空目录里启动演示。",
    "This node has no invented county. Start the demonstration in an empty folder: "
    "fengsui up --demo.",
)
HALF_LOADED = ProblemKind(
    "demonstration.half_loaded",
    409,
    "上次装载演示县时中断，数据不完整。请删除目录 {home} 后重新启动。",
    "Loading the invented county was interrupted. Delete the folder {home} and start again.",
)
ALREADY_RUNNING = ProblemKind(
    "demonstration.already_running",
    409,
    "演示正在进行。要重新开始，请先停止。",
    "The night is being told. Stop it first to start anew.",
)
NOT_RUNNING = ProblemKind(
    "demonstration.not_running", 409, "演示没有在进行。", "The night is not being told now."
)
BAD_SPEED = ProblemKind(
    "demonstration.bad_speed",
    422,
    "速度应在 {least} 到 {most} 之间；1 是三分钟一夜。",
    "The speed must be {least} to {most}; 1 is a night in three minutes.",
)
NO_SECOND_PERSON = ProblemKind(
    "demonstration.no_second_person",
    409,
    "没有另一位带班领导可以批准。请由值班员按下演示按钮。",
    "There is no second leader to approve it. Let the duty officer press the button.",
)
COUNTY_EXISTS = ProblemKind(
    "demonstration.county_exists",
    409,
    "本节点已有行政区划 {name}。整县示意只能装入空节点；给已导入的县补充示意人员请用 --fill。",
    "This node has a county already, {name}. A whole invented county goes into an empty node "
    "only; use --fill to add invented people to an imported county.",
)
NO_COUNTY = ProblemKind(
    "demonstration.no_county",
    409,
    "本节点还没有行政区划。请先运行 fengsui county import，或不带 --fill 生成整县示意。",
    "This node has no county yet. Run fengsui county import first, or generate a whole county "
    "without --fill.",
)
ALREADY_FILLED = ProblemKind(
    "demonstration.already_filled",
    409,
    "{name}已登记有住户，不再补充示意人员，以免真假混在一起。",
    "{name} has households already; invented people are not mixed in with them.",
)
CUT_ALREADY = ProblemKind(
    "demonstration.cut_already",
    409,
    "这一夜的第二幕已经开始。要再来一次，请重新开始演练。",
    "The second act of this night has begun already. Start the exercise anew to see it again.",
)
NOT_CUT = ProblemKind(
    "demonstration.not_cut",
    409,
    "没有拔掉的网线可接。请先开始第二幕。",
    "No network is pulled that could be plugged in. Begin the second act first.",
)
