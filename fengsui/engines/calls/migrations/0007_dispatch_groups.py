"""What is owed to a channel: one row for the tries of a plan instead of one row a try."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

ONE_WAITING = b"\x00\x00"  # packed: the first of one

OF_THE_TRY = """
UPDATE calls_dispatch SET
 plan_id = COALESCE((SELECT plan_id FROM calls_attempt WHERE id = calls_dispatch.id), id),
 step = COALESCE((SELECT step FROM calls_attempt WHERE id = calls_dispatch.id), 0)
"""
OF_THE_BATCH = """
UPDATE calls_dispatch SET place_code = COALESCE((
 SELECT calls_partybatch.place_code FROM calls_call
 JOIN calls_partybatch ON calls_partybatch.id = calls_call.batch_id
 WHERE calls_call.id = calls_dispatch.call_id), '')
"""


def _new(name: str, field: Any) -> migrations.AddField:
    return migrations.AddField("dispatch", name, field, preserve_default=False)


def _fill(statement: str) -> migrations.RunSQL:
    return migrations.RunSQL(statement, migrations.RunSQL.noop, hints={"model_name": "dispatch"})


class Migration(migrations.Migration):
    dependencies = (("calls", "0006_companions"),)

    operations = (
        _new("plan_id", models.BigIntegerField(default=0)),
        _new("step", models.BigIntegerField(default=0)),
        _new("place_code", models.CharField(max_length=17, default="")),
        _new("count", models.IntegerField(default=1)),
        _new("waiting", models.BinaryField(default=ONE_WAITING)),
        _fill(OF_THE_TRY),
        _fill(OF_THE_BATCH),
        migrations.RemoveField("dispatch", "call_id"),
        migrations.RemoveField("dispatch", "party_id"),
        migrations.AddIndex("dispatch", models.Index(fields=["plan_id"], name="dispatch_plan")),
    )
