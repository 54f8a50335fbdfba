"""CAP: rules, older versions, envelopes, signatures, and what we write ourselves."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from fengsui.gateways.protocols import check
from fengsui.gateways.protocols.cap import write_cap, write_feed
from fengsui.gateways.shapes import outlines, ring_round
from fengsui.gateways.warnings import Warning
from fengsui.standards.event_codes import event_codes
from fengsui.standards.warning_levels import LEVELS
from tests.contracts.warning_samples import CAP, spoilt

SENT = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_every_field_of_a_good_message_is_read():
    warning = check(CAP.encode()).alerts[0]

    assert warning.identifier == "示例-1"
    assert warning.sent_at == SENT
    assert (warning.issuer, warning.event_name) == ("示例县气象台", "暴雨")
    assert (warning.level, warning.severity) == ("red", "Extreme")
    assert warning.expires_at == SENT + timedelta(hours=3)
    assert warning.area_descriptions == ("示例县甲镇",)
    assert warning.geocodes == ("433126100000",)
    assert warning.polygons == (((109.0, 28.0), (109.0, 28.1), (109.1, 28.1), (109.0, 28.0)),)
    assert warning.circles == ((109.05, 28.05, 12.5),)
    assert warning.missing_statutory == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("示例-1", "示例 1", "cap.identifier_malformed"),
        ("示例-1", "a,b", "cap.identifier_malformed"),
        ("示例-1", "", "cap.identifier_malformed"),
        ("<msgType>Alert", "<msgType>Update", "cap.references_missing"),
        ("<msgType>Alert", "<msgType>Cancel", "cap.references_missing"),
        ("<msgType>Alert", "<msgType>Warn", "cap.schema"),
        ("<scope>Public</scope>", "<scope>Private</scope>", "cap.addresses_missing"),
        ("<scope>Public</scope>", "<scope>Restricted</scope>", "cap.restriction_missing"),
        (
            "<scope>Public</scope>",
            "<scope>Public</scope><references>only-an-identifier</references>",
            "cap.reference_malformed",
        ),
        ("<sent>2026-07-17T02:10:00+08:00", "<sent>2026-07-17T02:10:00Z", "cap.schema"),
        ("<sent>2026-07-17T02:10:00+08:00", "<sent>2026-07-17T02:10:00", "cap.schema"),
        ("<sent>2026-07-17T02:10:00+08:00", "<sent>2026-07-17 02:10:00+08:00", "cap.schema"),
        ("<sent>2026-07-17T02:10:00+08:00", "<sent>2026-02-30T02:10:00+08:00", "cap.schema"),
        ("<sent>2026-07-17T02:10:00", "<sent>2026-07-17T24:00:00", "cap.time_impossible"),
        ("<sent>2026-07-17T02:10:00", "<sent>0001-01-01T00:00:00", "cap.time_impossible"),
        ("<sent>2026-07-17T02:10:00", "<sent>9999-12-31T23:00:00", "cap.time_impossible"),
        (
            "<expires>2026-07-17T05:10:00+08:00",
            "<expires>2026-07-17T01:10:00+08:00",
            "cap.expires_before_start",
        ),
        ("28.0,109.0</polygon>", "28.0,109.2</polygon>", "shape.polygon_not_closed"),
        ("28.1,109.0 28.1,109.1 ", "", "shape.polygon_too_short"),
        ("28.1,109.0", "109.0,28.1", "shape.position_out_of_range"),
        ("28.1,109.0", "28.1,east", "shape.polygon_malformed"),
        ("28.1,109.0", "28.1,1e2", "shape.polygon_malformed"),
        ("28.1,109.0", "nan,nan", "shape.polygon_malformed"),
        ("28.05,109.05 12.5", "28.05,109.05", "shape.circle_malformed"),
        ("28.05,109.05 12.5", "28.05,109.05 -1", "shape.circle_radius"),
        ("28.05,109.05 12.5", "28.05,109.05 99999", "shape.circle_radius"),
        ("28.05,109.05 12.5", "98.05,109.05 1", "shape.position_out_of_range"),
        (
            "<area>",
            "<parameter><valueName>secClassification</valueName><value>Secret</value></parameter>"
            "<area>",
            "cap.classified",
        ),
    ],
)
def test_a_message_whose_meaning_is_lost_is_rejected(old, new, code):
    result = check(spoilt(CAP, old, new))

    assert result.verdict == "rejected"
    assert code in codes(result.errors)
    assert result.errors[0].line > 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<status>Actual", "<status>Exercise", "cap.exercise_without_note"),
        (
            "<scope>Public</scope>",
            "<scope>Private</scope><addresses>duty-room</addresses>",
            "cap.not_public",
        ),
        ("12.5</circle>", "0</circle>", "cap.circle_empty"),
        ("</geocode>", "</geocode><ceiling>100</ceiling>", "cap.ceiling_without_altitude"),
        (
            "<expires>",
            "<onset>2026-07-17T01:00:00+08:00</onset><expires>",
            "cap.effective_after_onset",
        ),
    ],
)
def test_a_doubtful_message_is_accepted_and_pointed_out(old, new, code):
    result = check(spoilt(CAP, old, new))

    assert result.verdict == "accepted"
    assert code in codes(result.warnings)


def test_an_update_names_what_it_updates():
    triple = "example@county.invalid,示例-0,2026-07-17T01:00:00+08:00"
    document = spoilt(
        CAP.replace("<msgType>Alert", "<msgType>Update"),
        "<scope>Public</scope>",
        f"<scope>Public</scope><references>{triple}</references>",
    )

    warning = check(document).alerts[0]

    assert warning.references == ("示例-0",)
    assert warning.reference_triples == (triple,)


def test_blocks_that_differ_only_in_area_are_one_warning_and_others_are_kept_apart():
    start, end = CAP.index("<info>"), CAP.index("</info>") + len("</info>")
    block = CAP[start:end]
    elsewhere = block.replace("433126100000", "433126101000").replace("甲镇", "乙乡")
    milder = elsewhere.replace("Extreme", "Severe")

    together = check(CAP.replace(block, block + elsewhere).encode())
    apart = check(CAP.replace(block, block + milder).encode())

    assert [warning.geocodes for warning in together.alerts] == [("433126100000", "433126101000")]
    assert [(warning.level, warning.part) for warning in apart.alerts] == [
        ("red", 0),
        ("orange", 1),
    ]
    assert [warning.identifier for warning in apart.alerts] == ["示例-1", "示例-1#2"]
    assert codes(apart.warnings) == ["cap.several_parts"]


@pytest.mark.parametrize("centre", [(109.05, 28.05), (0.0, 0.0), (179.99, 60.0), (-70.0, -55.0)])
@pytest.mark.parametrize("radius_km", [0.05, 12.5, 300.0])
def test_a_circle_as_a_ring_leaves_nobody_inside_it_out(centre, radius_km):
    ring = ring_round((*centre, radius_km))

    assert ring[0] == ring[-1]
    distances = [distance_km(centre, corner) for corner in ring]
    assert min(distances) >= radius_km
    assert max(distances) <= radius_km * 1.002
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(ring) if abs(a[0] - b[0]) < 180
    ]
    assert min(distance_km(centre, middle) for middle in middles) >= radius_km * 0.997


def distance_km(one, other) -> float:
    east, north = (math.radians(one[index] - other[index]) for index in (0, 1))
    cosines = math.cos(math.radians(one[1])) * math.cos(math.radians(other[1]))
    half = math.sin(north / 2) ** 2 + cosines * math.sin(east / 2) ** 2
    return 2 * 6_371.0088 * math.asin(math.sqrt(half))


def test_outlines_are_polygons_and_circles_alike():
    warning = check(CAP.encode()).alerts[0]

    assert len(outlines(warning)) == 2
    assert outlines(replace(warning, circles=((109.0, 28.0, 0.0),))) == warning.polygons


def test_chinese_is_preferred_over_another_language():
    start, end = CAP.index("<info>"), CAP.index("</info>") + len("</info>")
    block = CAP[start:end]
    english = block.replace("zh-CN", "en-US").replace("<event>暴雨", "<event>Rainstorm")

    result = check(CAP.replace(block, english + block).encode())

    assert [warning.event_name for warning in result.alerts] == ["暴雨"]


# --- older versions

CAP_11 = CAP.replace("cap:1.2", "cap:1.1")
CAP_10 = """<alert xmlns="http://www.incident.com/cap/1.0">
<identifier>old-1</identifier><sender>a@b.invalid</sender><sent>2004-01-01T00:00:00Z</sent>
<password>secret</password><status>Actual</status><scope>Public</scope><msgType>Alert</msgType>
<info><category>Met</category><event>Storm</event><urgency>Expected</urgency>
<severity>Minor</severity><certainty>Very Likely</certainty><eventCode>SAME=SVR</eventCode>
<parameter>colour=yellow</parameter>
<resource><resourceDesc>a map</resourceDesc></resource>
<area><areaDesc>a valley</areaDesc><geocode>GB/T2260-12=433126100000</geocode></area></info></alert>
"""


def test_cap_1_1_is_migrated_and_says_the_same():
    old, new = check(CAP_11.encode()), check(CAP.encode())

    assert (old.verdict, old.format) == ("migrated", "cap-1.1")
    assert replace(old.alerts[0], source_format="", digest="") == replace(
        new.alerts[0], source_format="", digest=""
    )


def test_cap_1_0_is_migrated_and_every_change_is_named():
    result = check(CAP_10.encode())

    assert (result.verdict, result.format) == ("migrated", "cap-1.0")
    warning = result.alerts[0]
    assert (warning.certainty, warning.level) == ("Likely", "yellow")
    assert warning.geocodes == ("433126100000",)
    changed = [finding.field for finding in result.warnings if "migration" in finding.code]
    assert changed == ["sent", "certainty", "resource", "password"]


def test_an_invalid_old_message_is_rejected():
    assert check(spoilt(CAP_11, "<scope>Public</scope>", "")).verdict == "rejected"


# --- envelopes


def inside(document: str) -> str:
    return document[document.index("<alert") :]


def test_an_atom_list_may_carry_whole_warnings_beside_links():
    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title>
      <updated>2026-07-17T02:10:00Z</updated><author><name>n</name></author>
      <entry><id>1</id><title>whole</title><updated>2026-07-17T02:10:00Z</updated>
        <content type="application/cap+xml">{inside(CAP)}</content></entry>
      <entry><id>2</id><title>a link</title><updated>2026-07-17T02:10:00Z</updated>
        <link href="https://example.invalid/2"/></entry></feed>"""

    result = check(feed.encode())

    assert (result.verdict, result.format, len(result.alerts)) == ("accepted", "atom", 1)
    assert [(entry.title, entry.link) for entry in result.entries] == [
        ("a link", "https://example.invalid/2")
    ]


def test_a_distribution_with_a_secrecy_mark_is_refused():
    edxl = f"""<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">
      <distributionID>1</distributionID><senderID>a@b</senderID>
      <dateTimeSent>2026-07-17T02:10:00+08:00</dateTimeSent>
      <distributionStatus>Actual</distributionStatus><distributionType>Report</distributionType>
      <combinedConfidentiality>UNCLASSIFIED</combinedConfidentiality>
      <contentObject><xmlContent><embeddedXMLContent>{inside(CAP)}</embeddedXMLContent>
      </xmlContent></contentObject></EDXLDistribution>"""

    assert check(edxl.encode()).verdict == "accepted"
    secret = check(spoilt(edxl, "UNCLASSIFIED", "SECRET"))
    assert (secret.verdict, codes(secret.errors)) == ("rejected", ["cap.classified"])
    assert codes(check(spoilt(edxl, "Report", "Gossip")).errors) == ["envelope.field_wrong"]
    assert codes(check(spoilt(edxl, inside(CAP), "")).errors) == ["envelope.no_warning"]


# --- signatures


def make_certificate(name, *, issuer=None, is_authority=False, years=(2020, 2040)):
    """(key, certificate); signed by `issuer`, a pair like it, or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    issuer_key, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(years[0], 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(years[1], 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return key, builder.sign(issuer_key, hashes.SHA256())


def pem(pair) -> bytes:
    return pair[1].public_bytes(serialization.Encoding.PEM)


def sign(document: bytes, pair) -> bytes:
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256, digest_algorithm=DigestAlgorithm.SHA256
    )
    signed = signer.sign(etree.fromstring(document), key=pair[0], cert=[pair[1]])
    return etree.tostring(signed)


@pytest.fixture(scope="module")
def office():
    return make_certificate("示例县气象局")


@pytest.fixture(scope="module")
def signed(office):
    return sign(CAP.encode(), office)


def test_a_signature_by_a_trusted_certificate_is_valid_and_names_the_signer(office, signed):
    result = check(signed, trust_anchors=[pem(office)])

    signature = result.alerts[0].signature
    assert (signature.present, signature.valid, signature.state) == (True, True, "valid")
    assert "示例县气象局" in signature.signer
    assert result.warnings == ()


def test_a_signature_by_a_certificate_of_a_trusted_authority_is_valid():
    root = make_certificate("示例根", is_authority=True)
    office = make_certificate("示例县气象局", issuer=root)
    no_authority = make_certificate("冒充的根", is_authority=False)
    issued_by_nobody = make_certificate("冒充的局", issuer=no_authority)

    good = check(sign(CAP.encode(), office), trust_anchors=[pem(root)])
    bad = check(sign(CAP.encode(), issued_by_nobody), trust_anchors=[pem(no_authority)])

    assert good.alerts[0].signature.valid
    assert not bad.alerts[0].signature.valid


def test_a_signature_by_a_stranger_is_only_a_doubt_and_never_valid(signed):
    stranger = make_certificate("陌生人")

    for anchors in ([], [pem(stranger)]):
        result = check(signed, trust_anchors=anchors)
        assert result.verdict == "accepted"
        assert codes(result.warnings) == ["cap.signature_untrusted"]
        assert not result.alerts[0].signature.valid


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_message_altered_after_signing_is_rejected(office, signed, is_trusted):
    altered = signed.replace(b"12.5", b"99.5")
    assert altered != signed

    result = check(altered, trust_anchors=[pem(office)] if is_trusted else [])

    assert codes(result.errors) == ["cap.signature_broken"]


def test_a_certificate_not_valid_when_the_message_was_sent_proves_nothing():
    expired = make_certificate("过期", years=(2000, 2010))

    result = check(sign(CAP.encode(), expired), trust_anchors=[pem(expired)])

    assert not result.alerts[0].signature.valid


def test_a_signature_moved_onto_another_message_is_not_valid(office, signed):
    """Signature wrapping: a good signature over something else than what is read."""
    signature = etree.fromstring(signed).find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    forged = etree.fromstring(spoilt(CAP, "暴雨</event>", "晴天</event>"))
    forged.append(signature)

    result = check(etree.tostring(forged), trust_anchors=[pem(office)])

    assert result.verdict == "rejected"


def test_a_signed_warning_inside_a_distribution_is_still_valid(office, signed):
    feed = (
        b"""<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title>
      <updated>2026-07-17T02:10:00Z</updated><entry><id>1</id><title>w</title>
      <updated>2026-07-17T02:10:00Z</updated><content type="application/cap+xml">"""
        + signed
        + (b"</content></entry></feed>")
    )

    result = check(feed, trust_anchors=[pem(office)])

    assert result.errors == ()
    assert result.alerts[0].signature.valid


def test_what_is_no_certificate_is_refused_before_anything_is_read():
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        check(CAP.encode(), trust_anchors=["not a certificate"])


# --- writing

LOST_ON_THE_WAY = {"digest", "source_format", "signature", "reference_triples", "inferred", "part"}
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=20
)
names = words.map(lambda text: text.translate(str.maketrans("，,<&；;", "------")))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
degrees = st.integers(-89_0000000, 89_0000000).map(lambda number: number / 1e7)


@st.composite
def warnings(draw):
    sent_at = draw(moments)
    code = draw(st.sampled_from([code for code in event_codes() if len(code) == 5]))
    level = draw(st.sampled_from(LEVELS))
    points = draw(st.lists(st.tuples(degrees, degrees), min_size=3, max_size=6))
    identifier = draw(names)
    is_update = draw(st.booleans())
    return Warning(
        source_format="cap-1.2",
        identifier=identifier,
        sent_at=sent_at,
        sender=draw(names),
        sender_code=draw(st.from_regex(r"\A[0-9]{14}\Z")),
        issuer=draw(words),
        msg_type="Update" if is_update else "Alert",
        references=(draw(names),) if is_update else (),
        note=draw(words),
        categories=("Met",),
        event_code=code,
        event_name=draw(words),
        level=level.colour,
        severity=level.cap_severity,
        urgency="Immediate",
        certainty="Likely",
        effective_at=sent_at,
        expires_at=sent_at + timedelta(hours=draw(st.integers(1, 240))),
        is_continued=draw(st.booleans()),
        headline=draw(words),
        description=draw(words),
        instruction=draw(words),
        area_descriptions=(draw(words),),
        geocodes=("433126100000",),
        polygons=((*points, points[0]),),
        circles=((*draw(st.tuples(degrees, degrees)), 12.5),),
    )


@settings(max_examples=60, deadline=None)
@given(warnings())
def test_what_is_written_reads_back_the_same(warning):
    result = check(write_cap(warning))

    assert result.errors == ()
    for field in fields(Warning):
        if field.name not in LOST_ON_THE_WAY:
            assert getattr(result.alerts[0], field.name) == getattr(warning, field.name), field.name


def test_what_is_written_again_is_the_same_bytes():
    once = write_cap(check(CAP.encode()).alerts[0])

    assert write_cap(check(once).alerts[0]) == once


@pytest.mark.parametrize(
    ("action", "response"), [("继续发布", ""), ("解除", "<responseType>AllClear</responseType>")]
)
def test_a_pasted_update_that_names_nothing_is_written_as_a_valid_message(action, response):
    text = f"示例县气象台2026年7月17日2时10分{action}暴雨红色预警信号。"
    warning = check(text.encode()).alerts[0]

    document = write_cap(warning)

    assert check(document).errors == ()
    assert response in document.decode()
    assert check(document).alerts[0].headline == warning.headline


def test_a_language_tag_that_is_none_does_not_spoil_the_document():
    warning = replace(check(CAP.encode()).alerts[0], language="中文 ")

    assert check(write_cap(warning)).errors == ()


def test_words_that_xml_cannot_hold_do_not_stop_a_warning():
    warning = replace(check(CAP.encode()).alerts[0], description="水\x00位\x0b上涨\ud800")

    assert check(write_cap(warning)).alerts[0].description == "水位上涨"


def test_the_public_feed_validates_and_carries_every_warning_whole():
    warning = check(CAP.encode()).alerts[0]
    feed = write_feed(
        identifier="urn:example:feed",
        title="示例县在发预警",
        author="示例县应急管理局",
        link="https://example.invalid/feed.atom",
        updated_at=SENT,
        warnings=[(warning, "https://example.invalid/1"), (warning, "https://example.invalid/2")],
    )

    result = check(feed)

    assert (result.verdict, result.format, len(result.alerts)) == ("accepted", "atom", 2)
    assert result.warnings == ()


def test_an_empty_feed_is_a_feed():
    feed = write_feed(identifier="i", title="t", author="a", link="l", updated_at=SENT, warnings=[])

    assert check(feed).verdict == "accepted"
