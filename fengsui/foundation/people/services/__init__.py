"""The verbs on persons, posts, contacts and households."""

from fengsui.foundation.people.services.away import record_household_away, record_household_back
from fengsui.foundation.people.services.changes import (
    change_household,
    end_holding,
    prove_contacts,
    record_presence,
    rename_person,
    replace_contact,
    reveal_contact,
)
from fengsui.foundation.people.services.loading import (
    ROWS_PER_COMMAND,
    record_contact_points,
    record_holdings,
    record_households,
    record_persons,
    record_posts,
    register_households,
    register_people,
)
from fengsui.foundation.people.services.merging import merge_persons, preview_merge, tell_apart
from fengsui.foundation.people.services.proving import (
    NumberRung,
    note_contacts_dead,
    note_numbers_rung,
    set_proven_days,
)
from fengsui.foundation.people.services.tonight import (
    check_may_name,
    end_absence,
    end_stand_in,
    name_stand_in,
    report_absence,
)

__all__ = [
    "ROWS_PER_COMMAND",
    "NumberRung",
    "change_household",
    "check_may_name",
    "end_absence",
    "end_holding",
    "end_stand_in",
    "merge_persons",
    "name_stand_in",
    "note_contacts_dead",
    "note_numbers_rung",
    "preview_merge",
    "prove_contacts",
    "record_contact_points",
    "record_holdings",
    "record_household_away",
    "record_household_back",
    "record_households",
    "record_persons",
    "record_posts",
    "record_presence",
    "register_households",
    "register_people",
    "rename_person",
    "replace_contact",
    "report_absence",
    "reveal_contact",
    "set_proven_days",
    "tell_apart",
]
