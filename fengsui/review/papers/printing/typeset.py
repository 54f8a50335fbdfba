"""Papers as PDF on A4, set by Typst with one font, so that they look the same everywhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengsui.review.papers.errors import NOT_SET
from fengsui.review.papers.printing.workbook import HEADS, ListPaper, cells_of

_FOLDER = Path(__file__).parent

if TYPE_CHECKING:
    import typst


@lru_cache(maxsize=4)
def _template(name: str) -> bytes:
    return (_FOLDER / f"{name}.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    import manimgx_fonts_cjk
    import typst

    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def to_pdf(template: str, content: dict[str, Any], now: datetime) -> bytes:
    """The PDF. The same content at the same second gives the same bytes.

    Raises papers.not_set where Typst refuses.
    """
    import typst  # only where something is printed

    try:
        pdf = typst.compile(
            _template(template),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
            format="pdf",
            timestamp=int(now.timestamp()),
        )
    except typst.TypstError as error:
        raise NOT_SET(detail=str(error)) from error
    assert isinstance(pdf, bytes)
    return pdf


def list_pdf(paper: ListPaper, now: datetime) -> bytes:
    """未应答名单, thirteen columns on A4 across."""
    content = asdict(paper) | {
        "heads": [head for head, _ in HEADS],
        "widths": [width for _, width in HEADS],
        "rows": [
            [str(cell) for cell in cells_of(number, row)]
            for number, row in enumerate(paper.rows, 1)
        ],
    }
    return to_pdf("list", content, now)
