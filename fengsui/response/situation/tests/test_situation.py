"""What is said of the field counts once, whoever carries it and in whatever order it comes."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import NOT_ALLOWED, Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal.queries import feed_key
from fengsui.response.situation import queries, rules, services
from fengsui.response.situation.errors import NO_SUCH_SOS, UNREADABLE
from fengsui.standards.instants import to_ms

TOWNSHIP, VILLAGE, OTHER = "439901101000", "439901101201", "439901101202"
NODE = node_viewer("gateway")
GRID = Viewer(31, "示意子", (Grant("grid_worker", Scope.of(VILLAGE)),))
SECRETARY = Viewer(21, "示意己", (Grant("village_secretary", Scope.of(VILLAGE)),))
NEIGHBOUR = Viewer(24, "示意壬", (Grant("village_secretary", Scope.of(OTHER)),))


def sos(**said: Any) -> dict[str, Any]:
    content = {"place_code": VILLAGE, "people": 3, "injured": 1, "need": ["boat"], "text": "水进屋"}
    return content | said


def count(place: str = VILLAGE, **numbers: Any) -> dict[str, Any]:
    return {"place_code": place, "should": 35, "moved": 32} | numbers


def test_an_sos_said_twice_is_one_and_stays_open_until_it_is_closed(node: Any) -> None:
    first = services.raise_sos(viewer=GRID, content=sos(), sos_id="a")
    again = services.raise_sos(viewer=SECRETARY, content=sos(), sos_id="a")
    assert (first["outcome"], again["outcome"]) == ("recorded", "already_recorded")
    assert [row.people for row in queries.open_sos(viewer=GRID)] == [3]
    assert queries.open_sos(viewer=NEIGHBOUR) == []
    with pytest.raises(Problem) as refused:
        services.close_sos(viewer=NEIGHBOUR, sos_id="a", outcome="rescued")
    assert refused.value.kind is NO_SUCH_SOS
    with pytest.raises(Problem) as refused:
        services.close_sos(viewer=GRID, sos_id="a", outcome="rescued")
    assert refused.value.kind is NOT_ALLOWED
    services.close_sos(viewer=SECRETARY, sos_id="a", outcome="rescued")
    assert queries.open_sos(viewer=SECRETARY) == []
    assert [row.outcome for row in queries.open_sos(viewer=SECRETARY, with_closed=True)] == [
        "rescued"
    ]


def test_a_statement_of_somebody_elses_village_is_refused(node: Any) -> None:
    for state in (services.raise_sos, services.report_headcount, services.file_quick_report):
        with pytest.raises(Problem) as refused:
            state(viewer=NEIGHBOUR, content=sos(should=1, moved=1))
        assert refused.value.kind is NOT_ALLOWED


@pytest.mark.parametrize(
    "wrong",
    [
        {"place_code": "4399"},
        {"people": -1},
        {"people": True},
        {"people": 10**6},
        {"lon_e7": 1_900_000_000},
        {"at_ms": -5},
    ],
)
def test_what_cannot_be_read_names_its_field(node: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        services.raise_sos(viewer=NODE, content=sos(**wrong))
    assert refused.value.kind is UNREADABLE
    assert refused.value.data["field"] == next(iter(wrong))


def test_the_newest_headcount_of_a_place_counts_alone(node: Any, clock: Any) -> None:
    now = to_ms(clock())
    services.report_headcount(viewer=GRID, content=count(moved=32, at_ms=now))
    # An older count that arrives later does not come back to life.
    services.report_headcount(viewer=GRID, content=count(moved=10, at_ms=now - 60_000))
    services.report_headcount(viewer=NODE, content=count(OTHER, should=4, moved=4, at_ms=now))
    total = queries.headcount_total(None, viewer=NODE)
    assert (total["should"], total["moved"], total["not_yet"]) == (39, 36, 3)


def test_a_township_figure_is_not_added_to_its_villages(node: Any) -> None:
    services.report_headcount(viewer=NODE, content=count(TOWNSHIP, should=100, moved=80))
    assert queries.headcount_total(None, viewer=NODE)["moved"] == 80
    services.report_headcount(viewer=NODE, content=count(should=35, moved=32))
    services.report_headcount(viewer=NODE, content=count(OTHER, should=4, moved=4))
    assert queries.headcount_total(None, viewer=NODE)["moved"] == 36
    assert len(queries.headcounts(None, viewer=NODE)) == 3


def test_a_headcount_always_adds_up(node: Any) -> None:
    services.report_headcount(viewer=GRID, content=count(should=10, moved=9, away=3, not_yet=7))
    (row,) = queries.headcounts(None, viewer=GRID)
    assert (row.should, row.moved, row.away, row.not_yet) == (12, 9, 3, 0)


def test_the_newest_quick_report_of_a_disaster_counts_alone(node: Any, clock: Any) -> None:
    services.file_quick_report(
        viewer=GRID, content={"place_code": VILLAGE, "disaster": "11B03", "affected": 5}
    )
    clock.forward(minutes=30)
    services.file_quick_report(
        viewer=GRID,
        content={
            "place_code": VILLAGE,
            "disaster": "11B03",
            "affected": 8,
            "road_cut": True,
            "needs": [["food", 20]],
        },
    )
    (row,) = queries.reports(viewer=GRID)
    assert (row.affected, row.road_cut, row.needs) == (8, True, [["food", 20]])
    assert len(queries.reports(viewer=GRID, with_older=True)) == 2


# --- what gateways hear ----------------------------------------------------------------------


def reference_of_next(node: Any, audience: str = "439901101") -> dict[str, Any]:
    """Where this node's next life-safety fact of the township will stand."""
    head = node.heads.get((0, audience))
    return {
        "node": node.key.public,
        "class": 0,
        "audience": audience,
        "epoch": rules.epoch_of(node.incarnation),
        "seq": 0 if head is None else head.seq + 1,
    }


@pytest.mark.parametrize("telegram_first", [True, False])
def test_case_14_a_telegram_and_its_fact_count_once_in_either_order(
    node: Any, clock: Any, telegram_first: bool
) -> None:
    """The relayed headcount is itself a life-safety fact of this feed, hence the +1."""
    now = to_ms(clock())
    reference = reference_of_next(node)
    content = count(at_ms=now)
    if telegram_first:
        reference["seq"] += 1
        services.relay(
            viewer=NODE, kind="headcount", content=content, path="beidou", reference=reference
        )
        assert queries.headcount_total(None, viewer=NODE)["moved"] == 32
        assert [row.is_provisional for row in queries.headcounts(None, viewer=NODE)] == [True]
    services.report_headcount(viewer=GRID, content=content, client_id="phone-1")
    if not telegram_first:
        services.relay(
            viewer=NODE, kind="headcount", content=content, path="beidou", reference=reference
        )
    (row,) = queries.headcounts(None, viewer=NODE)
    assert (row.client_id, row.moved, row.is_provisional) == ("phone-1", 32, False)
    assert [one.said_as for one in queries.relays(viewer=NODE)] == ["phone-1"]


def test_case_14_one_telegram_heard_by_two_gateways_counts_once(node: Any) -> None:
    reference = reference_of_next(node) | {"seq": 900}
    for path in ("beidou", "radio"):
        services.relay(viewer=NODE, kind="sos", content=sos(), path=path, reference=reference)
    assert len(queries.open_sos(viewer=GRID)) == 1
    assert len(queries.relays(viewer=GRID, only_unmatched=True)) == 2


def test_an_sos_closed_while_only_the_telegram_was_known_stays_closed(node: Any) -> None:
    reference = reference_of_next(node)
    reference["seq"] += 2  # the relayed word and the closing stand before it in this feed
    services.relay(viewer=NODE, kind="sos", content=sos(), path="beidou", reference=reference)
    (heard,) = queries.open_sos(viewer=SECRETARY)
    services.close_sos(viewer=SECRETARY, sos_id=heard.client_id, outcome="safe")
    services.raise_sos(viewer=GRID, content=sos(), sos_id="phone-2")
    assert queries.open_sos(viewer=SECRETARY) == []
    (row,) = queries.open_sos(viewer=SECRETARY, with_closed=True)
    assert (row.client_id, row.outcome) == ("phone-2", "safe")


def test_a_text_message_without_a_reference_stands_by_itself(node: Any) -> None:
    for _ in range(2):
        services.relay(
            viewer=NODE, kind="headcount", content=count(), path="sms", client_id="sms-1"
        )
    assert queries.headcount_total(None, viewer=NODE)["moved"] == 32


def test_a_feed_says_whose_it_is(node: Any) -> None:
    services.raise_sos(viewer=GRID, content=sos())
    head = next(iter(node.heads.values()))
    key = feed_key(head.feed)
    assert key is not None
    assert (key.public_key, key.incarnation) == (node.key.public, node.incarnation)


@pytest.mark.parametrize("telegram_first", [True, False])
def test_a_relayed_word_that_travels_on_by_telegram_counts_once(
    node: Any, telegram_first: bool
) -> None:
    """A township types an SOS from a text message and tells the county of it by BeiDou."""
    reference = reference_of_next(node)
    if telegram_first:
        reference["seq"] += 1
        services.relay(viewer=NODE, kind="sos", content=sos(), path="beidou", reference=reference)
    services.relay(viewer=NODE, kind="sos", content=sos(), path="sms", client_id="sms-2")
    if not telegram_first:
        services.relay(viewer=NODE, kind="sos", content=sos(), path="beidou", reference=reference)
    assert [row.client_id for row in queries.open_sos(viewer=NODE)] == ["sms-2"]
