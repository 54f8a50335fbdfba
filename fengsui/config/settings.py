"""Django settings of one node. Everything a node keeps lives under FENGSUI_HOME."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

HOME = Path(os.environ.get("FENGSUI_HOME", ".fengsui")).resolve()
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)

# Only the process that owns the write connection sets this (see foundation/journal/writer.py).
IS_WRITER = os.environ.get("FENGSUI_ROLE", "") == "writer"
IS_DEMONSTRATION = os.environ.get("FENGSUI_DEMO", "") == "1"
DEBUG = False
# An installed program brings its pages along; a checkout has them where they are built.
_PACKAGED_PAGES = Path(__file__).parents[1] / "web" / "built"
_BUILT_PAGES = Path(__file__).parents[2] / "frontend" / "apps"
FRONTEND = Path(
    os.environ.get("FENGSUI_FRONTEND")
    or (_PACKAGED_PAGES if _PACKAGED_PAGES.is_dir() else _BUILT_PAGES)
)


def _secret_key() -> str:
    """Made once. Processes that start together may both try; a link decides who made it."""
    path = HOME / "secret.key"
    if not path.exists():
        draft = HOME / f"secret.key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("FENGSUI_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.sessions",
    "fengsui.foundation.journal",
    "fengsui.foundation.nodes",
    "fengsui.foundation.machine",
    "fengsui.foundation.ledgers",
    "fengsui.foundation.imports",
    "fengsui.foundation.places",
    "fengsui.foundation.people",
    "fengsui.foundation.accounts",
    "fengsui.foundation.devices",
    "fengsui.foundation.attachments",
    "fengsui.engines.calls",
    "fengsui.registers.risks",
    "fengsui.registers.venues",
    "fengsui.readiness.policies",
    "fengsui.readiness.watch",
    "fengsui.response.alerts",
    "fengsui.response.situation",
    "fengsui.response.evacuations",
    "fengsui.review.demonstration",
    "fengsui.review.replay",
    "fengsui.review.papers",
    "fengsui.review.retention",
    "fengsui.review.search",
    "fengsui.exchange.neighbours",
    "fengsui.exchange.links",
    "fengsui.exchange.bundles",
    "fengsui.exchange.telegrams",
    "fengsui.exchange.sheets",
]

MIDDLEWARE = [
    "fengsui.web.middleware.RequestIdMiddleware",
    "fengsui.web.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "fengsui.web.middleware.ApiCsrfMiddleware",
    "fengsui.web.middleware.ViewerMiddleware",
]

ROOT_URLCONF = "fengsui.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = False
APPEND_SLASH = False

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
    "PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;"
)
# There is one writer, but a reading connection for every thread of every web process.
# A process grows by as much before it is flat; a small machine may give it less.
WRITER_CACHE_KIB = int(os.environ.get("FENGSUI_WRITER_CACHE_KIB", "65536"))
READER_CACHE_KIB = int(os.environ.get("FENGSUI_READER_CACHE_KIB", "4096"))


def _sqlite(path: Path, *, writable: bool) -> dict[str, Any]:
    cache_kib = WRITER_CACHE_KIB if IS_WRITER else READER_CACHE_KIB
    pragmas = f"{SQLITE_PRAGMAS} PRAGMA cache_size=-{cache_kib};"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE" if writable else "DEFERRED",
            "init_command": pragmas + ("" if writable else " PRAGMA query_only=ON;"),
            "timeout": 10,
        },
    }


def _default_database() -> dict[str, Any]:
    url = os.environ.get("FENGSUI_DATABASE_URL", "")
    if not url:
        return _sqlite(HOME / "node.db", writable=IS_WRITER)
    parts = urlparse(url)
    read_only = "" if IS_WRITER else "-c default_transaction_read_only=on"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # ?host=/folder is how a server on a Unix socket is named.
        "HOST": parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"options": read_only} if read_only else {},
    }


DATABASES = {"default": _default_database(), "local": _sqlite(HOME / "local.db", writable=True)}
DATABASE_ROUTERS = ["fengsui.config.databases.LocalRouter"]

# 天地图 behind the map, where the county has a key for servers; see docs/interfaces/map.md.
TIANDITU_KEY = os.environ.get("FENGSUI_TIANDITU_KEY", "").strip()
TIANDITU_HOST = os.environ.get("FENGSUI_TIANDITU_HOST", "").strip()
TIANDITU_APPROVAL = os.environ.get("FENGSUI_TIANDITU_APPROVAL", "").strip()
TIANDITU_CACHE_MB = int(os.environ.get("FENGSUI_TIANDITU_CACHE_MB") or 0)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("FENGSUI_HTTPS", "") == "1"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
# The pages take the token from GET /session; a script injected anywhere could not read the cookie.
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
# The providers of single sign-on; without the file there are none (docs/interfaces/sign-on.md).
SIGN_ON_FILE = Path(os.environ.get("FENGSUI_SIGN_ON", str(HOME / "sign-on.json")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
TEMPLATES: list[dict[str, Any]] = []
# Each process sets its own logging up (see logs.py); Django must not replace it.
LOGGING_CONFIG = None
