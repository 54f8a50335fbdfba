"""docs/set-up.md, command by command, on a machine that never had a node."""

from __future__ import annotations

import http.client
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.shipping import light
from tests.shipping.light import ROOT, Site

GUIDE = ROOT / "docs" / "set-up.md"
ROLES = ROOT / "docs" / "roles"
SECTIONS = ("## 您看到什么", "## 今夜", "## 平时", "## 出了问题")
VERSION = "0.2.0"


def commands() -> list[list[str]]:
    """The words of every command in the guide's tested boxes."""
    boxes = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.M | re.S)
    return [shlex.split(line) for box in boxes for line in box.splitlines() if line.strip()]


@pytest.mark.slow
def test_the_guide_from_the_empty_machine_to_the_first_drill(tmp_path: Path) -> None:
    site = Site.make(tmp_path)
    light.lay(site.root, light.wheel_of_now(VERSION, tmp_path), VERSION)
    site.installation.point_to(VERSION)
    # The guide's paths are relative to the unpacked bundle; commands run in the node's folder.
    shutil.copytree(ROOT / "docs" / "examples", site.home / "docs" / "examples")
    said = {}
    try:
        for program, *words in commands():
            assert program == "fengsui", program
            if words == ["up"]:
                site.start()
                continue
            finished = site.run(*words)
            text = finished.stdout + finished.stderr
            # Before the node runs, and on another port, the doctor has something to say.
            if words != ["doctor"]:
                assert finished.returncode == 0, f"{' '.join(words)}\n{text}"
            said[" ".join(words)] = text
        assert said["init --new-links"].count("/link/") == 3
        assert '"verdict": "accepted"' in said["warning check 演练.xml"]
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
        connection.request("GET", "/public/")
        assert connection.getresponse().status == 200
        connection.close()
        sheet = "register import persons docs/examples/contacts.csv --under 990101 --write"
        assert "新增 new 3" in said[sheet]
    finally:
        site.stop()


def test_the_guide_has_something_to_run() -> None:
    assert len(commands()) > 12


@pytest.mark.parametrize("path", sorted(ROLES.glob("*.md")), ids=lambda path: path.stem)
def test_every_role_reads_the_same_four_things(path: Path) -> None:
    text = path.read_text()
    if path.stem == "README":
        pages = {one.name for one in ROLES.glob("*.md")} - {"README.md"}
        assert {name for name in pages if f"({name})" in text} == pages
        return
    places = [text.find(section) for section in SECTIONS]
    assert -1 not in places, f"{path.name} lacks a section"
    assert places == sorted(places)
    # Chinese first, English after.
    assert re.search(r"^\*[A-Z]", text, re.M)


def test_every_interface_page_is_in_the_list() -> None:
    folder = ROOT / "docs" / "interfaces"
    listed = set(re.findall(r"\]\(([a-z-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}
