"""The code tables that warnings are read by."""

from __future__ import annotations

from fengsui.standards.event_codes import (
    cap_categories,
    codes_by_name,
    event_codes,
    event_name,
)
from fengsui.standards.warning_levels import BY_COLOUR, LEVELS, colour_of_word


def test_every_code_has_a_name_a_source_and_says_whether_it_was_checked():
    for code, row in event_codes().items():
        assert code[:2] in ("11", "12", "13", "14")
        assert len(code) in (3, 5)
        assert row.name
        assert row.source
    assert event_codes()["11B03"].is_verified
    assert not event_codes()["11B64"].is_verified, "one receiving program is not enough"


def test_an_unknown_code_has_no_name_and_the_category_other():
    assert event_name("11B88") == ""
    assert cap_categories("99999") == ("Other",)


def test_of_two_codes_with_one_name_the_one_in_use_is_taken():
    assert codes_by_name()["山洪灾害事件"] == "11A51"


def test_the_levels_are_the_four_of_the_law_gravest_first():
    assert [level.colour for level in LEVELS] == ["red", "orange", "yellow", "blue"]
    assert [level.rank for level in LEVELS] == [1, 2, 3, 4]
    assert BY_COLOUR["red"].cap_severity == "Extreme"


def test_a_level_is_known_by_any_of_its_words():
    for word in ("红", "红色", "Red", "red", "一级", "I级"):
        assert colour_of_word(word) == "red"
    assert colour_of_word("IV级") == "blue"
    assert colour_of_word("紫色") == ""
