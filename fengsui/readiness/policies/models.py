"""Versions of policies and words, telephone lines, and the human ways to households."""

from __future__ import annotations

from django.db import models

PLACE_DIGITS_MAX = 17


class PolicyVersion(models.Model):
    """One version of one policy, never altered. Of a place, the latest of each name is in force."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    name = models.CharField(max_length=24)
    policy = models.JSONField(null=True)  # None: the program's default again
    based_on = models.BigIntegerField(default=0)
    reason = models.TextField()
    adopted_by = models.BigIntegerField()
    adopted_at = models.DateTimeField()
    hlc = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=("name", "place_code"), name="policyversion_name"),)

    def __str__(self) -> str:
        return f"{self.name} @ {self.place_code}"


class Lines(models.Model):
    """How many telephone lines a place has contracted, as it was last said."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    lines = models.IntegerField()
    seconds_a_call = models.IntegerField()
    reason = models.TextField()
    stated_by = models.BigIntegerField()
    stated_at = models.DateTimeField()
    hlc = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.lines} @ {self.place_code}"


class TemplateVersion(models.Model):
    """One version of the words of a message, in every language it has."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    name = models.CharField(max_length=24)
    texts = models.JSONField(default=list)  # [[code, name, spoken only, text], …]
    reason = models.TextField()
    adopted_by = models.BigIntegerField()
    adopted_at = models.DateTimeField()
    hlc = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=("name", "place_code"), name="templateversion_name"),)

    def __str__(self) -> str:
        return f"{self.name} @ {self.place_code}"


class HumanRoute(models.Model):
    """Who goes to a household that a telephone does not reach, and how. Id: of the household."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    person_id = models.BigIntegerField()
    need = models.CharField(max_length=24)  # "" once erased
    language = models.TextField(default="", blank=True)
    way = models.CharField(max_length=24, default="", blank=True)
    note = models.TextField(default="", blank=True)
    stated_by = models.BigIntegerField()
    stated_at = models.DateTimeField()
    hlc = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.id}"


class RouteTrial(models.Model):
    """Somebody went that way in quiet times: whether it worked."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    household_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    worked = models.BooleanField()
    note = models.TextField(default="", blank=True)
    tried_by = models.BigIntegerField()
    tried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.household_id}"
