"""Answers that are carried out at once leave what they leave one by one, and say the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction

from fengsui.engines.calls.models import Answer, Call, UnitCall
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal import verify, wire, writer
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.writer import Call as Asked
from fengsui.foundation.journal.writer import Writer

from . import town

RECORD = "fengsui.engines.calls.services.answering.record_answer"
PEOPLE = 12


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HOLD_SECONDS", 60.0)  # a busy machine must not cut batches short


def _night() -> dict[int, int]:
    """Person → call. Everybody has rung twice, so deputies are being rung; some hold posts."""
    town.phones({}, **town.silent_by_default())
    people = [
        town.party(
            n,
            unit=town.village(0, n % 5) if n % 3 == 0 else "",
            deputies=[town.person(100 + n)] if n % 4 == 0 else (),
        )
        for n in range(1, PEOPLE + 1)
    ]
    callout_id = town.open_callout(people)
    town.run(minutes=7)
    rows = Call.objects.filter(callout_id=callout_id).order_by("person_id")
    return dict(rows.values_list("person_id", "id"))


def _asked(seed: int, calls: dict[int, int]) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    asked = []
    for number in range(30):
        person = draw.randint(1, 4)
        speaker = draw.choice([person, person, person, 100 + person, 999])
        kinds = ["on_it", "on_it", "need_support", "away_pass_to_b", "nonsense"]
        one = {
            "viewer": town.NODE if draw.random() < 0.2 else Viewer(speaker, "示意"),
            "call_id": calls[person] if draw.random() < 0.9 else 77,
            "answer_kind": draw.choice(kinds),
            "how": "app",
            "client_id": draw.choice(["", f"said {number}", "x" * 65]),
        }
        if draw.random() < 0.6:  # what a phone says again is the same
            one |= {"viewer": town.NODE, "answer_kind": "on_it", "client_id": "said before"}
        asked.append(one)
    return asked


def _carry_out(asked: list[dict[str, Any]]) -> list[Any]:
    """The replies, and the state of every call and unit, free of ids."""
    turns, replies = Writer([]), []

    def hear(frame: bytes) -> None:
        _, _, is_done, said = wire.unpack(frame[wire.LENGTH.size :])
        replies.append(said.get("outcome") if is_done else said["code"])

    for number, arguments in enumerate(asked):
        turns.put(Asked(number.to_bytes(16, "big"), False, RECORD, arguments, hear))
    while turns.queue:
        turns.batch()
    # Which of several answers of one millisecond came last is not said by their ids.
    states = Call.objects.order_by("callout_id", "person_id").values_list(
        "person_id", "ended_as", "is_late", "needs_support", "is_covered"
    )
    units = UnitCall.objects.order_by("unit_code").values_list("unit_code", "state")
    said = Answer.objects.values_list("person_id", "kind", "is_stand_in", "client_id")
    return [replies, list(states), list(units), sorted(said)]


@pytest.mark.parametrize("seed", range(6))
def test_together_is_one_by_one(
    seed: int, node: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _night()
    asked = _asked(seed, calls)
    found = []
    for together in (True, False):
        with monkeypatch.context() as way:
            if not together:
                way.setattr(journal, "TOGETHER", {})
            point = node.mark()
            with transaction.atomic():
                found.append(_carry_out(asked))
                transaction.set_rollback(True)
            node.restore(point)
    assert found[0] == found[1], f"seed {seed}"
    assert {"recorded", "already_recorded"} <= set(found[0][0])


def test_many_answers_are_few_statements_and_each_is_signed(
    node: Any, clock: Any, django_assert_max_num_queries: Any
) -> None:
    calls = _night()
    before = StoredFact.objects.count()
    asked = [
        {"viewer": Viewer(n, "示意"), "call_id": calls[n], "answer_kind": "on_it", "how": "app"}
        for n in range(1, PEOPLE + 1)
        if n % 3 and n % 4  # no unit to acknowledge for, nobody rung beside them
    ]
    with django_assert_max_num_queries(26):
        said = _carry_out(asked)[0]
    assert said == ["recorded"] * len(asked)
    facts = StoredFact.objects.filter(arrival__gt=before)
    assert facts.count() == len(asked)
    assert not facts.filter(signature=None).exists()
    assert verify.check_database(processes=1).is_whole


def test_one_that_breaks_takes_no_other_down(
    node: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _night()

    def breaks(several: Any) -> Any:
        journal.TOGETHER.clear()
        raise RuntimeError("the roof fell in")

    monkeypatch.setattr(journal, "TOGETHER", {RECORD: breaks})
    asked = [
        {"viewer": town.NODE, "call_id": calls[n], "answer_kind": "on_it", "how": "app"}
        for n in (1, 2)
    ]
    assert _carry_out(asked)[0] == ["recorded", "recorded"]
