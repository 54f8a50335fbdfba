"""The classes of data, with the term of each and where it comes from. Pure.

`is_verified`: clause and number were read in the text of the law. A local default may be changed
between `least` and `most` days; everything else is fixed here.
"""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.review.retention.states import Basis

EMERGENCY_LAW = "突发事件应对法（2024）第84、85条"
CYBER_LAW = "网络安全法 第21条第3项（2016 年文本；2026-01-01 起施行的修改未核对）"
PERSONAL_LAW = "个人信息保护法 第19条"
LOCAL = "本项目默认，应由当地按法定职责确定"


@dataclass(frozen=True, slots=True)
class DataClass:
    """One line of the table. `days` None: no number of days. `places`: where it lies."""

    code: str
    zh: str
    en: str
    holds_zh: str
    holds_en: str
    basis: Basis
    days: int | None
    least: int | None
    most: int | None
    source: str
    is_verified: bool
    places: tuple[str, ...] = ("database", "backups")
    end_zh: str = "清除姓名、号码和文字，保留不含身份的一行，统计数不变"
    end_en: str = "names, numbers and words are erased; an anonymous row stays and counts"


CLASSES: tuple[DataClass, ...] = (
    DataClass(
        "official_acts", "职责履行记录", "Officials' acts",
        "谁在何时发布、审批、叫应、应答、改动台账；登录；查看号码",
        "who issued, approved, called, answered, changed what and when",
        Basis.KEPT, None, None, None,
        "供调查评估长期保存；具体年限依档案规定（未核对）", False,
        end_zh="不清除；链上可核验", end_en="kept; can be verified in the chain",
    ),
    DataClass(
        "call_list", "叫应名单", "Call lists",
        "被叫应人的姓名、号码、接替人，代录应答里的说明",
        "names and numbers of those called, their deputies, notes of answers",
        Basis.EVENT, 30, 1, 180, EMERGENCY_LAW + "；30 天为" + LOCAL, False,
        ("database", "phones", "backups", "neighbours"),
    ),
    DataClass(
        "evacuation", "转移登记", "Evacuation records",
        "每户由谁确认转移或外出的说明", "who confirmed that a household moved or is away",
        Basis.EVENT, 30, 1, 180, EMERGENCY_LAW + "；30 天为" + LOCAL, False,
        ("database", "phones", "backups", "neighbours"),
    ),
    DataClass(
        "statements", "求救、快报、先行转移的文字", "Words of calls for help and reports",
        "求救内容、处理说明、村里先行转移的备注、转来的话；报平安的位置和话，交接事项",
        "texts of SOS and reports, relayed words; where a check-in was said, handover notes",
        Basis.AGE, 60, 30, 365, EMERGENCY_LAW + "；天数为" + LOCAL, False,
        ("database", "phones", "backups", "neighbours"),
    ),
    DataClass(
        "phone_items", "手机上报原文", "Items of phones, as signed",
        "手机签名上报的原文，含确认人等文字", "what phones signed, word by word",
        Basis.AGE, 60, 30, 365, EMERGENCY_LAW + "；天数为" + LOCAL, False,
        ("database", "phones", "backups", "neighbours"),
    ),
    DataClass(
        "carriers", "传递人姓名", "Who carried and spoke",
        "谁带来数据包、谁发来电文", "who brought a bundle, who spoke in a telegram",
        Basis.AGE, 60, 30, 365, PERSONAL_LAW + "；天数为" + LOCAL, False,
    ),
    DataClass(
        "posts", "责任人台账", "People and posts",
        "干部和责任人姓名、号码、岗位、请假和顶岗理由；其他台账更改时的旧值",
        "names, numbers, posts, reasons of absence; earlier values of other registers",
        Basis.IN_USE, None, None, None, PERSONAL_LAW + "（最短必要时间）", True,
        ("database", "search", "imports", "exports", "phones", "backups", "neighbours"),
        end_zh="离任后可按人清除；履职记录保留编号",
        end_en="can be erased by person; acts keep the id",
    ),
    DataClass(
        "households", "户台账", "Households",
        "户名、亲属姓名和号码、住址坐标、需协助等级",
        "labels, relatives and their numbers, where they live, level of help",
        Basis.IN_USE, None, None, None, PERSONAL_LAW + "（最短必要时间）", True,
        ("database", "search", "imports", "exports", "phones", "backups", "neighbours"),
        end_zh="按户清除；户数、人数仍计入统计",
        end_en="can be erased by household; the numbers still count",
    ),
    DataClass(
        "attachments", "附件", "Attached files",
        "照片和文件的内容、名称、拍摄位置和时间", "contents, names, place and time of files",
        Basis.IN_USE, None, None, None, PERSONAL_LAW + "（最短必要时间）", True,
        ("database", "blobs", "backups", "neighbours"),
        end_zh="随所属的户或人清除；撤下 35 天后内容删除",
        end_en="with the row they belong to; 35 days after withdrawal",
    ),
    DataClass(
        "sign_in_audit", "登录审计", "Sign-in audit",
        "谁、何时、用什么方式登录", "who signed in, when and how",
        Basis.KEPT, 183, None, None, CYBER_LAW + "：不少于 6 个月", True,
        end_zh="不清除；至少保存 6 个月", end_en="kept; at least six months",
    ),
    DataClass(
        "upload_staging", "未传完的附件", "Unfinished uploads",
        "没有传完的文件", "files that nobody finished sending",
        Basis.MACHINE, 1, None, None, LOCAL, False, ("staging",),
        end_zh="24 小时后自动删除", end_en="deleted by itself after 24 hours",
    ),
    DataClass(
        "import_staging", "导入暂存", "Staged imports",
        "上传的名单和逐行预览", "uploaded lists and their preview",
        Basis.MACHINE, 7, None, None, LOCAL, False, ("imports",),
        end_zh="7 天后自动删除", end_en="deleted by itself after 7 days",
    ),
    DataClass(
        "logs", "运行日志", "Logs",
        "时间、地址、状态码；不含姓名和号码", "times, addresses, codes; no names, no numbers",
        Basis.MACHINE, 183, None, None, CYBER_LAW + "；轮转由本机设置", False, ("logs",),
        end_zh="按大小轮转；需满 6 个月的单位请转存到日志服务器",
        end_en="rotated by size; send them to a log server where six months are required",
    ),
    DataClass(
        "backups", "备份", "Backups",
        "数据库和附件的整份副本", "whole copies of database and files",
        Basis.MACHINE, 35, None, None, LOCAL, False, ("backups",),
        end_zh="最新 4 份、7 天、4 周轮转；恢复时先再次清除已登记的清除项",
        end_en="rotated: newest 4, 7 days, 4 weeks; a restore erases again what is registered",
    ),
)  # fmt: skip
BY_CODE = {one.code: one for one in CLASSES}
EVENT_CLASSES = tuple(one.code for one in CLASSES if one.basis is Basis.EVENT)

# Every fact kind with personal data belongs to one class; a test reads the whole catalogue.
CLASS_OF_KIND: dict[str, str] = {
    "callout.parties_added": "call_list",
    "calls.rung_resolved": "call_list",
    "call.number_replaced": "call_list",
    "call.answered_for": "call_list",
    "call.reached_in_person": "call_list",
    "calls.rung_elsewhere": "call_list",
    "unit.first_action_recorded": "call_list",
    "evacuation.household_recorded": "evacuation",
    "situation.sos_raised": "statements",
    "situation.sos_closed": "statements",
    "situation.moved_first": "statements",
    "situation.relayed": "statements",
    "watch.note_left": "statements",
    "watch.check_in_started": "statements",
    "watch.incident_known": "statements",
    "watch.report_recorded": "statements",
    "watch.incident_corrected": "statements",
    "watch.incident_reopened": "statements",
    "watch.late_reason_given": "statements",
    "watch.checked_in": "statements",
    "watch.check_in_ended": "statements",
    "watch.shift_changed": "posts",
    "papers.relayed": "call_list",
    "papers.bulletin_issued": "statements",
    "devices.items_received": "phone_items",
    "devices.item_refused": "phone_items",
    "bundles.refused": "carriers",
    "telegrams.received": "carriers",
    "people.persons_registered": "posts",
    "people.contacts_registered": "posts",
    "people.person_renamed": "posts",
    "people.contact_replaced": "posts",
    "people.persons_changed": "posts",
    "people.contacts_changed": "posts",
    "account.identity_linked": "posts",
    "people.posts_changed": "posts",
    "people.holdings_changed": "posts",
    "places.places_changed": "posts",
    "risks.danger_areas_changed": "posts",
    "venues.venues_changed": "posts",
    "people.stand_in_named": "posts",
    "people.absence_reported": "posts",
    "people.households_registered": "households",
    "policies.route_stated": "households",
    "policies.route_tried": "households",
    "people.household_changed": "households",
    "people.households_changed": "households",
    "people.household_left": "households",
    "attachments.attached": "attachments",
}
