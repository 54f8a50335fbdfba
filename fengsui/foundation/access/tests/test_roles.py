"""The builtin roles as data: every permission has words; the three administrators stand apart."""

from __future__ import annotations

from fengsui.foundation.access.viewer import ROLES, Grant, Permission, Scope, Viewer
from fengsui.standards.roles import permission_words, role_words


def test_every_permission_has_plain_words_and_no_words_lack_a_permission() -> None:
    assert set(permission_words()) == {one.value for one in Permission}


def test_who_may_give_a_role_is_a_role_itself() -> None:
    givers = {giver for role in role_words().values() for giver in role.granted_by}
    assert givers <= ROLES.keys()


def test_the_system_administrator_sees_nothing_personal_and_gives_no_roles() -> None:
    words = permission_words()
    held = ROLES["system_administrator"]
    assert not any(words[one].shows_personal for one in held)
    assert not {Permission.MANAGE_ACCOUNTS, Permission.ENROL_PEOPLE} & held
    assert not any("system_administrator" in role.granted_by for role in role_words().values())


def test_what_each_of_the_three_does_is_in_nobody_elses_hands() -> None:
    three = {
        "system_administrator": Permission.MANAGE_SYSTEM,
        "security_administrator": Permission.MANAGE_ACCOUNTS,
        "auditor": Permission.READ_SIGN_INS,
    }
    for role, permission in three.items():
        assert [name for name, held in ROLES.items() if permission in held] == [role]
    assert {name for name, role in role_words().items() if role.stands_alone} == set(three)


def test_a_machine_never_approves_or_sees_a_full_number() -> None:
    words = permission_words()
    for one in ("approve_alert", "reveal_personal", "manage_accounts", "make_keys"):
        assert not words[one].key_may_hold


def test_a_role_of_the_countys_own_travels_with_its_permissions() -> None:
    grant = Grant("own_1", Scope("433126"), frozenset({Permission.SEE_ALERTS}))
    viewer = Viewer(7, "示意甲", (grant, Grant("grid_worker", Scope("433126101"))))
    assert Viewer.from_plain(viewer.to_plain()) == viewer
    assert viewer.may(Permission.SEE_ALERTS, "433126102201")
    assert not viewer.may(Permission.SEE_PLACES, "433126102201")


def test_a_permission_of_a_newer_program_gives_nothing_here() -> None:
    plain = Viewer(7, "示意甲").to_plain() | {
        "grants": [["own_1", "433126", ["see_alerts", "fly"]]]
    }
    assert Viewer.from_plain(plain).grants[0].permissions == {Permission.SEE_ALERTS}
