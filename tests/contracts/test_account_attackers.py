"""Somebody who wants in, or wants more than they have. Each test is one who tries."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.accounts import queries, rules, services
from fengsui.foundation.accounts.models import Credential, Factor, KeySecret, SignIn
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.people import services as people
from fengsui.foundation.places import services as places

COUNTY, QINGSHI, BAISHUI = "439901000000", "439901101000", "439901201000"
SHITAN, SHUIKOU = "439901101201", "439901201201"
PASSWORD = "Zhengchang-2026"
PEOPLE = {
    "security": (COUNTY, "security_administrator"),
    "system": (COUNTY, "system_administrator"),
    "auditor": (COUNTY, "auditor"),
    "leader": (COUNTY, "duty_leader"),
    "qingshi": (QINGSHI, "township_officer"),
    "baishui": (BAISHUI, "township_officer"),
    "secretary": (SHITAN, "village_secretary"),
    "far": (SHUIKOU, "village_secretary"),
    "new": (SHITAN, ""),
}


@pytest.fixture
def ids(node: Any) -> dict[str, int]:
    places.register_places(
        viewer=node_viewer(),
        county_code=COUNTY,
        places=[
            {"code": code, "name": name}
            for code, name in (
                (COUNTY, "示例县"),
                (QINGSHI, "青石镇"),
                (BAISHUI, "白水乡"),
                (SHITAN, "石滩村"),
                (SHUIKOU, "水口村"),
            )
        ],
        is_invented=True,
    )
    made = people.register_people(
        viewer=node_viewer(),
        persons=[
            {"ref": ref, "name": f"示意{ref}", "place_code": place}
            for ref, (place, _) in PEOPLE.items()
        ],
        is_invented=True,
    )
    for ref, (place, role) in PEOPLE.items():
        if role:
            services.register_account(
                viewer=node_viewer(), person_id=made[ref], grants=[[role, place]]
            )
    return dict(made)


def viewer(ids: dict[str, int], who: str) -> Viewer:
    return queries.viewer_for_person(ids[who])


class Desk:
    """A browser; `post` carries the token that its page was given."""

    def __init__(self, address: str = "198.51.100.7") -> None:
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=address)

    def session(self) -> dict[str, Any]:
        return dict(self.client.get("/api/v1/session").json())

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        token = self.session()["csrf_token"]
        return self.client.post(
            f"/api/v1{path}",
            body or {},
            content_type="application/json",
            headers={"X-CSRFToken": token},
        )

    def enter(self, person_id: int) -> Desk:
        answer = self.post("/session/link", {"token": services.make_one_time_link(person_id)})
        assert answer.status_code == 200, answer.content
        return self

    def password(self, name: str, password: str) -> Any:
        return self.post("/session/password", {"name": name, "password": password})


# --- more rights than one has ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("giver", "role", "place"),
    [
        ("qingshi", "duty_leader", QINGSHI),  # a role above one's own
        ("qingshi", "duty_officer", SHITAN),
        ("qingshi", "security_administrator", QINGSHI),
        ("qingshi", "auditor", SHITAN),
        ("qingshi", "village_secretary", SHUIKOU),  # a neighbour's place
        ("qingshi", "village_secretary", COUNTY),  # a place above one's own
        ("secretary", "household_head", SHITAN),  # may give nothing at all
        ("leader", "duty_leader", QINGSHI),  # holds it, may not give it
        ("system", "grid_worker", SHITAN),
        ("system", "duty_officer", COUNTY),
        ("auditor", "grid_worker", SHITAN),
    ],
)
def test_nobody_gives_what_is_not_theirs_to_give(
    giver: str, role: str, place: str, ids: dict[str, int]
) -> None:
    with pytest.raises(Problem, match="not_allowed"):
        services.register_account(
            viewer=viewer(ids, giver), person_id=ids["new"], grants=[[role, place]]
        )
    assert not queries.viewer_for_person(ids["new"]).grants


@pytest.mark.parametrize("who", ["security", "qingshi", "leader"])
def test_nobody_gives_a_role_to_themselves(who: str, ids: dict[str, int]) -> None:
    before = viewer(ids, who).grants
    for role, place in (("duty_leader", COUNTY), ("grid_worker", SHITAN)):
        with pytest.raises(Problem, match="not_to_oneself"):
            services.register_account(
                viewer=viewer(ids, who), person_id=ids[who], grants=[[role, place]]
            )
    assert viewer(ids, who).grants == before


@pytest.mark.parametrize("role", sorted(rules.SEPARATED))
def test_an_administrator_takes_no_second_role(role: str, ids: dict[str, int]) -> None:
    holder = next(who for who, (_, held) in PEOPLE.items() if held == role)
    for other in ("duty_officer", *(rules.SEPARATED - {role})):
        with pytest.raises(Problem, match="separated_duties"):
            services.register_account(
                viewer=node_viewer(), person_id=ids[holder], grants=[[other, COUNTY]]
            )


def test_a_link_for_a_superior_would_be_a_way_to_their_rights(ids: dict[str, int]) -> None:
    township = Desk().enter(ids["qingshi"])
    for victim in ("leader", "security", "baishui", "far"):
        answer = township.post(f"/accounts/{ids[victim]}/link")
        assert answer.status_code in (403, 404), victim
    assert township.post(f"/accounts/{ids['secretary']}/link").status_code == 200


def test_a_superior_who_also_holds_a_village_role_is_not_taken_over_through_it(
    ids: dict[str, int],
) -> None:
    """示意leader also answers for the village: the township sees that account, and no more."""
    services.register_account(
        viewer=node_viewer(), person_id=ids["leader"], grants=[["village_secretary", SHITAN]]
    )
    township = Desk().enter(ids["qingshi"])
    assert township.client.get(f"/api/v1/accounts/{ids['leader']}").status_code == 200
    for verb in ("link", "unlock", "end"):
        answer = township.post(f"/accounts/{ids['leader']}/{verb}", {"reason": "试试"})
        assert answer.status_code in (403, 404), verb
    assert (
        township.post(f"/accounts/{ids['leader']}/reset-factor", {"reason": "试试"}).status_code
        == 403
    )


def test_a_neighbour_sees_and_ends_nothing(ids: dict[str, int]) -> None:
    neighbour = Desk().enter(ids["baishui"])
    listed = neighbour.client.get("/api/v1/accounts").json()["items"]
    assert {one["person_id"] for one in listed} == {str(ids["baishui"]), str(ids["far"])}
    (grant,) = queries.account(ids["secretary"], viewer=viewer(ids, "qingshi"))["grants"]
    assert (
        neighbour.post(f"/accounts/grants/{grant['id']}/end", {"reason": "试试"}).status_code == 404
    )
    assert (
        neighbour.post(f"/accounts/{ids['secretary']}/end", {"reason": "试试"}).status_code == 404
    )
    assert viewer(ids, "secretary").grants


def test_a_role_of_the_countys_own_never_holds_what_the_three_do(ids: dict[str, int]) -> None:
    for permission in ("manage_accounts", "manage_system", "read_sign_ins"):
        with pytest.raises(Problem, match="role_not_valid"):
            services.define_role(
                viewer=viewer(ids, "security"),
                name_zh="万能",
                name_en="",
                permissions=["see_places", permission],
                granted_by=[],
                place_code=COUNTY,
            )


def test_a_township_gives_an_own_role_only_as_far_as_it_holds_it(ids: dict[str, int]) -> None:
    wide = services.define_role(
        viewer=viewer(ids, "security"),
        name_zh="审批专班",
        name_en="",
        permissions=["see_alerts", "approve_alert"],
        granted_by=["township_officer"],
        place_code=COUNTY,
    )
    with pytest.raises(Problem, match="not_allowed"):
        services.register_account(
            viewer=viewer(ids, "qingshi"), person_id=ids["new"], grants=[[wide["code"], SHITAN]]
        )
    services.register_account(
        viewer=viewer(ids, "security"), person_id=ids["new"], grants=[[wide["code"], SHITAN]]
    )
    assert viewer(ids, "new").may(Permission.APPROVE_ALERT, SHITAN)
    services.withdraw_role(
        viewer=viewer(ids, "security"), role_id=int(wide["code"][4:]), reason="撤销"
    )
    assert not viewer(ids, "new").may(Permission.APPROVE_ALERT, SHITAN)


# --- guessing -------------------------------------------------------------------------------


def fail(desk: Desk, name: str, times: int) -> list[int]:
    return [desk.password(name, f"Wrong-{n}-password").status_code for n in range(times)]


def test_the_owner_is_not_locked_out_by_somebody_who_fails_on_purpose(ids: dict[str, int]) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    own = Desk("203.0.113.5")
    assert own.password("示意乙", PASSWORD).json()["person"]
    attacker = Desk("198.51.100.66")
    assert fail(attacker, "示意乙", 6) == [401, 401, 401, 401, 401, 429]
    assert Desk("203.0.113.77").password("示意乙", PASSWORD).status_code == 429  # a stranger
    own.post("/session/end")
    assert own.password("示意乙", PASSWORD).json()["person"]


def test_a_stolen_browser_mark_is_good_for_five_tries_and_for_one_name(ids: dict[str, int]) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    services.set_password(ids["qingshi"], "示意丁", PASSWORD)
    own = Desk("203.0.113.5")
    own.password("示意乙", PASSWORD)
    own.post("/session/end")
    assert fail(own, "示意乙", 6)[-1] == 429
    assert fail(own, "示意丁", 6)[-1] == 429  # counted like any stranger


def test_spraying_one_password_over_many_names_locks_the_address(ids: dict[str, int]) -> None:
    sprayer = Desk("198.51.100.99")
    answers = [
        sprayer.password(f"示意{n:03d}", "Zhengchang-2025").status_code
        for n in range(rules.ADDRESS_FAILURES + 1)
    ]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {401}


def test_a_name_that_is_not_there_looks_like_a_wrong_password(ids: dict[str, int]) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    desk = Desk()
    there, absent = desk.password("示意乙", "x").json(), desk.password("没有的人", "x").json()
    assert {key: there[key] for key in ("code", "zh", "en")} == {
        key: absent[key] for key in ("code", "zh", "en")
    }
    assert SignIn.objects.filter(person_id=None).count() == 1  # counted, its name not kept


# --- passwords and idle desks ---------------------------------------------------------------


def test_an_old_password_is_not_taken_again_and_the_sixth_is(ids: dict[str, int]) -> None:
    for number in range(6):
        services.set_password(ids["leader"], "示意乙", f"{PASSWORD}-{number}")
    with pytest.raises(Problem, match="used_before"):
        services.set_password(ids["leader"], "示意乙", f"{PASSWORD}-1")
    services.set_password(ids["leader"], "示意乙", f"{PASSWORD}-0")


def test_a_name_belongs_to_one_person(ids: dict[str, int]) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    with pytest.raises(Problem, match="name_taken"):
        services.set_password(ids["qingshi"], "示意乙", PASSWORD)
    assert Credential.objects.count() == 1


def test_after_ninety_days_and_grace_a_new_password_comes_first(
    ids: dict[str, int], clock: Any
) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    clock.forward(days=91)
    desk = Desk()
    inside = desk.password("示意乙", PASSWORD).json()
    assert inside["person"]
    assert inside["password_state"] == "due"
    clock.forward(days=7)
    late = Desk()
    outside = late.password("示意乙", PASSWORD).json()
    assert outside["person"] is None
    assert outside["pending"]["stage"] == "password"
    assert late.client.get("/api/v1/alerts").status_code == 401
    changed = late.post("/session/new-password", {"password": f"{PASSWORD}-neu"})
    assert changed.json()["person"]["id"] == str(ids["leader"])


def test_a_password_is_changed_by_who_knows_it_and_other_desks_are_out(
    ids: dict[str, int], clock: Any
) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    left_open, desk = Desk(), Desk()
    for one in (left_open, desk):
        one.password("示意乙", PASSWORD)
    wrong = left_open.post("/session/new-password", {"password": "Xin-mima-2026", "current": "?"})
    assert wrong.json()["code"] == "accounts.old_password_wrong"
    right = {"password": "Xin-mima-2026", "current": PASSWORD}
    assert desk.post("/session/new-password", right).status_code == 200
    assert desk.session()["person"]
    assert left_open.session()["person"] is None


def test_an_idle_desk_signs_out_and_polling_is_not_a_person(
    ids: dict[str, int], clock: Any
) -> None:
    desk = Desk().enter(ids["leader"])
    for _ in range(29):
        clock.forward(minutes=1)
        assert desk.client.get("/api/v1/alerts").status_code == 200
    desk.post("/session/here")
    clock.forward(minutes=29)
    assert desk.session()["person"]
    clock.forward(minutes=1)
    assert desk.session()["person"] is None
    assert desk.client.get("/api/v1/alerts").status_code == 401


def test_a_session_is_ended_from_elsewhere_and_a_foreign_one_is_not(ids: dict[str, int]) -> None:
    mine, other = Desk().enter(ids["leader"]), Desk().enter(ids["leader"])
    shown = mine.client.get("/api/v1/sessions").json()["items"]
    assert sorted(one["is_this"] for one in shown) == [False, True]
    victim = next(one["id"] for one in shown if not one["is_this"])
    stranger = Desk().enter(ids["qingshi"])
    assert stranger.post(f"/sessions/{victim}/end").status_code in (403, 404)
    assert other.session()["person"]
    assert mine.post(f"/sessions/{victim}/end").status_code == 200
    assert other.session()["person"] is None


def test_the_security_administrator_ends_the_sessions_of_others(ids: dict[str, int]) -> None:
    theirs = Desk().enter(ids["leader"])
    (note,) = queries.sessions_of(ids["leader"], viewer=viewer(ids, "security"))
    services.end_one(viewer=viewer(ids, "security"), note_id=note["id"])
    assert theirs.session()["person"] is None
    with pytest.raises(Problem, match="not_allowed"):
        queries.sessions_of(ids["leader"], viewer=viewer(ids, "system"))


def test_signing_in_gives_a_new_session_so_that_a_planted_one_is_worth_nothing(
    ids: dict[str, int],
) -> None:
    desk = Desk()
    desk.client.get("/api/v1/sign-on/none/start")
    desk.client.session["x"] = 1
    planted = desk.client.cookies.get(settings.SESSION_COOKIE_NAME)
    desk.enter(ids["leader"])
    now = desk.client.cookies[settings.SESSION_COOKIE_NAME].value
    assert planted is None or planted.value != now


# --- the second factor ----------------------------------------------------------------------


def enrol_factor(desk: Desk) -> tuple[str, list[str]]:
    import pyotp

    secret = desk.post("/session/factor/start").json()["secret"]
    code = pyotp.TOTP(secret).at(queries.desk_now())
    answer = desk.post("/session/factor/confirm", {"code": code})
    assert answer.status_code == 200, answer.content
    return secret, answer.json()["codes"]


def code_at(secret: str) -> str:
    import pyotp

    return pyotp.TOTP(secret).at(queries.desk_now())


def test_with_a_second_factor_neither_password_nor_link_is_enough(
    ids: dict[str, int], clock: Any
) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    secret, _ = enrol_factor(Desk().enter(ids["leader"]))
    clock.forward(minutes=1)
    by_password, by_link = Desk(), Desk()
    assert by_password.password("示意乙", PASSWORD).json()["pending"]["stage"] == "code"
    by_link.enter(ids["leader"])
    for desk in (by_password, by_link):
        assert desk.session()["person"] is None
        assert desk.client.get("/api/v1/alerts").status_code == 401
        assert desk.post("/session/factor/start").status_code == 401
    answer = by_password.post("/session/code", {"code": code_at(secret)})
    assert answer.json()["person"]["id"] == str(ids["leader"])


def test_a_code_that_was_looked_at_over_the_shoulder_is_spent(
    ids: dict[str, int], clock: Any
) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    secret, _ = enrol_factor(Desk().enter(ids["leader"]))
    clock.forward(minutes=1)
    code = code_at(secret)
    owner, thief = Desk(), Desk("198.51.100.66")
    for desk in (owner, thief):
        desk.password("示意乙", PASSWORD)
    assert owner.post("/session/code", {"code": code}).json()["person"]
    assert thief.post("/session/code", {"code": code}).json()["code"] == "accounts.wrong_code"
    assert thief.session()["person"] is None


def test_guessing_codes_locks_after_five(ids: dict[str, int], clock: Any) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    secret, _ = enrol_factor(Desk().enter(ids["leader"]))
    clock.forward(minutes=1)
    thief = Desk()
    thief.password("示意乙", PASSWORD)
    right = code_at(secret)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    answers = [thief.post("/session/code", {"code": wrong}).status_code for _ in range(5)]
    assert answers == [422] * 5
    assert thief.post("/session/code", {"code": right}).status_code == 429


def test_a_recovery_code_counts_once_and_is_on_the_record(ids: dict[str, int], clock: Any) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    _, codes = enrol_factor(Desk().enter(ids["leader"]))
    for times in (1, 2):
        desk = Desk()
        desk.password("示意乙", PASSWORD)
        answer = desk.post("/session/code", {"code": codes[0].lower()})
        assert answer.status_code == (200 if times == 1 else 422)
    assert len(codes) == len(set(codes)) == rules.RECOVERY_CODES


def test_the_secret_is_sealed_and_a_row_moved_to_another_person_opens_nothing(
    ids: dict[str, int], clock: Any
) -> None:
    services.set_password(ids["qingshi"], "示意丁", PASSWORD)
    secret, _ = enrol_factor(Desk().enter(ids["leader"]))
    row = Factor.objects.get()
    assert secret.encode() not in bytes(row.sealed_secret)
    assert secret.encode() not in b"".join(
        bytes(one.body or b"") for one in StoredFact.objects.all()
    )
    Factor.objects.create(
        person_id=ids["qingshi"], sealed_secret=row.sealed_secret, confirmed_at=row.confirmed_at
    )
    clock.forward(minutes=1)
    with pytest.raises(Problem, match="wrong_code"):
        services.check_code(ids["qingshi"], code_at(secret))


def test_an_administrator_sets_password_and_factor_before_anything_opens(
    ids: dict[str, int], clock: Any
) -> None:
    desk = Desk().enter(ids["security"])
    assert desk.session()["pending"]["stage"] == "password"
    assert desk.client.get("/api/v1/accounts").status_code == 401
    desk.post("/session/new-password", {"name": "安全员", "password": PASSWORD})
    assert desk.session()["pending"]["stage"] == "factor"
    assert desk.client.get("/api/v1/accounts").status_code == 401
    enrol_factor(desk)
    assert desk.session()["person"]["id"] == str(ids["security"])
    assert desk.client.get("/api/v1/accounts").status_code == 200


def test_what_waits_for_a_code_does_not_wait_for_ever(ids: dict[str, int], clock: Any) -> None:
    services.set_password(ids["leader"], "示意乙", PASSWORD)
    secret, _ = enrol_factor(Desk().enter(ids["leader"]))
    desk = Desk()
    desk.password("示意乙", PASSWORD)
    clock.forward(minutes=rules.PENDING_MINUTES, seconds=1)
    assert desk.post("/session/code", {"code": code_at(secret)}).status_code == 401


# --- keys of other systems -------------------------------------------------------------------


def make_key(ids: dict[str, int], *, permissions: list[str], place: str = COUNTY) -> str:
    made = services.make_key(
        viewer=viewer(ids, "leader"),
        name="一网统管",
        place_code=place,
        permissions=permissions,
        days=30,
    )
    return str(made["token"])


def asked(token: str, path: str, method: str = "get", **more: Any) -> Any:
    client = Client(enforce_csrf_checks=True)
    return getattr(client, method)(
        f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, **more
    )


def test_a_key_reads_what_it_holds_and_nothing_else(ids: dict[str, int]) -> None:
    token = make_key(ids, permissions=["see_alerts"])
    assert asked(token, "/alerts").status_code == 200
    assert asked(token, "/map/base").status_code in (200, 403)
    assert asked(token, "/callouts/1/board").status_code in (403, 404)
    assert asked(token, "/situation/sos").json() == {"items": []}
    for own in ("/session", "/sessions", "/accounts", "/api-keys", "/roles", "/sign-ins"):
        assert asked(token, own).status_code == 403, own
    assert asked(token, "/calls/mine").status_code == 403


def test_a_key_never_holds_more_than_who_answers_for_it(ids: dict[str, int]) -> None:
    for permissions, place in (
        (["approve_alert"], COUNTY),  # takes a person
        (["reveal_personal"], COUNTY),
        (["manage_accounts"], COUNTY),
        (["no_such"], COUNTY),
        ([], COUNTY),
        (["see_alerts"], "440000000000"),
    ):
        with pytest.raises(Problem, match=r"key_not_valid|not_allowed"):
            make_key(ids, permissions=permissions, place=place)
    with pytest.raises(Problem, match="not_allowed"):
        services.make_key(
            viewer=viewer(ids, "qingshi"),
            name="x",
            place_code=QINGSHI,
            permissions=["see_alerts"],
            days=1,
        )


def test_a_key_ends_with_the_role_the_day_and_the_revocation(
    ids: dict[str, int], clock: Any
) -> None:
    token = make_key(ids, permissions=["see_alerts"])
    (known,) = queries.keys(viewer=viewer(ids, "leader"))
    services.revoke_key(viewer=viewer(ids, "security"), key_id=int(known["id"]), reason="停用")
    assert asked(token, "/alerts").status_code == 401
    second = make_key(ids, permissions=["see_alerts"])
    clock.forward(days=30)
    assert asked(second, "/alerts").status_code == 401
    third = make_key(ids, permissions=["see_alerts"])
    (grant,) = [
        one
        for one in queries.account(ids["leader"], viewer=viewer(ids, "security"))["grants"]
        if one["role"] == "duty_leader"
    ]
    services.revoke_role(viewer=node_viewer(), grant_id=int(grant["id"]), reason="调离")
    assert asked(third, "/alerts").status_code == 401


@pytest.mark.parametrize("bad", ["", "x", "fsk_1_x", "fsk_x_y", "fsk__", "fsk_" + "9" * 30 + "_x"])
def test_a_made_up_key_opens_nothing(bad: str, ids: dict[str, int]) -> None:
    assert asked(bad, "/alerts").status_code == 401
    assert asked(bad, "/public/alerts").status_code == 401  # a broken key is said, not ignored


def test_of_a_key_only_the_hash_is_on_the_disk_and_none_of_it_in_the_record(
    ids: dict[str, int],
) -> None:
    secret = make_key(ids, permissions=["see_alerts"]).rsplit("_", 1)[1]
    row = KeySecret.objects.get()
    assert secret not in row.secret_hash
    stored = b"".join(bytes(one.body or b"") for one in StoredFact.objects.all())
    assert secret.encode() not in stored
    assert row.secret_hash.encode() not in stored


def test_a_key_writes_without_a_csrf_token_and_a_cookie_beside_it_counts_nothing(
    ids: dict[str, int],
) -> None:
    token = make_key(ids, permissions=["see_alerts", "draft_alert"])
    desk = Desk().enter(ids["leader"])
    header = {"Authorization": f"Bearer {token}"}
    body = {"text": "不是预警", "place_code": COUNTY}
    with_key = desk.client.post(
        "/api/v1/alerts/paste", body, content_type="application/json", headers=header
    )
    assert with_key.status_code != 403
    only_cookie = desk.client.post("/api/v1/alerts/paste", body, content_type="application/json")
    assert only_cookie.status_code == 403
    assert only_cookie.json()["code"] == "web.stale_page"
    broken = desk.client.post(
        "/api/v1/alerts/paste",
        body,
        content_type="application/json",
        headers={"Authorization": "Bearer fsk_1_x"},
    )
    assert broken.status_code == 401  # the cookie does not stand in for a broken key


def test_a_key_that_asks_too_often_is_told_so(
    ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fengsui.web import middleware

    monkeypatch.setattr(middleware, "KEY_REQUESTS_PER_MINUTE", 3)
    token = make_key(ids, permissions=["see_alerts"])
    answers = [asked(token, "/alerts").status_code for _ in range(8)]
    assert answers[0] == 200
    assert answers[-1] == 429


# --- the list of sign-ins ---------------------------------------------------------------------


def test_only_the_auditor_reads_who_signed_in(ids: dict[str, int]) -> None:
    Desk().enter(ids["leader"])
    Desk().password("示意乙", "falsch")
    listed = queries.sign_ins(viewer=viewer(ids, "auditor"))["items"]
    assert [one["outcome"] for one in listed] == ["refused", "in"]
    assert listed[1]["person_name"] == "示意leader"
    for who in ("system", "security", "leader", "qingshi"):
        with pytest.raises(Problem, match="not_allowed"):
            queries.sign_ins(viewer=viewer(ids, who))


def test_rules_are_set_within_their_bounds_and_by_one_person_only(ids: dict[str, int]) -> None:
    def change(who: str, **values: Any) -> None:
        services.set_policy(
            viewer=viewer(ids, who), place_code=COUNTY, values=values, reason="单位规定"
        )

    change("security", lock_minutes=30, factor_roles=["duty_leader"])
    assert queries.policy().lock_minutes == 30
    assert queries.policy().factor_roles == {"duty_leader"}
    for values in ({"lock_minutes": 0}, {"idle_minutes": 600}, {"password_length": 1}, {"x": 1}):
        with pytest.raises(Problem, match="rule_not_valid"):
            change("security", **values)
    for who in ("system", "auditor", "leader", "qingshi"):
        with pytest.raises(Problem, match="not_allowed"):
            change(who, lock_minutes=15)


def test_a_link_dies_when_a_newer_one_is_made(ids: dict[str, int]) -> None:
    township = Desk().enter(ids["qingshi"])
    first, second = (
        township.post(f"/accounts/{ids['secretary']}/link").json()["path"] for _ in range(2)
    )
    token = first.removeprefix("/link/")
    assert Desk().post("/session/link", {"token": token}).status_code == 401
    token = second.removeprefix("/link/")
    assert Desk().post("/session/link", {"token": token}).status_code == 200


def test_an_ended_account_is_out_everywhere_at_once(ids: dict[str, int], clock: Any) -> None:
    services.set_password(ids["secretary"], "示意己", PASSWORD)
    inside = Desk().enter(ids["secretary"])
    waiting = services.make_one_time_link(ids["secretary"])
    township = Desk().enter(ids["qingshi"])
    ended = township.post(f"/accounts/{ids['secretary']}/end", {"reason": "换届"})
    assert ended.status_code == 200, ended.content
    assert inside.session()["person"] is None
    assert Desk().password("示意己", PASSWORD).status_code == 401
    assert Desk().post("/session/link", {"token": waiting}).status_code == 401
    assert not viewer(ids, "secretary").grants
