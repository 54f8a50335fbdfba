"""Mappings and exports are facts; an import under way belongs to this machine alone.

What a file holds (personal data) is not here but in the folder of its import, see
`services.staging`; the folder is deleted with the import.
"""

from __future__ import annotations

from django.db import models


class Mapping(models.Model):
    """An office's own sheet: which of its headers stands for which column."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    ledger = models.TextField()
    title = models.TextField()
    columns = models.TextField()  # JSON: folded header -> target or null
    system = models.TextField()
    saved_by = models.BigIntegerField()
    saved_at = models.DateTimeField()
    is_dropped = models.BooleanField()

    def __str__(self) -> str:
        return self.title


class Export(models.Model):
    """Who took which rows out, when, for whom and why."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    number = models.TextField()
    ledger = models.TextField()
    format = models.TextField()
    rows_count = models.IntegerField()
    columns = models.TextField()  # JSON list
    with_personal = models.BooleanField()
    reason = models.TextField()
    recipient = models.TextField()
    actor_id = models.BigIntegerField(db_index=True)
    actor_name = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number


class Import(models.Model):
    """One file on its way into a register, on this machine. Kept in local.db, never a fact."""

    id = models.CharField(max_length=32, primary_key=True)
    ledger = models.TextField()
    person_id = models.BigIntegerField(db_index=True)
    viewer = models.JSONField()  # as it was when the last step was asked for
    file_name = models.TextField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    received = models.BigIntegerField(default=0)
    state = models.TextField()
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    plan = models.JSONField(default=dict)  # sheet, header_row, data_row, headers, mapping, …
    counts = models.JSONField(default=dict)
    done = models.IntegerField(default=0)  # rows carried out
    total = models.IntegerField(default=0)
    cause = models.BinaryField(null=True)
    problem = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.ledger} {self.state}"
