"""What a file is, read from its first bytes. Pure. Name and declared type are never asked.

Signatures: JPEG (ISO/IEC 10918-1 Annex B), PNG (ISO/IEC 15948 §5.2), WebP (RIFF container), ISO
base media "ftyp" brands (ISO/IEC 14496-12 §4.3), PDF (ISO 32000-1 §7.5.2), ZIP (PKWARE APPNOTE
4.3.7), AMR (RFC 4867 §5.1), Ogg (RFC 3533 §6). Anything else is refused: SVG and HTML run code in
a browser.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 4096
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind that is taken: `bytes_max` of the file, and how a browser may show it."""

    name: str
    media_type: str
    ending: str
    zh: str
    en: str
    bytes_max: int
    is_picture: bool = False  # decoded here, shown in a copy without metadata
    is_shown: bool = False  # a browser may show it in place; everything else is downloaded


JPEG = FileKind("jpeg", "image/jpeg", ".jpg", "图片", "picture", 20 * MEBIBYTE, True, True)
PNG = FileKind("png", "image/png", ".png", "图片", "picture", 20 * MEBIBYTE, True, True)
WEBP = FileKind("webp", "image/webp", ".webp", "图片", "picture", 20 * MEBIBYTE, True, True)
HEIC = FileKind("heic", "image/heic", ".heic", "图片（HEIC）", "picture (HEIC)", 20 * MEBIBYTE)
PDF = FileKind("pdf", "application/pdf", ".pdf", "PDF 文件", "PDF", 20 * MEBIBYTE)
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = FileKind(
    "docx",
    f"{_OFFICE}.wordprocessingml.document",
    ".docx",
    "Word 文件",
    "Word document",
    20 * MEBIBYTE,
)
XLSX = FileKind(
    "xlsx", f"{_OFFICE}.spreadsheetml.sheet", ".xlsx", "Excel 文件", "Excel sheet", 20 * MEBIBYTE
)
MP4 = FileKind("mp4", "video/mp4", ".mp4", "视频", "video", 50 * MEBIBYTE)
M4A = FileKind("m4a", "audio/mp4", ".m4a", "录音", "sound", 20 * MEBIBYTE)
AMR = FileKind("amr", "audio/amr", ".amr", "录音", "sound", 5 * MEBIBYTE)
OGG = FileKind("ogg", "audio/ogg", ".ogg", "录音", "sound", 20 * MEBIBYTE)

KINDS = {one.name: one for one in (JPEG, PNG, WEBP, HEIC, PDF, DOCX, XLSX, MP4, M4A, AMR, OGG)}
BYTES_MAX = max(one.bytes_max for one in KINDS.values())

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_M4A_BRANDS = {b"M4A ", b"M4B "}
_MP4_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ",
               b"3gp4", b"3gp5", b"3gp6", b"qt  ", b"dash", b"MSNV"}  # fmt: skip
# Whatever else a file is, a browser that finds one of these in it may run it.
_ACTIVE = (b"<!doctype html", b"<html", b"<svg", b"<script", b"<?xml", b"<xhtml", b"<body")


def kind_of(head: bytes) -> FileKind | None:
    """The kind of a file that begins with `head` (HEAD_BYTES of it); None for what is not taken.

    A ZIP is said to be docx: which office paper it is, and whether it is one, is told by
    `office.look_into`, which reads its directory.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _base_media(head)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return DOCX
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return AMR
    if head.startswith(b"OggS\x00"):
        return OGG
    return None


def _base_media(head: bytes) -> FileKind | None:
    brand = head[8:12]
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand in _M4A_BRANDS:
        return M4A
    return MP4 if brand in _MP4_BRANDS else None


def is_active(head: bytes) -> bool:
    """Whether a file begins as something that a browser would run."""
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return begin.startswith(_ACTIVE) or (begin.startswith(b"<!--") and b"<svg" in head.lower())
