"""Signing in and out; accounts, roles, sessions, keys, single sign-on."""

from __future__ import annotations

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.models import RoleGrant, SessionNote
from fengsui.foundation.journal import clock
from tests.architecture.needs import PUBLIC, SIGNED_IN, Needs, P
from tests.world import county as world

KEEPERS = {P.MANAGE_ACCOUNTS, P.ENROL_PEOPLE}
NEEDS: Needs = {
    "GET /session": PUBLIC,
    "POST /session/link": PUBLIC,
    "POST /session/password": PUBLIC,
    "POST /session/code": PUBLIC,  # for a sign-in that waits for it; else nothing is pending
    "POST /session/new-password": PUBLIC,  # the same, or one's own
    "POST /session/factor/start": PUBLIC,
    "POST /session/factor/confirm": PUBLIC,
    "GET /session/factor": SIGNED_IN,
    "POST /session/factor/remove": SIGNED_IN,
    "POST /session/here": SIGNED_IN,
    "POST /session/end": PUBLIC,
    "GET /sign-on/{provider}/start": PUBLIC,
    "POST /sign-on/{provider}/link": SIGNED_IN,
    "GET /sign-on/{provider}/back": PUBLIC,
    "GET /identities": SIGNED_IN,
    "POST /identities/{identity_id}/unlink": SIGNED_IN,
    "GET /accounts": KEEPERS,
    "GET /accounts/candidates": KEEPERS,
    "POST /accounts": KEEPERS,
    "GET /accounts/{person_id}": KEEPERS,
    "POST /accounts/{person_id}/link": KEEPERS,
    "POST /accounts/grants/{grant_id}/end": KEEPERS,
    "POST /accounts/{person_id}/end": KEEPERS,
    "POST /accounts/{person_id}/unlock": KEEPERS,
    "POST /accounts/{person_id}/reset-factor": {P.MANAGE_ACCOUNTS},
    "GET /accounts/{person_id}/sessions": {P.MANAGE_ACCOUNTS},
    "GET /sessions": SIGNED_IN,
    "POST /sessions/{session_id}/end": SIGNED_IN,  # one's own; a foreign one is not found
    "POST /sessions/end-others": SIGNED_IN,
    "GET /sign-ins": {P.READ_SIGN_INS},
    "GET /roles": SIGNED_IN,
    "GET /roles/givable": SIGNED_IN,
    "POST /roles": {P.MANAGE_ACCOUNTS},
    "PUT /roles/{role}": {P.MANAGE_ACCOUNTS},
    "POST /roles/{role}/withdraw": {P.MANAGE_ACCOUNTS},
    "GET /sign-in-rules": SIGNED_IN,
    "PUT /sign-in-rules": {P.MANAGE_ACCOUNTS},
    "GET /api-keys": SIGNED_IN,
    "POST /api-keys": {P.MAKE_KEYS},
    "POST /api-keys/{api_key_id}/revoke": SIGNED_IN,  # one's own; a foreign one is not found
}
KNOWN = {"provider": "none", "identity_id": "1", "api_key_id": "1"}
WORDS = {
    "person_id": "1",
    "role": "household_head",
    "permissions": ["see_alerts"],
    "changed": {"lock_minutes": 20},
}


def known(county: world.County) -> dict[str, str]:
    """The account of a grid worker of the village, with a session, and a role of the county's."""
    worker = county.ids["shitan_grid"]
    grant = RoleGrant.objects.get(person_id=worker, revoked_at=None)
    now = clock.now()
    note = SessionNote.objects.create(
        id="0" * 32,
        session_key="shitan",
        person_id=worker,
        how="password",
        begun_at=now,
        active_at=now,
    )
    own = accounts.define_role(
        viewer=node_viewer(),
        name_zh="驻村工作队",
        name_en="village team",
        permissions=["see_places", "see_households"],
        granted_by=["township_officer"],
        place_code=world.QINGSHI,
    )
    return {
        "person_id": str(worker),
        "grant_id": str(grant.pk),
        "session_id": note.pk,
        "role": own["code"],
    }
