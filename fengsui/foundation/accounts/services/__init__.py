"""The verbs on accounts: roles are facts; links, passwords, codes, sessions stay here."""

from fengsui.foundation.accounts.services.factors import (
    check_code,
    confirm_factor,
    remove_factor,
    start_factor,
)
from fengsui.foundation.accounts.services.founding import first_administrators
from fengsui.foundation.accounts.services.granting import (
    end_account,
    grant_until,
    may_act_on,
    note_sign_in,
    record_link_made,
    record_secret_change,
    register_account,
    revoke_role,
)
from fengsui.foundation.accounts.services.identities import link_identity, unlink_identity
from fengsui.foundation.accounts.services.keys import make_key, meter, note_use, revoke_key
from fengsui.foundation.accounts.services.roles import define_role, set_policy, withdraw_role
from fengsui.foundation.accounts.services.sessions import (
    begin_session,
    end_one,
    end_others,
    end_session,
    keep_session,
    use_session,
)
from fengsui.foundation.accounts.services.signing_in import (
    browser_mark,
    check_old_password,
    check_sign_in,
    forget_password,
    make_one_time_link,
    note_attempt,
    owner_of_name,
    set_password,
    spoil_links,
    unlock,
    use_one_time_link,
)

__all__ = [
    "begin_session",
    "browser_mark",
    "check_code",
    "check_old_password",
    "check_sign_in",
    "confirm_factor",
    "define_role",
    "end_account",
    "end_one",
    "end_others",
    "end_session",
    "first_administrators",
    "forget_password",
    "grant_until",
    "keep_session",
    "link_identity",
    "make_key",
    "make_one_time_link",
    "may_act_on",
    "meter",
    "note_attempt",
    "note_sign_in",
    "note_use",
    "owner_of_name",
    "record_link_made",
    "record_secret_change",
    "register_account",
    "remove_factor",
    "revoke_key",
    "revoke_role",
    "set_password",
    "set_policy",
    "spoil_links",
    "start_factor",
    "unlink_identity",
    "unlock",
    "use_one_time_link",
    "use_session",
    "withdraw_role",
]
