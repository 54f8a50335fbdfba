"""What this machine knows of the nodes it talks to. Local: no fact, in no digest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fengsui.exchange.neighbours.states import Role


class Neighbour(models.Model):
    """A node that has been heard, or that this one is told to talk to."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    public_key = models.BinaryField(max_length=256, unique=True)
    name = models.CharField(max_length=80, blank=True)
    scope = models.CharField(max_length=17, blank=True)
    role = models.CharField(max_length=8, choices=[(role, role) for role in Role])
    last_heard_at = models.DateTimeField(null=True)
    last_carrier = models.CharField(max_length=80, blank=True)
    # When its vector last said that it holds all that we hold for it.
    last_complete_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "neighbours_neighbour"


class HeldHead(models.Model):
    """The last fact of a feed that a neighbour has on its disk, by its own vector."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    neighbour = models.ForeignKey(Neighbour, on_delete=models.CASCADE, db_index=False)
    feed_id = models.BinaryField(max_length=16)
    seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "neighbours_held_head"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["neighbour", "feed_id"], name="neighbours_held_once")
        ]


class Bootstrap(models.Model):
    """One row while a new node fetches the record of its place, and afterwards: when it had it.

    `manifest`: CBOR [[feed id, seq], …], where the neighbour's feeds stood when it began.
    """

    engine_bookkeeping = True

    id = models.SmallAutoField(primary_key=True)
    source_key = models.BinaryField(max_length=256)
    began_at = models.DateTimeField()
    manifest = models.BinaryField(null=True)
    completed_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "neighbours_bootstrap"
