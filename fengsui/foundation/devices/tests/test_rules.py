"""Canonical bytes and signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.foundation.devices import rules
from tests.world.phone import make_phone

VECTORS = json.loads(
    (Path(__file__).parents[4] / "spec" / "phone-items.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["items"], ids=lambda one: one["about"])
def test_the_page_and_the_box_agree_on_every_byte(vector: dict[str, str]) -> None:
    item = rules.read_item(vector["body"])
    assert item.key_id == rules.key_id(rules.from_base64url(VECTORS["public_key"]))
    assert rules.verify(
        rules.from_base64url(VECTORS["public_key"]),
        rules.ITEM_CONTEXT + vector["body"].encode(),
        rules.from_base64url(vector["signature"]),
    )


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda one: one["about"])
def test_what_is_not_canonical_is_not_read(vector: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=vector["says"]):
        rules.read_item(vector["body"])


KEYS = st.text(st.characters(max_codepoint=127), max_size=8)


@given(st.dictionaries(KEYS, st.text(max_size=12) | st.integers(0, 2**53 - 1)))
def test_a_canonical_item_reads_back(entry: dict[str, str | int]) -> None:
    plain = {"v": 1, "id": "a", "device": "", "person": "7", "n": 1, "at": 2, "entry": entry}
    try:
        body = rules.canonical(plain).decode()
    except UnicodeEncodeError:
        return
    assert rules.read_item(body).entry == entry


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.read_item(text)


def test_one_changed_bit_breaks_the_signature() -> None:
    phone = make_phone(7)
    sent = phone.item(7, 1_784_225_000_000, {"kind": "answer", "answer_kind": "on_it"})
    message = rules.ITEM_CONTEXT + sent["body"].encode()
    good = rules.from_base64url(sent["signature"])
    assert rules.verify(phone.public_key, message, good)
    for index in range(0, len(good), 7):
        bad = bytearray(good)
        bad[index] ^= 1
        assert not rules.verify(phone.public_key, message, bytes(bad))
    assert not rules.verify(phone.public_key, rules.SESSION_CONTEXT + message, good)
    assert not rules.verify(make_phone(8).public_key, message, good)
