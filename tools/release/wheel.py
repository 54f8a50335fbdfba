"""The wheel: the program with its built pages, tables, schemas and templates."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("desk", "field", "public")
PACKAGING = ("pyproject.toml", "README.md", "LICENSE", "NOTICE")
# Zip files know no time before 1980; this is the day the project began.
EPOCH_WITHOUT_HISTORY = 1_795_305_600


class CannotBuildError(Exception):
    """Why there is nothing to hand out."""


def _git(root: Path, *arguments: str) -> str:
    finished = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return finished.stdout.strip() if finished.returncode == 0 else ""


def has_history(root: Path) -> bool:
    return (root / ".git").exists() and bool(_git(root, "rev-parse", "HEAD"))


def epoch_of(root: Path) -> int:
    """Seconds since 1970 of the commit: every file in wheel and bundle carries this time."""
    return int(_git(root, "log", "-1", "--format=%ct") or EPOCH_WITHOUT_HISTORY)


def version_of(root: Path) -> str:
    """`0.2.0` where a tag says so, else `0.2.0.dev281+g1a2b3c4` (PEP 440: before 0.2.0)."""
    found = re.search(r'^version = "([^"]+)"', (root / "pyproject.toml").read_text(), re.M)
    if found is None:
        raise CannotBuildError("pyproject.toml names no version")
    base = found[1]
    if not has_history(root) or f"v{base}" in _git(root, "tag", "--points-at", "HEAD").split():
        return base
    count = _git(root, "rev-list", "--count", "HEAD")
    return f"{base}.dev{count}+g{_git(root, 'rev-parse', '--short=7', 'HEAD')}"


def sources(root: Path) -> list[Path]:
    """The program's files relative to `root`, without its tests."""
    if has_history(root):
        names = _git(root, "ls-files", "-co", "--exclude-standard", "fengsui").splitlines()
        files = [Path(name) for name in names if (root / name).is_file()]
    else:
        found = (root / "fengsui").rglob("*")
        files = [path.relative_to(root) for path in found if path.is_file()]
    return sorted(
        path
        for path in files
        if not {"tests", "__pycache__"}.intersection(path.parts) and path.suffix != ".pyc"
    )


def stage(root: Path, into: Path, version: str, *, with_pages: bool) -> None:
    """A tree from which setuptools builds: sources, pages, and the version in its two places."""
    for path in [*sources(root), *map(Path, PACKAGING)]:
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target)
    for name, pattern, line in (
        ("pyproject.toml", r'^version = "[^"]+"', f'version = "{version}"'),
        ("fengsui/__init__.py", r'^__version__ = "[^"]+"', f'__version__ = "{version}"'),
    ):
        text, count = re.subn(pattern, line, (into / name).read_text(), flags=re.M)
        if count != 1:
            raise CannotBuildError(f"{name} names its version {count} times")
        (into / name).write_text(text)
    for app in APPS if with_pages else ():
        built = root / "frontend" / "apps" / app / "dist"
        if not (built / "index.html").is_file():
            raise CannotBuildError(f"the pages of {app} are not built: run `make pages`")
        shutil.copytree(built, into / "fengsui" / "web" / "built" / app / "dist")


def build(root: Path, into: Path, version: str, *, with_pages: bool = True) -> Path:
    """The wheel in folder `into`; the same bytes from the same commit and the same tools."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fengsui-wheel-") as folder:
        tree = Path(folder) / "tree"
        stage(root, tree, version, with_pages=with_pages)
        for path in tree.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        finished = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q",
             "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir",
             "-w", str(into), str(tree)],
            env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch_of(root)), "PYTHONHASHSEED": "0"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if finished.returncode != 0:
            raise CannotBuildError(finished.stderr[-2000:])
    (made,) = into.glob(f"fengsui-{version}-*.whl")
    return made
