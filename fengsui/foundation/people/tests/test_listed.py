"""Many ids as one bound value find what Django's own `in` finds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fengsui.foundation.people.models import ContactPoint, Person
from fengsui.foundation.people.queries.rows import IDS_PER_QUERY, chunked

MORE_THAN_A_DATABASE_BINDS = 70_000
VILLAGE = "990101101201"


@pytest.fixture
def people(db):
    persons = [
        Person(id=n, name=f"示意{n}", place_code=VILLAGE, is_invented=True, field_clock="{}")
        for n in range(1, 9)
    ]
    Person.objects.bulk_create(persons)
    ContactPoint.objects.bulk_create(
        ContactPoint(
            id=n, person_id=n, place_code=VILLAGE, kind="phone", value=f"000{n}",
            field_clock="{}",
        )
        for n in range(1, 6)
    )  # fmt: skip


@pytest.mark.parametrize("ids", [[], [3], [5, 3, 3], [2, None, 4], [99], (1, 2), {7, 8}])
def test_listed_finds_what_in_finds(people, ids):
    for field in ("pk", "id"):
        listed = Person.objects.filter(**{f"{field}__listed": ids})
        assert set(listed) == set(Person.objects.filter(**{f"{field}__in": ids}))


@pytest.mark.parametrize("field", ["person_id", "person"])
def test_a_key_to_another_table_is_listed_too(people, field):
    found = ContactPoint.objects.filter(**{f"{field}__listed": [2, 5, 7]}).order_by("id")
    assert [one.pk for one in found] == [2, 5]
    assert ContactPoint.objects.exclude(person_id__listed=[2, 5]).count() == 3


def test_more_ids_than_a_database_binds_are_one_value(people):
    ids = range(MORE_THAN_A_DATABASE_BINDS)
    with CaptureQueriesContext(connection) as asked:
        assert Person.objects.filter(pk__listed=ids).count() == 8
    assert len(asked) == 1


def test_pieces_of_ids_are_listed_each_id_once(people):
    pieces = list(chunked([3, 3, 1, *range(9, IDS_PER_QUERY + 9)]))
    assert [len(one) for one in pieces] == [IDS_PER_QUERY, 2]
    assert {one.pk for ids in pieces for one in Person.objects.filter(pk__listed=ids)} == {1, 3}


def test_words_are_listed_too(people):
    other = "990101101202"
    Person.objects.filter(pk__lte=3).update(place_code=other)
    found = Person.objects.filter(place_code__listed={other, "') OR ('1'='1", '"'})
    assert set(found.values_list("pk", flat=True)) == {1, 2, 3}


def test_what_is_no_number_is_refused(people):
    with pytest.raises((TypeError, ValueError)):
        list(Person.objects.filter(pk__listed=["1) OR (1=1"]))
