"""The table of venue kinds: every row has its words, its source with a date, and its doubt."""

from __future__ import annotations

import re

from fengsui.foundation.imports.rules.values import read_choice
from fengsui.registers.venues.ledger import KINDS, VENUES
from fengsui.registers.venues.rules import KIND_LENGTH_MAX
from fengsui.standards.venue_kinds import venue_kind_words, venue_kinds

# What the demonstration and the first counties have stored.
STORED = (
    "school", "clinic", "nursing_home", "construction_site", "campsite", "homestay", "restaurant",
)  # fmt: skip


def test_every_kind_has_words_a_dated_source_and_says_whether_it_was_checked() -> None:
    for code, kind in venue_kinds().items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert len(code) <= KIND_LENGTH_MAX
        assert kind.zh
        assert kind.en[0].isupper()
        assert re.search(r"20\d\d-\d\d-\d\d$", kind.source), code
        assert not (kind.is_verified and "not seen" in kind.source), code
    for words in ([one.zh for one in KINDS], [one.en for one in KINDS]):
        assert len(set(words)) == len(words), "an import must know which kind a word means"


def test_codes_that_are_stored_already_stay_valid() -> None:
    assert set(STORED) <= venue_kinds().keys()


def test_the_objects_the_opinions_name_are_there_with_their_section() -> None:
    for code in ("farm_stay", "self_built_building", "construction_site", "gas_site"):
        assert venue_kinds()[code].is_verified
        assert "section 6" in venue_kinds()[code].source


def test_the_ledger_offers_the_table_in_its_order() -> None:
    column = VENUES.column("kind")
    assert column is not None
    assert [one.value for one in column.choices] == list(venue_kinds())


def test_a_word_that_is_not_in_the_table_is_said_as_it_is_written() -> None:
    assert venue_kind_words("school") == ("学校", "School")
    assert venue_kind_words("榨油坊") == ("榨油坊", "榨油坊")


def test_an_office_s_own_sheet_is_read_by_its_headers_and_words() -> None:
    kind = VENUES.column("kind")
    assert kind is not None
    for word, code in (
        ("在建工地", "construction_site"),
        ("农家乐", "farm_stay"),
        ("学校", "school"),
    ):
        assert read_choice(kind, word).value == code
    near = read_choice(kind, "工地").finding
    assert near is not None
    assert near.is_doubt, "a near word is asked about, not guessed"
    boarding = VENUES.column("boarding_people")
    assert boarding is not None
    assert "住校人数" in boarding.aliases
