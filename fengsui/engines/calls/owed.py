"""Local to this node, never facts: phones that are to ring beside another, and to stop."""

from __future__ import annotations

from django.db import models


class CompanionOwed(models.Model):
    """A companion's try that is owed to its channel; claimed and forgotten as `Dispatch` is."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)  # of the companion
    owed_at = models.DateTimeField()
    boot = models.CharField(max_length=32, default="", blank=True)


class StopOwed(models.Model):
    """A phone that is to stop ringing, since another one answered for the same call."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)  # of the try
    channel = models.CharField(max_length=16)
    exercise = models.BooleanField()
