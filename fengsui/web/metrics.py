"""Counters of this web process, in the text form that Prometheus reads."""

from __future__ import annotations

import threading
from collections import Counter

BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_lock = threading.Lock()
_requests: Counter[tuple[str, int]] = Counter()
_buckets: Counter[float] = Counter()
_seconds_total = 0.0
_gauges: dict[str, float] = {}
_exchanges: Counter[int] = Counter()


def count_request(method: str, status: int, seconds: float) -> None:
    global _seconds_total
    bucket = next((limit for limit in BUCKETS_SECONDS if seconds <= limit), float("inf"))
    with _lock:
        _requests[method, status] += 1
        _buckets[bucket] += 1
        _seconds_total += seconds


def count_exchange(status: int) -> None:
    """A request of another node."""
    with _lock:
        _exchanges[status] += 1


def set_gauge(name: str, value: float) -> None:
    with _lock:
        _gauges[name] = value


def as_text() -> str:
    with _lock:
        requests, buckets, gauges = dict(_requests), dict(_buckets), dict(_gauges)
        exchanges = dict(_exchanges)
        seconds_total = _seconds_total
    lines = ["# TYPE fengsui_requests_total counter"]
    for (method, status), count in sorted(requests.items()):
        lines.append(f'fengsui_requests_total{{method="{method}",status="{status}"}} {count}')
    lines.append("# TYPE fengsui_exchange_requests_total counter")
    for status, count in sorted(exchanges.items()):
        lines.append(f'fengsui_exchange_requests_total{{status="{status}"}} {count}')
    lines.append("# TYPE fengsui_request_seconds histogram")
    running = 0
    for limit in (*BUCKETS_SECONDS, float("inf")):
        running += buckets.get(limit, 0)
        label = "+Inf" if limit == float("inf") else str(limit)
        lines.append(f'fengsui_request_seconds_bucket{{le="{label}"}} {running}')
    lines.append(f"fengsui_request_seconds_sum {seconds_total:.6f}")
    lines.append(f"fengsui_request_seconds_count {running}")
    for name, value in sorted(gauges.items()):
        lines.extend((f"# TYPE fengsui_{name} gauge", f"fengsui_{name} {value:g}"))
    return "\n".join(lines) + "\n"
