"""A county of a few nodes in one process, from one seed: production code, invented world.

The clock, the disks, the carrier and the dice belong to the world; the nodes are `sync.Node` as
they run in a village. Faults: power cuts that lose what is not synced, messages lost, doubled,
overtaken, altered, links that die in the middle, a disk restored from an old copy. Faults first,
then a phase without any, in which everybody must come to hold the same.
"""

from fengsui.exchange.simulator.disks import Disk, Station
from fengsui.exchange.simulator.promises import BrokenPromiseError
from fengsui.exchange.simulator.weather import Weather
from fengsui.exchange.simulator.world import NODES_MAX, Outcome, World

__all__ = [
    "NODES_MAX",
    "BrokenPromiseError",
    "Disk",
    "Outcome",
    "Station",
    "Weather",
    "World",
]
