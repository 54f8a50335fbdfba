"""Who stands where, and what counts as not received."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fengsui.exchange.neighbours.rules import HeldFeed, lacks, role_of
from fengsui.exchange.neighbours.states import (
    CUT_OFF_AFTER,
    OUT_OF_CONTACT_AFTER,
    Role,
    UpstreamState,
    is_out_of_contact,
    upstream_state,
)
from fengsui.foundation.journal.codec import FeedKey

COUNTY, TOWNSHIP, VILLAGE = "439901000000", "439901101000", "439901101201"
NOW = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)


def feed(row, author, audience, fact_class, head):
    key = FeedKey(1, author.encode(), 1, fact_class, audience)
    return HeldFeed(row, row.to_bytes(16, "big"), key, head, author)


@pytest.mark.parametrize(
    ("own", "other", "role"),
    [
        (TOWNSHIP, COUNTY, Role.PARENT),
        (VILLAGE, COUNTY, Role.PARENT),
        (COUNTY, VILLAGE, Role.CHILD),
        (TOWNSHIP, "439901201000", Role.SIDE),
        (TOWNSHIP, TOWNSHIP, Role.SIDE),
    ],
)
def test_a_place_above_is_a_parent_and_one_below_a_child(own, other, role):
    assert role_of(own, other) is role


def test_upstream_lacks_what_was_written_here_and_below_and_nothing_else():
    feeds = [
        feed(1, TOWNSHIP, "439901101", 0, 9),
        feed(2, VILLAGE, "439901101201", 2, 4),
        feed(3, COUNTY, "439901", 0, 99),  # upstream's own
        feed(4, "439901201000", "public", 1, 50),  # of another township: it came from upstream
    ]
    held = {(1).to_bytes(16, "big"): 6, (2).to_bytes(16, "big"): 4}

    lack = lacks(feeds, held, scope=COUNTY, source=TOWNSHIP)

    assert (lack.facts, lack.life_safety, lack.first) == (3, 3, ((1, 7),))


def test_a_village_lacks_what_it_may_hold_and_did_not_write_itself():
    feeds = [
        feed(1, COUNTY, "439901", 0, 9),  # a command of the county: for it
        feed(2, COUNTY, "439901", 2, 9),  # routine of the county: not for it
        feed(3, VILLAGE, "439901101201", 0, 5),  # its own
        feed(4, TOWNSHIP, "439901101201", 2, 0),  # the township about the village
    ]

    lack = lacks(feeds, {}, scope=VILLAGE, source="")

    assert (lack.facts, lack.life_safety) == (11, 10)
    assert lack.first == ((1, 0), (4, 0))


@pytest.mark.parametrize(
    ("facts", "silent", "fetching", "state"),
    [
        (0, timedelta(0), False, UpstreamState.LEVEL),
        (3, timedelta(0), False, UpstreamState.BEHIND),
        (0, CUT_OFF_AFTER, False, UpstreamState.LEVEL),
        (0, CUT_OFF_AFTER + timedelta(seconds=1), False, UpstreamState.CUT_OFF),
        (3, timedelta(0), True, UpstreamState.BOOTSTRAPPING),
    ],
)
def test_the_word_on_the_screen(facts, silent, fetching, state):
    found = upstream_state(
        facts=facts, last_heard_at=NOW - silent, is_bootstrapping=fetching, now=NOW
    )
    assert found is state


def test_never_heard_is_cut_off_and_out_of_contact():
    found = upstream_state(facts=0, last_heard_at=None, is_bootstrapping=False, now=NOW)
    assert found is UpstreamState.CUT_OFF
    assert is_out_of_contact(None, NOW)
    assert not is_out_of_contact(NOW - OUT_OF_CONTACT_AFTER, NOW)
    assert is_out_of_contact(NOW - OUT_OF_CONTACT_AFTER - timedelta(seconds=1), NOW)
