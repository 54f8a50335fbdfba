"""Who in the field is to be heard of, who is due, who was not heard of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.states import PostRole
from fengsui.foundation.places import queries as places
from fengsui.readiness.watch.models import CheckIn, Word
from fengsui.standards.divisions import county_of, township_of

LIST_MAX = 300
LEADERS_MAX = 20
LEADER_ROLES = (
    PostRole.DUTY_ROOM,
    PostRole.DUTY_LEADER,
    PostRole.TOWNSHIP_LEADER,
    PostRole.TOWNSHIP_DEPUTY,
    PostRole.VILLAGE_SECRETARY,
)


def check_ins(*, viewer: Viewer, with_ended: bool = False) -> list[CheckIn]:
    """Of the viewer's places: whoever was not heard of first, then by what is due next."""
    rows = CheckIn.objects.filter(visible(viewer, Permission.SEE_CALLS))
    if not with_ended:
        rows = rows.filter(ended_at=None)
    found = list(rows.order_by("-started_at", "-id")[:LIST_MAX])
    return sorted(
        found,
        key=lambda row: (row.ended_at is not None, row.missed_at is None, row.due_at, row.pk),
    )


def my_check_in(*, viewer: Viewer) -> CheckIn | None:
    """This person's own, while it runs."""
    if not viewer.person_id:
        return None
    rows = CheckIn.objects.filter(person_id=viewer.person_id, ended_at=None)
    return rows.order_by("-started_at", "-id").first()


def check_in(check_in_id: int, *, viewer: Viewer) -> CheckIn:
    """One, where the viewer sees the place's calls or is the person. Else not found."""
    row = CheckIn.objects.filter(pk=check_in_id).first()
    if row is not None and viewer.person_id and row.person_id == viewer.person_id:
        return row
    if row is None or not viewer.may(Permission.SEE_CALLS, row.place_code):
        raise NOT_FOUND()
    return row


def last_positions(check_in_ids: Iterable[int]) -> dict[int, Word]:
    """Check-in → the newest word that said where. For those who checked the right."""
    rows = Word.objects.filter(check_in_id__in=list(check_in_ids), lon_e7__isnull=False)
    found: dict[int, Word] = {}
    for row in rows.order_by("at", "id"):
        found[row.check_in_id] = row
    return found


def leaders_above(person_id: int) -> dict[int, str]:
    """Whom somebody in the field may name to be rung: person → post, nearest first.

    The posts that lead their own places and those above. Posts are said, not names: a village
    need not see who is who at the township.
    """
    program = node_viewer("watch")
    own = people.place_codes_of_persons([person_id])
    chain = [each for code in own.values() for each in (code, township_of(code), county_of(code))]
    posts = people.posts_at(chain, LEADER_ROLES, viewer=program)
    held = people.holders([one["id"] for one in posts], viewer=program)
    known = places.names(chain, viewer=program)
    posts.sort(key=lambda one: (chain.index(one["place_code"]), one["id"]))
    found: dict[int, str] = {}
    for post in posts:
        name = known.get(post["place_code"], "")
        title = post["title"] if name in post["title"] else f"{name}{post['title']}"
        for one in held.get(post["id"], {}).get("A", []):
            if one["person_id"] != person_id:
                found.setdefault(one["person_id"], title)
    return dict(list(found.items())[:LEADERS_MAX])


def due(now: datetime, node_key: str) -> list[CheckIn]:
    """Check-ins that this node started, due by `now`, not heard of and not named yet."""
    rows = CheckIn.objects.filter(due_at__lte=now, ended_at=None, missed_at=None, node_key=node_key)
    return list(rows.order_by("due_at", "id")[:LIST_MAX])
