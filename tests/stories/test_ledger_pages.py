"""Pages, rights, orders of arrival and interrupted undos of ledgers: random questions, seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.access.viewer import ROLES, Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import replay
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.ledgers import queries, services
from fengsui.foundation.ledgers.errors import ALREADY_UNDONE
from fengsui.foundation.ledgers.queries import PageRequest, matching, paging
from fengsui.foundation.ledgers.services import undoing
from fengsui.standards.divisions import scope_prefix
from tests.world import county as world

NODE = node_viewer()
REASON = "示意理由"
SEED = 20_261_122
QUESTIONS = 400
LEDGERS = (
    "places", "persons", "posts", "holdings", "contacts", "households", "danger_areas", "venues",
)  # fmt: skip
PLACES = (world.COUNTY, world.QINGSHI, world.BAISHUI, world.SHITAN, world.SHUIKOU, "439902000000")


@pytest.fixture
def county(node: Any, clock: Any) -> world.County:
    found = world.build()
    gone = queries.page("households", PageRequest(limit=2), viewer=NODE)["items"]
    services.withdraw(
        viewer=NODE, ledger="households", ids=[one["id"] for one in gone], reason=REASON
    )
    return found


@pytest.fixture(params=["few", "many"])
def size(request: Any, monkeypatch: Any) -> str:
    """The same rows, once as few and once as if there were more than anybody counts."""
    if request.param == "many":
        monkeypatch.setattr(paging, "TOTAL_MAX", 2)
        monkeypatch.setattr(matching, "SCAN_MAX", 1)
        monkeypatch.setattr(matching, "WEIGHED_MAX", 1)
    return str(request.param)


def paged(name: str, asked: PageRequest, viewer: Viewer) -> Iterator[dict[str, Any]]:
    after = ""
    for _ in range(100):
        page = queries.page(
            name,
            PageRequest(
                limit=3, after=after, order=asked.order, under=asked.under, q=asked.q,
                state=asked.state, where=asked.where,
            ),
            viewer=viewer,
        )  # fmt: skip
        yield from page["items"]
        if page["next"] is None:
            return
        after = page["next"]
    raise AssertionError("the pages never end")


def sort_key(row: dict[str, Any], column: str) -> tuple[bool, Any, Any]:
    value = row["values"][column]
    return (value is not None, value if value is not None else 0, row["id"])


@pytest.mark.parametrize("name", LEDGERS)
def test_pages_put_together_are_the_rows_in_order_each_once(
    county: world.County, size: str, name: str
) -> None:
    ledger = queries.ledger(name, NODE)
    rows = list(queries.every_row(name, PageRequest(), viewer=NODE))
    columns = [one.name for one in ledger.columns if one.sortable and one.is_stored]
    for column in columns:
        for sign in ("", "-"):
            expected = sorted(rows, key=lambda row: sort_key(row, column), reverse=bool(sign))
            found = paged(name, PageRequest(order=f"{sign}{column}"), NODE)
            assert [one["id"] for one in found] == [one["id"] for one in expected], column


def test_filters_give_what_a_look_at_every_row_gives(county: world.County, size: str) -> None:
    rows = list(queries.every_row("households", PageRequest(state="all"), viewer=NODE))
    draw = random.Random(SEED)
    for _ in range(60):
        level = str(draw.randrange(4))
        people = draw.randrange(1, 6)
        under = draw.choice(PLACES)
        state = draw.choice(("current", "withdrawn", "all"))
        asked = PageRequest(
            under=under,
            state=state,
            order=draw.choice(("", "label", "-people_count", "place_code")),
            where=draw.choice(({"assist_level": level}, {"people_count": [people, None]}, None)),
        )
        wanted = {
            row["id"]
            for row in rows
            if row["place"].startswith(scope_prefix(under))
            and (state == "all" or row["is_withdrawn"] == (state == "withdrawn"))
            and (
                not asked.where
                or row["values"]["assist_level"] == asked.where.get("assist_level")
                or ("people_count" in asked.where and row["values"]["people_count"] >= people)
            )
        }
        found = [one["id"] for one in paged("households", asked, NODE)]
        assert sorted(found) == sorted(wanted), asked


def test_a_text_is_found_anywhere_among_few_and_at_the_beginning_among_many(
    county: world.County, size: str
) -> None:
    page = queries.page("persons", PageRequest(q="意甲"), viewer=NODE)
    assert page["text_match"] == ("contains" if size == "few" else "begins")
    assert len(page["items"]) == (1 if size == "few" else 0)
    assert queries.page("persons", PageRequest(q="示意甲"), viewer=NODE)["total"] == 1


def test_no_page_shows_a_row_from_outside(county: world.County, size: str) -> None:
    draw = random.Random(SEED)
    shown = 0
    for number in range(QUESTIONS):
        name = LEDGERS[number % len(LEDGERS)]
        grants = tuple(
            Grant(draw.choice(sorted(ROLES)), Scope.of(draw.choice(PLACES)))
            for _ in range(draw.choice((0, 1, 1, 2)))
        )
        viewer = Viewer(draw.randrange(1, 99), "示意", grants=grants)
        asked = PageRequest(
            limit=200,
            under=draw.choice(("", *PLACES)),
            state=draw.choice(("current", "all")),
            q=draw.choice(("", "示意")),
        )
        try:
            page = queries.page(name, asked, viewer=viewer)
        except Problem as refusal:
            if refusal.kind is not NOT_FOUND:
                raise
            continue
        see = queries.ledger(name, viewer).see
        for row in page["items"]:
            shown += 1
            assert viewer.may(see, row["place"]), (name, asked, grants)
            assert row["place"].startswith(scope_prefix(asked.under))
    assert shown > QUESTIONS // 2


def test_a_masked_number_is_nowhere_in_a_page_or_a_history(county: world.County) -> None:
    from fengsui.foundation.people.models import ContactPoint

    numbers = set(ContactPoint.objects.values_list("value", flat=True))
    one = queries.page("contacts", PageRequest(), viewer=NODE)["items"][0]["id"]
    services.change(viewer=NODE, ledger="contacts", changes=[[one, {"value": "00077776666"}]])
    numbers |= {"00077776666", "00030000000"}
    for name in LEDGERS:
        ledger = queries.ledger(name, NODE)
        text = repr(queries.page(name, PageRequest(limit=200), viewer=NODE))
        for row in queries.every_row(name, PageRequest(), viewer=NODE):
            text += repr(queries.history(ledger, row, viewer=NODE))
        assert not [number for number in numbers if number in text], name


def random_edits(draw: random.Random, clock: Any, steps: int) -> None:
    """Changes, withdrawals, restorations and undos of whatever is there."""
    sets: list[int] = []
    for _ in range(steps):
        clock.forward(seconds=draw.randrange(1, 90))
        name = draw.choice(("households", "venues", "danger_areas", "posts", "persons"))
        rows = queries.page(name, PageRequest(state="all", limit=200), viewer=NODE)["items"]
        one = draw.choice(rows)["id"]
        cause = services.open_change_set(
            viewer=NODE, kind="edit", title="示意", ledger=name, scope=world.COUNTY
        )
        verb = draw.randrange(4)
        if verb == 0 and sets:
            try:
                services.undo(viewer=NODE, change_set_id=draw.choice(sets), reason=REASON)
            except Problem as refusal:
                if refusal.kind is not ALREADY_UNDONE:
                    raise
        elif verb == 1:
            services.withdraw(viewer=NODE, ledger=name, ids=[one], reason=REASON, cause=cause)
        elif verb == 2:
            services.restore(viewer=NODE, ledger=name, ids=[one], reason=REASON, cause=cause)
        else:
            title = queries.ledger(name, NODE).title
            text = f"示意{draw.randrange(1000)}"
            services.change(viewer=NODE, ledger=name, changes=[[one, {title: text}]], cause=cause)
        services.close_change_set(viewer=NODE, cause=cause)
        sets.append(entity_id(cause))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_makes_no_difference(
    county: world.County, clock: Any, seed: int
) -> None:
    draw = random.Random(SEED + seed)
    random_edits(draw, clock, 25)
    expected = replay.digest()
    facts = [decode(one) for one in StoredFact.objects.order_by("arrival")]
    draw.shuffle(facts)
    for model in reversed(replay.projected_models()):
        if model._meta.app_label != "journal":
            model._default_manager.all().delete()
    apply = catalogue().apply
    waiting = [one for one in facts if one is not None and one.kind in apply]
    for _ in range(5):
        waiting = [one for one in waiting if apply[one.kind](one) is not None]
    assert not waiting
    found = replay.digest()
    changed = [name for name in expected if not name.startswith("journal_")
               and found[name] != expected[name]]  # fmt: skip
    assert changed == [], f"seed {SEED + seed}"
    replay.rebuild()


def test_an_undo_that_was_interrupted_goes_on_where_it_stopped(
    county: world.County, monkeypatch: Any
) -> None:
    opened = services.open_change_set(
        viewer=NODE, kind="import", title="示意导入", ledger="households", scope=world.COUNTY
    )
    rows = [{"label": f"示意户 {number}", "place_code": world.SHITAN} for number in range(100, 109)]
    ids = services.create(viewer=NODE, ledger="households", rows=rows, cause=opened)
    services.close_change_set(viewer=NODE, cause=opened)
    monkeypatch.setattr(undoing, "ROWS_PER_COMMAND", 2)
    real, calls = undoing.undo_piece, []

    def power_cut(**given: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            raise ConnectionError("the writer went away")
        return real(**given)

    monkeypatch.setattr(undoing, "undo_piece", power_cut)
    with pytest.raises(ConnectionError):
        services.undo(viewer=NODE, change_set_id=entity_id(opened), reason=REASON)
    ledger = queries.ledger("households", NODE)
    half = [row["is_withdrawn"] for row in queries.by_ids(ledger, ids, viewer=NODE).values()]
    assert sum(half) == 4
    monkeypatch.setattr(undoing, "undo_piece", real)
    taken = services.undo(viewer=NODE, change_set_id=entity_id(opened), reason=REASON)
    assert (taken["undone"], taken["kept_count"]) == (9, 0)
    assert all(row["is_withdrawn"] for row in queries.by_ids(ledger, ids, viewer=NODE).values())
