"""The red rainstorm warning of the night, as the county's weather office would send it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fengsui.gateways.protocols.warning12379.writing import write_12379
from fengsui.gateways.warnings import Warning
from fengsui.standards.coordinates import E7

SENDER_CODE = "43990141600000"  # of a weather office that does not exist
ISSUER = "示意县气象台"
EVENT_CODE = "11B03"  # 暴雨
VALID_FOR = timedelta(hours=3)
BEIJING = timedelta(hours=8)


def storm_message(storm: Mapping[str, Any], sent_at: datetime) -> bytes:
    """A 12379 message flagged as an exercise (status Exercise), valid for three hours."""
    local = sent_at + BEIJING
    names = list(storm["township_names"])
    towns = "、".join(names)
    moment = (
        f"{local.year}年{local.month:02d}月{local.day:02d}日{local.hour:02d}时{local.minute:02d}分"
    )
    text = (
        f"【演练】{ISSUER}{moment}发布暴雨红色预警：预计未来3小时，{towns}"
        "降雨量将达100毫米以上，山洪、地质灾害风险极高，请立即做好转移避险。"
    )
    ring = tuple((lon / E7, lat / E7) for lon, lat in storm["polygon_e7"])
    return write_12379(
        Warning(
            source_format="12379",
            identifier=f"{SENDER_CODE}_{local:%Y%m%d%H%M%S}",
            sent_at=sent_at,
            sender=ISSUER,
            sender_code=SENDER_CODE,
            issuer=ISSUER,
            status="Exercise",
            event_code=EVENT_CODE,
            event_name="暴雨",
            level="red",
            urgency="Immediate",
            certainty="Likely",
            effective_at=sent_at,
            onset_at=sent_at,
            expires_at=sent_at + VALID_FOR,
            headline=f"【演练】{ISSUER}发布暴雨红色预警[I级/特别重大]",
            description=text,
            instruction=(
                "立即转移危险区群众并妥善安置；停止户外作业和集体活动；"
                "责任人到岗，逐户核对并回报人数。"
            ),
            area_descriptions=tuple(names),
            geocodes=tuple(storm["village_codes"]),
            polygons=(ring,),
            channel_messages=(("SMS", text),),
            note="演练",
        )
    )
