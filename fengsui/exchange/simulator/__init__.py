"""A county of nodes in one process, from one seed: production code, invented world.

The clocks, the disks, the carriers and the dice belong to the world; the nodes are `sync.Node` with
the journal's own judge, as they run in a village. Faults first, then a phase without any, in which
everybody must come to hold the same.
"""

from fengsui.exchange.simulator.oracle import BrokenPromiseError
from fengsui.exchange.simulator.plans import Plan, plan_for
from fengsui.exchange.simulator.stations import Station
from fengsui.exchange.simulator.world import Outcome, World

__all__ = ["BrokenPromiseError", "Outcome", "Plan", "Station", "World", "plan_for"]
