"""One exchange of a session over HTTPS."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["links"])
