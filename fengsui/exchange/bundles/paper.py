"""A strip of QR codes as SVG for a screen and as a PDF for paper."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno

if TYPE_CHECKING:
    import typst

_SVG = "http://www.w3.org/2000/svg"
_TEMPLATE = Path(__file__).parent / "strip.typ"


def frame_svg(text: str) -> str:
    """One frame as a QR code (ISO/IEC 18004, error correction M)."""
    made: str = segno.make(text, error="m", micro=False).svg_inline(border=4)
    return made.replace("<svg ", f'<svg xmlns="{_SVG}" ', 1)


def strip_pdf(frames: list[str], title: str) -> bytes:
    """A4, six codes a page, each with its number."""
    import typst  # only where something is printed

    return typst.compile(
        template(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(content_of(frames, title), ensure_ascii=False)},
        format="pdf",
    )


def content_of(frames: list[str], title: str) -> dict[str, Any]:
    """What `strip.typ` reads."""
    return {
        "title": title,
        "total": str(len(frames)),
        "frames": [
            {"number": str(number), "svg": frame_svg(text)} for number, text in enumerate(frames, 1)
        ],
    }


def template() -> bytes:
    return _TEMPLATE.read_bytes()


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    import manimgx_fonts_cjk
    import typst

    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
