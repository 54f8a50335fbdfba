"""Pasted bulletins and services' JSON: what the text says, and nothing that it does not say."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from fengsui.gateways.bulletins import TEXT_CHARACTERS_MAX, read_bulletins
from fengsui.gateways.protocols import check
from tests.world.shared_data import shared

ISSUED = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
HEAD = "示例县气象台2026年07月17日02时10分"


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def paste(text: str, received_at: datetime | None = None):
    return check(text.encode(), received_at=received_at)


# Real bulletins out of the collection: where, hazard, code, level, issuer, UTC of issue, UTC of
# expiry, message type, continued, places.
REAL = (
    ("weather_com_cn", "ISSUECONTENT", "雷电", "11B14", "yellow", "昭苏县气象台",
     "2026-10-06T13:29", "2026-10-07T00:00", "Alert", False,
     ("乌尊布拉克镇", "阿克达拉镇", "昭苏镇", "种马场")),
    ("caiyun", "description", "暴雨", "11B03", "blue", "东城区气象台",
     "2025-07-27T02:25", "2025-07-28T04:00", "Alert", False, ("东城区",)),
    ("beijing_20250826_storm", "content", "暴雨", "11B03", "orange", "市气象台",
     "2025-08-26T08:00", "2025-08-28T00:00", "Update", True, ("房山", "门头沟", "昌平", "怀柔")),
    ("jiangsu_20210901", "content", "雷暴大风", "11B58", "yellow", "张家港市气象台",
     "2021-09-01T06:12", "2021-09-02T00:00", "Alert", False, ("南丰", "常阴沙", "塘桥")),
)  # fmt: skip


@pytest.mark.parametrize("row", REAL, ids=lambda row: row[0])
def test_a_real_bulletin_is_read(row):
    entry, key, hazard, code, level, issuer, issued, expires, kind, continued, places = row
    samples = json.loads(shared("alerts_cn/cn_alert_json_samples.json").read_text("utf-8"))

    warning = paste(samples[entry][key], received_at=datetime(2025, 7, 27, 3, tzinfo=UTC)).alerts[0]

    assert (warning.event_name, warning.event_code, warning.level) == (hazard, code, level)
    assert (warning.issuer, warning.msg_type, warning.is_continued) == (issuer, kind, continued)
    assert f"{warning.sent_at:%Y-%m-%dT%H:%M}" == issued
    assert f"{warning.expires_at:%Y-%m-%dT%H:%M}" == expires
    assert warning.area_descriptions == places
    assert warning.description == samples[entry][key], "verbatim"


def test_the_text_of_the_real_national_message_is_read():
    text = "河南省气象台2020年02月05日10时45分继续发布大风蓝色预警：预计未来24小时，全省大部分地区"

    warning = paste(text).alerts[0]

    assert (warning.event_code, warning.level, warning.is_continued) == ("11B06", "blue", True)
    assert warning.expires_at - warning.sent_at == timedelta(hours=24)


@pytest.mark.parametrize(
    ("hazard", "code"),
    [
        ("大风", "11B06"),
        ("雷暴大风", "11B58"),
        ("雷雨大风", "11B20"),
        ("海上大风", "11B23"),
        ("海上雷雨大风", "11B52"),
        ("暴雨", "11B03"),
        ("台风暴雨", "11B49"),
        ("台风", "11B01"),
        ("暴雪", "11B04"),
        ("大雾", "11B17"),
        ("海上大雾", "11B53"),
        ("沙尘暴", "11B07"),
        ("高温", "11B09"),
        ("高温中暑", "11B24"),
        ("道路结冰", "11B21"),
        ("山洪灾害", "11A51"),
        ("地质灾害气象风险", "11B37"),
        ("森林（草原）火险", "11B41"),
        ("山洪灾害气象风险", ""),
        ("海上雷暴大风", ""),
        ("蝗虫", ""),
    ],
)
def test_the_longest_hazard_wins_and_an_unknown_one_keeps_its_whole_name(hazard, code):
    result = paste(f"{HEAD}发布{hazard}橙色预警信号：请注意防范。")

    assert (result.alerts[0].event_name, result.alerts[0].event_code) == (hazard, code)
    assert ("bulletin.hazard_unknown" in codes(result.warnings)) is (code == "")


@pytest.mark.parametrize(
    ("sentence", "kind", "level", "continued"),
    [
        ("发布暴雨红色预警信号", "Alert", "red", False),
        ("继续发布暴雨橙色预警信号", "Update", "orange", True),
        ("升级发布暴雨橙色预警信号", "Update", "orange", False),
        ("将暴雨橙色预警信号升级为暴雨红色预警信号", "Update", "red", False),
        ("将暴雨橙色预警信号升级为红色预警信号", "Update", "red", False),
        ("将暴雨橙色预警信号变更为黄色", "Update", "yellow", False),
        ("更新暴雨黄色预警信号为暴雨橙色预警信号", "Update", "orange", False),
        ("将暴雨红色预警降级为暴雨蓝色预警", "Update", "blue", False),
        ("解除暴雨红色预警信号", "Cancel", "red", False),
        ("联合发布山洪灾害气象风险橙色预警", "Alert", "orange", False),
        ("发布“暴雨”（红色）预警", "Alert", "red", False),
    ],
)
def test_what_the_issuer_does_is_understood(sentence, kind, level, continued):
    sentence = sentence.replace("”（红色）", "（红色）")

    warning = paste(f"{HEAD}{sentence}。").alerts[0]

    assert (warning.msg_type, warning.level, warning.is_continued) == (kind, level, continued)
    assert warning.sent_at == ISSUED
    assert warning.issuer == "示例县气象台"


@pytest.mark.parametrize(
    ("forecast", "hours"),
    [
        ("预计未来3小时，甲镇有暴雨", 3),
        ("未来 6 个小时内", 6),
        ("未来3-6小时", 6),
        ("预计17日2时至17日20时", 17.8333),
        ("预计今天夜间", 29.8333),
        ("预计今天白天", 17.8333),
        ("预计今天下午到夜里", 29.8333),
        ("预计17日夜间至18日白天", 41.8333),
        ("请注意防范", None),
        ("未来9999小时", None),
    ],
)
def test_how_long_it_holds_is_worked_out_or_left_open(forecast, hours):
    warning = paste(f"{HEAD}发布暴雨红色预警信号：{forecast}。").alerts[0]

    if hours is None:
        assert warning.expires_at is None
    else:
        found = (warning.expires_at - warning.sent_at).total_seconds() / 3_600
        assert found == pytest.approx(hours, abs=0.001)
        assert "expires_at" in warning.inferred


@pytest.mark.parametrize(
    "issuer",
    [
        "示例县气象台",
        "示例自治州气象局",
        "示例县水利局和示例县气象局",
        "示例县气象局、示例县自然资源局",
        "示例县突发事件预警信息发布中心",
        "示例县防汛抗旱指挥部办公室",
    ],
)
@pytest.mark.parametrize("joint", ["", "于", "联合"])
def test_the_issuer_is_named_in_full(issuer, joint):
    text = f"【预警】{issuer}{joint}2026年7月17日2时10分发布山洪灾害橙色预警。"

    warning = paste(text).alerts[0]

    assert warning.issuer == issuer
    assert warning.sent_at == ISSUED
    assert warning.description == text


def test_a_date_without_a_year_needs_the_day_it_was_received():
    text = "示例县气象台17日2时10分发布暴雨红色预警信号。"

    without, given = paste(text), paste(text, received_at=ISSUED + timedelta(minutes=5))
    long_after = paste(text, received_at=datetime(2026, 8, 2, tzinfo=UTC))

    assert codes(without.errors) == ["bulletin.time_missing"]
    assert given.alerts[0].sent_at == ISSUED
    assert codes(long_after.errors) == ["bulletin.time_missing"], "the month has turned over"


def test_a_headline_and_its_text_are_one_warning_and_an_upgrade_is_not_hidden_by_it():
    text = f"示例县气象台升级发布暴雨橙色预警信号\n{HEAD}继续发布暴雨橙色预警信号：预计未来3小时。"

    result = paste(text)

    assert [(warning.msg_type, warning.is_continued) for warning in result.alerts] == [
        ("Update", False)
    ]
    assert "bulletin.actions_differ" in codes(result.warnings)


def test_every_channel_of_the_real_message_says_the_same_when_pasted():
    data = shared("alerts_cn/12379_henan_20200205_wind_blue.xml").read_bytes()

    for channel, text in check(data).alerts[0].channel_messages:
        alerts = paste(text).alerts
        assert [(each.event_code, each.level) for each in alerts] == [("11B06", "blue")], channel
        assert alerts[0].sent_at == datetime(2020, 2, 5, 2, 45, tzinfo=UTC)
        assert alerts[0].issuer.startswith("河南省气象")
        assert alerts[0].is_continued


@pytest.mark.parametrize("separator", ["\n", "：预计未来3小时有暴雨。\n"])
@pytest.mark.parametrize("time", ["02时10分", "02时15分"])
def test_the_same_warning_of_two_counties_is_two(separator, time):
    other = f"邻县气象台2026年07月17日{time}发布暴雨红色预警信号"

    alerts = paste(f"{HEAD}发布暴雨红色预警信号{separator}{other}").alerts

    assert [each.issuer for each in alerts] == ["示例县气象台", "邻县气象台"]


def test_two_warnings_in_one_text_are_two():
    text = f"{HEAD}发布暴雨红色预警信号：甲镇。\n{HEAD}解除大风蓝色预警信号。"

    found = [(each.event_name, each.msg_type) for each in paste(text).alerts]

    assert found == [("暴雨", "Alert"), ("大风", "Cancel")]


def test_two_statements_of_one_issuer_share_its_time():
    text = f"{HEAD}解除暴雨橙色预警信号，发布暴雨红色预警信号：预计未来3小时，甲镇有暴雨。"

    found = paste(text).alerts

    assert [(each.msg_type, each.level) for each in found] == [
        ("Cancel", "orange"),
        ("Alert", "red"),
    ]
    assert {(each.issuer, each.sent_at) for each in found} == {("示例县气象台", ISSUED)}
    assert found[1].expires_at == ISSUED + timedelta(hours=3)


@pytest.mark.parametrize("year", ["0001", "1969", "2200", "9999"])
def test_a_year_that_cannot_be_is_no_time(year):
    text = f"示例县气象台{year}年12月31日23时59分发布暴雨红色预警信号：预计未来24小时。"

    assert codes(paste(text).errors) == ["bulletin.time_missing"]


def test_the_same_words_have_the_same_identifier_however_they_are_spaced():
    text = f"{HEAD}发布暴雨红色预警信号：甲镇。"

    identifiers = {paste(variant).alerts[0].identifier for variant in (text, f"\n {text}\n\n")}

    assert len(identifiers) == 1


@pytest.mark.parametrize(
    "text",
    [
        "今天天气很好",
        "请各村注意防范暴雨",
        "发布红色通缉令",
        "示例县气象台发布暴雨红色",
        "预警信号有红橙黄蓝四色",
    ],
)
def test_words_that_are_no_warning_are_none(text):
    assert codes(paste(text).errors) == ["bulletin.no_warning"]


@pytest.mark.parametrize("mark", ["秘密★1年\n", "【机密】", "绝密 ", "密级：机密\n", "机 密★10年 "])
def test_a_text_with_a_secrecy_mark_is_refused_and_not_repeated(mark):
    result = paste(f"{mark}{HEAD}发布暴雨红色预警信号")

    assert codes(result.errors) == ["bulletin.classified"]
    assert "示例县" not in repr(result)


def test_a_bulletin_is_not_secret_because_it_says_the_word():
    assert paste(f"{HEAD}发布暴雨红色预警信号：注意保守秘密通道。").verdict == "accepted"


@pytest.mark.parametrize(
    "unit",
    [
        "气象台和",
        "发布",
        "1时",
        "红色预警发布",
        "将暴雨红色预警升级为",
        "、",
        "请",
        "预计",
        f"{HEAD}发布暴雨红色预警",
    ],
)
def test_hostile_text_takes_no_long_time(unit):
    began = time.process_time()

    read_bulletins(unit * (TEXT_CHARACTERS_MAX // len(unit)))

    assert time.process_time() - began < 2.0


# --- JSON


def samples() -> dict:
    return json.loads(shared("alerts_cn/cn_alert_json_samples.json").read_text("utf-8"))


def one(entry: dict):
    return check(json.dumps(entry, ensure_ascii=False).encode())


JSON_ROWS = (
    ("weather_com_cn", "weather.com.cn", "11B14", "yellow", "654026000000", "Alert"),
    ("caiyun", "caiyun", "11B03", "blue", "110101000000", "Alert"),
    ("qweather_v1", "qweather", "11B09", "orange", "320100000000", "Update"),
    ("beijing_20250826_storm", "city-page", "11B03", "orange", None, "Update"),
    ("jiangsu_20210901", "province-page", "11B58", "yellow", None, "Alert"),
)


@pytest.mark.parametrize("row", JSON_ROWS, ids=lambda row: row[0])
def test_each_layout_of_json_is_read(row):
    entry, layout, code, level, division, kind = row

    result = one(samples()[entry])

    assert result.errors == ()
    warning = result.alerts[0]
    assert warning.source_format == f"cn-json:{layout}"
    assert (warning.event_code, warning.level, warning.msg_type) == (code, level, kind)
    assert warning.geocodes == ((division,) if division else ())
    assert warning.missing_statutory == ()


def test_the_city_that_says_upgraded_and_continued_is_believed_where_it_says_more():
    warning = one(samples()["beijing_20250826_storm"]).alerts[0]

    assert (warning.msg_type, warning.is_continued) == ("Update", False)
    assert warning.headline == "北京市气象台升级发布暴雨橙色预警信号"


def test_a_reference_to_itself_is_none():
    assert one(samples()["weather_com_cn"]).alerts[0].references == ()


def test_a_level_that_contradicts_the_text_is_rejected():
    entry = samples()["jiangsu_20210901"] | {"level": "红色"}

    assert codes(one(entry).errors) == ["json.level_mismatch"]


def test_a_time_that_cannot_be_read_is_named():
    entry = samples()["jiangsu_20210901"] | {"time": "yesterday"}

    error = one(entry).errors[0]

    assert (error.code, error.field) == ("json.field_missing", "time")


def test_json_with_a_secrecy_mark_is_refused():
    entry = samples()["jiangsu_20210901"] | {"密级": "秘密"}

    assert codes(one(entry).errors) == ["json.classified"]
