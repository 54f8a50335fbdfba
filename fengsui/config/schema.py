"""Brings the databases to this program's shape; refuses those of a newer program.

Whether anything is missing is told from names alone: loading every migration to find that there
is nothing to do took the writer 19 MB and most of its start.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

ALIASES = ("default", "local")


class NewerDataError(ImproperlyConfigured):
    """The data was made by a newer program than this one."""


def is_current() -> bool:
    """Whether exactly the migrations that lie in this program were carried out."""
    if settings.MIGRATION_MODULES:
        return False
    labels, here = set(), set()
    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        if (folder / "__init__.py").exists():
            labels.add(config.label)
            names = (path.stem for path in folder.glob("*.py"))
            here |= {(config.label, name) for name in names if name[0] not in "_~"}
    return all(_recorded(alias, labels) == here for alias in ALIASES)


def _recorded(alias: str, labels: set[str]) -> set[tuple[str, str]]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall() if app in labels}


def migrate() -> int:
    """Carries out what is missing; returns how many steps that were. Raises NewerDataError."""
    if is_current():
        return 0
    from django.core.management import call_command

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
    loader = _loader(alias)
    known = set(loader.disk_migrations or ())
    replaced = {old for one in (loader.disk_migrations or {}).values() for old in one.replaces}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations or {}
        if app in loader.migrated_apps and (app, name) not in known | replaced
    )


def _applied(alias: str) -> set[tuple[str, str]]:
    return set(_loader(alias).applied_migrations or ())


def _loader(alias: str) -> MigrationLoader:
    from django.db.migrations.loader import MigrationLoader

    return MigrationLoader(connections[alias])
