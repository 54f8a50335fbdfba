"""The bundle on a machine with no network, no Node, no compiler: installed, used, upgraded."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.shipping import light
from tests.world.postgres import free_port
from tests.world.running_node import until
from tools.release import bundle, wheel

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# What an installed machine has, and nothing that could build or fetch.
TOOLS = (
    "awk", "basename", "bash", "cat", "chmod", "chown", "cp", "cut", "date", "df", "dirname",
    "env", "grep", "head", "id", "ln", "ls", "mkdir", "mv", "printf", "readlink", "rm", "sed",
    "sh", "sha256sum", "sleep", "sync", "tar", "tr", "uname",
)  # fmt: skip
FIRST, SECOND = "0.1.8", "0.1.9"
SECONDS = 300


@cache
def without_network() -> tuple[str, ...]:
    """Words before a command that leave it with loopback alone; none where that is refused."""
    unshare = shutil.which("unshare")
    for option in ("-n", "-rn") if unshare else ():
        inside = [str(unshare), option, sys.executable, str(ROOT / "tests/shipping/offline.py")]
        tried = subprocess.run([*inside, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return tuple(inside)
    return ()


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two bundles of this tree. The wheels come from `make dist`, or through pip the first time."""
    out = tmp_path_factory.mktemp("dist")
    python = ".".join(map(str, sys.version_info[:2]))
    machine = os.uname().machine
    return {version: bundle.make(out, machine, [python], version) for version in (FIRST, SECOND)}


@pytest.fixture(scope="module")
def path_of_tools(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("bin")
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return str(folder)


class Machine:
    """A machine that got a stick, as an ordinary user."""

    def __init__(self, folder: Path, path: str) -> None:
        self.folder = folder
        self.to = folder / "opt"
        self.port = free_port()
        self.environment = {
            "PATH": path,
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            # Where the test's own interpreter came from; it is not on this machine's PATH.
            "FENGSUI_PYTHON": str(Path(sys.base_prefix) / "bin" / "python3"),
        }

    def run(
        self, *words: str | Path, before: tuple[str, ...] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`before`: what cuts the network off, unless told otherwise."""
        cut = without_network() if before is None else before
        return subprocess.run(
            [*cut, *map(str, words)], env=self.environment, cwd=self.folder,
            capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip

    def unpack(self, packed: Path) -> Path:
        with tarfile.open(packed) as opened:
            opened.extractall(self.folder, filter="data")
        return self.folder / packed.stem

    def fengsui(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.to / "bin" / "fengsui", *words)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        """The node runs, by the command that the installer names."""
        with subprocess.Popen(
            [str(self.to / "bin" / "fengsui"), "up", "--port", str(self.port)],
            env=self.environment, cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as node:  # fmt: skip
            try:
                until(lambda: node.poll() is not None or self._is_well(), "the node to be well")
                assert node.poll() is None
                yield
            finally:
                node.send_signal(signal.SIGTERM)

    def _is_well(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False


@pytest.fixture
def machine(tmp_path: Path, path_of_tools: str) -> Machine:
    return Machine(tmp_path, path_of_tools)


def test_from_a_stick_to_a_working_node_and_to_the_next_release(
    machine: Machine, bundles: dict[str, Path]
) -> None:
    folder = machine.unpack(bundles[FIRST])
    finished = machine.run(folder / "install", "--to", machine.to)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"{machine.to}/bin/fengsui init" in finished.stdout
    shutil.rmtree(folder)

    county = ("--county", "990101", "--name", "示意县")
    people = ("--system", "示意甲,00012345678", "--security", "示意乙", "--audit", "示意丙")
    finished = machine.fengsui("init", *county, *people)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("/link/") == 3
    again = machine.fengsui("init")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("/link/") == 0

    with machine.up():
        for app in wheel.APPS:
            status, page = machine.get(f"/{app}/")
            assert status == 200
            assert b"<script" in page
        assert machine.get("/field/sw.js")[0] == 200
        # The node is on the test's own loopback, so the doctor is too.
        doctor = ("doctor", "--port", str(machine.port), "--json")
        said = machine.run(machine.to / "bin" / "fengsui", *doctor, before=())
        bad = [line for line in said.stdout.splitlines() if json.loads(line)["level"] == "bad"]
        assert bad == []

    # The next release, by the program that is there, from the file on the stick.
    tampered = machine.fengsui("upgrade", str(bundles[SECOND]), "--sha256", "0" * 64)
    assert tampered.returncode == 1
    finished = machine.fengsui("upgrade", str(bundles[SECOND]))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert machine.fengsui("--version").stdout.strip() == f"fengsui {SECOND}"
    listed = machine.fengsui("upgrade", "--list").stdout.splitlines()
    assert listed == [f"  {FIRST}", f"* {SECOND}"]
    with machine.up():
        assert machine.get("/desk/")[0] == 200


def test_an_altered_bundle_is_not_installed(machine: Machine, bundles: dict[str, Path]) -> None:
    """Somebody swapped a wheel on the way; the sums and pip's hashes are two locks."""
    folder = machine.unpack(bundles[FIRST])
    victim = next((folder / "wheelhouse").glob("django-*.whl"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    finished = machine.run(folder / "install", "--to", machine.to)
    assert finished.returncode == 1
    assert "没有安装" in finished.stderr
    assert not (machine.to / "current").exists()
    # The attacker puts the sums right as well.
    sums = folder / "SHA256SUMS"
    lines = [
        f"{light.sha256(victim)}  {line.split()[1]}" if victim.name in line else line
        for line in sums.read_text().splitlines()
    ]
    sums.write_text("\n".join(lines) + "\n")
    finished = machine.run(folder / "install", "--to", machine.to)
    assert finished.returncode != 0
    assert not (machine.to / "current").exists()
    assert not list(machine.to.glob("releases/*/release.json"))


def test_a_bundle_cannot_write_beside_itself(machine: Machine, tmp_path: Path) -> None:
    """An archive with a path that leads out, as `fengsui upgrade` would unpack it."""
    from fengsui.config.commands import upgrade
    from fengsui.config.releases import Installation
    from fengsui.config.upgrading.swap import UpgradeError

    here = tmp_path / "root"
    here.mkdir()
    packed = tmp_path / "evil.tar"
    (tmp_path / "payload").write_text("x")
    with tarfile.open(packed, "w") as opened:
        opened.add(tmp_path / "payload", arcname="../../escaped")
    with pytest.raises(UpgradeError):
        upgrade.lay(packed, Installation(here), None)
    assert not (tmp_path / "escaped").exists()
    assert not (tmp_path.parent / "escaped").exists()


def test_the_wrong_machine_is_told_so(machine: Machine, bundles: dict[str, Path]) -> None:
    folder = machine.unpack(bundles[FIRST])
    about = folder / "bundle.json"
    about.write_text(about.read_text().replace(os.uname().machine, "riscv64"))
    lines = [
        line
        for line in (folder / "SHA256SUMS").read_text().splitlines()
        if "bundle.json" not in line
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n")
    finished = machine.run(folder / "install", "--to", machine.to)
    assert finished.returncode == 1
    assert "riscv64" in finished.stderr


def test_a_machine_without_python_is_told_what_to_install(
    machine: Machine, bundles: dict[str, Path]
) -> None:
    folder = machine.unpack(bundles[FIRST])
    machine.environment["FENGSUI_PYTHON"] = "/nowhere/python3"
    finished = machine.run(folder / "install", "--to", machine.to)
    assert finished.returncode == 1
    assert "Python 3.11" in finished.stderr


def test_the_same_commit_makes_the_same_bytes(tmp_path: Path) -> None:
    first = wheel.build(ROOT, tmp_path / "a", FIRST).read_bytes()
    second = wheel.build(ROOT, tmp_path / "b", FIRST).read_bytes()
    assert first == second


def test_whatever_lies_beside_the_code_is_in_the_wheel(bundles: dict[str, Path]) -> None:
    """A table, schema or template that setuptools was not told of would be missed at night."""
    import zipfile

    made = bundles[FIRST].parent / f"fengsui-{FIRST}-py3-none-any.whl"
    packed = set(zipfile.ZipFile(made).namelist())
    missing = [
        str(path)
        for path in wheel.sources(ROOT)
        if str(path) not in packed and path.suffix != ".md"
    ]
    assert missing == []


def test_the_licence_list_refuses_what_may_not_be_passed_on() -> None:
    from tools.release import licences

    bad = [
        licences.Part("one", "1", "GPL-3.0-or-later", "wheelhouse"),
        licences.Part("two", "1", "GNU Affero General Public License v3", "wheelhouse"),
        licences.Part("three", "1", "", "pages"),
        licences.Part("four", "1", "Proprietary", "pages"),
    ]
    fine = [
        licences.Part("five", "1", "LGPL-3.0-only", "wheelhouse"),
        licences.Part("six", "1", "(MIT OR GPL-3.0-or-later)", "pages"),
        licences.Part("seven", "1", "BSD License", "wheelhouse"),
    ]
    assert licences.refused([*bad, *fine]) == bad
