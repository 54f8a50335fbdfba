"""A bundle as QR codes: scanned in any order, misread, mixed with another."""

from __future__ import annotations

import io
import json
import random

import pypdf
import pytest
import typst
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.exchange.bundles import paper, strips
from fengsui.exchange.bundles.strips import MalformedFrameError, Strip, gather
from tests.world.pictures import grey

DATA = random.Random(5).randbytes(4_000)


def test_frames_come_in_any_order_and_twice() -> None:
    frames = strips.frames_of(DATA)
    assert len(frames) == 7
    shuffled = frames * 2
    random.Random(1).shuffle(shuffled)
    strip, wrong = gather(shuffled)
    assert wrong == []
    assert strip.missing == []
    assert strip.data() == DATA


def test_what_is_missing_is_said_by_number() -> None:
    frames = strips.frames_of(DATA)
    strip, _ = gather([frames[0], frames[3]])
    assert strip.missing == [2, 3, 5, 6, 7]
    with pytest.raises(MalformedFrameError, match="missing"):
        strip.data()


def test_a_misread_sign_is_found_and_the_frame_is_simply_scanned_again() -> None:
    frames = strips.frames_of(DATA)
    for place in range(0, len(frames[1]), 37):
        other = "A" if frames[1][place] != "A" else "B"
        misread = frames[1][:place] + other + frames[1][place + 1 :]
        strip = Strip()
        strip.add(frames[0])
        with pytest.raises(MalformedFrameError):
            strip.add(misread)
        assert strip.add(frames[1])


def test_frames_of_two_files_are_not_mixed() -> None:
    strip, wrong = gather([strips.frames_of(DATA)[0], strips.frames_of(DATA[::-1])[1]])
    assert [number for number, _ in wrong] == [2]
    assert len(strip.pieces) == 1


def test_a_file_that_is_too_long_for_a_strip_is_refused() -> None:
    with pytest.raises(MalformedFrameError):
        strips.frames_of(bytes(strips.FRAME_BYTES * strips.FRAMES_MAX + 1))


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=3_000))
def test_every_file_comes_back(data: bytes) -> None:
    assert gather(strips.frames_of(data))[0].data() == data


@given(st.text(max_size=40))
def test_any_text_is_a_frame_or_is_refused_in_words(text: str) -> None:
    strip, wrong = gather([text])
    assert len(strip.pieces) + len(wrong) <= 1


def test_the_codes_on_paper_are_read_by_a_scanner() -> None:
    frames = strips.frames_of(DATA)
    pdf = paper.strip_pdf(frames, "数据包：示例县 → 青石镇")
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 2
    pages = typst.compile(
        paper.template(),
        font_paths=paper.fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(paper.content_of(frames, "示意"))},
        format="png",
        ppi=150,
    )
    read = [
        found.text
        for page in (pages if isinstance(pages, list) else [pages])
        for found in zxingcpp.read_barcodes(grey(page))
    ]
    assert sorted(read) == sorted(frames)
    assert gather(read)[0].data() == DATA
