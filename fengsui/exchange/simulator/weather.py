"""How bad it is out there, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is. Chances are 0–1; times in seconds."""

    fault_seconds: float = 900.0
    calm_seconds: float = 1_800.0
    write_every: float = 12.0
    crash_every: float = 120.0
    link_every: float = 60.0
    restore_every: float = 600.0
    lost: float = 0.08
    doubled: float = 0.08
    altered: float = 0.01
    misread: float = 0.03  # a read that misses its first fact
    delay_max: float = 4.0
    sync_max: float = 1.5  # until a write is on the disk
    off_max: float = 30.0


def calm_after(weather: Weather) -> Weather:
    """The same world once nothing goes wrong any more."""
    return replace(
        weather, lost=0.0, doubled=0.0, altered=0.0, misread=0.0, delay_max=0.2, sync_max=0.05
    )
