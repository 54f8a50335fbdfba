"""What can be said about persons, posts, contacts and households. Registry numbers 200-299.

Bulk kinds carry counts and references as columns of leaf 0 and what names a person as salted
items, so that an erased person or household leaves a row that still counts.
"""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.ledgers.facts import register_kinds

PERSONS_REGISTERED = FactKind(
    number=200,
    name="people.persons_registered",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("count", "is_invented", "place_codes"),
    item=("name",),
    item_is_personal=True,
    zh="登记 {count} 人",
    en="{count} persons registered",
)
POSTS_REGISTERED = FactKind(
    number=201,
    name="people.posts_registered",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("count", "is_invented"),
    item=("place_code", "role", "title"),
    zh="登记 {count} 个岗位",
    en="{count} posts registered",
)
HOLDINGS_REGISTERED = FactKind(
    number=202,
    name="people.holdings_registered",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("count",),
    item=("post_id", "person_id", "place_code", "slot", "since_s"),
    zh="登记 {count} 个任岗",
    en="{count} post holdings registered",
)
CONTACTS_REGISTERED = FactKind(
    number=203,
    name="people.contacts_registered",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    # owners: [person_id or None, post_id or None, place_code, kind, proven second or None]
    fields=("count", "owners"),
    item=("value",),
    item_is_personal=True,
    zh="登记 {count} 个联系方式",
    en="{count} contact points registered",
)
HOUSEHOLDS_REGISTERED = FactKind(
    number=204,
    name="people.households_registered",
    version=1,
    fact_class=FactClass.BULK,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    # rows: [place_code, people, assist level, assist people, responsible id or None,
    #        group head id or None, people tonight, contact person id or None]
    fields=("count", "is_invented", "rows"),
    item=("label", "relative_name", "relative_phone", "lon_e7", "lat_e7"),
    item_is_personal=True,
    zh="登记 {count} 户",
    en="{count} households registered",
)
HOLDING_ENDED = FactKind(
    number=210,
    name="people.holding_ended",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("holding_id", "until_s"),
    zh="一名人员离岗",
    en="A person left a post",
)
PRESENCE_RECORDED = FactKind(
    number=211,
    name="people.presence_recorded",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("count",),
    item=("household_id", "people"),
    zh="登记 {count} 户今晚在家人数",
    en="People present tonight recorded for {count} households",
)
HOUSEHOLD_CHANGED = FactKind(
    number=212,
    name="people.household_changed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("household_id", "changes", "private_fields"),
    personal=("private_changes",),
    zh="更改了一户的登记",
    en="The record of a household changed",
)
PERSON_RENAMED = FactKind(
    number=213,
    name="people.person_renamed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("person_id",),
    personal=("name",),
    zh="更正了一名人员的姓名",
    en="The name of a person was corrected",
)
CONTACT_REPLACED = FactKind(
    number=214,
    name="people.contact_replaced",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("contact_point_id", "reason"),
    personal=("value",),
    zh="更换了一个联系方式：{reason}",
    en="A contact point was replaced: {reason}",
)
CONTACTS_PROVEN = FactKind(
    number=215,
    name="people.contacts_proven",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("count", "contact_point_ids", "proven_s"),
    zh="{count} 个联系方式经接通验证",
    en="{count} contact points proven by an answer",
)
CONTACT_REVEALED = FactKind(
    number=216,
    name="people.contact_revealed",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("owner_kind", "owner_id", "reason"),
    zh="查看了完整号码，理由：{reason}",
    en="A full number was shown, for the reason: {reason}",
)

# Numbers 260-279: what any register can do.
PERSONS = register_kinds(
    app="people",
    register="persons",
    numbers=range(260, 263),
    audience=Audience.TOWNSHIP,
    zh="人",
    en="persons",
)
POSTS = register_kinds(
    app="people",
    register="posts",
    numbers=range(263, 266),
    audience=Audience.TOWNSHIP,
    zh="个岗位",
    en="posts",
)
HOLDINGS = register_kinds(
    app="people",
    register="holdings",
    numbers=range(266, 269),
    audience=Audience.TOWNSHIP,
    zh="个任岗",
    en="post holdings",
)
CONTACTS = register_kinds(
    app="people",
    register="contacts",
    numbers=range(269, 272),
    audience=Audience.TOWNSHIP,
    zh="个联系方式",
    en="contact points",
)
HOUSEHOLDS = register_kinds(
    app="people",
    register="households",
    numbers=range(272, 275),
    audience=Audience.VILLAGE,
    zh="户",
    en="households",
)

# Numbers 230-238: who is on a post tonight, who is away.
STAND_IN_NAMED = FactKind(
    number=230,
    name="people.stand_in_named",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("post_id", "person_id", "absent_person_id", "slot", "since_s", "until_s"),
    personal=("reason",),
    zh="指定了临时顶岗人员",
    en="Somebody was named to stand in for a while",
)
STAND_IN_ENDED = FactKind(
    number=231,
    name="people.stand_in_ended",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("stand_in_id", "ended_s", "was_mistake"),
    zh="临时顶岗提前结束",
    en="Standing in ended early",
)
ABSENCE_REPORTED = FactKind(
    number=232,
    name="people.absence_reported",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("person_id", "from_s", "until_s"),
    personal=("reason",),
    zh="离岗报备",
    en="An absence was reported",
)
ABSENCE_ENDED = FactKind(
    number=233,
    name="people.absence_ended",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("absence_id", "ended_s", "was_mistake"),
    zh="提前返岗",
    en="Back on post early",
)
HOUSEHOLD_LEFT = FactKind(
    number=234,
    name="people.household_left",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.APPEND,
    fields=("household_id", "people", "from_s", "until_s", "said_how"),
    personal=("said_by",),
    zh="登记一户外出 {people} 人",
    en="{people} people of a household are away",
)
HOUSEHOLD_CAME_BACK = FactKind(
    number=235,
    name="people.household_came_back",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.VILLAGE,
    merge=Merge.FIELD,
    fields=("away_id", "household_id", "ended_s", "was_mistake"),
    zh="登记一户外出人员返回",
    en="A household's people are back",
)
CONTACTS_FAILED = FactKind(
    number=236,
    name="people.contacts_failed",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.FIELD,
    fields=("count", "contact_point_ids", "failed_s"),
    zh="{count} 个联系方式确认打不通",
    en="{count} contact points were found dead",
)
PERSONS_TOLD_APART = FactKind(
    number=237,
    name="people.persons_told_apart",
    version=1,
    fact_class=FactClass.ROUTINE,
    audience=Audience.TOWNSHIP,
    merge=Merge.APPEND,
    fields=("first_id", "second_id"),
    zh="核对为不同的两人",
    en="Two alike were found to be two persons",
)
LOCAL_RULE_SET = FactKind(
    number=238,
    name="people.local_rule_set",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.COUNTY,
    merge=Merge.FIELD,
    fields=("rule", "number", "reason"),
    zh="本地规则 {rule} 改为 {number}：{reason}",
    en="Local rule {rule} set to {number}: {reason}",
)
POSTS_TONIGHT_KINDS: tuple[FactKind, ...] = (
    STAND_IN_NAMED,
    STAND_IN_ENDED,
    ABSENCE_REPORTED,
    ABSENCE_ENDED,
    HOUSEHOLD_LEFT,
    HOUSEHOLD_CAME_BACK,
    CONTACTS_FAILED,
    PERSONS_TOLD_APART,
    LOCAL_RULE_SET,
)

KINDS: tuple[FactKind, ...] = (
    PERSONS_REGISTERED,
    POSTS_REGISTERED,
    HOLDINGS_REGISTERED,
    CONTACTS_REGISTERED,
    HOUSEHOLDS_REGISTERED,
    HOLDING_ENDED,
    PRESENCE_RECORDED,
    HOUSEHOLD_CHANGED,
    PERSON_RENAMED,
    CONTACT_REPLACED,
    CONTACTS_PROVEN,
    CONTACT_REVEALED,
    *PERSONS.all,
    *POSTS.all,
    *HOLDINGS.all,
    *CONTACTS.all,
    *HOUSEHOLDS.all,
    *POSTS_TONIGHT_KINDS,
)
