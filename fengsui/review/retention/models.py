"""Terms that were set here, events that are kept, and erasures with how far they are."""

from __future__ import annotations

from django.db import models


class Term(models.Model):
    """A local default that somebody changed."""

    journal_projection = True

    class_code = models.CharField(max_length=40, primary_key=True)
    days = models.IntegerField()
    reason = models.TextField()
    set_by = models.BigIntegerField()
    set_at = models.DateTimeField()
    clock = models.CharField(max_length=60)

    class Meta:
        db_table = "retention_term"

    def __str__(self) -> str:
        return f"{self.class_code} {self.days}"


class KeptEvent(models.Model):
    """An event whose personal data is kept longer, until when and why."""

    journal_projection = True

    alert_id = models.BigIntegerField(primary_key=True)
    until_at = models.DateTimeField()
    reason = models.TextField()
    kept_by = models.BigIntegerField()
    kept_at = models.DateTimeField()
    clock = models.CharField(max_length=60)

    class Meta:
        db_table = "retention_kept_event"

    def __str__(self) -> str:
        return str(self.alert_id)


class Erasure(models.Model):
    """One order to erase. The node of the author carries it out; every node forgets for itself."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    fact_id = models.BinaryField(max_length=16)
    node_key = models.BinaryField()
    place_code = models.CharField(max_length=17, db_index=True)
    subject = models.CharField(max_length=12)
    subject_ids = models.JSONField(default=list)
    classes = models.JSONField(default=list)
    before_at = models.DateTimeField(null=True)
    reason = models.TextField()
    ordered_by = models.BigIntegerField()
    ordered_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)
    facts = models.IntegerField(default=0)
    leaves = models.IntegerField(default=0)
    clock = models.CharField(max_length=60, default="")

    class Meta:
        db_table = "retention_erasure"

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_ids}"


class ErasureProgress(models.Model):
    """How far this machine has looked through its record for an erasure. Not a fact."""

    engine_bookkeeping = True

    erasure_id = models.BigIntegerField(primary_key=True)
    looked_upto = models.BigIntegerField(default=0)  # arrival
    facts = models.IntegerField(default=0)
    leaves = models.IntegerField(default=0)
    reported = models.IntegerField(default=-1)  # leaves that the last "done" spoke of
    has_forgotten = models.BooleanField(default=False)  # indexes, staging and the like

    class Meta:
        db_table = "retention_erasure_progress"

    def __str__(self) -> str:
        return str(self.erasure_id)


class Registered(models.Model):
    """One row: how far erasures were written to the register beside the database."""

    engine_bookkeeping = True

    id = models.SmallAutoField(primary_key=True)
    upto = models.BigIntegerField(default=0)  # arrival

    class Meta:
        db_table = "retention_registered"

    def __str__(self) -> str:
        return str(self.upto)
