"""The words for posts, slots and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class PostRole(StrEnum):
    """What the holder of a post answers for."""

    DUTY_ROOM = "duty_room"  # 值班室; the number belongs to the post
    DUTY_LEADER = "duty_leader"  # 带班领导
    TOWNSHIP_LEADER = "township_leader"  # 乡镇党政主要负责人
    TOWNSHIP_DEPUTY = "township_deputy"  # 乡镇分管领导
    VILLAGE_SECRETARY = "village_secretary"  # 村支书
    VILLAGE_CADRE = "village_cadre"  # 包村干部
    GRID_WORKER = "grid_worker"  # 网格员
    HOUSEHOLD_HEAD = "household_head"  # 中心户长
    FLASH_FLOOD_WARNER = "flash_flood_warner"  # 山洪预警员
    VENUE_WARNING_CONTACT = "venue_warning_contact"  # 场所预警接收人


class Slot(StrEnum):
    """A 岗 answers; B 岗 stands in."""

    A = "A"
    B = "B"


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    APP = "app"
    IN_PERSON = "in_person"


class PostState(StrEnum):
    """What tonight is like for a post, worst first."""

    NOBODY = "nobody"  # 今晚无人: all its holders are away and nobody stands in
    VACANT = "vacant"  # 空岗: the register names nobody
    BY_B = "by_b"  # A 岗离岗, B answers
    STOOD_IN = "stood_in"  # 有人顶岗
    MANNED = "manned"  # 在岗


class ContactState(StrEnum):
    """What is known of a number, best first."""

    PROVEN = "proven"  # 已打通: somebody answered there lately
    STALE = "stale"  # 久未打通: somebody answered there, long ago
    NEVER = "never"  # 从未打通
    DEAD = "dead"  # 空号: failed for good since


CONTACT_ORDER: Mapping[ContactState, int] = MappingProxyType(
    {state: number for number, state in enumerate(ContactState)}
)


class SaidHow(StrEnum):
    """How somebody knows that a household is away. The words of the evacuation list."""

    PHONE = "phone"
    NEIGHBOUR = "neighbour"
    RELATIVE = "relative"
    IN_PERSON = "in_person"


# What a post's holder may do at its place: the role that a stand-in is lent with the post.
ROLE_OF_POST: Mapping[PostRole, str] = MappingProxyType(
    {
        PostRole.DUTY_ROOM: "duty_officer",
        PostRole.DUTY_LEADER: "duty_leader",
        PostRole.TOWNSHIP_LEADER: "township_officer",
        PostRole.TOWNSHIP_DEPUTY: "township_officer",
        PostRole.VILLAGE_SECRETARY: "village_secretary",
        PostRole.VILLAGE_CADRE: "village_secretary",
        PostRole.GRID_WORKER: "grid_worker",
        PostRole.HOUSEHOLD_HEAD: "household_head",
        PostRole.FLASH_FLOOD_WARNER: "grid_worker",
        PostRole.VENUE_WARNING_CONTACT: "venue_contact",
    }
)
