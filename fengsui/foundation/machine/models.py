"""The tables of this app."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CarriedCertificate(models.Model):
    """The newest certificate sent down to each node; its key is sealed for that node."""

    journal_projection = True
    digest_exclude: ClassVar[tuple[str, ...]] = ("id",)

    id = models.BigAutoField(primary_key=True)
    node_key = models.BinaryField(max_length=64, unique=True)
    author_key = models.BinaryField(max_length=64)
    chain = models.BinaryField()
    sealed_key = models.BinaryField()
    not_after_ms = models.BigIntegerField()
    hlc = models.BigIntegerField()

    class Meta:
        db_table = "machine_carried_certificate"
