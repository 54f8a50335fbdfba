"""The journal's tables. Facts are kept as the bytes that were hashed and signed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class FactState(models.IntegerChoices):
    """What became of a stored fact here. The bytes are kept in every case."""

    APPLIED = 0
    WAITING = 1
    UNKNOWN_KIND = 2
    NOT_APPLIED = 3


class Feed(models.Model):
    """One chain: (suite, node key, incarnation, class, audience)."""

    id = models.BigAutoField(primary_key=True)
    feed_id = models.BinaryField(max_length=16, unique=True)
    suite = models.IntegerField()
    public_key = models.BinaryField()
    incarnation = models.BigIntegerField()
    fact_class = models.SmallIntegerField()
    audience = models.CharField(max_length=17)
    is_own = models.BooleanField(default=False)
    head_seq = models.BigIntegerField(default=-1)
    head_hash = models.BinaryField(max_length=32, default=bytes(32))

    class Meta:
        db_table = "journal_feed"


class StoredFact(models.Model):
    """One fact, byte for byte. The columns beside header, body and signature are an index."""

    arrival = models.BigAutoField(primary_key=True)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    fact_id = models.BinaryField(max_length=16, unique=True)
    kind = models.IntegerField()
    hlc = models.BigIntegerField()
    scope = models.CharField(max_length=17)
    cause = models.BinaryField(max_length=16, null=True)
    state = models.SmallIntegerField(choices=FactState.choices, default=FactState.APPLIED)
    clock_suspect = models.BooleanField(default=False)
    header = models.BinaryField()
    body = models.BinaryField()
    signature = models.BinaryField(null=True)
    # Which request to this machine led to it. Not in the bytes: no other node is told.
    request_id = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        db_table = "journal_fact"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "seq"], name="journal_fact_feed_seq")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["cause"],
                name="journal_fact_cause",
                condition=models.Q(cause__isnull=False),
            ),
            models.Index(fields=["state"], name="journal_fact_state", condition=~models.Q(state=0)),
            models.Index(
                fields=["request_id"],
                name="journal_fact_request",
                condition=models.Q(request_id__gt=""),
            ),
        ]


class About(models.Model):
    """Which facts speak of which entity. Derived from the facts, rebuilt with them."""

    journal_projection = True
    digest_exclude: ClassVar[tuple[str, ...]] = ("id",)

    id = models.BigAutoField(primary_key=True)
    entity = models.BigIntegerField()
    arrival = models.BigIntegerField()

    class Meta:
        db_table = "journal_about"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entity", "arrival"], name="journal_about_once")
        ]


class Waiting(models.Model):
    """A fact whose referent has not arrived: applied again when `entity` comes into being."""

    id = models.BigAutoField(primary_key=True)
    entity = models.BigIntegerField(db_index=True)
    arrival = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "journal_waiting"


class Quarantined(models.Model):
    """Bytes that came from elsewhere and were refused, with the reason and who carried them."""

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    carrier = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    feed_id = models.BinaryField(max_length=16, null=True)
    seq = models.BigIntegerField(null=True)
    # The key of the feed as CBOR, for facts that wait here for their author's certificate.
    feed_key = models.BinaryField(null=True)
    author = models.BinaryField(null=True, db_index=True)
    digest = models.BinaryField(max_length=32, unique=True)
    header = models.BinaryField()
    body = models.BinaryField()
    signature = models.BinaryField(null=True)

    class Meta:
        db_table = "journal_quarantined"


class Fork(models.Model):
    """A feed of which two versions exist, from the lowest number that is known to have two."""

    journal_projection = True
    digest_exclude: ClassVar[tuple[str, ...]] = ("id",)

    id = models.BigAutoField(primary_key=True)
    feed_id = models.BinaryField(max_length=16, unique=True)
    public_key = models.BinaryField(db_index=True)
    seq = models.BigIntegerField()
    found_ms = models.BigIntegerField()

    class Meta:
        db_table = "journal_fork"


class ClockWord(models.Model):
    """What was said about the clock of a stretch of a feed: doubted, or set right by a shift.

    An index of facts that must be known before the facts they speak of: a rebuild keeps it.
    """

    id = models.BigAutoField(primary_key=True)
    fact_id = models.BinaryField(max_length=16, unique=True)
    feed_id = models.BinaryField(max_length=16, db_index=True)
    from_seq = models.BigIntegerField()
    to_seq = models.BigIntegerField()
    hlc = models.BigIntegerField()
    witnessed_ms = models.BigIntegerField(null=True)
    shift_ms = models.BigIntegerField(null=True)
    scope = models.CharField(max_length=17, blank=True)

    class Meta:
        db_table = "journal_clock_word"


class Difference(models.Model):
    """Two values of one field, written unknown to each other. The values stay in the facts."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    entity = models.CharField(max_length=40, db_index=True)
    what = models.CharField(max_length=60)
    scope = models.CharField(max_length=17)
    kept_fact = models.BinaryField(max_length=16)
    other_fact = models.BinaryField(max_length=16)
    found_at = models.DateTimeField()
    decision = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=400, blank=True)
    settled_by = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_clock = models.CharField(max_length=48, blank=True)

    class Meta:
        db_table = "journal_difference"


class Flagged(models.Model):
    """A fact that counts though its author's key was in doubt when it may have been written."""

    arrival = models.BigIntegerField(primary_key=True)
    public_key = models.BinaryField(db_index=True)

    class Meta:
        db_table = "journal_flagged"


class Unsettled(models.Model):
    """Node keys whose stored facts must be judged anew; the empty key: tables to be rebuilt."""

    id = models.BigAutoField(primary_key=True)
    public_key = models.BinaryField(unique=True)

    class Meta:
        db_table = "journal_unsettled"


class Damaged(models.Model):
    """A stored fact whose bytes no longer fit its hash. Removed when a sound copy has come."""

    id = models.BigAutoField(primary_key=True)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    found_at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        db_table = "journal_damaged"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "seq"], name="journal_damaged_once")
        ]


class KnownNode(models.Model):
    """A node key that is trusted without a certificate: by hand, where there is no root."""

    id = models.BigAutoField(primary_key=True)
    suite = models.IntegerField()
    public_key = models.BinaryField(unique=True)
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=17, blank=True)

    class Meta:
        db_table = "journal_known_node"


class NodeState(models.Model):
    """One row: the clock and the incarnation, moved in the same transaction as the facts."""

    id = models.SmallAutoField(primary_key=True)
    hlc = models.BigIntegerField(default=0)
    incarnation = models.BigIntegerField(default=0)
    nonce = models.BinaryField(max_length=16, default=bytes(16))
    projection_version = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "journal_node_state"


class CommandDone(models.Model):
    """A command that came over the socket and its answer, so that a retry is not done twice."""

    id = models.BigAutoField(primary_key=True)
    command_id = models.BinaryField(max_length=16, unique=True)
    reply = models.BinaryField()
    done_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "journal_command_done"


class Verification(models.Model):
    """One row: how far the running check of the whole journal has come and what it found."""

    id = models.SmallAutoField(primary_key=True)
    state = models.CharField(max_length=12, default="checking")
    facts = models.BigIntegerField(default=0)
    upto = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    finding_zh = models.CharField(max_length=300, blank=True)
    finding_en = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "journal_verification"
