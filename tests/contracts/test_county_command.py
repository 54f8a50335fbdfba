"""`fengsui county`, as a person types it: a fresh folder, real counties, broken files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.world.shared_data import shared

REPOSITORY = Path(__file__).parents[2]


def fengsui(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "FENGSUI_ROLE"}
    environment.pop("FENGSUI_DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "fengsui.config.cli", *arguments],
        env={
            **environment,
            "FENGSUI_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "fengsui.config.settings",
        },
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_real_county_is_imported_once_filled_and_says_what_is_missing(tmp_path: Path) -> None:
    guzhang = str(shared("admin/guzhang_433126"))

    first = fengsui(tmp_path, "county", "import", guzhang)
    assert first.returncode == 0, first.stderr
    assert "古丈县 433126000000" in first.stdout
    assert "乡镇 townships 7" in first.stdout
    assert "村 villages 112（有点位 with a point 84）" in first.stdout
    assert "无点位的村 villages without a point: 28" in first.stdout
    assert "433126106000 断龙山镇" in first.stdout
    assert "CC BY 4.0" in first.stdout

    again = fengsui(tmp_path, "county", "import", guzhang)
    assert again.returncode == 0, again.stderr
    assert "nothing new, nothing recorded" in again.stdout

    filled = fengsui(tmp_path, "county", "generate", "--seed", "5", "--households", "600")
    assert filled.returncode == 0, filled.stderr
    assert "households 600" in filled.stdout
    assert filled.stdout.startswith("示意")


def test_a_broken_folder_is_refused_with_file_and_row_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "county"
    shutil.copytree(shared("admin/guzhang_433126"), folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    villages = folder / "villages.csv"
    text = villages.read_text()
    villages.write_text(text.replace("433126101006", "43312610100").replace("109.947808", "east"))
    home = tmp_path / "home"

    refused = fengsui(home, "county", "import", str(folder))
    assert refused.returncode == 1
    assert "villages.csv:3 code" in refused.stdout
    assert "villages.csv:4 lon" in refused.stdout
    assert "places.import_refused" in refused.stderr

    villages.write_text(text)
    mended = fengsui(home, "county", "import", str(folder))
    assert mended.returncode == 0, mended.stderr
    assert "新写入 recorded: 120" in mended.stdout


def test_an_empty_folder_is_refused_by_the_names_of_the_files(tmp_path: Path) -> None:
    refused = fengsui(tmp_path / "home", "county", "import", str(tmp_path))
    assert refused.returncode == 1
    for name in ("county.geojson", "towns.csv", "villages.csv"):
        assert name in refused.stdout
