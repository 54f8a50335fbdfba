"""Signing in, accounts, roles, keys and single sign-on over HTTP."""

from ninja import Router

from fengsui.foundation.accounts.api import enrolment, roles, session, sign_on

router = Router()
for _part in (session, enrolment, roles, sign_on):
    router.add_router("", _part.router)
