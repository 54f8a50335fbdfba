"""The locked dependencies as wheels for a Linux, whatever machine this is; nothing is compiled."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.release.wheel import ROOT, CannotBuildError

LOCKS = (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "bundle.txt")
ARCHITECTURES = ("x86_64", "aarch64")
# openEuler 22.03 has glibc 2.34, Kylin V10 and UOS 20 have 2.28 (PEP 600 names wheels by it).
GLIBC_MINORS = range(17, 29)
PYTHONS = ("3.11", "3.12", "3.13")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\$", re.M)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel that a lock file allows."""

    name: str
    version: str
    file: str

    @property
    def glibc(self) -> str:
        """The oldest C library it runs with, as "2.28"; "" where it needs none."""
        minors = [int(one) for one in re.findall(r"manylinux_2_(\d+)_", self.file)]
        minors += [17] if "manylinux2014" in self.file else []
        return f"2.{min(minors)}" if minors else ""


def pinned() -> dict[str, str]:
    """Version by name of everything that runs with the product."""
    return dict(_PINNED.findall(LOCKS[0].read_text()))


def allowed_hashes() -> set[str]:
    return {found for lock in LOCKS for found in _HASH.findall(lock.read_text())}


def target(architecture: str, python: str) -> list[str]:
    """What tells pip which machine the wheels are for."""
    chosen = [f"manylinux_2_{minor}_{architecture}" for minor in GLIBC_MINORS]
    platforms = [f"--platform={one}" for one in (*chosen, f"manylinux2014_{architecture}")]
    return [*platforms, f"--python-version={python}", "--implementation=cp",
            "--only-binary=:all:", "--no-deps"]  # fmt: skip


def fetch(architecture: str, python: str, kept: Path) -> Path:
    """A folder with all of them, hashes checked by pip; taken from `kept` where it is there."""
    lock = hashlib.sha256(b"".join(path.read_bytes() for path in LOCKS)).hexdigest()[:16]
    final = kept / f"{lock}-{architecture}-{python}"
    if final.is_dir():
        return final
    partial = kept / f"{final.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _pip("download", "--require-hashes", *target(architecture, python), "--dest", str(partial),
         *(f"--requirement={lock}" for lock in LOCKS))  # fmt: skip
    partial.rename(final)
    return final


def look(architecture: str, python: str) -> list[Wheel]:
    """Which wheel each locked dependency has there, from the index's own words (PEP 658).

    Nothing is downloaded. Raises CannotBuildError where one is missing, or is not in the lock.
    """
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names.txt"
        names.write_text("\n".join(f"{name}=={version}" for name, version in pinned().items()))
        report = Path(folder) / "report.json"
        _pip("install", "--dry-run", "--ignore-installed", *target(architecture, python),
             f"--target={folder}/none", f"--report={report}", f"--requirement={names}")  # fmt: skip
        items = json.loads(report.read_text())["install"]
    allowed = allowed_hashes()
    found = []
    for item in items:
        file = item["download_info"]["url"].rsplit("/", 1)[1]
        if item["download_info"]["archive_info"]["hashes"]["sha256"] not in allowed:
            raise CannotBuildError(f"{file} is not in the lock")
        found.append(Wheel(item["metadata"]["name"], item["metadata"]["version"], file))
    return sorted(found, key=lambda wheel: wheel.name.lower())


def page() -> str:
    """docs/wheels.md: every locked dependency on both machines, and what it needs."""
    by_target = {one: look(one, PYTHONS[0]) for one in ARCHITECTURES}
    for architecture in ARCHITECTURES:
        for python in PYTHONS[1:]:
            look(architecture, python)
    lines = [_HEAD.format(pythons=", ".join(PYTHONS), floor=max(GLIBC_MINORS))]
    for left, right in zip(*by_target.values(), strict=True):
        needs = " · ".join(wheel.glibc for wheel in (left, right) if wheel.glibc)
        lines.append(f"| {left.name} | {left.version} | {_kind(left)} | {_kind(right)} | {needs} |")
    return "\n".join(lines) + "\n"


_HEAD = """# Wheels for x86_64 and aarch64

Made by `make wheels` from the index's own words; `make dist` looks again. Every locked dependency
has a wheel for both machines and for Python {pythons}: nothing is compiled at an installation.
The newest C library that any of them asks for is glibc 2.{floor} at most.

| Package | Version | x86_64 | aarch64 | glibc |
|---|---|---|---|---|"""


def _kind(wheel: Wheel) -> str:
    return "any" if wheel.file.endswith("-any.whl") else "own"


def _pip(*arguments: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", arguments[0], "-q",
         *arguments[1:]],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if finished.returncode != 0:
        lines = [line for line in finished.stderr.splitlines() if not line.startswith("WARNING")]
        raise CannotBuildError("\n".join(lines)[-2000:])
