"""An office's sheet of households: reading, checking, writing and undoing it, each by itself.

`python -m bench.imports [--rows 2000 20000 50000]` prints one JSON object. The sheet is made up
(xlsx by the ledger's headers: village as a path of names, head, people, responsible person by name
and number, relative's number), with one row in a hundred misspelt. It goes the whole production
way in one process that holds the pen: pieces, sandbox, cells, preview, commands of at most 200
rows with their durable commits. Memory: the most that this process and, apart, the sandbox took.
The floor, in the same run: the same rows put into the table of households by one raw
`executemany` and one durable commit, without record, checks or preview.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SEED = 20261122
TOWNSHIPS, VILLAGES, PERSONS = 30, 12, 2_000
COUNTY = "439901000000"
HEADER = ("所在村", "户主", "家庭人口", "包保责任人", "包保责任人电话", "亲属姓名", "亲属电话")
GIVEN = "山水木石田春夏秋冬明清安平和兴福贵生来发云龙凤梅兰竹菊东南西北中正"


def _places() -> list[dict[str, Any]]:
    rows = [{"code": COUNTY, "name": "示意县"}]
    for town in range(TOWNSHIPS):
        rows.append({"code": f"4399011{town:02d}000", "name": f"{GIVEN[town]}溪乡"})
        rows += [
            {"code": f"4399011{town:02d}2{one:02d}", "name": f"{GIVEN[one]}{GIVEN[town]}村"}
            for one in range(VILLAGES)
        ]
    return rows


def _sheet(count: int, path: Path) -> int:
    import xlsxwriter

    chance = random.Random(SEED)
    places = {row["code"]: row["name"] for row in _places()}
    villages = [code for code in places if not code.endswith("000")]
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("示意县受威胁群众登记表",))
    sheet.write_row(1, 0, HEADER)
    for n in range(count):
        code = villages[n * 7919 % len(villages)]
        person = chance.randrange(PERSONS)
        village = places[code][:-1] + ("材" if n % 100 == 99 else "村")
        sheet.write_row(
            n + 2,
            0,
            (places[code[:9] + "000"] + village, f"示意{n:05d}户", 1 + n % 6, f"示意员{person:04d}",
             f"0002{person:07d}", f"示意亲{n % 977}", f"0003{n:07d}"),
        )  # fmt: skip
    book.close()
    return path.stat().st_size


def _floor(count: int) -> float:
    from django.db import connection, transaction

    columns = [one.column for one in _household()._meta.concrete_fields if one.column != "id"]
    fill = {
        "place_code": "439901100200", "label": "示意户", "people_count": 3, "assist_level": 0,
        "assist_people": 0, "relative_name": "示意", "relative_phone": "0003", "tonight_people": 3,
        "is_invented": True, "is_withdrawn": False, "field_clock": "{}",
    }  # fmt: skip
    rows = [[fill.get(name) for name in columns] for _ in range(count)]
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO people_household ({', '.join(columns)}) VALUES ({marks})"
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, rows)
    return time.perf_counter() - began


def _household() -> Any:
    from fengsui.foundation.people.models import Household

    return Household


def _check(one: Any) -> None:
    from fengsui.config.commands.register import check
    from fengsui.foundation.access.viewer import node_viewer

    columns = dict(zip(one.plan["headers"], one.plan["targets"], strict=True))
    check(node_viewer(), one, columns, {}, "wgs84")


class Watch:
    """Seconds by the clock and of the processor (this process and its children) a step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self._at = (time.perf_counter(), self._used())

    @staticmethod
    def _used() -> float:
        used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(one.ru_utime + one.ru_stime for one in used)

    def note(self, step: str) -> None:
        now = (time.perf_counter(), self._used())
        self.seconds[step], self.processor[step] = now[0] - self._at[0], now[1] - self._at[1]
        self._at = now


def _memory(who: int) -> int:
    return round(resource.getrusage(who).ru_maxrss / 1024)


def _run(count: int) -> dict[str, Any]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "fengsui.config.settings"
    import django

    django.setup()
    from fengsui.config.commands.county import a_writer
    from fengsui.config.commands.register import receive
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.imports import services
    from fengsui.foundation.imports.services import registers
    from fengsui.foundation.ledgers.services import undo
    from fengsui.foundation.people import services as people
    from fengsui.foundation.places import services as places

    viewer = node_viewer()
    with a_writer(), tempfile.TemporaryDirectory() as folder:
        places.register_places(viewer=viewer, county_code=COUNTY, places=_places())
        people.register_people(
            viewer=viewer,
            persons=[
                {"ref": f"p{n}", "name": f"示意员{n:04d}", "place_code": COUNTY}
                for n in range(PERSONS)
            ],
            contact_points=[
                {"person": f"p{n}", "kind": "phone", "value": f"0002{n:07d}"}
                for n in range(PERSONS)
            ],
        )
        file = Path(folder) / "sheet.xlsx"
        size = _sheet(count, file)
        memory_before = _memory(resource.RUSAGE_SELF)
        watch = Watch()
        one = receive(viewer, "households", file)
        watch.note("read")
        _check(one)
        watch.note("check")
        counts = dict(one.counts)
        with services.Staging(one.id) as staging:
            services.begin(one, staging, registers.get("households", viewer=viewer), viewer)
        services.work(one.id)
        watch.note("carry out")
        one.refresh_from_db()
        again = receive(viewer, "households", file)
        watch.note("read again")
        _check(again)
        watch.note("check again")
        undone = undo(
            viewer=viewer,
            change_set_id=int(registers.set_id(one.cause) or 0),
            reason="measured, then taken back",
        )
        watch.note("undo")
        seconds = watch.seconds
        total = seconds["read"] + seconds["check"] + seconds["carry out"]
        written = one.counts["outcome"]["created"]
        return {
            "rows": count,
            "file_mb": round(size / 1e6, 1),
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "processor_seconds": {name: round(value, 2) for name, value in watch.processor.items()},
            "rows_per_s": {
                **{name: round(count / value) for name, value in seconds.items()},
                "whole": round(count / total),
            },
            "preview": {name: counts[name] for name in ("new", "doubtful", "faulty")},
            "written": written,
            "same_again": again.counts["same"],
            "undone": undone["undone"],
            "memory_mb": {
                "this process, before": memory_before,
                "this process, most": _memory(resource.RUSAGE_SELF),
                "sandbox, most": _memory(resource.RUSAGE_CHILDREN),
            },
            "floor_raw_insert_rows_per_s": round(count / _floor(count)),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--one", type=int)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_run(args.one)))
        return
    results = []
    for count in args.rows:
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [sys.executable, "-m", "bench.imports", "--one", str(count)],
                env={**os.environ, "FENGSUI_HOME": home},
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        results.append(json.loads(done.stdout.splitlines()[-1]))
    print(
        json.dumps(
            {"bench": "imports", "seed": SEED, "python": platform.python_version(),
             "load": os.getloadavg()[0], "results": results},
            ensure_ascii=False, indent=2,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
