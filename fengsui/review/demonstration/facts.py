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

KINDS: tuple[FactKind, ...] = (PREPARED, STARTED, ENDED, PUT_AWAY)
