"""What the field says: SOS, headcounts, quick reports, who moved first, what a gateway heard."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, KindsOf, Merge
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

_kind = KindsOf("situation", FactClass.COMMAND, Audience.TOWNSHIP, Merge.APPEND)

SOS_RAISED = _kind(
    750,
    "sos_raised",
    ("sos_id", "place_code", "lon_e7", "lat_e7", "people", "injured", "need", "at_ms", "device"),
    "求救：{people} 人，其中 {injured} 人受伤，需要 {need}",
    "SOS: {people} people, {injured} injured, needs {need}",
    personal=("text",),
    words={"need": NEEDS},
    fact_class=FactClass.LIFE_SAFETY,
)
SOS_CLOSED = _kind(
    751,
    "sos_closed",
    ("sos_id", "outcome"),
    "求救结束：{outcome}",
    "SOS closed: {outcome}",
    personal=("reason",),
    words={"outcome": SOS_OUTCOMES},
    fact_class=FactClass.LIFE_SAFETY,
)
HEADCOUNT_REPORTED = _kind(
    752,
    "headcount_reported",
    ("place_code", "evacuation_id", "series", "at_ms", *HEADCOUNT_NUMBERS, "client_id"),
    "清点人数：应转 {should}，已转 {moved}，外出 {away}，未转 {not_yet}",
    "Headcount: {should} should move, {moved} moved, {away} away, {not_yet} not yet",
    merge=Merge.FIELD,
    fact_class=FactClass.LIFE_SAFETY,
)
QUICK_REPORT_FILED = _kind(
    753,
    "quick_report_filed",
    ("place_code", "at_ms", "disaster", *REPORT_NUMBERS, *REPORT_CUTS, "needs", "client_id"),
    "灾情快报：受灾 {affected} 人，转移 {moved} 人，受伤 {injured}，失联 {missing}，死亡 {dead}",
    "Quick report: {affected} affected, {moved} moved, {injured} injured, {missing} missing, "
    "{dead} dead",
    merge=Merge.FIELD,
)
MOVED_FIRST = _kind(
    754,
    "moved_first",
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
    fact_class=FactClass.LIFE_SAFETY,
)
# What a gateway heard and says; the fact it stands for replaces it and is never added to it.
RELAYED = _kind(
    755,
    "relayed",
    ("kind", "place_code", "reference", "path", "at_ms", "client_id"),
    "由{path}转来：{kind}",
    "Heard by {path}: {kind}",
    personal=("content",),
    words={"kind": RELAY_KINDS, "path": RELAY_PATHS},
    fact_class=FactClass.LIFE_SAFETY,
)
CONTACT_LOST = _kind(
    756,
    "contact_lost",
    ("place_code", "last_heard_ms", "last_path", "alert_id"),
    "失去联系（最后一次：{last_path}）",
    "Out of contact (last heard by {last_path})",
    words={"last_path": CONTACT_PATHS},
)
CONTACT_REGAINED = _kind(
    757,
    "contact_regained",
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
