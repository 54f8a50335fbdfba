"""Which single sign-on identity is which person: said by the person, on the desk."""

from __future__ import annotations

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.accounts.errors import IDENTITY_TAKEN
from fengsui.foundation.accounts.facts import IDENTITY_LINKED, IDENTITY_UNLINKED
from fengsui.foundation.accounts.models import Identity
from fengsui.foundation.accounts.queries.secrets import person_of_identity
from fengsui.foundation.journal.services import command, record


@command
def link_identity(*, viewer: Viewer, issuer: str, subject: str) -> dict[str, int]:
    """Ties the identity to the person who is signed in. One subject is one person."""
    known = person_of_identity(issuer, subject)
    if known is not None and known != viewer.person_id:
        raise IDENTITY_TAKEN()
    if known is not None:
        row = Identity.objects.get(
            issuer=issuer, subject=subject, person_id=known, unlinked_at=None
        )
        return {"identity_id": row.pk}
    fact = record(
        IDENTITY_LINKED,
        fields={"person_id": viewer.person_id, "issuer": issuer},
        personal={"subject": subject},
        scope=_scope(viewer),
        viewer=viewer,
        about=[viewer.person_id],
    )
    return {"identity_id": fact.entity()}


@command
def unlink_identity(*, viewer: Viewer, identity_id: int, reason: str) -> dict[str, int]:
    """By the person, or by who manages accounts."""
    row = Identity.objects.filter(id=identity_id, unlinked_at=None).first()
    if row is None or not (
        row.person_id == viewer.person_id or viewer.scopes(Permission.MANAGE_ACCOUNTS)
    ):
        raise NOT_FOUND()
    record(
        IDENTITY_UNLINKED,
        fields={"identity_id": identity_id, "reason": reason},
        scope=_scope(viewer),
        viewer=viewer,
        about=[row.person_id],
    )
    return {"identity_id": identity_id}


def _scope(viewer: Viewer) -> str:
    prefix = viewer.grants[0].scope.prefix if viewer.grants else ""
    return prefix.ljust(12, "0")
