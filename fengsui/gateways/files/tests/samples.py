"""Files made for the tests: pictures with a position, papers, bombs and liars."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

POSITION = ((27.0, 42.0, 30.0), (106.0, 55.0, 15.0))  # N, E
LAT_E7, LON_E7 = 277_083_333, 1_069_208_333
TAKEN = "2026:07:17 02:10:00"
TAKEN_S = 1_784_225_400  # 2026-07-16T18:10:00Z
CAMERA = "SHIYI-CAMERA-MARKER"


def photograph(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **more: Any) -> bytes:
    """A picture as a phone makes it: position, time, maker, XMP, orientation, a thumbnail text."""
    image = Image.new("RGB", size, (40, 90, 120))
    image.putpixel((0, 0), (255, 0, 0))
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif[0x0112] = more.pop("orientation", 6)
    exif[0x0132] = TAKEN
    exif.get_ifd(0x8769)[0x9003] = TAKEN
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: POSITION[0], 3: "E", 4: POSITION[1]})
    out = io.BytesIO()
    if kind == "JPEG":
        more = {"xmp": b"<x:xmpmeta>XMP-MARKER</x:xmpmeta>", "comment": b"COMMENT-MARKER", **more}
    if kind == "WEBP":
        more = {"xmp": b"<x:xmpmeta>XMP-MARKER</x:xmpmeta>", **more}
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


def paper(text: str = "石滩村值班表", kind: str = "docx", **parts: bytes) -> bytes:
    """An office paper with this text, and more parts by name ("__" for "/")."""
    main = "word/document.xml" if kind == "docx" else "xl/workbook.xml"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        body = f"<w:document><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:document>"
        archive.writestr(main, body if kind == "docx" else "<workbook/>")
        if kind == "xlsx":
            archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{text}</t></si></sst>")
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def pixel_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that says it has 900 million pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + tail

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def zip_bomb() -> bytes:
    """A paper of 50 kilobytes that would be 50 megabytes."""
    return paper(word__media__image1=bytes(50 * 1024 * 1024))


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
