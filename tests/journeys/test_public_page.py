"""Anybody reads what is in force, what to do and whom to ring; machines read CAP 1.2."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree
from playwright.sync_api import Page, expect

from fengsui.gateways.protocols import check
from fengsui.gateways.protocols.cap.schema import schema_findings
from fengsui.gateways.warnings import Verdict
from tests.journeys.conftest import PHONE
from tests.journeys.county import api, bring_into_force

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_public_page_says_what_to_do_and_whom_to_ring(
    visitors: Any,
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/")
    alert = bring_into_force(officer, sign_in("带班领导", "/desk/"))
    known = api(officer, "GET", f"/alerts/{alert['id']}")

    page = visitors.open("/public/", PHONE, color_scheme="light")
    card = page.get_by_role("article").first
    expect(card.get_by_role("heading", name="暴雨红色预警")).to_be_visible()
    expect(card.get_by_text(known["instruction"], exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="打值班电话")).to_have_attribute(
        "href", f"tel:{page.request.get('/api/v1/public/alerts').json()['phone']['duty_room']}"
    )
    picture(page, "public-phone-day")
    assert barriers(page) == []

    # A bulletin that was pasted whole stands on the card once, in its own words.
    expect(card.locator(".card-verbatim")).to_be_visible()
    expect(card.locator(".card-verbatim")).to_have_text(known["verbatim_text"])
    expect(card.get_by_text(known["verbatim_text"])).to_have_count(1)
    aloud = card.get_by_role("button", name="念给我听")
    expect(aloud).to_have_attribute("aria-pressed", "false")
    aloud.click()
    expect(card.get_by_role("button", name=re.compile("念"))).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Warnings in force")).to_be_visible()
    expect(card.locator(".card-verbatim")).to_have_text(known["verbatim_text"])
    assert barriers(page) == []

    wide = visitors.open("/public/", {"width": 1280, "height": 800}, color_scheme="dark")
    expect(wide.get_by_role("article").first).to_be_visible()
    picture(wide, "public-wide-night")
    assert barriers(wide) == []


def test_the_feed_is_atom_of_valid_cap(visitors: Any, sign_in: Callable[..., Page]) -> None:
    bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))
    page = visitors.open("/public/", PHONE)
    address = page.locator("link[rel=alternate]").get_attribute("href")
    feed = page.request.get(address or "")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    root = etree.fromstring(feed.body())
    entries = root.findall(f"{ATOM}entry")
    assert root.tag == f"{ATOM}feed"
    assert len(entries) == len(page.request.get("/api/v1/public/alerts").json()["items"])
    assert check(feed.body()).verdict == Verdict.ACCEPTED
    for entry in entries:
        link = next(
            one.get("href")
            for one in entry.findall(f"{ATOM}link")
            if one.get("type") == "application/cap+xml"
        )
        cap = page.request.get(link or "")
        assert cap.headers["content-type"].startswith("application/cap+xml")
        assert schema_findings(etree.fromstring(cap.body())) == []
        assert check(cap.body()).verdict == Verdict.ACCEPTED


def test_without_scripts_the_page_leads_to_the_feed(visitors: Any) -> None:
    page = visitors.open("/public/", PHONE, java_script_enabled=False)
    expect(page.get_by_role("link", name="这个清单")).to_have_attribute(
        "href", "/api/v1/public/feed.atom"
    )
