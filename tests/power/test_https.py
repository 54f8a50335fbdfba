"""A whole node that speaks HTTPS with a certificate of the county's root."""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.postgres import free_port
from tests.world.running_node import RunningNode, start, until

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "FENGSUI" not in name}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept


def ca(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fengsui.config.cli", "ca", *arguments],
        env={**environment(), "FENGSUI_HOME": str(home)},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, Path, int]]:
    """A box with a certificate for its LAN name; the stick with the root; the plain port."""
    home, stick = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("stick")
    hint = free_port()
    assert ca(home, "init", "--folder", str(stick), "--county", "示意县").returncode == 0
    made = ca(home, "issue", "--folder", str(stick), "--name", "village-box.lan")
    assert made.returncode == 0, made.stderr
    node = start(home, "--https", "--hint-port", str(hint))
    try:
        until(
            lambda: node.process.poll() is not None or any("https://" in one for one in node.lines),
            "the node to be ready",
        )
        assert node.process.poll() is None, "\n".join(node.lines)
        yield node, stick, hint
    finally:
        node.stop()


def connect(
    node: RunningNode, root: Path, name: str = "village-box.lan"
) -> tuple[int, dict[str, str]]:
    """GET the session over TLS that trusts only `root` and insists on `name`."""
    context = ssl.create_default_context(cafile=str(root))
    connection = http.client.HTTPSConnection("127.0.0.1", node.port, timeout=10, context=context)
    plain = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    plain.connect()
    connection.sock = context.wrap_socket(plain.sock, server_hostname=name)
    try:
        connection.request("GET", "/api/v1/session", headers={"Host": f"{name}:{node.port}"})
        response = connection.getresponse()
        response.read()
        return response.status, {key.lower(): value for key, value in response.getheaders()}
    finally:
        connection.close()


def test_the_county_root_is_enough_to_trust_the_box(box: tuple[RunningNode, Path, int]) -> None:
    node, stick, _ = box
    status, headers = connect(node, stick / "ca.pem")
    assert status == 200
    assert "Secure" in headers["set-cookie"]
    assert "strict-transport-security" not in headers, "a LAN name may need plain HTTP again"
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(node, stick / "ca.pem", "another-box.lan")


def test_the_plain_port_leads_to_the_secure_one(box: tuple[RunningNode, Path, int]) -> None:
    node, stick, hint = box
    connection = http.client.HTTPConnection("127.0.0.1", hint, timeout=10)
    connection.request("GET", "/")
    page = connection.getresponse().read().decode()
    assert f"https://village-box.lan:{node.port}/" in page
    connection.request("GET", "/ca.crt")
    response = connection.getresponse()
    assert response.getheader("Content-Type") == "application/x-x509-ca-cert"
    assert response.read() == (stick / "ca.pem").read_bytes()
    connection.close()


def test_https_without_a_certificate_says_what_to_do(tmp_path: Path) -> None:
    node = start(tmp_path, "--https")
    assert node.wait() == 1
    assert any("fengsui ca issue" in line for line in node.lines)
