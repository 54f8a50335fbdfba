"""Every file of the real collections gets the verdict it deserves, with the reason why."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from fengsui.config.commands import warning as command
from fengsui.gateways.protocols import check
from tests.world.shared_data import shared


@dataclass(frozen=True)
class Expected:
    file: str
    verdict: str
    source_format: str
    alerts: int
    why: str
    error: str = ""  # code of the first error
    line: int = 0  # of the first error
    entries: int = 0
    doubts: tuple[str, ...] = ()


OASIS, GOOGLE = "cap/oasis", "cap/google-cap-library"
TABLE = (
    Expected(
        f"{OASIS}/example1.xml", "accepted", "cap-1.2", 1, "OASIS example: homeland security",
        doubts=("cap.area_by_words_only",),
    ),
    Expected(f"{OASIS}/example2.xml", "accepted", "cap-1.2", 1, "OASIS example with a polygon"),
    Expected(
        f"{OASIS}/example3.xml", "accepted", "cap-1.2", 1,
        "OASIS example: an update that names its predecessor; its circle is a point",
        doubts=("cap.circle_empty", "cap.area_by_words_only"),
    ),
    Expected(
        f"{OASIS}/example4.xml", "accepted", "cap-1.2", 1,
        "OASIS example in two languages: two info blocks are still one warning",
    ),
    Expected(
        f"{GOOGLE}/amber.rss", "accepted", "rss", 0,
        "a list that points to a warning and holds none", entries=1,
        doubts=("envelope.index_only",),
    ),
    Expected(f"{GOOGLE}/australia.cap", "accepted", "cap-1.2", 1, "prefixed names, a real circle"),
    Expected(
        f"{GOOGLE}/bushfire_valid.edxlde", "accepted", "edxl-de-1.0", 7,
        "an EDXL-DE distribution of seven warnings", doubts=("cap.circle_empty",) * 7,
    ),
    Expected(
        f"{GOOGLE}/bushfire_invalid.edxlde", "rejected", "edxl-de-1.0", 0,
        "one alert is empty and another has the urgency Foobar; five good ones do not save it",
        error="cap.schema", line=94, doubts=("cap.circle_empty",) * 5,
    ),
    Expected(
        f"{GOOGLE}/canada.cap", "accepted", "cap-1.2", 1,
        "English and French blocks with two areas each, an update with two references",
    ),
    Expected(
        f"{GOOGLE}/earthquake.cap", "migrated", "cap-1.1", 1, "valid CAP 1.1, brought up to 1.2",
        doubts=("cap.circle_empty", "cap.area_by_words_only"),
    ),
    Expected(
        f"{GOOGLE}/earthquake-iso8859-1.cap", "accepted", "cap-1.2", 1,
        "ISO-8859-1; signed with SHA-1 and a bare key, which proves nothing, so only a doubt",
        doubts=("cap.circle_empty", "cap.area_by_words_only", "cap.signature_untrusted"),
    ),
    Expected(
        f"{GOOGLE}/invalid.cap", "rejected", "cap-1.2", 0, "the required scope is missing",
        error="cap.schema", line=9,
    ),
    Expected(
        f"{GOOGLE}/invalid_element.atom", "rejected", "atom", 0,
        "an element foo in Atom's own namespace, which RFC 4287 does not know",
        error="envelope.field_unknown", line=5,
        doubts=("envelope.author_missing", "envelope.index_only"),
    ),
    Expected(
        f"{GOOGLE}/no_optional_fields.cap", "migrated", "cap-1.1", 1,
        "CAP 1.1 with nothing but what is required: legal, and says nothing",
        doubts=("cap.info_missing",),
    ),
    Expected(
        f"{GOOGLE}/weather_index.atom", "accepted", "atom", 0,
        "a list of two warnings with CAP 1.1 hints; it says itself that it is not the warnings",
        entries=2, doubts=("envelope.index_only",),
    ),
    Expected(
        f"{GOOGLE}/xee.cap", "rejected", "xml", 0, "an attack: a DTD with external entities",
        error="xml.dtd_forbidden", line=3,
    ),
    Expected(
        "cap/noaa_feed/noaa_atom_cap_feed_small.xml", "accepted", "atom", 0,
        "the weather service's list of 2017", entries=1, doubts=("envelope.index_only",),
    ),
    Expected(
        "cap/CAP-v1.2.xsd", "rejected", "unknown", 0, "a schema is not a warning",
        error="cap.not_a_warning", line=9,
    ),
    Expected(
        "alerts_cn/12379_henan_20200205_wind_blue.xml", "accepted", "12379", 1,
        "a real message of the national system; it does not say when it expires",
        doubts=("12379.expires_unknown",),
    ),
    Expected(
        "alerts_cn/cn_alert_json_samples.json", "accepted", "cn-json", 5,
        "five layouts with a warning each; the sixth entry is a table of codes",
        doubts=("json.actions_differ",),
    ),
    Expected(
        "alerts_cn/README.md", "rejected", "bulletin", 0, "English prose about warnings",
        error="bulletin.no_warning",
    ),
)  # fmt: skip


@pytest.mark.parametrize("expected", TABLE, ids=lambda expected: expected.file.split("/")[-1])
def test_a_real_file_gets_its_verdict(expected):
    result = check(shared(expected.file).read_bytes(), name=expected.file)

    found = (result.verdict, result.format, len(result.alerts), len(result.entries))
    wanted = (expected.verdict, expected.source_format, expected.alerts, expected.entries)
    assert found == wanted, expected.why
    first = result.errors[0] if result.errors else None
    assert (first.code, first.line) if first else (expected.error, expected.line) == ("", 0)
    assert tuple(doubt.code for doubt in result.warnings) == expected.doubts


def test_no_real_file_is_forgotten():
    present = {
        str(path.relative_to(shared(".")))
        for folder in ("cap", "alerts_cn")
        for path in shared(folder).rglob("*")
        if path.is_file()
    }
    assert present == {expected.file for expected in TABLE}


def test_the_command_prints_one_line_a_file_and_fails_when_one_is_rejected(capsys):
    good = shared(f"{GOOGLE}/australia.cap")
    bad = shared(f"{GOOGLE}/xee.cap")
    arguments = type("Arguments", (), {"verb": "check", "trust": [], "files": [good]})

    assert command.run(arguments) == 0
    arguments.files = [good, bad]
    assert command.run(arguments) == command.EXIT_REJECTED

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["verdict"], line["alerts"]) for line in lines] == [
        ("accepted", 1),
        ("accepted", 1),
        ("rejected", 0),
    ]
    assert {"file", "verdict", "format", "errors", "alerts"} <= lines[0].keys()
    assert lines[2]["errors"][0].keys() == {"code", "zh", "en", "line", "field"}


def test_a_file_that_is_not_there_is_rejected_not_a_crash(capsys, tmp_path):
    missing = [tmp_path / "gone.xml"]
    arguments = type("Arguments", (), {"verb": "check", "trust": [], "files": missing})

    assert command.run(arguments) == command.EXIT_REJECTED
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "file.not_found"


def test_a_trust_anchor_that_is_none_is_named(capsys, tmp_path):
    anchor = tmp_path / "not.pem"
    anchor.write_text("no certificate")
    arguments = type("Arguments", (), {"verb": "check", "trust": [anchor], "files": []})

    assert command.run(arguments) == command.EXIT_USAGE
    assert "--trust" in capsys.readouterr().err


def test_importing_what_is_rejected_does_not_trouble_the_node(capsys):
    arguments = type("Arguments", (), {"verb": "import", "file": shared(f"{GOOGLE}/xee.cap")})

    assert command.run(arguments) == command.EXIT_REJECTED
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "xml.dtd_forbidden"
