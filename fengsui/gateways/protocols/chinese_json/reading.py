"""JSON layouts of Chinese weather services to neutral warnings.

The layouts are those of weather.com.cn, Caiyun, QWeather and of city pages. What a layout lacks
is taken from its own bulletin text and listed in `inferred`; event codes of a service are not
GB/T 35561 and are matched by name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fengsui.gateways.bulletins import Action, Bulletin, hazard_codes, read_bulletins
from fengsui.gateways.findings import Finding, FindingKind
from fengsui.gateways.moments import YEARS, read_beijing_wall, read_moment
from fengsui.gateways.warnings import CheckResult, Verdict, Warning
from fengsui.standards.divisions import full_code
from fengsui.standards.event_codes import cap_categories
from fengsui.standards.warning_levels import BY_COLOUR, colour_of_word

FORMAT = "cn-json"
WARNINGS_MAX = 2_000
NESTING_MAX = 6
SECRECY_FIELDS = ("secClassification", "密级")

NOT_JSON = FindingKind(
    "json.not_well_formed",
    "JSON 不完整或已损坏（{reason}）。请重新获取。",
    "The JSON is cut off or damaged ({reason}). Fetch it again.",
)
NO_WARNING = FindingKind(
    "json.no_warning",
    "JSON 中没有认识的预警格式。请改为粘贴预警原文。",
    "The JSON holds no known layout of a warning. Paste the text of the bulletin instead.",
)
FIELD_MISSING = FindingKind(
    "json.field_missing",
    "第 {number} 条缺少“{field}”或无法读取。请改为粘贴预警原文。",
    "Warning {number} lacks “{field}”, or it cannot be read. Paste the text of the bulletin.",
)
CLASSIFIED = FindingKind(
    "json.classified",
    "密级标注为“{value}”，不得进入本系统，内容未保存。",
    "It is classified “{value}”. It must not enter this system; nothing was kept of it.",
)
ACTIONS_DIFFER = FindingKind(
    "json.actions_differ",
    "第 {number} 条标题与正文说法不一，按需要重新叫应处理，请核对。",
    "Headline and text of warning {number} differ; it is read as one that calls anew.",
)
LEVEL_MISMATCH = FindingKind(
    "json.level_mismatch",
    "第 {number} 条的级别与正文里的颜色不一致。请向发布单位核实后再发。",
    "The level of warning {number} is not the colour in its text. Ask the issuer first.",
)

Entry = Mapping[str, Any]
_CODE14 = re.compile(r"^(\d{6})\d{8}_\d{14}(_\d)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a layout keeps what; a path of keys, or a function of the entry. "" is nowhere."""

    name: str
    signs: frozenset[str]  # an entry with all these keys is of this layout
    hazard: str
    level: str
    issued: Callable[[Entry], datetime | None]
    text: str
    headline: str = ""
    identifier: str = ""
    msg_type: str = ""
    references: str = ""
    expires: str = ""
    instruction: str = ""
    issuer: str = ""
    place: tuple[str, ...] = ()
    division: str = ""


def _wall(key: str) -> Callable[[Entry], datetime | None]:
    return lambda entry: _moment(_at(entry, key))


def _epoch(key: str) -> Callable[[Entry], datetime | None]:
    def read(entry: Entry) -> datetime | None:
        seconds = entry.get(key)
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            return None
        try:
            moment = datetime.fromtimestamp(seconds, tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None
        return moment if moment.year in YEARS else None

    return read


LAYOUTS = (
    Layout(
        name="weather.com.cn",
        signs=frozenset({"SIGNALTYPE", "SIGNALLEVEL", "ISSUETIME", "ISSUECONTENT"}),
        hazard="SIGNALTYPE",
        level="SIGNALLEVEL",
        issued=_wall("ISSUETIME"),
        text="ISSUECONTENT",
        identifier="identifier",
        msg_type="msgType",
        references="references",
        expires="RELIEVETIME",
        place=("CITY", "STATIONNAME"),
    ),
    Layout(
        name="caiyun",
        signs=frozenset({"alertId", "pubtimestamp", "description", "title"}),
        hazard="",
        level="",
        issued=_epoch("pubtimestamp"),
        text="description",
        headline="title",
        identifier="alertId",
        place=("location",),
        division="adcode",
    ),
    Layout(
        name="qweather",
        signs=frozenset({"id", "issuedTime", "eventType", "description"}),
        hazard="eventType.name",
        level="color.code",
        issued=_wall("issuedTime"),
        text="description",
        headline="headline",
        identifier="id",
        expires="expiresTime",
        instruction="instruction",
        issuer="senderName",
        place=("areaName",),
        division="areaId",
    ),
    Layout(
        name="city-page",
        signs=frozenset({"alert_level", "alert_name", "content", "pub_time"}),
        hazard="alert_name",
        level="alert_level",
        issued=_wall("pub_time"),
        text="content",
        headline="title",
    ),
    Layout(
        name="province-page",
        signs=frozenset({"level", "type", "time", "content"}),
        hazard="type",
        level="level",
        issued=_wall("time"),
        text="content",
        place=("province", "city", "district"),
    ),
)


@dataclass(slots=True)
class _Findings:
    errors: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)


def read_json(text: str, data: bytes, *, received_at: datetime | None = None) -> CheckResult:
    """The verdict on a JSON document: one warning, or any nesting of several."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        return CheckResult.rejected(FORMAT, (NOT_JSON(reason="nested too deeply"),))
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        return CheckResult.rejected(FORMAT, (NOT_JSON(line=line, reason=str(error)),))
    entries = list(_entries(document, 0))[:WARNINGS_MAX]
    if not entries:
        return CheckResult.rejected(FORMAT, (NO_WARNING(),))
    for _, entry in entries:
        for name in SECRECY_FIELDS:
            if entry.get(name) not in (None, "", "None", "无"):
                finding = CLASSIFIED(field=name, value=entry[name])
                return CheckResult.rejected(FORMAT, (finding,))
    found = _Findings()
    digest = hashlib.sha256(data).hexdigest()
    warnings = [
        warning
        for number, (layout, entry) in enumerate(entries, start=1)
        if (warning := _warning(layout, entry, number, digest, received_at, found)) is not None
    ]
    if found.errors:
        return CheckResult.rejected(FORMAT, tuple(found.errors), tuple(found.doubts))
    return CheckResult(
        Verdict.ACCEPTED, FORMAT, warnings=tuple(found.doubts), alerts=tuple(warnings)
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _entries(node: object, depth: int) -> Iterator[tuple[Layout, Entry]]:
    if depth > NESTING_MAX:
        return
    if isinstance(node, dict):
        layout = next((each for each in LAYOUTS if each.signs <= node.keys()), None)
        if layout is not None:
            yield layout, node
            return
        for below in node.values():
            yield from _entries(below, depth + 1)
    elif isinstance(node, list):
        for below in node:
            yield from _entries(below, depth + 1)


def _at(entry: Entry, path: str) -> str:
    """The text at a dotted path; "" when it is not there or no text or number."""
    node: object = entry
    for key in path.split(".") if path else ():
        node = node.get(key) if isinstance(node, dict) else None
    if isinstance(node, bool) or not isinstance(node, str | int) or not path:
        return ""
    return str(node).strip()


def _moment(text: str) -> datetime | None:
    return read_beijing_wall(text) or read_moment(text)


def _warning(
    layout: Layout,
    entry: Entry,
    number: int,
    digest: str,
    received_at: datetime | None,
    found: _Findings,
) -> Warning | None:
    sent_at, text = layout.issued(entry), _at(entry, layout.text)
    headline = _at(entry, layout.headline)
    bulletin = next(
        iter(read_bulletins(f"{headline}\n{text}", received_at=sent_at or received_at)), None
    )
    hazard = _at(entry, layout.hazard) or (bulletin.hazard if bulletin else "")
    level = colour_of_word(_at(entry, layout.level)) or (bulletin.level if bulletin else "")
    for name, present in (("time", sent_at), ("text", text), ("hazard", hazard), ("level", level)):
        if not present:
            found.errors.append(FIELD_MISSING(field=name, number=number))
    if bulletin and level and bulletin.level != level:
        found.errors.append(LEVEL_MISMATCH(field="level", number=number))
    if sent_at is None or not (text and hazard and level):
        return None
    if bulletin and bulletin.contradicts_itself:
        found.doubts.append(ACTIONS_DIFFER(field="msg_type", number=number))
    return _assembled(layout, entry, sent_at, hazard, level, bulletin, digest)


def _assembled(
    layout: Layout,
    entry: Entry,
    sent_at: datetime,
    hazard: str,
    level: str,
    bulletin: Bulletin | None,
    digest: str,
) -> Warning:
    text, headline = _at(entry, layout.text), _at(entry, layout.headline)
    own = _at(entry, layout.identifier)
    identifier = own or f"json-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:24]}"
    stated_expiry, stated_advice = (
        _moment(_at(entry, layout.expires)),
        _at(entry, layout.instruction),
    )
    code = hazard_codes().get(hazard, "")
    place = "".join(dict.fromkeys(_at(entry, path) for path in layout.place))
    places = (place,) if place else ()
    effective_at = (bulletin.issued_at if bulletin else None) or sent_at
    return Warning(
        source_format=f"{FORMAT}:{layout.name}",
        identifier=identifier,
        sent_at=sent_at,
        sender=_at(entry, layout.issuer) or (bulletin.issuer if bulletin else ""),
        sender_code=identifier[:14] if _CODE14.match(identifier) else "",
        issuer=_at(entry, layout.issuer) or (bulletin.issuer if bulletin else ""),
        msg_type=_message_type(_at(entry, layout.msg_type), bulletin),
        references=_references(_at(entry, layout.references), identifier),
        categories=cap_categories(code),
        event_code=code,
        event_name=hazard,
        level=level,
        severity=BY_COLOUR[level].en.capitalize(),
        effective_at=effective_at,
        expires_at=stated_expiry or (bulletin.expires_at if bulletin else None),
        is_continued=bool(bulletin and bulletin.action is Action.CONTINUED),
        headline=headline or (bulletin.statement if bulletin else ""),
        description=text,
        instruction=stated_advice or (bulletin.advice if bulletin else ""),
        area_descriptions=places or (bulletin.places if bulletin else ()),
        geocodes=_geocodes(layout, entry, identifier),
        inferred=_inferred(layout, entry, bulletin, identifier),
        digest=digest,
    )


def _inferred(
    layout: Layout, entry: Entry, bulletin: Bulletin | None, identifier: str
) -> tuple[str, ...]:
    """Fields that the layout does not state and that were worked out of its text."""
    states_place = any(_at(entry, path) for path in layout.place)
    states_expiry = _moment(_at(entry, layout.expires)) is not None
    inferred = {
        "effective_at": True,
        "expires_at": bool(bulletin and bulletin.expires_at) and not states_expiry,
        "instruction": bool(bulletin and bulletin.advice) and not _at(entry, layout.instruction),
        "area_descriptions": bool(bulletin and bulletin.places) and not states_place,
        "geocodes": not layout.division and bool(_CODE14.match(identifier)),
    }
    return tuple(name for name, is_inferred in inferred.items() if is_inferred)


def _message_type(stated: str, bulletin: Bulletin | None) -> str:
    """A layout that calls every message Alert does not undo what the text says."""
    if stated in ("Update", "Cancel", "Cancle"):
        return "Update" if stated == "Update" else "Cancel"
    if bulletin is None or bulletin.action is Action.ISSUED:
        return "Alert"
    return "Cancel" if bulletin.action is Action.LIFTED else "Update"


def _references(stated: str, identifier: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[\s,]+", stated) if part and part != identifier)


def _geocodes(layout: Layout, entry: Entry, identifier: str) -> tuple[str, ...]:
    """The layout's own division code, else the issuer's division out of a 12379 identifier."""
    stated = _at(entry, layout.division)
    if re.fullmatch(r"\d{6}|\d{9}|\d{12}", stated, re.ASCII):
        return (full_code(stated),)
    found = _CODE14.match(identifier)
    return (full_code(found.group(1)),) if found else ()
