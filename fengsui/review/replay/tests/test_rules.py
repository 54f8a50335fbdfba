"""Nights from noon to noon, and steps that add up to every moment; spec/replay.json is the page's
example as well."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.review.replay import rules

EXAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[4] / "spec" / "replay.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    ("utc", "night"),
    [
        ("2026-07-16T18:10:00", "2026-07-16"),  # 02:10 on the 17th in Beijing
        ("2026-07-16T04:00:00", "2026-07-16"),  # noon
        ("2026-07-16T03:59:59", "2026-07-15"),
    ],
)
def test_a_night_is_named_after_the_day_it_begins(utc: str, night: str) -> None:
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert rules.night_of(moment).isoformat() == night
    begins, ends = rules.window(date.fromisoformat(night))
    assert begins <= moment < ends
    assert rules.nights_of(moment, moment + timedelta(days=1), limit=9)[-1].isoformat() == night


def test_the_example_is_what_the_program_makes_of_its_paths() -> None:
    paths = [(place, [tuple(step) for step in path]) for place, path in EXAMPLE["paths"]]
    steps = rules.moves(paths)
    assert [list(step) for step in steps] == EXAMPLE["steps"]
    for frame in EXAMPLE["frames"]:
        counts = rules.counts_at(steps, frame["ms"])
        assert sum(counts.values()) == frame["called"]
        assert (counts[7], counts[6], counts[4]) == (
            frame["answered"],
            frame["reached_in_person"],
            frame["unreached_named"],
        )
    homes = [(place, [tuple(step) for step in path]) for place, path in EXAMPLE["household_paths"]]
    assert [list(step) for step in rules.sums(homes, 5)] == EXAMPLE["household_steps"]
    tries = [(place, [tuple(step) for step in path]) for place, path in EXAMPLE["channel_paths"]]
    assert [list(step) for step in rules.sums(tries, 5)] == EXAMPLE["channel_steps"]


@pytest.mark.parametrize("seed", range(20))
def test_steps_of_many_say_what_the_paths_of_each_say(seed: int) -> None:
    draw = random.Random(seed)
    paths = []
    for _ in range(draw.randint(0, 30)):
        times = sorted(draw.choices(range(-20, 60), k=draw.randint(1, 6)))
        paths.append((draw.randrange(3), [(at, draw.randint(1, 7)) for at in times]))
    steps = rules.moves(paths)
    for at in range(-21, 62):
        stands = [[stand for when, stand in path if when <= at] for _, path in paths]
        last = [one[-1] for one in stands if one]
        counts = rules.counts_at(steps, at)
        assert {stand: many for stand, many in counts.items() if many} == {
            stand: last.count(stand) for stand in set(last)
        }, f"seed {seed} at {at}"
