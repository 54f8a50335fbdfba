"""How roles, slots and kinds of contact are said, and the columns that several ledgers share."""

from __future__ import annotations

from fengsui.foundation.ledgers.rules import Choice, Column
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.foundation.people.states import ContactKind, PostRole, Slot

ROLES = (
    Choice(PostRole.DUTY_ROOM, "值班室", "Duty room"),
    Choice(PostRole.DUTY_LEADER, "带班领导", "Duty leader"),
    Choice(PostRole.TOWNSHIP_LEADER, "乡镇党政主要负责人", "Township leader"),
    Choice(PostRole.TOWNSHIP_DEPUTY, "乡镇分管领导", "Township deputy"),
    Choice(PostRole.VILLAGE_SECRETARY, "村支书", "Village secretary"),
    Choice(PostRole.VILLAGE_CADRE, "包村干部", "Cadre for a village"),
    Choice(PostRole.GRID_WORKER, "网格员", "Grid worker"),
    Choice(PostRole.HOUSEHOLD_HEAD, "中心户长", "Head of a group"),
    Choice(PostRole.FLASH_FLOOD_WARNER, "山洪预警员", "Flash flood warner"),
    Choice(PostRole.VENUE_WARNING_CONTACT, "场所预警接收人", "Venue warning contact"),
)
SLOTS = (
    Choice(Slot.A, "A 岗", "A: answers for it"),
    Choice(Slot.B, "B 岗", "B: stands in"),
)
CONTACT_KINDS = (
    Choice(ContactKind.PHONE, "电话", "Telephone"),
    Choice(ContactKind.EMAIL, "电子邮件", "E-mail"),
    Choice(ContactKind.APP, "手机应用", "App"),
    Choice(ContactKind.IN_PERSON, "上门", "In person"),
)

PLACE = Column(
    "place_code",
    "所在地",
    "Place",
    ColumnKind.PLACE,
    required=True,
    is_key=True,
    sortable=True,
    filter=Filter.UNDER,
    reference="places",
    aliases=("村", "行政村", "村（社区）", "所属村", "乡镇", "所在村", "单位所在地", "所属乡镇"),
)
