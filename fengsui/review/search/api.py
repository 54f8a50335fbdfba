"""The search box over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from fengsui.foundation.access.limits import Window
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.journal import clock
from fengsui.review.search import queries, rules
from fengsui.review.search.errors import TOO_MANY_NUMBERS
from fengsui.review.search.states import Kind

router = Router(tags=["search"])

LedgerName = Literal["places", "persons", "posts", "households", "venues", "danger_areas"]
# A masked number hides four digits; whoever tries them all would need days and stand out.
NUMBER_GUESSES = Window(120, timedelta(hours=1))
_KINDS = {kind.ledger: kind for kind in Kind}


class PlaceNamed(Schema):
    code: str
    name: str


class FoundDetail(Schema):
    """What else is known of an answer; which fields are set depends on its register."""

    level: str | None = None
    titles: list[str] | None = None
    phone_masked: str | None = None
    holders: list[str] | None = None
    people: int | None = None
    assist_level: int | None = None
    venue_kind: str | None = None
    venue_kind_zh: str | None = None
    venue_kind_en: str | None = None
    danger_kind: str | None = None


class FoundOut(Schema):
    """One answer. `path` names the places above it, county first."""

    kind: LedgerName
    id: str
    title: str
    place_code: str
    path: list[PlaceNamed]
    detail: FoundDetail
    is_invented: bool


class SearchOut(Schema):
    """`more`: registers that hold more answers than are shown. `behind`: facts not indexed yet."""

    items: list[FoundOut]
    more: list[LedgerName]
    behind: int


class SearchIn(Schema):
    question: str = Field(min_length=1, max_length=rules.QUERY_MAX)
    under: str = Field("", max_length=17, pattern=r"^\d*$")
    kinds: list[LedgerName] = Field(default_factory=list, max_length=len(Kind))


@router.post("/search", response=SearchOut)
def search(request: HttpRequest, body: SearchIn) -> dict[str, Any]:
    """Places, persons, posts, households, venues and danger areas that answer the question.

    A POST, so that names and numbers that people look for stand in no log of addresses.
    """
    viewer = signed_in(request)
    kinds = [_KINDS[name] for name in body.kinds] or list(Kind)
    is_number = rules.is_whole_number(body.question)
    if is_number and not NUMBER_GUESSES.take(viewer.person_id, clock.now()):
        raise TOO_MANY_NUMBERS(most=NUMBER_GUESSES.most)
    found = queries.find(body.question, viewer=viewer, under=body.under, kinds=kinds)
    if is_number and found["items"]:
        NUMBER_GUESSES.give_back(viewer.person_id)
    return found
