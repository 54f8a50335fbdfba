"""The journal's verbs: `command`, `record`, `on_commit_notify`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import Fact, FactKind

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Listener = Callable[[str, dict[str, Any]], None]

COMMANDS: dict[str, Callable[..., Any]] = {}
_listeners: list[Listener] = []


def command(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Makes a write service: it runs where the write connection lives, durable before it returns.

    In the writer (and in tests) it runs here; elsewhere the call goes over the writer's socket.
    A command inside a command is part of the outer one.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    COMMANDS[name] = function

    @wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if args:
            raise TypeError(f"{name} takes keyword arguments only")
        if not settings.IS_WRITER:
            from fengsui.foundation.journal import client

            result: Result = client.call(name, kwargs)
            return result
        with ledgers.writing():
            ledger = ledgers.current()
            if ledger.depth:
                return function(*args, **kwargs)
            with ledger.group():
                result = function(*args, **kwargs)
            announce(ledger.take_notices())
            return result

    return call


def record(
    kind: FactKind,
    *,
    fields: Mapping[str, Any],
    scope: str,
    viewer: Viewer,
    personal: Mapping[str, Any] | None = None,
    items: Sequence[Mapping[str, Any]] = (),
    cause: Fact | bytes | None = None,
    about: Sequence[int] = (),
) -> Fact:
    """Appends a fact to its chain and applies it at once, in the command's transaction.

    `about`: ids of the entities the fact speaks of, for timelines; they are part of the fact.
    """
    return ledgers.current().record(
        kind,
        fields=fields,
        personal=personal,
        items=items,
        scope=scope,
        actor=viewer.person_id,
        cause=cause.id if isinstance(cause, Fact) else cause,
        about=about,
    )


def on_commit_notify(topic: str, data: dict[str, Any]) -> None:
    """Pushes `data` to the live streams of `topic` once the command is on the disk."""
    ledgers.current().notices.append((topic, data))


def add_listener(listener: Listener) -> Callable[[], None]:
    """Calls `listener(topic, data)` after commits of this process; returns how to stop that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def announce(notices: list[tuple[str, dict[str, Any]]]) -> None:
    for topic, data in notices:
        for listener in tuple(_listeners):
            listener(topic, data)
