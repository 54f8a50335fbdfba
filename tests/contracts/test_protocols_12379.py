"""The national warning release system's layout: every field rule, and the way to CAP and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fengsui.gateways.protocols import check
from fengsui.gateways.protocols.cap import write_cap
from fengsui.gateways.protocols.warning12379 import write_12379
from tests.contracts.warning_samples import MESSAGE_12379, spoilt
from tests.world.shared_data import shared


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def fields(findings) -> list[str]:
    return [finding.field for finding in findings]


def test_every_field_of_a_good_message_is_read():
    warning = check(MESSAGE_12379.encode()).alerts[0]

    assert warning.identifier == "43312641600000_20260717021000_0"
    assert warning.sent_at == datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
    assert (warning.sender_code, warning.issuer) == ("43312641600000", "示例县气象局")
    assert (warning.event_code, warning.event_name, warning.level) == ("11B03", "暴雨", "red")
    assert warning.geocodes == ("433126100000", "433126101000")
    assert warning.area_descriptions == ("示例县甲镇", "乙乡")
    assert warning.channel_messages == (("SMS", "示例县气象台短信"),)
    assert warning.missing_statutory == ()


def test_the_name_of_a_forecaster_is_not_kept():
    assert "值班员" not in repr(check(MESSAGE_12379.encode()).alerts[0])


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<identifier>43312641600000_20260717021000_0", "<identifier>4331_2026_0", "identifier"),
        ("_20260717021000_0<", "_20261317021000_0<", "identifier"),
        ("_20260717021000_0<", "_20260717021000_00<", "identifier"),
        ("<senderCode>43312641600000", "<senderCode>433126", "senderCode"),
        ("<sendTime>2026-07-17 02:10:00+08:00", "<sendTime>2026-07-17 02:10:00", "sendTime"),
        ("<sendTime>2026-07-17 02:10:00+08:00", "<sendTime>2026-07-16 18:10:00+00:00", "sendTime"),
        ("<sendTime>2026-07-17 02:10:00+08:00", "<sendTime>2026-02-30 02:10:00+08:00", "sendTime"),
        ("<status>Actual", "<status>Real", "status"),
        ("<msgType>Alert", "<msgType>Warn", "msgType"),
        ("<scope>Public", "<scope>Everyone", "scope"),
        ("<scope>Public", "<scope>Private", "addresses"),
        ("<scope>Public", "<scope>Restricted", "restriction"),
        ("<msgType>Alert", "<msgType>Update", "references"),
        ("<msgType>Alert", "<msgType>Cancel", "references"),
        ("<msgType>Alert", "<msgType>Cancle", "references"),
        ("<references/>", "<references>yesterday's</references>", "references"),
        ("<eventType>11B03", "<eventType>rain", "info/eventType"),
        ("<urgency>Immediate", "<urgency>Now", "info/urgency"),
        ("<severity>Red", "<severity>Extreme", "info/severity"),
        ("<severity>Red", "<severity>Blue", "info/severity"),
        ("<certainty>Likely", "<certainty>Sure", "info/certainty"),
        ("<effective>2026-07-17 02:10:00", "<effective>2026-07-17 25:10:00", "info/effective"),
        ("<expires>2026-07-17 05", "<expires>2026-07-17 01", "info/expires"),
        ("433126101000</geocode>", "433126</geocode>", "info/area[1]/geocode"),
        ("<secClassification>None</secClassification>", "", "secClassification"),
        ("<sender>示例县气象局</sender>", "", "sender"),
        ("<sender>示例县气象局</sender>", "<sender>甲</sender><sender>乙</sender>", "sender"),
        ("<language>zh-CN</language>", "", "info/language"),
    ],
)
def test_a_message_that_breaks_a_rule_is_rejected_at_that_field(old, new, field):
    result = check(spoilt(MESSAGE_12379, old, new))

    assert result.verdict == "rejected"
    assert field in fields(result.errors)
    assert result.alerts == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<senderCode>43312641600000", "<senderCode>43312641600099", "12379.sender_mismatch"),
        ("_20260717021000_0<", "_20260711021000_0<", "12379.time_mismatch"),
        ("<eventType>11B03", "<eventType>11B88", "12379.event_code_unknown"),
        ("<senderName>值班员</senderName>", "<senderName/>", "12379.field_missing"),
        ("<note/>", "<note/><extra>1</extra>", "12379.field_unknown"),
        ("<polygon/>", "<polygon>somewhere</polygon>", "shape.polygon_malformed"),
        ("<expires>2026-07-17 05:10:00+08:00</expires>", "<expires/>", "12379.expires_unknown"),
    ],
)
def test_what_issuers_get_wrong_on_the_wire_is_accepted_and_pointed_out(old, new, code):
    result = check(spoilt(MESSAGE_12379, old, new))

    assert result.verdict == "accepted"
    assert code in codes(result.warnings)


@pytest.mark.parametrize("length", [29, 31])
def test_both_lengths_of_identifier_are_in_use(length):
    identifier = "43312641600000_20260717021000_0"[:length]

    warning = check(spoilt(MESSAGE_12379, "43312641600000_20260717021000_0", identifier)).alerts[0]

    assert len(warning.identifier) == length


@pytest.mark.parametrize("mark", ["秘密", "Secret", "Confidential", "机密", "none", "Unclassified"])
def test_a_message_marked_secret_is_refused_and_nothing_of_it_is_kept(mark):
    document = MESSAGE_12379.replace("None</secClass", f"{mark}</secClass")
    document = document.replace("<status>Actual", "<status>Real")

    result = check(document.encode())

    assert codes(result.errors) == ["12379.classified"], "asked before any other rule"
    assert result.alerts == result.warnings == ()
    assert "示例县" not in repr(result)


def test_a_secrecy_mark_cannot_hide_behind_another():
    element = "<secClassification>None</secClassification>"
    document = spoilt(MESSAGE_12379, element, element + element.replace("None", "秘密"))

    assert codes(check(document).errors) == ["12379.classified"]


def test_a_misspelt_cancel_is_a_cancel():
    document = MESSAGE_12379.replace("<msgType>Alert", "<msgType>Cancle").replace(
        "<references/>", "<references>43312641600000_20260716230000</references>"
    )

    result = check(document.encode())

    assert result.alerts[0].msg_type == "Cancel"
    assert result.alerts[0].references == ("43312641600000_20260716230000",)
    assert "12379.misspelt_cancel" in codes(result.warnings)


def test_a_message_that_refers_only_to_itself_refers_to_nothing():
    document = MESSAGE_12379.replace("<msgType>Alert", "<msgType>Update").replace(
        "<references/>", "<references>43312641600000_20260717021000_0</references>"
    )

    assert "12379.references_missing" in codes(check(document.encode()).errors)


def test_an_area_without_code_shape_or_words_is_no_area():
    start = MESSAGE_12379.index("<area>") + len("<area>")
    end = MESSAGE_12379.index("</area>")
    document = MESSAGE_12379[:start] + "<areaDesc/><geocode/>" + MESSAGE_12379[end:]

    assert codes(check(document.encode()).errors) == ["12379.area_missing"]


def test_the_statutory_fields_that_are_missing_are_listed_in_the_order_of_the_law():
    warning = check(
        spoilt(
            MESSAGE_12379.replace("<severity>Red", "<severity>Unknown"),
            "<instruction>危险区群众立即转移。</instruction>",
            "<instruction/>",
        )
    ).alerts[0]

    assert warning.missing_statutory == ("level", "instruction")


def test_the_real_message_lacks_only_what_to_do():
    data = shared("alerts_cn/12379_henan_20200205_wind_blue.xml").read_bytes()

    warning = check(data).alerts[0]

    assert warning.missing_statutory == ("instruction",)
    assert (warning.level, warning.msg_type, warning.is_continued) == ("blue", "Update", True)
    assert warning.references == ("41000041600000_20200204121842",)
    assert warning.geocodes == ("410000000000",)


@pytest.mark.parametrize("source", ["sample", "real"])
def test_through_cap_and_back_it_says_the_same(source):
    data = MESSAGE_12379.encode()
    if source == "real":
        data = shared("alerts_cn/12379_henan_20200205_wind_blue.xml").read_bytes()
    warning = check(data).alerts[0]

    through_cap = check(write_cap(warning))
    back = check(write_12379(through_cap.alerts[0]))

    assert through_cap.errors == back.errors == ()
    # CAP has no place for the channels' texts; the grade becomes CAP's word and the colour again.
    said = replace(warning, channel_messages=(), digest="")
    again = replace(
        back.alerts[0],
        channel_messages=(),
        digest="",
        area_descriptions=said.area_descriptions,
    )
    assert again == said


def test_cap_names_the_earlier_message_as_a_triple():
    warning = check(shared("alerts_cn/12379_henan_20200205_wind_blue.xml").read_bytes()).alerts[0]

    triple = check(write_cap(warning)).alerts[0].reference_triples

    assert triple == ("河南省气象局,41000041600000_20200204121842,2020-02-04T12:18:42+08:00",)


def test_written_and_read_again_it_is_the_same():
    warning = check(MESSAGE_12379.encode()).alerts[0]

    again = check(write_12379(warning)).alerts[0]

    assert replace(again, digest="") == replace(warning, digest="")


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_what_names_no_earlier_message_is_not_written_rather_than_made_up(kind):
    warning = replace(check(MESSAGE_12379.encode()).alerts[0], msg_type=kind)

    with pytest.raises(ValueError, match="names no earlier message"):
        write_12379(warning)
