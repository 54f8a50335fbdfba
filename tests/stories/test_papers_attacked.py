"""Attackers on papers: a link that is guessed, worn out or forwarded; a PDF that is touched up;
a cell that is a formula; a chain written to lie."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.signing import SUITES
from fengsui.foundation.people import services as people
from fengsui.review.papers import queries, services
from fengsui.review.papers.models import Share, ShareStep
from fengsui.review.papers.printing.workbook import escaped
from fengsui.review.papers.rules import shares, signatures
from tests.world import county as world
from tests.world.night import Night

PARTS = ("review", "timeline", "bulletins", "unanswered")


class Office:
    def __init__(self, night: Night) -> None:
        self.night = night
        self.callout_id = night.alert(night.county.issue(world.rain_warning())).callout_id or 0

    def make(self, who: str = "officer", hours: float = 24, **more: Any) -> dict[str, Any]:
        said: dict[str, Any] = {
            "parts": PARTS,
            "recipient": "示意调查组",
            "reason": "示意调查",
            "expires_at": self.night.clock.now() + timedelta(hours=hours),
        }
        return services.make_share(
            viewer=self.night.county.viewer(who), callout_id=self.callout_id, **(said | more)
        )

    def review(self) -> bytes:
        return services.review_as_pdf(
            viewer=self.night.county.viewer("officer"),
            callout_id=self.callout_id,
            recipient="示意领导",
        ).content

    def verdict(self, paper: bytes) -> str:
        viewer = self.night.county.viewer("officer")
        return str(queries.paper_verdict(paper, viewer=viewer)["verdict"])


@pytest.fixture
def office(night: Night) -> Office:
    return Office(night)


def ask(token: str, code: str) -> Any:
    return Client().post(
        "/api/v1/papers/shared",
        json.dumps({"token": token, "code": code}),
        content_type="application/json",
    )


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_who_holds_link_and_code_sees_the_night_masked_and_is_on_record(office: Office) -> None:
    made = office.make()
    answer = ask(made["token"], made["code"])
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["review"]["counts"]["called"] > 0
    assert told["timeline"]
    text = answer.content.decode()
    for secret in ("示意己", "示意丁", "00010000021"):
        assert secret not in text
    assert ShareStep.objects.get().verb == "opened"


def test_five_wrong_codes_end_a_link_for_its_owner_too(office: Office) -> None:
    made = office.make()
    answers = [ask(made["token"], wrong(made["code"])) for _ in range(5)]
    assert {one.status_code for one in answers} == {404}
    assert ask(made["token"], made["code"]).status_code == 404
    facts = StoredFact.objects.count()
    ask(made["token"], wrong(made["code"]))
    assert StoredFact.objects.count() == facts, "a dead link lets nobody write into the record"


def test_a_guessed_token_writes_nothing_and_is_told_nothing(office: Office) -> None:
    made = office.make()
    facts = StoredFact.objects.count()
    known = ask(made["token"][:-1] + ("A" if made["token"][-1] != "A" else "B"), made["code"])
    unknown = ask("A" * 43, "000000")
    assert known.status_code == unknown.status_code == 404
    assert known.json()["code"] == unknown.json()["code"] == "papers.link_closed"
    assert known.json()["zh"] == unknown.json()["zh"]
    assert StoredFact.objects.count() == facts


def test_a_link_ends_by_itself_by_hand_and_with_its_makers_rights(office: Office) -> None:
    clock = office.night.clock
    made = office.make(hours=1)
    clock.forward(seconds=3599)
    assert ask(made["token"], made["code"]).status_code == 200
    clock.forward(seconds=1)
    assert ask(made["token"], made["code"]).status_code == 404, "over at its very second"

    made = office.make()
    services.withdraw_share(
        viewer=office.night.county.viewer("leader"),
        share_id=made["share_id"],
        reason="示意收回",
    )
    assert ask(made["token"], made["code"]).status_code == 404

    made = office.make()
    accounts.end_account(
        viewer=node_viewer(), person_id=office.night.county.ids["officer"], reason="示意调离"
    )
    assert ask(made["token"], made["code"]).status_code == 404, "its maker sees nothing any more"


def test_a_link_needs_the_right_a_reason_and_an_end(office: Office) -> None:
    for who in ("qingshi", "shitan_a"):
        with pytest.raises(Problem):
            office.make(who)
    never: tuple[dict[str, Any], ...] = (
        {"hours": 0.5},
        {"hours": 24 * 31},
        {"parts": ()},
        {"reason": ""},
        {"recipient": ""},
    )
    for more in never:
        with pytest.raises(Problem):
            office.make(**more)
    assert not Share.objects.exists()


def test_neither_token_nor_code_can_be_had_from_the_record(office: Office) -> None:
    made = office.make()
    row = Share.objects.get()
    kept = f"{row.token_hash} {row.code_hash}"
    assert made["token"] not in kept
    assert made["code"] not in kept
    assert shares.code_hash("another token", made["code"]) != row.code_hash
    for stored in StoredFact.objects.all():
        assert made["token"].encode() not in bytes(stored.body)
    assert "token" not in str(
        queries.shares(office.callout_id, viewer=office.night.county.viewer("officer"))[0].openings
    )


def test_a_review_that_was_touched_up_is_found_out(office: Office) -> None:
    paper = office.review()
    assert office.verdict(paper) == "genuine"
    content, signature = signatures.split(paper)
    assert signature is not None
    for at in (10, len(content) // 2, len(content) - 1):
        touched = bytearray(paper)
        touched[at] ^= 1
        assert office.verdict(bytes(touched)) == "changed"
    assert office.verdict(content) == "unsigned"
    assert office.verdict(paper + b"%one more page\n") == "unsigned", "nothing may follow"
    # Somebody signs their own figures with a key of their own.
    suite = SUITES[1]
    seed = bytes(range(32))
    forged = content + b"%\n"
    message = signatures.message(signatures.digest(forged), signature.fact_id)
    own = signatures.Signature(
        1, suite.public_key(seed), signature.fact_id, suite.signer(seed)(message)
    )
    assert office.verdict(forged + signatures.sign_line(own)) == "unknown_signer"
    # The signature of one paper on another one.
    other = office.review()
    moved = signatures.split(other)[0] + paper[len(content) :]
    assert office.verdict(moved) in ("changed", "genuine")
    assert (office.verdict(moved) == "genuine") == (signatures.split(other)[0] == content)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|cmd", "＝1", "'=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert escaped(text) == "'" + text


def test_a_name_that_is_a_formula_stays_a_name_in_the_sheet(night: Night) -> None:
    formula = '=HYPERLINK("http://example.invalid","示意")'
    people.rename_person(viewer=node_viewer(), person_id=night.county.ids["shitan_a"], name=formula)
    callout_id = night.alert(night.county.issue(world.rain_warning())).callout_id or 0
    file = services.take_list(
        viewer=night.county.viewer("officer"),
        callout_id=callout_id,
        file_format="xlsx",
        recipient="示意",
        with_personal=True,
        reason="示意核对",
    )
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    found = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert not [cell for cell in found if cell.data_type == "f" or cell.hyperlink]
    assert any(str(cell.value) == "'" + formula for cell in found)
