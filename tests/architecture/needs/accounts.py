"""Signing in and out; accounts, roles, sessions, keys."""

from __future__ import annotations

from tests.architecture.needs import PUBLIC, Needs

NEEDS: Needs = {
    "GET /session": PUBLIC,
    "POST /session/link": PUBLIC,
    "POST /session/password": PUBLIC,
    "POST /session/end": PUBLIC,
}
