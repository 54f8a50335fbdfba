"""Bytes a fact in a bundle, and how fast it is written and read, with the floor in the same run.

    python -m bench.bundles [--facts N] [--seed N]      one line of JSON

The facts are those of one night in one township, made by the real services of a real journal:
registers (routine, the head signed once a commit), an alert, its callout and answers, ticks of
households with the phone's own ids, help calls. The floor for the size is zstd at level 19 over
the same headers, bodies and signatures one after the other. `random` are the bytes that nothing
can make smaller: signatures, salts, and ids that are new in each fact.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
import uuid
from io import BytesIO
from typing import Any

TARGET_BYTES = 130.0
SALT_BYTES = 16
ID_BYTES = 16


def _set_up(home: str) -> None:
    os.environ["FENGSUI_HOME"] = home
    os.environ["FENGSUI_ROLE"] = "writer"
    os.environ["DJANGO_SETTINGS_MODULE"] = "fengsui.config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    for alias in ("default", "local"):
        call_command("migrate", verbosity=0, database=alias)
    from fengsui.foundation.journal import dispatch

    dispatch.load_services()


def make_night(draw: random.Random, facts: int) -> None:
    """Registers a small township and lives through a night until there are enough facts."""
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import clock
    from fengsui.foundation.journal.models import StoredFact
    from fengsui.response.alerts.models import Alert
    from fengsui.response.evacuations.services import record_household_status
    from fengsui.response.situation.services import raise_sos
    from tests.world import county as world

    wound = clock.WoundClock(clock.now())
    clock.use(wound)
    county = world.build()
    people = register_more(draw)
    alert_id = county.issue(world.rain_warning())
    evacuation_id = Alert.objects.get(id=alert_id).evacuation_id or 0
    list_more(evacuation_id, people)
    statuses = ("told", "moved_central", "moved_relatives", "needs_help", "refuses", "away")
    number = 0
    while StoredFact.objects.count() < facts:
        wound.forward(seconds=draw.uniform(0.5, 20))
        household = people[number % len(people)]
        number += 1
        if draw.random() < 0.02:
            raise_sos(
                viewer=node_viewer(),
                content={"place_code": world.SHITAN, "people": draw.randrange(1, 9)},
                sos_id=str(uuid.UUID(int=draw.getrandbits(128), version=4)),
            )
            continue
        status = draw.choice(statuses)
        record_household_status(
            viewer=county.viewer(draw.choice(["shitan_grid", "shitan_a", "qingshi"])),
            household_id=household,
            status=status,
            client_id=str(uuid.UUID(int=draw.getrandbits(128), version=4)),
            evacuation_id=evacuation_id,
            people_moved=draw.randrange(1, 7),
            confirmed_by=draw.choice(["示意邻居", "示意儿子"]) if status == "away" else "",
            confirmed_how=draw.choice(["phone", "neighbour"]) if status == "away" else "",
        )


def register_more(draw: random.Random) -> list[int]:
    """Two hundred households, registered one by one as an office does it."""
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.people import services as people
    from tests.world import county as world

    made = []
    for number in range(200):
        ids = people.register_households(
            viewer=node_viewer(),
            households=[
                {
                    "ref": f"more{number}",
                    "place_code": world.SHITAN,
                    "label": f"示意户{number + 100}",
                    "people_count": draw.randrange(1, 8),
                    "assist_level": draw.choice([0, 0, 0, 1, 2]),
                }
            ],
            is_invented=True,
        )
        made.append(ids[f"more{number}"])
    return made


def list_more(evacuation_id: int, households: list[int]) -> None:
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.response.evacuations.services import add_households
    from tests.world import county as world

    add_households(
        viewer=node_viewer(),
        evacuation_id=evacuation_id,
        households=[
            {
                "household_id": one, "place_code": world.SHITAN, "people": 4, "assist_level": 0,
                "shelter": "石滩小学",
            }
            for one in households
        ],
    )  # fmt: skip


def measure() -> dict[str, Any]:
    import zstandard

    from fengsui.exchange.bundles import layout, queries
    from fengsui.exchange.bundles.layout import Bundle, Range
    from fengsui.exchange.neighbours import identity

    heads = tuple(queries.heads())
    ranges = tuple(Range(head.key, -1, head.seq) for head in heads)
    key = identity.own_key()
    bundle = Bundle(key.suite.number, key.public, "示例镇", bytes(32), 1, 1, 1, heads, ranges)
    began = time.perf_counter()
    data = b"".join(layout.write_parts(bundle, queries.pieces(bundle.ranges)))
    digest = hashlib.sha256(data).digest()
    data += layout.write_seal(digest, key.sign(layout.sealed_bytes(digest)))
    written = time.perf_counter() - began
    began = time.perf_counter()
    file = BytesIO(data)
    sealed = layout.open_sealed(file, 1 << 30)
    runs = [run for index in range(len(sealed.pieces))
            for run in layout.read_runs(sealed, file, index)]  # fmt: skip
    read = time.perf_counter() - began
    facts = [fact for run in runs for fact in run.facts]
    assert len(facts) == bundle.facts
    raw = b"".join(part for fact in facts for part in fact if part)
    began = time.perf_counter()
    floor = zstandard.ZstdCompressor(level=layout.LEVEL).compress(raw)
    floor_seconds = time.perf_counter() - began
    signatures = sum(len(fact[2]) for fact in facts if fact[2])
    count = len(facts)
    columns = sum(
        4 + int.from_bytes(data[offset : offset + 4], "big") for offset, _ in sealed.pieces
    )
    return {
        "facts": count,
        "feeds": len(heads),
        "signed_facts": sum(1 for fact in facts if fact[2]),
        "bundle_bytes": len(data),
        "bytes_a_fact": round(len(data) / count, 1),
        "floor_bytes_a_fact": round(len(floor) / count, 1),
        "raw_bytes_a_fact": round(len(raw) / count, 1),
        "signature_bytes_a_fact": round(signatures / count, 1),
        "column_bytes_a_fact": round(columns / count, 1),
        "target_bytes_a_fact": TARGET_BYTES,
        "write_facts_a_second": round(count / written),
        "read_facts_a_second": round(count / read),
        "floor_write_facts_a_second": round(count / floor_seconds),
        "is_met": len(data) / count <= TARGET_BYTES,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        _set_up(home)
        make_night(random.Random(args.seed), args.facts)
        found = measure()
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["is_met"] else 1


if __name__ == "__main__":
    sys.exit(main())
