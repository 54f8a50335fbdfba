"""The reads of duty. Each public one takes a viewer and shows what that viewer may see."""

from fengsui.readiness.watch.queries.checking import check_in, check_ins, my_check_in
from fengsui.readiness.watch.queries.handing import (
    handovers,
    matters,
    notes,
    roll_call,
    roll_calls,
    standing,
)
from fengsui.readiness.watch.queries.hooks import Matter, set_matters
from fengsui.readiness.watch.queries.reporting import incidents
from fengsui.readiness.watch.queries.rota import room, rooms, rota, rotas, shifts, tonight

__all__ = [
    "Matter",
    "check_in",
    "check_ins",
    "handovers",
    "incidents",
    "matters",
    "my_check_in",
    "notes",
    "roll_call",
    "roll_calls",
    "room",
    "rooms",
    "rota",
    "rotas",
    "set_matters",
    "shifts",
    "standing",
    "tonight",
]
