"""The search box over a county, a city, and a million households.

`python -m bench.search [--households 10000 100000 1000000]` prints one JSON object. Rows are put
into the tables directly (random Han names from a seed, nobody's), the index is built by the
production step, then each kind of question is asked RUNS times through the production read, as a
county's officer and as a village secretary. Memory is this process's. The floor, in the same run:
the same number of rows read by primary key with one raw statement, and what a plain
`label LIKE '%…%'` over the households takes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

SEED = 20261122
RUNS = 60
STEPS_PER_COMMIT = 10
TOWNSHIPS, VILLAGES = 30, 12
COUNTY = "439901000000"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜单曾"
GIVEN = "一二三大小山水木石田春夏秋冬明清安平和兴福贵生来发云龙凤梅兰竹菊东南西北中正"


def villages() -> list[str]:
    return [
        f"4399011{town:02d}2{one:02d}"
        for town in range(1, TOWNSHIPS + 1)
        for one in range(1, VILLAGES + 1)
    ]


def _fill(households: int) -> None:
    chance = random.Random(SEED)
    codes = villages()
    places = [COUNTY, *sorted({code[:9] + "000" for code in codes}), *codes]
    _insert(
        "places_place",
        ("code", "level", "name", "parent_code", "kind", "coord_source", "geometry_note",
         "is_invented", "field_clock", "is_withdrawn"),
        [(code, "village", f"{chance.choice(GIVEN)}{chance.choice(GIVEN)}坪", "", "division", "",
          "", True, "{}", False) for code in places],
    )  # fmt: skip

    def name() -> str:
        return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.randint(1, 2)))

    people = households // 10
    _insert(
        "people_person",
        ("id", "name", "place_code", "is_invented", "field_clock", "is_withdrawn"),
        [(n, name(), chance.choice(codes), True, "{}", False) for n in range(1, people + 1)],
    )
    _insert(
        "people_contactpoint",
        ("id", "person_id", "place_code", "kind", "value", "field_clock", "is_withdrawn"),
        [(n, n, codes[n % len(codes)], "phone", f"000{chance.randrange(10**8):08d}", "{}", False)
         for n in range(1, people + 1)],
    )  # fmt: skip
    _insert(
        "people_household",
        ("id", "place_code", "label", "people_count", "assist_level", "assist_people",
         "relative_name", "relative_phone", "tonight_people", "is_invented", "field_clock",
         "is_withdrawn"),
        [(n, codes[n * 7919 % len(codes)], name(), 3, 0, 0, "", "", 3, True, "{}", False)
         for n in range(1, households + 1)],
    )  # fmt: skip


def _insert(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    extra = {
        row.name: 0 if "int" in (row.type_code or "").lower() else ""
        for row in connection.introspection.get_table_description(connection.cursor(), table)
        if row.name not in columns and not row.null_ok and row.name != "id"
    }
    names = (*columns, *extra)
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row, *extra.values()) for row in rows])


def _build() -> float:
    from django.db import transaction

    from fengsui.foundation.journal import clock
    from fengsui.review.search.services import follow

    began = time.perf_counter()
    now = clock.now()
    more = True
    while more:
        # One durable commit for some steps, as the writer does with what came in one turn.
        with transaction.atomic():
            for _ in range(STEPS_PER_COMMIT):
                more = bool(follow(now))
    return time.perf_counter() - began


def _measure(ask: Callable[[], Any]) -> dict[str, float]:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {
        "median_ms": round(statistics.median(times), 2),
        "p99_ms": round(times[min(RUNS - 1, int(RUNS * 0.99))], 2),
    }


def _questions() -> dict[str, str]:
    from fengsui.foundation.people.models import ContactPoint, Household

    one = Household.objects.order_by("id")[17]
    number = ContactPoint.objects.order_by("id")[5].value
    return {
        "whole name": one.label,
        "two characters": one.label[-2:],
        "surname and first": one.label[:2],
        "initials": "zd",
        "pinyin": "zhang",
        "last four digits": number[-4:],
        "whole number": number,
        "division code": villages()[3],
        "place and name": f"坪 {one.label}",
        "nothing": "龘龘",
    }


def _run(households: int) -> dict[str, Any]:
    os.environ.update(FENGSUI_ROLE="writer", DJANGO_SETTINGS_MODULE="fengsui.config.settings")
    import django
    from django.core.management import call_command
    from django.db import connection, transaction

    django.setup()
    call_command("migrate", database="default", verbosity=0)
    with transaction.atomic():
        _fill(households)
    seconds = _build()
    from fengsui.foundation.access.viewer import Grant, Scope, Viewer
    from fengsui.review.search import queries
    from fengsui.review.search.models import SearchKey

    keys = SearchKey.objects.count()
    viewers = {
        "county": Viewer(1, "示意", (Grant("duty_officer", Scope("439901")),)),
        "village": Viewer(2, "示意", (Grant("village_secretary", Scope(villages()[0])),)),
    }
    questions = _questions()
    answers = {
        who: {
            what: _measure(lambda q=question, v=viewer: queries.find(q, viewer=v))
            for what, question in questions.items()
        }
        for who, viewer in viewers.items()
    }

    def by_key() -> None:
        with connection.cursor() as cursor:
            marks = ",".join(["%s"] * 24)
            cursor.execute(
                f"SELECT * FROM people_household WHERE id IN ({marks})",
                list(range(100, 124)),
            )
            cursor.fetchall()

    def by_like() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM people_household WHERE label LIKE %s LIMIT 8", ["%龘龘%"]
            )
            cursor.fetchall()

    return {
        "households": households,
        "rows_indexed": households + households // 10 + len(villages()),
        "keys": keys,
        "index_rows_per_s": round((households * 1.1) / seconds),
        "database_mb": round(os.path.getsize(connection.settings_dict["NAME"]) / 1e6),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "worst_p99_ms": max(one["p99_ms"] for who in answers.values() for one in who.values()),
        "answers": answers,
        "floor": {"24 rows by key": _measure(by_key), "LIKE over all": _measure(by_like)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--one", type=int)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_run(args.one)))
        return
    results = []
    for count in args.households:
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [sys.executable, "-m", "bench.search", "--one", str(count)],
                env={**os.environ, "FENGSUI_HOME": home},
                check=True,
                capture_output=True,
                text=True,
            )
        results.append(json.loads(done.stdout))
    print(
        json.dumps(
            {"bench": "search", "seed": SEED, "python": platform.python_version(),
             "load": os.getloadavg()[0], "runs": RUNS, "results": results},
            ensure_ascii=False, indent=2,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
