"""What the people of an exercise do: the simulated carriers' script. Nothing real is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fengsui.engines.calls import channel_register
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier


def script_people(behaviours: Mapping[int, Sequence[str]]) -> None:
    """Fixes what persons do when an exercise rings them, try by try (the last one lasts).

    person id -> words of `Behaviour`. Lives in this process only: it says how invented people
    behave, so it is told again after a restart and is no fact.
    """
    script = {
        person_id: tuple(Behaviour(word) for word in words)
        for person_id, words in behaviours.items()
    }
    for channel in channel_register.practice_channels().values():
        if isinstance(channel, SimulatedCarrier):
            channel.script.update(script)
