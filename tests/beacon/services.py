"""The verbs of the beacon app."""

from typing import Any

from fengsui.foundation.access.problems import ProblemKind
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import command, on_commit_notify, record

from .facts import BEACON_CHANGED, BEACON_LIT, BEACON_NAMED, BEACON_SEEN

TOO_LOW = ProblemKind("beacon.too_low", 409, "烽燧太低（{metres} 米）。", "Too low ({metres} m).")


@command
def light(
    *,
    viewer: Viewer,
    place_code: str,
    name: str,
    keeper: str = "示意甲",
    watchers: tuple[str, ...] | list[str] = (),
    height_metres: int = 12,
) -> dict[str, Any]:
    fact = record(
        BEACON_LIT,
        fields={"name": name, "height_metres": height_metres},
        personal={"keeper": keeper},
        items=[{"watcher": watcher} for watcher in watchers],
        scope=place_code,
        viewer=viewer,
    )
    on_commit_notify("beacons", {"beacon_id": fact.entity()})
    if height_metres < 0:
        raise TOO_LOW(metres=height_metres)
    return {"beacon_id": fact.entity(), "fact_id": fact.id}


@command
def see(
    *, viewer: Viewer, place_code: str, beacon_id: int, note: str, cause: bytes | None = None
) -> dict[str, Any]:
    fact = record(
        BEACON_SEEN,
        fields={"beacon_id": beacon_id, "note": note},
        scope=place_code,
        viewer=viewer,
        cause=cause,
        about=[beacon_id],
    )
    return {"fact_id": fact.id, "hlc": fact.hlc}


@command
def name_beacon(*, viewer: Viewer, place_code: str, beacon_id: int, name: str) -> dict[str, Any]:
    fact = record(
        BEACON_NAMED,
        fields={"beacon_id": beacon_id, "name": name},
        scope=place_code,
        viewer=viewer,
    )
    return {"fact_id": fact.id}


@command
def change(
    *, viewer: Viewer, place_code: str, beacon_id: int, changes: dict[str, Any]
) -> dict[str, Any]:
    fact = record(
        BEACON_CHANGED,
        fields={"beacon_id": beacon_id, "changes": changes},
        scope=place_code,
        viewer=viewer,
        about=[beacon_id],
    )
    return {"fact_id": fact.id}


@command
def light_and_see(*, viewer: Viewer, place_code: str, name: str) -> dict[str, Any]:
    lit = light(viewer=viewer, place_code=place_code, name=name)
    return see(
        viewer=viewer,
        place_code=place_code,
        beacon_id=lit["beacon_id"],
        note=name,
        cause=lit["fact_id"],
    )


@command
def burn_down(*, viewer: Viewer) -> dict[str, Any]:
    raise ValueError("a fault of the program")
