"""逐级叫应: which level a person is rung on, who answers for whom, and when silence hands on.

Pure. A level answers for the next one below it in its own branch: a township for its villages, a
village for its groups, a group for its households. Until it has answered the next one waits, but
never beyond the time written down when the callout opened: silence of a level stops nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType

from fengsui.foundation.people.states import PostRole
from fengsui.standards.divisions import DivisionLevel, full_code, level_of, scope_prefix


class Level(IntEnum):
    """Who is rung when the callout goes down level by level."""

    COUNTY = 0  # 县值班室、带班领导
    TOWNSHIP = 1  # 乡镇值班室、分管和主要负责人
    VILLAGE = 2  # 村支书、包村干部、山洪预警员
    GROUP = 3  # 网格员、中心户长
    HOUSEHOLD = 4  # 户和场所


class HandedOn(StrEnum):
    """Why the next level is rung."""

    ANSWERED = "answered"  # a holder of this level acknowledged
    DEADLINE = "deadline"  # nobody did in time
    BY_HAND = "by_hand"  # somebody at the desk did not wait
    AT_ONCE = "at_once"  # 一呼到底, decided while the callout ran


WORDS: Mapping[Level, tuple[str, str]] = MappingProxyType(
    {
        Level.COUNTY: ("县值班室", "county duty room"),
        Level.TOWNSHIP: ("乡镇（值班室、分管领导）", "townships (duty room, leader in charge)"),
        Level.VILLAGE: ("村（支书、包村干部）", "villages (secretary, township cadre)"),
        Level.GROUP: ("网格员、中心户长", "grid workers and group heads"),
        Level.HOUSEHOLD: ("户、场所", "households and venues"),
    }
)
_LEVEL_OF_ROLE: Mapping[str, Level] = MappingProxyType(
    {
        PostRole.DUTY_LEADER.value: Level.COUNTY,
        PostRole.TOWNSHIP_LEADER.value: Level.TOWNSHIP,
        PostRole.TOWNSHIP_DEPUTY.value: Level.TOWNSHIP,
        PostRole.VILLAGE_SECRETARY.value: Level.VILLAGE,
        PostRole.VILLAGE_CADRE.value: Level.VILLAGE,
        PostRole.FLASH_FLOOD_WARNER.value: Level.VILLAGE,
        PostRole.GRID_WORKER.value: Level.GROUP,
        PostRole.HOUSEHOLD_HEAD.value: Level.GROUP,
        PostRole.VENUE_WARNING_CONTACT.value: Level.HOUSEHOLD,
    }
)
_LEVEL_OF_PLACE: Mapping[DivisionLevel, Level] = MappingProxyType(
    {
        DivisionLevel.PROVINCE: Level.COUNTY,
        DivisionLevel.PREFECTURE: Level.COUNTY,
        DivisionLevel.COUNTY: Level.COUNTY,
        DivisionLevel.TOWNSHIP: Level.TOWNSHIP,
        DivisionLevel.VILLAGE: Level.VILLAGE,
        DivisionLevel.GRID: Level.GROUP,
        DivisionLevel.GROUP: Level.GROUP,
    }
)
# Levels that hand on, by the name a policy gives them.
HANDS_ON: Mapping[str, Level] = MappingProxyType(
    {level.name.lower(): level for level in Level if level is not Level.HOUSEHOLD}
)


def natural_level(place_code: str) -> Level:
    """The level of whoever holds a post at this place, where nothing else is said."""
    return _LEVEL_OF_PLACE[level_of(full_code(place_code))]


def level_of_party(
    *, place_code: str, roles: Iterable[str] = (), household_id: int | None = None
) -> Level:
    """Of a person with several posts the highest: rung once, and early. Duty rooms are anywhere."""
    found = [_LEVEL_OF_ROLE.get(role, natural_level(place_code)) for role in roles]
    if found:
        return min(found)
    return Level.HOUSEHOLD if household_id is not None else natural_level(place_code)


def branches(level: Level, place_code: str, units: Iterable[str] = ()) -> list[tuple[Level, str]]:
    """(level, prefix) of every branch for which a person of this level answers.

    A deputy of the township who is also responsible for a village answers for both; a grid worker
    never answers for the village, though the village counts as 叫到.
    """
    found = [(level, scope_prefix(place_code))]
    for unit in units:
        own = natural_level(unit)
        if own >= level and (own, scope_prefix(unit)) not in found:
            found.append((own, scope_prefix(unit)))
    return [one for one in found if one[0] is not Level.HOUSEHOLD]


def prefixes_above(place_code: str) -> list[str]:
    """Prefixes of the place itself and everything above it, the county first."""
    own = scope_prefix(place_code)
    return [own[:digits] for digits in (6, 9, 12, 15, 17) if digits <= len(own)]


@dataclass(frozen=True, slots=True)
class Placed:
    """Of a party, what its turn depends on."""

    level: Level
    place_code: str
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turns:
    """When whose turn comes: by the branches that have somebody, and those that handed on.

    `handed`: branch → when it answered, was silent too long, or was passed by.
    """

    hand_on_s: Mapping[Level, int]
    held: frozenset[tuple[Level, str]]
    opened_at: datetime
    handed: Mapping[tuple[Level, str], datetime] = field(default_factory=dict)
    at_once_from: datetime | None = None  # 一呼到底, decided while the callout ran

    @classmethod
    def of(
        cls, hand_on_s: Mapping[str, int], parties: Iterable[Placed], opened_at: datetime
    ) -> Turns:
        held = (
            branch for one in parties for branch in branches(one.level, one.place_code, one.units)
        )
        return cls(seconds_by_level(hand_on_s), frozenset(held), opened_at)

    def turn_at(self, level: Level, place_code: str) -> datetime:
        """When this level is rung at this place at the latest. Levels with nobody pass on."""
        if self.at_once_from is not None:
            return self.at_once_from
        prefixes = prefixes_above(place_code)
        at = self.opened_at
        for upper in Level:
            if upper >= level:
                break
            here = [(upper, prefix) for prefix in prefixes if (upper, prefix) in self.held]
            if not here:
                continue
            said = [self.handed[one] for one in here if one in self.handed]
            at = min(said) if said else at + timedelta(seconds=self.hand_on_s.get(upper, 0))
        return at

    def deadline_of(self, branch: tuple[Level, str]) -> datetime:
        """Until when this branch may stay silent before the next level is rung without it."""
        level, prefix = branch
        silence = timedelta(seconds=self.hand_on_s.get(level, 0))
        return self.turn_at(level, full_code(prefix)) + silence


def seconds_by_level(hand_on_s: Mapping[str, int]) -> dict[Level, int]:
    return {HANDS_ON[name]: seconds for name, seconds in hand_on_s.items() if name in HANDS_ON}


def is_by_level(policy: Mapping[str, object]) -> bool:
    """Whether a frozen policy goes down level by level; otherwise 一呼到底."""
    return bool(policy.get("hand_on_s"))
