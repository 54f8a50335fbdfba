"""The words for posts, slots and contacts."""

from __future__ import annotations

from enum import StrEnum


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
