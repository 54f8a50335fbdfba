"""The verbs of duty. Every one is a command: check, decide, record, apply."""

from fengsui.readiness.watch.services.calendars import (
    calendar_of,
    import_calendar,
    read_calendar,
)
from fengsui.readiness.watch.services.calling import open_roll_call
from fengsui.readiness.watch.services.checking import (
    check_in,
    end_check_ins,
    start_check_ins,
    watch_check_ins,
)
from fengsui.readiness.watch.services.handing import close_note, leave_note, sign_handover
from fengsui.readiness.watch.services.planning import (
    change_shift,
    plan_rota,
    planning_room,
    set_rule,
    turns,
)
from fengsui.readiness.watch.services.reporting import (
    close_incident,
    correct_incident,
    enter_incident,
    give_late_reason,
    record_report,
    reopen_incident,
)

__all__ = [
    "calendar_of",
    "change_shift",
    "check_in",
    "close_incident",
    "close_note",
    "correct_incident",
    "end_check_ins",
    "enter_incident",
    "give_late_reason",
    "import_calendar",
    "leave_note",
    "open_roll_call",
    "plan_rota",
    "planning_room",
    "read_calendar",
    "record_report",
    "reopen_incident",
    "set_rule",
    "sign_handover",
    "start_check_ins",
    "turns",
    "watch_check_ins",
]
