"""The reads on accounts: viewers, roles, accounts, sessions, keys, the list of sign-ins."""

from fengsui.foundation.accounts.queries.accounts import (
    account,
    accounts,
    candidates,
    is_in_sight,
)
from fengsui.foundation.accounts.queries.keys import keys, viewer_for_key
from fengsui.foundation.accounts.queries.roles import all_roles, givable, role_as_data, role_names
from fengsui.foundation.accounts.queries.secrets import (
    factor_state,
    identities_of,
    last_sign_in,
    needs_factor,
    password_of,
    person_of_identity,
    policy_page,
    sessions_of,
    sign_ins,
)
from fengsui.foundation.accounts.queries.viewers import (
    SESSION_NOTE,
    SESSION_PERSON,
    desk_now,
    holders_of,
    in_force,
    policy,
    viewer_for_person,
    viewer_of_session,
    viewer_of_signed,
)

__all__ = [
    "SESSION_NOTE",
    "SESSION_PERSON",
    "account",
    "accounts",
    "all_roles",
    "candidates",
    "desk_now",
    "factor_state",
    "givable",
    "holders_of",
    "identities_of",
    "in_force",
    "is_in_sight",
    "keys",
    "last_sign_in",
    "needs_factor",
    "password_of",
    "person_of_identity",
    "policy",
    "policy_page",
    "role_as_data",
    "role_names",
    "sessions_of",
    "sign_ins",
    "viewer_for_key",
    "viewer_for_person",
    "viewer_of_session",
    "viewer_of_signed",
]
