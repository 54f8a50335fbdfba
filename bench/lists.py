"""One page of a ledger among a million rows: whatever it is sorted and filtered by.

    python -m bench.lists [--households 10000 100000 1000000] [--runs 40]    one line of JSON

Rows are put into the tables directly (random Han names from a seed, nobody's). Each question goes
through the whole web process (Django's client: session, rights, JSON), as a county's officer and
as a township's, at the first page, in the middle and at the end. `floor`: the same 50 rows by one
raw statement in the same order with nothing else done, in the same run. The verdict takes the time
of the processor, since a page is one thread's work (the database runs in the process) and a busy
machine says nothing about it; the time on the wall stands beside it.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.search import COUNTY, GIVEN, SEED, SURNAMES, _insert, villages

RUNS = 40
TARGET_MS = 100.0
PATH = "/api/v1/ledgers/households/rows"
TOWNSHIP = "439901115000"
QUESTIONS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "200 rows": {"limit": 200},
    "by name": {"order": "label"},
    "by name, downwards": {"order": "-label"},
    "by people, downwards": {"order": "-people_count"},
    "by level of help, downwards": {"order": "-assist_level"},
    "help needed": {"where": '{"assist_level": "3"}'},
    "help needed, by name": {"where": '{"assist_level": "3"}', "order": "label"},
    "nine people and more": {"where": '{"people_count": [9, null]}'},
    "twenty people and more, by name": {
        "where": '{"people_count": [20, null]}',
        "order": "label",
    },
    "of one person who answers for it": {"where": '{"responsible_person": "7"}'},
    "a text": {"q": "王春"},
    "a text that nobody bears": {"q": "甲乙丙"},
    "one village": {"under": "439901115203"},
    "one village, by name": {"under": "439901115203", "order": "label"},
    "withdrawn": {"state": "withdrawn"},
}


def fill(households: int) -> None:
    """A county of 30 townships, a tenth of the households' number of persons."""
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

    people = max(households // 10, 1_000)
    _insert(
        "people_person",
        ("id", "name", "place_code", "is_invented", "field_clock", "is_withdrawn"),
        [(n, name(), chance.choice(codes), True, "{}", False) for n in range(1, people + 1)],
    )

    def household(n: int) -> tuple[Any, ...]:
        count = min(int(chance.expovariate(0.35)) + 1, 40)
        level = chance.choices((0, 1, 2, 3), (90, 6, 3, 1))[0]
        person = n % people + 1
        return (n, codes[n * 7919 % len(codes)], name(), count, level, int(level > 0), "示意",
                "00012345678", count, True, "{}", n % 1000 == 0, *[person] * 3)  # fmt: skip

    _insert(
        "people_household",
        ("id", "place_code", "label", "people_count", "assist_level", "assist_people",
         "relative_name", "relative_phone", "tonight_people", "is_invented", "field_clock",
         "is_withdrawn", "responsible_person_id", "group_head_id", "contact_person_id"),
        [household(n) for n in range(1, households + 1)],
    )  # fmt: skip


def client(grant: list[str]) -> Any:
    """A signed-in browser of a person with one role over one place."""
    from django.test import Client

    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.accounts import services as accounts
    from fengsui.foundation.accounts.queries import SESSION_PERSON
    from fengsui.foundation.people import services as people

    ids = people.register_people(
        viewer=node_viewer(), persons=[{"ref": "a", "name": "示意甲", "place_code": grant[1]}]
    )
    accounts.register_account(viewer=node_viewer(), person_id=ids["a"], grants=[grant])
    browser = Client()
    session = browser.session
    session[SESSION_PERSON] = ids["a"]
    session.save()
    return browser


Times = list[tuple[float, float]]  # milliseconds on the wall, of the processor


def measure(ask: Callable[[], Any], runs: int) -> Times:
    times = []
    for _ in range(runs):
        began, began_here = time.perf_counter(), time.process_time()
        ask()
        here_ms = (time.process_time() - began_here) * 1000
        times.append(((time.perf_counter() - began) * 1000, here_ms))
    return times


def summary(times: Times) -> dict[str, float]:
    found = {}
    for name, measured in zip(("wall", "processor"), zip(*times, strict=True), strict=True):
        ordered = sorted(measured)
        last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        found[f"{name}_median_ms"] = round(statistics.median(ordered), 2)
        found[f"{name}_p99_ms"] = round(last, 2)
    return found


def pages(browser: Any, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The question at the first page, then at pages deep inside (made cursors, not paged to)."""
    from fengsui.foundation.people.models import Household

    yield question
    if question.keys() & {"q", "where", "under", "state"}:
        return
    order = question.get("order", "place_code")
    field, sign = order.lstrip("-"), "-" if order.startswith("-") else "+"
    for offset in (0.5, 0.99):
        count = Household.objects.count()
        listed = Household.objects.order_by(f"{sign.strip('+')}{field}", "id")
        row = listed[int(count * offset)]
        mark = json.dumps([sign + field, getattr(row, field), row.pk, 10_001], ensure_ascii=False)
        after = base64.urlsafe_b64encode(mark.encode()).decode().rstrip("=")
        yield {**question, "after": after}


def ask_all(runs: int) -> dict[str, Any]:
    from django.db import connection

    browsers = {
        "county": client(["duty_officer", COUNTY]),
        "township": client(["township_officer", TOWNSHIP]),
    }
    found: dict[str, Any] = {}
    everything: Times = []
    for who, browser in browsers.items():
        for name, question in QUESTIONS.items():
            times: Times = []
            for page in pages(browser, question) if who == "county" else [question]:
                answer = browser.get(PATH, page)
                assert answer.status_code == 200, answer.content[:200]
                times += measure(partial(browser.get, PATH, page), runs)
            found[f"{who}: {name}"] = {
                **summary(times),
                "total": answer.json()["total"],
                "bytes": len(answer.content),
            }
            everything += times

    def raw() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM people_household WHERE is_withdrawn = %s"
                " ORDER BY label, id LIMIT 50",
                [False],
            )
            return cursor.fetchall()

    slowest = max(found, key=lambda one: found[one]["processor_p99_ms"])
    return {
        "all_pages": summary(everything),
        "slowest": [slowest, found[slowest]],
        "floor": summary(measure(raw, runs)),
        "by_question": found,
    }


def run_here(households: int, runs: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from django.test.utils import setup_test_environment

    setup_test_environment()
    for database in ("default", "local"):
        call_command("migrate", database=database, verbosity=0)
    from fengsui.foundation.journal import incarnation, ledger
    from fengsui.foundation.journal.keys import NodeKey

    ledger.use(ledger.Ledger.open(NodeKey.fresh(), incarnation.mint(0)))
    began = time.perf_counter()
    with transaction.atomic():
        fill(households)
    filled_s = time.perf_counter() - began
    return {"households": households, "filled_s": round(filled_s, 1), **ask_all(runs)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--one", type=int, default=0)
    given = parser.parse_args()
    if given.one:
        os.environ["DJANGO_SETTINGS_MODULE"] = "fengsui.config.settings"
        os.environ["FENGSUI_ROLE"] = "writer"
        sys.stdout.write(json.dumps(run_here(given.one, given.runs), ensure_ascii=False))
        return
    results = []
    for households in given.households:
        with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as home:
            done = subprocess.run(
                [sys.executable, "-m", "bench.lists", "--one", str(households),
                 "--runs", str(given.runs)],
                env={**os.environ, "FENGSUI_HOME": home},
                stdout=subprocess.PIPE,
                check=True,
            )  # fmt: skip
        results.append(json.loads(done.stdout))
    largest = results[-1]["all_pages"]["processor_p99_ms"]
    sys.stdout.write(
        json.dumps(
            {
                "bench": "lists",
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "target_ms": TARGET_MS,
                "is_met": largest <= TARGET_MS,
                "sizes": results,
            },
            ensure_ascii=False,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
