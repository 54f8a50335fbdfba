"""The bytes of a fact are fixed: what spec/journal.json says, every version reads."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from fengsui.foundation.journal import codec, verify
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.journal.signing import SUITES
from tests.beacon.facts import BEACON_LIT, BEACON_SEEN

from .conftest import VILLAGE, Neighbour

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = ROOT / "spec" / "journal.json"


def present() -> dict[str, Any]:
    """A small journal under the all-zero seed, with salts of zeros."""
    neighbour = Neighbour()
    first = neighbour.write(
        BEACON_LIT,
        {"name": "长岭烽燧", "height_metres": 1268},
        personal={"keeper": "示意甲"},
        items=[{"watcher": "示意乙"}, {"watcher": "示意丙"}, {"watcher": "示意丁"}],
    )
    neighbour.write(BEACON_LIT, {"name": "", "height_metres": -1}, cause=first)
    neighbour.write(
        BEACON_SEEN,
        {"beacon_id": entity_id(first), "note": {"b": [1, None, True], "a": b"\x00"}},
        signed=False,
    )
    neighbour.write(BEACON_SEEN, {"beacon_id": 2**62, "note": "亮"})
    feeds = []
    for kind in (BEACON_LIT, BEACON_SEEN):
        key = neighbour.feed_key(kind, VILLAGE)
        facts = neighbour.facts[key.fact_class, key.audience]
        feeds.append(
            {
                "suite": key.suite,
                "public_key": key.public_key.hex(),
                "incarnation": key.incarnation,
                "class": key.fact_class,
                "audience": key.audience,
                "feed": codec.feed_id(key, SUITES[key.suite].digest).hex(),
                "facts": [
                    {
                        "id": SUITES[key.suite].digest(header)[:16].hex(),
                        "entity": str(entity_id(SUITES[key.suite].digest(header)[:16])),
                        "header": header.hex(),
                        "body": body.hex(),
                        "signature": signature.hex() if signature else None,
                    }
                    for header, body, signature in facts
                ],
            }
        )
    return {"version": codec.HEADER_VERSION, "feeds": feeds}


def test_the_bytes_are_those_of_the_golden_file() -> None:
    assert present() == json.loads(GOLDEN.read_text())


def test_the_independent_verifier_agrees(node: Any, tmp_path: Path) -> None:
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import services
    from tests.beacon import services as beacons

    viewer = node_viewer()
    lit = beacons.light(viewer=viewer, place_code=VILLAGE, name="甲", watchers=["示意乙"] * 5)
    beacons.light_and_see(viewer=viewer, place_code=VILLAGE, name="乙")
    services.erase_leaves(viewer=viewer, fact_id=lit["fact_id"], reason="保存期已满")
    path = tmp_path / "export.fj"
    with path.open("wb") as target:
        assert verify.export(target) == 4
    assert verify.check_file(path, processes=1).is_whole
    assert _independent(path) == 0
    assert _independent(path, node.key.public.hex()) == 0
    assert _independent(path, "00" * 32) == 1
    whole = path.read_bytes()
    place = whole.index("乙".encode())
    path.write_bytes(whole[:place] + b"\xe4\xb8\x80" + whole[place + 3 :])
    assert not verify.check_file(path, processes=1).is_whole
    assert _independent(path) == 1
    path.write_bytes(whole[:-7])
    assert _independent(path) in (1, 2)


def _independent(*arguments: object) -> int:
    tool = ROOT / "tools" / "verify_journal.py"
    command = [sys.executable, str(tool), *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True).returncode


def test_the_independent_verifier_is_short_and_independent() -> None:
    text = (ROOT / "tools" / "verify_journal.py").read_text()
    assert len(text.splitlines()) < 200
    assert "import fengsui" not in text
    assert "from fengsui" not in text
