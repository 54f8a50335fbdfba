"""The administrator's words on the command line."""

from __future__ import annotations

import getpass
from typing import Any

import pytest

from fengsui.config import cli
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import viewer_for_person
from tests.world import county as world


def test_a_person_gets_a_role_and_signs_in_once_by_link(
    node: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    county = world.build()
    person = str(county.ids["school"])
    assert cli.main(["account", "grant", person, "venue_contact", world.FENGPING]) == 0
    assert viewer_for_person(int(person)).grants[0].role == "venue_contact"

    assert cli.main(["account", "list", world.FENGPING]) == 0
    assert f"{person}  示意丑  {world.FENGPING}  venue_contact" in capsys.readouterr().out

    assert cli.main(["account", "link", person]) == 0
    token = capsys.readouterr().out.strip().rsplit("/", 1)[1]
    assert accounts.use_one_time_link(token) == int(person)


def test_a_refusal_is_told_in_both_languages(
    node: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county = world.build()
    monkeypatch.setattr(getpass, "getpass", lambda _: "short")
    assert cli.main(["account", "password", str(county.ids["officer"]), "officer"]) == 1
    told = capsys.readouterr().err
    assert "密码至少" in told
    assert "Use at least" in told


def test_two_different_passwords_change_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["Correct-horse-1", "Correct-horse-2"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(typed))
    assert cli.main(["account", "password", "1", "officer"]) == 1
    assert "nothing was changed" in capsys.readouterr().err
