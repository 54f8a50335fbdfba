"""/healthz and /metrics: for the machine itself and whoever watches it, not for the network."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from fengsui.exchange.neighbours import queries as neighbours
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import client, clock
from fengsui.foundation.machine import queries as machine
from fengsui.web import metrics
from fengsui.web.answers import problem_response
from fengsui.web.errors import NO_SUCH_PAGE
from fengsui.web.exchange import exchange

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
    upstream = neighbours.not_received_upstream()
    metrics.set_gauge("upstream_facts_not_received", upstream.facts)
    metrics.set_gauge("upstream_life_safety_not_received", upstream.life_safety)
    if upstream.last_heard_at is not None:
        silent = (clock.now() - upstream.last_heard_at).total_seconds()
        metrics.set_gauge("upstream_silent_seconds", round(silent, 1))
    for name, value in exchange.status().items():
        metrics.set_gauge(f"exchange_{name}", value)
    return HttpResponse(metrics.as_text(), content_type="text/plain; version=0.0.4; charset=utf-8")
