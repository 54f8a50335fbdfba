"""Persons, the posts they hold, how to reach them, and households.

References carry no database constraint: a fact may arrive before the fact it refers to, and
the row must not wait for it. Queries join and leave out what is not there yet. Texts have no
length in the database either: the services refuse long ones, an apply refuses nothing.
"""

from __future__ import annotations

from django.db import models


class Person(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()  # "" once erased: the row still counts
    place_code = models.CharField(max_length=17, db_index=True)
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(
        default=False
    )  # no longer in the register; history still names it
    field_clock = models.TextField()  # field -> clock of the fact that set it, sorted JSON

    class Meta:
        db_table = "people_person"

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A duty at a place, whoever holds it. A duty room's number belongs to the post."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)
    role = models.TextField()
    title = models.TextField()
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField(default="{}")

    class Meta:
        db_table = "people_post"

    def __str__(self) -> str:
        return f"{self.place_code} {self.title}"


class PostHolding(models.Model):
    """Slot A answers for the post; slot B stands in when A does not."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(
        Post, on_delete=models.DO_NOTHING, db_constraint=False, related_name="holdings"
    )
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, related_name="holdings"
    )
    place_code = models.CharField(max_length=17, db_index=True)
    slot = models.CharField(max_length=1)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    field_clock = models.TextField()

    class Meta:
        db_table = "people_postholding"

    def __str__(self) -> str:
        return f"{self.slot} {self.post_id}"


class ContactPoint(models.Model):
    """One way to reach a person, or whoever sits at a post."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="contact_points",
    )
    post = models.ForeignKey(
        Post,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="contact_points",
    )
    place_code = models.CharField(max_length=17, db_index=True)
    kind = models.TextField()  # phone | email | app | in_person
    value = models.TextField()  # "" once erased
    proven_at = models.DateTimeField(null=True)  # when somebody last answered there
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField()

    class Meta:
        db_table = "people_contactpoint"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Household(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17, db_index=True)  # group, grid or village
    label = models.TextField()
    people_count = models.IntegerField()
    assist_level = models.SmallIntegerField()  # 需协助转移: 0 none - 3 carried; never a diagnosis
    assist_people = models.IntegerField()  # how many of them need that help
    responsible_person = models.ForeignKey(
        Person,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="households_answered_for",
    )  # 转移包保责任人
    group_head = models.ForeignKey(
        Person,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="households_headed",
    )  # 中心户长
    contact_person = models.ForeignKey(
        Person,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="households_spoken_for",
    )  # the household's own number: whom a call to this household rings
    relative_name = models.TextField()
    relative_phone = models.TextField()
    lon_e7 = models.IntegerField(null=True)
    lat_e7 = models.IntegerField(null=True)
    tonight_people = models.IntegerField()
    tonight_at = models.DateTimeField(null=True)  # None: nobody has counted, register figure
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField()

    class Meta:
        db_table = "people_household"

    def __str__(self) -> str:
        return self.label


class RegisterRevision(models.Model):
    """Counts the facts that touched households, so that processes know when to read again."""

    journal_projection = True
    digest_exclude = ("number",)

    name = models.CharField(max_length=30, primary_key=True)
    number = models.BigIntegerField()

    class Meta:
        db_table = "people_registerrevision"

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
