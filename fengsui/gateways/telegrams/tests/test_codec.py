"""The bytes of telegrams: small enough, read back the same, never a surprise on foreign bytes."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.gateways.telegrams import coding, splitting, tables
from fengsui.gateways.telegrams.examples import COUNTY, EXAMPLES, NOW_MS, VILLAGE
from fengsui.gateways.telegrams.messages import (
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    HeadcountTotal,
    Message,
    Numbers,
    QuickReport,
    Receipt,
    Reference,
    Sos,
    Telegram,
    TelegramError,
)
from fengsui.gateways.telegrams.sealing import LONG_HEADER_BYTES, OVERHEAD_BYTES, TAG_BYTES

BOUNDS = {"evacuation": 40, "acknowledgement": 25, "headcount": 40, "sos": 35, "report": 50}
TELEGRAM_BYTES_MAX = 78
counts = st.integers(0, 1_048_575)
short_ids = st.integers(0, 65_535)
minutes = st.integers(-20_000, 20_000).map(lambda n: (NOW_MS // 60_000 + n) * 60_000)
seconds = st.integers(-2_000_000, 2_000_000).map(lambda n: (NOW_MS // 1000 + n) * 1000)
references = st.none() | st.builds(
    Reference,
    sequence=st.integers(0, 2**31),
    audience=st.integers(0, 3),
    author=st.none() | short_ids,
    epoch=st.none() | short_ids,
)
villages = st.builds(
    lambda town, village: f"{COUNTY}{town:03d}{village:03d}",
    st.integers(0, 999),
    st.integers(0, 999),
)
places = st.one_of(
    villages,
    st.builds(lambda place, grid: f"{place}{grid:03d}", villages, st.integers(0, 999)),
    st.builds(lambda place, part: f"{place}{part:05d}", villages, st.integers(1, 99_999)).filter(
        lambda code: not code.endswith("00")
    ),
)
numbers = st.builds(Numbers, *[counts] * 9)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        EvacuationInstruction,
        alert=short_ids,
        hazard=st.sampled_from(["11B03", "14Z99", "12A00", "", *tables.DISASTERS]),
        level=st.sampled_from(tables.LEVELS),
        action=st.sampled_from(tables.ACTIONS),
        issued_ms=minutes,
        areas=st.lists(
            st.integers(0, 99_999)
            .map(lambda part: f"{VILLAGE}{part:05d}")
            .filter(lambda code: not code.endswith("00")),
            min_size=1,
            max_size=8,
        ).map(tuple),
        exercise=st.booleans(),
        leave_by_ms=st.none() | minutes,
        shelter=st.none() | short_ids,
        fact=references,
    ),
    st.builds(
        Acknowledgement,
        of=short_ids,
        answer=st.sampled_from(sorted(tables.ANSWERS)),
        at_ms=minutes,
        ordinal=short_ids,
        fact=references,
    ),
    st.builds(
        Acknowledgement,
        of=short_ids,
        answer=st.sampled_from(sorted(tables.ANSWERS)),
        at_ms=minutes,
        person=short_ids,
        place_code=st.none() | villages,
        fact=references,
    ),
    st.builds(
        Headcount,
        place_code=places,
        at_ms=seconds,
        numbers=numbers,
        evacuation=st.none() | short_ids,
        series=st.integers(0, 15),
        fact=references,
    ),
    st.builds(
        HeadcountTotal,
        place_code=places,
        at_ms=seconds,
        numbers=numbers,
        reported=st.integers(0, 511),
        expected=st.integers(0, 511),
        evacuation=st.none() | short_ids,
        series=st.integers(0, 15),
    ),
    st.builds(
        Sos,
        place_code=places,
        at_ms=seconds,
        people=counts,
        injured=counts,
        needs=st.lists(st.sampled_from(tables.NEEDS), unique=True).map(
            lambda codes: tuple(sorted(codes, key=tables.NEEDS.index))
        ),
        text=st.text(alphabet="山洪来了请救人ABC123", max_size=20).map(str.strip),
        lon_e5=st.integers(-18_000_000, 18_000_000),
        lat_e5=st.integers(-9_000_000, 9_000_000),
        fact=references,
    ),
    st.builds(
        QuickReport,
        place_code=villages,
        at_ms=seconds,
        disaster=st.sampled_from(["11B03", "泥石流", ""]),
        affected=counts,
        moved=counts,
        injured=counts,
        missing=counts,
        dead=counts,
        trapped=counts,
        houses_collapsed=counts,
        houses_damaged=counts,
        road_cut=st.booleans(),
        power_cut=st.booleans(),
        network_cut=st.booleans(),
        needs=st.lists(
            st.tuples(st.sampled_from(tables.SUPPLIES), st.integers(0, 8_191)), max_size=8
        ).map(tuple),
        fact=references,
    ),
)
telegrams = st.builds(
    Telegram,
    message=st.none() | messages,
    received=st.lists(
        st.builds(Receipt, st.integers(0, 255), st.integers(0, 3), short_ids), max_size=8
    ).map(tuple),
)


def read(data: bytes) -> Telegram:
    return coding.decode(data, county=COUNTY, now_ms=NOW_MS)


@settings(max_examples=250, deadline=None)
@given(telegrams)
def test_what_is_read_is_what_was_written(telegram: Telegram) -> None:
    assert read(coding.encode(telegram, county=COUNTY)) == telegram


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_fit_their_bounds(name: str) -> None:
    size = len(coding.encode(Telegram(EXAMPLES[name]), county=COUNTY)) + OVERHEAD_BYTES
    assert size <= BOUNDS[name]


def worst(name: str) -> Message:
    """Everything at its largest: eight areas, eight needs, a foreign author, a long number."""
    fact = Reference(2**31, 3, 65_535, 65_535)
    largest = Numbers(*[1_048_575] * 9)
    messages: dict[str, Message] = {
        "evacuation": replace(EXAMPLES["evacuation"], areas=(f"{VILLAGE}99999",) * 8, fact=fact),
        "acknowledgement": Acknowledgement(
            65_535, "away_pass_to_b", NOW_MS, person=65_535, place_code=f"{VILLAGE}99999", fact=fact
        ),
        "headcount": Headcount(f"{VILLAGE}99999", NOW_MS, largest, 65_535, 15, fact),
        "sos": Sos(
            f"{VILLAGE}99999",
            NOW_MS,
            1_048_575,
            1_048_575,
            tables.NEEDS,
            18_000_000,
            9_000_000,
            "",
            fact,
        ),
        "report": QuickReport(
            f"{VILLAGE}99999",
            NOW_MS,
            "11B03",
            *[1_048_575] * 8,
            needs=(("tent", 8_191),) * 8,
            fact=fact,
        ),
    }
    return messages[name]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_worst_case_fits_the_smallest_card(name: str) -> None:
    size = len(coding.encode(Telegram(worst(name)), county=COUNTY))
    assert size + LONG_HEADER_BYTES + TAG_BYTES <= TELEGRAM_BYTES_MAX


def size_of(message: Message) -> int:
    return len(coding.encode(Telegram(message), county=COUNTY))


def test_a_large_instruction_is_split_and_nobody_is_left_out() -> None:
    areas = (*(f"{COUNTY}106{n:03d}" for n in range(201, 221)), f"{COUNTY}107001")
    message = replace(EXAMPLES["evacuation"], areas=areas)
    pieces = splitting.split(message, length=size_of, limit=65)
    assert [area for piece in pieces for area in piece.areas] == list(areas)  # type: ignore[union-attr]
    assert all(size_of(piece) <= 65 for piece in pieces)
    assert all(len({area[:9] for area in piece.areas}) == 1 for piece in pieces)  # type: ignore[union-attr]


def test_a_large_report_is_split_by_needs_and_repeats_the_people() -> None:
    needs = tuple((code, 10) for code in tables.SUPPLIES[:15])
    message = replace(EXAMPLES["report"], needs=needs)
    pieces = splitting.split(message, length=size_of, limit=50)
    assert tuple(need for piece in pieces for need in piece.needs) == needs  # type: ignore[union-attr]
    assert {piece.affected for piece in pieces} == {860}  # type: ignore[union-attr]


def test_an_sos_loses_words_before_it_loses_people() -> None:
    message = replace(EXAMPLES["sos"], text="山后面的老屋里还有人请快来" * 2)
    [piece] = splitting.split(message, length=size_of, limit=35)
    assert piece.people == 6  # type: ignore[union-attr]
    assert len(piece.text) < len(message.text)  # type: ignore[union-attr]
    with pytest.raises(TelegramError):
        splitting.split(message, length=size_of, limit=10)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=90))
def test_foreign_bytes_are_refused_by_the_one_error(data: bytes) -> None:
    with contextlib.suppress(TelegramError):
        read(data)


def test_a_flipped_or_cut_telegram_is_refused_by_the_one_error() -> None:
    chance = random.Random(7)
    for message in EXAMPLES.values():
        data = bytearray(coding.encode(Telegram(message), county=COUNTY))
        for _ in range(200):
            changed = bytearray(data)
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            for cut in (bytes(changed), bytes(changed[: chance.randrange(len(changed))])):
                with contextlib.suppress(TelegramError):
                    read(cut)


def test_an_old_decoder_skips_what_a_newer_schema_appends() -> None:
    newer = coding.compiled(
        coding.schema_text()
        .replace(
            "numbers    Numbers,\n    ...",
            "numbers    Numbers,\n    ...,\n    infants Count,\n    note BOOLEAN OPTIONAL",
        )
        .replace(
            "message  Message OPTIONAL,\n    ...",
            "message  Message OPTIONAL,\n    ...,\n hop Count",
        )
    )
    value = newer.decode("Telegram", coding.encode(Telegram(EXAMPLES["headcount"]), county=COUNTY))
    value["message"][1].update(infants=("small", 3), note=True)
    value["hop"] = ("small", 2)
    data = bytes(newer.encode("Telegram", value))
    assert newer.decode("Telegram", data)["message"][1]["infants"] == ("small", 3)
    assert read(data) == Telegram(EXAMPLES["headcount"])


def test_a_message_of_a_newer_schema_is_named_as_such() -> None:
    newer = coding.compiled(
        coding.schema_text().replace(
            "total           HeadcountTotal,\n    ...",
            "total           HeadcountTotal,\n    ...,\n    weather SEQUENCE { rain Count }",
        )
    )
    data = bytes(newer.encode("Telegram", {"message": ("weather", {"rain": ("medium", 312)})}))
    with pytest.raises(TelegramError) as refused:
        read(data)
    assert refused.value.code == coding.UNKNOWN_MESSAGE


def test_places_of_another_county_do_not_travel() -> None:
    message = replace(EXAMPLES["headcount"], place_code="430426106201")
    with pytest.raises(TelegramError) as refused:
        coding.encode(Telegram(message), county=COUNTY)
    assert refused.value.code == coding.DOES_NOT_FIT


def test_every_known_hazard_keeps_its_code() -> None:
    from fengsui.standards.event_codes import event_codes

    codes = [code for code in event_codes() if len(code) == 5]
    assert len(codes) > 90
    for code in [*codes, *tables.DISASTERS]:
        assert tables.hazard_code(tables.hazard_number(code)) == code
    assert tables.hazard_code(tables.hazard_number("no such code")) == ""
