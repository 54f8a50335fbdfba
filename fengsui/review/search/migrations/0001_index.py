"""The index of the search box: on SQLite one tree of keys, on PostgreSQL ordered byte by byte."""

from django.db import migrations, models

_COLUMNS = (
    "kind smallint NOT NULL, unit varchar(9) {c} NOT NULL, key varchar(72) {c} NOT NULL,"
    " entity bigint NOT NULL, place_code varchar(17) {c} NOT NULL,"
    " PRIMARY KEY (kind, unit, key, entity)"
)


def create_keys(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if schema_editor.connection.alias != "default":
        return
    if vendor == "sqlite":
        # Without row numbers the keys are stored once, in order, and not once more in an index.
        schema_editor.execute(f"CREATE TABLE search_key ({_COLUMNS.format(c='')}) WITHOUT ROWID")
    else:
        schema_editor.execute("CREATE TABLE search_key (" + _COLUMNS.format(c='COLLATE "C"') + ")")
    schema_editor.execute("CREATE INDEX search_key_entity ON search_key (entity)")


def drop_keys(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        schema_editor.execute("DROP TABLE search_key")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create_keys, drop_keys)],
            state_operations=[
                migrations.CreateModel(
                    name="SearchKey",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "kind",
                                "unit",
                                "key",
                                "entity",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.SmallIntegerField()),
                        ("unit", models.CharField(max_length=9)),
                        ("key", models.CharField(max_length=72)),
                        ("entity", models.BigIntegerField()),
                        ("place_code", models.CharField(max_length=17)),
                    ],
                    options={
                        "db_table": "search_key",
                        "indexes": [models.Index(fields=["entity"], name="search_key_entity")],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchProgress",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("arrival", models.BigIntegerField(default=0)),
                ("sweep_kind", models.SmallIntegerField(default=0)),
                ("sweep_after", models.BigIntegerField(default=0)),
                ("swept_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=0)),
            ],
            options={"db_table": "search_progress"},
        ),
        migrations.CreateModel(
            name="SearchUnit",
            fields=[
                ("unit", models.CharField(max_length=9, primary_key=True, serialize=False)),
            ],
            options={"db_table": "search_unit"},
        ),
    ]
