"""A village box has 1 GB: what a node loads at rest is looked at, and weighed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import idle

# Each of these takes megabytes in every process that loads it; they come with the first use.
HEAVY = {
    "PIL", "asn1tools", "authlib", "capvalidator", "manimgx_fonts_cjk", "numpy", "openpyxl",
    "pypinyin", "python_calamine", "scipy", "shapely", "typst", "xlsxwriter",
}  # fmt: skip
LOAD = {
    "writer": "from fengsui.foundation.journal import dispatch\n"
    "dispatch.load_services(); dispatch.jobs()",
    "web": "from fengsui.config.asgi import application\n"
    "from django.urls import get_resolver\nget_resolver().url_patterns",
    "link": "from fengsui.exchange.links import caller",
}
PROBE = """
import json, sys
from fengsui.config import processes
processes._set_up({name!r})
{load}
sys.stdout.write(json.dumps(sorted({{one.split(".")[0] for one in sys.modules}})))
"""


@pytest.mark.parametrize("name", sorted(LOAD))
def test_what_is_heavy_is_not_loaded_at_rest(name: str, tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if "DJANGO" not in key}
    role = "writer" if name == "writer" else ""
    finished = subprocess.run(
        [sys.executable, "-c", PROBE.format(name=name, load=LOAD[name])],
        env={**kept, "FENGSUI_HOME": str(tmp_path), "FENGSUI_ROLE": role},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert HEAVY & set(json.loads(finished.stdout)) == set()


@pytest.mark.slow
def test_an_idle_node_with_a_line_to_the_node_above_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "SETTLE_SECONDS", 3.0)
    found = idle.run(tmp_path, with_link=True)
    assert set(found["processes"]) >= {"supervisor", "writer", "web", "link", "backup"}
    assert found["total_mib"] < idle.PROMISE_MIB, found
