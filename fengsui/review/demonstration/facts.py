"""What can be said about the demonstration. Registry numbers 900-949."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

PREPARED = FactKind(
    number=900,
    name="demonstration.prepared",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    # storm: {"polygon_e7", "village_codes", "silent_village_codes", "township_names"}
    # people: [[person id, title], …] who are offered sign-in links
    fields=("seed", "storm", "people"),
    zh="演示县已装载（全部虚构）",
    en="The invented county was loaded",
)
STARTED = FactKind(
    number=901,
    name="demonstration.started",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("preparation_id", "alert_id", "callout_id", "evacuation_id"),
    zh="演练开始",
    en="The exercise began",
)
ENDED = FactKind(
    number=902,
    name="demonstration.ended",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    # balance: {"should", "moved", "away", "not_yet", "households_left"} in people
    fields=("night_id", "state", "balance"),
    zh="演练结束：{state}",
    en="The exercise ended: {state}",
    words={
        "state": {"finished": ("全部有着落", "all accounted for"), "stopped": ("中止", "stopped")}
    },
)
PUT_AWAY = FactKind(
    number=903,
    name="demonstration.put_away",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("night_id",),
    zh="演练收起，预警解除",
    en="The exercise was put away and its warning lifted",
)
CUT_ASKED = FactKind(
    number=904,
    name="demonstration.cut_asked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("night_id", "township_code"),
    zh="第二幕：准备断开一个乡镇的网络",
    en="Second act: a township's network is about to be pulled",
)
LINK_PULLED = FactKind(
    number=905,
    name="demonstration.link_pulled",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("night_id",),
    zh="演练：网线已拔，乡镇节点自己继续",
    en="Exercise: the network is pulled; the township's node goes on alone",
)
RESTORE_ASKED = FactKind(
    number=906,
    name="demonstration.restore_asked",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    fields=("night_id",),
    zh="演练：把网线接回去",
    en="Exercise: the network is plugged in again",
)
NUMBERS_AGREED = FactKind(
    number=907,
    name="demonstration.numbers_agreed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    # county and township: {"should", "moved", "away", "not_yet"}, people of that township
    fields=("night_id", "facts", "seconds", "county", "township", "agree"),
    zh="演练：已接回，合并 {facts} 条记录",
    en="Exercise: reconnected, {facts} facts merged",
)

KINDS: tuple[FactKind, ...] = (
    PREPARED,
    STARTED,
    ENDED,
    PUT_AWAY,
    CUT_ASKED,
    LINK_PULLED,
    RESTORE_ASKED,
    NUMBERS_AGREED,
)
