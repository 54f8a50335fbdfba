"""What is erased is erased on every node, and a backup made before does not bring it back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.attachments import blobs
from fengsui.foundation.attachments import services as attachments
from fengsui.foundation.attachments.models import Attachment
from fengsui.foundation.journal import backups, erasures
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import Household
from fengsui.review.retention import jobs, services
from fengsui.review.retention.models import Erasure, ErasureProgress
from fengsui.review.search.models import SearchKey
from tests.simulation.real_node import environment
from tests.world import county as world
from tests.world.in_process import NODE, InProcessNode, carry, certify, meet

pytestmark = pytest.mark.django_db(databases=["default", "local"])
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MARK = "标记甲乙丙"
ROOT = Path(__file__).parents[2]


def carry_out() -> None:
    for job in (jobs.carry_on, jobs.follow):
        while job(NOW):
            pass


class Houses:
    """A county and its township, each with a folder for contents."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.settings, self.folder = settings, folder
        self.county = InProcessNode("示例县", world.COUNTY, folder / "county", list)
        self.township = InProcessNode("青石镇", world.QINGSHI, folder / "township", list)
        certify(folder, self.county, self.township)
        with self.at(self.county):
            self.people = world.build()
        meet(self.county, self.township)

    def at(self, node: InProcessNode) -> InProcessNode:
        self.settings.HOME = self.folder / ("county" if node is self.county else "township")
        return node


@pytest.fixture
def houses(db: None, clock: Any, tmp_path: Path, settings: Any) -> Iterator[Houses]:
    both = Houses(tmp_path, settings)
    yield both
    for node in (both.county, both.township):
        assert node.rebuilt_the_same() == []
        node.close()


def stands_in(node: InProcessNode, text: str) -> list[int]:
    with node:
        facts = StoredFact.objects.order_by("arrival")
        return [one.kind for one in facts if text.encode() in bytes(one.body)]


def content_at(houses: Houses, household: int) -> str:
    """A photograph that the township attached to its household."""
    content = b"%PDF-1.7 " + MARK.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    with houses.at(houses.township):
        (houses.settings.HOME / "draft").write_bytes(content)
        blobs.put(houses.settings.HOME, houses.settings.HOME / "draft")
        attachments.attach(
            viewer=NODE,
            owner_ledger="households",
            owner_key=str(household),
            file_name=f"{MARK}.pdf",
            sha256=sha256,
            size=len(content),
            found={"kind": "pdf", "public_sha256": "", "thumbnail_sha256": ""},
        )
    return sha256


def test_two_nodes_a_household_and_its_picture(houses: Houses) -> None:
    household_id = houses.people.ids["h1"]
    sha256 = content_at(houses, household_id)
    with houses.at(houses.township):
        people.change_household(
            viewer=NODE, household_id=household_id, changes={"relative_name": MARK}
        )
        SearchKey.objects.create(
            kind=1, unit="", key="x", entity=household_id, place_code=world.SHITAN
        )
    meet(houses.county, houses.township)
    assert stands_in(houses.county, MARK), "the floor: it was there"
    with houses.at(houses.county):
        assert Attachment.objects.get().sha256 == sha256
        assert not blobs.has(houses.settings.HOME, sha256), "the content is at the township"
        services.erase_subject(
            viewer=houses.people.viewer("leader"),
            subject="household",
            subject_id=household_id,
            reason="本人要求清除",
        )
        carry_out()
    assert stands_in(houses.county, MARK) == []
    assert stands_in(houses.township, MARK), "it has not heard yet"
    meet(houses.county, houses.township)
    assert stands_in(houses.township, MARK) == []
    with houses.at(houses.township):
        row = Household.objects.get(pk=household_id)
        assert (row.label, row.relative_name, row.lon_e7) == ("", "", None)
        assert row.people_count == 4
        assert Attachment.objects.get().is_erased
        from fengsui.foundation.attachments import jobs as sweeping

        sweeping.sweep_gone(NOW)
        assert not blobs.has(houses.settings.HOME, sha256)
        carry_out()
        assert not SearchKey.objects.filter(entity=household_id).exists()
        assert ErasureProgress.objects.get().has_forgotten
        assert StoredFact.objects.filter(kind=1).count() == _erasures(houses)
        while services.register_erasures():
            pass
        assert erasures.known([houses.settings.HOME])
        assert Erasure.objects.get().done_at is not None


def _erasures(houses: Houses) -> int:
    """The township erases nothing itself: it only hears what the county erased."""
    with houses.county:
        return StoredFact.objects.filter(kind=1).count()


def test_what_a_node_that_was_cut_off_brings_later_goes_as_it_comes(houses: Houses) -> None:
    household_id = houses.people.ids["h1"]
    with houses.at(houses.township):
        people.change_household(
            viewer=NODE, household_id=household_id, changes={"relative_name": MARK}
        )
    with houses.at(houses.county):
        services.erase_subject(
            viewer=houses.people.viewer("leader"),
            subject="household",
            subject_id=household_id,
            reason="本人要求清除",
        )
        carry_out()
    carry(houses.township, houses.county)
    assert stands_in(houses.county, MARK)
    with houses.at(houses.county):
        carry_out()
    assert stands_in(houses.county, MARK) == []
    meet(houses.county, houses.township)
    assert stands_in(houses.township, MARK) == []


# --- a machine that is lost ---------------------------------------------------------------------

SETTINGS = "fengsui.config.settings"
_HEAD = """
import json, sys
import django
django.setup()
from datetime import UTC, datetime
from django.conf import settings
from fengsui.config.processes import migrate
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import replay, verify, writer
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import Household, Person
from fengsui.review.retention import jobs, services
from tests.world import county as world
writer.take_write_connection()
migrate()
def finish(value):
    sys.stdout.write(json.dumps(value))
def carry_out():
    for job in (jobs.carry_on, jobs.follow, jobs.register):
        while job(datetime(2026, 1, 1, tzinfo=UTC)):
            pass
"""
_BEGIN = f"""
with writer.holding_the_pen(settings.HOME):
    ids = world.build().ids
    people.change_household(viewer=node_viewer(), household_id=ids["h1"],
                            changes={{"relative_name": "{MARK}"}})
    finish(ids)
"""
_ERASE = """
with writer.holding_the_pen(settings.HOME):
    services.erase_subject(viewer=node_viewer(), subject="household",
                           subject_id={household}, reason="本人要求清除")
    carry_out()
    finish(1)
"""
_EXAMINE = """
with writer.holding_the_pen(settings.HOME):
    row = Household.objects.get(pk={household})
    finish({{"label": row.label, "relative": row.relative_name, "people": row.people_count,
            "rebuild": replay.rebuild_and_compare(),
            "whole": verify.check_database(processes=1).is_whole}})
"""


def at_home(home: Path, code: str) -> Any:
    home.mkdir(mode=0o700, exist_ok=True)
    finished = subprocess.run(
        [sys.executable, "-c", _HEAD + code],
        env=_environment(home), cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def _environment(home: Path) -> dict[str, str]:
    found = environment(home, "writer", SETTINGS)
    found.pop("FENGSUI_DATABASE_URL", None)
    return found


def fengsui(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    found = {**_environment(home), "FENGSUI_ROLE": ""}
    return subprocess.run(
        [sys.executable, "-m", "fengsui.config.cli", *arguments],
        env=found, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def holds(home: Path) -> list[str]:
    """The files of a node's database in which the mark stands."""
    return [one.name for one in home.glob("node.db*") if MARK.encode() in one.read_bytes()]


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The backup folder of a node that was backed up, then erased, then lost; the household."""
    home = tmp_path_factory.mktemp("lost") / "home"
    household = int(at_home(home, _BEGIN)["h1"])
    made = fengsui(home, "backup")
    assert made.returncode == 0, made.stderr
    at_home(home, _ERASE.format(household=household))
    assert holds(home) == []
    (backup,) = backups.all_in(home / "backups")
    assert MARK.encode() in (backup / "node.db").read_bytes(), "the floor: the backup holds it"
    assert erasures.known([home / "backups"]), "the register went to the backups"
    for path in home.iterdir():
        if path.name != "backups":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return home / "backups", household


def put_back(folder: Path, where: Path) -> Path:
    home = where / "fresh"
    home.mkdir(mode=0o700)
    shutil.copytree(folder, home / "backups")
    (backup,) = backups.all_in(home / "backups")
    finished = fengsui(home, "restore", str(backup))
    assert finished.returncode == 0, finished.stderr
    return home


def test_a_backup_from_before_the_erasure_does_not_bring_it_back(
    lost: tuple[Path, int], tmp_path: Path
) -> None:
    """Nothing but the backups is left; the register lies with them."""
    folder, household = lost
    home = put_back(folder, tmp_path)
    found = at_home(home, _EXAMINE.format(household=household))
    assert (found["label"], found["relative"], found["people"]) == ("", "", 4)
    assert (found["rebuild"], found["whole"]) == ([], True)
    assert holds(home) == []


def test_it_is_the_register_that_does_it(lost: tuple[Path, int], tmp_path: Path) -> None:
    """The attacker takes the register away: the test above can fail."""
    folder, household = lost
    bare = tmp_path / "bare"
    shutil.copytree(folder, bare)
    os.unlink(erasures.path_of(bare))
    home = put_back(bare, tmp_path)
    assert at_home(home, _EXAMINE.format(household=household))["relative"] == MARK
