"""Standing authorisations: a leader signs beforehand, and stops it."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, record
from fengsui.response.alerts import facts, rules
from fengsui.response.alerts.errors import (
    BAD_AUTHORISATION,
    REASON_NEEDED,
)
from fengsui.response.alerts.models import Authorisation
from fengsui.standards.instants import to_ms


@command
def sign_authorisation(
    *,
    viewer: Viewer,
    levels: list[str],
    place_code: str,
    valid_from: datetime,
    valid_until: datetime,
    note: str = "",
) -> dict[str, int]:
    """A leader signs beforehand that verified official orange or red warnings run at once."""
    require(viewer, Permission.APPROVE_ALERT, place_code)
    known = set(levels) and set(levels) <= rules.LEVELS_UNDER_STANDING_AUTHORISATION
    if not known or valid_until <= valid_from:
        raise BAD_AUTHORISATION()
    fact = record(
        facts.AUTHORISATION_SIGNED,
        fields={
            "levels": sorted(levels),
            "place_code": place_code,
            "valid_from": to_ms(valid_from),
            "valid_until": to_ms(valid_until),
            "note": note,
        },
        scope=place_code,
        viewer=viewer,
    )
    return {"authorisation_id": fact.entity()}


@command
def stop_authorisation(*, viewer: Viewer, authorisation_id: int, reason: str) -> dict[str, int]:
    """The leader stops it; warnings that arrive from now on wait for a second person again."""
    row = Authorisation.objects.filter(id=authorisation_id).first()
    if row is None:
        raise NOT_FOUND()
    require(viewer, Permission.APPROVE_ALERT, row.place_code)
    if not reason.strip():
        raise REASON_NEEDED()
    record(
        facts.AUTHORISATION_STOPPED,
        fields={"authorisation_id": authorisation_id, "reason": reason.strip()},
        scope=row.place_code,
        viewer=viewer,
        about=[authorisation_id],
    )
    return {"authorisation_id": authorisation_id}
