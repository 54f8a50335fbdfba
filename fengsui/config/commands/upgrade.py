"""`fengsui upgrade BUNDLE`: to another release, and back to the old one where it fails.

Checks the space, makes a checked backup, rehearses everything on it while the node works, then
stops the node, brings a copy of its data to the new release's shape, puts it in place and starts
again. Where the new release does not come up, the old one runs again with everything that was
recorded. May be interrupted at any moment: the next start goes on with it or takes it back.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from fengsui.config import logs, releases
from fengsui.config.home import home_folder
from fengsui.config.releases import Installation
from fengsui.config.upgrading import steps
from fengsui.config.upgrading.swap import UpgradeError, environment
from fengsui.foundation.journal.backups import BackupError

EXIT_FAILED = 1


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("upgrade", help="升级，失败自动退回 / to another release")
    parser.add_argument("bundle", type=Path, nargs="?", help="fengsui-…-linux-….tar, or unpacked")
    parser.add_argument("--sha256", help="该包应有的校验值 / what the bundle must add up to")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--to", metavar="VERSION", help="a release that was laid there before")
    group.add_argument("--back", action="store_true", help="退回上一版本 / to the previous one")
    group.add_argument("--list", action="store_true", help="已放好的版本 / what lies there")
    group.add_argument("--finish", action="store_true", help="断电后续做 / after an interruption")


def run(args: argparse.Namespace) -> int:
    home = home_folder()
    logs.set_up("upgrade", home)
    try:
        if args.finish:
            with steps.alone(home):
                steps.finish(home, say)
            return 0
        return _run(args, home)
    except (UpgradeError, BackupError) as error:
        sys.stderr.write(f"没有升级：{error.zh}\nNot upgraded: {error.en}\n")
        return EXIT_FAILED


def _run(args: argparse.Namespace, home: Path) -> int:
    here = releases.installation()
    if here is None:
        raise UpgradeError(
            "这是源码目录，不是安装包装的；请用 git 更新，再 fengsui up。",
            "this is a checkout, not an installation; update it with git.",
        )
    if os.environ.get("FENGSUI_DATABASE_URL"):
        raise UpgradeError(
            "PostgreSQL 节点请照 docs/power-and-backup.md 的步骤升级。",
            "a node on PostgreSQL is upgraded by the steps in docs/power-and-backup.md.",
        )
    if args.list:
        return _list(here)
    if args.back:
        return _back(home, here)
    target = args.to or (lay(args.bundle, here, args.sha256) if args.bundle else "")
    if not target:
        raise UpgradeError("请写明升级包。", "name the bundle.")
    if target != releases.own_version():
        return _hand_over(here, target)
    origin = here.current()
    if origin == target:
        say(f"已经是 {target}。", f"{target} runs already.")
        return 0
    report = steps.Upgrade(home, here, origin, target, say).carry_out()
    away = report.get("away_seconds")
    say(
        f"停机 {away} 秒。旧数据和旧版本都还在。"
        if away
        else "节点没有在运行；旧数据和旧版本都还在。",
        f"away for {away} s; the old data and the old release are still there."
        if away
        else "the node did not run; the old data and the old release are still there.",
    )
    return 0


def say(zh: str, en: str) -> None:
    sys.stdout.write(f"{zh} / {en}\n")
    sys.stdout.flush()


def _list(here: Installation) -> int:
    for version in here.versions():
        mark = "*" if version == here.current() else " "
        sys.stdout.write(f"{mark} {version}\n")
    return 0


def _hand_over(here: Installation, target: str) -> int:
    """The new release carries out the upgrade: it knows what it needs."""
    if not here.is_complete(target):
        raise UpgradeError(f"没有完整的版本 {target}。", f"there is no whole release {target}.")
    words = [str(here.python(target)), "-m", "fengsui.config.cli", "upgrade", "--to", target]
    return subprocess.run(words, env=environment(), check=False).returncode  # noqa: S603 - ours


def lay(bundle: Path, here: Installation, sha256: str | None) -> str:
    """Lays the bundle's release beside the others; returns its version. Raises UpgradeError."""
    if not bundle.exists():
        raise UpgradeError(f"没有这个文件：{bundle}", f"there is no {bundle}")
    if bundle.is_dir():
        return _lay_unpacked(bundle, here)
    with bundle.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    say(f"校验值 {found}，请与发布方核对。", "compare this checksum with the publisher's.")
    if sha256 and found != sha256.lower():
        raise UpgradeError("校验值不符，这个包不能用。", "the checksum differs: do not use it.")
    with tempfile.TemporaryDirectory(prefix="fengsui-upgrade-", dir=here.root) as folder:
        try:
            with tarfile.open(bundle) as packed:
                packed.extractall(folder, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise UpgradeError(f"包打不开：{error}", f"it cannot be unpacked: {error}") from error
        found_inside = [path for path in Path(folder).iterdir() if path.is_dir()]
        if len(found_inside) != 1:
            raise UpgradeError("这不是安装包。", "this is no bundle.")
        return _lay_unpacked(found_inside[0], here)


def _lay_unpacked(folder: Path, here: Installation) -> str:
    try:
        version = str(json.loads((folder / "bundle.json").read_text())["version"])
    except (OSError, ValueError, KeyError) as error:
        raise UpgradeError("这不是安装包。", "this is no bundle.") from error
    finished = subprocess.run(  # noqa: S603 - the bundle that an administrator named
        [str(folder / "install"), "--lay", "--to", str(here.root)], env=environment(), check=False
    )
    if finished.returncode != 0:
        raise UpgradeError("新版本没有放好。", "the new release was not laid.")
    return version


def _back(home: Path, here: Installation) -> int:
    """To the release and the data before the last upgrade; later facts are taken in."""
    record = steps.last(home)
    if record is None or record.target != here.current():
        raise UpgradeError("没有可退回的升级。", "there is no upgrade to go back from.")
    steps.take_back(home, record, here)
    say(f"已退回 {record.origin}。", f"back at {record.origin}.")
    return 0
