"""Check-ins: what words, misses and an end add up to, in whatever order they come."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.readiness.watch.models import CheckIn, Ending, Miss, Word
from fengsui.standards.instants import from_ms


def _author(fact: Fact) -> str:
    feed = feed_key(fact.feed)
    return feed.public_key.hex() if feed is not None else ""


def apply_check_in_started(fact: Fact) -> int | None:
    said = fact.fields
    first_due = from_ms(said["first_due_ms"])
    CheckIn.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "person_id": said["person_id"],
            "place_code": fact.scope,
            "leader_id": said["leader_id"],
            "every_s": said["every_s"],
            "exercise": said["exercise"],
            "started_by": fact.actor,
            "started_at": fact.at,
            "first_due_at": first_due,
            "until_at": from_ms(said["until_ms"]),
            "node_key": _author(fact),
            "due_at": first_due,
        },
    )
    # Again after an erasure: the words go, the row still counts.
    CheckIn.objects.filter(id=fact.entity()).update(task=(fact.personal or {}).get("task", ""))
    _settle(fact.entity())
    return None


def apply_checked_in(fact: Fact) -> int | None:
    said, where = fact.fields, fact.personal or {}
    Word.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "check_in_id": said["check_in_id"],
            "place_code": fact.scope,
            "client_id": said["client_id"],
            "at": from_ms(said["at_ms"]),
            "next_due_at": from_ms(said["next_due_ms"]),
            "how": said["how"],
            "lon_e7": where.get("lon_e7"),
            "lat_e7": where.get("lat_e7"),
            "accuracy_m": where.get("accuracy_m"),
            "text": where.get("text", ""),
            "recorded_by": fact.actor,
            "recorded_at": fact.at,
        },
    )
    _settle(said["check_in_id"])
    return None


def apply_check_in_missed(fact: Fact) -> int | None:
    said = fact.fields
    Miss.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "check_in_id": said["check_in_id"],
            "due_at": from_ms(said["due_ms"]),
            "found_at": fact.at,
            "callout_id": said["callout_id"],
        },
    )
    _settle(said["check_in_id"])
    return None


def apply_check_in_ended(fact: Fact) -> int | None:
    said = fact.fields
    Ending.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "check_in_id": said["check_in_id"],
            "outcome": said["outcome"],
            "reason": (fact.personal or {}).get("reason", ""),
            "at": fact.at,
        },
    )
    _settle(said["check_in_id"])
    return None


def _settle(check_in_id: int) -> None:
    """When the next word is due, whether one was missed, whether it is over."""
    rows = CheckIn.objects.filter(id=check_in_id)
    row = rows.first()
    if row is None:
        return
    last = Word.objects.filter(check_in_id=check_in_id).order_by("-at", "-id").first()
    due_at = row.first_due_at if last is None else last.next_due_at
    miss = Miss.objects.filter(check_in_id=check_in_id, due_at=due_at).order_by("found_at").first()
    ending = Ending.objects.filter(check_in_id=check_in_id).order_by("at", "id").first()
    rows.update(
        due_at=due_at,
        heard_at=None if last is None else last.at,
        missed_at=None if miss is None else miss.found_at,
        callout_id=None if miss is None else miss.callout_id,
        ended_at=None if ending is None else ending.at,
        outcome="" if ending is None else ending.outcome,
        end_reason="" if ending is None else ending.reason,
    )
