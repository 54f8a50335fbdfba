"""Signing in: links work once, failures lock, roles are facts and secrets never are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY, Permission, node_viewer
from fengsui.foundation.accounts import rules, services
from fengsui.foundation.accounts.models import Credential, OneTimeLink
from fengsui.foundation.accounts.queries import viewer_for_person, viewer_of_session
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.people import services as people
from fengsui.foundation.places import services as places

COUNTY = "439901000000"
TOWNSHIP = "439901101000"
PASSWORD = "Zhengchang-2026"
FAILURES, LOCK_MINUTES = 5, 15


@pytest.fixture
def person(node: Any) -> int:
    """示意甲 of the county's duty room, without any role yet."""
    places.register_places(
        viewer=node_viewer(),
        county_code=COUNTY,
        places=[{"code": COUNTY, "name": "示例县"}, {"code": TOWNSHIP, "name": "青石镇"}],
        is_invented=True,
    )
    ids = people.register_people(
        viewer=node_viewer(),
        persons=[{"ref": "jia", "name": "示意甲", "place_code": COUNTY}],
        is_invented=True,
    )
    return ids["jia"]


def grant(person: int, *pairs: list[str]) -> list[int]:
    made = services.register_account(viewer=node_viewer(), person_id=person, grants=list(pairs))
    return made["grant_ids"]


def test_a_link_signs_in_once_and_never_again(person: int) -> None:
    token = services.make_one_time_link(person)
    assert services.use_one_time_link(token) == person
    with pytest.raises(Problem, match="link_not_valid"):
        services.use_one_time_link(token)


def test_a_link_expires_and_its_token_is_nowhere_on_the_disk(person: int, clock: Any) -> None:
    token = services.make_one_time_link(person, hours=1)
    assert not OneTimeLink.objects.filter(token_hash__contains=token).exists()
    clock.forward(hours=1, seconds=1)
    with pytest.raises(Problem, match="link_not_valid"):
        services.use_one_time_link(token)


def test_five_failures_lock_the_name_for_a_quarter_of_an_hour(person: int, clock: Any) -> None:
    services.set_password(person, "示意甲", PASSWORD)
    for _ in range(FAILURES):
        with pytest.raises(Problem, match="wrong_password"):
            services.check_sign_in("示意甲", "wrong", address="198.51.100.7")
    with pytest.raises(Problem, match="locked"):
        services.check_sign_in("示意甲", PASSWORD, address="198.51.100.8")
    clock.forward(minutes=LOCK_MINUTES, seconds=1)
    assert services.check_sign_in("示意甲", PASSWORD, address="198.51.100.8") == person


def test_an_unknown_name_is_refused_like_a_wrong_password(person: int) -> None:
    with pytest.raises(Problem, match="wrong_password"):
        services.check_sign_in("没有这个人", "x", address="198.51.100.9")


@pytest.mark.parametrize("weak", ["short-A1", "alllowercaseletters", "1234567890", "Aa1"])
def test_a_weak_password_is_refused(person: int, weak: str) -> None:
    with pytest.raises(Problem, match="password_too_weak"):
        services.set_password(person, "示意甲", weak)
    assert not Credential.objects.exists()


def test_no_secret_is_ever_a_fact(person: int) -> None:
    services.set_password(person, "示意甲", PASSWORD)
    services.make_one_time_link(person)
    grant(person, ["duty_officer", COUNTY])
    stored = b"".join(bytes(row.body or b"") for row in StoredFact.objects.all())
    credential = Credential.objects.get()
    assert credential.password_hash.encode() not in stored
    assert PASSWORD.encode() not in stored


def test_a_grant_gives_the_role_below_its_place_and_a_revocation_takes_it(person: int) -> None:
    (grant_id,) = grant(person, ["township_officer", TOWNSHIP])
    viewer = viewer_for_person(person)
    assert viewer.may(Permission.DRAFT_ALERT, "439901101201")
    assert not viewer.may(Permission.DRAFT_ALERT, "439901201201")
    assert not viewer.may(Permission.DRAFT_ALERT, COUNTY)
    services.revoke_role(viewer=node_viewer(), grant_id=grant_id, reason="调离")
    assert not viewer_for_person(person).may(Permission.DRAFT_ALERT, "439901101201")


def test_the_same_grant_twice_is_one(person: int) -> None:
    assert grant(person, ["duty_officer", COUNTY]) == grant(person, ["duty_officer", COUNTY])


def test_one_person_is_never_two_of_the_three_administrators(person: int) -> None:
    grant(person, ["system_administrator", COUNTY])
    with pytest.raises(Problem, match="separated_duties"):
        grant(person, ["auditor", COUNTY])


def test_only_the_security_administrator_grants(person: int) -> None:
    grant(person, ["duty_leader", COUNTY])
    with pytest.raises(Problem, match="not_allowed"):
        services.register_account(
            viewer=viewer_for_person(person), person_id=7, grants=[["auditor", COUNTY]]
        )


def test_a_session_without_a_person_is_nobody(person: int) -> None:
    assert viewer_of_session({}) == NOBODY
    assert viewer_of_session({"person_id": 12345}) == NOBODY


def until(clock: Any, **delta: float) -> int:
    return int((clock.now() + timedelta(**delta)).timestamp())


def test_a_role_lent_until_the_morning_ends_by_itself(person: int, clock: Any) -> None:
    services.grant_until(
        viewer=node_viewer(),
        person_id=person,
        role="village_secretary",
        place_code=TOWNSHIP,
        until_s=until(clock, hours=6),
    )
    open_session = {"person_id": person}
    assert viewer_of_session(open_session).may(Permission.SEE_CALLS, TOWNSHIP)
    clock.forward(hours=6)
    assert not viewer_of_session(open_session).may(Permission.SEE_CALLS, TOWNSHIP)
    assert not viewer_for_person(person).grants


def test_what_was_lent_is_not_lent_on(person: int, clock: Any) -> None:
    lent = {"role": "village_secretary", "place_code": TOWNSHIP}
    services.grant_until(
        viewer=node_viewer(), person_id=person, until_s=until(clock, days=2), **lent
    )
    with pytest.raises(Problem, match="not_allowed"):
        services.grant_until(
            viewer=viewer_for_person(person), person_id=7, until_s=until(clock, days=1), **lent
        )


def test_one_may_be_stood_in_for_in_ones_own_role_and_place_only(person: int, clock: Any) -> None:
    grant(person, ["village_secretary", TOWNSHIP])
    end, viewer = until(clock, hours=12), viewer_for_person(person)

    def lend(role: str, place_code: str) -> dict[str, int]:
        return services.grant_until(
            viewer=viewer, person_id=7, role=role, place_code=place_code, until_s=end
        )

    assert lend("village_secretary", TOWNSHIP)["grant_id"]
    for role, place_code in (("duty_leader", TOWNSHIP), ("village_secretary", COUNTY)):
        with pytest.raises(Problem, match="not_allowed"):
            lend(role, place_code)


@pytest.mark.parametrize("hours", [-1, 0, 24 * (rules.STAND_IN_DAYS_MAX + 1)])
def test_standing_in_has_an_end_within_a_season(person: int, clock: Any, hours: int) -> None:
    with pytest.raises(Problem, match="end_not_valid"):
        services.grant_until(
            viewer=node_viewer(),
            person_id=person,
            role="grid_worker",
            place_code=TOWNSHIP,
            until_s=until(clock, hours=hours),
        )


def test_what_a_phone_signed_before_the_end_still_counts_and_after_a_revocation_does_not(
    person: int, clock: Any
) -> None:
    made = services.grant_until(
        viewer=node_viewer(),
        person_id=person,
        role="village_secretary",
        place_code=TOWNSHIP,
        until_s=until(clock, hours=6),
    )
    signed_at = clock.now()
    clock.forward(hours=8)
    assert viewer_for_person(person, as_of=signed_at).may(Permission.RECORD_HOUSEHOLD, TOWNSHIP)
    services.revoke_role(viewer=node_viewer(), grant_id=made["grant_id"], reason="调离")
    assert not viewer_for_person(person, as_of=signed_at).grants


THREE = [
    {"role": "system_administrator", "name": "示意甲一", "phone": ""},
    {"role": "security_administrator", "name": "示意乙一", "phone": "00010000002"},
    {"role": "auditor", "name": "示意丙一", "phone": ""},
]


def test_the_three_administrators_come_in_by_links_and_are_made_once(person: int) -> None:
    made = services.first_administrators(viewer=node_viewer(), place_code=COUNTY, people=THREE)
    assert sorted(one["role"] for one in made) == sorted(rules.SEPARATED)
    assert len({one["person_id"] for one in made}) == 3
    for one in made:
        assert services.use_one_time_link(one["token"]) == one["person_id"]
    again = services.first_administrators(viewer=node_viewer(), place_code=COUNTY, people=[])
    assert [one["person_id"] for one in again] == [one["person_id"] for one in made]
    assert {one["token"] for one in again} == {None}


def test_a_link_that_was_lost_is_made_again_and_the_old_one_is_dead(person: int) -> None:
    first = services.first_administrators(viewer=node_viewer(), place_code=COUNTY, people=THREE)
    services.set_password(first[0]["person_id"], "审计", PASSWORD)
    again = services.first_administrators(
        viewer=node_viewer(), place_code=COUNTY, people=THREE, new_links=True
    )
    assert again[0]["token"] is None  # has a password already
    with pytest.raises(Problem, match="link_not_valid"):
        services.use_one_time_link(first[1]["token"])
    assert services.use_one_time_link(again[1]["token"]) == first[1]["person_id"]


def test_two_of_the_three_are_never_one_person(person: int) -> None:
    same = [{**one, "name": "示意甲一"} for one in THREE]
    with pytest.raises(Problem, match="administrators_differ"):
        services.first_administrators(viewer=node_viewer(), place_code=COUNTY, people=same)
