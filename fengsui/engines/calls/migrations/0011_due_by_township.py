"""Of the calls due at one moment the people of a township come together."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("calls", "0010_texts")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="call", name="call_due"),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)),
                fields=["driver", "next_at", "ordinal"],
                name="call_due",
            ),
        ),
    ]
