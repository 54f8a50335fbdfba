"""Role grants are projections of facts; credentials, links and sessions stay on this machine."""

from __future__ import annotations

from django.db import models

# --- from facts ----------------------------------------------------------------------------


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


class OwnRole(models.Model):
    """A role that the county has set up beside the builtin ones."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    name_zh = models.TextField()
    name_en = models.TextField()
    permissions = models.JSONField()  # codes, sorted
    granted_by = models.JSONField()  # codes of roles
    place_code = models.CharField(max_length=17)
    set_clock = models.TextField()  # of the fact whose content stands
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name_zh

    @property
    def code(self) -> str:
        return f"own_{self.pk}"


class PolicyValue(models.Model):
    """One rule for signing in that the county has set for itself."""

    journal_projection = True

    name = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()
    set_clock = models.TextField()

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of another system: what it may do. Its secret's hash is elsewhere, in KeySecret."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)  # who answers for it
    name = models.TextField()
    place_code = models.CharField(max_length=17)
    permissions = models.JSONField()
    made_at = models.DateTimeField()
    until_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """A person as a single sign-on provider knows them: by its stable subject, nothing else."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    issuer = models.TextField()
    subject = models.TextField(db_index=True)  # "" once erased
    linked_at = models.DateTimeField()
    unlinked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.issuer}"


# --- of this machine only, in local.db -------------------------------------------------------


class Credential(models.Model):
    """Local secret of a person on this node; never journaled, never exported."""

    person_id = models.BigIntegerField(primary_key=True)
    sign_in_name = models.CharField(max_length=80, unique=True)
    password_hash = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    former_hashes = models.JSONField(default=list)  # newest first

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
    """Failed attempts for a name, an address, a browser that is known, or a second factor."""

    key = models.CharField(max_length=120, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class Factor(models.Model):
    """The second factor of a person: its secret sealed with this node's own, codes hashed."""

    person_id = models.BigIntegerField(primary_key=True)
    sealed_secret = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # a code counts once
    recovery_hashes = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.person_id)


class SessionNote(models.Model):
    """What a person may know of a session of theirs. Listed by its own id, never by the cookie."""

    id = models.CharField(max_length=32, primary_key=True)
    session_key = models.CharField(max_length=40, unique=True)
    person_id = models.BigIntegerField(db_index=True)
    how = models.CharField(max_length=20)
    address = models.CharField(max_length=60)
    browser = models.CharField(max_length=160)
    begun_at = models.DateTimeField()
    active_at = models.DateTimeField()
    is_kept = models.BooleanField(default=False)  # a phone's, opened by its own key
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id


class SignIn(models.Model):
    """One attempt to sign in, also the failed ones: the list that the auditor reads."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    person_id = models.BigIntegerField(null=True, db_index=True)
    how = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    address = models.CharField(max_length=60)
    browser = models.CharField(max_length=160)

    def __str__(self) -> str:
        return f"{self.how} {self.outcome}"


class KeySecret(models.Model):
    """The hash of a key's secret and how it is used, on the node that made it."""

    key_id = models.BigIntegerField(primary_key=True)
    secret_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)
    used_from = models.CharField(max_length=60, default="")

    def __str__(self) -> str:
        return str(self.key_id)
