"""Lists, relayed words, reports, reviews and links: what their facts add up to."""

from __future__ import annotations

from django.db import models

PLACE_DIGITS_MAX = 17


class DrawnList(models.Model):
    """The unanswered five minutes after a callout began. Who they were follows from the calls."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    at = models.DateTimeField()
    called = models.IntegerField()
    unanswered = models.IntegerField()


class TakenPaper(models.Model):
    """Who took which paper out, for whom, why, and whether names were in it."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=24)
    what = models.CharField(max_length=16)
    callout_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    format = models.CharField(max_length=8)
    at = models.DateTimeField()  # the moment that the paper shows
    rows_count = models.IntegerField()
    with_personal = models.BooleanField()
    reason = models.TextField(default="", blank=True)
    recipient = models.TextField()
    actor_name = models.TextField()
    taken_by = models.BigIntegerField()
    taken_at = models.DateTimeField()


class RelayedWord(models.Model):
    """What a group said of a person: never that person's answer, and it ends no call."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout_id = models.BigIntegerField()
    call_id = models.BigIntegerField()
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    said = models.CharField(max_length=16)
    text = models.TextField(default="", blank=True)
    group = models.TextField(default="", blank=True)
    heard_at = models.DateTimeField()
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    client_id = models.CharField(max_length=64, db_index=True)

    class Meta:
        indexes = (models.Index(fields=("callout_id", "place_code"), name="papers_relayed"),)


class Bulletin(models.Model):
    """One version of one issue of a 值班快报. Rows are added and never changed."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    alert_id = models.BigIntegerField(db_index=True)
    callout_id = models.BigIntegerField(null=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    year = models.SmallIntegerField()
    issue = models.IntegerField()
    version = models.SmallIntegerField()
    kind = models.CharField(max_length=12)
    numbers = models.JSONField(default=dict)
    edited = models.JSONField(
        default=dict
    )  # name -> what the record said where somebody put it right
    notes = models.JSONField(default=dict)  # name -> why it is less than before
    sections = models.JSONField(default=list)
    contact = models.TextField(default="", blank=True)
    main_to = models.TextField(default="", blank=True)
    copy_to = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    late_reason = models.TextField(default="", blank=True)
    known_at = models.DateTimeField()
    exercise = models.BooleanField()
    issued_by = models.BigIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        # The next number of an office's year.
        indexes = (models.Index(fields=("place_code", "year"), name="papers_bulletin_year"),)


class SignedReview(models.Model):
    """A review that was made: the hash of its PDF and the figures in it."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    fact_id = models.CharField(max_length=32, db_index=True)
    callout_id = models.BigIntegerField(db_index=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    sha256 = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    recipient = models.TextField()
    made_by = models.BigIntegerField()
    made_at = models.DateTimeField()


class Share(models.Model):
    """A link for an inquiry. Shows what its maker may see, no more, and until it ends."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout_id = models.BigIntegerField(db_index=True)
    alert_id = models.BigIntegerField(null=True)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64)
    parts = models.JSONField(default=list)
    recipient = models.TextField()
    reason = models.TextField()
    expires_at = models.DateTimeField()
    made_by = models.BigIntegerField()
    made_at = models.DateTimeField()


class ShareStep(models.Model):
    """Withdrawn, opened, refused: what happened to a link, also where it comes before the link."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    share_id = models.BigIntegerField(db_index=True)
    verb = models.CharField(max_length=12)
    reason = models.TextField(default="", blank=True)
    by = models.BigIntegerField()
    at = models.DateTimeField()
