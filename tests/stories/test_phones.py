"""Items of a phone: signed, carried by another, sent twice, from a lost phone; counted once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.accounts.services import make_one_time_link
from fengsui.foundation.devices.models import Device, DeviceItem, RefusedItem
from fengsui.foundation.journal import clock as the_clock
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.response.evacuations.models import EvacuationEntry
from fengsui.standards.instants import to_ms
from tests.world.county import SHITAN, County, build, rain_warning
from tests.world.phone import FakePhone, base64url, make_phone


@dataclass
class Carried:
    """Somebody's phone: a browser session, a key, an outbox that forgets nothing by itself."""

    person_id: int
    client: Client
    phone: FakePhone
    outbox: list[dict[str, str]] = field(default_factory=list)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/api/v1{path}", body, content_type="application/json")

    def enrol(self) -> Any:
        key = {"public_key": base64url(self.phone.public_key), "name": "示意机"}
        return self.post("/field/keys", {**key, "key_store": "webcrypto"})

    def tick(self, household: dict[str, Any], status: str, **more: Any) -> dict[str, str]:
        entry = {"kind": "household_status", "household_id": household["id"], "status": status}
        item = self.phone.item(self.person_id, to_ms(the_clock.now()), {**entry, **more})
        self.outbox.append(item)
        return item

    def send(self, items: list[dict[str, str]] | None = None) -> list[dict[str, Any]]:
        reply = self.post("/field/items", {"items": self.outbox if items is None else items})
        assert reply.status_code == 200, reply.content
        results: list[dict[str, Any]] = reply.json()["results"]
        return results

    def tonight(self) -> dict[str, Any]:
        plain: dict[str, Any] = self.client.get("/api/v1/field/tonight").json()
        return plain

    def households(self) -> list[dict[str, Any]]:
        return [one for group in self.tonight()["groups"] for one in group["households"]]

    def come_back(self, at_ms: int | None = None) -> Any:
        """A new browser session by the phone's own key, as after a long time away."""
        self.client = Client()
        moment = to_ms(the_clock.now()) if at_ms is None else at_ms
        message = f"fengsui-session-v1\n{self.phone.key_id}\n{moment}".encode()
        body = {"key_id": self.phone.key_id, "at_ms": moment, "signature": self.phone.sign(message)}
        return self.post("/session/key", body)


@pytest.fixture
def county(node: Any) -> County:
    county = build()
    county.issue(rain_warning(severity="Orange", codes=SHITAN, area="石滩村"))
    return county


def phone_of(county: County, who: str) -> Carried:
    client = Client()
    token = make_one_time_link(county.ids[who])
    client.post("/api/v1/session/link", {"token": token}, content_type="application/json")
    return Carried(county.ids[who], client, make_phone())


def enrolled(county: County, who: str) -> Carried:
    phone = phone_of(county, who)
    assert phone.enrol().status_code == 200
    return phone


def moved_on(county: County, evacuation_id: str) -> int:
    """People counted as moved on a list, also one whose warning ended long ago."""
    viewer = county.viewer("officer")
    return evacuations.balance(int(evacuation_id), viewer=viewer)["moved"]


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    return [one["problem"]["code"] if one["problem"] else one["outcome"] for one in results]


def test_what_two_phones_deliver_is_counted_once(county: County) -> None:
    mine, other = enrolled(county, "shitan_grid"), enrolled(county, "shitan_a")
    first, second = mine.households()[:2]
    mine.tick(first, "moved_central", people=first["people"])
    mine.tick(second, "away", confirmed_by="儿子", confirmed_how="relative")
    # The other phone read the codes from the screen and has a network first.
    assert outcomes(other.send(mine.outbox)) == ["recorded", "recorded"]
    assert outcomes(mine.send()) == ["already_recorded", "already_recorded"]
    totals = mine.tonight()["totals"]
    assert totals["moved"] == first["people"]
    assert totals["away"] == second["people"]
    assert EvacuationEntry.objects.count() == DeviceItem.objects.count() == 2
    # The author is whose key signed it; the carrier is written down beside it.
    assert set(EvacuationEntry.objects.values_list("recorded_by", flat=True)) == {mine.person_id}
    assert set(DeviceItem.objects.values_list("carried_by", flat=True)) == {other.person_id}
    assert DeviceItem.objects.get(number=1).body == mine.outbox[0]["body"]


def test_signed_items_need_no_session(county: County) -> None:
    mine = enrolled(county, "shitan_grid")
    mine.tick(mine.households()[0], "told")
    mine.client = Client()
    reply = mine.post("/field/items", {"items": mine.outbox}).json()
    assert outcomes(reply["results"]) == ["recorded"]
    # Whoever brings it learns nothing about the night.
    assert reply["totals"] is None
    assert reply["results"][0]["met"] is None


def test_what_was_changed_on_the_way_is_not_counted(county: County) -> None:
    mine = enrolled(county, "shitan_grid")
    first = mine.households()[0]
    item = mine.tick(first, "told")
    forged = {**item, "body": item["body"].replace("told", "away")}
    unsigned = {"body": item["body"], "signature": ""}
    stranger = make_phone().item(mine.person_id, 1, {"kind": "answer"})
    assert outcomes(mine.send([forged, unsigned, stranger, {"body": "{", "signature": ""}])) == [
        "devices.bad_signature",
        "devices.bad_signature",
        "devices.unknown_device",
        "devices.bad_item",
    ]
    assert outcomes(mine.send()) == ["recorded"]
    # The same number with another content, and rightly signed: kept out and said.
    again = item["body"].replace("told", "refuses")
    signature = mine.phone.sign(b"fengsui-item-v1\n" + again.encode())
    assert outcomes(mine.send([{"body": again, "signature": signature}])) == [
        "devices.item_changed"
    ]
    assert mine.households()[0]["status"] == "told"


def test_a_lost_phone_is_replaced_without_counting_twice(county: County, clock: Any) -> None:
    lost, carrier = enrolled(county, "shitan_grid"), enrolled(county, "shitan_a")
    first, second, third = lost.households()[:3]
    lost.tick(first, "moved_central", people=first["people"])
    lost.tick(second, "moved_relatives", people=second["people"])
    copied = list(lost.outbox)
    assert outcomes(lost.send(lost.outbox[:1])) == ["recorded"]
    clock.forward(minutes=5)
    officer = phone_of(county, "officer")
    device = Device.objects.get(key_id=lost.phone.key_id)
    reply = officer.post(f"/devices/{device.pk}/lost", {"reason": "过河时掉进水里"})
    assert reply.status_code == 200, reply.content

    # The session on it is over, and its key opens no other.
    assert lost.client.get("/api/v1/field/tonight").status_code == 401
    clock.forward(minutes=5)
    assert lost.come_back().json()["code"] == "devices.lost"
    # Whoever found it ticks on: kept, said, not counted; twice is kept once.
    lost.tick(third, "away", confirmed_by="谁", confirmed_how="phone")
    for _ in range(2):
        assert outcomes(lost.send(lost.outbox[2:])) == ["devices.made_after_loss"]
    assert RefusedItem.objects.count() == 1
    # What a colleague had read from its screen before counts, and what was sent is not new.
    assert outcomes(carrier.send(copied)) == ["already_recorded", "recorded"]

    # The new phone, by a new one-time link. The person enters the second household again by hand.
    new = enrolled(county, "shitan_grid")
    new.tick(second, "moved_relatives", people=second["people"])
    assert outcomes(new.send()) == ["recorded"]
    totals = new.tonight()["totals"]
    assert totals["moved"] == first["people"] + second["people"]
    assert totals["should"] == totals["moved"] + totals["away"] + totals["not_yet"]
    assert new.households()[2]["status"] == "not_yet"


def test_nobody_else_reports_my_phone_lost(county: County) -> None:
    mine = enrolled(county, "shitan_grid")
    device = Device.objects.get()
    for who in ("shitan_a", "shuikou_a", "baishui"):
        reply = phone_of(county, who).post(f"/devices/{device.pk}/lost", {"reason": "玩笑"})
        assert reply.status_code == 404
    listed = phone_of(county, "qingshi").client.get(f"/api/v1/devices?place_code={SHITAN}").json()
    assert [one["lost_at"] for one in listed["items"]] == [None]
    assert mine.post(f"/devices/{device.pk}/lost", {"reason": "忘在车上"}).status_code == 200


def test_fourteen_days_away_then_everything_arrives(county: County, clock: Any) -> None:
    mine = enrolled(county, "shitan_grid")
    listed = mine.households()
    evacuation = mine.tonight()["evacuation_id"]
    for day, one in zip(range(3), listed, strict=False):
        clock.forward(days=4 if day else 1)
        mine.tick(one, "moved_central", people=one["people"], evacuation_id=evacuation)
    clock.forward(days=4, hours=23)
    # The browser's session is long over; the key opens a new one and the items count.
    mine.client.cookies.clear()
    assert mine.client.get("/api/v1/field/tonight").status_code == 401
    assert mine.come_back().status_code == 200
    assert outcomes(mine.send()) == ["recorded"] * 3
    assert moved_on(county, evacuation) == sum(one["people"] for one in listed[:3])


def test_after_fourteen_days_a_new_link_is_needed_but_no_item_is_lost(
    county: County, clock: Any
) -> None:
    mine = enrolled(county, "shitan_grid")
    first = mine.households()[0]
    evacuation = mine.tonight()["evacuation_id"]
    mine.tick(first, "moved_central", people=first["people"], evacuation_id=evacuation)
    clock.forward(days=14, seconds=1)
    assert mine.come_back().json()["code"] == "devices.too_long_away"
    # The signature is enough for what was recorded, however late.
    assert outcomes(mine.send()) == ["recorded"]
    assert moved_on(county, evacuation) == first["people"]
    assert enrolled(county, "shitan_grid").come_back().status_code == 200


def test_a_key_opens_a_session_only_now(county: County, clock: Any) -> None:
    mine = enrolled(county, "shitan_grid")
    yesterday = to_ms(the_clock.now() - timedelta(days=1))
    assert mine.come_back(yesterday).json()["code"] == "devices.clock_off"
    mine.phone = make_phone()
    assert mine.come_back().json()["code"] == "devices.unknown_device"


def test_an_item_for_a_list_that_was_closed_meanwhile_counts(county: County, clock: Any) -> None:
    mine = enrolled(county, "shitan_grid")
    first = mine.households()[0]
    evacuation = int(mine.tonight()["evacuation_id"])
    mine.tick(first, "moved_central", people=first["people"], evacuation_id=str(evacuation))
    clock.forward(hours=2)
    evacuation_services.close_evacuation(
        viewer=county.viewer("officer"), evacuation_id=evacuation, reason="险情解除"
    )
    clock.forward(hours=1)
    mine.tick(mine_second(county, evacuation), "told", evacuation_id=str(evacuation))
    assert outcomes(mine.send()) == ["recorded", "evacuations.not_in_evacuation"]


def mine_second(county: County, evacuation_id: int) -> dict[str, Any]:
    rows = evacuations.households_of(evacuation_id, viewer=county.viewer("shitan_grid"))
    return {"id": str(rows[1].household_id)}


def test_both_values_come_back_when_two_people_saw_different_things(
    county: County, clock: Any
) -> None:
    mine, secretary = enrolled(county, "shitan_grid"), enrolled(county, "shitan_a")
    first, second = mine.households()[:2]
    mine.tick(first, "moved_central", people=4)  # 02:10
    mine.tick(second, "away", confirmed_by="邻居", confirmed_how="neighbour")
    clock.forward(minutes=9)
    secretary.tick(first, "away", confirmed_by="儿子", confirmed_how="relative")  # 02:19
    secretary.tick(second, "away", confirmed_by="儿子", confirmed_how="relative")
    assert [one["met"] for one in secretary.send()] == [None, None]
    met, same = (one["met"] for one in mine.send())
    assert same is None
    assert (met["status"], met["holds"], met["title"]) == ("away", "other", "石滩村 村支书")
    # Asked again (the answer was lost), the answer is the same.
    assert mine.send()[0]["met"] == met
    # "Mine is right" is a new observation; then it holds, and the secretary is told.
    clock.forward(minutes=1)
    mine.tick(first, "moved_central", people=4)
    assert mine.send(mine.outbox[2:])[0]["met"]["holds"] == "mine"
    assert mine.households()[0]["status"] == "moved_central"
    assert secretary.send()[0]["met"]["holds"] == "other"


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_repeated_deliveries_ends_in_the_same_table(
    county: County, clock: Any, seed: int
) -> None:
    """Several phones, each item brought by several, shuffled: one entry each, the newest holds."""
    chance = Random(seed)
    phones = [enrolled(county, who) for who in ("shitan_grid", "shitan_a")]
    listed = phones[0].households()
    for _ in range(6):
        clock.forward(seconds=30)
        status = chance.choice(["told", "moved_central", "refuses", "needs_help"])
        chance.choice(phones).tick(chance.choice(listed), status)
    made = [item for phone in phones for item in phone.outbox]
    for item in chance.choices(made, k=8) + chance.sample(made, len(made)):
        chance.choice(phones).send([item])
    assert EvacuationEntry.objects.count() == DeviceItem.objects.count() == len(made)
    for one in phones[0].households():
        entries = EvacuationEntry.objects.filter(household_id=int(one["id"]))
        newest = entries.order_by("-observed_at").first()
        assert one["status"] == (newest.status if newest else "not_yet"), f"seed {seed}"
