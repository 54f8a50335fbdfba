"""Phones and what they handed over; their last contact is known to this machine only."""

from __future__ import annotations

from django.db import models


class Device(models.Model):
    """One key of one person. The same key enrolled on two nodes is two rows with one `key_id`."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    key_id = models.CharField(max_length=32, db_index=True)
    person_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=17, db_index=True)
    public_key = models.BinaryField()
    name = models.CharField(max_length=60)
    key_store = models.CharField(max_length=12)
    enrolled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.key_id[:8]})"


class Loss(models.Model):
    """A phone reported lost; the earliest moment counts. It may come before the phone itself."""

    journal_projection = True
    digest_exclude = ("id",)

    device_id = models.BigIntegerField(unique=True)
    lost_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    order = models.CharField(max_length=80)

    def __str__(self) -> str:
        return str(self.device_id)


class DeviceItem(models.Model):
    """One item, once, with the bytes that were signed. The first receipt by the journal's clock."""

    journal_projection = True
    digest_exclude = ("id",)

    client_id = models.CharField(max_length=64, unique=True)
    device_id = models.BigIntegerField()
    number = models.BigIntegerField()
    person_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    carried_by = models.BigIntegerField(default=0)
    body = models.TextField()
    signature = models.BinaryField()
    order = models.CharField(max_length=60)  # of the receipt; the smallest stays

    class Meta:
        # "How far did this phone get" reads one device by number.
        indexes = (models.Index(fields=("device_id", "number"), name="device_item_number"),)

    def __str__(self) -> str:
        return self.client_id


class RefusedItem(models.Model):
    """A signed item that was kept and not counted."""

    journal_projection = True
    digest_exclude = ("id",)

    client_id = models.CharField(max_length=64)
    device_id = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    received_at = models.DateTimeField()
    body = models.TextField()
    fact_id = models.BinaryField(unique=True)

    def __str__(self) -> str:
        return self.client_id


class DeviceContact(models.Model):
    """When this machine last heard of a key; never a fact (local.db)."""

    key_id = models.CharField(max_length=32, primary_key=True)
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id
