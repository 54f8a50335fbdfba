"""Which bundle files were written and read at this machine. Local: no fact, in no digest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fengsui.exchange.bundles.states import Direction, ReadingState


class Passage(models.Model):
    """One file that was written here or brought here, and who brought it."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    direction = models.CharField(max_length=8, choices=[(one, one) for one in Direction])
    state = models.CharField(max_length=8, choices=[(one, one) for one in ReadingState])
    digest = models.BinaryField(max_length=32)
    # The node at the other end: who sealed it, or for whom it was written.
    node_key = models.BinaryField(max_length=256)
    node_name = models.CharField(max_length=80, blank=True)
    carried_by = models.CharField(max_length=60, blank=True)
    person_id = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    # By the sender: its wall clock, and what orders its bundles even where that clock is wrong.
    created_ms = models.BigIntegerField(default=0)
    incarnation = models.BigIntegerField(default=0)
    clock = models.BigIntegerField(default=0)
    facts = models.BigIntegerField(default=0)
    pieces_done = models.IntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    fault = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "bundles_passage"
        constraints: ClassVar = [
            # A file read twice is one reading, so that a broken one goes on where it stopped.
            models.UniqueConstraint(fields=["direction", "digest"], name="bundles_passage_once")
        ]
        # The newest bundle of a sender tells an old one from a new one.
        indexes: ClassVar = [
            models.Index(fields=["direction", "node_key"], name="bundles_passage_node")
        ]
