"""The ledgers of posts, of who holds them, and of contact points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.ledgers.rules import (
    Column,
    Fault,
    Ledger,
    Row,
    by_scope,
)
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.foundation.people import apply, queries, rules, services
from fengsui.foundation.people.ledger.words import CONTACT_KINDS, PLACE, ROLES, SLOTS
from fengsui.foundation.people.queries import lines
from fengsui.standards.divisions import township_of


def create_posts(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    return by_scope(
        rows,
        _township,
        lambda scope, here: services.record_posts(
            viewer=viewer, scope=scope, rows=here, is_invented=is_invented, cause=cause
        ),
    )


def create_holdings(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    """A holding lies where its post lies."""
    at_posts = queries.place_codes_of_posts([row["post"] for row in rows])
    now_s = int(clock.now().timestamp())
    plain = [
        {
            "post_id": row["post"],
            "person_id": row["person"],
            "place_code": at_posts[row["post"]],
            "slot": row.get("slot") or "A",
            "since_s": row.get("since_at") or now_s,
        }
        for row in rows
    ]
    return by_scope(
        plain,
        _township,
        lambda scope, here: services.record_holdings(
            viewer=viewer, scope=scope, rows=here, cause=cause
        ),
    )


def create_contacts(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    """A contact point lies where its post lies, or else its person."""
    at_posts = queries.place_codes_of_posts([row["post"] for row in rows if row.get("post")])
    of_persons = queries.place_codes_of_persons(
        [row["person"] for row in rows if row.get("person")]
    )
    plain = [
        {
            "person_id": row.get("person"),
            "post_id": row.get("post"),
            "place_code": at_posts[row["post"]] if row.get("post") else of_persons[row["person"]],
            "kind": row["kind"],
            "value": row["value"],
            "proven_s": row.get("proven_at"),
        }
        for row in rows
    ]
    return by_scope(
        plain,
        _township,
        lambda scope, here: services.record_contact_points(
            viewer=viewer, scope=scope, rows=here, cause=cause
        ),
    )


def _township(row: Row) -> str:
    return township_of(row["place_code"])


def contact_faults(row: Row) -> Iterator[Fault]:
    """Of a new row, where both columns are given: it belongs to one person or to one post."""
    if "kind" in row and (row.get("person") is None) == (row.get("post") is None):
        yield Fault(
            "person",
            "联系方式应属于一个人或一个岗位",
            "a contact point belongs to one person or to one post",
            "请只填人员或岗位之一",
            "Fill in either the person or the post.",
        )


def name_posts(viewer: Viewer, ids: Sequence[Any]) -> Mapping[Any, str]:
    return lines.post_names(ids, viewer=viewer)


_OF_A_POST = replace(PLACE, name="place_code", required=False, is_key=False, editable=False)

POSTS = Ledger(
    name="posts",
    zh="岗位",
    en="Posts",
    see=Permission.SEE_PEOPLE,
    edit=Permission.EDIT_REGISTERS,
    register=apply.POSTS,
    create=create_posts,
    naming=name_posts,
    title="title",
    text=("title",),
    columns=(
        Column(
            "title",
            "岗位名称",
            "Title",
            required=True,
            is_key=True,
            sortable=True,
            filter=Filter.CONTAINS,
            length_max=rules.TITLE_LENGTH_MAX,
            example="村支书",
            aliases=("职务", "岗位", "职位"),
        ),
        PLACE,
        Column(
            "role",
            "职责",
            "Duty",
            ColumnKind.CHOICE,
            required=True,
            is_key=True,
            sortable=True,
            filter=Filter.EQUALS,
            choices=ROLES,
            aliases=("岗位类别", "角色"),
        ),
    ),
)

HOLDINGS = Ledger(
    name="holdings",
    zh="任岗（AB 岗）",
    en="Who holds a post",
    see=Permission.SEE_PEOPLE,
    edit=Permission.EDIT_REGISTERS,
    register=apply.HOLDINGS,
    create=create_holdings,
    title="slot",
    columns=(
        Column(
            "post",
            "岗位",
            "Post",
            ColumnKind.REFERENCE,
            required=True,
            is_key=True,
            editable=False,
            filter=Filter.EQUALS,
            reference="posts",
            field="post_id",
        ),
        Column(
            "person",
            "人员",
            "Person",
            ColumnKind.REFERENCE,
            required=True,
            is_key=True,
            editable=False,
            filter=Filter.EQUALS,
            reference="persons",
            field="person_id",
            aliases=("姓名", "任岗人员"),
        ),
        Column(
            "slot",
            "AB 岗",
            "Slot",
            ColumnKind.CHOICE,
            is_key=True,
            filter=Filter.EQUALS,
            choices=SLOTS,
            aliases=("岗别",),
        ),
        Column("since_at", "任岗起", "Since", ColumnKind.MOMENT, sortable=True),
        Column(
            "until_at",
            "任岗止",
            "Until",
            ColumnKind.MOMENT,
            editable=False,
            sortable=True,
        ),
        _OF_A_POST,
    ),
)

CONTACTS = Ledger(
    name="contacts",
    zh="联系方式",
    en="Contact points",
    see=Permission.SEE_PEOPLE,
    edit=Permission.EDIT_REGISTERS,
    register=apply.CONTACTS,
    create=create_contacts,
    check=contact_faults,
    title="kind",
    columns=(
        Column(
            "person",
            "人员",
            "Person",
            ColumnKind.REFERENCE,
            is_key=True,
            editable=False,
            filter=Filter.EQUALS,
            reference="persons",
            field="person_id",
            aliases=("姓名",),
        ),
        Column(
            "post",
            "岗位",
            "Post",
            ColumnKind.REFERENCE,
            is_key=True,
            editable=False,
            filter=Filter.EQUALS,
            reference="posts",
            field="post_id",
        ),
        Column(
            "kind",
            "方式",
            "Kind",
            ColumnKind.CHOICE,
            required=True,
            editable=False,
            filter=Filter.EQUALS,
            choices=CONTACT_KINDS,
        ),
        Column(
            "value",
            "号码或地址",
            "Number or address",
            required=True,
            is_key=True,
            is_private=True,
            is_personal=True,
            filter=Filter.EQUALS,
            length_max=rules.VALUE_LENGTH_MAX,
            aliases=("电话", "手机", "手机号", "手机号码", "联系电话", "号码"),
        ),
        Column("proven_at", "最近接通", "Proven", ColumnKind.MOMENT, editable=False),
        _OF_A_POST,
    ),
)
