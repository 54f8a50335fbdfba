"""Cells that a spreadsheet would run, and cells that say "unchanged". Pure.

Source: OWASP, CSV Injection: a cell that begins with = + - @, a tab or a carriage return is taken
for a formula when the file is opened. An apostrophe before it makes it text; the importer takes
exactly that apostrophe off again, so that what goes out comes back the same.
"""

from __future__ import annotations

import re

_DANGEROUS = tuple("=+-@\t\r\n|＝＋－＠")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MASKED = re.compile(r"\*{2,}")
SEE_GEOJSON = "（图形见 GeoJSON 导出）"  # an outline too long for a cell: it stays as it is


def escaped(text: str) -> str:
    """The text as a cell of a CSV file that no spreadsheet runs."""
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    return "'" + text if text.startswith((*_DANGEROUS, "'")) else text


def unescaped(text: str) -> str:
    """Takes off the apostrophe that `escaped` put before a cell, and no other."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*_DANGEROUS, "'")) else text


def is_masked(text: str) -> bool:
    """A cell of a masked export. Read in again it says nothing, and changes nothing."""
    return "**" in text or text == SEE_GEOJSON


def fits_mask(masked: str, value: str) -> bool:
    """Whether a masked cell can be the mask of this value: same ends, same length."""
    hidden = _MASKED.search(masked)
    if hidden is None:
        return masked == SEE_GEOJSON
    head, tail = masked[: hidden.start()], masked[hidden.end() :]
    return len(masked) == len(value) and value.startswith(head) and value.endswith(tail)
