"""What the field says: SOS, headcounts, quick reports, who moved first, what a gateway heard."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge, Words
from fengsui.response.situation.states import (
    CONTACT_PATHS,
    HEADCOUNT_NUMBERS,
    NEEDS,
    RELAY_KINDS,
    RELAY_PATHS,
    REPORT_CUTS,
    REPORT_NUMBERS,
    SIGNS,
    SOS_OUTCOMES,
)


def _kind(
    number: int,
    name: str,
    fact_class: FactClass,
    fields: tuple[str, ...],
    zh: str,
    en: str,
    *,
    personal: tuple[str, ...] = (),
    merge: Merge = Merge.APPEND,
    words: dict[str, Words] | None = None,
) -> FactKind:
    return FactKind(
        number=number,
        name=f"situation.{name}",
        version=1,
        fact_class=fact_class,
        audience=Audience.TOWNSHIP,
        merge=merge,
        fields=fields,
        personal=personal,
        zh=zh,
        en=en,
        words=words or {},
    )


SOS_RAISED = _kind(
    750,
    "sos_raised",
    FactClass.LIFE_SAFETY,
    ("sos_id", "place_code", "lon_e7", "lat_e7", "people", "injured", "need", "at_ms", "device"),
    "求救：{people} 人，其中 {injured} 人受伤，需要 {need}",
    "SOS: {people} people, {injured} injured, needs {need}",
    personal=("text",),
    words={"need": NEEDS},
)
SOS_CLOSED = _kind(
    751,
    "sos_closed",
    FactClass.LIFE_SAFETY,
    ("sos_id", "outcome"),
    "求救结束：{outcome}",
    "SOS closed: {outcome}",
    personal=("reason",),
    words={"outcome": SOS_OUTCOMES},
)
HEADCOUNT_REPORTED = _kind(
    752,
    "headcount_reported",
    FactClass.LIFE_SAFETY,
    ("place_code", "evacuation_id", "series", "at_ms", *HEADCOUNT_NUMBERS, "client_id"),
    "清点人数：应转 {should}，已转 {moved}，外出 {away}，未转 {not_yet}",
    "Headcount: {should} should move, {moved} moved, {away} away, {not_yet} not yet",
    merge=Merge.FIELD,
)
QUICK_REPORT_FILED = _kind(
    753,
    "quick_report_filed",
    FactClass.COMMAND,
    ("place_code", "at_ms", "disaster", *REPORT_NUMBERS, *REPORT_CUTS, "needs", "client_id"),
    "灾情快报：受灾 {affected} 人，转移 {moved} 人，受伤 {injured}，失联 {missing}，死亡 {dead}",
    "Quick report: {affected} affected, {moved} moved, {injured} injured, {missing} missing, "
    "{dead} dead",
    merge=Merge.FIELD,
)
MOVED_FIRST = _kind(
    754,
    "moved_first",
    FactClass.LIFE_SAFETY,
    (
        "place_code",
        "sign",
        "gauge_value_mm",
        "at_ms",
        "danger_area_ids",
        "by",
        "client_id",
        "alert_id",
        "evacuation_id",
    ),
    "村级先行转移（{sign}）",
    "The village moved people first ({sign})",
    personal=("note",),
    words={"sign": SIGNS},
)
# What a gateway heard and says; the fact it stands for replaces it and is never added to it.
RELAYED = _kind(
    755,
    "relayed",
    FactClass.LIFE_SAFETY,
    ("kind", "place_code", "reference", "path", "at_ms", "client_id"),
    "由{path}转来：{kind}",
    "Heard by {path}: {kind}",
    personal=("content",),
    words={"kind": RELAY_KINDS, "path": RELAY_PATHS},
)
CONTACT_LOST = _kind(
    756,
    "contact_lost",
    FactClass.COMMAND,
    ("place_code", "last_heard_ms", "last_path", "alert_id"),
    "失去联系（最后一次：{last_path}）",
    "Out of contact (last heard by {last_path})",
    words={"last_path": CONTACT_PATHS},
)
CONTACT_REGAINED = _kind(
    757,
    "contact_regained",
    FactClass.COMMAND,
    ("loss_id", "place_code", "heard_ms", "path"),
    "恢复联系（{path}）",
    "In contact again ({path})",
    words={"path": CONTACT_PATHS},
)

KINDS: tuple[FactKind, ...] = (
    SOS_RAISED,
    SOS_CLOSED,
    HEADCOUNT_REPORTED,
    QUICK_REPORT_FILED,
    MOVED_FIRST,
    RELAYED,
    CONTACT_LOST,
    CONTACT_REGAINED,
)
