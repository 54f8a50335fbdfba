"""A bench on a throw-away PostgreSQL that is as durable as a real one, and its floor there.

`python -m bench.on_postgres -- python -m bench.calls --households 4000` starts a server of its
own (fsync, synchronous_commit and full_page_writes on, nothing tuned but shared_buffers) and runs
the command with FENGSUI_DATABASE_URL set. Server and program share the machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_TABLES = ("calls_call", "calls_callparty", "calls_attempt")


def floor(
    callout_id: int, count: int, cycle: int, watch: Callable[[], Any], *, delay_s: float = 0.0
) -> tuple[tuple[float, float], tuple[float, float]]:
    """As `bench.calls.floor_of`: the same row changes by plain SQL on tables of the same shape,
    without facts, in transactions of the engine's size. Returns (wall, processor) of inserting
    and of planning; the processor is the program's own, not the server's."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS floor_{table}, rows_{table}")
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
            key = "id" if table == "calls_call" else "call_id"
            cursor.execute(
                f"CREATE TABLE rows_{table} AS SELECT *, row_number() OVER (ORDER BY id) AS place"
                f" FROM {table} WHERE {key} IN (SELECT id FROM calls_call WHERE callout_id = %s)"
                " ORDER BY id LIMIT %s",
                [callout_id, count],
            )
            cursor.execute(f"CREATE INDEX ON rows_{table} (place)")
        columns = {table: _columns(cursor, table) for table in _TABLES}

        def insert(table: str, start: int, size: int) -> None:
            cursor.execute(
                f"INSERT INTO floor_{table} ({columns[table]}) SELECT {columns[table]}"
                f" FROM rows_{table} WHERE place > %s AND place <= %s",
                [start, start + size],
            )

        inserting = watch()
        for start in range(0, count, 200):
            with transaction.atomic():
                insert("calls_call", start, 200)
                insert("calls_callparty", start, 200)
        inserted = inserting.read()
        cursor.execute("UPDATE floor_calls_call SET next_at = '2000-01-01 00:00:00+00'")
        cursor.execute("ANALYZE floor_calls_call")
        cursor.execute("SELECT driver FROM floor_calls_call LIMIT 1")
        (driver,) = cursor.fetchone()
        planning = watch()
        for start in range(0, count, cycle):
            with transaction.atomic():
                cursor.execute(
                    "SELECT id, callout_id, batch_id, lap, rung, state, tries, last_outcome,"
                    " channel, is_covered FROM floor_calls_call"
                    " WHERE driver = %s AND next_at <= '2001-01-01' ORDER BY next_at LIMIT %s",
                    [driver, cycle],
                )
                ids = [row[0] for row in cursor.fetchall()]
                cursor.execute(
                    "UPDATE floor_calls_call SET progress = 301, progress_fact = 1,"
                    " due_progress = 301, due_fact = 1, lap = 0, rung = 0, tries = 3,"
                    " channel = 'voice', last_outcome = 'planned', heard_s = 0,"
                    " state = 'planned', next_at = '2030-01-01' WHERE id = ANY(%s)",
                    [ids],
                )
                insert("calls_attempt", start, cycle)
                time.sleep(delay_s)
        planned = planning.read()
        for table in _TABLES:
            cursor.execute(f"DROP TABLE floor_{table}, rows_{table}")
    return inserted, planned


def _columns(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = 'public'",
        [table],
    )
    return str(cursor.fetchone()[0])


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.world import postgres

    postgres.SETTINGS.update(DURABLE)
    return postgres.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
