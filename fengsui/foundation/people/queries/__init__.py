"""The reads on persons, posts, contacts and households.

Telephone numbers leave here masked. A full number goes only to the program itself (to call it)
and, by `services.reveal_contact`, to a person who gave a reason.
"""

from fengsui.foundation.people.queries.away import households_away, tonight_of
from fengsui.foundation.people.queries.dots import dots_mark, household_dots, households_placed
from fengsui.foundation.people.queries.duplicates import duplicates
from fengsui.foundation.people.queries.duty import DutyAsked, on_duty
from fengsui.foundation.people.queries.households import (
    contact_persons,
    contacts_rung,
    field_history,
    gate_household,
    household,
    households,
    households_in,
    households_of,
    households_revision,
    households_without_contact,
    households_without_number,
)
from fengsui.foundation.people.queries.parties import (
    HOUSEHOLD_TITLE,
    parties_for_households,
    parties_for_persons,
    parties_for_posts,
)
from fengsui.foundation.people.queries.persons import (
    contacts,
    duty_phones,
    first_phone,
    gate_contact,
    main_post_title,
    person,
    person_names,
    persons,
    persons_in,
    place_codes_of_persons,
    place_codes_of_posts,
    posts_at,
    posts_in,
    posts_without_holder,
    proven_days,
    titles_of,
    with_number,
)
from fengsui.foundation.people.queries.posts import (
    absences,
    my_absences,
    my_posts,
    post_tonight,
    posts_tonight,
    stand_in_history,
    standing_in,
)
from fengsui.foundation.people.queries.proving import numbers_to_verify
from fengsui.foundation.people.queries.replacing import replaced, standing_in_now
from fengsui.foundation.people.queries.standing import (
    absent_from_now,
    absent_holders,
    at_one_post_with,
    holders,
    only_in_the_grid,
    set_rota,
    stood_in_for,
)
from fengsui.foundation.people.rules import phone_masked

__all__ = [
    "HOUSEHOLD_TITLE",
    "DutyAsked",
    "absences",
    "absent_from_now",
    "absent_holders",
    "at_one_post_with",
    "contact_persons",
    "contacts",
    "contacts_rung",
    "dots_mark",
    "duplicates",
    "duty_phones",
    "field_history",
    "first_phone",
    "gate_contact",
    "gate_household",
    "holders",
    "household",
    "household_dots",
    "households",
    "households_away",
    "households_in",
    "households_of",
    "households_placed",
    "households_revision",
    "households_without_contact",
    "households_without_number",
    "main_post_title",
    "my_absences",
    "my_posts",
    "numbers_to_verify",
    "on_duty",
    "only_in_the_grid",
    "parties_for_households",
    "parties_for_persons",
    "parties_for_posts",
    "person",
    "person_names",
    "persons",
    "persons_in",
    "phone_masked",
    "place_codes_of_persons",
    "place_codes_of_posts",
    "post_tonight",
    "posts_at",
    "posts_in",
    "posts_tonight",
    "posts_without_holder",
    "proven_days",
    "replaced",
    "set_rota",
    "stand_in_history",
    "standing_in",
    "standing_in_now",
    "stood_in_for",
    "titles_of",
    "tonight_of",
    "with_number",
]
