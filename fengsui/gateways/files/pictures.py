"""Pictures: position and time read from them, then copies that hold nothing but the picture.

The reader is Pillow. Run it in a child process only (`examining`): a decoder is the part of a
program that strangers' bytes reach first. EXIF tags: CIPA DC-008 (Exif 2.32) §4.6.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import IO, Any

from PIL import ExifTags, Image, ImageOps

from fengsui.standards.coordinates import E7

PIXELS_MAX = 60_000_000  # a phone of 2026 makes 50 million
SIDE_MAX = 20_000
PUBLIC_SIDE_MAX = 2560
THUMBNAIL_SIDE = 320
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")
CHINA = timezone(timedelta(hours=8))
_MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_EARLIEST_YEAR = 2000


class UnfitPictureError(ValueError):
    """Why a picture is not taken: "bomb" or "broken"."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is in a picture. Sizes in pixels, position in 1e-7 degree (WGS-84), second of UTC."""

    width: int
    height: int
    taken_s: int | None
    lon_e7: int | None
    lat_e7: int | None
    public: bytes
    public_type: str
    thumbnail: bytes


def read(file: IO[bytes]) -> Picture:
    """Reads one picture and makes its copies. Raises UnfitPictureError."""
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX // 2  # twice that is an error, once a warning
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(file, formats=FORMATS) as opened:
                return _read(opened)
        except Image.DecompressionBombError as error:
            raise UnfitPictureError("bomb") from error
        except UnfitPictureError:
            raise
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, OverflowError) as error:
            raise UnfitPictureError("broken") from error


def _read(opened: Image.Image) -> Picture:
    width, height = opened.size
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX or not width * height:
        raise UnfitPictureError("bomb")
    exif = opened.getexif()
    lon_e7, lat_e7 = _position(exif.get_ifd(ExifTags.IFD.GPSInfo))
    taken_s = _taken(exif)
    is_flat = opened.mode in ("1", "L", "I;16", "RGB", "CMYK", "YCbCr")
    if opened.format == "JPEG":
        opened.draft("RGB", (PUBLIC_SIDE_MAX, PUBLIC_SIDE_MAX))
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    plain = _bare(opened, "RGB" if is_flat else "RGBA")
    public, kind = _encoded(plain)
    small = plain.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    thumbnail, _ = _encoded(_on_white(small))
    return Picture(width, height, taken_s, lon_e7, lat_e7, public, kind, thumbnail)


def _bare(image: Image.Image, mode: str) -> Image.Image:
    """The pixels alone: a new picture has no info, no EXIF, no XMP, no profile, no thumbnail."""
    converted = image.convert(mode)
    converted.thumbnail((PUBLIC_SIDE_MAX, PUBLIC_SIDE_MAX))
    bare = Image.new(mode, converted.size)
    bare.paste(converted)
    return bare


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    """JPEG, but PNG where something shows through."""
    out = io.BytesIO()
    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        image.save(out, "PNG", optimize=False)
        return out.getvalue(), "png"
    image.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), "jpeg"


def _position(gps: dict[int, Any]) -> tuple[int | None, int | None]:
    """(longitude, latitude); (None, None) where there is none that could be true."""
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return None, None
    return round(lon * E7), round(lat * E7)


def _degrees(parts: Any, reference: Any, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if value != value:  # 0/0 in a rational
        return None
    return -value if str(reference).strip("\x00 ").upper() == negative else value


def _taken(exif: Image.Exif) -> int | None:
    """When it was taken; without an offset the camera is taken to show Beijing time."""
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    said = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or ""
    found = _MOMENT.match(str(said))
    if found is None:
        return None
    zone = CHINA
    offset = _OFFSET.match(str(inner.get(ExifTags.Base.OffsetTimeOriginal) or ""))
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        zone = timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return int(moment.astimezone(UTC).timestamp()) if moment.year >= _EARLIEST_YEAR else None
