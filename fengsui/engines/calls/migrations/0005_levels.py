"""Level by level: the level of a batch, handovers, who was rung elsewhere, units told elsewhere."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_numbers_heard")]

    operations = [
        migrations.AddField(
            model_name="partybatch", name="level", field=models.SmallIntegerField(default=2)
        ),
        migrations.CreateModel(
            name="LevelHandover",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("level", models.SmallIntegerField()),
                ("place_code", models.CharField(max_length=17)),
                ("how", models.CharField(max_length=12)),
                ("reason", models.TextField(blank=True, default="")),
                ("person_id", models.BigIntegerField(default=0)),
                ("handed_at", models.DateTimeField()),
                (
                    "callout",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="calls.callout",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RungElsewhere",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("office", models.CharField(max_length=64)),
                ("rung_at", models.DateTimeField()),
                ("has_answered", models.BooleanField()),
                ("note", models.TextField(blank=True, default="")),
                ("recorded_by_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="calls.call",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnitRelay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("unit_code", models.CharField(max_length=17)),
                ("call_id", models.BigIntegerField()),
                ("acknowledged_at", models.DateTimeField()),
                (
                    "callout",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="calls.callout",
                    ),
                ),
            ],
        ),
    ]
