"""The five examples by which sizes are compared: invented, of one village. Pure.

One night in village 510822106201: an instruction for two groups with shelter and deadline, an
answer, nine numbers, a call for help with a position, a report of eleven numbers and four needs.
"""

from __future__ import annotations

from typing import Final

from fengsui.gateways.telegrams.messages import (
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    Message,
    Numbers,
    QuickReport,
    Reference,
    Sos,
)

COUNTY: Final = "510822"
VILLAGE: Final = "510822106201"
NOW_MS: Final = 1_784_225_400_000  # 02:10 in Beijing on 17 July 2026
_FACT: Final = Reference(sequence=412, audience=1)

EXAMPLES: Final[dict[str, Message]] = {
    "evacuation": EvacuationInstruction(
        alert=51_234,
        hazard="11A51",
        level="red",
        action="move",
        issued_ms=NOW_MS,
        areas=(f"{VILLAGE}00103", f"{VILLAGE}00204"),
        leave_by_ms=NOW_MS + 40 * 60_000,
        shelter=40_213,
        fact=Reference(sequence=97, audience=0),
    ),
    "acknowledgement": Acknowledgement(
        of=51_234, answer="on_it", at_ms=NOW_MS + 180_000, ordinal=1204, fact=_FACT
    ),
    "headcount": Headcount(
        place_code=VILLAGE,
        at_ms=NOW_MS + 1_500_000,
        numbers=Numbers(312, 280, 20, 12, 7, 240, 3, 1, 0),
        evacuation=8_812,
        series=1,
        fact=_FACT,
    ),
    "sos": Sos(
        place_code=VILLAGE,
        at_ms=NOW_MS + 900_000,
        people=6,
        injured=2,
        needs=("rescue", "medical", "boat"),
        lon_e5=10_524_310,
        lat_e5=3_260_112,
        fact=_FACT,
    ),
    "report": QuickReport(
        place_code=VILLAGE,
        at_ms=NOW_MS + 5_400_000,
        disaster="泥石流",
        affected=860,
        moved=292,
        injured=5,
        missing=2,
        dead=0,
        trapped=14,
        houses_collapsed=9,
        houses_damaged=41,
        road_cut=True,
        power_cut=True,
        network_cut=True,
        needs=(("tent", 60), ("quilt", 240), ("medicine", 20), ("generator", 3)),
        fact=Reference(sequence=88, audience=1),
    ),
}
