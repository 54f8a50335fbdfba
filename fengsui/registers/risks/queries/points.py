"""Coordinates of households in memory, one copy a process that asks for them.

20 bytes a household (id, longitude, latitude, place number) and the codes they share: about
20 MB for 1,000,000. Read again when a fact has touched a household.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fengsui.foundation.access.queries import successor
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.models import Household
from fengsui.registers.risks.rules import geometry

BYTES_PER_HOUSEHOLD = 20  # 8 id + 4 + 4 point + 4 place number; the codes are shared

_READ_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class HouseholdPoints:
    """Every household of the node, ordered by place code: a subtree is one slice."""

    revision: tuple[int, int]
    ids: npt.NDArray[np.int64]
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]  # index into `codes`
    codes: npt.NDArray[np.bytes_]  # sorted
    starts: npt.NDArray[np.int64]  # first household of each code, and the end

    def under(self, prefix: str) -> slice:
        """The households of the subtree of a scope prefix."""
        if not prefix:
            return slice(0, len(self.ids))
        low = np.searchsorted(self.codes, prefix.encode())
        high = np.searchsorted(self.codes, successor(prefix).encode())
        return slice(int(self.starts[low]), int(self.starts[high]))

    def within(self, prefixes: Iterable[str]) -> npt.NDArray[np.bool_]:
        chosen = np.zeros(len(self.ids), dtype=np.bool_)
        for prefix in prefixes:
            chosen[self.under(prefix)] = True
        return chosen

    @property
    def memory_bytes(self) -> int:
        arrays = (self.ids, self.lon_e7, self.lat_e7, self.place, self.codes, self.starts)
        return sum(array.nbytes for array in arrays)


_points: HouseholdPoints | None = None

_points_lock = threading.Lock()


def household_points() -> HouseholdPoints:
    """The coordinates as of the latest fact. For this app only: it knows no viewer."""
    global _points
    revision = people.households_revision()
    held = _points
    if held is None or held.revision != revision:
        with _points_lock:
            held = _points
            if held is None or held.revision != revision:
                held = _points = _read_points(revision)
    return held


def forget_household_points() -> None:
    """Reads the coordinates again next time: a test or a rebuild has another database."""
    global _points
    _points = None


def _read_points(revision: tuple[int, int]) -> HouseholdPoints:
    ids: list[npt.NDArray[np.int64]] = []
    points: list[npt.NDArray[np.int32]] = []
    codes: list[bytes] = []
    counts: list[int] = []
    chunk: list[tuple[int, int, int]] = []

    def flush() -> None:
        ids.append(np.array([row[0] for row in chunk], dtype=np.int64))
        points.append(np.array([row[1:] for row in chunk], dtype=np.int32).reshape(-1, 2))
        chunk.clear()

    rows = (
        Household.objects.filter(is_withdrawn=False)
        .order_by("place_code", "id")
        .values_list("id", "lon_e7", "lat_e7", "place_code")
    )
    for one, lon, lat, code in rows.iterator(chunk_size=_READ_CHUNK):
        encoded = code.encode()
        if not codes or codes[-1] != encoded:
            codes.append(encoded)
            counts.append(0)
        counts[-1] += 1
        chunk.append(
            (
                one,
                geometry.NO_POINT_E7 if lon is None else lon,
                geometry.NO_POINT_E7 if lat is None else lat,
            )
        )
        if len(chunk) == _READ_CHUNK:
            flush()
    flush()
    located = np.concatenate(points)
    return HouseholdPoints(
        revision=revision,
        ids=np.concatenate(ids),
        lon_e7=np.ascontiguousarray(located[:, 0]),
        lat_e7=np.ascontiguousarray(located[:, 1]),
        place=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        codes=np.array(codes, dtype="S17"),
        starts=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
    )
