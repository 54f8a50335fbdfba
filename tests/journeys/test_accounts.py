"""Accounts in a real browser: the township enrols, a new person comes in, sets a password and a
second factor; keys, roles and the auditor's list; desk and phone size, by day and night."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Visitors
from tests.journeys.county import api
from tests.world.oidc import Provider

PASSWORD = "Zhengchang-2026"
THEMES = ("night", "day")


def free_of_barriers(page: Page, barriers: Callable[[Page], list[str]], name: str) -> None:
    """Both themes, then the same page narrow."""
    for theme in THEMES:
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        # Colours fade from one theme to the other; what is half way is nobody's theme.
        page.evaluate(
            "() => Promise.allSettled(document.getAnimations().map((one) => one.finished))"
        )
        assert barriers(page) == [], f"{name} {theme}"
    page.evaluate("() => document.documentElement.dataset.theme = 'night'")


def narrow(page: Page, picture: Callable[[Page, str], None], name: str) -> None:
    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    over = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 1, f"{name} is {over} px wider than a phone"
    picture(page, f"{name}-phone")
    assert wide is not None
    page.set_viewport_size(wide)


def test_a_township_enrols_somebody_who_comes_in_and_secures_the_account(
    sign_in: Callable[..., Page],
    visitors: Visitors,
    barriers: Callable[[Page], list[str]],
    picture: Callable[[Page, str], None],
) -> None:
    township = sign_in("值班员", "/desk/accounts")
    expect(township.get_by_role("heading", name="账号")).to_be_visible()
    free_of_barriers(township, barriers, "accounts")
    picture(township, "accounts")
    narrow(township, picture, "accounts")
    township.get_by_role("button", name="开账号").click()
    dialog = township.get_by_role("dialog", name="开账号")
    dialog.get_by_label("谁？").fill("某05")
    dialog.get_by_role("listitem").first.get_by_role("button").click()
    dialog.get_by_label("网格员").check()
    assert barriers(township) == []
    picture(township, "accounts-enrol")
    dialog.get_by_role("button", name="开通并显示登录链接").click()
    address = dialog.locator(".link-address")
    expect(address).to_contain_text("/link/")
    assert dialog.get_by_label("带班领导").count() == 0
    assert barriers(township) == []
    picture(township, "accounts-link")
    path = "/link/" + address.inner_text().rsplit("/", 1)[1]

    person = visitors.open(path)
    person.get_by_role("button", name="登录").click()
    person.wait_for_url(lambda url: "/link/" not in url and "sign-in" not in url)
    person.goto("/desk/my-sign-in")
    expect(person.get_by_role("heading", name="我的登录")).to_be_visible()
    free_of_barriers(person, barriers, "my sign-in")
    picture(person, "my-sign-in")
    narrow(person, picture, "my-sign-in")
    person.get_by_label("登录名").fill("示意网格新人")
    person.get_by_label("新密码").fill(PASSWORD)
    person.get_by_label("再输一次").fill(PASSWORD)
    person.get_by_role("button", name="保存密码").click()
    expect(person.get_by_text("密码已保存")).to_be_visible()
    person.get_by_role("button", name="设置动态口令").click()
    secret = person.locator(".factor-secret b").inner_text()
    free_of_barriers(person, barriers, "second factor")
    picture(person, "second-factor")
    person.get_by_role("textbox", name="动态口令", exact=True).fill(pyotp.TOTP(secret).now())
    person.get_by_role("button", name="启用").click()
    expect(person.get_by_role("heading", name="请抄下或打印恢复码")).to_be_visible()
    picture(person, "recovery-codes")
    codes = person.locator(".recovery-codes li").all_inner_texts()
    assert len(codes) == 8
    person.get_by_role("button", name="已抄好，继续").click()

    again = visitors.open("/desk/sign-in")
    again.get_by_label("登录名").fill("示意网格新人")
    again.get_by_label("密码").fill(PASSWORD)
    again.get_by_role("button", name="登录").click()
    expect(again.get_by_role("heading", name="输入动态口令")).to_be_visible()
    free_of_barriers(again, barriers, "code")
    picture(again, "sign-in-code")
    again.get_by_role("textbox", name="动态口令").fill(codes[0])
    again.get_by_role("button", name="继续").click()
    again.wait_for_url(re.compile("/field/"))


@pytest.mark.parametrize(
    ("title", "path", "heading"),
    [
        ("带班领导", "/desk/keys", "接口密钥"),
        ("值班员", "/desk/roles", "角色"),
    ],
)
def test_a_page_is_calm_and_free_of_barriers(
    title: str,
    path: str,
    heading: str,
    sign_in: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    picture: Callable[[Page, str], None],
) -> None:
    page = sign_in(title, path)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    name = path.rsplit("/", 1)[1]
    free_of_barriers(page, barriers, name)
    picture(page, name)
    narrow(page, picture, name)
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], tab.inner_text()
        picture(page, f"{name}-{tab.get_attribute('id')}")


def test_a_leader_makes_a_key_that_works_and_takes_it_back(
    sign_in: Callable[..., Page],
    visitors: Visitors,
    barriers: Callable[[Page], list[str]],
    picture: Callable[[Page, str], None],
) -> None:
    leader = sign_in("带班领导", "/desk/keys")
    leader.get_by_role("button", name="发一个密钥").click()
    dialog = leader.get_by_role("dialog")
    dialog.get_by_label("给哪个系统用？").fill("示意一网统管")
    dialog.get_by_label("看预警").check()
    assert barriers(leader) == []
    picture(leader, "key-new")
    dialog.get_by_role("button", name="发一个密钥").click()
    token = leader.locator(".key-token").inner_text()
    assert barriers(leader) == []
    picture(leader, "key-made")
    asker = visitors.open("/healthz")

    def asked() -> Any:
        return asker.request.get(
            "/api/v1/alerts", headers={"Authorization": f"Bearer {token}"}
        ).status

    assert asked() == 200
    leader.get_by_role("dialog").get_by_role("button", name="已保存好").click()
    leader.get_by_role("button", name=re.compile("收回 示意一网统管")).click()
    ask = leader.get_by_role("dialog")
    ask.get_by_label("理由").fill("对接结束")
    ask.get_by_role("button", name="确认").click()
    expect(leader.get_by_text("已收回")).to_be_visible()
    assert asked() == 401


def test_the_security_administrator_makes_a_role_changes_it_and_withdraws_it(
    sign_in: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    picture: Callable[[Page, str], None],
) -> None:
    page = sign_in("安全管理员", "/desk/roles")
    page.get_by_role("button", name="设一个本地角色").click()
    dialog = page.get_by_role("dialog")
    save = dialog.get_by_role("button", name="保存")
    expect(save).to_be_disabled()
    dialog.get_by_label("名称（中文）").fill("示意看板员")
    may = dialog.get_by_role("group", name="这个角色能做什么？").get_by_role("checkbox")
    may.nth(0).press("Space")
    assert barriers(page) == []
    picture(page, "role-new")
    save.press("Enter")
    card = page.get_by_role("region", name="示意看板员", exact=True)
    expect(card.get_by_role("listitem")).to_have_count(1)

    card.get_by_role("button", name="修改").click()
    may.nth(1).check()
    save.click()
    expect(card.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("tab", name="角色与权限对照").click()
    expect(page.get_by_role("columnheader", name="示意看板员")).to_be_visible()
    page.get_by_role("tab", name="角色", exact=True).click()
    card.get_by_role("button", name="停用").click()
    ask = page.get_by_role("dialog")
    ask.get_by_label("理由").fill("示意：不再需要")
    ask.get_by_role("button", name="确认").click()
    expect(card).not_to_be_visible()


def test_the_auditor_sees_who_failed_to_come_in_and_a_desk_left_alone_signs_out(
    sign_in: Callable[..., Page],
    visitors: Visitors,
    sessions: dict[str, list[Any]],
    barriers: Callable[[Page], list[str]],
    picture: Callable[[Page, str], None],
) -> None:
    stranger = visitors.open("/desk/sign-in")
    stranger.get_by_label("登录名").fill("示意不存在")
    stranger.get_by_label("密码").fill("示意错误密码")
    stranger.get_by_role("button", name="登录").click()
    expect(stranger.get_by_role("alert").first).to_be_visible()

    page = sign_in("审计员", "/desk/sign-ins")
    rows = page.locator(".account-row.is-sign-in")
    expect(rows.first).to_be_visible()
    free_of_barriers(page, barriers, "sign-ins")
    picture(page, "sign-ins")
    narrow(page, picture, "sign-ins")
    page.get_by_role("tab", name="未通过").press("Enter")
    expect(rows.first).to_contain_text("未通过")
    assert "示意不存在" not in page.content(), "what was typed into the wrong field may be a secret"

    # An hour goes by in the browser; one key is an answer, silence is one too.
    idle = api(page, "GET", "/session")["idle"]
    page.clock.install()
    page.reload()
    expect(rows.first).to_be_visible()
    question = page.get_by_role("dialog", name="还在吗？")
    before = (idle["minutes"] - idle["warning_minutes"]) * 60_000 + 1_000
    page.clock.fast_forward(before)
    expect(question.get_by_role("timer")).to_contain_text("秒后退出登录")
    assert barriers(page) == []
    picture(page, "idle-question")
    question.get_by_text("我还在", exact=True).press("Enter")
    expect(question).not_to_be_visible()
    page.clock.fast_forward(before)
    expect(question).to_be_visible()
    page.clock.fast_forward(idle["warning_minutes"] * 60_000)
    page.wait_for_url("**/desk/sign-in")
    sessions.pop("审计员")
    assert page.request.get("/api/v1/session").json()["person"] is None


@pytest.fixture
def provider(visitors: Visitors) -> Iterator[Provider]:
    """The county's own sign-on, known to the node for the time of one journey."""
    one = Provider(f"{visitors.node.address}/api/v1/sign-on/county/back")
    one.start()
    file = visitors.node.home / "sign-on.json"
    file.write_text(json.dumps({"providers": [one.row()]}))
    yield one
    file.unlink()
    one.stop()


def test_the_button_of_the_county_sign_on_leads_there_and_back(
    visitors: Visitors,
    provider: Provider,
    barriers: Callable[[Page], list[str]],
    picture: Callable[[Page, str], None],
) -> None:
    page = visitors.open("/desk/sign-in")
    button = page.get_by_role("link", name="县统一身份认证")
    expect(button).to_be_visible()
    assert barriers(page) == []
    picture(page, "sign-on-button")
    button.press("Enter")
    page.wait_for_url(f"{provider.issuer}/**")
    page.locator("input[name=login]").fill("somebody")
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{visitors.node.address}/**")
    # Nobody gets in by a name: the identity has to be linked first, and the page says how.
    expect(page.get_by_text("该统一身份还没有关联到本系统的人员")).to_be_visible()
    assert api_session(page)["person"] is None


def api_session(page: Page) -> dict[str, Any]:
    plain: dict[str, Any] = page.request.get("/api/v1/session").json()
    return plain
