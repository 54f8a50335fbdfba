"""The contact list of an office: a line is a person with number, post and slot.

A line is several rows: the person, a telephone, a post and who holds it. A post that is there
already, by place, duty and title, is not made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.ledgers.rules import Column, Fault, Further, Ledger, Row, by_scope
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.foundation.people import apply, queries, rules, services
from fengsui.foundation.people.ledger import posts as of_posts
from fengsui.foundation.people.ledger.words import PLACE, ROLES, SLOTS
from fengsui.foundation.people.queries import lines as reading
from fengsui.foundation.people.states import ContactKind, PostRole, Slot
from fengsui.standards.divisions import DivisionLevel, level_of, township_of

# What a title says about the duty, where a list has no column for it; the first that fits.
_TITLES: tuple[tuple[str, PostRole], ...] = (
    ("值班室", PostRole.DUTY_ROOM),
    ("值班电话", PostRole.DUTY_ROOM),
    ("带班", PostRole.DUTY_LEADER),
    ("中心户长", PostRole.HOUSEHOLD_HEAD),
    ("户长", PostRole.HOUSEHOLD_HEAD),
    ("预警员", PostRole.FLASH_FLOOD_WARNER),
    ("网格", PostRole.GRID_WORKER),
    ("包村", PostRole.VILLAGE_CADRE),
    ("驻村", PostRole.VILLAGE_CADRE),
    ("支书", PostRole.VILLAGE_SECRETARY),
    ("村主任", PostRole.VILLAGE_SECRETARY),
)
_AT_VILLAGES = (("书记", PostRole.VILLAGE_SECRETARY), ("主任", PostRole.VILLAGE_SECRETARY))
_AT_TOWNSHIPS = (
    ("副", PostRole.TOWNSHIP_DEPUTY),
    ("委员", PostRole.TOWNSHIP_DEPUTY),
    ("分管", PostRole.TOWNSHIP_DEPUTY),
    ("书记", PostRole.TOWNSHIP_LEADER),
    ("镇长", PostRole.TOWNSHIP_LEADER),
    ("乡长", PostRole.TOWNSHIP_LEADER),
    ("主任", PostRole.TOWNSHIP_LEADER),
)
_HELD = ("role", "title", "slot")


def role_of_title(title: str, place_code: str) -> PostRole | None:
    """The duty that a title names at a place of that level; None where it does not say."""
    level = level_of(place_code)
    more: tuple[tuple[str, PostRole], ...] = ()
    if level in (DivisionLevel.VILLAGE, DivisionLevel.GRID, DivisionLevel.GROUP):
        more = _AT_VILLAGES
    elif level is DivisionLevel.TOWNSHIP:
        more = _AT_TOWNSHIPS
    return next((role for word, role in (*_TITLES, *more) if word in title), None)


def faults(row: Row) -> Iterator[Fault]:
    """A title whose duty nobody can tell from it needs the duty said."""
    title, code = row.get("title"), row.get("place_code")
    if not title or row.get("role") or "name" not in row or not isinstance(code, str):
        return
    if len(code) >= 12 and code.isdigit() and role_of_title(str(title), code) is None:
        yield Fault(
            "role",
            f"从“{title}”看不出职责",
            f"the title {title!r} does not say the duty",
            "请另填“职责”一栏，例如村支书、网格员、乡镇分管领导",
            "Fill in the duty beside it, for example grid worker.",
        )


def create(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    persons = by_scope(
        [{"name": row["name"], "place_code": row["place_code"]} for row in rows],
        lambda row: township_of(row["place_code"]),
        lambda scope, here: services.record_persons(
            viewer=viewer, scope=scope, rows=here, is_invented=is_invented, cause=cause
        ),
    )
    numbered = [(one, row) for one, row in zip(persons, rows, strict=True) if row.get("phone")]
    _give_numbers(viewer, [(one, row["phone"]) for one, row in numbered], cause)
    titled = [(one, row) for one, row in zip(persons, rows, strict=True) if row.get("title")]
    _give_posts(viewer, titled, cause, is_invented)
    return persons


def _give_numbers(viewer: Viewer, numbers: Sequence[tuple[int, str]], cause: bytes | None) -> None:
    if numbers:
        rows = [
            {"person": person, "kind": ContactKind.PHONE.value, "value": value}
            for person, value in numbers
        ]
        of_posts.create_contacts(viewer, rows, cause, False)


def _give_posts(
    viewer: Viewer, titled: Sequence[tuple[int, Row]], cause: bytes | None, is_invented: bool
) -> None:
    """Finds or makes each post, then says who holds it."""
    if not titled:
        return
    wanted = [_post(row) for _, row in titled]
    known = reading.posts_by_name(wanted, viewer=viewer)
    missing = [one for one in dict.fromkeys(wanted) if one not in known]
    if missing:
        rows = [dict(zip(("place_code", "role", "title"), one, strict=True)) for one in missing]
        made = of_posts.create_posts(viewer, rows, cause, is_invented)
        known |= dict(zip(missing, made, strict=True))
    holdings = [
        {"post": known[post], "person": person, "slot": row.get("slot") or Slot.A.value}
        for post, (person, row) in zip(wanted, titled, strict=True)
    ]
    of_posts.create_holdings(viewer, holdings, cause, is_invented)


def _post(row: Row) -> tuple[str, str, str]:
    code, title = row["place_code"], row["title"].strip()
    role = row.get("role") or role_of_title(title, code) or PostRole.VILLAGE_CADRE
    return code, str(role), title


def enrich(ids: Sequence[Any], viewer: Viewer) -> Mapping[Any, Row]:
    """The first telephone and the first post of each person, with the ids of those rows."""
    return reading.contact_lines(ids, viewer=viewer)


def posts_held(ids: Sequence[Any], viewer: Viewer) -> Mapping[Any, Sequence[Row]]:
    return reading.posts_held(ids, viewer=viewer)


def add_posts(viewer: Viewer, additions: Sequence[tuple[Any, Row]], cause: bytes | None) -> None:
    """One more post for a person, at their own place; the posts they hold stay theirs."""
    places = queries.place_codes_of_persons([one for one, _ in additions])
    titled = [(one, {"place_code": places[one], **row}) for one, row in additions]
    _give_posts(viewer, [each for each in titled if each[1].get("title")], cause, False)


def change(viewer: Viewer, changes: Sequence[tuple[Any, Row]], cause: bytes | None) -> None:
    """What belongs to the person, the number or the post goes to the register that holds it."""
    lines = reading.contact_lines([one for one, _ in changes], viewer=viewer)
    own = [
        (one, {name: row[name] for name in ("name", "place_code") if name in row})
        for one, row in changes
    ]
    ledgers.change_rows(
        viewer=viewer, register=apply.PERSONS, changes=[one for one in own if one[1]], cause=cause
    )
    _change_numbers(viewer, changes, lines, cause)
    _change_posts(viewer, changes, lines, cause)


def _change_numbers(
    viewer: Viewer,
    changes: Sequence[tuple[Any, Row]],
    lines: Mapping[Any, Row],
    cause: bytes | None,
) -> None:
    said = [(one, row["phone"]) for one, row in changes if "phone" in row]
    held = {one: lines[one].get("contact_point_id") for one, _ in said}
    gone = [held[one] for one, value in said if not value and held[one]]
    replaced = [
        # A new number has not been proven by anybody yet.
        (held[one], {"value": value, "proven_at": None})
        for one, value in said
        if value and held[one]
    ]
    ledgers.withdraw_rows(
        viewer=viewer, register=apply.CONTACTS, keys=gone, reason="号码已删除", cause=cause
    )
    ledgers.change_rows(viewer=viewer, register=apply.CONTACTS, changes=replaced, cause=cause)
    _give_numbers(viewer, [(one, value) for one, value in said if value and not held[one]], cause)


def _change_posts(
    viewer: Viewer,
    changes: Sequence[tuple[Any, Row]],
    lines: Mapping[Any, Row],
    cause: bytes | None,
) -> None:
    moved = [(one, row) for one, row in changes if any(name in row for name in _HELD)]
    if not moved:
        return
    places = queries.place_codes_of_persons([one for one, _ in moved])
    ended, begun = [], []
    for one, row in moved:
        line = lines[one]
        code = line.get("post_place_code") or row.get("place_code") or places[one]
        after: dict[str, Any] = {
            "place_code": code,
            **{name: row[name] if name in row else line.get(name) for name in _HELD},
        }
        if "title" in row and "role" not in row:
            after["role"] = role_of_title(row["title"] or "", code) or line.get("role")
        if line.get("holding_id"):
            ended.append(line["holding_id"])
        if after["title"]:
            begun.append((one, after))
    ledgers.withdraw_rows(
        viewer=viewer, register=apply.HOLDINGS, keys=ended, reason="岗位已更改", cause=cause
    )
    _give_posts(viewer, begun, cause, False)


PERSONS = Ledger(
    name="persons",
    zh="人员通讯录",
    en="Persons",
    see=Permission.SEE_PEOPLE,
    edit=Permission.EDIT_REGISTERS,
    register=apply.PERSONS,
    create=create,
    change=change,
    enrich=enrich,
    check=faults,
    further=Further(_HELD, posts_held, add_posts),
    text=("name",),
    columns=(
        Column(
            "name",
            "姓名",
            "Name",
            required=True,
            is_key=True,
            is_private=True,
            sortable=True,
            filter=Filter.CONTAINS,
            length_max=rules.NAME_LENGTH_MAX,
            example="示意甲",
            aliases=("人员姓名", "责任人姓名", "联系人"),
        ),
        PLACE,
        Column(
            "phone",
            "电话",
            "Telephone",
            ColumnKind.PHONE,
            is_private=True,
            is_personal=True,
            field="-",
            length_max=rules.PHONE_LENGTH_MAX,
            example="00012345678",
            aliases=("手机", "手机号", "手机号码", "联系电话", "联系方式", "电话号码", "移动电话"),
        ),
        Column(
            "title",
            "职务",
            "Title",
            field="-",
            length_max=rules.TITLE_LENGTH_MAX,
            example="村支书",
            aliases=("岗位", "岗位名称", "职位", "职务职责"),
        ),
        Column(
            "role",
            "职责",
            "Duty",
            ColumnKind.CHOICE,
            field="-",
            choices=ROLES,
            hint_zh="不填时按职务判断",
            hint_en="Follows from the title where it is left empty",
            aliases=("岗位类别", "责任类别", "角色"),
        ),
        Column(
            "slot",
            "AB 岗",
            "Slot",
            ColumnKind.CHOICE,
            field="-",
            choices=SLOTS,
            hint_zh="不填为 A 岗",
            hint_en="A where it is left empty",
            aliases=("岗别", "AB岗"),
        ),
    ),
)
