"""Persons, the posts they hold, how to reach them, and households.

References carry no database constraint: a fact may arrive before the fact it refers to, and
the row must not wait for it. Queries join and leave out what is not there yet. Texts have no
length in the database either: the services refuse long ones, an apply refuses nothing.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Person(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()  # "" once erased: the row still counts
    place_code = models.CharField(max_length=17)
    is_invented = models.BooleanField()
    is_withdrawn = models.BooleanField(
        default=False
    )  # no longer in the register; history still names it
    field_clock = models.TextField()  # field -> clock of the fact that set it, sorted JSON

    class Meta:
        db_table = "people_person"
        indexes: ClassVar = [
            models.Index(fields=["place_code", "is_withdrawn", "id"], name="people_person_place"),
            models.Index(fields=["name", "id"], name="people_person_by_name"),
            models.Index(
                fields=["place_code", "id"],
                condition=models.Q(is_withdrawn=True),
                name="people_person_withdrawn",
            ),
        ]

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
        indexes: ClassVar = [
            models.Index(fields=["title", "id"], name="people_post_by_title"),
            models.Index(fields=["role", "id"], name="people_post_by_role"),
        ]

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
    failed_at = models.DateTimeField(null=True)  # when it was last found to be dead
    is_withdrawn = models.BooleanField(default=False)
    field_clock = models.TextField()

    class Meta:
        db_table = "people_contactpoint"
        indexes: ClassVar = [
            models.Index(fields=["value", "id"], name="people_contactpoint_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Household(models.Model):
    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    place_code = models.CharField(max_length=17)  # group, grid or village
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
        # What the ledger sorts and filters by, each with the id as the tie-break.
        indexes: ClassVar = [
            models.Index(
                fields=["place_code", "is_withdrawn", "id"], name="people_household_place"
            ),
            models.Index(fields=["label", "id"], name="people_household_by_label"),
            models.Index(fields=["people_count", "id"], name="people_household_by_people"),
            models.Index(fields=["assist_level", "id"], name="people_household_by_assist"),
            models.Index(
                fields=["place_code", "id"],
                condition=models.Q(is_withdrawn=True),
                name="people_household_withdrawn",
            ),
        ]

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


class StandIn(models.Model):
    """临时顶岗: somebody is on a post for a while, and it ends by itself."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(
        Post, on_delete=models.DO_NOTHING, db_constraint=False, related_name="stand_ins"
    )
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, related_name="standing_in"
    )
    absent_person = models.ForeignKey(  # None: the post was empty
        Person,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="stood_in_for",
    )
    place_code = models.CharField(max_length=17, db_index=True)
    slot = models.CharField(max_length=1)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)  # early, by a person
    was_mistake = models.BooleanField(default=False)
    reason = models.TextField()  # "" once erased
    named_by = models.BigIntegerField()
    named_at = models.DateTimeField()
    field_clock = models.TextField()

    class Meta:
        db_table = "people_standin"

    def __str__(self) -> str:
        return f"{self.post_id} {self.person_id}"


class Absence(models.Model):
    """离岗报备: a person is away from all posts from then until then."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, related_name="absences"
    )
    place_code = models.CharField(max_length=17, db_index=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    was_mistake = models.BooleanField(default=False)
    reason = models.TextField()  # "" once erased
    reported_by = models.BigIntegerField()
    reported_at = models.DateTimeField()
    field_clock = models.TextField()

    class Meta:
        db_table = "people_absence"

    def __str__(self) -> str:
        return f"{self.person_id} {self.from_at}"


class HouseholdAway(models.Model):
    """外出: a household, or some of its people, are away, and who said so."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(
        Household, on_delete=models.DO_NOTHING, db_constraint=False, related_name="aways"
    )
    place_code = models.CharField(max_length=17, db_index=True)
    people = models.IntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    was_mistake = models.BooleanField(default=False)
    said_by = models.TextField()  # "" once erased
    said_how = models.TextField()
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    field_clock = models.TextField()

    class Meta:
        db_table = "people_householdaway"

    def __str__(self) -> str:
        return f"{self.household_id} {self.people}"


class ToldApart(models.Model):
    """Somebody looked: these two are not one person, however alike they look."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    first_id = models.BigIntegerField(db_index=True)
    second_id = models.BigIntegerField()
    place_code = models.CharField(max_length=17)

    class Meta:
        db_table = "people_toldapart"

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class LocalRule(models.Model):
    """A number that the county sets for itself: 本地默认, not law."""

    journal_projection = True

    name = models.CharField(max_length=40, primary_key=True)
    number = models.IntegerField()
    field_clock = models.TextField()

    class Meta:
        db_table = "people_localrule"

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
