"""`pytest --needs-database`: only tests that read or write tables.

The suite runs on SQLite whole and on PostgreSQL with this: what touches no table would say the
same thing twice. So would a test that is about a rule, a role or a file and happens to need rows:
it is marked `one_database`.

The long stories have longer than other tests before they are taken for hung: they wait for real
nodes, beside whatever else this machine does.
"""

from __future__ import annotations

import pytest

SLOW_TIMEOUT_SECONDS = 900
DATABASE_FIXTURES = frozenset({"db", "transactional_db", "node"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--needs-database", action="store_true", help="only tests that use tables")


def is_about_tables(item: pytest.Item) -> bool:
    if item.get_closest_marker("one_database") is not None:
        return False
    names = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    return bool(names) or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT_SECONDS))
    if not config.getoption("--needs-database"):
        return
    left = [item for item in items if not is_about_tables(item)]
    items[:] = [item for item in items if is_about_tables(item)]
    config.hook.pytest_deselected(items=left)
