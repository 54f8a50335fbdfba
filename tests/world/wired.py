"""A node whose apps are wired together, for one story: whatever runs after it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fengsui.config import wiring
from fengsui.engines.calls import services as calls
from fengsui.foundation.imports import services as imports
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import queries as watch
from fengsui.response.situation import queries as situation

HOOKS = (
    imports.set_viewer_resolver,
    calls.set_policy_source,
    calls.set_contact_resolver,
    calls.set_resolver,
    calls.set_number_listener,
    people.set_rota,
    watch.set_matters,
    situation.set_hearing_resolver,
)


@contextmanager
def wired_node() -> Iterator[None]:
    wiring.wire()
    try:
        yield
    finally:
        for hook in HOOKS:
            hook(None)


@pytest.fixture
def wired() -> Iterator[None]:
    """As a running node is, whatever ran in this process before."""
    with wired_node():
        yield
