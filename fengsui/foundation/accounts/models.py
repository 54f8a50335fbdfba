"""Role grants are projections of facts; credentials and links stay on this machine."""

from __future__ import annotations

from django.db import models


class RoleGrant(models.Model):
    """A role held by a person over a subtree."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    role = models.CharField(max_length=40)
    place_code = models.CharField(max_length=17)
    revoked_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)  # ends by itself, without another fact

    def __str__(self) -> str:
        return f"{self.role} @ {self.place_code}"


class EarlyRevocation(models.Model):
    """A revocation whose grant has not arrived yet: it must win whenever the grant comes."""

    journal_projection = True
    digest_exclude = ("id",)

    grant_id = models.BigIntegerField(unique=True)
    revoked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.grant_id)


class Credential(models.Model):
    """Local secret of a person on this node; never journaled, never exported."""

    person_id = models.BigIntegerField(primary_key=True)
    sign_in_name = models.CharField(max_length=80, unique=True)
    password_hash = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sign_in_name


class OneTimeLink(models.Model):
    """Only the hash of the token is kept."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    person_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.person_id)


class Throttle(models.Model):
    """Failed attempts for a name or an address."""

    key = models.CharField(max_length=120, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key
