"""The prepared county and the nights told in it."""

from __future__ import annotations

from django.db import models


class Preparation(models.Model):
    """An invented county that was loaded whole, and where its storm will be."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    seed = models.IntegerField()
    storm = models.JSONField()
    people = models.JSONField()
    prepared_at = models.DateTimeField()

    class Meta:
        db_table = "demonstration_preparation"

    def __str__(self) -> str:
        return self.place_code


class Night(models.Model):
    """One telling of the night."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    preparation_id = models.BigIntegerField()
    alert_id = models.BigIntegerField()
    callout_id = models.BigIntegerField()
    evacuation_id = models.BigIntegerField()
    state = models.CharField(max_length=12)
    balance = models.JSONField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    put_away_at = models.DateTimeField(null=True)  # nothing of it is in force any more

    class Meta:
        db_table = "demonstration_night"

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Cut(models.Model):
    """The second act: one township's network is pulled, and later plugged in again."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    night_id = models.BigIntegerField(unique=True)
    place_code = models.CharField(max_length=17, db_index=True)
    township_code = models.CharField(max_length=17)
    asked_at = models.DateTimeField()
    pulled_at = models.DateTimeField(null=True)
    restore_asked_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)

    class Meta:
        db_table = "demonstration_cut"

    def __str__(self) -> str:
        return self.township_code


class TownshipDoor(models.Model):
    """Where the cut-off township's own pages are, with a sign-in that works once. No fact."""

    engine_bookkeeping = True

    night_id = models.BigIntegerField(unique=True)
    address = models.CharField(max_length=200)

    class Meta:
        db_table = "demonstration_township_door"

    def __str__(self) -> str:
        return str(self.night_id)
