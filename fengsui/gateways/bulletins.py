"""The sentence in which a Chinese weather bulletin says what it is, found in free text.

Layout (handbook §3.1): issuer, date, time, action, hazard, colour, 预警. Of two hazards that fit,
the longer one wins: 雷暴大风 is never 大风. Pure: what has no year is completed from `received_at`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import islice

from fengsui.gateways.moments import BEIJING, beijing
from fengsui.standards.event_codes import codes_by_name
from fengsui.standards.warning_levels import BY_COLOUR_WORD

TEXT_CHARACTERS_MAX = 20_000
PLACES_MAX = 60
STATEMENTS_MAX = 200
FORECAST_HOURS_MAX = 240

# Names that bulletins use beside those of the code table; "" where no code is known for certain.
OTHER_HAZARD_NAMES = {
    "山洪灾害": "11A51",
    "山洪": "11A51",
    "山洪灾害气象风险": "",
    "山洪灾害风险": "",
    "中小河流洪水气象风险": "",
    "地质灾害气象风险": "11B37",
    "地质灾害风险": "",
    "地质灾害": "",
    "滑坡": "11D01",
    "泥石流": "11D02",
    "森林草原火险": "11B41",
    "森林火险气象风险": "",
    "渍涝风险气象": "",
    "城市内涝": "11A02",
    "强对流天气": "11B31",
    "大雾": "11B17",
    "浓雾": "11B17",
    "重污染天气": "11B29",
    "空气重污染": "11B29",
}

_HAN = "\u4e00-\u9fff"
_ORGANISATION = (
    "气象台|气象局|气象中心|预警信息发布中心|预警发布中心|水利局|水务局|水文局|水文中心|水文站|"
    "应急管理局|应急局|应急管理厅|自然资源局|自然资源和规划局|自然资源厅|林业局|生态环境局|"
    "防汛抗旱指挥部办公室|防汛抗旱指挥部|防指办|人民政府"
)
# Looked for backwards from the statement: a forward pattern would be slow on hostile text.
_ISSUER_END = re.compile(rf"(?:{_ORGANISATION})(?P<after>(?:联合)?(?:于|在)?[\s，,:：]{{0,3}})$")
_OFFICE_KIND = re.compile(rf"(?:{_ORGANISATION})$")
_ISSUER_LETTER = re.compile(rf"[{_HAN}、]")
ISSUER_CHARACTERS_MAX = 100
HEADLINE_GAP_MAX = 24  # characters between a headline and the text below it
_TIME = (
    r"(?:(?P<year>\d{4})[年\-/])?(?:(?P<month>\d{1,2})[月\-/])?(?:(?P<day>\d{1,2})日?)?[\sT]{0,2}"
    r"(?P<hour>\d{1,2})[时点:：](?:(?P<minute>\d{1,2})分?)?(?:(?:[:：])?\d{1,2}秒?)?"
)
_COLOUR = "(?:红|橙|黄|蓝)"
_CHANGE = "升级|降级|变更|更新|调整|更改|提升|降低"
_STATEMENT_SHAPE = (
    r"(?:{time})?[，,]?\s{{0,2}}(?:联合)?"
    r"(?P<action>继续发布|(?:{change})发布|发布|继续|解除|撤销|取消|将|{change})"
    r"(?:了)?[“\"《]?(?P<hazard>{hazard})[（(\[【]?(?P<colour>{colour})色[）)\]】]?"
    r"(?P<signal>[^，。；：:\n]{{0,12}}?预警(?:信号)?)?"
    r"(?:(?:{change})?为(?:[{han}（）]{{0,14}}?)(?P<new_colour>{colour})色(?:预警(?:信号)?)?)?"
)
_PERIOD = re.compile(r"未来\s?(?:\d{1,3}[-~—至到])?(\d{1,3})\s?(?:个)?小时")
_UNTIL = re.compile(
    r"(?:至|到|—|-)\s?(?P<day>今天|今晚|今日|明天|明日|后天|\d{1,2}日)?\s?"
    r"(?:(?P<hour>\d{1,2})时|(?P<part>凌晨|早晨|早上|上午|中午|午后|下午|傍晚|白天|前半夜|后半夜|夜间|夜里|晚上|晚))"
)
_TONIGHT = re.compile(r"(?:预计)?(?P<day>今天|今日|明天|明日)?(?P<part>夜间|夜里|今晚|白天)")
# Hour at which a part of the day ends, counted from its midnight (meteorological usage).
_PART_ENDS_HOUR = {
    "凌晨": 6, "早晨": 9, "早上": 9, "上午": 12, "中午": 14, "午后": 18, "下午": 18, "傍晚": 20,
    "白天": 20, "前半夜": 24, "后半夜": 30, "夜间": 32, "夜里": 32, "晚上": 32, "晚": 32,
    "今晚": 32,
}  # fmt: skip
_DAY_AFTER = {"今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "后天": 2}
_SOURCE_NOTE = re.compile(r"[（(](?:预警信息|数据)?来源[^）)]{0,40}[）)]")
_PLACE_END = "街道|林场|农场|马场|牧场|社区|自治州|镇|乡|村|县|区|市|州|旗"
_RAIN_WORDS = "降雨|降水|雨量|累计"
_PLACE = re.compile(
    rf"(?<![{_HAN}])([{_HAN}]{{1,10}}?(?:{_PLACE_END}))"
    rf"(?=[、，,。；;等\s及和（(]|$|将|已|{_RAIN_WORDS})"
)
_PLACE_LIST = re.compile(
    rf"((?:[{_HAN}]{{2,8}}、){{1,20}}[{_HAN}]{{2,8}}?)等(?:区|县|市|乡镇|镇|乡|村|地)"
)
_OWN_PLACE = re.compile(
    r"((?:我|全)[省州市县区旗](?:大部分?|部分|局部|个别|中北部|[东西南北中]{1,2}部)?(?:地区|乡镇|地方)?)"
)
_NOT_A_PLACE = re.compile(
    r"地区$|主城区$|中心城区$|老城区$|山区$|郊区$|库区$|景区$|社会|上述|低洼|部分|以上|灾害|浅山|沿山|各"
)
_LEADING = re.compile(
    rf"^(?:预计|目前|尤其是|特别是|其中|以及|位于|影响|今天|明天|夜间|白天|[我本]?[省州市县区](?=[{_HAN}]{{2,}}))+"
)
_REPORTED = re.compile("^(?:.*(?:大部分|部分|局部)地区|根据|接到|接|据|来自)")
_ADVICE = re.compile(r"(请[^。！\n]{2,200}[。！]?)")
_GUIDE = re.compile(r"防御指南[:：]\s*(.{2,4000})", re.DOTALL)


class Action(StrEnum):
    ISSUED = "issued"
    CONTINUED = "continued"  # 继续发布
    CHANGED = "changed"  # 升级, 降级, 变更, 更新
    LIFTED = "lifted"  # 解除


_BY_WEIGHT = (Action.LIFTED, Action.CHANGED, Action.CONTINUED, Action.ISSUED)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One warning found in a text. Whatever the text does not say is empty or None."""

    text: str
    statement: str  # the sentence that says what it is, verbatim
    issuer: str
    issued_at: datetime | None
    action: Action
    hazard: str
    event_code: str
    level: str
    expires_at: datetime | None
    places: tuple[str, ...]
    advice: str
    contradicts_itself: bool = False  # headline and text name different actions


@cache
def hazard_codes() -> dict[str, str]:
    """Every known hazard name to its GB/T 35561 code."""
    return dict(codes_by_name()) | OTHER_HAZARD_NAMES


@cache
def _statement_pattern() -> re.Pattern[str]:
    known = sorted(hazard_codes(), key=len, reverse=True)
    # An unknown compound (海上雷暴大风) is kept whole as a name, never cut down to a known one.
    hazard = "|".join([*map(re.escape, known), rf"[{_HAN}（）]{{2,16}}?"])
    shape = _STATEMENT_SHAPE.format(
        time=_TIME, change=_CHANGE, colour=_COLOUR, hazard=hazard, han=_HAN
    )
    return re.compile(shape)


def read_bulletins(text: str, *, received_at: datetime | None = None) -> list[Bulletin]:
    """Every warning in a text, in order. A headline and the text below it are one.

    `received_at` completes a date without year or month; without it `issued_at` stays None.
    """
    text = text[:TEXT_CHARACTERS_MAX]
    matches = islice(_statement_pattern().finditer(text), STATEMENTS_MAX)
    # “发布…红色” alone may be about anything; a statement names a 预警.
    found = [_statement(match) for match in matches if match["signal"] or match["new_colour"]]
    groups: list[list[_Statement]] = []
    for statement in found:
        if groups and _is_same_warning(groups[-1], statement):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    if not groups:
        return []
    # Text before the first statement (【预警】) belongs to the first warning.
    starts = [0, *(group[0].start for group in groups[1:])]
    ends = [*starts[1:], len(text)]
    bulletins: list[Bulletin] = []
    for group, start, end in zip(groups, starts, ends, strict=True):
        bulletin = _bulletin(group, text[start:end].strip(), received_at)
        if bulletins and not any(statement.wall_time for statement in group):
            # “…解除暴雨橙色预警，发布暴雨红色预警”: one issuer, one time, two statements.
            bulletin = _said_with(bulletins[-1], bulletin)
        bulletins.append(bulletin)
    return bulletins


def _said_with(before: Bulletin, bulletin: Bulletin) -> Bulletin:
    if bulletin.issuer not in ("", before.issuer):
        return bulletin
    issued_at, is_lifted = before.issued_at, bulletin.action is Action.LIFTED
    expires_at = _expires_at(bulletin.text, issued_at) if issued_at and not is_lifted else None
    return replace(bulletin, issuer=before.issuer, issued_at=issued_at, expires_at=expires_at)


@dataclass(frozen=True, slots=True)
class _Statement:
    """“<issuer><time>发布<hazard><colour>预警” where it stands in the text."""

    match: re.Match[str]
    start: int
    issuer: str
    office: str  # the issuer without 气象台, 水利局, …
    action: Action
    hazard: str
    colour: str
    wall_time: tuple[str, ...]


def _statement(match: re.Match[str]) -> _Statement:
    issuer, start = _issuer(match)
    parts = tuple(match[name] or "" for name in ("year", "month", "day", "hour", "minute"))
    return _Statement(
        match=match,
        start=start,
        issuer=issuer,
        office=_OFFICE_KIND.sub("", issuer),
        action=_action(match),
        hazard=match["hazard"],
        colour=match["new_colour"] or match["colour"],
        wall_time=parts if any(parts) else (),
    )


def _issuer(match: re.Match[str]) -> tuple[str, int]:
    """Who says it, from the words right before the statement; and where they begin."""
    window = match.string[max(0, match.start() - ISSUER_CHARACTERS_MAX) : match.start()]
    end = _ISSUER_END.search(window)
    if not end:
        return "", match.start()
    first, last = end.start(), end.start("after")
    while first > 0 and _ISSUER_LETTER.match(window[first - 1]):
        first -= 1
    issuer = _REPORTED.sub("", window[first:last])
    return issuer, match.start() - len(window) + last - len(issuer)


def _action(match: re.Match[str]) -> Action:
    word = match["action"]
    if word in ("解除", "撤销", "取消"):
        return Action.LIFTED
    if match["new_colour"] or re.match(_CHANGE, word):
        return Action.CHANGED
    return Action.CONTINUED if word.startswith("继续") else Action.ISSUED


def _is_same_warning(group: list[_Statement], other: _Statement) -> bool:
    """A headline and its text say the same of the same; two counties never become one."""
    before = group[-1]
    if (before.hazard, before.colour) != (other.hazard, other.colour):
        return False
    if (before.action is Action.LIFTED) != (other.action is Action.LIFTED):
        return False
    if not all(_is_one_office(each.office, other.office) for each in group):
        return False
    times = {each.wall_time for each in (*group, other) if each.wall_time}
    between = other.match.string[before.match.end() : other.start]
    is_headline = len(between) <= HEADLINE_GAP_MAX and not re.search("[：:。；]", between)
    return len(times) <= 1 or is_headline


def _is_one_office(one: str, other: str) -> bool:
    """河南省气象局 and 河南省气象台, 北京市气象台 and 市气象台; an unnamed one is anybody."""
    return one.endswith(other) or other.endswith(one)


def _bulletin(group: list[_Statement], text: str, received_at: datetime | None) -> Bulletin:
    first = group[0]
    timed = next((each for each in reversed(group) if each.wall_time), first)
    issued_at = _issued_at(timed.match, received_at)
    actions = {statement.action for statement in group}
    # Headlines say 发布 even of what the text continues; 升级 beside 继续发布 is a contradiction,
    # and then someone may have to be called anew.
    action = next(each for each in _BY_WEIGHT if each in actions)
    body = _SOURCE_NOTE.sub("", text)
    bulletin = Bulletin(
        text=text,
        statement=timed.match.string[timed.start : timed.match.end()].strip(),
        issuer=max((statement.issuer for statement in group), key=len),
        issued_at=issued_at,
        action=action,
        hazard=first.hazard,
        event_code=hazard_codes().get(first.hazard, ""),
        level=BY_COLOUR_WORD[first.colour].colour,
        expires_at=None,
        places=_places(body[group[-1].match.end() - first.match.start() :] or body),
        advice=_advice(body),
        contradicts_itself={Action.CHANGED, Action.CONTINUED} <= actions,
    )
    if issued_at is None or action is Action.LIFTED:
        return bulletin
    return replace(bulletin, expires_at=_expires_at(body, issued_at))


def _issued_at(match: re.Match[str], received_at: datetime | None) -> datetime | None:
    if not match["hour"]:
        return None
    around = received_at.astimezone(BEIJING) if received_at else None
    year = int(match["year"]) if match["year"] else (around.year if around else 0)
    month = int(match["month"]) if match["month"] else (around.month if around else 0)
    day = int(match["day"]) if match["day"] else (around.day if around else 0)
    if not (year and month and day):
        return None
    moment = beijing(year, month, day, int(match["hour"]), int(match["minute"] or 0))
    is_complete = bool(match["year"] and match["month"] and match["day"])
    if moment and around and not is_complete and moment > around + timedelta(days=1):
        return None  # a bulletin is not from the future: the month or year has turned over
    return moment


def _expires_at(body: str, issued_at: datetime) -> datetime | None:
    hours = _PERIOD.search(body)
    if hours and 0 < int(hours.group(1)) <= FORECAST_HOURS_MAX:
        return issued_at + timedelta(hours=int(hours.group(1)))
    forecast = body[body.find("预计") :] if "预计" in body else body
    sentence = re.split("[，。；]", forecast, maxsplit=1)[0]
    found = _UNTIL.search(sentence) or _TONIGHT.search(sentence)
    if not found:
        return None
    parts = found.groupdict()
    hour = int(parts["hour"]) if parts.get("hour") else _PART_ENDS_HOUR.get(parts["part"] or "", 24)
    return _end_of(parts["day"] or "", hour, issued_at)


def _end_of(day_word: str, hour: int, issued_at: datetime) -> datetime | None:
    """The first such hour after the issue; a day of the month rolls into the next month."""
    local = issued_at.astimezone(BEIJING)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if day_word.endswith("日") and day_word[:-1].isdigit():
        wanted = int(day_word[:-1])
        ahead = next(
            (days for days in range(32) if (midnight + timedelta(days=days)).day == wanted), None
        )
        if ahead is None or ahead * 24 > FORECAST_HOURS_MAX:
            return None
        midnight += timedelta(days=ahead)
    else:
        midnight += timedelta(days=_DAY_AFTER.get(day_word, 0))
    if hour > 48:
        return None
    end = midnight + timedelta(hours=hour)
    return end.astimezone(issued_at.tzinfo) if end > local else None


def _places(body: str) -> tuple[str, ...]:
    """Names of places as they stand in the text; a person draws the area from them."""
    names: list[str] = []
    for listed in _PLACE_LIST.finditer(body):
        names += [name for name in listed.group(1).split("、")]
    for piece in re.split(r"[、，,。；;：:\s（）()及和]", body):
        cut = _LEADING.sub("", piece)
        found = re.match(
            rf"^([{_HAN}]{{1,9}}?(?:{_PLACE_END}))(?=$|等|将|已|出现|有|境内|范围|{_RAIN_WORDS})",
            cut,
        )
        if found:
            names.append(found.group(1))
    kept = [_LEADING.sub("", name) for name in names]
    kept = [name for name in kept if len(name) >= 2 and not _NOT_A_PLACE.search(name)]
    if not kept:
        kept = [match.group(1) for match in _OWN_PLACE.finditer(body)][:1]
    return tuple(dict.fromkeys(kept))[:PLACES_MAX]


def _advice(body: str) -> str:
    guide = _GUIDE.search(body)
    if guide:
        return guide.group(1).strip()
    return "".join(match.group(1) for match in _ADVICE.finditer(body)).strip()
