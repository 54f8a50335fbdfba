"""Sheets as a PDF on A4, set by Typst from `sheet.typ`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno

from fengsui.exchange.sheets import codes
from fengsui.exchange.sheets.errors import NOT_SET
from fengsui.standards.instants import BEIJING

ROWS_A_PAGE = 11
_TEMPLATE = Path(__file__).parent / "sheet.typ"
_SVG = "http://www.w3.org/2000/svg"

if TYPE_CHECKING:
    import typst


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A household as it stands on paper."""

    line: int
    label: str
    people: int
    is_assisted: bool
    shelter: str


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """One sheet; its pages follow from its lines."""

    number: int
    place: str
    group: str
    address: str  # what the QR code says
    lines: Sequence[PaperLine]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that is printed at once."""

    warning: str
    is_exercise: bool
    is_invented: bool
    is_ahead: bool  # no evacuation yet: in case there will be one
    printed_at: datetime
    sheets: Sequence[PaperSheet]


def to_pdf(paper: Paper) -> bytes:
    """The PDF. Raises sheets.not_set where Typst refuses."""
    import typst  # only where something is printed

    content = json.dumps(content_of(paper), ensure_ascii=False)
    try:
        pdf = typst.compile(
            template(),
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": content},
            format="pdf",
            timestamp=int(paper.printed_at.timestamp()),
        )
    except typst.TypstError as error:
        raise NOT_SET(detail=str(error)) from error
    assert isinstance(pdf, bytes)
    return pdf


@lru_cache(maxsize=1)
def template() -> bytes:
    return _TEMPLATE.read_bytes()


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Noto Sans CJK alone, so that a sheet looks the same on every machine."""
    import manimgx_fonts_cjk
    import typst

    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def content_of(paper: Paper) -> dict[str, Any]:
    """What `sheet.typ` reads."""
    return {
        "title": "转移准备名单（接到转移指令再敲门）" if paper.is_ahead else "转移避险名单",
        "warning": paper.warning,
        "exercise": paper.is_exercise,
        "invented": paper.is_invented,
        "printed_at": f"{paper.printed_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        "sheets": [_sheet(sheet) for sheet in paper.sheets],
    }


def _sheet(sheet: PaperSheet) -> dict[str, Any]:
    pages = [
        sheet.lines[start : start + ROWS_A_PAGE]
        for start in range(0, len(sheet.lines), ROWS_A_PAGE)
    ]
    return {
        "number": str(sheet.number),
        "place": sheet.place,
        "group": sheet.group,
        "qr": qr_svg(sheet.address),
        "pages": str(len(pages)),
        "page_list": [
            {
                "number": str(number),
                "example": _example(sheet.number, lines[0]),
                "rows": [_line(sheet.number, line) for line in lines],
            }
            for number, lines in enumerate(pages, 1)
        ],
    }


def _line(number: int, line: PaperLine) -> dict[str, Any]:
    return {
        "code": codes.line_code(number, line.line),
        "label": line.label,
        "people": str(line.people),
        "assist": line.is_assisted,
        "shelter": f"→ {line.shelter}" if line.shelter else "",
    }


def _example(number: int, line: PaperLine) -> str:
    return f"{codes.line_code(number, line.line)} 1 {line.people}"


def qr_svg(text: str) -> str:
    """A QR code (ISO/IEC 18004) with error correction M, as SVG."""
    made: str = segno.make(text, error="m", micro=False).svg_inline(border=2)
    return made.replace("<svg ", f'<svg xmlns="{_SVG}" ', 1)
