"""天地图 behind the county's own map: fetched by the node, so that the key never leaves it.

A tile is nothing that calling waits for: few are fetched at a time, each for a few seconds, and
while the other side is down nobody asks it. The page then shows the county's own layers.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from fengsui.foundation.access.problems import SIGN_IN_FIRST
from fengsui.foundation.access.requests import signed_in
from fengsui.gateways import tianditu
from fengsui.web.answers import problem_response
from fengsui.web.errors import NO_TILES, TILES_UNREACHABLE
from fengsui.web.middleware import viewer_of
from fengsui.web.tile_store import TileStore

router = Router(tags=["map"])

AT_ONCE_MAX = 4  # threads that tiles may hold; everything else the node does needs the rest
PAUSE_SECONDS = 30.0  # after a failure nobody asks again for this long
TILE_SECONDS_MAX = 5.0
BROWSER_KEEPS = "private, max-age=3600"
log = logging.getLogger("fengsui.tiles")


class TileLayerOut(Schema):
    name: str
    names: str
    zh: str
    en: str


class TilesOut(Schema):
    is_set: bool
    layers: list[TileLayerOut]
    attribution: str
    approval_number: str
    zoom_min: int
    zoom_max: int


class _Line:
    """Whether the other side answers, and how many ask it just now."""

    def __init__(self) -> None:
        self.places = threading.BoundedSemaphore(AT_ONCE_MAX)
        self.failed_at: float | None = None

    def is_paused(self) -> bool:
        return self.failed_at is not None and time.monotonic() - self.failed_at < PAUSE_SECONDS

    def fetch(self, where: str) -> bytes | None:
        """The image, or None where the line is down, paused or taken."""
        if self.is_paused() or not self.places.acquire(blocking=False):
            return None
        late = time.monotonic() + TILE_SECONDS_MAX
        try:
            content = tianditu.fetch(where, lambda: time.monotonic() > late)
        except tianditu.TileUnavailableError as error:
            self.failed_at = time.monotonic()
            log.warning("tianditu: %s", error)
            return None
        finally:
            self.places.release()
        self.failed_at = None
        return content


line = _Line()


@router.get("/map/tiles", response=TilesOut)
def tiles_offered(request: HttpRequest) -> dict[str, Any]:
    """Whether this node has 天地图, and what must be shown with it. The key is not told."""
    signed_in(request)
    is_set = _host() != ""
    return {
        "is_set": is_set,
        "layers": [
            {"name": one.name, "names": one.names, "zh": one.zh, "en": one.en}
            for one in tianditu.LAYERS
            if is_set
        ],
        "attribution": tianditu.ATTRIBUTION if is_set else "",
        "approval_number": settings.TIANDITU_APPROVAL if is_set else "",
        "zoom_min": tianditu.ZOOM_MIN,
        "zoom_max": tianditu.ZOOM_MAX,
    }


def tile(request: HttpRequest, layer: str, zoom: int, column: int, row: int) -> HttpResponse:
    """One tile for somebody who is signed in; nothing but tiles can be asked for through it."""
    if not viewer_of(request).person_id:
        return problem_response(SIGN_IN_FIRST())
    host = _host()
    if not host or not tianditu.is_tile(layer, zoom, column, row):
        return problem_response(NO_TILES())
    store = _store()
    content = store.read(layer, zoom, column, row)
    if content is None:
        key = settings.TIANDITU_KEY
        content = line.fetch(tianditu.address(host, layer, zoom, column, row, key))
        if content is None:
            return problem_response(TILES_UNREACHABLE())
        store.keep(layer, zoom, column, row, content)
    answer = HttpResponse(content, content_type=tianditu.image_type(content))
    answer["Cache-Control"] = BROWSER_KEEPS
    return answer


def _host() -> str:
    """Where tiles come from; "" where no key is set or the settings make no sense."""
    host: str = settings.TIANDITU_HOST or tianditu.HOST_PATTERN
    if not tianditu.is_key(settings.TIANDITU_KEY) or tianditu.host_fault(host):
        return ""
    return host


def _store() -> TileStore:
    return TileStore(Path(settings.HOME) / "tiles", settings.TIANDITU_CACHE_MB << 20)
