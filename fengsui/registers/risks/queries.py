"""The reads on danger areas, and whom a warning area concerns.

Coordinates of households are kept in memory, one copy a process: 28 bytes a household (id,
longitude, latitude, place number), so 28 MB for 1,000,000, read again when a fact touches them.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Q, Sum

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import in_scopes, successor, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.models import Household
from fengsui.foundation.people.states import PostRole
from fengsui.foundation.places import queries as places
from fengsui.registers.risks import rules
from fengsui.registers.risks.errors import BAD_AREA
from fengsui.registers.risks.models import DangerArea, DangerAreaHousehold
from fengsui.registers.venues import queries as venues
from fengsui.standards.divisions import (
    DivisionLevel,
    is_division_code,
    scope_prefix,
    township_of,
    village_of,
)

BYTES_PER_HOUSEHOLD = 28  # 8 id + 4 + 4 point + 4 place number, and the codes they share
IDS_PER_QUERY = 5_000
_READ_CHUNK = 20_000

# Who is called for every village that is touched, and for its township.
VILLAGE_ROLES = (
    PostRole.VILLAGE_SECRETARY,
    PostRole.VILLAGE_CADRE,
    PostRole.FLASH_FLOOD_WARNER,
)
TOWNSHIP_ROLES = (PostRole.DUTY_ROOM, PostRole.TOWNSHIP_LEADER, PostRole.TOWNSHIP_DEPUTY)
# Who is called only where a household of theirs is concerned.
NEIGHBOUR_ROLES = (PostRole.GRID_WORKER, PostRole.HOUSEHOLD_HEAD)


# --- danger areas ---------------------------------------------------------------------------


def danger_area(danger_area_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One danger area with the ids of its households in sight; raises access.not_found."""
    row = (
        DangerArea.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), pk=danger_area_id)
        .values(
            "id",
            "place_code",
            "name",
            "kind",
            "geometry",
            "trigger",
            "route",
            "shelter_name",
            "is_invented",
        )
        .first()
    )
    if row is None:
        raise NOT_FOUND()
    listings = _listings([danger_area_id], viewer)
    return {
        **row,
        "geometry": None if row["geometry"] is None else json.loads(row["geometry"]),
        "household_ids": [one["household_id"] for one in listings],
    }


def danger_areas_in(codes: Iterable[str] | None = None, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Danger areas at or below the codes (all in sight if None), with counts of households.

    {"id", "place_code", "name", "kind", "geometry" (GeoJSON or None), "trigger", "route",
     "shelter_name", "is_invented", "households", "people"}
    """
    rows = DangerArea.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    if codes is not None:
        rows = rows.filter(in_scopes("place_code", tuple(Scope.of(code) for code in codes)))
    counts: dict[int, dict[str, Any]] = {
        row["danger_area_id"]: dict(row)
        for row in DangerAreaHousehold.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            visible(viewer, Permission.SEE_HOUSEHOLDS, "household__place_code"),
            is_listed=True,
        )
        .values("danger_area_id")
        .annotate(households=Count("id"), people=Sum("household__tonight_people"))
    }
    return [
        {
            **row,
            "geometry": None if row["geometry"] is None else json.loads(row["geometry"]),
            "households": counts.get(row["id"], {}).get("households", 0),
            "people": counts.get(row["id"], {}).get("people") or 0,
        }
        for row in rows.order_by("place_code", "id").values(
            "id",
            "place_code",
            "name",
            "kind",
            "geometry",
            "trigger",
            "route",
            "shelter_name",
            "is_invented",
        )
    ]


def danger_area_map(*, viewer: Viewer) -> dict[str, Any]:
    """The outlines as a GeoJSON FeatureCollection; ids are strings, as in all of the API."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "id": str(row["id"]),
                    "name": row["name"],
                    "kind": row["kind"],
                    "village_code": village_of(row["place_code"]),
                    "households": row["households"],
                    "people": row["people"],
                    "shelter_name": row["shelter_name"],
                    "is_invented": row["is_invented"],
                },
                "geometry": row["geometry"],
            }
            for row in danger_areas_in(viewer=viewer)
            if row["geometry"] is not None
        ],
    }


def danger_areas_of_household(household_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """The danger areas in which a household is listed: {"id", "name", "kind", "place_code"}."""
    people.gate_household(household_id, viewer=viewer)
    rows = (
        DangerArea.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            listings__household_id=household_id,
            listings__is_listed=True,
        )
        .order_by("id")
        .values("id", "name", "kind", "place_code")
    )
    return [dict(row) for row in rows]


# --- coordinates in memory ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HouseholdPoints:
    """Every household of the node, ordered by place code: a subtree is one slice."""

    revision: int
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


def _read_points(revision: int) -> HouseholdPoints:
    ids: list[npt.NDArray[np.int64]] = []
    points: list[npt.NDArray[np.int32]] = []
    codes: list[bytes] = []
    counts: list[int] = []
    chunk: list[tuple[int, int, int]] = []

    def flush() -> None:
        ids.append(np.array([row[0] for row in chunk], dtype=np.int64))
        points.append(np.array([row[1:] for row in chunk], dtype=np.int32).reshape(-1, 2))
        chunk.clear()

    rows = Household.objects.order_by("place_code", "id").values_list(
        "id", "lon_e7", "lat_e7", "place_code"
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
                rules.NO_POINT_E7 if lon is None else lon,
                rules.NO_POINT_E7 if lat is None else lat,
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


# --- whom it concerns -----------------------------------------------------------------------


@dataclass(slots=True)
class _Touched:
    """What an area touches, gathered step by step."""

    prefixes: list[str]
    shape: Any
    villages: dict[str, dict[str, Any]] = field(default_factory=dict)  # all in sight, by code
    townships: dict[str, dict[str, Any]] = field(default_factory=dict)
    village_codes: set[str] = field(default_factory=set)
    households_inside: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.empty(0, dtype=np.int64)
    )
    place_codes: dict[int, str] = field(default_factory=dict)


def concerned(
    *,
    area: Mapping[str, Any],
    viewer: Viewer,
    include_other_households: bool = False,
) -> dict[str, Any]:
    """Whom a warning area concerns, among what the viewer may see.

    `area`: {"codes": [place codes], "polygons": [[[lon, lat], ...], ...]}; the union of both.

    - A danger area is concerned where its outline meets the polygons, where its code lies under
      the codes, or, having no outline, where its village is touched. All its households are.
    - A village is touched where it lies under a code, where its point or outline or the point of
      one of its households is inside, or where one of its danger areas is concerned. A village
      without a point cannot be ruled out: it is touched when its township is, and listed.
    - Posts: those of the villages touched and of their townships; grid workers and group heads
      only where a household of theirs is concerned.

    Returns {"danger_households", "danger_people", "assist_households", "assist_people",
     "by_township": [{"code", "name", "villages", "households", "people", "assist", "posts"}],
     "by_assist_level": {"0".."3": households}, "without_point": [{"code", "name"}],
     "without_number", "other_households": {"count", "included"}, "danger_area_ids",
     "household_ids", "households": [{"household_id", "place_code", "people", "assist_level",
     "shelter", "area_id"}], "other_household_ids" (empty unless included), "village_codes",
     "township_codes", "post_ids", "posts", "venues": [{"venue_id", "name",
     "warning_contact_id", "place_code", "headcount_tonight"}], "parties"}.
    Raises risks.bad_area.
    """
    touched = _touch(area, viewer)
    areas = _areas(touched, viewer)
    # An area may lie across the border of its village's neighbours; its village is called too.
    touched.village_codes |= {
        village_of(row["place_code"])
        for row in areas
        if village_of(row["place_code"]) in touched.villages
    }
    households = _danger_households(areas, viewer)
    danger_ids = {row["household_id"] for row in households}
    touched.village_codes |= {
        village_of(row["place_code"])
        for row in households
        if village_of(row["place_code"]) in touched.villages
    }
    others = touched.households_inside[
        ~np.isin(touched.households_inside, np.fromiter(danger_ids, dtype=np.int64))
    ]
    other_ids: list[int] = others.tolist() if include_other_households else []
    neighbours = {row["place_code"] for row in households} | {
        touched.place_codes[one] for one in other_ids
    }
    posts = _posts(touched, neighbours, viewer)
    found_venues = _venues(touched, viewer)
    called = _people_called(posts, households, other_ids, found_venues, viewer)
    return {
        "danger_households": len(households),
        "danger_people": sum(row["people"] for row in households),
        "assist_households": sum(row["assist_level"] > 0 for row in households),
        "assist_people": sum(row["assist_people"] for row in households),
        "by_assist_level": _by_level(households),
        "by_township": _by_township(touched, households, posts),
        "without_point": [
            {"code": code, "name": touched.villages[code]["name"]}
            for code in sorted(touched.village_codes)
            if _pointless(touched.villages[code])
        ],
        "without_number": called["without_number"],
        "other_households": {"count": len(others), "included": include_other_households},
        "danger_area_ids": [row["id"] for row in areas],
        "household_ids": [row["household_id"] for row in households],
        "households": households,
        "other_household_ids": other_ids,
        "village_codes": sorted(touched.village_codes),
        "township_codes": sorted({_township(touched, code) for code in touched.village_codes}),
        "post_ids": [row["id"] for row in posts],
        "posts": len(posts),
        "venues": found_venues,
        "parties": called["parties"],
    }


def parties(
    *, area: Mapping[str, Any], viewer: Viewer, include_other_households: bool = False
) -> list[dict[str, Any]]:
    """The parties of a call to whom an area concerns: posts, venues, households; each once.

    Values of contacts are full only for the program itself, see `people.queries`.
    """
    found = concerned(area=area, viewer=viewer, include_other_households=include_other_households)
    called = [
        *people.parties_for_posts(found["post_ids"], viewer=viewer),
        *people.parties_for_persons(
            [
                {"person_id": one["warning_contact_id"], "title": f"{one['name']} 预警接收人"}
                for one in found["venues"]
                if one["warning_contact_id"] is not None
            ],
            viewer=viewer,
        ),
        *people.parties_for_households(
            [*found["household_ids"], *found["other_household_ids"]], viewer=viewer
        ),
    ]
    return list({one["person_id"]: one for one in reversed(called)}.values())[::-1]


def _touch(area: Mapping[str, Any], viewer: Viewer) -> _Touched:
    codes = [str(code) for code in area.get("codes") or ()]
    for code in codes:
        if not is_division_code(code):
            raise BAD_AREA(fault=f"{code!r} is not a place code")
    try:
        shape = rules.area_shape(area.get("polygons") or ())
    except rules.AreaFaultError as error:
        raise BAD_AREA(fault=str(error)) from error
    touched = _Touched(prefixes=[scope_prefix(code) for code in codes], shape=shape)
    rows = places.with_geometry([DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE], viewer=viewer)
    for row in rows:
        level = touched.villages if row["level"] == DivisionLevel.VILLAGE else touched.townships
        level[row["code"]] = row
    touched.village_codes = {code for code in touched.villages if _is_under(code, touched.prefixes)}
    # A code below a village (grid, group) touches the village.
    touched.village_codes |= {
        village_of(prefix)
        for prefix in touched.prefixes
        if len(prefix) >= 12 and village_of(prefix) in touched.villages
    }
    _touch_households(touched, viewer)
    if shape is not None:
        _touch_villages(touched)
    return touched


def _touch_households(touched: _Touched, viewer: Viewer) -> None:
    """Households under the codes or inside the polygons, in the viewer's sight."""
    held = household_points()
    if not len(held.ids):
        return
    inside = held.within(touched.prefixes)
    if touched.shape is not None:
        inside |= rules.points_inside(touched.shape, held.lon_e7, held.lat_e7)
    inside &= held.within(scope.prefix for scope in viewer.scopes(Permission.SEE_HOUSEHOLDS))
    chosen = np.flatnonzero(inside)
    touched.households_inside = held.ids[chosen]
    numbers = held.place[chosen]
    names = {number: held.codes[number].decode() for number in np.unique(numbers).tolist()}
    touched.place_codes = dict(
        zip(
            touched.households_inside.tolist(),
            (names[number] for number in numbers.tolist()),
            strict=True,
        )
    )
    touched.village_codes |= {
        village_of(code) for code in names.values() if village_of(code) in touched.villages
    }


def _touch_villages(touched: _Touched) -> None:
    for rows in (touched.villages, touched.townships):
        listed = list(rows.values())
        points = [
            (rules.NO_POINT_E7, rules.NO_POINT_E7)
            if row["lon_e7"] is None
            else (row["lon_e7"], row["lat_e7"])
            for row in listed
        ]
        located = np.array(points, dtype=np.int32).reshape(-1, 2)
        inside = rules.points_inside(touched.shape, located[:, 0], located[:, 1])
        outlines = rules.outlines_touched(touched.shape, [row["geometry"] for row in listed])
        for row, by_point, by_outline in zip(listed, inside.tolist(), outlines, strict=True):
            row["is_touched"] = by_point or by_outline
    touched.village_codes |= {code for code, row in touched.villages.items() if row["is_touched"]}
    townships = {code for code, row in touched.townships.items() if row["is_touched"]}
    townships |= {_township(touched, code) for code in touched.village_codes}
    touched.village_codes |= {
        code
        for code, row in touched.villages.items()
        if _pointless(row) and _township(touched, code) in townships
    }


def _areas(touched: _Touched, viewer: Viewer) -> list[dict[str, Any]]:
    # Without an outline only the village can decide, so all of these are looked at.
    condition = _under_q(touched.prefixes) | Q(geometry__isnull=True)
    if touched.shape is not None:
        west, south, east, north = rules.box_of(touched.shape)
        condition |= Q(
            west_e7__lte=east, east_e7__gte=west, south_e7__lte=north, north_e7__gte=south
        )
    rows = list(
        DangerArea.objects.filter(condition, visible(viewer, Permission.SEE_HOUSEHOLDS))
        .order_by("place_code", "id")
        .values("id", "place_code", "geometry", "shelter_name")
    )
    meets = [False] * len(rows)
    if touched.shape is not None:
        meets = rules.outlines_touched(touched.shape, [row["geometry"] for row in rows])
    return [
        dict(row)
        for row, met in zip(rows, meets, strict=True)
        if met
        or _is_under(row["place_code"], touched.prefixes)
        or (row["geometry"] is None and village_of(row["place_code"]) in touched.village_codes)
    ]


def _listings(area_ids: Sequence[int], viewer: Viewer) -> list[dict[str, Any]]:
    return [
        dict(row)
        for start in range(0, len(area_ids), IDS_PER_QUERY)
        for row in DangerAreaHousehold.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            visible(viewer, Permission.SEE_HOUSEHOLDS, "household__place_code"),
            danger_area_id__in=area_ids[start : start + IDS_PER_QUERY],
            is_listed=True,
        )
        .order_by("household__place_code", "household_id", "danger_area_id")
        .values(
            "danger_area_id",
            "household_id",
            "household__place_code",
            "household__tonight_people",
            "household__assist_level",
            "household__assist_people",
            "household__contact_person_id",
        )
    ]


def _danger_households(areas: Sequence[Mapping[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Each household once, with the first danger area that lists it."""
    by_id = {row["id"]: row for row in areas}
    households: dict[int, dict[str, Any]] = {}
    for row in _listings(list(by_id), viewer):
        households.setdefault(
            row["household_id"],
            {
                "household_id": row["household_id"],
                "place_code": row["household__place_code"],
                "people": row["household__tonight_people"],
                "assist_level": row["household__assist_level"],
                "assist_people": row["household__assist_people"],
                "shelter": by_id[row["danger_area_id"]]["shelter_name"],
                "area_id": row["danger_area_id"],
            },
        )
    return list(households.values())


def _posts(touched: _Touched, neighbours: Iterable[str], viewer: Viewer) -> list[dict[str, Any]]:
    villages = touched.village_codes
    townships = {_township(touched, code) for code in villages}
    # A grid worker answers for every group of the grid, a group head for one group.
    around = {code[:digits] for code in neighbours for digits in (12, 15, 17)}
    found = [
        *people.posts_at(villages, VILLAGE_ROLES, viewer=viewer),
        *people.posts_at(townships, TOWNSHIP_ROLES, viewer=viewer),
        *people.posts_at(around, NEIGHBOUR_ROLES, viewer=viewer),
    ]
    return sorted(found, key=lambda row: (row["place_code"], row["id"]))


def _venues(touched: _Touched, viewer: Viewer) -> list[dict[str, Any]]:
    rows = venues.venues_in(viewer=viewer)
    inside = [False] * len(rows)
    if touched.shape is not None and rows:
        points = [
            (rules.NO_POINT_E7, rules.NO_POINT_E7)
            if row["lon_e7"] is None
            else (row["lon_e7"], row["lat_e7"])
            for row in rows
        ]
        located = np.array(points, dtype=np.int32)
        inside = rules.points_inside(touched.shape, located[:, 0], located[:, 1]).tolist()
    return [
        {
            "venue_id": row["id"],
            "name": row["name"],
            "warning_contact_id": row["warning_contact_id"],
            "place_code": row["place_code"],
            "headcount_tonight": row["headcount_tonight"],
        }
        for row, by_point in zip(rows, inside, strict=True)
        if by_point
        or _is_under(row["place_code"], touched.prefixes)
        or (row["lon_e7"] is None and village_of(row["place_code"]) in touched.village_codes)
    ]


def _people_called(
    posts: Sequence[Mapping[str, Any]],
    households: Sequence[Mapping[str, Any]],
    other_ids: Sequence[int],
    found_venues: Sequence[Mapping[str, Any]],
    viewer: Viewer,
) -> dict[str, int]:
    """How many parties there will be, and how many of what is concerned nobody can ring."""
    held = people.holders([row["id"] for row in posts], viewer=viewer)
    called = {one["person_id"] for slots in held.values() for one in (slots["A"] or slots["B"])}
    called |= {
        row["warning_contact_id"] for row in found_venues if row["warning_contact_id"] is not None
    }
    ids = [*(row["household_id"] for row in households), *other_ids]
    contacts = people.contact_persons(ids, viewer=viewer)
    everybody = called | set(contacts.values())
    reached = people.with_number(everybody, viewer=viewer)
    return {
        "parties": len(everybody),
        "without_number": len(ids) - len(contacts) + len(everybody - reached),
    }


def _by_level(households: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = Counter(row["assist_level"] for row in households)
    return {str(level): counts.get(level, 0) for level in range(4)}


def _by_township(
    touched: _Touched,
    households: Sequence[Mapping[str, Any]],
    posts: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}

    def row_of(code: str) -> dict[str, Any]:
        township = _township(touched, code)
        name = touched.townships.get(township, {}).get("name", "")
        return rows.setdefault(
            township,
            {
                "code": township,
                "name": name,
                "villages": 0,
                "households": 0,
                "people": 0,
                "assist": 0,
                "posts": 0,
            },
        )

    for code in touched.village_codes:
        row_of(code)["villages"] += 1
    for household in households:
        row = row_of(household["place_code"])
        row["households"] += 1
        row["people"] += household["people"]
        row["assist"] += household["assist_people"]
    for post in posts:
        row_of(post["place_code"])["posts"] += 1
    return [rows[code] for code in sorted(rows)]


def _township(touched: _Touched, code: str) -> str:
    """The township of a village, or what stands in its stead where that level is skipped."""
    village = touched.villages.get(village_of(code))
    township = township_of(code)
    if township in touched.townships or village is None:
        return township
    return village["parent_code"] or township


def _pointless(row: Mapping[str, Any]) -> bool:
    return row["lon_e7"] is None and row["geometry"] is None


def _is_under(code: str, prefixes: Iterable[str]) -> bool:
    return any(code.startswith(prefix) for prefix in prefixes)


def _under_q(prefixes: Sequence[str]) -> Q:
    return in_scopes("place_code", tuple(Scope(prefix) for prefix in prefixes))
