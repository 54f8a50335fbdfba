"""Alerts and standing authorisations: what the facts add up to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fengsui.response.alerts.states import AlertKind, AlertState


class Alert(models.Model):
    """One warning, alarm or instruction, with the eight fields the law asks for."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)  # of the node that owns it
    kind = models.CharField(max_length=24, choices=[(one.value, one.value) for one in AlertKind])
    state = models.CharField(
        max_length=12, db_index=True, choices=[(one.value, one.value) for one in AlertState]
    )

    category = models.CharField(max_length=12)  # GB/T 35561 code
    level = models.CharField(max_length=8)
    starts_at = models.DateTimeField()
    area_description = models.TextField()
    caution = models.TextField()
    instruction = models.TextField()
    issuer = models.CharField(max_length=120)
    issued_at = models.DateTimeField()

    category_name = models.CharField(max_length=60)
    expires_at = models.DateTimeField(null=True)
    area_codes = models.JSONField(default=list)
    polygons_e7 = models.JSONField(default=list)
    instruction_is_default = models.BooleanField(default=False)
    include_other_households = models.BooleanField(default=False)
    headline = models.TextField()
    short_text = models.CharField(max_length=60)
    verbatim_text = models.TextField()
    identifier = models.CharField(max_length=200, db_index=True)
    msg_type = models.CharField(max_length=12)
    references = models.JSONField(default=list)
    exercise = models.BooleanField(default=False)
    source_format = models.CharField(max_length=40)
    signature = models.JSONField(default=dict)
    self_rescue = models.BooleanField(default=False)
    self_rescue_reviewed_at = models.DateTimeField(null=True)

    author_id = models.BigIntegerField()
    approver_id = models.BigIntegerField(null=True)
    authorisation_id = models.BigIntegerField(null=True)
    sequel = models.CharField(max_length=12, default="")
    predecessor_id = models.BigIntegerField(null=True)
    callout_id = models.BigIntegerField(null=True)
    evacuation_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="alert_four_eyes",
                condition=Q(approver_id=None) | ~Q(approver_id=models.F("author_id")),
            ),
            models.CheckConstraint(
                name="alert_statutory_not_empty",
                condition=~Q(category="")
                & ~Q(level="")
                & ~Q(area_description="")
                & ~Q(caution="")
                & ~Q(instruction="")
                & ~Q(issuer=""),
            ),
        )

    def __str__(self) -> str:
        return self.headline


class AlertStep(models.Model):
    """One move in an alert's life, for the page's history: who, when, why."""

    journal_projection = True
    digest_exclude = ("id",)

    fact_id = models.CharField(max_length=32, unique=True)
    alert_id = models.BigIntegerField(db_index=True)
    verb = models.CharField(max_length=24)
    person_id = models.BigIntegerField()
    at = models.DateTimeField()
    reason = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.verb} {self.alert_id}"


class Authorisation(models.Model):
    """A leader's signature given beforehand for verified official orange and red warnings."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17)
    levels = models.JSONField(default=list)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    signed_by = models.BigIntegerField()
    note = models.TextField(default="")
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.levels} @ {self.place_code}"
