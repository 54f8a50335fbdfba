"""What is found by what, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.review.search import rules
from fengsui.review.search.rules import TermKind
from fengsui.standards.pinyin import readings_of


def found(name: str, question: str) -> bool:
    terms = rules.terms_of(question)
    keys = rules.text_keys(name, readings_of)
    return bool(terms) and all(any(key.startswith(term.key) for key in keys) for term in terms)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("示意甲", "示意甲"),
        ("示意甲", "意甲"),
        ("示意甲", "syj"),
        ("示意甲", "shiyi"),
        ("示意甲", "yijia"),
        ("石坝乡", "sb"),
        ("石坝乡", "坝乡"),
        ("白水镇中心小学", "zxxx"),
        ("单家湾组", "sjw"),  # 单 is read shan in a name and dan elsewhere
        ("单家湾组", "djw"),
        ("吕家坪", "lvjia"),
        ("３号院", "3号"),  # full-width digits are digits
        ("大坪 三组", "大坪三组"),
        ("A区加油站", "a区"),
    ],
)
def test_a_name_is_found_by_what_people_type(name: str, question: str) -> None:
    assert found(name, question)


@pytest.mark.parametrize(("name", "question"), [("示意甲", "乙"), ("示意甲", "xyz"), ("甲", "")])
def test_nothing_else_is_found(name: str, question: str) -> None:
    assert not found(name, question)


def test_a_number_is_found_by_its_last_digits() -> None:
    (key,) = rules.number_keys("000 1234-5678")
    for tail in ("5678", "45678", "00012345678"):
        (term,) = rules.terms_of(tail)
        assert term.kind is TermKind.NUMBER
        assert key.startswith(term.key)
    assert rules.number_keys("110") == set()


han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12)


@given(han, st.data())
def test_every_two_neighbouring_characters_find_a_name(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    end = data.draw(st.integers(start + 2, len(name)))
    assert found(name, name[start:end])


@given(st.text(max_size=80))
def test_no_text_breaks_the_keys_or_a_question(text: str) -> None:
    keys = rules.text_keys(text, readings_of)
    assert all(0 < len(key) <= rules.TEXT_MAX for key in keys)
    assert len(keys) <= rules.SUFFIXES_MAX * (2 * rules.SPELLINGS_MAX + 1)
    assert len(rules.terms_of(text)) <= rules.TERMS_MAX


@given(st.text(min_size=1, max_size=10))
def test_the_successor_is_just_above_every_text_that_begins_so(key: str) -> None:
    above = rules.successor(key)
    assert key < above
    assert key + "\U0010ffff" < above
