"""Facts about persons, posts, contacts and households become rows, a whole fact at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import F

from fengsui.foundation.journal import rowwise
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of, merge
from fengsui.foundation.ledgers import apply as registers
from fengsui.foundation.ledgers.models import RowChange
from fengsui.foundation.people import facts, rules
from fengsui.foundation.people.apply.tonight import APPLY_TONIGHT
from fengsui.foundation.people.models import (
    ContactPoint,
    Household,
    Person,
    Post,
    PostHolding,
    RegisterRevision,
)

PROJECTION_VERSION = 3  # 3: stand-ins, absences, households away, dead numbers
HOUSEHOLDS = "households"  # the revision that counts what touches households
IDS_PER_QUERY = 500

_HOUSEHOLD_COLUMNS = (
    "id",
    "place_code",
    "people_count",
    "assist_level",
    "assist_people",
    "responsible_person_id",
    "group_head_id",
    "tonight_people",
    "contact_person_id",
    "label",
    "relative_name",
    "relative_phone",
    "lon_e7",
    "lat_e7",
    "is_invented",
    "is_withdrawn",
    "field_clock",
)
# Bulk rows go by cursor: 16 microseconds a row, against 57 by the ORM.
_INSERT_HOUSEHOLD = (
    f"INSERT INTO people_household ({', '.join(_HOUSEHOLD_COLUMNS)})"  # noqa: S608 - constants
    f" VALUES ({', '.join(['%s'] * len(_HOUSEHOLD_COLUMNS))}) ON CONFLICT DO NOTHING"
)


_BLANK_HOUSEHOLD: Mapping[str, Any] = {
    "label": "",
    "relative_name": "",
    "relative_phone": "",
    "lon_e7": None,
    "lat_e7": None,
}


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def apply_persons_registered(fact: Fact) -> None:
    rows = fact.fields["place_codes"]
    Person.objects.bulk_create(
        [
            Person(
                id=fact.entity(index),
                name=_of(fact, index, "name") or "",
                place_code=code,
                is_invented=fact.fields["is_invented"],
                field_clock=NO_CLOCKS,
            )
            for index, code in enumerate(rows)
        ],
        ignore_conflicts=True,
    )
    _blank_erased(fact, Person, {"name": ""})


def apply_posts_registered(fact: Fact) -> None:
    Post.objects.bulk_create(
        [
            Post(
                id=fact.entity(index),
                place_code=item["place_code"],
                role=item["role"],
                title=item["title"],
                is_invented=fact.fields["is_invented"],
                field_clock=NO_CLOCKS,
            )
            for index, item in enumerate(fact.items)
            if item is not None
        ],
        ignore_conflicts=True,
    )


def apply_holdings_registered(fact: Fact) -> None:
    PostHolding.objects.bulk_create(
        [
            PostHolding(
                id=fact.entity(index),
                post_id=item["post_id"],
                person_id=item["person_id"],
                place_code=item["place_code"],
                slot=item["slot"],
                since_at=_at(item["since_s"]),
                until_at=None,
                field_clock=NO_CLOCKS,
            )
            for index, item in enumerate(fact.items)
            if item is not None
        ],
        ignore_conflicts=True,
    )


def apply_contacts_registered(fact: Fact) -> None:
    ContactPoint.objects.bulk_create(
        [
            ContactPoint(
                id=fact.entity(index),
                person_id=person_id,
                post_id=post_id,
                place_code=place_code,
                kind=kind,
                value=_of(fact, index, "value") or "",
                proven_at=None if proven_s is None else _at(proven_s),
                field_clock=NO_CLOCKS,
            )
            for index, (person_id, post_id, place_code, kind, proven_s) in enumerate(
                fact.fields["owners"]
            )
        ],
        ignore_conflicts=True,
    )
    _blank_erased(fact, ContactPoint, {"value": ""})


def apply_households_registered(fact: Fact) -> None:
    is_invented = fact.fields["is_invented"]
    rows = []
    for index, columns in enumerate(fact.fields["rows"]):
        item = (fact.items[index] if index < len(fact.items) else None) or _BLANK_HOUSEHOLD
        rows.append(
            (
                fact.entity(index),
                *columns,
                item["label"] or "",
                item["relative_name"] or "",
                item["relative_phone"] or "",
                item["lon_e7"],
                item["lat_e7"],
                is_invented,
                False,
                NO_CLOCKS,
            )
        )
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT_HOUSEHOLD, rows)
    _blank_erased(fact, Household, _BLANK_HOUSEHOLD)
    _touch_households()


def apply_holding_ended(fact: Fact) -> int | None:
    holding_id = fact.fields["holding_id"]
    return _merge_one(fact, PostHolding, holding_id, {"until_at": _at(fact.fields["until_s"])})


def apply_presence_recorded(fact: Fact) -> int | None:
    said = {
        item["household_id"]: {"tonight_people": item["people"], "tonight_at": fact.at}
        for item in fact.items
        if item is not None
    }
    waiting_for = registers.merge_rows(fact, Household, said)
    _note_changes(
        fact,
        "households",
        [(one, "tonight_people", values["tonight_people"], False) for one, values in said.items()],
    )
    return waiting_for


def apply_presences_recorded(facts: Sequence[Fact]) -> list[int | None]:
    """`apply_presence_recorded` for many: every household is read and written once."""
    said: dict[int, list[tuple[Fact, int]]] = {}
    changes = []
    for fact in facts:
        counts = _presence(fact)
        for one, people in counts.items():
            said.setdefault(one, []).append((fact, people))
        rows = [(one, "tonight_people", people, False) for one, people in counts.items()]
        changes += _changes(fact, "households", rows)
    fields = ("tonight_people", "tonight_at")
    missing = set(said)
    for ids in rules.chunks(list(said), IDS_PER_QUERY):
        changed = {}
        for row in Household.objects.filter(pk__in=ids).values("id", "field_clock", *fields):
            missing.discard(row["id"])
            held, clocks = dict(row), row["field_clock"]
            for fact, people in said[row["id"]]:
                values = {"tonight_people": people, "tonight_at": fact.at}
                winning, clocks = merge(clocks, clock_of(fact), values, entity=row["id"])
                held.update(winning)
            if clocks != row["field_clock"]:
                changed[row["id"]] = {
                    **{name: held[name] for name in fields},
                    "field_clock": clocks,
                }
        rowwise.update(Household, changed)
    registers.keep_changes(changes)
    return [next((one for one in _presence(fact) if one in missing), None) for fact in facts]


def _presence(fact: Fact) -> dict[int, int]:
    return {item["household_id"]: item["people"] for item in fact.items if item is not None}


def apply_household_changed(fact: Fact) -> int | None:
    household_id = fact.fields["household_id"]
    public = _only(fact.fields["changes"], rules.PUBLIC_HOUSEHOLD_FIELDS)
    said = (fact.personal or {}).get("private_changes") or {}
    named = _only(dict.fromkeys(fact.fields["private_fields"]), rules.PRIVATE_HOUSEHOLD_FIELDS)
    private = {field: said.get(field, _BLANK_HOUSEHOLD[field]) for field in named}
    changes = {**public, **private}
    waiting_for = registers.merge_rows(fact, Household, {household_id: changes})
    _note_changes(
        fact,
        "households",
        [(household_id, field, value, field in private) for field, value in changes.items()],
    )
    _touch_households()
    return waiting_for


def apply_person_renamed(fact: Fact) -> int | None:
    person_id, name = fact.fields["person_id"], (fact.personal or {}).get("name") or ""
    _note_changes(fact, "persons", [(person_id, "name", name, True)])
    return _merge_one(fact, Person, person_id, {"name": name})


def apply_contact_replaced(fact: Fact) -> int | None:
    contact_id, value = fact.fields["contact_point_id"], (fact.personal or {}).get("value") or ""
    _note_changes(fact, "contacts", [(contact_id, "value", value, True)])
    # A new number has been tried by nobody yet.
    blank = {"value": value, "proven_at": None, "failed_at": None}
    return _merge_one(fact, ContactPoint, contact_id, blank)


def apply_contacts_proven(fact: Fact) -> int | None:
    proven_at = _at(fact.fields["proven_s"])
    said = {one: {"proven_at": proven_at} for one in fact.fields["contact_point_ids"]}
    return registers.merge_rows(fact, ContactPoint, said)


# --- how rows are written -------------------------------------------------------------------


def _of(fact: Fact, index: int, name: str) -> Any:
    item = fact.items[index] if index < len(fact.items) else None
    return None if item is None else item[name]


def _only(values: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in fields}


def _blank_erased(fact: Fact, model: type[models.Model], blank: Mapping[str, Any]) -> None:
    """Empties the personal columns of rows whose leaf has been erased; the rows still count."""
    erased = [fact.entity(index) for index, item in enumerate(fact.items) if item is None]
    for row in model._default_manager.filter(pk__in=erased):
        clocks = json.loads(row.field_clock)  # type: ignore[attr-defined]
        kept = {name: value for name, value in blank.items() if name not in clocks}
        model._default_manager.filter(pk=row.pk).update(**kept)


def _merge_one(
    fact: Fact, model: type[models.Model], pk: int, values: Mapping[str, Any]
) -> int | None:
    return registers.merge_rows(fact, model, {pk: values})


def _note_changes(fact: Fact, register: str, changes: Sequence[tuple[int, str, Any, bool]]) -> None:
    """Keeps what was said, whether or not it wins: (entity, field, value, is personal)."""
    registers.keep_changes(_changes(fact, register, changes))


def _changes(
    fact: Fact, register: str, changes: Sequence[tuple[int, str, Any, bool]]
) -> list[RowChange]:
    return registers.changes_of(fact, register, [registers.Said(*one) for one in changes])


def _touch_households() -> None:
    RegisterRevision.objects.bulk_create(
        [RegisterRevision(name=HOUSEHOLDS, number=0)], ignore_conflicts=True
    )
    RegisterRevision.objects.filter(name=HOUSEHOLDS).update(number=F("number") + 1)


# --- what any register can do ---------------------------------------------------------------

PERSONS = registers.Register(
    name="persons",
    model=Person,
    kinds=facts.PERSONS,
    born={"people.persons_registered": registers.counted},
    public=("place_code",),
    private={"name": ""},
)
POSTS = registers.Register(
    name="posts",
    model=Post,
    kinds=facts.POSTS,
    born={"people.posts_registered": registers.counted},
    public=("place_code", "role", "title"),
)
# A holding is not taken back: it ends, and whoever held the post until then is known.
HOLDINGS = registers.Register(
    name="holdings",
    model=PostHolding,
    kinds=facts.HOLDINGS,
    born={"people.holdings_registered": registers.counted},
    public=("post_id", "person_id", "place_code", "slot", "since_at", "until_at"),
    withdrawn=lambda fact: {"until_at": int(fact.at.timestamp())},
    restored=lambda _fact: {"until_at": None},
)
CONTACTS = registers.Register(
    name="contacts",
    model=ContactPoint,
    kinds=facts.CONTACTS,
    born={"people.contacts_registered": registers.counted},
    public=("person_id", "post_id", "place_code", "kind", "proven_at"),
    private={"value": ""},
)
HOUSEHOLDS_REGISTER = registers.Register(
    name="households",
    model=Household,
    kinds=facts.HOUSEHOLDS,
    born={"people.households_registered": registers.counted},
    public=("place_code", *rules.PUBLIC_HOUSEHOLD_FIELDS),
    private=_BLANK_HOUSEHOLD,
    touched=_touch_households,
)


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "people.persons_registered": apply_persons_registered,
    "people.posts_registered": apply_posts_registered,
    "people.holdings_registered": apply_holdings_registered,
    "people.contacts_registered": apply_contacts_registered,
    "people.households_registered": apply_households_registered,
    "people.holding_ended": apply_holding_ended,
    "people.presence_recorded": apply_presence_recorded,
    "people.household_changed": apply_household_changed,
    "people.person_renamed": apply_person_renamed,
    "people.contact_replaced": apply_contact_replaced,
    "people.contacts_proven": apply_contacts_proven,
    **PERSONS.applies(),
    **POSTS.applies(),
    **HOLDINGS.applies(),
    **CONTACTS.applies(),
    **HOUSEHOLDS_REGISTER.applies(),
    **APPLY_TONIGHT,
}
APPLY_MANY: Mapping[str, Callable[[Sequence[Fact]], Sequence[int | None]]] = {
    "people.presence_recorded": apply_presences_recorded,
}
