"""Office papers: what is packed in them, without unpacking a bomb. Pure."""

from __future__ import annotations

import html
import re
import zipfile
from typing import IO

UNPACKED_BYTES_MAX = 200 * 1024 * 1024
RATIO_MAX = 200  # of a single part; real sheets of names are packed up to about 40 times
RATIO_FREE_BYTES = 1024 * 1024  # below this no ratio is looked at: a blank sheet packs well
PARTS_MAX = 2000
TEXT_BYTES_MAX = 4 * 1024 * 1024

_MAIN = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_TEXTS = re.compile(
    r"^(?:word/(?:document|header\d*|footer\d*|footnotes)\.xml"
    r"|xl/(?:workbook|sharedStrings|worksheets/sheet\d+)\.xml|docProps/(?:core|app|custom)\.xml)$"
)
# Programs inside a paper, and whatever it would start by itself.
_ACTIVE_PARTS = re.compile(r"vbaProject\.bin$|/activeX/|/embeddings/|macrosheets/", re.I)
_BREAKS = re.compile(rb"</w:p>|</w:tc>|</si>|</c>|</row>|<w:br/>|<w:tab/>")
_TAGS = re.compile(r"<[^>]*>")


class UnfitPaperError(ValueError):
    """Why a paper is not taken: "bomb", "active", "locked", "broken" or "other"."""


def look_into(file: IO[bytes]) -> tuple[str, str]:
    """("docx" or "xlsx", the text in it up to TEXT_BYTES_MAX). Raises UnfitPaperError."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            _refuse_bombs(infos)
            names = {info.filename for info in infos}
            kind = next((kind for part, kind in _MAIN.items() if part in names), None)
            if kind is None or "[Content_Types].xml" not in names:
                raise UnfitPaperError("other")
            if any(_ACTIVE_PARTS.search(name) for name in names):
                raise UnfitPaperError("active")
            if any(info.flag_bits & 1 for info in infos):
                raise UnfitPaperError("locked")
            return kind, _text_of(archive, infos)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnfitPaperError("broken") from error


def _refuse_bombs(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > PARTS_MAX:
        raise UnfitPaperError("bomb")
    if sum(info.file_size for info in infos) > UNPACKED_BYTES_MAX:
        raise UnfitPaperError("bomb")
    for info in infos:
        ratio = info.file_size / max(1, info.compress_size)
        if info.file_size > RATIO_FREE_BYTES and ratio > RATIO_MAX:
            raise UnfitPaperError("bomb")
        if info.filename.startswith(("/", "\\")) or ".." in info.filename.split("/"):
            raise UnfitPaperError("broken")


def _text_of(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> str:
    """Text, one line a paragraph or cell. What a directory says of sizes may be a lie: only so
    many bytes are ever unpacked."""
    left = TEXT_BYTES_MAX
    said = []
    for info in infos:
        if left <= 0 or not _TEXTS.match(info.filename):
            continue
        with archive.open(info) as part:
            raw = part.read(left)
        left -= len(raw)
        plain = _TAGS.sub("", _BREAKS.sub(b"\n", raw).decode("utf-8", "replace"))
        said.append(html.unescape(plain))
        said += re.findall(r'<sheet[^>]*\bname="([^"]*)"', raw.decode("utf-8", "replace"))
    return "\n".join(said)
