"""The real counties are loaded as they are, and broken folders are refused by file and row."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.places import queries, services
from fengsui.foundation.places.models import MapFeature, Place
from fengsui.foundation.places.rules import county_files
from tests.world.shared_data import shared

NODE = node_viewer()
GUZHANG = "433126000000"

TOWNS = """code,name,lon,lat,coord_source,villages
433126101,古阳镇,109.9,28.6,adcode2016,2
433126401,示意开发区,,,,0
"""
VILLAGES = """code,name,town_code,town_name,lon,lat,coord_source
433126101201,南山村,433126101,古阳镇,109.95,28.55,name
433126101202,无点村,433126101,古阳镇,,,
433126000201,直属村,,,109.92,28.52,name
"""
COUNTY = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":
{"adcode": "433126", "name": "古丈县", "source": "somebody (CC BY 4.0)"}, "geometry":
{"type": "Polygon", "coordinates":
[[[109.8,28.4],[110.2,28.4],[110.2,28.8],[109.8,28.8],[109.8,28.4]]]}}]}"""


def folder(**changes: str | bytes | None) -> dict[str, bytes]:
    files: dict[str, str | bytes | None] = {
        "county.geojson": COUNTY,
        "towns.csv": TOWNS,
        "villages.csv": VILLAGES,
    }
    files |= {name.replace("_", "."): content for name, content in changes.items()}
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in files.items()
        if content is not None
    }


def read_folder(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize(
    ("name", "code", "townships", "villages", "with_point", "rivers"),
    [
        ("guzhang_433126", "433126000000", 7, 112, 84, 2),
        ("fenghuang_433123", "433123000000", 17, 283, 231, 1),
    ],
)
def test_a_real_county_is_loaded_as_it_is(
    node, name, code, townships, villages, with_point, rivers
):
    files = read_folder(shared(f"admin/{name}"))

    report = services.import_county(viewer=NODE, files=files, source=name)

    assert report["county"]["code"] == code
    assert report["found"]["townships"] == townships
    assert report["found"]["villages"] == villages
    assert report["found"]["villages_with_point"] == with_point
    assert report["found"]["township_outlines"] == townships
    assert report["found"]["rivers"] == rivers
    assert len(report["missing"]["villages_without_point"]) == villages - with_point
    assert report["warnings"] == []
    assert any("CC BY 4.0" in text for text in report["attributions"])
    assert any("LGPL" in text for text in report["attributions"])
    drawn = queries.base_map(viewer=NODE)
    assert len(drawn["layers"]["villages"]["features"]) == with_point
    assert len(drawn["layers"]["townships"]["features"]) == townships
    assert all(
        "不是法定界线" in feature["properties"]["note"]
        for feature in drawn["layers"]["townships"]["features"]
    )
    assert drawn["attribution"] == report["attributions"]


def test_loading_the_same_county_again_records_nothing(node):
    files = read_folder(shared("admin/guzhang_433126"))
    services.import_county(viewer=NODE, files=files, source="first")
    facts = StoredFact.objects.count()

    report = services.import_county(viewer=NODE, files=files, source="second")

    assert report["recorded"] == {"places_recorded": 0, "features_recorded": 0, "facts": 0}
    assert StoredFact.objects.count() == facts


def test_levels_may_be_skipped_and_zones_stand_beside_townships(node):
    services.import_county(viewer=NODE, files=folder(), source="small")

    assert Place.objects.get(code="433126000201").parent_code == GUZHANG
    assert Place.objects.get(code="433126101201").parent_code == "433126101000"
    zone = Place.objects.get(code="433126401000")
    assert (zone.kind, zone.level) == ("zone", "township")
    assert [one.code for one in queries.children(GUZHANG, viewer=NODE)] == [
        "433126000201",
        "433126101000",
        "433126401000",
    ]


def test_a_township_directly_below_a_prefecture_finds_its_parent(node):
    """441900 is a prefecture without counties (handbook 1.1)."""
    services.register_places(
        viewer=NODE,
        county_code="441900000000",
        places=[
            {"code": "441900000000", "name": "示意市"},
            {"code": "441900003000", "name": "示意街道"},
            {"code": "441900003001", "name": "示意社区"},
            {"code": "441900003001001", "name": "第一网格"},
            {"code": "44190000300100101", "name": "第一组"},
        ],
        is_invented=True,
    )
    rows = {one.code: one for one in Place.objects.all()}
    assert rows["441900003000"].parent_code == "441900000000"
    assert rows["441900003001001"].kind == "grid"
    assert rows["44190000300100101"].parent_code == "441900003001001"
    assert rows["44190000300100101"].kind == "group"
    names = [one.name for one in queries.chain("44190000300100101", viewer=NODE)]
    assert names == ["示意市", "示意街道", "示意社区", "第一网格", "第一组"]


@pytest.mark.parametrize(
    ("changes", "file", "row", "field", "code"),
    [
        # a required file that is not there
        ({"towns_csv": None}, "towns.csv", None, "", "file_missing"),
        # saved by a spreadsheet in GBK
        ({"towns_csv": TOWNS.encode("gb18030")}, "towns.csv", None, "", "not_utf8"),
        ({"villages_csv": "code,name\n"}, "villages.csv", 1, "town_code", "column_missing"),
        # a code of another county, a short one, one that is no number
        (
            {"towns_csv": TOWNS.replace("433126401", "433127401")},
            "towns.csv", 3, "code", "bad_code",
        ),
        ({"towns_csv": TOWNS.replace("433126401", "4331264")}, "towns.csv", 3, "code", "bad_code"),
        (
            {"villages_csv": VILLAGES.replace("433126101202", "43312610120X")},
            "villages.csv", 3, "code", "bad_code",
        ),
        # the same village twice
        (
            {"villages_csv": VILLAGES.replace("433126101202", "433126101201")},
            "villages.csv", 3, "code", "duplicate_code",
        ),
        (
            {"villages_csv": VILLAGES.replace("433126101202,无点村,433126101",
                                              "433126102202,无点村,433126102")},
            "villages.csv", 3, "town_code", "unknown_town",
        ),
        (
            {"villages_csv": VILLAGES.replace("109.95,28.55", "109.95,")},
            "villages.csv", 2, "lon/lat", "half_point",
        ),
        (
            {"villages_csv": VILLAGES.replace("109.95,28.55", "东经109,28.55")},
            "villages.csv", 2, "lon", "bad_number",
        ),
        # longitude and latitude swapped
        (
            {"villages_csv": VILLAGES.replace("109.95,28.55", "28.55,109.95")},
            "villages.csv", 2, "lon/lat", "not_wgs84",
        ),
        (
            {"villages_csv": VILLAGES.replace("109.95,28.55", "nan,28.55")},
            "villages.csv", 2, "lon/lat", "not_wgs84",
        ),
        (
            {"villages_csv": VILLAGES.replace("南山村", " ")},
            "villages.csv", 2, "name", "empty_name",
        ),
        ({"county_geojson": "{"}, "county.geojson", None, "", "not_json"),
        (
            # the border crosses itself
            {"county_geojson": COUNTY.replace("[110.2,28.8],[109.8,28.8]",
                                              "[109.8,28.8],[110.2,28.8]")},
            "county.geojson", None, "", "bad_outline",
        ),
    ],
)  # fmt: skip
def test_a_broken_folder_is_refused_by_file_row_and_field(node, changes, file, row, field, code):
    with pytest.raises(Problem) as refusal:
        services.import_county(viewer=NODE, files=folder(**changes), source="broken")

    plain = refusal.value.to_plain()
    assert plain["code"] == "places.import_refused"
    first = plain["data"]["faults"][0]
    assert (first["file"], first["row"], first["field"], first["code"]) == (file, row, field, code)
    assert not Place.objects.exists()
    assert not MapFeature.objects.exists()
    assert not StoredFact.objects.exists()


def test_a_byte_order_mark_does_no_harm(node):
    files = folder(towns_csv="\ufeff" + TOWNS, villages_csv="\ufeff" + VILLAGES)
    services.import_county(viewer=NODE, files=files, source="spreadsheet")
    assert Place.objects.filter(level="village").count() == 3


def test_a_point_outside_the_county_is_named_and_left_out():
    files = folder(villages_csv=VILLAGES.replace("109.95,28.55", "109.0,28.0"))
    read = county_files.read(files)
    assert [warning.code for warning in read.warnings] == ["point_outside"]
    assert read.warnings[0].where == "villages.csv 第2行/row 2 lon/lat"
    assert read.counts()["villages_with_point"] == 1


def test_a_point_placed_by_hand_survives_the_next_import(node):
    services.import_county(viewer=NODE, files=folder(), source="first")
    bare = queries.without_point(viewer=NODE)
    assert [one["name"] for one in bare] == ["无点村"]

    services.place_point(viewer=NODE, code="433126101202", lon_e7=1099500000, lat_e7=285000000)
    renamed = VILLAGES.replace("无点村,433126101,古阳镇,,", "有点村,433126101,古阳镇,109.93,28.53")
    report = services.import_county(
        viewer=NODE, files=folder(villages_csv=renamed), source="second"
    )

    village = Place.objects.get(code="433126101202")
    assert (village.name, village.lon_e7) == ("有点村", 1099500000)
    assert report["missing"]["villages_without_point"] == []
    assert queries.without_point(viewer=NODE) == []


def test_a_river_that_changed_replaces_the_old_one(node):
    river = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"level": "3", "source": "GSHHG"}, "geometry": {"type": "LineString", '
        '"coordinates": [[109.9, 28.5], [110.0, 28.6]]}}]}'
    )
    files = folder() | {"rivers_gshhg.geojson": river.encode()}
    services.import_county(viewer=NODE, files=files, source="first")
    files["rivers_gshhg.geojson"] = river.replace("110.0", "110.1").encode()
    services.import_county(viewer=NODE, files=files, source="second")
    drawn = queries.base_map(viewer=NODE)["layers"]["rivers"]["features"]
    assert [one["geometry"]["coordinates"][1] for one in drawn] == [[110.1, 28.6]]


def test_places_named_in_a_text_are_found(node):
    services.import_county(viewer=NODE, files=folder(), source="small")
    found = queries.codes_named_in("预计古阳、南山村将出现强降水", within=GUZHANG, viewer=NODE)
    assert set(found) == {"433126101000", "433126101201"}
