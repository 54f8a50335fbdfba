"""Posts tonight, stand-ins, absences, numbers, duplicates, households away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import services
from fengsui.foundation.people.models import ContactPoint, Post
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /posts/tonight": {P.SEE_PEOPLE},
    "GET /posts/mine": SIGNED_IN,  # one's own, nobody else's
    "GET /posts/{post_id}": {P.SEE_PEOPLE},
    "POST /posts/{post_id}/stand-ins": {P.NAME_STAND_IN},
    "POST /stand-ins/{stand_in_id}/link": {P.NAME_STAND_IN},
    "POST /stand-ins/{stand_in_id}/end": {P.NAME_STAND_IN},
    "GET /absences": {P.SEE_PEOPLE},
    "POST /posts/holders/{holder_id}/absences": {P.NAME_STAND_IN},
    "POST /absences/{absence_id}/end": {P.NAME_STAND_IN},
    "GET /contacts/to-verify": {P.SEE_PEOPLE},
    "POST /contacts/{contact_point_id}/proven": {P.NAME_STAND_IN},
    "POST /contacts/{contact_point_id}/dead": {P.NAME_STAND_IN},
    "POST /contacts/{contact_point_id}/reveal": {P.REVEAL_PERSONAL},
    "PUT /contacts/proven-days": {P.EDIT_REGISTERS},
    "GET /persons/duplicates": {P.SEE_PEOPLE},
    "POST /persons/{first_id}/apart/{second_id}": {P.EDIT_REGISTERS},
    "GET /persons/{keep_id}/merge/{drop_id}": {P.EDIT_REGISTERS},
    "POST /persons/{keep_id}/merge/{drop_id}": {P.EDIT_REGISTERS},
    "GET /households/away": {P.SEE_HOUSEHOLDS},
    "GET /households/tonight": {P.SEE_HOUSEHOLDS},
    "POST /households/{household_id}/away": {P.RECORD_HOUSEHOLD},
    "POST /households/away/{away_id}/back": {P.RECORD_HOUSEHOLD},
}


def known(county: Any) -> dict[str, str]:
    """What there is of 石滩村: a stand-in, an absence, a household away, a number."""
    node = node_viewer()
    morning = clock.now() + timedelta(hours=6)
    post = Post.objects.get(place_code=world.SHITAN, role="village_secretary")
    standing = services.name_stand_in(
        viewer=node, post_id=post.pk, name="示意顶岗人", phone="00088800001", until_at=morning
    )
    absence = services.report_absence(
        viewer=node, person_id=county.ids["shitan_b"], from_at=None, until_at=morning
    )
    away = services.record_household_away(
        viewer=node,
        household_id=county.ids["h1"],
        people=1,
        until_at=morning,
        said_by="示意女儿",
        said_how="phone",
    )
    number = ContactPoint.objects.get(person_id=county.ids["shitan_b"])
    return {
        "holder_id": str(county.ids["shitan_a"]),
        "post_id": str(post.pk),
        "stand_in_id": str(standing["stand_in_id"]),
        "absence_id": str(absence["absence_id"]),
        "away_id": str(away["away_id"]),
        "contact_point_id": str(number.pk),
        "keep_id": str(county.ids["shitan_b"]),
        "drop_id": str(county.ids["shitan_grid"]),
        "first_id": str(county.ids["shitan_b"]),
        "second_id": str(county.ids["shitan_grid"]),
    }


WORDS = {
    "until": "2026-07-17T06:00:00Z",
    "until_at": "2026-07-17T06:00:00Z",
    "said_by": "示意女儿",
    "said_how": "phone",
    "days": 60,
    "phone": "00088800007",
}
