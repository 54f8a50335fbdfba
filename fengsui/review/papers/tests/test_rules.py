"""What the pure rules of papers promise: chains, figures, numbers, tokens, signatures."""

from __future__ import annotations

import importlib.util
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fengsui.foundation.journal.signing import SUITES
from fengsui.review.papers.rules import bulletins, chains, kpis, shares, signatures
from fengsui.review.papers.states import MAY_FALL, NUMBER_WORDS, TOLD, SaidKind

ROOT = Path(__file__).parents[4]
NAMES = ("示意甲", "示意甲乙", "示意丙", "示意丁")
START = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "on_it"),
        ("收到", "on_it"),
        ("收到，正在敲门", "on_it"),
        ("已通知到户👌", "on_it"),
        ("👌", "on_it"),
        ("收到，需要支援两个人", "need_support"),
        ("有人被困", "need_support"),
        ("收到，不需要支援", "on_it"),
        ("无人受伤", "on_it"),
        ("在外出差，转B岗", "away"),
        ("没收到短信", "other"),
        ("什么情况", "other"),
        ("没落实", "other"),
        ("没收到，需要支援", "need_support"),
    ],
)
def test_what_a_line_says(words: str, said: str) -> None:
    assert chains.said_in(words) == said


@pytest.mark.parametrize(
    "line",
    [
        "1. 示意甲 收到",
        "１．示意甲 收到",
        "1、示意甲收到",
        "(1) 示意甲：收到",
        "1 示意甲-收到",
        "\u200b1. \ufeff示意甲 收到",
        "1.  石滩村 示意甲 收到",
    ],
)
def test_however_a_phone_writes_it_the_line_is_read(line: str) -> None:
    ((found,), left_out) = chains.read_chain(f"#接龙\n例 某某 收到\n{line}", NAMES)
    assert (found.name, found.said, left_out) == ("示意甲", SaidKind.ON_IT, 0)


def test_a_name_inside_another_name_is_not_taken_for_it() -> None:
    lines, _ = chains.read_chain(
        "1. 示意甲乙 收到\n2. 示意甲 收到\n3. 代示意丙：示意丁 收到", NAMES
    )
    assert [one.name for one in lines] == ["示意甲乙", "示意甲", "示意丙"]


def test_nothing_pasted_breaks_the_reader_and_no_line_is_lost_unsaid() -> None:
    seed = 20_260_717
    draw = random.Random(seed)
    pieces = [*NAMES, "收到", "\n", "1.", "２、", "#接龙", "\u202e", "=1+1", "\t", "🆘", " ", ":"]
    for _ in range(500):
        text = "".join(draw.choice(pieces) for _ in range(draw.randrange(60)))
        lines, left_out = chains.read_chain(text, NAMES)
        assert len(lines) + left_out <= len(text.splitlines()), seed
        assert all(one.name in ("", *NAMES) for one in lines), seed
    many = "\n".join(f"{row}. 示意甲" for row in range(1, chains.LINES_MAX + 8))
    lines, left_out = chains.read_chain(many, NAMES)
    assert (len(lines), left_out) == (chains.LINES_MAX, 7)


def test_percentiles_are_by_nearest_rank_and_shares_never_rounded_up() -> None:
    assert kpis.percentile([], 50) is None
    assert kpis.percentile([7], 90) == 7
    seconds = list(range(1, 11))
    assert (kpis.percentile(seconds, 50), kpis.percentile(seconds, 90)) == (5, 9)
    assert kpis.Share(999, 1000).permille == 999
    assert kpis.Share(9999, 10_000).permille == 999, "one is missing: not 100 %"
    assert kpis.Share(0, 0).permille is None
    draw = random.Random(7)
    for _ in range(200):
        some = [draw.randrange(1000) for _ in range(draw.randrange(1, 40))]
        percent = draw.randrange(1, 101)
        value = kpis.percentile(some, percent)
        assert value in some
        assert sum(one <= value for one in some) * 100 >= percent * len(some)


def test_in_time_counts_from_being_put_on_the_list() -> None:
    late = START + timedelta(minutes=20)
    calls = [
        kpis.Timed(START, START + timedelta(seconds=600), None),
        kpis.Timed(START, START + timedelta(seconds=601), None),
        kpis.Timed(late, late + timedelta(seconds=5), None),
        kpis.Timed(START, None, START),
    ]
    found = kpis.answers(calls, answer_within_s=600)
    assert (found.answered, found.in_time, found.slowest_s) == (3, 2, 601)


def test_a_number_that_falls_needs_a_note_whatever_the_number() -> None:
    for name in NUMBER_WORDS:
        found = bulletins.changes({name: 3}, {name: 2})
        assert [one.needs_note for one in found] == [name not in MAY_FALL]
        assert bulletins.without_note(found, {name: " "}) == [
            one for one in found if one.needs_note
        ]
        assert bulletins.without_note(found, {name: "误报"}) == []
        assert bulletins.changes({name: 3}, {})[0].after == 0, "leaving it out is a decrease"
    assert bulletins.changes({}, {"dead": 3}) == []


def test_a_township_is_not_added_to_its_villages() -> None:
    zeros = dict.fromkeys(TOLD, 0)
    total = bulletins.reported_once(
        [
            ("439901101000", "山洪", zeros | {"dead": 3, "injured": 1}),
            ("439901101201", "山洪", zeros | {"dead": 2}),
            ("439901101202", "山洪", zeros | {"injured": 4}),
            ("439901201201", "山洪", zeros | {"dead": 1}),
        ]
    )
    assert (total["dead"], total["injured"]) == (4, 4)


def test_only_what_the_field_tells_can_be_typed() -> None:
    assert bulletins.clean_numbers({"dead": 2}) == {"dead": 2}
    for bad in ({"answered": 1}, {"dead": -1}, {"dead": True}, {"dead": "2"}, {"dead": 10**9}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            bulletins.clean_numbers(bad)


def test_a_link_is_dead_at_its_end_withdrawn_locked_or_worn_out() -> None:
    alive = {
        "now": START, "expires_at": START + timedelta(seconds=1), "withdrawn_at": None,
        "wrong_codes": 4, "openings": 199,
    }  # fmt: skip
    assert not shares.is_dead(**alive)  # type: ignore[arg-type]
    for change in (
        {"expires_at": START}, {"withdrawn_at": START}, {"wrong_codes": 5}, {"openings": 200},
    ):  # fmt: skip
        assert shares.is_dead(**(alive | change))  # type: ignore[arg-type]
    assert shares.is_code(shares.code_hash("token", "012345"), "token", "012345")
    assert not shares.is_code(shares.code_hash("token", "012345"), "other", "012345")


def signed(content: bytes) -> bytes:
    suite, seed, fact_id = SUITES[1], bytes(range(32)), bytes(16)
    message = signatures.message(signatures.digest(content), fact_id)
    made = signatures.Signature(1, suite.public_key(seed), fact_id, suite.signer(seed)(message))
    return content + signatures.sign_line(made)


def test_a_second_program_checks_the_signature(tmp_path: Path, capsys: object) -> None:
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "verify_paper.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    paper = tmp_path / "paper.pdf"
    content = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
    key = SUITES[1].public_key(bytes(range(32))).hex()
    for bytes_, arguments, verdict in (
        (signed(content), [], 0),
        (signed(content), [key], 0),
        (signed(content), ["00" * 32], 1),
        (signed(content).replace(b"1 0 obj", b"2 0 obj"), [], 1),
        (content, [], 1),
        (signed(content) + b"\n", [], 1),
    ):
        paper.write_bytes(bytes_)
        assert tool.main([str(paper), *arguments]) == verdict


def test_a_signature_line_within_the_paper_is_no_signature() -> None:
    inner = signed(b"%PDF-1.7 one\n%%EOF\n")
    content, found = signatures.split(inner + b"%PDF-1.7 two\n%%EOF\n")
    assert found is None
    assert content.endswith(b"two\n%%EOF\n")
