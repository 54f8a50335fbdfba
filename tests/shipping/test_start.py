"""The first start of a node, as its new owner sees it."""

from __future__ import annotations

import json

import pytest

from tests.world.running_node import running

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("words", [("--demo",), ()])
def test_a_first_start_has_nothing_to_complain_about(words: tuple[str, ...]) -> None:
    with running(*words) as node:
        complaints = [
            line["message"]
            for path in (node.home / "logs").glob("*.log")
            for line in map(json.loads, path.read_text().splitlines())
            if line["level"] not in ("debug", "info")
        ]
    assert complaints == []
    assert not [line for line in node.lines if "Traceback" in line]
