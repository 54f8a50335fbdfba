"""`fengsui bundle`, as a person types it: two machines, one stick, nothing else between them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.test_county_command import fengsui


@pytest.mark.slow
def test_two_machines_come_level_by_a_stick(tmp_path: Path) -> None:
    county, township, stick = (tmp_path / name for name in ("county", "township", "stick"))
    for folder in (county, township, stick):
        folder.mkdir()

    def run(home: Path, *arguments: str, code: int = 0) -> str:
        done = fengsui(home, *arguments)
        assert done.returncode == code, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    root, request, chain = (str(stick / name) for name in ("root", "request.txt", "chain.txt"))
    run(county, "node", "init", "--county", "439901000000", "--root", root, "--name", "示例县")
    asked = run(
        township, "node", "request", "--level", "township", "--scope", "439901101000",
        "--name", "青石镇", "--out", request,
    )  # fmt: skip
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4})+", asked)
    assert found, asked
    run(county, "node", "enrol", request, "--code", found[0], "--out", chain)
    run(township, "node", "accept", chain)

    file = stick / "down.fsb"
    told = run(county, "bundle", "export", "--for", "青石镇", "--out", str(file))
    assert "Not delivered until" in told
    cut = stick / "cut.fsb"
    cut.write_bytes(file.read_bytes()[:-7])
    assert "bundles.cut_short" in run(township, "bundle", "import", str(cut), code=1)
    first = run(township, "bundle", "import", str(file), "--carried-by", "示意子")
    assert "来自 from 示例县" in first
    again = run(township, "bundle", "import", str(file), "--carried-by", "示意子")
    assert "read before" in again
    assert "新读入 taken 0" in again

    run(township, "bundle", "export", "--for", "439901000000", "--out", str(stick))
    (back,) = stick.glob("fengsui-439901000000-*.fsb")
    answer = run(county, "bundle", "import", str(back))
    acknowledged = re.search(r"acknowledged by it: (\d+)", answer)
    assert acknowledged
    assert int(acknowledged[1]) > 0
    assert "0 条" in run(county, "bundle", "export", "--for", "青石镇", "--out", str(file))
    listed = run(township, "bundle", "list")
    assert "示意子" in listed
    assert "cut_short" in listed
    assert not list(stick.glob("*.part"))
