"""The contract every layout keeps: whatever arrives, there is a verdict and never a crash."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.gateways.protocols import check
from fengsui.gateways.warnings import Verdict
from tests.contracts.warning_samples import BULLETIN, CAP, JSON_MESSAGE, MESSAGE_12379

DOCUMENTS = {
    "cap": CAP.encode(),
    "12379": MESSAGE_12379.encode(),
    "json": JSON_MESSAGE.encode(),
    "bulletin": BULLETIN.encode(),
}
DAMAGES = 250


def assert_is_a_verdict(result) -> None:
    if result.verdict is Verdict.REJECTED:
        assert result.errors
        assert result.alerts == ()
    else:
        assert result.errors == ()
        assert result.alerts or result.entries
    for finding in (*result.errors, *result.warnings):
        assert finding.code
        assert finding.zh
        assert finding.en
        assert len(finding.zh) < 1_000


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_whole_document_is_accepted(name):
    result = check(DOCUMENTS[name])

    assert result.errors == ()
    assert len(result.alerts) == 1
    assert result.alerts[0].level == "red"
    assert result.alerts[0].event_code == "11B03"
    assert result.alerts[0].missing_statutory == ()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_cut_off_at_any_byte_it_still_gets_a_verdict(name):
    document = DOCUMENTS[name]

    for end in range(len(document)):
        result = check(document[:end])
        assert_is_a_verdict(result)
        if name in ("cap", "12379", "json") and document[:end].strip() != document.strip():
            assert result.verdict is Verdict.REJECTED, end


@pytest.mark.parametrize("name", DOCUMENTS)
def test_with_any_bytes_damaged_it_still_gets_a_verdict(name):
    dice = random.Random(name)

    for _ in range(DAMAGES):
        damaged = bytearray(DOCUMENTS[name])
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        assert_is_a_verdict(check(bytes(damaged)))


@pytest.mark.parametrize("name", ["cap", "12379"])
def test_with_any_line_lost_doubled_or_moved_it_still_gets_a_verdict(name):
    lines = DOCUMENTS[name].decode().splitlines(keepends=True)
    dice = random.Random(name)

    for number in range(len(lines)):
        without = lines[:number] + lines[number + 1 :]
        doubled = lines[:number] + [lines[number]] * 2 + lines[number + 1 :]
        moved = without[:]
        moved.insert(dice.randrange(len(without)), lines[number])
        for variant in (without, doubled, moved):
            assert_is_a_verdict(check("".join(variant).encode()))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_noise_gets_a_verdict(data):
    assert_is_a_verdict(check(data))


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60), st.sampled_from(["发布", "继续发布", "解除", "将"]), st.text(max_size=60)
)
def test_text_around_a_statement_gets_a_verdict(before, action, after):
    text = f"{before}示例县气象台2026年7月17日2时10分{action}暴雨红色预警信号{after}"

    assert_is_a_verdict(check(text.encode("utf-8", "replace")))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["alerts", "id", "issuedTime", "eventType", "description", "color", "code"]
            ),
            inner,
            max_size=7,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(_json)
def test_json_of_the_wrong_shape_gets_a_verdict(value):
    import json

    assert_is_a_verdict(check(json.dumps(value).encode()))
