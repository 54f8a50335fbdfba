"""Many positions in few bytes: what the map of all households is made of.

Layout, all whole numbers LEB128 (7 bits a byte, the lowest first): the four bytes `FSD1`; 0 or 1
(1: each dot carries how many households it stands for); the number of dots; then for each dot the
difference of longitude and of latitude from the dot before, in 1e-6 degree WGS-84, zigzag coded
(0, -1, 1, -2 … as 0, 1, 2, 3 …), and where the flag is 1 the households. `frontend/packages/
map/src/dots.ts` reads it; `spec/dots.json` holds an example for both.
"""

from __future__ import annotations

from collections.abc import Iterable

MAGIC = b"FSD1"
UNIT_E7 = 10  # 1e-6 degree, a tenth of a metre: half the bytes of 1e-7


def pack(rows: Iterable[tuple[int, int, int]], *, with_counts: bool) -> bytes:
    """`rows`: (longitude, latitude in 1e-7 degree, households)."""
    body = bytearray()
    before_lon = before_lat = count = 0
    for lon_e7, lat_e7, households in rows:
        lon, lat = lon_e7 // UNIT_E7, lat_e7 // UNIT_E7
        _put(body, _zigzag(lon - before_lon))
        _put(body, _zigzag(lat - before_lat))
        if with_counts:
            _put(body, households)
        before_lon, before_lat = lon, lat
        count += 1
    head = bytearray(MAGIC)
    _put(head, int(with_counts))
    _put(head, count)
    return bytes(head + body)


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _put(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
