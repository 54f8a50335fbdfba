"""Tonight's list of households and every entry made about them."""

from __future__ import annotations

from django.db import models


class Evacuation(models.Model):
    """One list of households that should leave, opened by one alert."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    alert_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=17, db_index=True)
    exercise = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"evacuation {self.pk}"


class EvacuationHousehold(models.Model):
    """A household on the list; the newest observation wins, older ones stay as entries."""

    journal_projection = True
    digest_exclude = ("id",)

    evacuation = models.ForeignKey(Evacuation, on_delete=models.CASCADE, related_name="households")
    household_id = models.BigIntegerField()
    place_code = models.CharField(max_length=17, db_index=True)
    people = models.PositiveIntegerField()
    assist_level = models.PositiveSmallIntegerField(default=0)
    shelter = models.CharField(max_length=120, default="")
    status = models.CharField(max_length=20, default="not_yet")
    people_moved = models.PositiveIntegerField(default=0)
    confirmed_by = models.CharField(max_length=60, default="")
    confirmed_how = models.CharField(max_length=12, default="")
    observed_at = models.DateTimeField(null=True)
    recorded_by = models.BigIntegerField(null=True)
    winner = models.CharField(max_length=60, default="")  # (observed, HLC) of the newest entry
    # False where it is linked to another row of the same household that was seen later.
    counts = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("evacuation", "household_id"), name="household_once"),
        )
        # The field page and the balance both read one evacuation by place.
        indexes = (models.Index(fields=("evacuation", "place_code"), name="evac_place"),)

    def __str__(self) -> str:
        return f"{self.household_id}: {self.status}"


class EvacuationEntry(models.Model):
    """One observation, kept even when a newer one won. `client_id` is the phone's own id."""

    journal_projection = True
    digest_exclude = ("id",)

    client_id = models.CharField(max_length=64, unique=True)
    evacuation_id = models.BigIntegerField()
    household_id = models.BigIntegerField()
    status = models.CharField(max_length=20)
    people_moved = models.PositiveIntegerField(default=0)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField()
    confirmed_by = models.CharField(max_length=60, default="")
    confirmed_how = models.CharField(max_length=12, default="")
    winner = models.CharField(max_length=60, default="")

    class Meta:
        indexes = (models.Index(fields=("evacuation_id", "household_id"), name="entry_household"),)

    def __str__(self) -> str:
        return f"{self.client_id}: {self.status}"


class HouseholdLink(models.Model):
    """Two rows of a list are one household: registered twice. Undone by a fact of its own."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    evacuation_id = models.BigIntegerField(db_index=True)
    household_id = models.BigIntegerField()
    same_as = models.BigIntegerField()
    place_code = models.CharField(max_length=17)
    linked_at = models.DateTimeField()
    linked_by = models.BigIntegerField()
    reason = models.TextField(default="")
    unlinked_at = models.DateTimeField(null=True)
    unlinked_by = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.household_id} is {self.same_as}"
