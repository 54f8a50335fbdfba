"""The switch of data and program, stopped before every single step of it on the disk."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fengsui.config.releases import Installation
from fengsui.config.upgrading import record as records
from fengsui.config.upgrading import steps, swap
from fengsui.config.upgrading.record import PREPARING, TRYING, Record

OLD, NEW = "1.0", "2.0"
STEPS_MAX = 60


class PowerCutError(BaseException):
    """Nothing after this happens; nothing catches it."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "opt"
    for version in (OLD, NEW):
        (root / "releases" / version).mkdir(parents=True)
    Installation(root).point_to(OLD)
    made = tmp_path / "home"
    work = made / "upgrades" / "20260717T020000Z" / "work"
    work.mkdir(parents=True)
    for name in swap.MOVED:
        (made / name).write_text(f"old {name}")
        (work / name).write_text(f"new {name}")
    Record(work.parent.name, PREPARING, str(root), OLD, NEW).write(made)
    return made


def state(home: Path) -> tuple[str, set[str]]:
    """Which program starts, and whose data lies there."""
    root = (
        Path(json.loads((home / "upgrade.json").read_text())["root"])
        if (home / "upgrade.json").exists()
        else home.parent / "opt"
    )
    words = {
        (home / name).read_text().split()[0] if (home / name).exists() else "nothing"
        for name in swap.MOVED
    }
    return Installation(root).current(), words


def cut_after(count: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """From the `count`-th change of a name on the disk on, nothing happens any more."""
    done = 0

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def change(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done > count:
                raise PowerCutError
            return original(*arguments, **named)

        return change

    for name in ("replace", "symlink", "unlink"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))
    return lambda: done


def quiet(zh: str, en: str) -> None:
    return None


def test_forward_is_whole_after_a_cut_at_any_step(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    untouched, forward = 0, 0
    for count in range(STEPS_MAX):
        copy = tmp_path / f"cut-{count}" / "home"
        shutil.copytree(tmp_path / "opt", copy.parent / "opt", symlinks=True)
        shutil.copytree(home, copy)
        known = Record.read(copy)
        assert known is not None
        known = Record(known.id, PREPARING, str(copy.parent / "opt"), OLD, NEW).write(copy)
        with monkeypatch.context() as patched:
            steps_done = cut_after(count, patched)
            try:
                swap.switch(copy, known)
                is_over = True
            except PowerCutError:
                is_over = False
            assert steps_done() <= count + 1
        if is_over:
            break
        program, data = state(copy)
        if program == OLD:
            # An old program that knows nothing of upgrades may start here: its data is there.
            assert data == {"old"}, f"after {count} steps"
        steps.finish(copy, quiet)
        program, data = state(copy)
        assert (program, data) in ((OLD, {"old"}), (NEW, {"new"})), f"after {count} steps"
        untouched += program == OLD
        forward += program == NEW
    assert is_over
    assert untouched > 0
    assert forward > 5


def test_back_is_whole_after_a_cut_at_any_step(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = Record.read(home)
    assert known is not None
    # No database in these files: the number of facts is the same before and after.
    monkeypatch.setattr(swap, "facts_in", lambda database: 0)
    swap.switch(home, known)
    cuts = 0
    for count in range(STEPS_MAX):
        copy = tmp_path / f"cut-{count}" / "home"
        shutil.copytree(tmp_path / "opt", copy.parent / "opt", symlinks=True)
        shutil.copytree(home, copy)
        tried = Record(known.id, TRYING, str(copy.parent / "opt"), OLD, NEW).write(copy)
        with monkeypatch.context() as patched:
            cut_after(count, patched)
            try:
                steps.go_back(copy, tried)
                is_over = True
            except PowerCutError:
                is_over = False
        if is_over:
            break
        cuts += 1
        assert "nothing" not in state(copy)[1] or state(copy)[0] == NEW
        left = records.Record.read(copy)
        if left is not None and left.state == TRYING:
            assert state(copy) == (NEW, {"new"}), "the way back had not begun"
            continue
        steps.finish(copy, quiet)
        assert state(copy) == (OLD, {"old"}), f"after {count} steps"
    assert is_over
    assert cuts > 5


def test_a_release_that_never_gets_well_is_taken_back_by_its_own_starts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody watches: the upgrade was killed, systemd starts the node again and again."""
    monkeypatch.setattr(swap, "facts_in", lambda database: 0)
    known = Record.read(home)
    assert known is not None
    swap.switch(home, known)
    for _ in range(swap.STARTS_MAX):
        steps.finish(home, quiet)
        assert state(home) == (NEW, {"new"})
    steps.finish(home, quiet)
    assert state(home) == (OLD, {"old"})
    assert Record.read(home) is None


def test_two_upgrades_at_once_are_refused(home: Path) -> None:
    with steps.alone(home), pytest.raises(swap.UpgradeError), steps.alone(home):
        pass


def test_too_little_room_is_said_before_anything_is_done(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    records.forget(home)
    installation = Installation(tmp_path / "opt")
    for version in (OLD, NEW):
        (installation.release(version) / "release.json").write_text(
            json.dumps({"version": version})
        )
    full = shutil.disk_usage(home)._replace(free=50 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    upgrade = steps.Upgrade(home, installation, OLD, NEW, quiet)
    with pytest.raises(swap.UpgradeError, match="磁盘"):
        upgrade.carry_out()
    assert state(home) == (OLD, {"old"})
    assert Record.read(home) is None
