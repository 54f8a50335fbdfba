"""Danger areas (危险区名册) and the households that live in them."""

from __future__ import annotations

from django.db import models

from fengsui.foundation.people.models import Household


class DangerArea(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)  # the village
    name = models.TextField()
    kind = models.TextField()
    geometry = models.TextField(null=True)  # noqa: DJ001 - None: known by its village only
    west_e7 = models.IntegerField(null=True)  # the box of the outline: SQL drops most rows by it
    south_e7 = models.IntegerField(null=True)
    east_e7 = models.IntegerField(null=True)
    north_e7 = models.IntegerField(null=True)
    trigger = models.TextField()
    route = models.TextField()
    shelter_name = models.TextField()  # 安置点
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField()

    class Meta:
        db_table = "risks_dangerarea"

    def __str__(self) -> str:
        return self.name


class DangerAreaHousehold(models.Model):
    """Whether a household is listed in a danger area. The id derives from the pair."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    danger_area = models.ForeignKey(
        DangerArea, on_delete=models.DO_NOTHING, db_constraint=False, related_name="listings"
    )
    household = models.ForeignKey(
        Household, on_delete=models.DO_NOTHING, db_constraint=False, related_name="danger_listings"
    )
    place_code = models.CharField(max_length=17, db_index=True)
    is_listed = models.BooleanField()
    clock = models.TextField()

    class Meta:
        db_table = "risks_dangerareahousehold"

    def __str__(self) -> str:
        return f"{self.danger_area_id} {self.household_id}"
