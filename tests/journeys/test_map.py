"""The county's map: drawn on by mouse, thumb and keyboard; it stands without a network."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from fengsui.standards.coordinates import to_wgs84
from tests.journeys.conftest import PHONE
from tests.journeys.county import api

DESK_PERSON = "示意县应急值班室 值班员"
FADED_MILLISECONDS = 400
# The map is drawn in software here: what it shows comes a moment after it was told.
DRAWN_MILLISECONDS = 1_500
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NIGHT, DAY = "night", "day"

# An invented telephone number; the digits inside a coordinate (110.00079146172) are none.
NUMBER = re.compile(r"(?<![\d.])000\d{8}")


def open_map(sign_in: Callable[..., Page], theme: str = NIGHT, **options: Any) -> Page:
    page = sign_in(DESK_PERSON, "/desk/map", **options)
    if theme != page.evaluate("document.documentElement.dataset.theme"):
        page.evaluate(f"localStorage.setItem('fengsui.theme', '{theme}')")
        page.reload()
    expect(the_map(page)).to_be_visible()
    expect(page.get_by_text("正在画地图")).not_to_be_visible()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    return page


def the_map(page: Page) -> Any:
    return page.get_by_role("region", name="县图", exact=True)


def middle(page: Page, right: float = 0, down: float = 0) -> tuple[float, float]:
    box = page.locator(".map-canvas-box").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down


def a_village(page: Page, number: int = 0) -> dict[str, Any]:
    features = api(page, "GET", "/map/base")["layers"]["villages"]["features"]
    properties = [one["properties"] for one in features]
    names = [one["name"] for one in properties]
    alone = [one for one in properties if names.count(one["name"]) == 1]
    found: dict[str, Any] = alone[number]
    return found


def take_away_point(page: Page, village: dict[str, Any]) -> None:
    api(
        page,
        "POST",
        f"/map/places/{village['code']}/point",
        {"point": None, "seen": [village["lon"], village["lat"]]},
    )


def point_of(page: Page, code: str) -> list[float] | None:
    for one in api(page, "GET", "/map/base")["layers"]["villages"]["features"]:
        if one["properties"]["code"] == code:
            return [one["properties"]["lon"], one["properties"]["lat"]]
    return None


def choose(page: Page, village: dict[str, Any]) -> None:
    page.get_by_label("找村名").fill(village["name"])
    page.get_by_role("button", name=re.compile(f"^{village['name']}")).click()
    expect(page.get_by_role("heading", name=village["name"])).to_be_focused()


def test_a_village_without_a_place_is_first_and_is_placed_by_mouse(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = open_map(sign_in)
    village = a_village(page)
    take_away_point(page, village)
    page.reload()
    expect(page.get_by_text(re.compile("村中 1 个还没有位置"))).to_be_visible()
    first = page.locator(".place-list li button").first
    expect(first).to_contain_text(village["name"])
    expect(first).to_contain_text("没有位置")
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    picture(page, "map-villages-night")
    assert barriers(page) == []

    first.click()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    page.mouse.click(*middle(page, 60, -40))
    confirm = page.get_by_role("button", name="确认位置")
    expect(confirm).to_be_enabled()
    mark = page.get_by_role("button", name=re.compile("^要定的位置"))
    # Dragged, then moved a little by the arrow keys.
    before = page.get_by_label("经度，纬度").input_value()
    mark.drag_to(the_map(page), target_position={"x": 300, "y": 300}, force=True)
    expect(page.get_by_label("经度，纬度")).not_to_have_value(before)
    dragged = page.get_by_label("经度，纬度").input_value()
    mark.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("经度，纬度")).not_to_have_value(dragged)
    shown = [float(one) for one in page.get_by_label("经度，纬度").input_value().split(",")]
    picture(page, "map-placing-night")
    assert barriers(page) == []
    confirm.click()
    expect(page.get_by_text(f"{village['name']}已定位")).to_be_visible()
    placed = point_of(page, village["code"])
    assert placed is not None
    assert abs(placed[0] - shown[0]) < 1e-6
    assert abs(placed[1] - shown[1]) < 1e-6

    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text(f"{village['name']}的位置已退回")).to_be_visible()
    assert point_of(page, village["code"]) is None
    api(
        page,
        "POST",
        f"/map/places/{village['code']}/point",
        {"point": [village["lon"], village["lat"]], "seen": None},
    )


def test_coordinates_from_a_telephone_are_typed_without_a_mouse(
    sign_in: Callable[..., Page], picture: Callable[[Page, str], None]
) -> None:
    page = open_map(sign_in, DAY)
    village = a_village(page, 1)
    choose(page, village)
    typed = (village["lon"] + 0.006, village["lat"] - 0.002)
    page.get_by_label("坐标系").select_option("gcj02")
    page.get_by_label("经度，纬度").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(f"{typed[0]:.6f}，{typed[1]:.6f}")
    lon, lat = to_wgs84(round(typed[0], 6), round(typed[1], 6), "gcj02")
    expect(page.get_by_text(f"{lon:.6f}, {lat:.6f}")).to_be_visible()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    picture(page, "map-coordinates-day")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{village['name']}已定位")).to_be_visible()
    placed = point_of(page, village["code"])
    assert placed is not None
    assert abs(placed[0] - lon) < 1e-6
    assert abs(placed[1] - lat) < 1e-6

    choose(page, village)
    page.get_by_label("经度，纬度").fill("天安门")
    expect(page.get_by_text("读不出两个数")).to_be_visible()
    page.get_by_label("经度，纬度").fill("120.1, 30.2")
    expect(page.get_by_text("请核对坐标系和数字")).to_be_visible()


def test_a_village_is_placed_with_a_thumb(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = open_map(sign_in, viewport=PHONE, has_touch=True)
    village = a_village(page, 2)
    choose(page, village)
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    page.touchscreen.tap(*middle(page, -40, 30))
    expect(page.get_by_role("button", name="确认位置")).to_be_enabled()
    picture(page, "map-placing-phone")
    assert barriers(page) == []
    by_tap = page.get_by_label("经度，纬度").input_value()
    page.get_by_role("button", name=re.compile("^取图中央")).tap()
    expect(page.get_by_label("经度，纬度")).not_to_have_value(by_tap)
    page.get_by_role("button", name="确认位置").tap()
    expect(page.get_by_text(f"{village['name']}已定位")).to_be_visible()
    page.get_by_role("button", name="撤销").tap()
    expect(page.get_by_text("的位置已退回")).to_be_visible()


def test_a_danger_area_is_drawn_and_its_households_listed(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = open_map(sign_in)
    village = a_village(page, 3)
    choose(page, village)
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    page.get_by_role("button", name="取消").click()
    page.get_by_role("tab", name=re.compile("危险区")).click()
    page.get_by_role("button", name="画新的危险区").click()
    page.get_by_label("名称").fill("示意新画沟口")
    page.get_by_label("所在村").select_option(village["code"])
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    for right, down in ((-120, -90), (120, -90), (120, 90), (-120, 90), (-120, -90)):
        page.mouse.move(*middle(page, right, down))
        page.mouse.click(*middle(page, right, down))
        page.wait_for_timeout(FADED_MILLISECONDS)
    size = page.locator(".outline-size")
    expect(size).to_contain_text("4")
    expect(size).to_contain_text("公顷")
    picture(page, "map-drawing-night")
    assert barriers(page) == []
    page.get_by_role("button", name="保存范围").click()
    expect(page.get_by_text("示意新画沟口的范围已保存")).to_be_visible()
    area = next(
        one
        for one in api(page, "GET", "/map/placing")["danger_areas"]
        if one["name"] == "示意新画沟口"
    )
    inside = api(page, "GET", f"/map/danger-areas/{area['id']}")["inside"]
    assert inside, "the village's households stand around its point"
    expect(page.get_by_text(f"范围内有 {len(inside)} 户不在名册")).to_be_visible()
    page.get_by_role("button", name="全选").click()
    page.get_by_role("button", name=re.compile("^把选中的")).click()
    expect(page.get_by_text("范围内有位置的住户都在名册里")).to_be_visible()
    assert api(page, "GET", f"/map/danger-areas/{area['id']}")["listed"] == len(inside)

    # A corner is dragged on the map; the list beside it follows, and back again.
    corners = page.get_by_label("角点坐标")
    before = corners.input_value()
    page.mouse.move(*middle(page, 120, 90))
    page.mouse.down()
    page.mouse.move(*middle(page, 160, 110), steps=6)
    page.mouse.up()
    expect(corners).not_to_have_value(before)
    page.get_by_role("button", name="保存范围").click()
    expect(page.get_by_text("示意新画沟口的范围已保存")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("示意新画沟口的范围已退回")).to_be_visible()
    expect(corners).to_have_value(before)


def test_an_outline_that_crosses_itself_is_refused_in_words(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    """The keyboard's way: the corners as a list."""
    page = open_map(sign_in, DAY)
    village = a_village(page, 4)
    lon, lat = village["lon"], village["lat"]
    page.get_by_role("tab", name=re.compile("危险区")).click()
    page.get_by_role("button", name="画新的危险区").click()
    page.get_by_label("名称").fill("示意键盘沟口")
    page.get_by_label("所在村").select_option(village["code"])
    crossed = [(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)]
    corners = page.get_by_label("角点坐标")
    corners.fill("\n".join(f"{lon + x:.6f}, {lat + y:.6f}" for x, y in crossed))
    expect(page.get_by_role("alert")).to_contain_text("第 1 条边与第 3 条边相交")
    expect(page.get_by_role("button", name="保存范围")).to_be_disabled()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    picture(page, "map-crossing-day")
    assert barriers(page) == []

    mended = [(0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01)]
    corners.fill("\n".join(f"{lon + x:.6f}, {lat + y:.6f}" for x, y in mended))
    expect(page.get_by_role("alert")).not_to_be_visible()
    expect(page.locator(".outline-size")).to_contain_text("平方千米")
    page.get_by_role("button", name="保存范围").press("Enter")
    expect(page.get_by_text("示意键盘沟口的范围已保存")).to_be_visible()


def test_a_household_is_placed_by_who_may(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = open_map(sign_in)
    village = a_village(page, 5)
    page.get_by_role("tab", name=re.compile("住户")).click()
    page.get_by_label("村", exact=True).select_option(village["code"])
    household = api(page, "GET", f"/map/households?village={village['code']}")["items"][0]
    page.locator(".place-list li button").filter(has_text=household["label"]).first.click()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    page.mouse.click(*middle(page, 50, 50))
    picture(page, "map-household-night")
    assert barriers(page) == []
    page.get_by_role("button", name="确认位置").click()
    expect(page.get_by_text("已定位").first).to_be_visible()
    moved = api(page, "GET", f"/map/households?village={village['code']}")["items"]
    assert next(one for one in moved if one["id"] == household["id"])["point"] != household["point"]


def test_the_map_opens_with_no_network_and_says_how_old_it_is(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = open_map(sign_in)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    areas = len(api(page, "GET", "/map/danger-areas")["features"])
    villages = len(api(page, "GET", "/map/base")["layers"]["villages"]["features"])
    page.wait_for_function("() => caches.has('fengsui-desk-county')")
    # Until the worker has kept everything it is still installing.
    page.wait_for_function(
        "() => navigator.serviceWorker.ready.then((one) => one.active?.state === 'activated')"
    )
    kept = page.evaluate("""async () => {
      let text = "";
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          if (/\\/api\\/|\\/tiles\\//.test(request.url)) return "an answer of the node";
          if (/county\\.json/.test(request.url)) text += await (await cache.match(request)).text();
        }
      }
      return text;
    }""")
    assert "示意户" not in kept
    assert NUMBER.search('{"phone":"00012345678"}')
    assert not NUMBER.search(kept)
    assert "an answer of the node" not in kept

    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="脱网 · 只能看上次的县图")).to_be_visible()
    expect(page.get_by_text(re.compile("县图截至 .*（(刚才|\\d+ 分钟前)）"))).to_be_visible()
    expect(page.get_by_text(f"有 {villages} 个村、{areas} 处危险区")).to_be_visible()
    expect(page.get_by_text("正在画地图")).not_to_be_visible()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    picture(page, "map-offline-night")
    assert barriers(page) == []
    drawn = page.locator("canvas.maplibregl-canvas")
    expect(drawn).to_be_visible()
    # Another screen of the desk leads here too: there is nothing else to show.
    page.goto("/desk/")
    expect(page.get_by_role("heading", name="脱网 · 只能看上次的县图")).to_be_visible()

    page.context.set_offline(False)
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def test_signing_out_takes_the_kept_map_away(sign_in: Callable[..., Page]) -> None:
    page = open_map(sign_in)
    page.wait_for_function("() => caches.has('fengsui-desk-county')")
    # The session is shared with the other journeys: the page believes that it has ended.
    page.route("**/api/v1/session/end", lambda route: route.fulfill(status=200, json={}))
    page.route("**/api/v1/session", signed_out)
    page.get_by_role("button", name=re.compile("菜单")).click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_function("async () => !(await caches.has('fengsui-desk-county'))")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.unroute("**/api/v1/session")
    page.reload()
    expect(page.get_by_text("本机没有留下县图")).to_be_visible()


def signed_out(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(
        response=answer, json={**answer.json(), "person": None, "permissions": [], "roles": []}
    )


def test_tianditu_lies_below_and_gives_way_when_it_cannot_be_reached(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = sign_in(DESK_PERSON, "/healthz")
    offered = {
        "is_set": True,
        "layers": [{"name": "vec", "names": "cva", "zh": "天地图 电子地图", "en": "Tianditu map"}],
        "attribution": "天地图 © 国家地理信息公共服务平台",
        "approval_number": "示意审图号",
        "zoom_min": 1,
        "zoom_max": 18,
    }
    asked: list[str] = []

    def tile(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="image/png", body=PIXEL)

    page.route("**/api/v1/map/tiles", lambda route: route.fulfill(json=offered))
    page.route("**/tiles/**", tile)
    page.goto("/desk/map")
    expect(page.get_by_text("正在画地图")).not_to_be_visible()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    page.get_by_role("button", name="图层").click()
    page.get_by_role("radio", name="天地图 电子地图").check()
    expect(page.get_by_text("审图号：示意审图号")).to_be_visible()
    page.wait_for_timeout(DRAWN_MILLISECONDS)
    assert asked
    assert all("tk=" not in one for one in asked)
    assert barriers(page) == []

    page.unroute("**/tiles/**")
    page.route("**/tiles/**", lambda route: route.fulfill(status=503, body=""))
    page.get_by_role("button", name="放大").click()
    page.get_by_role("button", name="放大").click()
    expect(page.get_by_text("天地图连不上，已换回本县底图")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("本县底图"))).to_be_checked()
    picture(page, "map-tianditu-lost-night")
