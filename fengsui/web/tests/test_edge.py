"""The edge by itself: ids, headers, refusals, files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fengsui.web import bridge
from fengsui.web.bridge import WsgiBridge, environ_of
from fengsui.web.middleware import CONTENT_SECURITY_POLICY

pytestmark = pytest.mark.django_db(databases=["default", "local"])


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    """Front ends as the build leaves them, with a secret lying beside them."""
    settings.FRONTEND = tmp_path / "apps"
    for app in ("desk", "field", "public"):
        assets = tmp_path / "apps" / app / "dist" / "assets"
        assets.mkdir(parents=True)
        (assets / "main-abc123.js").write_text("1")
        (assets.parent / "index.html").write_text(f"<title>{app}</title>")
    (tmp_path / "apps" / "secret.txt").write_text("secret")
    return tmp_path


def test_every_answer_carries_an_id_and_safe_headers(client: Client) -> None:
    for path in ("/", "/healthz", "/desk/", "/nowhere", "/api/v1/nowhere"):
        response = client.get(path)
        assert len(response["X-Request-Id"]) == 16, path
        assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert "microphone=()" in response["Permissions-Policy"]


def test_a_well_formed_id_of_the_caller_is_kept_and_any_other_is_not(client: Client) -> None:
    assert client.get("/", headers={"X-Request-Id": "abc-12345"})["X-Request-Id"] == "abc-12345"
    forged = client.get("/", headers={"X-Request-Id": 'x" injected'})["X-Request-Id"]
    assert forged != 'x" injected'


def test_a_refusal_has_a_code_two_languages_and_the_request_id(client: Client) -> None:
    response = client.get("/api/v1/nowhere")
    body = response.json()
    assert response.status_code == 404
    assert body["code"] == "web.no_such_page"
    assert body["zh"]
    assert body["en"]
    assert body["request_id"] == response["X-Request-Id"]


def test_a_page_without_its_token_changes_nothing(client: Client) -> None:
    response = client.post("/api/v1/session/end", {}, content_type="application/json")
    assert response.status_code == 403
    assert response.json()["code"] == "web.stale_page"


def test_health_and_metrics_answer_this_machine_only(client: Client) -> None:
    assert client.get("/healthz").json()["database"] is True
    assert "fengsui_requests_total" in client.get("/metrics").content.decode()
    for path in ("/healthz", "/metrics"):
        assert client.get(path, REMOTE_ADDR="10.1.2.3").status_code == 404
        assert client.get(path, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_nobody_is_led_to_the_public_page(client: Client) -> None:
    assert client.get("/")["Location"] == "/public/"


def test_hashed_files_are_kept_for_a_year_and_pages_are_asked_for_again(
    client: Client, built: Path
) -> None:
    script = client.get("/desk/assets/main-abc123.js")
    assert script["Cache-Control"].endswith("immutable")
    assert script["Content-Type"].startswith("text/javascript")
    page = client.get("/field/tonight")
    assert page.content == b"<title>field</title>"
    assert page["Cache-Control"] == "no-cache"
    again = client.get("/field/tonight", headers={"If-None-Match": page["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/desk/../../secret.txt",
        "/desk/%2e%2e/%2e%2e/secret.txt",
        "/desk/..%2f..%2fsecret.txt",
        "/desk//etc/passwd",
        "/desk/assets/../../../../secret.txt",
    ],
)
def test_no_path_leads_out_of_the_built_folder(client: Client, built: Path, path: str) -> None:
    response = client.get(path)
    assert b"secret" not in response.content
    assert b"root:" not in response.content


def test_a_missing_file_is_not_answered_with_a_page(client: Client, built: Path) -> None:
    assert client.get("/desk/assets/gone-123.js").status_code == 404


def test_pages_that_are_not_built_say_what_to_do(
    client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.FRONTEND = tmp_path
    response = client.get("/desk/")
    assert response.status_code == 503
    assert "make run" in response.content.decode()


def test_fetching_a_one_time_link_does_not_use_it_up(client: Client, built: Path) -> None:
    for _ in range(2):
        assert client.get("/link/some-token").content == b"<title>desk</title>"


def _scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/村/",
        "query_string": b"a=1",
        "headers": [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x_forwarded_for", b"9.9.9.9")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8600),
        **changes,
    }


def _through(app: Any, parts: list[bytes]) -> list[Any]:
    sent: list[Any] = []
    rest = list(parts)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": rest.pop(0), "more_body": bool(rest)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(WsgiBridge(app, threads=1)(_scope(), receive, send))
    return sent


def test_the_bridge_hands_django_the_whole_request() -> None:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("201 Created", [("X-Thing", "值".encode().decode("latin-1"))])
        return [b"one", b"two"]

    start, body = _through(app, [b"ab", b"cd"])
    assert seen["body"] == b"abcd"
    assert seen["CONTENT_LENGTH"] == "4"
    assert seen["HTTP_COOKIE"] == "a=1; b=2"
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/村/"
    assert start["status"] == 201
    assert body["body"] == b"onetwo"


def test_the_bridge_refuses_a_body_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "BODY_BYTES_MAX", 3)
    start, body = _through(None, [b"ab", b"cd"])
    assert start["status"] == 413
    assert json.loads(body["body"])["code"] == "web.too_large"


def test_a_header_with_an_underscore_cannot_pass_for_another() -> None:
    assert "HTTP_X_FORWARDED_FOR" not in environ_of(_scope(), b"")
