"""Thin links of this machine and what waits for a slot; and what was heard, from the facts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fengsui.exchange.telegrams.states import Carrier, Standing

PLACE_DIGITS_MAX = 17


class ThinLink(models.Model):
    """One terminal or radio of this machine."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=200)
    carrier = models.CharField(max_length=8, choices=[(one, one) for one in Carrier])
    frame_bytes_max = models.IntegerField()
    pace_ms = models.IntegerField(default=0)
    bytes_per_minute = models.IntegerField(null=True)
    signs = models.BooleanField(default=False)  # carries the 64-byte signature as well
    p0_in_a_row = models.SmallIntegerField(default=0)
    scanned_arrival = models.BigIntegerField(default=0)
    state = models.CharField(max_length=24, default="", blank=True)
    last_error = models.CharField(max_length=200, default="", blank=True)
    last_sent_at = models.DateTimeField(null=True)
    last_heard_at = models.DateTimeField(null=True)
    frames_sent = models.BigIntegerField(default=0)
    frames_heard = models.BigIntegerField(default=0)
    frames_refused = models.BigIntegerField(default=0)

    class Meta:
        db_table = "telegrams_link"


class ThinPeer(models.Model):
    """A node at the other end of a link: its card number or host and port."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(ThinLink, on_delete=models.CASCADE, related_name="peers")
    public_key = models.BinaryField(max_length=256)
    address = models.CharField(max_length=80)
    last_heard_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "telegrams_peer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link", "public_key"], name="telegrams_peer_once")
        ]


class Outgoing(models.Model):
    """A telegram for one peer. It is sealed anew for every try, never twice with one number."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    peer = models.ForeignKey(ThinPeer, on_delete=models.CASCADE, related_name="outgoing")
    kind = models.CharField(max_length=24)
    priority = models.SmallIntegerField()
    fact_class = models.SmallIntegerField()
    telegram = models.BinaryField()  # PER of the message alone
    # The fact it stands for, to see that another carrier was faster.
    feed_id = models.BinaryField(max_length=16, null=True)
    seq = models.BigIntegerField(null=True)
    source = models.CharField(max_length=80)  # once per fact, kind and part
    subject = models.CharField(max_length=80, default="", blank=True)  # newer replaces older
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True)
    standing = models.CharField(max_length=16, default=Standing.QUEUED)

    class Meta:
        db_table = "telegrams_outgoing"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["peer", "source"], name="telegrams_outgoing_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"],
                name="telegrams_due",
                condition=models.Q(standing="queued"),
            ),
        ]


class SentFrame(models.Model):
    """A number that was used, on the disk before its frame left."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(ThinLink, on_delete=models.CASCADE)
    public_key = models.BinaryField(max_length=256)
    epoch = models.IntegerField()
    fact_class = models.SmallIntegerField()
    number = models.BigIntegerField()
    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, null=True)
    size = models.IntegerField()
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "telegrams_sent_frame"
        indexes: ClassVar = [
            models.Index(fields=["public_key", "number"], name="telegrams_sent_number")
        ]


class SendCounter(models.Model):
    """The next number for frames to a node, per epoch and class."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    public_key = models.BinaryField(max_length=256)
    epoch = models.IntegerField()
    fact_class = models.SmallIntegerField()
    next_number = models.BigIntegerField()
    # Until the node has acknowledged one of them, frames say their epoch and number whole.
    is_known = models.BooleanField(default=False)

    class Meta:
        db_table = "telegrams_counter"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["public_key", "epoch", "fact_class"], name="telegrams_counter_once"
            )
        ]


class HeardWindow(models.Model):
    """Which numbers of a node's frames were opened here, per epoch and class."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    public_key = models.BinaryField(max_length=256)
    epoch = models.IntegerField()
    fact_class = models.SmallIntegerField()
    highest = models.BigIntegerField()
    seen = models.BinaryField()

    class Meta:
        db_table = "telegrams_window"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["public_key", "epoch", "fact_class"], name="telegrams_window_once"
            )
        ]


class OwedReceipt(models.Model):
    """A frame that was opened and whose sender has not been told."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    public_key = models.BinaryField(max_length=256)
    epoch = models.IntegerField()
    fact_class = models.SmallIntegerField()
    number = models.BigIntegerField()
    owed_at = models.DateTimeField()

    class Meta:
        db_table = "telegrams_owed_receipt"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["public_key", "epoch", "fact_class", "number"], name="telegrams_owed_once"
            )
        ]


class Heard(models.Model):
    """One telegram or typed text as some gateway heard it."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=24)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    sender = models.CharField(max_length=512, default="", blank=True)  # public key, hexadecimal
    reference_key = models.TextField(default="", blank=True, db_index=True)
    part = models.CharField(max_length=40, default="", blank=True)
    path = models.CharField(max_length=12)
    link = models.CharField(max_length=40)
    is_signed = models.BooleanField(default=False)
    content = models.JSONField(default=dict)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        db_table = "telegrams_heard"

    def __str__(self) -> str:
        return f"{self.kind} by {self.path}"


class InstructionAnswer(models.Model):
    """An answer given where an alert was known by its telegram only."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    alert = models.IntegerField()  # short id
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX, db_index=True)
    person_id = models.BigIntegerField()
    answer_kind = models.CharField(max_length=16)
    reference_key = models.TextField()  # of the answering fact itself
    client_id = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "telegrams_instruction_answer"

    def __str__(self) -> str:
        return f"{self.alert}: {self.answer_kind}"
