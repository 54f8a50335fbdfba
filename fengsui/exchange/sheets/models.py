"""Paper sheets that were printed, and the household on each line."""

from __future__ import annotations

from django.db import models


class Sheet(models.Model):
    """One sheet: a number to type, an evacuation, a village, whose households."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    number = models.IntegerField(db_index=True)
    evacuation_id = models.BigIntegerField()  # 0: printed ahead, of a warning
    alert_id = models.BigIntegerField(default=0, db_index=True)
    place_code = models.CharField(max_length=17)
    group_head_id = models.BigIntegerField(null=True)
    printed_at = models.DateTimeField()
    printed_by = models.BigIntegerField()

    class Meta:
        db_table = "sheets_sheet"
        # Printing again looks for the sheets of one evacuation and village.
        indexes = (models.Index(fields=("evacuation_id", "place_code"), name="sheets_evacuation"),)


class SheetLine(models.Model):
    """A line of a sheet. Numbered from 1."""

    journal_projection = True
    digest_exclude = ("id",)

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line = models.PositiveSmallIntegerField()
    household_id = models.BigIntegerField()

    class Meta:
        db_table = "sheets_line"
        constraints = (models.UniqueConstraint(fields=("sheet", "line"), name="sheets_line_once"),)
