"""/healthz and /metrics: for the machine itself and whoever watches it, not for the network."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import client
from fengsui.foundation.machine import queries as machine
from fengsui.web import metrics
from fengsui.web.answers import problem_response
from fengsui.web.errors import NO_SUCH_PAGE

WRITER_GAUGES = ("commands", "groups", "refused", "queued", "hold_milliseconds_p99", "facts")


def _is_loopback(request: HttpRequest) -> bool:
    """A forwarded request came from elsewhere, whatever address the proxy has."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def database_is_readable() -> bool:
    try:
        for alias in ("default", "local"):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT count(*) FROM django_migrations")
                cursor.fetchone()
    except DatabaseError:
        return False
    return True


def writer_answers() -> bool:
    if settings.IS_WRITER:
        return True
    try:
        status = client.status()
    except Problem:
        return False
    for name in WRITER_GAUGES:
        metrics.set_gauge(f"writer_{name}", float(status[name]))
    return True


def healthz(request: HttpRequest) -> HttpResponse:
    if not _is_loopback(request):
        return problem_response(NO_SUCH_PAGE())
    parts = {"database": database_is_readable(), "writer": writer_answers()}
    healthy = all(parts.values())
    said = [one.code for one in machine.warnings()]
    return JsonResponse(
        {"healthy": healthy, **parts, "warnings": said}, status=200 if healthy else 503
    )


def metrics_page(request: HttpRequest) -> HttpResponse:
    if not _is_loopback(request):
        return problem_response(NO_SUCH_PAGE())
    metrics.set_gauge("writer_up", float(writer_answers()))
    return HttpResponse(metrics.as_text(), content_type="text/plain; version=0.0.4; charset=utf-8")
