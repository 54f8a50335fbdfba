"""The built front ends as files, and where "/" leads."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
)

from fengsui.web.answers import problem_response
from fengsui.web.errors import NO_SUCH_PAGE

APPS = ("desk", "field", "public")
YEAR = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
FIELD_ROLES = frozenset({"village_secretary", "grid_worker", "household_head", "venue_contact"})
KEPT_FILES = 256
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("font/woff2", ".woff2")

NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<title>烽燧 Fengsui</title>
<h1>页面还没有构建</h1><p>在程序目录运行 <code>make run</code>，它会先构建页面。</p>
<h1 lang="en">The pages are not built yet</h1>
<p lang="en">Run <code>make run</code> in the program's folder; it builds them first.</p></html>
"""


def root(request: HttpRequest) -> HttpResponse:
    """Signed in: to the desk, or to the phone pages for those who work outside; else public."""
    viewer = request.viewer  # type: ignore[attr-defined]
    roles = {grant.role for grant in viewer.grants}
    if not roles:
        return HttpResponseRedirect("/public/")
    return HttpResponseRedirect("/field/" if roles <= FIELD_ROLES else "/desk/")


def add_slash(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(request.path + "/")


def sign_in(request: HttpRequest) -> HttpResponse:
    return _index("desk", request)


def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """Only shows the page; the page posts the token.

    Messengers fetch links to preview them, and a fetch must not use the link up.
    """
    return _index("desk", request)


def app_page(request: HttpRequest, app: str, path: str = "") -> HttpResponse:
    """A file of a built front end; a path of the app's own router gets its index page."""
    folder = _dist(app)
    wanted = (folder / path).resolve()
    if not wanted.is_relative_to(folder):
        return problem_response(NO_SUCH_PAGE())
    if path and wanted.is_file():
        hashed = wanted.is_relative_to(folder / "assets")
        return _file(wanted, request, YEAR if hashed else ASK_FIRST)
    if Path(path).suffix:
        return problem_response(NO_SUCH_PAGE())
    return _index(app, request)


def favicon(request: HttpRequest) -> HttpResponse:
    for app in APPS:
        icon = _dist(app) / "favicon.svg"
        if icon.is_file():
            return _file(icon, request, ASK_FIRST)
    return HttpResponse(status=204)


def _dist(app: str) -> Path:
    folder: Path = settings.FRONTEND / app / "dist"
    return folder.resolve()


def _index(app: str, request: HttpRequest) -> HttpResponse:
    index = _dist(app) / "index.html"
    if not index.is_file():
        return HttpResponse(NOT_BUILT, status=503)
    return _file(index, request, ASK_FIRST)


def _file(path: Path, request: HttpRequest, cache: str) -> HttpResponse:
    content, tag, encoding = _read(path, path.stat().st_mtime_ns, _encodings(request))
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        text = kind.startswith("text/") or kind in ("application/json", "image/svg+xml")
        response = HttpResponse(content, content_type=f"{kind}; charset=utf-8" if text else kind)
        if encoding:
            response["Content-Encoding"] = encoding
    response["ETag"] = tag
    response["Cache-Control"] = cache
    response["Vary"] = "Accept-Encoding"
    return response


def _encodings(request: HttpRequest) -> tuple[str, ...]:
    offered = request.headers.get("Accept-Encoding", "")
    return tuple(name for name in ("br", "gzip") if name in offered)


@lru_cache(maxsize=KEPT_FILES)
def _read(path: Path, changed_ns: int, encodings: tuple[str, ...]) -> tuple[bytes, str, str]:
    """Content, tag and encoding. `changed_ns` is in the key so that a rebuild is seen at once."""
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        packed = path.with_name(path.name + suffix)
        if encoding in encodings and packed.is_file():
            content = packed.read_bytes()
            return content, _tag(content), encoding
    content = path.read_bytes()
    return content, _tag(content), ""


def _tag(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
