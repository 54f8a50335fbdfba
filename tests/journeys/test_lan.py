"""A village LAN without internet, three ways (docs/lan/), in a real browser.

The names are mapped to this machine as a router or the box itself would answer them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.journeys.conftest import FLAGS, PHONE, ROOT
from tests.journeys.county import bring_into_force
from tests.world.running_node import RunningNode, start, until

BOX, OWN = "village-box.lan", "node-101201.shiyi.example"


def settings(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "FENGSUI" not in name}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    if "FENGSUI_FRONTEND" in os.environ:
        kept["FENGSUI_FRONTEND"] = os.environ["FENGSUI_FRONTEND"]
    return {**kept, **more}


@contextmanager
def box(home: Path, *arguments: str, **more: str) -> Iterator[RunningNode]:
    """A demonstration node that also answers to names of a LAN."""
    node = start(home, "--demo", *arguments, environment=settings(**more))
    try:
        until(
            lambda: node.process.poll() is not None or any("Ctrl-C" in one for one in node.lines),
            "the node to be ready",
        )
        assert node.process.poll() is None, "\n".join(node.lines)
        yield node
    finally:
        node.stop()


@contextmanager
def browser(name: str, *flags: str) -> Iterator[Browser]:
    """Chromium on a LAN where `name` is this machine; it knows no other name."""
    chromium = os.environ.get("CHROMIUM") or subprocess.run(
        [ROOT / "make" / "find-chromium"], check=True, capture_output=True, text=True
    ).stdout.strip()  # fmt: skip
    rules = f"--host-resolver-rules=MAP {name} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    playwright: Playwright
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, rules, *flags])
        yield opened
        opened.close()


def sign_in(opened: Browser, node: RunningNode, address: str, title: str) -> Page:
    """A page of the first person with this title, signed in under `address`."""
    context = opened.new_context(base_url=address, locale="zh-CN", viewport=PHONE, has_touch=True)
    context.set_default_timeout(20_000)
    page = context.new_page()
    link = next(one for one in node.links() if title in one["title"])["url"]
    page.goto(f"{address}/link/{link.rsplit('/', 1)[1]}")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "sign-in" not in url and "/link/" not in url)
    return page


def abilities(page: Page) -> dict[str, Any]:
    """What this origin may do."""
    found: dict[str, Any] = page.evaluate(
        """async () => ({
          secure: isSecureContext,
          worker: 'serviceWorker' in navigator,
          camera: !!navigator.mediaDevices,
          subtle: !!crypto.subtle,
          indexed: await new Promise((done) => {
            const asked = indexedDB.open('probe')
            asked.onsuccess = () => done(true)
            asked.onerror = () => done(false)
          }),
        })"""
    )
    return found


def starts_without_the_box(page: Page) -> None:
    """The page installs itself and comes up again with no network at all."""
    page.goto("/field/")
    expect(page.get_by_text("村支书").first).to_be_visible()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.get_by_text("村支书").first).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("村支书").first).to_be_visible()
    page.context.set_offline(False)


def test_plain_http_works_with_the_outbox_and_says_what_it_cannot(tmp_path: Path) -> None:
    """docs/lan/plain-http.md"""
    hosts = f"127.0.0.1,localhost,{BOX}"
    with box(tmp_path, FENGSUI_HOSTS=hosts) as node, browser(BOX) as opened:
        address = f"http://{BOX}:{node.port}"
        officer = sign_in(opened, node, node.address, "值班员")
        leader = sign_in(opened, node, node.address, "带班领导")
        bring_into_force(officer, leader)
        phone = sign_in(opened, node, address, "村支书")
        phone.goto("/field/")
        can = abilities(phone)
        assert can == {
            "secure": False, "worker": False, "camera": False, "subtle": False, "indexed": True,
        }  # fmt: skip
        note = phone.locator("[data-test=plain-http]").first
        expect(note).to_contain_text("不能安装")
        expect(note).to_contain_text("不能用相机")

        expect(phone.get_by_role("button", name="记一下").first).to_be_visible()
        phone.context.set_offline(True)
        phone.get_by_role("button", name="记一下").first.click()
        phone.wait_for_timeout(600)
        phone.get_by_role("dialog").get_by_role("button", name="已转移").first.click()
        phone.wait_for_timeout(600)
        phone.context.set_offline(False)
        until(lambda: moved(phone) == 1, "the tick to reach the box", 30)
        phone.reload()
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert moved(phone) == 1


def moved(page: Page) -> int:
    """How many households this phone's person has ticked, as the box has it."""
    asked = "async () => (await (await fetch('/api/v1/field/tonight')).json()).groups"
    groups: list[dict[str, Any]] = page.evaluate(asked)
    everyone = [one for group in groups for one in group["households"]]
    return sum(one["status"] not in ("", "not_yet", "unknown", None) for one in everyone)


def ca(home: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "fengsui.config.cli", "ca", *arguments],
        env=settings(FENGSUI_HOME=str(home)), cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def trusting(certificate: Path) -> str:
    """The flag by which this browser trusts what `certificate` signed, as a phone that has it."""
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    key = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(key).digest()).decode()
    return f"--ignore-certificate-errors-spki-list={digest}"


@pytest.mark.parametrize("name", [BOX, OWN], ids=["county-ca", "own-domain"])
def test_a_certificate_makes_the_page_installable(tmp_path: Path, name: str) -> None:
    """docs/lan/county-ca.md with a LAN name; docs/lan/own-domain.md with the county's own domain.

    A public authority cannot be asked from a test: the own domain's certificate comes from a root
    that this browser is told to trust, which is all that a public one is.
    """
    home, stick = tmp_path / "home", tmp_path / "stick"
    home.mkdir()
    ca(home, "init", "--folder", str(stick), "--county", "示意县", "--domain", "shiyi.example")
    ca(home, "issue", "--folder", str(stick), "--name", name)
    with box(home, "--https") as node:
        address = f"https://{name}:{node.port}"
        with browser(name, trusting(stick / "ca.pem")) as opened:
            phone = sign_in(opened, node, address, "村支书")
            can = abilities(phone)
            assert can == {
                "secure": True, "worker": True, "camera": True, "subtle": True, "indexed": True,
            }  # fmt: skip
            assert all(cookie["secure"] for cookie in phone.context.cookies())
            starts_without_the_box(phone)
        with browser(name) as stranger:
            page = stranger.new_context().new_page()
            with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
                page.goto(address)
