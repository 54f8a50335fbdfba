"""What is in a file is told by its content; what would break or betray is refused or left out."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from fengsui.gateways.files import office, pictures, sniffing
from fengsui.gateways.files.tests import samples

HEADS = {
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2",
    "m4a": b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00M4A mp42",
    "amr": b"#!AMR\n\x3c\x91",
    "ogg": b"OggS\x00\x02",
    "pdf": samples.PDF,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_known_by_their_bytes(kind: str) -> None:
    found = sniffing.kind_of(samples.photograph(kind))
    assert found is not None
    assert found.name == kind.lower()


@pytest.mark.parametrize(("name", "head"), HEADS.items())
def test_other_kinds_are_known_by_their_bytes(name: str, head: bytes) -> None:
    found = sniffing.kind_of(head)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "content",
    [samples.SVG, samples.HTML, b"MZ\x90", b"\x7fELF", b"#!/bin/sh", b"", b"GIF89a",
     b"\xef\xbb\xbf<html>",
     b"Rar!\x1a\x07", b"\x00\x00\x00\x18ftypevil", b"<!-- a --><svg>"],
)  # fmt: skip
def test_whatever_is_not_on_the_list_is_not_taken(content: bytes) -> None:
    assert sniffing.kind_of(content) is None


def test_what_a_browser_would_run_is_told_apart() -> None:
    assert sniffing.is_active(samples.SVG)
    assert sniffing.is_active(b"\xef\xbb\xbf \n" + samples.HTML)
    assert not sniffing.is_active(b"MZ\x90")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_and_time_are_read_and_no_copy_holds_them(kind: str) -> None:
    original = samples.photograph(kind)
    assert samples.CAMERA.encode() in original
    found = pictures.read(io.BytesIO(original))
    assert (found.lat_e7, found.lon_e7) == (samples.LAT_E7, samples.LON_E7)
    assert found.taken_s == samples.TAKEN_S
    assert (found.width, found.height) == (640, 480)
    for copy in (found.public, found.thumbnail):
        _holds_nothing_but_the_picture(copy)
    with Image.open(io.BytesIO(found.public)) as public:
        assert public.size == (480, 640), "turned as the camera was held"


def _holds_nothing_but_the_picture(copy: bytes) -> None:
    for marker in (b"Exif", b"MARKER", b"http://ns.adobe.com", b"x:xmpmeta", b"ICC_PROFILE",
                   b"Photoshop", b"eXIf", b"tEXt", b"iTXt", b"GPS"):  # fmt: skip
        assert marker not in copy, marker
    with Image.open(io.BytesIO(copy)) as opened:
        assert not dict(opened.getexif())
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(opened.info)
    if copy.startswith(b"\xff\xd8"):
        applications = [name for name in range(0xE1, 0xF0) if bytes([0xFF, name]) in _markers(copy)]
        assert applications == [], "only APP0 (JFIF) may stand there"


def _markers(jpeg: bytes) -> list[bytes]:
    found, at = [], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.append(jpeg[at : at + 2])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def test_what_shows_through_still_does() -> None:
    image = Image.new("RGBA", (50, 40), (0, 0, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    found = pictures.read(io.BytesIO(out.getvalue()))
    assert found.public_type == "png"
    assert found.thumbnail.startswith(b"\xff\xd8")


@pytest.mark.parametrize("gps", [{}, {1: "N", 2: (0, 0, 0), 3: "E", 4: (0, 0, 0)},
                                 {1: "N", 2: (99, 0, 0), 3: "E", 4: (106, 0, 0)},
                                 {2: "no", 4: None}])  # fmt: skip
def test_a_position_that_cannot_be_true_is_none(gps: dict[int, object]) -> None:
    assert pictures._position(gps) == (None, None)


@pytest.mark.parametrize("content", [samples.pixel_bomb(), samples.pixel_bomb(9000)])
def test_a_picture_that_would_fill_the_memory_is_refused(content: bytes) -> None:
    with pytest.raises(pictures.UnfitPictureError, match="bomb"):
        pictures.read(io.BytesIO(content))


@pytest.mark.parametrize("cut", [20, 200, 900])
def test_half_a_picture_is_refused(cut: int) -> None:
    with pytest.raises(pictures.UnfitPictureError, match="broken"):
        pictures.read(io.BytesIO(samples.photograph()[:cut]))


def test_papers() -> None:
    assert office.look_into(io.BytesIO(samples.paper()))[0] == "docx"
    kind, text = office.look_into(io.BytesIO(samples.paper("机密★10年", "xlsx")))
    assert kind == "xlsx"
    assert "机密★10年" in text


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (samples.zip_bomb(), "bomb"),
        (samples.paper(word__vbaProject__bin=b"")[:0] + b"PK\x03\x04" + bytes(60), "broken"),
        (samples.paper(**{"word/vbaProject.bin": b"x"}), "active"),
        (samples.paper(**{f"word/part{number}.xml": b"x" for number in range(2001)}), "bomb"),
        (samples.paper(**{"../../etc/passwd": b"x"}), "broken"),
    ],
)
def test_papers_that_are_refused(content: bytes, fault: str) -> None:
    with pytest.raises(office.UnfitPaperError, match=fault):
        office.look_into(io.BytesIO(content))


def examine(tmp_path: Path, content: bytes) -> dict[str, object]:
    source = tmp_path / "in"
    source.write_bytes(content)
    finished = subprocess.run(
        [sys.executable, "-m", "fengsui.gateways.files.examining", str(source), str(tmp_path)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    told: dict[str, object] = json.loads(finished.stdout)
    return told


def test_the_child_tells_what_it_found(tmp_path: Path) -> None:
    told = examine(tmp_path, samples.photograph())
    assert told["fault"] == ""
    assert told["lat_e7"] == samples.LAT_E7
    _holds_nothing_but_the_picture((tmp_path / "public").read_bytes())
    assert examine(tmp_path, samples.paper("绝密★长期"))["mark"] == "绝密★"
    assert examine(tmp_path, samples.SVG)["fault"] == "active"
    assert examine(tmp_path, samples.pixel_bomb())["fault"] == "bomb"
    assert examine(tmp_path, samples.PDF + b"/JavaScript")["fault"] == "active"
