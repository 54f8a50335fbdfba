"""An alert as others read it: its eight statutory fields, and the value formats are made of."""

from __future__ import annotations

from fengsui.gateways.warnings import Warning
from fengsui.response.alerts.facts import STATUTORY
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.queries.concerned import area_of
from fengsui.response.alerts.queries.reads import number_of
from fengsui.response.alerts.states import AlertKind

STATUTORY_WORDS = {
    "category": "预警类别",
    "level": "预警级别",
    "starts_at": "起始时间",
    "area_description": "可能影响的范围",
    "caution": "警示事项",
    "instruction": "应当采取的措施",
    "issuer": "发布单位",
    "issued_at": "发布时间",
}


def missing_statutory(alert: Alert) -> list[str]:
    """Which of the eight fields are still not known, in Chinese."""
    missing = [
        STATUTORY_WORDS[name] for name in STATUTORY if getattr(alert, name) in (None, "", "unknown")
    ]
    if not alert.area_codes and not alert.polygons_e7 and alert.msg_type != "Cancel":
        missing.append(f"{STATUTORY_WORDS['area_description']}（本县范围内的区划或地图范围）")
    return missing


def as_warning(alert: Alert) -> Warning:
    """The alert as the neutral value that the writers of formats know. Words are kept as issued."""
    area = area_of(alert)
    return Warning(
        source_format="fengsui",
        identifier=number_of(alert),
        sent_at=alert.issued_at,
        sender=f"fengsui.{alert.place_code}",
        issuer=alert.issuer,
        status="Exercise" if alert.exercise else "Actual",
        msg_type="Alert" if alert.kind != AlertKind.OFFICIAL_WARNING else alert.msg_type,
        references=tuple(alert.references),
        event_code=alert.category,
        event_name=alert.category_name,
        level=alert.level,
        effective_at=alert.starts_at,
        expires_at=alert.expires_at,
        headline=alert.headline,
        description=alert.verbatim_text,
        instruction=alert.instruction,
        area_descriptions=(alert.area_description,),
        geocodes=tuple(area["codes"]),
        polygons=tuple(tuple((lon, lat) for lon, lat in ring) for ring in area["polygons"]),
    )
