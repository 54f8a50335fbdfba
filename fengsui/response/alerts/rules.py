"""Pure decisions about alerts: what follows what, what is calm enough to say, who may approve."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.response.alerts.states import AlertKind
from fengsui.standards.divisions import scope_prefix
from fengsui.standards.venue_kinds import venue_kind_words
from fengsui.standards.warning_levels import LEVELS

SHORT_TEXT_LIMIT = 40  # characters a village secretary reads at a glance
VENUES_LISTED_MAX = 200
SELF_RESCUE_REVIEW = timedelta(minutes=15)
DEFAULT_VALIDITY = timedelta(hours=24)  # a warning without an end is asked about after a day

# The graver the greater; "none" and "unknown" are not in it and count as 0.
LEVEL_RANK = {level.colour: len(LEVELS) + 1 - level.rank for level in LEVELS}
LEVEL_WORD = {level.colour: level.zh for level in LEVELS}
LEVELS_UNDER_STANDING_AUTHORISATION = frozenset({"orange", "red"})
LEVELS_THAT_EVACUATE = frozenset({"orange", "red"})
# 一呼到底; everything else goes down level by level. This county's rule (default), not law.
LEVELS_CALLED_AT_ONCE = frozenset({"red"})


class Sequel(StrEnum):
    """How a new alert relates to the one before it."""

    NEW = "new"
    CONTINUED = "continued"  # 继续发布: the same level; nobody is called twice
    UPGRADED = "upgraded"  # a higher level: everyone is called anew
    DOWNGRADED = "downgraded"  # a lower level: told, not called
    LIFTED = "lifted"  # 解除: reaches everyone who was called


@dataclass(frozen=True, slots=True)
class Predecessor:
    alert_id: int
    identifier: str
    issuer: str
    category: str
    level: str
    area_codes: tuple[str, ...]
    exercise: bool


def overlaps(first: Iterable[str], second: Iterable[str]) -> bool:
    """Whether two lists of division codes share ground (one contains the other)."""
    ours = [scope_prefix(code) for code in first]
    theirs = [scope_prefix(code) for code in second]
    return any(a.startswith(b) or b.startswith(a) for a in ours for b in theirs)


def find_predecessor(
    *,
    issuer: str,
    category: str,
    references: Sequence[str],
    area_codes: Sequence[str],
    exercise: bool,
    active: Sequence[Predecessor],
) -> Predecessor | None:
    """The alert in force that this one speaks about: named by reference, else same issuer,
    same hazard, shared ground. An exercise never follows a real alert, nor the other way."""
    same_world = [one for one in active if one.exercise == exercise]
    named = {reference.split(",")[1] if "," in reference else reference for reference in references}
    for one in reversed(same_world):
        if one.identifier and one.identifier in named:
            return one
    for one in reversed(same_world):
        same = one.issuer == issuer and one.category == category
        if same and overlaps(one.area_codes, area_codes):
            return one
    return None


def sequel(*, msg_type: str, level: str, predecessor: Predecessor | None) -> Sequel:
    if msg_type == "Cancel":
        return Sequel.LIFTED
    if predecessor is None:
        return Sequel.NEW
    difference = LEVEL_RANK.get(level, 0) - LEVEL_RANK.get(predecessor.level, 0)
    if difference > 0:
        return Sequel.UPGRADED
    return Sequel.DOWNGRADED if difference < 0 else Sequel.CONTINUED


@dataclass(frozen=True, slots=True)
class StandingAuthorisation:
    """Signed beforehand by the leader: which levels, where, from when to when."""

    id: int
    levels: frozenset[str]
    prefix: str
    valid_from: datetime
    valid_until: datetime


def authorisation_for(
    *,
    kind: str,
    level: str,
    signature_valid: bool,
    exercise: bool,
    place_code: str,
    now: datetime,
    authorisations: Sequence[StandingAuthorisation],
) -> StandingAuthorisation | None:
    """The authorisation under which a verified official orange or red warning may run at once."""
    if kind != "official_warning" or not signature_valid or exercise:
        return None
    if level not in LEVELS_UNDER_STANDING_AUTHORISATION:
        return None
    for one in authorisations:
        in_time = one.valid_from <= now < one.valid_until
        if in_time and level in one.levels and place_code.startswith(one.prefix):
            return one
    return None


def may_approve(*, author_id: int, approver_id: int) -> bool:
    """Four eyes: the approver is a person, and another than the author."""
    return approver_id != 0 and approver_id != author_id


def area_within(geocodes: Sequence[str], node_prefix: str) -> list[str]:
    """The part of a warning's codes that concerns this node.

    A code above the node (a whole province) means the node's whole ground; a code beside it
    means nothing here.
    """
    kept: list[str] = []
    for code in geocodes:
        prefix = scope_prefix(code)
        if prefix.startswith(node_prefix):
            kept.append(code)
        elif node_prefix.startswith(prefix):
            kept.append(node_prefix.ljust(12, "0"))
    return list(dict.fromkeys(kept))


_RAIN = re.compile(r"未来(?P<hours>\d+)小时[^。；;]*?(?P<mm>\d+)(?:毫米|mm)", re.IGNORECASE)


def short_text(
    *,
    kind: str,
    category_name: str,
    level: str,
    description: str,
    people: int = 0,
    shelter: str = "",
) -> str:
    """The warning in at most forty characters: what comes, who goes where, now.

    Only what the text itself says is used; nothing is estimated.
    """
    rain = _RAIN.search(description)
    if rain:
        what = f"{rain['hours']}小时内雨量将达{rain['mm']}毫米以上"
    elif kind == "official_warning" and level in LEVEL_WORD:
        what = f"{category_name}{LEVEL_WORD[level]}预警"
    else:
        what = description.split("。")[0] or category_name
    must_move = level in LEVELS_THAT_EVACUATE or kind == "evacuation_instruction"
    if must_move and people and shelter:
        then = f"，危险区{people}人现在转到{shelter}。"
    elif must_move:
        then = "，危险区群众现在转移。"
    else:
        then = "，请做好防范。"
    room = SHORT_TEXT_LIMIT - len(then)
    if room < 8:
        then = "，危险区群众现在转移。"
        room = SHORT_TEXT_LIMIT - len(then)
    return what[:room] + then


# 突发事件应对法(2024) §66 (yellow, blue) and §67 (orange, red), said to the people concerned. Shown
# as the county's default measures and never as the issuer's words.
DEFAULT_MEASURES = {
    "red": "危险区群众立即转移到安置点；不涉水，不在沟谷、河边和陡坡下停留；听从村组干部安排。",
    "orange": "危险区群众做好转移准备，听到通知马上走；停止户外作业；远离河道、沟谷和陡坡。",
    "yellow": "留意通知，备好随身物品，记住转移路线和安置点；减少外出。",
    "blue": "留意后续预警，保持手机畅通。",
}


def default_measures(level: str) -> str:
    return DEFAULT_MEASURES.get(level, DEFAULT_MEASURES["blue"])


def listed_venues(rows: Sequence[Mapping[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Venues in the viewer's sight, most people first; see `risks.queries.concerned` for rows."""
    seen = [row for row in rows if viewer.may(Permission.SEE_PEOPLE, row["place_code"])]
    seen.sort(key=lambda row: (-_people_in(row), row["place_code"], row["venue_id"]))
    same = (
        "name",
        "place_name",
        "headcount_tonight",
        "boarding_people",
        "open_when",
        "contact_name",
        "contact_has_number",
    )
    listed = []
    for row in seen[:VENUES_LISTED_MAX]:
        zh, en = venue_kind_words(row["kind"])
        kept = {name: row[name] for name in same}
        listed.append({"id": str(row["venue_id"]), "kind_zh": zh, "kind_en": en, **kept})
    return listed


def _people_in(row: Mapping[str, Any]) -> int:
    """Whoever sleeps there counts at night although nobody has said how many are there now."""
    return max(int(row["headcount_tonight"]), int(row["boarding_people"] or 0))


def is_called_at_once(*, kind: str, level: str) -> bool:
    """一呼到底 only for red, or where people are told to move."""
    return level in LEVELS_CALLED_AT_ONCE or kind == AlertKind.EVACUATION_INSTRUCTION
