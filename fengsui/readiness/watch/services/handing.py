"""交接班: the incoming officer signs for everything that is open; until then it is the other's."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.errors import (
    MATTERS_NOT_SIGNED,
    NOT_ON_THE_ROTA,
    NOTE_IS_CLOSED,
    TEXT_NEEDED,
)
from fengsui.readiness.watch.facts import HANDOVER_SIGNED, NOTE_CLOSED, NOTE_LEFT
from fengsui.readiness.watch.models import Note
from fengsui.readiness.watch.queries.handing import matters, standing
from fengsui.readiness.watch.queries.rota import room, shifts
from fengsui.readiness.watch.services.planning import TOPIC
from fengsui.standards.instants import to_ms

NOTE_CHARACTERS_MAX = 500
TITLES_SAID = 3


@command
def sign_handover(*, viewer: Viewer, post_id: int, keys: list[str]) -> dict[str, Any]:
    """接班签字, by somebody of the shift that runs or begins within the hour.

    `keys`: the matters that were shown and ticked, each by its key. Whatever is open now and not
    among them is refused, so nothing passes over unread; what was closed meanwhile is no matter.
    Returns {"handover_id", "count"}. Raises watch.not_on_the_rota, watch.matters_not_signed.
    """
    found = room(post_id, viewer=viewer, permission=Permission.SEE_CALLS)
    now = clock.now()
    near = shifts([post_id], begins=now, ends=now + rules.EARLY, viewer=node_viewer("watch"))
    mine = [one for one in near if one.person_id == viewer.person_id and viewer.person_id]
    if not mine:
        raise NOT_ON_THE_ROTA()
    listed = matters(post_id, viewer=viewer)
    left = [one for one in listed if one.key not in set(keys)]
    if left:
        titles = "；".join(one.title_zh for one in left[:TITLES_SAID])
        raise MATTERS_NOT_SIGNED(count=len(left), titles=titles, keys=[one.key for one in left])
    last = standing(post_id, viewer=viewer).last
    said = [
        [
            one.kind.value,
            one.reference,
            one.count,
            None if one.since_at is None else to_ms(one.since_at),
            None if one.due_at is None else to_ms(one.due_at),
        ]
        for one in listed
    ]
    fact = record(
        HANDOVER_SIGNED,
        fields={
            "post_id": post_id,
            "incoming_id": viewer.person_id,
            "outgoing_id": None if last is None else last.incoming_id,
            "shift_until_s": int(max(one.until_at for one in mine).timestamp()),
            "matters": said,
            "count": len(said),
            "digest": rules.digest(said),
        },
        scope=found["place_code"],
        viewer=viewer,
        about=[post_id],
    )
    on_commit_notify(TOPIC, {"verb": "handover"})
    on_commit_notify("posts", {"verb": "handover"})
    return {"handover_id": fact.entity(), "count": len(said)}


@command
def leave_note(*, viewer: Viewer, post_id: int, text: str) -> dict[str, Any]:
    """交接事项: stays open, and is signed for at every handover, until somebody closes it."""
    found = room(post_id, viewer=viewer)
    require(viewer, Permission.ANSWER_FOR_OTHERS, found["place_code"])
    text = text.strip()
    if not text or len(text) > NOTE_CHARACTERS_MAX:
        raise TEXT_NEEDED(most=NOTE_CHARACTERS_MAX)
    fact = record(
        NOTE_LEFT,
        fields={"post_id": post_id},
        personal={"text": text},
        scope=found["place_code"],
        viewer=viewer,
        about=[post_id],
    )
    on_commit_notify(TOPIC, {"verb": "note"})
    return {"note_id": fact.entity()}


@command
def close_note(*, viewer: Viewer, note_id: int) -> dict[str, Any]:
    """已办结. Raises watch.note_is_closed."""
    row = Note.objects.filter(pk=note_id).first()
    if row is None or not viewer.may(Permission.SEE_CALLS, row.place_code):
        raise NOT_FOUND()
    require(viewer, Permission.ANSWER_FOR_OTHERS, row.place_code)
    if row.closed_at is not None:
        raise NOTE_IS_CLOSED()
    record(
        NOTE_CLOSED,
        fields={"note_id": note_id},
        scope=row.place_code,
        viewer=viewer,
        about=[row.post_id],
    )
    on_commit_notify(TOPIC, {"verb": "note"})
    return {"note_id": note_id}
