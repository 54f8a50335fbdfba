"""Open a callout, add people to it, and tell those who were called that it is over."""

from __future__ import annotations

from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.errors import (
    CALLOUT_CLOSED,
    NO_SUCH_POLICY,
    NOBODY_TO_CALL,
    POLICY_UNREADABLE,
    TEXT_TOO_LONG,
)
from fengsui.engines.calls.facts import CALLOUT_OPENED, CALLOUT_STOPPED
from fengsui.engines.calls.models import Callout, CallParty, PendingParties
from fengsui.engines.calls.policies import default_policies
from fengsui.engines.calls.services.parties import (
    clean_parties,
    next_ordinal,
    not_on_the_list,
    put_on_the_list,
)
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, on_commit_notify, record

TEXT_CHARACTERS_MAX = 2000


@command
def open_callout(
    *,
    viewer: Viewer,
    subject_kind: str,
    subject_id: int,
    place_code: str,
    level: str,
    text: str,
    exercise: bool,
    parties: list[dict[str, Any]],
    policy: dict[str, Any] | str | None = None,
    cause: bytes | None = None,
    follows: int | None = None,
) -> dict[str, Any]:
    """Opens a callout to `parties`, each person once. The policy is frozen into it.

    `policy` is a plain policy, the name of a default one, or None for the level's default.
    A party is {"person_id", "name", "place_code", "unit_code", "post_title", "contacts",
    "deputies", "superiors"}; deputies and superiors are persons' ids or whole parties.
    Returns {"callout_id", "called"}: `called` people are on the list, though a long list is
    unpacked by the engine after this returns.
    """
    _may_open(viewer, place_code)
    if len(text) > TEXT_CHARACTERS_MAX:
        raise TEXT_TOO_LONG(limit=TEXT_CHARACTERS_MAX)
    frozen = _frozen_policy(policy, level)
    clean = clean_parties(parties)
    if not clean:
        raise NOBODY_TO_CALL()
    fact = record(
        CALLOUT_OPENED,
        fields={
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "level": level,
            "text": text,
            "exercise": exercise,
            "policy": frozen.to_plain(),
            "expected": len(clean),
            "follows": follows,
        },
        scope=place_code,
        viewer=viewer,
        cause=cause,
        about=_about(subject_id),
    )
    callout_id = fact.entity()
    put_on_the_list(callout_id, 0, clean, viewer=viewer, cause=fact)
    on_commit_notify(f"callout:{callout_id}", {"verb": "opened"})
    return {"callout_id": callout_id, "called": len(clean)}


def _may_open(viewer: Viewer, place_code: str) -> None:
    """Whoever may approve an alert, or steer a callout, there."""
    if not viewer.may(Permission.APPROVE_ALERT, place_code):
        require(viewer, Permission.STEER_CALLOUT, place_code)


def _about(*ids: int) -> tuple[int, ...]:
    return tuple(pk for pk in ids if pk > 0)


def _frozen_policy(policy: dict[str, Any] | str | None, level: str) -> rules.Policy:
    if isinstance(policy, dict):
        try:
            return rules.policy_from_plain(policy)
        except rules.PolicyError as error:
            raise POLICY_UNREADABLE(why=str(error)) from error
    found = default_policies().get(policy or level)
    if found is None:
        raise NO_SUCH_POLICY(name=policy or level)
    return found


@command
def add_parties(
    *,
    viewer: Viewer,
    callout_id: int,
    parties: list[dict[str, Any]],
    reason: str = "",
    cause: bytes | None = None,
) -> dict[str, Any]:
    """Calls those of `parties` who are not on the list yet; nobody is called twice.

    Returns {"called", "already"}: how many were added and how many were there.
    """
    callout = Callout.objects.filter(pk=callout_id).first()
    if callout is None:
        raise NOT_FOUND()
    _may_open(viewer, callout.place_code)
    if callout.state == CalloutState.STOPPED:
        raise CALLOUT_CLOSED()
    clean = clean_parties(parties)
    new = not_on_the_list(callout_id, clean)
    if new:
        first = next_ordinal(callout)
        put_on_the_list(callout_id, first, new, viewer=viewer, cause=cause)
        on_commit_notify(f"callout:{callout_id}", {"verb": "parties_added"})
    return {"called": len(new), "already": len(clean) - len(new)}


@command
def notify_cancelled(
    *,
    viewer: Viewer,
    callout_id: int,
    text: str,
    subject_kind: str = "cancellation",
    cause: bytes | None = None,
) -> dict[str, Any]:
    """Tells exactly those who were called, or who answered, that it is over. No answer is asked.

    Nobody is rung for the old callout any more: it is stopped first.
    Returns {"callout_id", "called"}; callout_id is None where nobody had been called.
    """
    callout = Callout.objects.filter(pk=callout_id).first()
    if callout is None:
        raise NOT_FOUND()
    _may_open(viewer, callout.place_code)
    told = Callout.objects.filter(follows=callout_id).first()
    if told is not None:
        return {"callout_id": told.id, "called": told.expected}
    parties = _those_who_were_called(callout_id)
    if callout.state != CalloutState.STOPPED:
        record_stop(viewer=viewer, callout=callout, reason=text[:300], cause=cause)
    if not parties:
        return {"callout_id": None, "called": 0}
    return open_callout(
        viewer=viewer,
        subject_kind=subject_kind,
        subject_id=callout.subject_id,
        place_code=callout.place_code,
        level="none",
        text=text,
        exercise=callout.exercise,
        parties=parties,
        policy="cancelled",
        cause=cause,
        follows=callout_id,
    )


def record_stop(
    *, viewer: Viewer, callout: Callout, reason: str, cause: bytes | None = None
) -> None:
    """Ends a callout: what is owed to nobody yet is forgotten, whoever has no end is named."""
    PendingParties.objects.filter(callout_id=callout.id).delete()
    record(
        CALLOUT_STOPPED,
        fields={"callout_id": callout.id, "reason": reason},
        scope=callout.place_code,
        viewer=viewer,
        cause=cause,
        about=(callout.id,),
    )
    on_commit_notify(f"callout:{callout.id}", {"verb": "stopped"})


def _those_who_were_called(callout_id: int) -> list[dict[str, Any]]:
    """The holders who were tried or who answered, and every stand-in who was rung for them."""
    rows = (
        CallParty.objects.filter(call__callout_id=callout_id)
        .order_by("id")
        .values_list(
            "person_id",
            "name",
            "contacts",
            "rung",
            "call__place_code",
            "call__post_title",
            "call__progress",
            "call__answered_at",
            "call__reached_at",
        )
    )
    parties = []
    for person_id, name, contacts, rung, place, title, progress, answered, reached in rows:
        if not (progress or answered or reached):
            continue
        parties.append(
            {
                "person_id": person_id,
                "name": name,
                "contacts": contacts,
                "place_code": place,
                "post_title": title if rung == 0 else f"{title} {rung}",
            }
        )
    return parties
