"""One installation of the last release with a small county in it; every test has its own copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.shipping import light
from tests.shipping.light import Site
from tests.world.postgres import free_port

# What counties have: the last commit that was handed out. Raised when a release is made.
LAST_RELEASE = "8d0a6bab69564a2f80f15e3ba770f8bda70f3282"
OLD, PREVIOUS, NEW = "0.1.0", "0.1.9", "0.2.0"
COUNTY = ("--whole", "--townships", "7", "--villages", "14", "--households", "400")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with OLD (with data), PREVIOUS (the commit before) and NEW (this tree) laid."""
    folder = tmp_path_factory.mktemp("releases")
    site = Site.make(folder)
    for version, name in ((OLD, LAST_RELEASE), (PREVIOUS, "HEAD~1")):
        commit = light.commit_of(name)
        # A clone without history has only this tree; then both are one program.
        if commit is None:
            made = light.wheel_of_now(version, folder)
        else:
            made = light.wheel_of_commit(commit, version, folder)
        light.lay(site.root, made, version)
    light.lay(site.root, light.wheel_of_now(NEW, folder), NEW)
    site.installation.point_to(OLD)
    finished = site.run("county", "generate", *COUNTY)
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "opt", tmp_path / "home", free_port())
    shutil.copytree(built / "opt", made.root, symlinks=True)
    shutil.copytree(built / "home", made.home, symlinks=True)
    yield made
    made.stop()


@pytest.fixture
def previous_site(built: Path, tmp_path: Path) -> Iterator[Site]:
    """The same, begun by the commit before this one."""
    made = Site(tmp_path / "opt", tmp_path / "home", free_port())
    shutil.copytree(built / "opt", made.root, symlinks=True)
    made.home.mkdir(mode=0o700)
    made.installation.point_to(PREVIOUS)
    finished = made.run("county", "generate", *COUNTY)
    assert finished.returncode == 0, finished.stderr
    yield made
    made.stop()


@pytest.fixture
def spoil(site: Site) -> Callable[[str, str], None]:
    """spoil("config/processes.py", "code to append") breaks the new release."""

    def change(file: str, text: str) -> None:
        path = next((site.root / "releases" / NEW / "venv" / "lib").glob("python*/site-packages"))
        target = path / "fengsui" / file
        target.write_text((target.read_text() if target.exists() else "") + text)

    return change
