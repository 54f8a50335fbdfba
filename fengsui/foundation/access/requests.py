"""From an HTTP request to the person who makes it."""

from __future__ import annotations

from django.http import HttpRequest

from fengsui.foundation.access.problems import SIGN_IN_FIRST
from fengsui.foundation.access.viewer import Viewer


def signed_in(request: HttpRequest) -> Viewer:
    """The signed-in person of a request. Raises access.sign_in_first for a visitor."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if not viewer.person_id:
        raise SIGN_IN_FIRST()
    return viewer
