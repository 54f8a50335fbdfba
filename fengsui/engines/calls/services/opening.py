"""Open a callout, add people to it, and tell those who were called that it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.errors import (
    CALLOUT_CLOSED,
    NOBODY_TO_CALL,
    POLICY_UNREADABLE,
    TEXT_TOO_LONG,
)
from fengsui.engines.calls.facts import CALLOUT_OPENED, CALLOUT_STOPPED
from fengsui.engines.calls.models import Callout, CallParty, PendingParties
from fengsui.engines.calls.services.levels import give_turns, turns_at_opening, turns_now
from fengsui.engines.calls.services.parties import (
    clean_parties,
    next_ordinal,
    not_on_the_list,
    put_on_the_list,
)
from fengsui.engines.calls.services.policies import policy_for
from fengsui.engines.calls.services.quiet import check_quiet
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
    all_at_once: bool = False,
    texts: Sequence[Sequence[Any]] = (),
) -> dict[str, Any]:
    """Opens a callout to `parties`, each person once. The policy is frozen into it.

    `policy` is a plain policy, a name, or None for the level's own. `all_at_once`: 一呼到底.
    `parties` are as `people.parties_for_posts`: roles say the level, else the place does.
    `texts`: the text in other languages, as `wording.text_for` takes them.
    Returns {"callout_id", "called"}; a long list is unpacked by the engine after this returns.
    """
    _may_open(viewer, place_code)
    _check_lengths(text, texts)
    frozen = _frozen_policy(policy, level, place_code, all_at_once=all_at_once)
    clean = clean_parties(parties)
    if not clean:
        raise NOBODY_TO_CALL()
    check_quiet(subject_kind, frozen, clean)
    fields = {
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "level": level,
        "text": text,
        "exercise": exercise,
        "policy": frozen.to_plain(),
        "expected": len(clean),
        "follows": follows,
        "texts": [list(one) for one in texts],
    }
    about = _about(subject_id)
    fact = record(
        CALLOUT_OPENED, fields=fields, scope=place_code, viewer=viewer, cause=cause, about=about
    )
    callout_id = fact.entity()
    give_turns(turns_at_opening(frozen.hand_on_s, clean), clean)
    put_on_the_list(callout_id, 0, clean, viewer=viewer, cause=fact)
    on_commit_notify(f"callout:{callout_id}", {"verb": "opened"})
    return {"callout_id": callout_id, "called": len(clean)}


def _check_lengths(text: str, texts: Sequence[Sequence[Any]]) -> None:
    if any(len(said) > TEXT_CHARACTERS_MAX for said in (text, *(one[3] for one in texts))):
        raise TEXT_TOO_LONG(limit=TEXT_CHARACTERS_MAX)


def _may_open(viewer: Viewer, place_code: str) -> None:
    """Whoever may approve an alert, or steer a callout, there."""
    if not viewer.may(Permission.APPROVE_ALERT, place_code):
        require(viewer, Permission.STEER_CALLOUT, place_code)


def _about(*ids: int) -> tuple[int, ...]:
    return tuple(pk for pk in ids if pk > 0)


def _frozen_policy(
    policy: dict[str, Any] | str | None, level: str, place_code: str, *, all_at_once: bool
) -> rules.Policy:
    found = _asked_for(policy, level, place_code)
    return replace(found, hand_on_s={}) if all_at_once else found


def _asked_for(policy: dict[str, Any] | str | None, level: str, place_code: str) -> rules.Policy:
    if isinstance(policy, dict):
        try:
            return rules.policy_from_plain(policy)
        except rules.PolicyError as error:
            raise POLICY_UNREADABLE(why=str(error)) from error
    return policy_for(policy or level, place_code)


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
        check_quiet(callout.subject_kind, rules.policy_from_plain(callout.policy), new)
        give_turns(turns_now(callout, new), new)
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
    texts: Sequence[Sequence[Any]] = (),
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
        texts=texts,
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
            "stand_ins",
            "rung",
            "call__place_code",
            "call__post_title",
            "call__progress",
            "call__answered_at",
            "call__reached_at",
        )
    )
    parties = []
    for person_id, name, contacts, frozen, rung, place, title, *known in rows:
        if not any(known):
            continue
        parties.append(
            {
                "person_id": person_id,
                "name": name,
                "contacts": contacts,
                "language": frozen.get("language", ""),
                "place_code": place,
                "post_title": title if rung == 0 else f"{title} {rung}",
            }
        )
    return parties
