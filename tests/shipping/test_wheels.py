"""docs/wheels.md against the lock; `make wheels` asks the index itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.release import wheelhouse
from tools.release.wheelhouse import Wheel

PAGE = Path(__file__).parents[2] / "docs" / "wheels.md"
ROW = re.compile(r"^\| (\S+) \| (\S+) \| (any|own) \| (any|own) \| ([0-9. ·]*) \|$", re.M)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_locked_dependency_has_a_wheel_for_both_machines() -> None:
    listed = {plain(name): version for name, version, *_ in ROW.findall(PAGE.read_text())}
    assert listed == {plain(name): version for name, version in wheelhouse.pinned().items()}


def test_no_wheel_asks_for_a_newer_c_library_than_kylin_has() -> None:
    floors = re.findall(r"2\.(\d+)", " ".join(row[4] for row in ROW.findall(PAGE.read_text())))
    assert floors
    assert max(map(int, floors)) <= 28


@pytest.mark.parametrize(
    ("file", "floor"),
    [
        ("numpy-2.4.6-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl", "2.27"),
        ("lxml-6.1.3-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", "2.17"),
        ("anyio-4.16.0-py3-none-any.whl", ""),
    ],
)
def test_the_oldest_c_library_is_read_from_the_name(file: str, floor: str) -> None:
    assert Wheel("x", "1", file).glibc == floor
