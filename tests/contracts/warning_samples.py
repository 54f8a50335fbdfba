"""Warnings to build tests from: a good one of each layout, to be spoilt one field at a time."""

from __future__ import annotations

CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>示例-1</identifier>
  <sender>example@county.invalid</sender>
  <sent>2026-07-17T02:10:00+08:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>暴雨</event>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>GB/T35561</valueName><value>11B03</value></eventCode>
    <effective>2026-07-17T02:10:00+08:00</effective>
    <expires>2026-07-17T05:10:00+08:00</expires>
    <senderName>示例县气象台</senderName>
    <headline>示例县气象台发布暴雨红色预警信号</headline>
    <description>预计未来3小时降雨量将达100毫米以上。</description>
    <instruction>危险区群众立即转移。</instruction>
    <area>
      <areaDesc>示例县甲镇</areaDesc>
      <polygon>28.0,109.0 28.1,109.0 28.1,109.1 28.0,109.0</polygon>
      <circle>28.05,109.05 12.5</circle>
      <geocode><valueName>GB/T2260-12</valueName><value>433126100000</value></geocode>
    </area>
  </info>
</alert>
"""

MESSAGE_12379 = """<?xml version="1.0" encoding="UTF-8"?>
<alert>
  <identifier>43312641600000_20260717021000_0</identifier>
  <sender>示例县气象局</sender><senderCode>43312641600000</senderCode>
  <sendTime>2026-07-17 02:10:00+08:00</sendTime>
  <status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
  <code><method><methodName>SMS</methodName><message>示例县气象台短信</message>
    <audienceGrp/><audenceprt/></method></code>
  <secClassification>None</secClassification><note/><references/>
  <info><language>zh-CN</language><eventType>11B03</eventType><urgency>Immediate</urgency>
    <severity>Red</severity><certainty>Likely</certainty>
    <effective>2026-07-17 02:10:00+08:00</effective><onset/>
    <expires>2026-07-17 05:10:00+08:00</expires>
    <senderName>值班员</senderName>
    <headline>示例县气象局发布暴雨红色预警[I级/特别严重]</headline>
    <description>示例县气象台2026年07月17日02时10分发布暴雨红色预警信号：预计未来3小时降雨。</description>
    <instruction>危险区群众立即转移。</instruction><web/>
    <area><areaDesc>示例县甲镇,乙乡</areaDesc><polygon/><circle/>
      <geocode>433126100000,433126101000</geocode></area></info>
</alert>
"""

BULLETIN = (
    "示例县气象台2026年07月17日02时10分发布暴雨红色预警信号：预计未来3小时，"
    "甲镇、乙乡降雨量将达100毫米以上，请立即转移危险区群众。"
)

JSON_MESSAGE = (
    '{"alert_level":"红色","alert_name":"暴雨","pub_time":"2026-07-17 02:12:00",'
    '"title":"示例县气象台发布暴雨红色预警信号","content":"' + BULLETIN + '"}'
)


def spoilt(document: str, old: str, new: str) -> bytes:
    """The document with one thing changed; the test is wrong when the thing is not there."""
    assert old in document, old
    return document.replace(old, new).encode()
