"""Which telegram takes the next slot."""

from __future__ import annotations

import random

import pytest

from fengsui.exchange.telegrams import rules
from fengsui.exchange.telegrams.rules import Waiting
from fengsui.exchange.telegrams.states import Carrier, Kind, Priority

SOS, P0, P1 = Priority.SOS.value, Priority.P0.value, Priority.P1.value


def slots(waiting: list[Waiting], count: int) -> list[int]:
    """Priorities in the order of their slots; each telegram leaves once."""
    left, row, run = list(waiting), [], 0
    for _ in range(count):
        chosen = rules.choose(left, p0_in_a_row=run)
        if chosen is None:
            break
        left.remove(chosen)
        run = rules.count_in_a_row(run, chosen.priority)
        row.append(chosen.priority)
    return row


def test_an_sos_takes_the_next_slot_whatever_is_queued() -> None:
    chance = random.Random(11)
    for _ in range(200):
        waiting = [
            Waiting(n, chance.choice([P0, P1]), chance.randrange(3), n)
            for n in range(chance.randrange(60))
        ]
        sos = Waiting(999, SOS, 0, 999)
        run = chance.randrange(5)
        assert rules.choose([*waiting, sos], p0_in_a_row=run) == sos


def test_four_to_one_and_nobody_starves() -> None:
    waiting = [Waiting(n, P0 if n % 2 else P1, 0, n) for n in range(40)]
    taken = slots(waiting, 20)
    assert taken[:10] == [P0, P0, P0, P0, P1, P0, P0, P0, P0, P1]


def test_a_repeated_sos_does_not_starve_the_headcounts() -> None:
    waiting = [Waiting(n, SOS, 3, n) for n in range(50)] + [Waiting(99, P1, 0, 99)]
    assert P1 in slots(waiting, 5)


def test_the_least_tried_goes_first_and_sums_before_their_parts() -> None:
    headcounts = [Waiting(n, P1, n % 3, n) for n in range(9)]
    total = Waiting(50, P1, 0, 50, is_total=True)
    assert rules.choose([*headcounts, total], p0_in_a_row=0) == total
    assert rules.choose(headcounts, p0_in_a_row=0) == headcounts[0]
    assert rules.choose([], p0_in_a_row=0) is None


def test_tries_are_further_and_further_apart() -> None:
    assert rules.retry_ms(1, 60_000) == 120_000
    assert rules.retry_ms(2, 60_000) == 240_000
    assert rules.retry_ms(40, 60_000) == rules.RETRY_MS_MAX
    assert rules.retry_ms(1, 0) == rules.RETRY_FIRST_MS_MIN


def test_a_budget_is_kept_but_never_silences_a_link() -> None:
    assert rules.is_in_budget(78, 0, 50)
    assert rules.is_in_budget(28, 50, 78)
    assert not rules.is_in_budget(29, 50, 78)
    assert rules.is_in_budget(1000, 1000, None)


def test_every_kind_has_a_time_to_live() -> None:
    assert set(rules.TTL_MS) == set(Kind)


@pytest.mark.parametrize(
    ("text", "carrier", "place"),
    [
        ("serial:/dev/ttyUSB0?dialect=bds3", Carrier.BEIDOU, "/dev/ttyUSB0"),
        ("udp:127.0.0.1:9300", Carrier.RADIO, "127.0.0.1:9300"),
        ("udp://127.0.0.1:9300?signed=1", Carrier.RADIO, "127.0.0.1:9300"),
    ],
)
def test_addresses(text: str, carrier: Carrier, place: str) -> None:
    read = rules.read_address(text)
    assert read is not None
    assert (read.carrier, read.place) == (carrier, place)


@pytest.mark.parametrize("text", ["", "serial:", "udp:host", "udp:a:x", "tcp:a:1", "udp:a:99999"])
def test_what_is_no_address(text: str) -> None:
    assert rules.read_address(text) is None
