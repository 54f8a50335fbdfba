"""Certificates, revocations and witnesses as the facts add up, and what only this machine knows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CertificateColumns(models.Model):
    """What a certificate says. Times are milliseconds since 1970."""

    fact_id = models.BinaryField(max_length=16, unique=True)
    issuer_key = models.BinaryField()
    issued_hlc = models.BigIntegerField()
    public_key = models.BinaryField(db_index=True)
    suite = models.IntegerField()
    link_key = models.BinaryField(max_length=32)
    short_id = models.IntegerField()
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=12)
    scope = models.CharField(max_length=17)
    kinds = models.TextField(blank=True)  # JSON list of numbers; "" for all
    not_before_ms = models.BigIntegerField()
    not_after_ms = models.BigIntegerField()
    replaces_until_ms = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class Certificate(CertificateColumns):
    """A certificate that came through the journal and was judged."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)

    class Meta:
        db_table = "nodes_certificate"


class AcceptedCertificate(CertificateColumns):
    """A link of the chain that this node was handed at its enrolment, with the signed bytes.

    The same fact comes through the journal later; until then this is what the node goes by.
    """

    engine_bookkeeping = True  # of this machine: no fact adds up to it

    id = models.BigAutoField(primary_key=True)
    fact = models.BinaryField()  # CBOR: [feed key, header, body, signature]

    class Meta:
        db_table = "nodes_accepted_certificate"


class Revocation(models.Model):
    """A key that is no longer believed."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    issuer_key = models.BinaryField()
    public_key = models.BinaryField(db_index=True)
    scope = models.CharField(max_length=17)
    reason_code = models.CharField(max_length=12)
    reason = models.CharField(max_length=400)
    revoked_ms = models.BigIntegerField()
    last_valid = models.TextField()  # JSON {feed id in hex: number}
    unwitnessed = models.CharField(max_length=8)

    class Meta:
        db_table = "nodes_revocation"


class Witness(models.Model):
    """The furthest that a node has witnessed a feed."""

    journal_projection = True
    digest_exclude: ClassVar[tuple[str, ...]] = ("id",)

    id = models.BigAutoField(primary_key=True)
    feed_id = models.BinaryField(max_length=16)
    witness_key = models.BinaryField()
    seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    at_ms = models.BigIntegerField()

    class Meta:
        db_table = "nodes_witness"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed_id", "witness_key"], name="nodes_witness_once")
        ]


class DayClosed(models.Model):
    """The root over every feed as it stood at the end of a day (Beijing)."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    issuer_key = models.BinaryField()
    scope = models.CharField(max_length=17)
    date = models.CharField(max_length=10)
    feeds = models.IntegerField()
    facts = models.BigIntegerField()
    root = models.BinaryField(max_length=32)

    class Meta:
        db_table = "nodes_day_closed"


class Anchor(models.Model):
    """One row: the county's root key, which this node trusts above all."""

    engine_bookkeeping = True  # of this machine: no fact adds up to it

    id = models.SmallAutoField(primary_key=True)
    suite = models.IntegerField()
    public_key = models.BinaryField()
    county_code = models.CharField(max_length=12)
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "nodes_anchor"


class EnrolmentRequest(models.Model):
    """A request that a new node has handed to this one over the network, until a person decides."""

    engine_bookkeeping = True  # of this machine: no fact adds up to it

    id = models.BigAutoField(primary_key=True)
    short_code = models.CharField(max_length=24, unique=True)
    request = models.BinaryField()
    received_at = models.DateTimeField()
    answer = models.TextField(blank=True)

    class Meta:
        db_table = "nodes_enrolment_request"
