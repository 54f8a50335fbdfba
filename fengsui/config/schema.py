"""Brings the databases to this program's shape; refuses those of a newer program."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

ALIASES = ("default", "local")


class NewerDataError(ImproperlyConfigured):
    """The data was made by a newer program than this one."""


def migrate() -> int:
    """Carries out what is missing; returns how many steps that were. Raises NewerDataError."""
    steps = 0
    for alias in ALIASES:
        unknown = newer(alias)
        if unknown:
            raise NewerDataError(
                f"数据是更新的版本写的（{unknown[0]}），本程序太旧，不能启动。 "
                f"A newer program made this data ({unknown[0]}); this one is too old for it."
            )
        before = _applied(alias)
        call_command("migrate", database=alias, verbosity=0, interactive=False)
        steps += len(_applied(alias) - before)
    return steps


def newer(alias: str) -> list[str]:
    """Migrations that were carried out here and that this program does not know."""
    loader = MigrationLoader(connections[alias])
    known = set(loader.disk_migrations or ())
    replaced = {old for one in (loader.disk_migrations or {}).values() for old in one.replaces}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations or {}
        if app in loader.migrated_apps and (app, name) not in known | replaced
    )


def _applied(alias: str) -> set[tuple[str, str]]:
    loader = MigrationLoader(connections[alias])
    return set(loader.applied_migrations or ())
