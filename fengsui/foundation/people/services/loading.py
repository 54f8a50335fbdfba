"""Registering persons, posts, contacts and households, any number at a time.

The `register_*` functions check every row before anything is written and then send them to the
writer in pieces short enough not to hold up an answer. They are not commands; the pieces are.
Records refer to each other by `ref` strings that the caller makes up; the returned mapping
turns a ref into the id it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people import facts, queries, rules
from fengsui.foundation.people.errors import ROWS_REFUSED, UNKNOWN_REFERENCE
from fengsui.standards.divisions import township_of, village_of

ROWS_PER_COMMAND = 100  # what a writer applies in about 10 ms, so that answers are not held up

FAULTS_SHOWN_MAX = 50

Row = Mapping[str, Any]

Faults = Callable[[Row], Iterator[tuple[str, str]]]


def register_people(
    *,
    viewer: Viewer,
    persons: Sequence[Row] = (),
    posts: Sequence[Row] = (),
    holdings: Sequence[Row] = (),
    contact_points: Sequence[Row] = (),
    refs: Mapping[str, int] | None = None,
    is_invented: bool = False,
) -> dict[str, int]:
    """Registers persons, posts, who holds them, and how to reach them.

    persons:        {"ref", "name", "place_code"}
    posts:          {"ref", "place_code", "role" (states.PostRole), "title"}
    holdings:       {"post", "person", "slot": "A"|"B" (default "A"), "since_s": seconds, optional}
    contact_points: {"person" or "post", "kind" (states.ContactKind), "value",
                     "proven_s": second of the last proof, optional, "ref" optional}
    "post" and "person" are refs of these rows, refs in `refs`, or ids (int).
    Place codes are full: 12, 15 or 17 digits.

    Returns ref -> id of everything registered here together with `refs`.
    Raises people.rows_refused, people.unknown_reference, access.not_allowed; then nothing at
    all has been written.
    """
    _check("persons", persons, rules.person_faults)
    _check("posts", posts, rules.post_faults)
    _check("holdings", holdings, rules.holding_faults)
    _check("contact_points", contact_points, rules.contact_faults)
    _require_all(viewer, persons, posts)
    known: dict[str, int] = dict(refs or {})
    names = known.keys() | {row["ref"] for row in (*persons, *posts) if row.get("ref")}
    _check_references("holdings", holdings, ("post", "person"), names)
    _check_references("contact_points", contact_points, ("post", "person"), names)
    for rows, send in ((persons, record_persons), (posts, record_posts)):
        for scope, piece in _pieces(rows, township_of):
            ids = send(viewer=viewer, scope=scope, rows=piece, is_invented=is_invented)
            known.update(_named(piece, ids))
    owned = _with_owners(holdings, known)
    for scope, piece in _pieces(owned, township_of):
        record_holdings(viewer=viewer, scope=scope, rows=[_holding(row) for row in piece])
    for scope, piece in _pieces(_with_owners(contact_points, known), township_of):
        ids = record_contact_points(viewer=viewer, scope=scope, rows=piece)
        known.update(_named(piece, ids))
    return known


def _with_owners(rows: Sequence[Row], known: Mapping[str, int]) -> list[dict[str, Any]]:
    """The rows with "post_id", "person_id" and the place of the post, or else of the person."""
    found = [
        {
            **row,
            "post_id": _resolve(row.get("post"), known),
            "person_id": _resolve(row.get("person"), known),
        }
        for row in rows
    ]
    at_posts = queries.place_codes_of_posts(
        [row["post_id"] for row in found if row["post_id"] is not None]
    )
    of_persons = queries.place_codes_of_persons(
        [row["person_id"] for row in found if row["post_id"] is None]
    )
    for row in found:
        place = at_posts.get(row["post_id"]) or of_persons.get(row["person_id"])
        if place is None:
            raise NOT_FOUND()
        row["place_code"] = place
    return found


def _holding(row: Row) -> dict[str, Any]:
    return {
        "post_id": row["post_id"],
        "person_id": row["person_id"],
        "place_code": row["place_code"],
        "slot": row.get("slot", "A"),
        "since_s": row.get("since_s") or int(clock.now().timestamp()),
    }


def register_households(
    *,
    viewer: Viewer,
    households: Sequence[Row],
    refs: Mapping[str, int] | None = None,
    is_invented: bool = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Registers households; returns ref -> id of those that carry a "ref", with `refs`.

    households: {"ref" optional, "place_code" (group, grid or village), "label",
                 "people_count", "assist_level" 0-3, "assist_people" (default 1 where a level is
                 given), "responsible_person": ref or id or None (转移包保责任人),
                 "group_head": ref or id or None (中心户长),
                 "contact_person": ref or id or None (whom a call to the household rings),
                 "relative_name", "relative_phone",
                 "lon_e7", "lat_e7" (integers of 1e-7 degree, or absent),
                 "tonight_people" (default people_count)}
    `progress(n)` is told how many are done. Raises as `register_people`.
    """
    _check("households", households, rules.household_faults)
    _require_all(viewer, households)
    known = dict(refs or {})
    _check_references("households", households, rules.HOUSEHOLD_REFERENCES, known)
    result = dict(known)
    done = 0
    batch: list[tuple[str, Sequence[Row]]] = []
    pending = 0
    for scope, piece in _pieces(households, village_of):
        batch.append((scope, piece))
        pending += len(piece)
        if pending >= ROWS_PER_COMMAND:
            done += _send_households(viewer, batch, known, result, is_invented)
            batch, pending = [], 0
            if progress:
                progress(done)
    if batch:
        done += _send_households(viewer, batch, known, result, is_invented)
        if progress:
            progress(done)
    return result


def _send_households(
    viewer: Viewer,
    batch: Sequence[tuple[str, Sequence[Row]]],
    known: Mapping[str, int],
    result: dict[str, int],
    is_invented: bool,
) -> int:
    groups = [
        [
            scope,
            [
                rules.household_row(
                    row, *(_resolve(row.get(name), known) for name in rules.HOUSEHOLD_REFERENCES)
                )
                for row in piece
            ],
            [
                [
                    row["label"],
                    row.get("relative_name") or "",
                    row.get("relative_phone") or "",
                    row.get("lon_e7"),
                    row.get("lat_e7"),
                ]
                for row in piece
            ],
        ]
        for scope, piece in batch
    ]
    firsts = record_households(viewer=viewer, groups=groups, is_invented=is_invented)
    count = 0
    for (_scope, piece), first in zip(batch, firsts, strict=True):
        result.update(_named(piece, range(first, first + len(piece))))
        count += len(piece)
    return count


@command
def record_persons(
    *,
    viewer: Viewer,
    scope: str,
    rows: list[Row],
    is_invented: bool,
    cause: bytes | None = None,
) -> list[int]:
    """One fact of persons of one township; the ids in the order of the rows."""
    _require_all(viewer, rows)
    fact = record(
        facts.PERSONS_REGISTERED,
        fields={
            "count": len(rows),
            "is_invented": is_invented,
            "place_codes": [row["place_code"] for row in rows],
        },
        items=[{"name": row["name"]} for row in rows],
        scope=scope,
        viewer=viewer,
        cause=cause,
    )
    return [fact.entity(index) for index in range(len(rows))]


@command
def record_posts(
    *,
    viewer: Viewer,
    scope: str,
    rows: list[Row],
    is_invented: bool,
    cause: bytes | None = None,
) -> list[int]:
    """One fact of posts of one township; the ids in the order of the rows."""
    _require_all(viewer, rows)
    fact = record(
        facts.POSTS_REGISTERED,
        fields={"count": len(rows), "is_invented": is_invented},
        items=[
            {"place_code": row["place_code"], "role": row["role"], "title": row["title"]}
            for row in rows
        ],
        scope=scope,
        viewer=viewer,
        cause=cause,
    )
    return [fact.entity(index) for index in range(len(rows))]


@command
def record_holdings(
    *, viewer: Viewer, scope: str, rows: list[Row], cause: bytes | None = None
) -> list[int]:
    """One fact of who holds which post; the ids in the order of the rows."""
    _require_all(viewer, rows)
    fact = record(
        facts.HOLDINGS_REGISTERED,
        fields={"count": len(rows)},
        items=[dict(row) for row in rows],
        scope=scope,
        viewer=viewer,
        cause=cause,
    )
    return [fact.entity(index) for index in range(len(rows))]


@command
def record_contact_points(
    *, viewer: Viewer, scope: str, rows: list[Row], cause: bytes | None = None
) -> list[int]:
    """One fact of contact points of one township; the ids in the order of the rows."""
    _require_all(viewer, rows)
    columns = ("person_id", "post_id", "place_code", "kind", "proven_s")
    owners = [[row.get(name) for name in columns] for row in rows]
    fact = record(
        facts.CONTACTS_REGISTERED,
        fields={
            "count": len(rows),
            "owners": owners,
        },
        items=[{"value": row["value"]} for row in rows],
        scope=scope,
        viewer=viewer,
        cause=cause,
    )
    return [fact.entity(index) for index in range(len(rows))]


@command
def record_households(
    *,
    viewer: Viewer,
    groups: list[list[Any]],
    is_invented: bool,
    cause: bytes | None = None,
) -> list[int]:
    """One fact a village of `groups`: [village code, columns, personal columns]; first id of each.

    The ids of one fact are consecutive, in the order of its rows.
    """
    firsts = []
    for scope, rows, personal in groups:
        require(viewer, Permission.EDIT_REGISTERS, scope)
        fact = record(
            facts.HOUSEHOLDS_REGISTERED,
            fields={"count": len(rows), "is_invented": is_invented, "rows": rows},
            items=[
                dict(zip(facts.HOUSEHOLDS_REGISTERED.item, row, strict=True)) for row in personal
            ],
            scope=scope,
            viewer=viewer,
            cause=cause,
        )
        firsts.append(fact.entity())
    return firsts


def _check(table: str, rows: Sequence[Row], faults: Faults) -> None:
    found = [
        {"table": table, "row": number, "field": field, "fault": fault}
        for number, row in enumerate(rows, 1)
        for field, fault in faults(row)
    ]
    if found:
        raise ROWS_REFUSED(count=len(found), faults=found[:FAULTS_SHOWN_MAX], **found[0])


def _check_references(
    table: str, rows: Sequence[Row], fields: Sequence[str], known: Iterable[str]
) -> None:
    names = set(known)
    for number, row in enumerate(rows, 1):
        for field in fields:
            reference = row.get(field)
            if isinstance(reference, str) and reference not in names:
                raise UNKNOWN_REFERENCE(table=table, row=number, field=field, reference=reference)


def _require_all(viewer: Viewer, *tables: Sequence[Row]) -> None:
    if not viewer.is_node:
        for code in {row["place_code"] for rows in tables for row in rows}:
            require(viewer, Permission.EDIT_REGISTERS, code)


def _resolve(reference: Any, known: Mapping[str, int]) -> int | None:
    return known[reference] if isinstance(reference, str) else reference


def _pieces(rows: Sequence[Row], scope_of: Callable[[str], str]) -> Iterator[tuple[str, list[Row]]]:
    """Rows by scope, in pieces of at most ROWS_PER_COMMAND, order kept within a scope."""
    by_scope: dict[str, list[Row]] = {}
    for row in rows:
        by_scope.setdefault(scope_of(row["place_code"]), []).append(row)
    for scope, group in by_scope.items():
        for piece in rules.chunks(group, ROWS_PER_COMMAND):
            yield scope, list(piece)


def _named(rows: Sequence[Row], ids: Sequence[int]) -> dict[str, int]:
    return {
        row["ref"]: identity
        for row, identity in zip(rows, ids, strict=True)
        if row.get("ref") is not None
    }
