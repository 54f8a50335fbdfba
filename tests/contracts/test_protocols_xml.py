"""Hostile XML is refused without harm: nothing fetched, nothing expanded, nothing swallowed."""

from __future__ import annotations

import time

import pytest

from fengsui.gateways import xml
from fengsui.gateways.findings import Refused
from fengsui.gateways.protocols import check
from tests.contracts.warning_samples import CAP

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(20))
    + "]><alert>&u;</alert>"
)
QUADRATIC = '<!DOCTYPE a [<!ENTITY x "' + "x" * 50_000 + '">]><a>' + "&x;" * 5_000 + "</a>"
DEEP = "<a>" * 20_000 + "</a>" * 20_000

ATTACKS = {
    "entity bomb": (BOMB, "xml.dtd_forbidden"),
    "quadratic bomb": (QUADRATIC, "xml.dtd_forbidden"),
    "external entity": (
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml.dtd_forbidden",
    ),
    "parameter entity": (
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x">%x;]><a/>', "xml.dtd_forbidden",
    ),
    "external subset": ('<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', "xml.dtd_forbidden"),
    "bare doctype": ("<!DOCTYPE a><a/>", "xml.dtd_forbidden"),
    "unknown entity": ("<a>&nobody;</a>", "xml.not_well_formed"),
    "too deep": (DEEP, "xml.too_deep"),
    "too many elements": (
        "<a>" + "<b/>" * (xml.ELEMENTS_MAX + 1) + "</a>", "xml.too_many_elements",
    ),
    "too many attributes": (
        "<a " + " ".join(f'b{i}="1"' for i in range(200)) + "/>", "xml.too_many_attributes",
    ),
    "long attribute": ('<a b="' + "x" * 10_000 + '"/>', "xml.attribute_too_long"),
    "long text": ("<a>" + "x" * (xml.TEXT_CHARACTERS_MAX + 1) + "</a>", "xml.text_too_long"),
    "long text in pieces": (
        "<a>" + ("x" * 1_000 + "<b/>") * (xml.TEXT_CHARACTERS_MAX // 1_000 + 1) + "</a>",
        "xml.text_too_long",
    ),
    "long name": ("<" + "n" * 1_000 + "/>", "xml.name_too_long"),
    "two roots": ("<a/><b/>", "xml.not_well_formed"),
    "unclosed": ("<a><b></a>", "xml.not_well_formed"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "code"), ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_refused_quickly_and_named(document, code):
    began = time.process_time()
    with pytest.raises(Refused) as refusal:
        xml.read_xml(document.encode())

    assert refusal.value.findings[0].code == code
    assert time.process_time() - began < 2.0


def test_a_doctype_cannot_hide_in_another_encoding():
    document = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'

    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        assert check(document.encode(encoding)).errors[0].code == "xml.dtd_forbidden"


def test_a_document_over_the_byte_limit_is_not_even_decoded():
    result = check(b"<" * (xml.BYTES_MAX + 1))

    assert result.errors[0].code == "xml.too_large"


def test_an_unknown_encoding_is_named():
    result = check(b'<?xml version="1.0" encoding="utf-7"?><alert/>')

    assert result.errors[0].code == "xml.unknown_encoding"
    assert "utf-7" in result.errors[0].zh


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "GBK", "GB18030", "utf-16"])
def test_the_encodings_that_chinese_senders_use_are_read(encoding):
    document = CAP.replace('encoding="UTF-8"', f'encoding="{encoding}"')

    result = check(document.encode(encoding.lower()))

    assert result.errors == ()
    assert result.alerts[0].event_name == "暴雨"


def test_a_comment_cannot_cut_a_value_short():
    """`<sender>a<!-- -->b</sender>` must read as ab: a signature over it covers ab."""
    document = CAP.replace("example@county", "example@<!-- trusted -->county")

    assert check(document.encode()).alerts[0].sender == "example@county.invalid"


def test_an_error_carries_the_line_of_the_original():
    document = CAP.replace("<urgency>Immediate", "<urgency>Soon")

    error = check(document.encode()).errors[0]

    assert (error.line, error.field) == (13, "urgency")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml.empty"),
        (b" \n\t ", "xml.empty"),
        (b"\xff\xfe", "bulletin.no_warning"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "xml.undecodable"),
        (b"%PDF-1.7 nothing", "bulletin.no_warning"),
        (b"PK\x03\x04\x00\x00", "file.unreadable"),
        (b"<alert/>", "cap.namespace_missing"),
        (b"<html/>", "cap.not_a_warning"),
        (b"{}", "json.no_warning"),
        (b"[" * 100_000, "json.not_well_formed"),
        (b'{"a": NaN}', "json.not_well_formed"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "json.not_well_formed"),
    ],
)
def test_what_is_no_warning_is_rejected_with_a_reason(data, code):
    result = check(data)

    assert result.verdict == "rejected"
    assert result.errors[0].code == code
