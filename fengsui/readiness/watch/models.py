"""Shifts, handovers, roll-calls, check-ins and reported events. No constraints between rows: facts
come in any order, and a row whose neighbour is not here yet is left out by the queries."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

PLACE_DIGITS_MAX = 17


class Shift(models.Model):
    """One person in one duty room, from then until then."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    post_id = models.BigIntegerField()  # the duty room
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    position = models.CharField(max_length=8)
    person_id = models.BigIntegerField(db_index=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(db_index=True)
    uid = models.TextField(default="")  # of the calendar event it came from
    is_withdrawn = models.BooleanField(default=False)
    reason = models.TextField(default="")  # of the last change; "" once erased
    changed_key = models.CharField(max_length=60, default="")  # which change stands

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["place_code", "until_at"], name="watch_shift_place"),
            models.Index(fields=["post_id", "until_at"], name="watch_shift_room"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.from_at}"


class LocalRule(models.Model):
    """A number that a place sets for its duty: 本县规则(默认), not law."""

    journal_projection = True
    digest_exclude = ("id",)

    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    name = models.CharField(max_length=24)
    number = models.IntegerField()
    changed_key = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place_code", "name"], name="watch_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Handover(models.Model):
    """接班签字: from here on the incoming officer answers for what is listed."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    post_id = models.BigIntegerField()
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    incoming_id = models.BigIntegerField()
    outgoing_id = models.BigIntegerField(null=True)
    shift_until_at = models.DateTimeField()
    matters = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    signed_by = models.BigIntegerField()
    signed_at = models.DateTimeField()
    order_key = models.CharField(max_length=60)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["post_id", "order_key"], name="watch_handover_room")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.signed_at}"


class Note(models.Model):
    """交接事项: open until somebody closes it."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    post_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    text = models.TextField()  # "" once erased
    written_by = models.BigIntegerField()
    written_at = models.DateTimeField()
    closed_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.post_id} {self.id}"


class RollCall(models.Model):
    """抽查点名: the answers are those of its callout."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    callout_id = models.BigIntegerField()
    within_s = models.IntegerField()
    rooms = models.JSONField(default=list)  # [post_id, place_code, title, person_id]
    exercise = models.BooleanField(default=False)
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.place_code} {self.opened_at}"


class CheckIn(models.Model):
    """Somebody in the field who is to be heard of every so often, until then."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    leader_id = models.BigIntegerField(null=True)
    every_s = models.IntegerField()
    task = models.TextField(default="")  # "" once erased
    exercise = models.BooleanField(default=False)
    started_by = models.BigIntegerField()
    started_at = models.DateTimeField()
    first_due_at = models.DateTimeField()
    until_at = models.DateTimeField()
    node_key = models.CharField(max_length=130, default="")  # hex: who started it also misses it
    # What the words, the misses and the end add up to; see apply.
    due_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)  # None: in time, or heard of since
    callout_id = models.BigIntegerField(null=True)  # that rang the leader for the miss
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, default="")
    end_reason = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="watch_checkin_due",
                condition=models.Q(ended_at__isnull=True, missed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.due_at}"


class Word(models.Model):
    """One check-in, with where it was said if the phone told."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    check_in_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    client_id = models.CharField(max_length=64, default="", db_index=True)
    at = models.DateTimeField()
    next_due_at = models.DateTimeField()
    how = models.CharField(max_length=12)
    lon_e7 = models.IntegerField(null=True)
    lat_e7 = models.IntegerField(null=True)
    accuracy_m = models.IntegerField(null=True)
    text = models.TextField(default="")
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.check_in_id} {self.at}"


class Miss(models.Model):
    """A check-in that was due and did not come, and the callout that rang the leader."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    check_in_id = models.BigIntegerField(db_index=True)
    due_at = models.DateTimeField()
    found_at = models.DateTimeField()
    callout_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.check_in_id} {self.due_at}"


class Ending(models.Model):
    """Who ended which watch over somebody; it may come before the watch itself."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    check_in_id = models.BigIntegerField(db_index=True)
    outcome = models.CharField(max_length=16)
    reason = models.TextField(default="")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.check_in_id} {self.outcome}"


class Incident(models.Model):
    """An event that a duty room heard of and reports about. The clock runs from `known_at`."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    post_id = models.BigIntegerField()  # the duty room that answers for the reports
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)  # of that room
    where_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    title = models.TextField(default="")  # "" once erased
    heard_from = models.TextField(default="")
    profile = models.CharField(max_length=24)
    occurred_at = models.DateTimeField(null=True)
    entered_by = models.BigIntegerField()
    entered_at = models.DateTimeField()
    first_known_at = models.DateTimeField()  # as it was entered
    first_grade = models.CharField(max_length=16)
    # What corrections, the end and the reports add up to; see apply.
    known_at = models.DateTimeField()
    grade = models.CharField(max_length=16)
    closed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)  # the final report

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["known_at"],
                name="watch_incident_open",
                condition=models.Q(finished_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_code} {self.known_at}"


class IncidentReport(models.Model):
    """One report that was made. Whether it was late is worked out when it is read."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    incident_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    told_to = models.TextField(default="")
    has_reason = models.BooleanField(default=False)
    late_reason = models.TextField(default="")
    reason_key = models.CharField(max_length=60, default="")  # which fact's reason stands
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind} {self.at}"


class IncidentCorrection(models.Model):
    """A later word on when an event became known, or how grave it is; the first stays shown."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    incident_id = models.BigIntegerField(db_index=True)
    known_at = models.DateTimeField()
    grade = models.CharField(max_length=16)
    reason = models.TextField(default="")
    corrected_by = models.BigIntegerField()
    corrected_at = models.DateTimeField()
    order_key = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.incident_id} {self.known_at}"


class IncidentEnd(models.Model):
    """The end of handling; it may come before the event itself, and be taken back."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    incident_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(default=0)
    reason = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at}"
