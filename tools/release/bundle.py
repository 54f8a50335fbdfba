"""The offline bundle: everything an installation needs, in one file for a stick."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.release import licences, wheel, wheelhouse

ROOT = wheel.ROOT
ALONG = ("LICENSE", "NOTICE", "CHANGELOG.md", "GLOSSARY.md", "tools/verify_journal.py")
FOLDERS = ("docs", "deploy")
WITHOUT = (".png",)


def make(out: Path, architecture: str, pythons: Sequence[str], version: str = "") -> Path:
    """fengsui-<version>-linux-<architecture>.tar in `out`, with the wheel beside it."""
    version = version or wheel.version_of(ROOT)
    program = wheel.build(ROOT, out, version)
    name = f"fengsui-{version}-linux-{architecture}"
    with tempfile.TemporaryDirectory(prefix="fengsui-bundle-", dir=out) as folder:
        tree = Path(folder) / name
        _fill(tree, program, version, architecture, pythons)
        _sums(tree)
        made = out / f"{name}.tar"
        _pack(tree, made, wheel.epoch_of(ROOT))
    made.with_suffix(".tar.sha256").write_text(f"{_sha256(made)}  {made.name}\n")
    return made


def _fill(
    tree: Path, program: Path, version: str, architecture: str, pythons: Sequence[str]
) -> None:
    house = tree / "wheelhouse"
    house.mkdir(parents=True)
    for python in pythons:
        for path in wheelhouse.fetch(architecture, python, ROOT / "build" / "wheelhouse").iterdir():
            if not (house / path.name).exists():
                shutil.copyfile(path, house / path.name)
    shutil.copyfile(program, house / program.name)
    own = f"fengsui=={version} --hash=sha256:{_sha256(program)}\n"
    (tree / "requirements.txt").write_text(wheelhouse.LOCKS[0].read_text() + own)
    about = {"version": version, "architecture": architecture, "pythons": list(pythons)}
    (tree / "bundle.json").write_text(json.dumps(about, indent=1) + "\n")
    for name in ALONG:
        shutil.copyfile(ROOT / name, tree / Path(name).name)
    for folder in FOLDERS:
        for path in _tracked(folder):
            target = tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, target)
    shutil.move(tree / "deploy" / "install", tree / "install")
    parts = [licences.of_wheel(path) for path in house.glob("*.whl") if path.name != program.name]
    parts += licences.of_pages(ROOT / "frontend" / "package-lock.json")
    (tree / "LICENCES.md").write_text(licences.page(parts))


def _tracked(folder: str) -> list[Path]:
    if wheel.has_history(ROOT):
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", folder],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        found = [Path(name) for name in listed if (ROOT / name).is_file()]
    else:
        found = [one.relative_to(ROOT) for one in (ROOT / folder).rglob("*") if one.is_file()]
    return sorted(path for path in found if path.suffix not in WITHOUT)


def _sums(tree: Path) -> None:
    """SHA256SUMS over every file, in the form that `sha256sum -c` reads."""
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  ./{path.relative_to(tree)}\n" for path in files]
    (tree / "SHA256SUMS").write_text("".join(lines))


def _pack(tree: Path, into: Path, epoch: int) -> None:
    """The same bytes from the same files: sorted, one time, nobody's name, two modes."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = epoch
        runs = member.isdir() or member.name.endswith("/install")
        member.mode = 0o755 if runs else 0o644
        return member

    with tarfile.open(into, "w", format=tarfile.PAX_FORMAT) as packed:
        for path in [tree, *sorted(tree.rglob("*"))]:
            inside = path.relative_to(tree.parent)
            packed.add(path, arcname=str(inside), recursive=False, filter=plain)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
