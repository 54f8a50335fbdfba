"""The verbs on persons, posts, contacts and households."""

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

__all__ = [
    "ROWS_PER_COMMAND",
    "change_household",
    "end_holding",
    "prove_contacts",
    "record_contact_points",
    "record_holdings",
    "record_households",
    "record_persons",
    "record_posts",
    "record_presence",
    "register_households",
    "register_people",
    "rename_person",
    "replace_contact",
    "reveal_contact",
]
