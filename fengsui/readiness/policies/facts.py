"""What the county says of how it calls: versions, never edits. Facts 424-428."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, KindsOf, Merge
from fengsui.readiness.policies.states import POLICY_WORDS, TEMPLATE_WORDS

_kind = KindsOf("policies", FactClass.COMMAND, Audience.COUNTY, Merge.FIELD)

POLICY_ADOPTED = _kind(
    424,
    "policy_adopted",
    # policy: as calls freezes it into a callout; None: back to the default of the program
    ("name", "policy", "based_on", "reason"),
    zh="采用新的{name}叫应规则：{reason}",
    en="A new call policy for {name}: {reason}",
    words={"name": POLICY_WORDS},
)
LINES_STATED = _kind(
    425,
    "lines_stated",
    ("lines", "seconds_a_call", "reason"),
    zh="登记外呼线路 {lines} 条，每通占用 {seconds_a_call} 秒：{reason}",
    en="{lines} telephone lines, {seconds_a_call} s a call: {reason}",
)
TEMPLATE_ADOPTED = _kind(
    426,
    "template_adopted",
    # texts: [[language code, its name, whether it is spoken only, text], …], Chinese first
    ("name", "texts", "reason"),
    zh="采用新的{name}话术：{reason}",
    en="New words for {name}: {reason}",
    words={"name": TEMPLATE_WORDS},
)
ROUTE_STATED = _kind(
    427,
    "route_stated",
    ("household_id", "person_id"),
    personal=("need", "language", "way", "note"),
    audience=Audience.VILLAGE,
    zh="登记了一户的人工叫应办法",
    en="How somebody reaches a household was written down",
)
ROUTE_TRIED = _kind(
    428,
    "route_tried",
    ("household_id", "worked"),
    personal=("note",),
    audience=Audience.VILLAGE,
    zh="试过一户的人工叫应办法",
    en="The way to a household was tried out",
)

KINDS: tuple[FactKind, ...] = (
    POLICY_ADOPTED,
    LINES_STATED,
    TEMPLATE_ADOPTED,
    ROUTE_STATED,
    ROUTE_TRIED,
)
