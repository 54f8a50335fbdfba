"""Public and crowded venues, each with the person who receives warnings for it.

Source: 突发事件应对法 (2024) art. 65: such venues shall appoint a person to receive and spread
warnings.
"""

from __future__ import annotations

from django.db import models

from fengsui.foundation.people.models import Person


class Venue(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    name = models.TextField()
    kind = models.TextField()
    lon_e7 = models.IntegerField(null=True)
    lat_e7 = models.IntegerField(null=True)
    warning_contact = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="venues"
    )
    headcount_tonight = models.IntegerField()
    headcount_at = models.DateTimeField(null=True)
    boarding_people = models.IntegerField(null=True)  # who sleep there; null: nobody has said
    open_when = models.TextField(default="", blank=True)
    notes = models.TextField(default="", blank=True)
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField()

    class Meta:
        db_table = "venues_venue"

    def __str__(self) -> str:
        return self.name
