"""A stand-in signs in by the link that was sent: exactly that post's role, there, until the end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts.queries import SESSION_PERSON, viewer_for_person
from fengsui.foundation.people import services
from fengsui.foundation.people.models import Person, Post
from tests.world import county as world
from tests.world.night import Night

TEN_IN_THE_EVENING = datetime(2026, 7, 17, 14, 0, tzinfo=UTC)
EIGHT_IN_THE_MORNING = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)


def phone_of(night: Night, who: str) -> Client:
    client = Client()
    session = client.session
    session[SESSION_PERSON] = str(night.county.ids[who])
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    return client


def post_of(place: str, role: str = "village_secretary") -> int:
    return Post.objects.get(place_code=place, role=role).pk


def say(client: Client, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def named(night: Night, who: str, place: str, **more: Any) -> dict[str, Any]:
    body = {"name": "示意顶岗人", "phone": "00088800001", "until": "2026-07-18T08:00:00+08:00"}
    status, answer = say(
        phone_of(night, who), f"/posts/{post_of(place)}/stand-ins", **{**body, **more}
    )
    assert status == 200, answer
    return answer


@pytest.fixture
def evening(night: Night) -> Night:
    night.clock.wind(TEN_IN_THE_EVENING)
    return night


def signed_in_by(link: str) -> Client:
    client = Client()
    status, answer = say(client, "/session/link", token=link.rsplit("/", 1)[1])
    assert status == 200, answer
    return client


def test_exactly_that_role_in_exactly_that_place_until_the_end(evening: Night) -> None:
    answer = named(evening, "shitan_a", world.SHITAN)
    assert answer["link"]
    assert answer["link"] in answer["text"]
    assert answer["qr_picture"].startswith("data:image/svg+xml")
    stand_in = signed_in_by(answer["link"])
    session = stand_in.get("/api/v1/session").json()
    assert session["person"]["name"] == "示意顶岗人"
    assert session["roles"] == ["village_secretary"]
    assert session["person"]["place_code"] == world.SHITAN
    own = stand_in.get("/api/v1/posts/mine").json()["items"]
    assert [one["post_id"] for one in own] == [str(post_of(world.SHITAN))]
    assert stand_in.get(f"/api/v1/posts/{post_of(world.FENGPING)}").status_code == 404
    again = Client()
    assert say(again, "/session/link", token=answer["link"].rsplit("/", 1)[1])[0] == 401

    evening.clock.wind(EIGHT_IN_THE_MORNING)
    assert stand_in.get("/api/v1/session").json()["permissions"] == []
    # Nobody used it since the evening, so the session is over as well.
    assert stand_in.get(f"/api/v1/posts/{post_of(world.SHITAN)}").status_code == 401


def test_an_early_end_takes_the_role_back_at_once(evening: Night) -> None:
    answer = named(evening, "shitan_a", world.SHITAN)
    stand_in = signed_in_by(answer["link"])
    assert stand_in.get("/api/v1/session").json()["roles"] == ["village_secretary"]
    evening.clock.forward(minutes=10)
    holder = phone_of(evening, "shitan_a")
    assert say(holder, f"/stand-ins/{answer['stand_in_id']}/end", was_mistake=True)[0] == 200
    assert stand_in.get("/api/v1/session").json()["roles"] == []
    history = holder.get(f"/api/v1/posts/{post_of(world.SHITAN)}").json()["history"]
    assert [(one["was_mistake"], one["is_in_force"]) for one in history] == [(True, False)]


def test_naming_somebody_with_rights_gives_nobody_their_rights(evening: Night) -> None:
    """The attacker knows the leader's name and number, and would sign in as the leader."""
    answer = named(evening, "shitan_a", world.SHITAN, name="示意乙", phone="00010000002")
    assert (answer["link"], answer["no_link"]) == ("", "has_account")
    assert answer["person_id"] == str(evening.county.ids["leader"])
    status, _ = say(phone_of(evening, "shitan_a"), f"/stand-ins/{answer['stand_in_id']}/link")
    assert status == 200
    grants = viewer_for_person(evening.county.ids["leader"]).grants
    assert {grant.role for grant in grants} == {"duty_leader"}


def test_a_duty_officer_does_not_make_a_second_approver(evening: Night) -> None:
    """The attacker may not approve, and names a stand-in for who may, to approve as them."""
    post = post_of(world.COUNTY, "duty_leader")
    status, answer = say(
        phone_of(evening, "officer"),
        f"/posts/{post}/stand-ins",
        name="示意顶岗人",
        phone="00088800001",
        until="2026-07-18T08:00:00+08:00",
    )
    assert (status, answer["link"], answer["no_link"]) == (200, "", "not_allowed")
    assert viewer_for_person(int(answer["person_id"])).grants == ()
    status, answer = say(phone_of(evening, "leader"), f"/stand-ins/{answer['stand_in_id']}/link")
    assert (status, answer["no_link"]) == (200, ""), "the holder may send the link"


def test_what_one_was_lent_one_does_not_lend_on(evening: Night) -> None:
    answer = named(evening, "shitan_a", world.SHITAN)
    stand_in = signed_in_by(answer["link"])
    status, refusal = say(
        stand_in,
        f"/posts/{post_of(world.SHITAN)}/stand-ins",
        name="示意再顶",
        phone="00088800009",
        until="2026-07-18T09:00:00+08:00",
    )
    assert status in (403, 409, 422), refusal
    assert not Person.objects.filter(name="示意再顶").exists()


def test_a_link_comes_only_when_it_begins(evening: Night) -> None:
    answer = named(evening, "shitan_a", world.SHITAN, since="2026-07-18T01:00:00+08:00")
    assert (answer["link"], answer["no_link"]) == ("", "not_yet")
    evening.clock.wind(TEN_IN_THE_EVENING + timedelta(hours=3))
    status, later = say(phone_of(evening, "shitan_a"), f"/stand-ins/{answer['stand_in_id']}/link")
    assert status == 200
    assert later["link"]


def test_an_absence_with_a_stand_in_in_one_request(evening: Night) -> None:
    own = evening.county.ids["shitan_a"]
    status, answer = say(
        phone_of(evening, "shitan_a"),
        f"/posts/holders/{own}/absences",
        until="2026-07-18T08:00:00+08:00",
        reason="外出培训",
        stand_in={"name": "示意顶岗人", "phone": "00088800001"},
    )
    assert status == 200, answer
    assert [one["title"] for one in answer["stand_ins"]] == ["村支书"]
    assert answer["stand_ins"][0]["link"]
    board = phone_of(evening, "qingshi").get("/api/v1/posts/tonight").json()
    row = next(one for one in board["items"] if one["post_id"] == str(post_of(world.SHITAN)))
    assert (row["state"], row["on_post"]) == ("stood_in", ["示意顶岗人"])
    assert row["holders"][0]["absent_until"] is not None


def test_the_board_shows_what_has_nobody_first_and_nothing_of_others(evening: Night) -> None:
    services.report_absence(
        viewer=node_viewer(),
        person_id=evening.county.ids["fengping_a"],
        from_at=None,
        until_at=EIGHT_IN_THE_MORNING,
    )
    board = phone_of(evening, "qingshi").get("/api/v1/posts/tonight").json()
    assert board["items"][0]["post_id"] == str(post_of(world.FENGPING))
    assert board["items"][0]["nobody"]
    assert board["items"][0]["may_name_stand_in"]
    assert [one["code"] for one in board["townships"]] == [world.QINGSHI]
    assert board["townships"][0]["nobody"] == 1
    red = phone_of(evening, "qingshi").get("/api/v1/posts/tonight?state=nobody,vacant").json()
    assert red["total"] == 1
    county = phone_of(evening, "officer").get("/api/v1/posts/tonight").json()
    assert {one["code"] for one in county["townships"]} == {
        world.COUNTY,
        world.QINGSHI,
        world.BAISHUI,
    }


def test_a_leader_and_their_stand_in_are_one_pair_of_eyes(evening: Night) -> None:
    """The attacker is the leader: drafts, names a stand-in of their own making, approves so."""
    answer = say(
        phone_of(evening, "leader"),
        f"/posts/{post_of(world.COUNTY, 'duty_leader')}/stand-ins",
        name="示意顶岗人",
        phone="00088800001",
        until="2026-07-18T08:00:00+08:00",
    )[1]
    stand_in = signed_in_by(answer["link"])
    item = evening.county.import_xml(world.rain_warning(), by="leader")["items"][0]
    status, refusal = say(stand_in, f"/alerts/{item['alert_id']}/approve", reason="同意")
    assert (status, refusal["code"]) == (409, "alerts.author_may_not_approve")
    assert say(phone_of(evening, "second_leader"), f"/alerts/{item['alert_id']}/approve")[0] == 200
