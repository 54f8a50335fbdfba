"""What was said of the field, by whoever was there or by the gateway that heard it."""

from __future__ import annotations

from django.db import models

PLACE_DIGITS_MAX = 17


class Statement(models.Model):
    """What every statement has. `client_id` is made where it is first said: said twice, kept once.

    `origin` orders facts that carry the same client id; the earliest stands, at every node.
    """

    client_id = models.TextField(unique=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    at = models.DateTimeField()  # when it was so, by whoever said it
    recorded_at = models.DateTimeField()  # when this node's tree first wrote it down
    recorded_by = models.BigIntegerField()
    origin = models.CharField(max_length=60)
    is_provisional = models.BooleanField(default=False)  # a gateway heard it; the fact will follow
    path = models.CharField(max_length=12, default="")  # how it came, where a gateway heard it

    class Meta:
        abstract = True


class Sos(Statement):
    """Somebody calls for help. Open until somebody closes it with a word how it ended."""

    journal_projection = True
    digest_exclude = ("id",)

    lon_e7 = models.IntegerField(null=True)
    lat_e7 = models.IntegerField(null=True)
    people = models.IntegerField()
    injured = models.IntegerField()
    need = models.JSONField(default=list)
    text = models.TextField(default="")
    device = models.CharField(max_length=64, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=16, default="")
    close_reason = models.TextField(default="")

    def __str__(self) -> str:
        return f"SOS {self.place_code}"


class SosClosing(models.Model):
    """Who closed which SOS. It may come before the SOS itself; the earliest stands."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    sos_id = models.TextField(db_index=True)
    at = models.DateTimeField()
    by = models.BigIntegerField()
    outcome = models.CharField(max_length=16)
    reason = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.sos_id} {self.outcome}"


class Headcount(Statement):
    """Nine numbers of one place. Per (place, evacuation, series) the newest counts, alone."""

    journal_projection = True
    digest_exclude = ("id",)

    evacuation_id = models.BigIntegerField(null=True)
    series = models.SmallIntegerField(default=0)
    should = models.IntegerField()
    moved = models.IntegerField()
    away = models.IntegerField()
    not_yet = models.IntegerField()
    needs_help = models.IntegerField()
    sheltered = models.IntegerField()
    injured = models.IntegerField()
    missing = models.IntegerField()
    dead = models.IntegerField()
    is_current = models.BooleanField(default=False)

    class Meta:
        indexes = (
            models.Index(fields=("evacuation_id", "place_code", "series"), name="headcount_key"),
        )

    def __str__(self) -> str:
        return f"{self.place_code}: {self.moved}/{self.should}"


class QuickReport(Statement):
    """灾情快报. Per (place, disaster) the newest counts, alone."""

    journal_projection = True
    digest_exclude = ("id",)

    disaster = models.CharField(max_length=64)
    affected = models.IntegerField()
    moved = models.IntegerField()
    injured = models.IntegerField()
    missing = models.IntegerField()
    dead = models.IntegerField()
    trapped = models.IntegerField()
    houses_collapsed = models.IntegerField()
    houses_damaged = models.IntegerField()
    road_cut = models.BooleanField()
    power_cut = models.BooleanField()
    network_cut = models.BooleanField()
    needs = models.JSONField(default=list)
    is_current = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.place_code} {self.disaster}"


class MovedFirst(Statement):
    """村级先行转移: the village moved people on its own sign, and reports it later."""

    journal_projection = True
    digest_exclude = ("id",)

    sign = models.CharField(max_length=8)
    gauge_value_mm = models.IntegerField(null=True)
    danger_area_ids = models.JSONField(default=list)
    by = models.BigIntegerField()
    alert_id = models.BigIntegerField(null=True)
    evacuation_id = models.BigIntegerField(null=True)
    note = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.place_code} {self.sign}"


class Relay(models.Model):
    """One thing a gateway heard. `said_as` is the statement it stands for, once that is known."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=24)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    path = models.CharField(max_length=12)
    reference_key = models.TextField(db_index=True, default="")
    client_id = models.TextField()  # of the provisional statement it made
    content = models.JSONField(default=dict)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    said_as = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.kind} by {self.path}"


class InFull(models.Model):
    """Where a statement stands in the journal, so that a telegram naming that place finds it."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)  # of the fact
    reference_key = models.TextField(unique=True)
    client_id = models.TextField()

    def __str__(self) -> str:
        return self.reference_key


class ContactLoss(models.Model):
    """A place that fell silent while something was expected of it, and when it was heard again."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    alert_id = models.BigIntegerField()
    last_heard_at = models.DateTimeField(null=True)
    last_path = models.CharField(max_length=12, default="")
    lost_at = models.DateTimeField()
    regained_at = models.DateTimeField(null=True)
    regained_path = models.CharField(max_length=12, default="")
    node_key = models.CharField(max_length=130, default="")  # hex: who named it; it also unnames

    def __str__(self) -> str:
        return f"{self.place_code} lost"
