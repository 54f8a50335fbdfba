"""天地图 through the node, against a fake of it on this machine: and what an attacker tries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.gateways import tianditu
from fengsui.web import tiles
from fengsui.web.tile_store import TileStore
from tests.world import county as world

KEY = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


@dataclass
class FakeTianditu:
    """Answers like the real one, or as badly as a test wants."""

    host: str = ""
    status: int = 200
    body: bytes = PNG
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def other_side() -> Iterator[FakeTianditu]:
    fake = FakeTianditu()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            self.send_response(fake.status)
            for name, value in fake.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(fake.body)))
            self.end_headers()
            self.wfile.write(fake.body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.host = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def officer(
    node: Any, settings: Any, other_side: FakeTianditu, tmp_path: Path, monkeypatch: Any
) -> Client:
    settings.TIANDITU_KEY = KEY
    settings.TIANDITU_HOST = other_side.host
    settings.TIANDITU_APPROVAL = "示意审图号"
    settings.TIANDITU_CACHE_MB = 0
    settings.HOME = tmp_path
    monkeypatch.setattr(tiles, "line", tiles._Line())
    county = world.build()
    client = Client()
    session = client.session
    session[SESSION_PERSON] = county.ids["officer"]
    session.save()
    return client


def test_a_tile_comes_through_the_node_and_the_key_stays_there(
    officer: Client, other_side: FakeTianditu
) -> None:
    answer = officer.get("/tiles/vec/10/815/420")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", PNG)
    asked = urlsplit(other_side.asked[0])
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert asked.path == "/vec_w/wmts"
    assert query == {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": "vec",
        "STYLE": "default",
        "TILEMATRIXSET": "w",
        "FORMAT": "tiles",
        "TILEMATRIX": "10",
        "TILEROW": "420",
        "TILECOL": "815",
        "tk": KEY,
    }
    offered = officer.get("/api/v1/map/tiles")
    assert offered.json()["approval_number"] == "示意审图号"
    assert [one["name"] for one in offered.json()["layers"]] == ["vec", "img", "ter"]
    assert KEY not in offered.content.decode() + str(answer.headers) + str(offered.headers)


def test_nobody_but_the_signed_in_gets_one(officer: Client, other_side: FakeTianditu) -> None:
    assert Client().get("/tiles/vec/10/815/420").status_code == 401
    assert Client().get("/api/v1/map/tiles").status_code == 401
    assert other_side.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/secret/10/815/420",
        "/tiles/vec_w/10/815/420",
        "/tiles/vec/0/0/0",
        "/tiles/vec/19/0/0",
        "/tiles/vec/3/8/0",
        "/tiles/vec/3/0/8",
        "/tiles/vec/3/-1/0",
        "/tiles/vec/3/0/0?tk=mine&LAYER=img",
        "/tiles/vec/3/0/0/../../../etc/passwd",
        "/tiles/http:%2F%2F10.0.0.1%2F/3/0/0",
        "/tiles/vec%2F..%2F..%2Fx/3/0/0",
        "/tiles/vec/3/0/99999999999999999999999999",
    ],
)
def test_nothing_but_tiles_can_be_asked_for(
    officer: Client, other_side: FakeTianditu, path: str
) -> None:
    """An open proxy or a way into the county's own network would begin here."""
    answer = officer.get(path)
    if answer.status_code == 200:  # the query of the page never reaches the other side
        assert "mine" not in other_side.asked[0]
        assert "LAYER=vec" in other_side.asked[0]
    else:
        assert answer.status_code in (400, 404)
        assert other_side.asked == []


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (302, b"", {"Location": "http://127.0.0.1:1/latest/meta-data"}),
        (200, b"<html><script>alert(1)</script></html>", {"Content-Type": "image/png"}),
        (200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"Content-Type": "image/svg+xml"}),
        (403, PNG, {}),
        (500, b"", {}),
        (200, PNG + b"\0" * tianditu.TILE_BYTES_MAX, {}),
    ],
)
def test_what_is_no_tile_is_not_passed_on(
    officer: Client,
    other_side: FakeTianditu,
    status: int,
    body: bytes,
    headers: dict[str, str],
) -> None:
    other_side.status, other_side.body, other_side.headers = status, body, headers
    answer = officer.get("/tiles/vec/10/815/420")
    assert (answer.status_code, answer.json()["code"]) == (503, "web.tiles_unreachable")
    assert len(other_side.asked) == 1


def test_an_answer_that_drips_is_let_go(
    officer: Client, other_side: FakeTianditu, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tiles, "TILE_SECONDS_MAX", -1.0)
    assert officer.get("/tiles/vec/10/815/420").status_code == 503


def test_while_the_other_side_is_down_nobody_asks_it(
    officer: Client, other_side: FakeTianditu, monkeypatch: Any, caplog: Any
) -> None:
    other_side.status = 500
    for row in range(5):
        assert officer.get(f"/tiles/vec/10/815/{row}").status_code == 503
    assert len(other_side.asked) == 1
    assert KEY not in caplog.text

    other_side.status = 200
    monkeypatch.setattr(tiles, "PAUSE_SECONDS", 0.0)
    assert officer.get("/tiles/vec/10/815/420").status_code == 200


def test_tiles_never_take_all_of_the_nodes_hands(officer: Client, other_side: FakeTianditu) -> None:
    for _ in range(tiles.AT_ONCE_MAX):
        assert tiles.line.places.acquire(blocking=False)
    assert officer.get("/tiles/vec/10/815/420").status_code == 503
    assert other_side.asked == []
    tiles.line.places.release()
    assert officer.get("/tiles/vec/10/815/420").status_code == 200


def test_nothing_is_kept_unless_the_county_says_so(
    officer: Client, other_side: FakeTianditu, settings: Any, tmp_path: Path
) -> None:
    for _ in range(2):
        officer.get("/tiles/vec/10/815/420")
    assert len(other_side.asked) == 2
    assert not (tmp_path / "tiles").exists()

    settings.TIANDITU_CACHE_MB = 1
    for _ in range(3):
        assert officer.get("/tiles/vec/10/815/420").content == PNG
    assert len(other_side.asked) == 3


def test_what_is_kept_stays_below_its_quota(tmp_path: Path) -> None:
    store = TileStore(tmp_path / "tiles", 10_000)
    for row in range(50):
        store.keep("vec", 10, 815, row, PNG + bytes(1_000))
        kept = sum(one.stat().st_size for one in tmp_path.rglob("*") if one.is_file())
        assert kept <= 10_000
    assert store.read("vec", 10, 815, 49) is not None
    assert store.read("vec", 10, 815, 0) is None
    store.keep("vec", 10, 815, 60, bytes(10_001))
    assert store.read("vec", 10, 815, 60) is None


@pytest.mark.parametrize("key", ["", "x", "../../etc", "key&LAYER=img", KEY + "\n"])
def test_without_a_key_that_is_one_there_is_no_tianditu(
    officer: Client, other_side: FakeTianditu, settings: Any, key: str
) -> None:
    settings.TIANDITU_KEY = key
    assert officer.get("/api/v1/map/tiles").json()["is_set"] is False
    refused = officer.get("/tiles/vec/10/815/420")
    assert (refused.status_code, refused.json()["code"]) == (404, "web.no_tiles")
    assert other_side.asked == []


@pytest.mark.parametrize(
    ("host", "is_fine"),
    [
        (tianditu.HOST_PATTERN, True),
        ("https://maps.county.example:8443", True),
        ("http://127.0.0.1:8080", True),
        ("http://10.0.0.1", False),
        ("http://t0.tianditu.gov.cn", False),
        ("file:///etc/passwd", False),
        ("https://user@host", False),
        ("https://host/path", False),
        ("https://host?x=1", False),
        ("", False),
    ],
)
def test_the_key_goes_over_https_or_stays_on_the_machine(host: str, is_fine: bool) -> None:
    assert (tianditu.host_fault(host) == "") is is_fine
