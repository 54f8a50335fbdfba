"""From the last release, and from the commit before, to this one: nothing is lost, ever."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shipping.conftest import NEW, OLD
from tests.shipping.light import Site
from tests.world.running_node import until

pytestmark = pytest.mark.slow
AWAY_SECONDS_MAX = 60.0
EXAMINE = """
from fengsui.foundation.journal import replay, verify, writer
with writer.holding_the_pen():
    differing = replay.rebuild_and_compare()
report = verify.check_database(processes=1)
answer = {"differing": differing, "findings": [str(one) for one in report.findings]}
"""


def headers(home: Path) -> set[bytes]:
    """Every fact's header as it lies on the disk: what may never be lost or altered."""
    with contextlib.closing(sqlite3.connect(f"file:{home}/node.db?mode=ro", uri=True)) as opened:
        return {bytes(row[0]) for row in opened.execute("SELECT header FROM journal_fact")}


def is_sound(site: Site, before: set[bytes]) -> None:
    """Nothing is missing, every chain holds, and the tables are what the facts add up to."""
    site.stop()
    assert before <= headers(site.home)
    assert site.ask(EXAMINE) == {"differing": [], "findings": []}


def test_from_the_last_release_and_back_with_what_came_since(site: Site) -> None:
    before = headers(site.home)
    site.start()
    finished = site.run("upgrade", "--to", NEW, version=NEW)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert [line[:3] for line in finished.stdout.splitlines()[:6]] == [
        "1/6", "2/6", "3/6", "4/6", "5/6", "6/6",
    ]  # fmt: skip
    assert site.installation.current() == NEW
    assert site.is_well()
    (report,) = site.home.glob("upgrades/*/report.json")
    said = json.loads(report.read_text())
    assert 0 < said["away_seconds"] < AWAY_SECONDS_MAX
    assert said["work"]["facts"] >= len(before)
    is_sound(site, before)

    # A week later it turns out not to be liked; meanwhile the record went on.
    assert site.run("journal", "incarnate", "--reason", "示意").returncode == 0
    since = headers(site.home)
    assert since > before
    finished = site.run("upgrade", "--back")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert site.installation.current() == OLD
    is_sound(site, since)


def test_from_the_commit_before(previous_site: Site) -> None:
    before = headers(previous_site.home)
    finished = previous_site.run("upgrade", "--to", NEW, version=NEW)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert previous_site.installation.current() == NEW
    is_sound(previous_site, before)


def test_a_failing_migration_is_found_while_the_node_works(
    site: Site, spoil: Callable[[str, str], None]
) -> None:
    site.start()
    pid = site.pid()
    (newest,) = sorted((site.root / "releases" / NEW).rglob("foundation/journal/migrations/0*.py"))[
        -1:
    ]
    spoil(
        "foundation/journal/migrations/9999_fails.py",
        "from django.db import migrations\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('journal', '{newest.stem}')]\n"
        "    operations = [migrations.RunSQL('SELECT * FROM nowhere')]\n",
    )
    finished = site.run("upgrade", "--to", NEW, version=NEW)
    assert finished.returncode == 1
    assert "nowhere" in finished.stderr
    assert (site.installation.current(), site.pid()) == (OLD, pid), "the node was never stopped"
    assert list((site.home / "upgrades").iterdir()) == []
    assert not (site.home / "upgrade.json").exists()


def test_a_release_that_does_not_come_up_makes_way_for_the_old_one(
    site: Site, spoil: Callable[[str, str], None]
) -> None:
    before = headers(site.home)
    site.start()
    spoil("config/processes.py", "")
    release = next((site.root / "releases" / NEW).rglob("fengsui/config/processes.py"))
    text = release.read_text()
    release.write_text(text.replace("def run_web(", "def run_web(*_): return 3\ndef other("))
    waits = release.parent / "upgrading" / "steps.py"
    waits.write_text(waits.read_text().replace("HEALTHY_SECONDS = 180.0", "HEALTHY_SECONDS = 6.0"))
    finished = site.run("upgrade", "--to", NEW, version=NEW)
    assert finished.returncode == 1, finished.stdout
    assert f"已退回 {OLD}" in finished.stderr
    assert site.installation.current() == OLD
    until(site.is_well, "the old release to be well", 120)
    is_sound(site, before)


@pytest.mark.parametrize("step", ["2/6", "3/6", "4/6", "5/6"])
def test_killed_at_any_step_the_node_comes_back_whole(site: Site, step: str) -> None:
    before = headers(site.home)
    site.start()
    with site.service_manager():
        with subprocess.Popen(
            site.words(NEW, "upgrade", "--to", NEW), env=site.environment(), cwd=site.home,
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        ) as upgrading:  # fmt: skip
            assert upgrading.stdout is not None
            for line in upgrading.stdout:
                if line.startswith(step):
                    # It and what it started, as a power cut takes them.
                    os.killpg(upgrading.pid, signal.SIGKILL)
                    break
        until(site.is_well, "the node to be well", 120)
        assert before <= headers(site.home)
        finished = site.run("upgrade", "--to", NEW, version=NEW)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert site.installation.current() == NEW
        until(site.is_well, "the new release to be well", 120)
    is_sound(site, before)


def test_an_old_program_does_not_touch_newer_data(site: Site) -> None:
    """Somebody starts the wrong release by hand."""
    with contextlib.closing(sqlite3.connect(site.home / "node.db")) as opened, opened:
        opened.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('journal', '9999_later', '2027-01-01')"
        )
    finished = site.run("upgrade", "--to", NEW, version=NEW)
    assert finished.returncode == 1
    assert "9999_later" in finished.stderr
    assert site.installation.current() == OLD


def test_the_release_that_is_not_current_does_not_start(site: Site) -> None:
    """A service manager began to start it just before the switch, or somebody typed its path."""
    started = site.run("up", "--port", str(site.port), version=NEW)
    assert started.returncode == 1
    assert f"现在用的是版本 {OLD}" in started.stderr
