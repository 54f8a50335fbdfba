"""How large a county, how long, and how bad it is out there, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

LARGE_NODES, LARGE_HOURS = 321, 72.0
LARGE_POWER_CUTS, LARGE_PARTITIONS = 160, 160
SECONDS_AN_HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Chances are 0-1; counts are for the whole run; times in seconds unless named otherwise."""

    townships: int = 2
    villages: int = 4
    hours: float = 8.0
    writes_per_node: int = 16
    orders: int = 2
    power_cuts: int = 14
    partitions: int = 6
    restores: int = 4
    clones: int = 1
    revocations: int = 1
    moves: int = 1
    forgeries: int = 8
    bundles: int = 10
    effects: int = 4
    contact_every: float = 1_200.0
    contact_seconds: float = 45.0
    lost: float = 0.04
    doubled: float = 0.06
    altered: float = 0.01
    misread: float = 0.02
    dies: float = 0.15  # a contact that breaks off in the middle
    delay_max: float = 3.0
    sync_max: float = 1.5
    off_max: float = 900.0
    thin: float = 0.25  # share of villages on a thin link
    old: float = 0.2  # share of nodes whose program is a version behind
    real_signatures: float = 0.1  # share of seeds
    has_faulty_clocks: bool = True
    calm_hours: float = 6.0

    @property
    def seconds(self) -> float:
        return self.hours * SECONDS_AN_HOUR


def plan_for(townships: int, villages: int, hours: float) -> Plan:
    """Faults in proportion: 321 nodes in 72 hours have 160 power cuts and 160 partitions."""
    nodes = 1 + townships + villages
    if nodes < 50:
        return Plan(townships=townships, villages=villages, hours=hours)
    share = nodes / LARGE_NODES * hours / LARGE_HOURS
    return Plan(
        townships=townships,
        villages=villages,
        hours=hours,
        writes_per_node=10,
        orders=4,
        power_cuts=round(LARGE_POWER_CUTS * share),
        partitions=round(LARGE_PARTITIONS * share),
        restores=max(4, round(8 * share)),
        clones=1,
        revocations=2,
        moves=1,
        forgeries=40,
        bundles=60,
        effects=30,
        contact_every=7_200.0,
        contact_seconds=40.0,
        off_max=3_600.0,
        thin=0.1,
        calm_hours=12.0,
    )
