"""The index of the search box. It is made from rows and may be made anew at any time.

It is no part of the record: no digest counts it, no other node is told, no backup needs it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SearchKey(models.Model):
    """One way to find one thing. `unit` is the township (nine digits) that it lies in."""

    engine_bookkeeping = True

    pk = models.CompositePrimaryKey("kind", "unit", "key", "entity")
    kind = models.SmallIntegerField()
    unit = models.CharField(max_length=9)
    key = models.CharField(max_length=72)
    entity = models.BigIntegerField()
    place_code = models.CharField(max_length=17)

    class Meta:
        db_table = "search_key"
        indexes: ClassVar = [models.Index(fields=["entity"], name="search_key_entity")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SearchUnit(models.Model):
    """The townships in which anything is indexed, so that a county asks each of its own."""

    engine_bookkeeping = True

    unit = models.CharField(max_length=9, primary_key=True)

    class Meta:
        db_table = "search_unit"

    def __str__(self) -> str:
        return self.unit


class SearchProgress(models.Model):
    """One row: how far the record was read, and how far the sweep over all rows has come."""

    engine_bookkeeping = True

    id = models.SmallAutoField(primary_key=True)
    arrival = models.BigIntegerField(default=0)
    rows_done = models.IntegerField(default=0)  # of the fact after that one
    sweep_kind = models.SmallIntegerField(default=0)  # 0: no sweep is under way
    sweep_after = models.BigIntegerField(default=0)
    swept_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)

    class Meta:
        db_table = "search_progress"

    def __str__(self) -> str:
        return f"{self.arrival}"
