"""What the installed apps bring: fact kinds, applies, judges, jobs and commands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps

from fengsui.foundation.journal.facts import Fact, FactKind
from fengsui.foundation.journal.jobs import Job, held
from fengsui.foundation.journal.standing import Standing

# The tests bring an app of their own, which stands for any app.
OUR_PACKAGES = ("fengsui.", "tests.")

Apply = Callable[[Fact], int | None]
# The same for several facts of one kind: what each waits for. Tables as after one by one.
ApplyMany = Callable[[Sequence[Fact]], Sequence[int | None]]
Judge = Callable[[Fact], str | None]
StandingOf = Callable[[int, bytes], Standing | None]  # suite, public key


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All kinds by number and by name, with what is done with them."""

    by_number: Mapping[int, FactKind]
    by_name: Mapping[str, FactKind]
    apply: Mapping[str, Apply]
    apply_many: Mapping[str, ApplyMany]
    judge: Mapping[str, Judge]
    standing: StandingOf | None = None


def _modules(name: str) -> list[ModuleType]:
    modules = []
    for config in apps.get_app_configs():
        is_ours = config.name.startswith(OUR_PACKAGES)
        if is_ours and find_spec(f"{config.name}.{name}") is not None:
            modules.append(import_module(f"{config.name}.{name}"))
    return modules


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Reads `facts` and `apply` of every installed app, once."""
    by_number: dict[int, FactKind] = {}
    by_name: dict[str, FactKind] = {}
    for module in _modules("facts"):
        for kind in getattr(module, "KINDS", ()):
            if by_number.setdefault(kind.number, kind) is not kind or kind.name in by_name:
                raise ValueError(f"fact kind {kind.number} {kind.name} is declared twice")
            by_name[kind.name] = kind
    apply: dict[str, Apply] = {}
    apply_many: dict[str, ApplyMany] = {}
    judge: dict[str, Judge] = {}
    standing: StandingOf | None = None
    for module in _modules("apply"):
        standing = getattr(module, "STANDING", standing)
        apply.update(getattr(module, "APPLY", {}))
        apply_many.update(getattr(module, "APPLY_MANY", {}))
        judge.update(getattr(module, "JUDGE", {}))
    unknown = (apply.keys() | apply_many.keys() | judge.keys()) - by_name.keys()
    if unknown:
        raise ValueError(f"apply.py names kinds that no facts.py declares: {sorted(unknown)}")
    return Catalogue(by_number, by_name, apply, apply_many, judge, standing)


def projection_version() -> str:
    """Changes when an app says that its tables must be added up anew."""
    versions = {
        module.__name__: getattr(module, "PROJECTION_VERSION", 1) for module in _modules("apply")
    }
    text = " ".join(f"{name}={version}" for name, version in sorted(versions.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def jobs() -> list[Job]:
    """The background jobs of every installed app. Those that count wait for a whole record."""
    return [held(job) for module in _modules("jobs") for job in getattr(module, "JOBS", ())]


def load_services() -> None:
    """Imports every app's services, so that their commands are registered."""
    _modules("services")


def kinds_by_app(prefix: str = "fengsui.") -> dict[str, tuple[FactKind, ...]]:
    """The kinds of every installed app whose package begins with `prefix`."""
    return {
        module.__name__.removesuffix(".facts"): module.KINDS
        for module in _modules("facts")
        if module.__name__.startswith(prefix) and hasattr(module, "KINDS")
    }
