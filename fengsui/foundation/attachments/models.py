"""Attachments by what the facts say, and uploads that are not finished (local.db)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Attachment(models.Model):
    """One file of one row. The same content attached twice is two rows and one blob."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    owner_ledger = models.TextField()
    owner_key = models.CharField(max_length=20)
    place_code = models.CharField(max_length=17, db_index=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    bytes = models.BigIntegerField()
    kind = models.TextField()
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    public_sha256 = models.CharField(max_length=64, db_index=True)
    public_kind = models.TextField()
    thumbnail_sha256 = models.CharField(max_length=64, db_index=True)
    file_name = models.TextField()  # "" once erased
    taken_at = models.DateTimeField(null=True)
    lon_e7 = models.IntegerField(null=True)
    lat_e7 = models.IntegerField(null=True)
    added_by = models.BigIntegerField()
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    withdrawn_reason = models.TextField()
    is_erased = models.BooleanField()

    class Meta:
        db_table = "attachments_attachment"
        indexes: ClassVar = [
            models.Index(fields=["owner_key", "owner_ledger"], name="attachments_owner"),
            models.Index(
                fields=["id"],
                name="attachments_gone",
                condition=models.Q(is_erased=True) | models.Q(withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_ledger} {self.owner_key} {self.kind}"


class Upload(models.Model):
    """A file on its way in. How far it is tells the length of the file beside the database."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    owner_ledger = models.TextField()
    owner_key = models.CharField(max_length=20)
    file_name = models.TextField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    attachment_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "attachments_upload"

    def __str__(self) -> str:
        return str(self.id)
