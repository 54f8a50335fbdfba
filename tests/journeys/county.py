"""The warning that the journeys bring into the invented county, and plain calls of its API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page

TOWNSHIPS = "石坝乡、白水镇、柳湾乡、茶山乡"


def fits(page: Page) -> bool:
    """Nothing makes the page itself scroll sideways."""
    found: bool = page.evaluate(
        "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    return found


def switch_to(page: Page, theme: str) -> None:
    """Puts the desk into 夜间 or 日间, where it is not there already."""
    switch = page.get_by_role("button", name=f"切换到{theme}配色")
    if switch.count():
        switch.click()


def api(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One call as the person who is signed in on this page. Asserts that it was accepted."""
    token = page.request.get("/api/v1/session").json()["csrf_token"]
    origin = page.url.split("/", 3)
    answer = page.request.fetch(
        f"/api/v1{path}",
        method=method,
        headers={"X-CSRFToken": token, "Referer": f"{origin[0]}//{origin[2]}/"},
        data=body,
    )
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:300]}"
    plain: dict[str, Any] = answer.json()
    return plain


def bulletin(page: Page, level: str = "红色") -> str:
    """A bulletin of the county's weather office, issued a minute ago by the node's clock."""
    now = datetime.fromisoformat(page.request.get("/api/v1/session").json()["now"])
    local = now + timedelta(hours=8) - timedelta(minutes=1)
    return (
        f"【演练】示意县气象台{local:%Y年%m月%d日%H时%M分}发布暴雨{level}预警信号："
        f"预计未来3小时，{TOWNSHIPS}降雨量将达100毫米以上，山洪、地质灾害风险极高，请立即做好转移避险。"
        "防御指南：1.立即转移危险区群众并妥善安置；2.停止户外作业和集体活动；"
        "3.责任人到岗，逐户核对并回报人数。"
    )


def in_force(page: Page) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api(page, "GET", "/alerts?state=open")["items"]
    return [one for one in items if one["state"] == "active" and one["callout_id"]]


def bring_into_force(officer: Page, leader: Page) -> dict[str, Any]:
    """A red warning in force: the one that is, or a new one through two pairs of hands."""
    known = in_force(officer)
    if known:
        return known[0]
    place = officer.request.get("/api/v1/session").json()["node"]["place_code"]
    draft = api(officer, "POST", "/alerts/paste", {"text": bulletin(officer), "place_code": place})
    api(officer, "POST", f"/alerts/{draft['id']}/submit", {})
    api(leader, "POST", f"/alerts/{draft['id']}/approve", {"reason": ""})
    return in_force(officer)[0]
