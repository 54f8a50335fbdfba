"""A long fact is indexed in several steps."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("search", "0001_index")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="searchprogress",
            name="rows_done",
            field=models.IntegerField(default=0),
        ),
    ]
