"""`fengsui register`: the same way in and out for whoever sits at the machine, with real data."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from fengsui.config import cli
from fengsui.foundation.places.models import MapSource, Place
from fengsui.standards.divisions import full_code
from tests.world import county as world
from tests.world.shared_data import shared


def run(*arguments: str) -> int:
    return cli.main(["register", *arguments])


@pytest.fixture
def here(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds a writer: this process."""
    from contextlib import nullcontext

    monkeypatch.setattr("fengsui.config.commands.register.a_writer", nullcontext)


def test_a_district_of_nepal_with_its_wards_and_households_goes_in(here: None, capsys: Any) -> None:
    folder = shared("admin/nepal_sindhupalchok")
    assert run("district", str(folder), "--code", "952401") == 0
    assert Place.objects.count() == 0  # only looked at
    assert run("district", str(folder), "--code", "952401", "--write") == 0
    said = capsys.readouterr().out
    assert "county 1  township 12  village 103  户 households 71697  人 people 260345" in said
    wards = Place.objects.filter(level="village")
    assert wards.count() == 103
    assert all(one.geometry and one.households_count and one.people_count for one in wards)
    assert sum(one.households_count or 0 for one in wards) == 71_697
    assert sum(one.people_count or 0 for one in wards) == 260_345
    seventh = Place.objects.get(name="Chautara Sangachok Gadhi-07")
    assert (seventh.households_count, seventh.people_count) == (794, 2_860)
    assert seventh.code[9:] == "207"
    town = Place.objects.get(code=seventh.parent_code)
    assert (town.level, town.name) == ("township", "Chautara Sangachok Gadhi")
    assert town.parent_code == "952401000000"
    assert MapSource.objects.filter(text__contains="ODbL").exists()
    before = Place.objects.count()
    assert run("district", str(folder), "--code", "952401", "--write") == 0
    assert "新增 new 0  更改 changed 0" in capsys.readouterr().out
    assert Place.objects.count() == before


def test_a_code_of_a_chinese_county_is_not_given_away(here: None, capsys: Any) -> None:
    folder = shared("admin/nepal_sindhupalchok")
    assert run("district", str(folder), "--code", "433126", "--write") == 1
    assert "9 开头" in capsys.readouterr().err


def test_the_villages_of_a_real_county_go_in_from_its_own_table(
    here: None, tmp_path: Path, capsys: Any
) -> None:
    folder = shared("admin/guzhang_433126")
    county = tmp_path / "county.csv"
    county.write_text("code,name\n433126000000,古丈县\n")
    for file in (county, folder / "towns.csv", folder / "villages.csv"):
        assert run("import", "places", str(file), "--write") == 0, capsys.readouterr()
    with (folder / "villages.csv").open(encoding="utf-8-sig") as handle:
        rows = list(csv.DictReader(handle))
    assert Place.objects.filter(level="village").count() == len(rows) == 112
    for row in rows:
        held = Place.objects.get(code=full_code(row["code"]))
        assert held.name == row["name"]
        assert (held.lon_e7 is not None) == bool(row["lon"])
        assert held.parent_code == full_code(row["town_code"])
    assert run("import", "places", str(folder / "villages.csv")) == 0
    assert "一致 same 112" in capsys.readouterr().out


def test_a_register_goes_out_and_in_at_the_command_line(
    here: None, tmp_path: Path, capsys: Any
) -> None:
    world.build()
    file = tmp_path / "places.csv"
    assert run("export", "places", str(file), "--recipient", "示意县水利局") == 0
    assert "示意县水利局" in file.read_text(encoding="utf-8-sig")
    assert run("import", "places", str(file), "--write") == 0
    assert "新增 new 0  更改 changed 0" in capsys.readouterr().out
    assert run("list") == 0


def test_a_file_that_is_no_table_is_refused_in_words(
    here: None, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "f.xlsx"
    file.write_bytes(b"PK\x03\x04" + b"x" * 100)
    assert run("import", "places", str(file), "--write") == 1
    assert "残缺" in capsys.readouterr().err
