"""Tiles of 天地图 (National Platform for Common GeoSpatial Information Services) by WMTS 1.0.0.

Only the address that its documentation gives is ever made: one of eight hosts of one pattern,
a layer of a fixed list, whole numbers for the tile. `_w` layers are EPSG:3857.
http://lbs.tianditu.gov.cn/server/MapService.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

HOST_PATTERN = "https://t{n}.tianditu.gov.cn"
HOSTS = 8
ZOOM_MIN, ZOOM_MAX = 1, 18
TILE_BYTES_MAX = 512 * 1024
CONNECT_SECONDS = 1.5
ANSWER_SECONDS = 3.0
ATTRIBUTION = "天地图 © 国家地理信息公共服务平台"
_KEY = re.compile(r"[0-9a-fA-F]{8,64}")
_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class TileLayer:
    """A layer that may be asked for; `names` is what is drawn over it."""

    name: str
    zh: str
    en: str
    names: str


LAYERS = (
    TileLayer("vec", "天地图 电子地图", "Tianditu map", "cva"),
    TileLayer("img", "天地图 卫星影像", "Tianditu imagery", "cia"),
    TileLayer("ter", "天地图 地形晕渲", "Tianditu relief", "cta"),
)
LAYER_NAMES = frozenset(name for one in LAYERS for name in (one.name, one.names))


class TileUnavailableError(Exception):
    """No tile came; the text is for the log and never holds the key."""


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def is_tile(layer: str, zoom: int, column: int, row: int) -> bool:
    """Whether such a tile exists at all."""
    if layer not in LAYER_NAMES or not ZOOM_MIN <= zoom <= ZOOM_MAX:
        return False
    return 0 <= column < 1 << zoom and 0 <= row < 1 << zoom


def host_fault(host: str) -> str:
    """ "" where `host` may stand for the eight: https, or http on this machine only."""
    parts = urlsplit(host)
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc or not parts.hostname:
        return "need scheme://host[:port] and nothing else"
    if parts.scheme == "https":
        return ""
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return ""
    return "need https"


def address(host: str, layer: str, zoom: int, column: int, row: int, key: str) -> str:
    """The one address of a tile. Raises ValueError for what is no tile."""
    if not is_tile(layer, zoom, column, row):
        raise ValueError("no such tile")
    query = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": layer,
        "STYLE": "default",
        "TILEMATRIXSET": "w",
        "FORMAT": "tiles",
        "TILEMATRIX": zoom,
        "TILEROW": row,
        "TILECOL": column,
        "tk": key,
    }
    server = host.replace("{n}", str((column + row) % HOSTS))
    return f"{server}/{layer}_w/wmts?{urlencode(query)}"


def image_type(content: bytes) -> str:
    """The media type by the first bytes, whatever the answer called itself; "" if no image."""
    for mark, kind in _IMAGES.items():
        if content.startswith(mark):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def fetch(where: str, is_late: Callable[[], bool]) -> bytes:
    """The image of a tile. Raises TileUnavailableError; never follows a redirect.

    `is_late` is asked between the pieces of an answer that drips.
    """
    import httpx  # only where tiles are asked for

    limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    # 天地图 refuses server keys that come with a browser's name.
    headers = {"User-Agent": "fengsui", "Accept": "image/*"}
    try:
        with (
            httpx.Client(timeout=limits, headers=headers, trust_env=False) as line,
            line.stream("GET", where) as answer,
        ):
            if answer.status_code != 200:
                raise TileUnavailableError(f"answered {answer.status_code}")
            content = bytearray()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > TILE_BYTES_MAX:
                    raise TileUnavailableError("more than a tile")
                if is_late():
                    raise TileUnavailableError("too slow")
    except httpx.HTTPError as error:
        raise TileUnavailableError(type(error).__name__) from None
    if not image_type(bytes(content)):
        raise TileUnavailableError("no image")
    return bytes(content)
