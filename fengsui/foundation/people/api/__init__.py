"""People over HTTP: posts tonight, absences, numbers to verify, households away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries, services
from fengsui.foundation.people.api.shown import (
    CODE_LENGTH_MAX,
    AwayIn,
    AwaysOut,
    DaysIn,
    HouseholdLinesOut,
    MadeOut,
    MistakeIn,
    MyPostsOut,
    NumberReasonIn,
    NumbersOut,
    PostDetailOut,
    PostsTonightOut,
    TwinsPageOut,
    ValueOut,
    plain,
    post_out,
)
from fengsui.foundation.places import queries as places
from fengsui.standards.instants import to_iso

router = Router(tags=["people"])

Under = Annotated[str, Query(max_length=CODE_LENGTH_MAX)]
POSTS_MAX = 1_000_000
After = Annotated[str, Query(max_length=20, pattern=r"^\d*$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Words = Annotated[str, Query(max_length=200)]

# --- posts ------------------------------------------------------------------------------------


@router.get("/posts/tonight", response=PostsTonightOut)
def posts_tonight(
    request: HttpRequest,
    under: Under = "",
    state: Words = "",
    role: Words = "",
    after: After = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """Who is on which post tonight, by township; those with nobody first."""
    viewer = signed_in(request)
    found = queries.posts_tonight(
        viewer=viewer,
        codes=[under] if under else None,
        roles=_words(role),
        states=_words(state),
        start=min(_cursor(after), POSTS_MAX),
        limit=limit,
    )
    return {
        **_page(found, lambda row: post_out(row, viewer)),
        "now": to_iso(clock.now()),
    }


@router.get("/posts/mine", response=MyPostsOut)
def my_posts(request: HttpRequest) -> dict[str, Any]:
    """One's own posts, and those on which one stands in; one's own absences."""
    viewer = signed_in(request)
    return {
        "items": [post_out(row, viewer) for row in queries.my_posts(viewer=viewer)],
        "absences": [plain(row) for row in queries.my_absences(viewer=viewer)],
        "now": to_iso(clock.now()),
    }


@router.get("/posts/{int:post_id}", response=PostDetailOut)
def post(request: HttpRequest, post_id: int) -> dict[str, Any]:
    """One post with everybody who ever stood in on it."""
    viewer = signed_in(request)
    found = queries.post_tonight(post_id, viewer=viewer)
    return {
        **post_out(found, viewer),
        "history": [plain(row) for row in found["history"]],
    }


@router.post("/absences/{int:absence_id}/end", response=MadeOut)
def end_absence(request: HttpRequest, absence_id: int, body: MistakeIn) -> dict[str, Any]:
    """Back on post before the end."""
    services.end_absence(
        viewer=signed_in(request), absence_id=absence_id, was_mistake=body.was_mistake
    )
    return {"id": str(absence_id)}


# --- numbers ----------------------------------------------------------------------------------


@router.get("/contacts/to-verify", response=NumbersOut)
def numbers_to_verify(
    request: HttpRequest,
    under: Under = "",
    after: After = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """号码待核实: numbers of posts and their holders that nobody has lately answered at."""
    viewer = signed_in(request)
    found = queries.numbers_to_verify(
        [under] if under else None, viewer=viewer, after=_cursor(after), limit=limit
    )
    return _page(found)


@router.post("/contacts/{int:contact_point_id}/proven", response=MadeOut)
def proven(request: HttpRequest, contact_point_id: int) -> dict[str, Any]:
    """已打通: somebody answered there just now."""
    viewer = signed_in(request)
    queries.gate_contact(contact_point_id, viewer=viewer)
    services.prove_contacts(viewer=viewer, contact_point_ids=[contact_point_id])
    return {"id": str(contact_point_id)}


@router.post("/contacts/{int:contact_point_id}/dead", response=MadeOut)
def dead(request: HttpRequest, contact_point_id: int) -> dict[str, Any]:
    """空号、停机: it is rung last from now on."""
    viewer = signed_in(request)
    queries.gate_contact(contact_point_id, viewer=viewer)
    services.note_contacts_dead(viewer=viewer, contact_point_ids=[contact_point_id])
    return {"id": str(contact_point_id)}


@router.post("/contacts/{int:contact_point_id}/reveal", response=ValueOut)
def reveal(request: HttpRequest, contact_point_id: int, body: NumberReasonIn) -> dict[str, str]:
    """The full number, for a reason that is recorded."""
    return services.reveal_contact(
        viewer=signed_in(request), reason=body.reason, contact_point_id=contact_point_id
    )


@router.put("/contacts/proven-days", response=NumbersOut)
def set_proven_days(request: HttpRequest, body: DaysIn) -> dict[str, Any]:
    """For how many days an answer proves a number here (本地默认)."""
    viewer = signed_in(request)
    services.set_proven_days(
        viewer=viewer, place_code=body.place_code, days=body.days, reason=body.reason
    )
    return numbers_to_verify(request, body.place_code, "", 50)


# --- persons twice ---------------------------------------------------------------------------


@router.get("/persons/duplicates", response=TwinsPageOut)
def duplicates(
    request: HttpRequest, under: Under = "", after: After = "", limit: Limit = 50
) -> dict[str, Any]:
    """Persons who are likely one and the same, with the reasons."""
    viewer = signed_in(request)
    found = queries.duplicates(
        [under] if under else None,
        viewer=viewer,
        start=min(_cursor(after), POSTS_MAX),
        limit=limit,
    )
    return _page(found)


@router.post("/persons/{int:first_id}/apart/{int:second_id}", response=MadeOut)
def apart(request: HttpRequest, first_id: int, second_id: int) -> dict[str, Any]:
    """不是同一人: they are not asked about again."""
    made = services.tell_apart(viewer=signed_in(request), first_id=first_id, second_id=second_id)
    return {"id": str(made["id"])}


# --- households away --------------------------------------------------------------------------


@router.get("/households/away", response=AwaysOut)
def households_away(
    request: HttpRequest,
    under: Under = "",
    after: After = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """Households of which somebody is away: how many, until when, who said so."""
    viewer = signed_in(request)
    found = queries.households_away(
        [under] if under else None, viewer=viewer, after=_cursor(after), limit=limit
    )
    return _page(found)


@router.get("/households/tonight", response=HouseholdLinesOut)
def households_tonight(
    request: HttpRequest,
    under: Under = "",
    after: After = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    """The households of one's places with how many are at home tonight, to say who is away."""
    viewer = signed_in(request)
    rows = queries.households_in(
        [under] if under else [""], viewer=viewer, after=_cursor(after), limit=limit
    )
    known = places.names({row["place_code"] for row in rows}, viewer=viewer)
    return {
        "items": [
            {
                "id": str(row["id"]),
                "label": row["label"],
                "place_name": known.get(row["place_code"], ""),
                "people_count": row["people_count"],
                "tonight_people": row["tonight_people"],
                "away": row["away"]["away"] if row["away"] else 0,
            }
            for row in rows
        ],
        "next": str(rows[-1]["id"]) if len(rows) == limit else None,
    }


@router.post("/households/{int:household_id}/away", response=MadeOut)
def household_away(request: HttpRequest, household_id: int, body: AwayIn) -> dict[str, Any]:
    """外出: that many are away until then; they come back by themselves at the end."""
    made = services.record_household_away(
        viewer=signed_in(request), household_id=household_id, **body.dict()
    )
    return {"id": str(made["away_id"])}


@router.post("/households/away/{int:away_id}/back", response=MadeOut)
def household_back(request: HttpRequest, away_id: int, body: MistakeIn) -> dict[str, Any]:
    """返回: they are at home again."""
    services.record_household_back(
        viewer=signed_in(request), away_id=away_id, was_mistake=body.was_mistake
    )
    return {"id": str(away_id)}


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _page(
    found: dict[str, Any], shown: Callable[[dict[str, Any]], dict[str, Any]] = plain
) -> dict[str, Any]:
    """A page of a query as it goes out: its rows shown, its cursor as text."""
    after = found["next"]
    return {
        **found,
        "items": [shown(row) for row in found["items"]],
        "next": None if after is None else str(after),
    }


def _cursor(text: str) -> int:
    number = int(text or 0)
    if number >= 1 << 63:
        raise NOT_FOUND()
    return number
