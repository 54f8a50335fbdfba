"""What happens to every request: an id, safe headers, a CSRF check on the API, a viewer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY, Viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.errors import KEY_MAY_NOT, KEY_REFUSED
from fengsui.foundation.accounts.queries import viewer_for_key
from fengsui.foundation.devices.queries import viewer_of_session
from fengsui.gateways.certificates import is_private
from fengsui.web import metrics
from fengsui.web.answers import problem_response
from fengsui.web.errors import STALE_PAGE

Handler = Callable[[HttpRequest], HttpResponseBase]
API_PREFIX = "/api/"
# A carrier has no session to ride on; it proves itself by the callback's own secret.
CALLBACK_PREFIX = "/api/v1/callbacks/"
SLOW_SECONDS = 1.0
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Where other systems may go; what a person has to do in person is not among it.
KEY_ROOMS = frozenset(
    {
        "alerts",
        "callouts",
        "change-sets",
        "exports",
        "imports",
        "ledgers",
        "map",
        "public",
        "record",
        "situation",
    }
)
KEY_REQUESTS_PER_MINUTE = 240
KEYS_REFUSED_PER_MINUTE = 30
WATCHED_BY_MACHINES = frozenset({"/healthz", "/metrics"})
log = logging.getLogger("fengsui.web")

# style-src-attr: map and chart libraries position elements by style attributes; that cannot run
# code. Everything else is our own origin only, and nobody may put our pages in a frame.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# A week: long enough against a stripped address, short enough that a box whose certificate ran
# out offline can be reached by plain HTTP again. Never for names that mean something on a LAN only.
HSTS = "max-age=604800"
SAFE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class RequestIdMiddleware:
    """Gives the request its id, and writes one log line and one count when it is over."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        identity = request_id.chosen(request.headers.get(request_id.HEADER, ""))
        with request_id.during(identity):
            return self._serve(request, identity)

    def _serve(self, request: HttpRequest, identity: str) -> HttpResponseBase:
        request.request_id = identity  # type: ignore[attr-defined]
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        response[request_id.HEADER] = identity
        metrics.count_request(request.method or "", response.status_code, seconds)
        level = logging.WARNING if seconds > SLOW_SECONDS else logging.INFO
        if request.path in WATCHED_BY_MACHINES:
            level = logging.DEBUG
        log.log(
            level,
            "%s %s %d",
            request.method,
            _path_for_log(request.path),
            response.status_code,
            extra={"milliseconds": round(seconds * 1000, 1)},
        )
        return response


def _path_for_log(path: str) -> str:
    """A one-time link in a log would be a key lying in a drawer."""
    return "/link/…" if path.startswith("/link/") else path


class SecurityHeadersMiddleware:
    """Sets the safe headers on every answer; nothing dynamic is kept by a cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in SAFE_HEADERS.items():
            response.setdefault(name, value)
        response.setdefault("Cache-Control", "no-store")
        host = request.get_host().rsplit(":", 1)[0] if request.is_secure() else ""
        if host and not is_private(host):
            response.setdefault("Strict-Transport-Security", HSTS)
        return response


class ApiCsrfMiddleware(CsrfViewMiddleware):
    """Django's check, but also where Ninja marks its views exempt, and refusing in our words."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        from_a_carrier = request.path.startswith(CALLBACK_PREFIX)
        if request.viewer.key_id:  # type: ignore[attr-defined]
            # A browser never sends this header by itself, and the cookie beside it counts nothing.
            return None
        if request.path.startswith(API_PREFIX) and not from_a_carrier:
            callback = _checked
        return super().process_view(request, callback, callback_args, callback_kwargs)

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseForbidden:
        log.warning("csrf: %s", reason)
        refusal = problem_response(STALE_PAGE())
        return HttpResponseForbidden(refusal.content, content_type=refusal["Content-Type"])


def _checked(*_: Any) -> HttpResponse:
    """A view without `csrf_exempt`, standing in for the real one while the check looks at it."""
    raise NotImplementedError


class ViewerMiddleware:
    """`request.viewer`: who asks. Files need nobody, so only the API and "/" look it up."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.path == "/" or request.path.startswith(API_PREFIX)
        request.viewer = NOBODY  # type: ignore[attr-defined]
        try:
            if asked:
                request.viewer = viewer_of(request)  # type: ignore[attr-defined]
        except Problem as problem:
            return problem_response(problem)
        return self.get_response(request)


def viewer_of(request: HttpRequest) -> Viewer:
    """Whoever the key stands for where there is one, else whoever the session belongs to."""
    offered = request.headers.get("Authorization", "")
    if request.path.startswith(API_PREFIX) and offered:
        return viewer_of_key(request, offered)
    session = request.session
    if not session.session_key:
        return NOBODY
    viewer = viewer_of_session(session, request_id=request_id.current())
    if viewer.person_id and request.method not in READING:
        accounts.use_session(session)
    return viewer


def viewer_of_key(request: HttpRequest, offered: str) -> Viewer:
    """Raises accounts.key_refused, accounts.key_may_not, accounts.too_many_requests."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    scheme, _, token = offered.partition(" ")
    if scheme.lower() != "bearer":
        raise KEY_REFUSED()
    viewer = viewer_for_key(token.strip()[:200], request_id=request_id.current())
    if viewer is None:
        accounts.meter.count(f"refused:{address}", KEYS_REFUSED_PER_MINUTE)
        raise KEY_REFUSED()
    accounts.meter.count(f"key:{viewer.key_id}", KEY_REQUESTS_PER_MINUTE)
    if request.path.removeprefix(API_PREFIX + "v1/").split("/", 1)[0] not in KEY_ROOMS:
        raise KEY_MAY_NOT()
    accounts.note_use(viewer.key_id, address=address)
    return viewer
