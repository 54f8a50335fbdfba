"""What was said of rows of registers, sets of changes, and views that people keep."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RowChange(models.Model):
    """Every value that a later fact said of a row: losers of the merge included."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    register = models.TextField()
    row_key = models.CharField(max_length=20)  # the id of the row, or the code of a place
    place_code = models.CharField(max_length=17)
    field = models.TextField()
    value = models.TextField()  # JSON
    clock = models.TextField()
    actor_id = models.BigIntegerField()
    at = models.DateTimeField()
    is_private = models.BooleanField()
    note = models.TextField()  # the reason, where one was given
    fact_id = models.BinaryField(max_length=16)  # where it was said
    cause = models.BinaryField(max_length=16, null=True)  # the set of changes it belongs to

    class Meta:
        db_table = "ledgers_rowchange"
        indexes: ClassVar = [
            models.Index(fields=["row_key", "register"], name="ledgers_rowchange_row")
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.row_key} {self.field}"


class ChangeSet(models.Model):
    """Changes that were one step: an import, a merge, an undo. Its id derives from its fact."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    fact_id = models.BinaryField(max_length=16, unique=True)  # the cause of its facts
    place_code = models.CharField(max_length=17, db_index=True)
    kind = models.TextField()
    title = models.TextField()
    ledger = models.TextField()
    source = models.TextField()
    reason = models.TextField()
    undoes = models.BigIntegerField(null=True, db_index=True)  # the set that this one undoes
    actor_id = models.BigIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    created = models.IntegerField(null=True)  # rows; None until it is closed
    changed = models.IntegerField(null=True)
    withdrawn = models.IntegerField(null=True)
    restored = models.IntegerField(null=True)
    kept = models.IntegerField(null=True)
    field_clock = models.TextField()

    class Meta:
        db_table = "ledgers_changeset"

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"


class SavedView(models.Model):
    """How somebody likes to see a ledger. No fact: it says nothing about the county."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    ledger = models.TextField()
    owner_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=17, db_index=True)  # who shares it: this office
    title = models.TextField()
    query = models.TextField()  # JSON of the list's parameters
    columns = models.TextField()  # JSON list of column names
    is_shared = models.BooleanField()
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "ledgers_savedview"

    def __str__(self) -> str:
        return f"{self.ledger} {self.title}"
