"""Where upstream is: from the environment or from the node's folder, and what may be trusted."""

from __future__ import annotations

import json
import os
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fengsui.exchange.links.errors import BAD_ADDRESS, PLAIN_ADDRESS

VARIABLE = "FENGSUI_UPSTREAM"
PLAIN_VARIABLE = "FENGSUI_UPSTREAM_PLAIN"  # 1: plain HTTP beyond this machine is accepted
FILE_NAME = "upstream.json"
STATUS_FILE = "link.json"
TRUST_FOLDER = "trust"


def upstream_urls(home: Path) -> list[str]:
    """Addresses of the node above, in the order they are tried; [] where there is none."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return [checked(one.strip()) for one in named.split(",") if one.strip()]
    try:
        plain = json.loads((home / FILE_NAME).read_text())
        return [checked(str(url)) for url in plain["urls"]]
    except FileNotFoundError:
        return []


def write_urls(home: Path, urls: list[str]) -> None:
    part = home / f"{FILE_NAME}.part"
    part.write_text(json.dumps({"urls": urls}))
    part.replace(home / FILE_NAME)


def checked(url: str) -> str:
    """The address without a trailing slash. Raises links.bad_address or links.plain_address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise BAD_ADDRESS(url=url)
    may_be_plain = is_loopback(parts.hostname) or os.environ.get(PLAIN_VARIABLE, "") == "1"
    if parts.scheme == "http" and not may_be_plain:
        raise PLAIN_ADDRESS(url=url)
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_loopback_url(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


def tls_context(home: Path) -> ssl.SSLContext:
    """The system's authorities and those in the node's folder trust/*.crt."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in sorted((home / TRUST_FOLDER).glob("*.crt")):
        context.load_verify_locations(cafile=str(path))
    return context


def write_status(home: Path, status: dict[str, Any]) -> None:
    """How the link stands, for `fengsui link show` and `fengsui doctor`."""
    part = home / f"{STATUS_FILE}.part"
    part.write_text(json.dumps(status, ensure_ascii=False))
    part.replace(home / STATUS_FILE)


def read_status(home: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((home / STATUS_FILE).read_text())
        return found
    except (FileNotFoundError, ValueError):
        return {}
