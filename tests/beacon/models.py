"""The rows of the beacon app."""

from django.db import models


class Beacon(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    name = models.CharField(max_length=80)
    keeper = models.CharField(max_length=80)
    height_metres = models.IntegerField()
    named_hlc = models.BigIntegerField(default=0)
    named_feed = models.BinaryField(default=b"")
    is_out = models.BooleanField(default=False)
    field_clock = models.TextField(default="{}")


class Watcher(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    beacon = models.ForeignKey(Beacon, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)


class Sighting(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    beacon = models.ForeignKey(Beacon, on_delete=models.CASCADE)
    note = models.TextField()
    seen_at = models.DateTimeField()
