"""One fact about papers → one row. Nothing waits, nothing is changed by what comes later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fengsui.foundation.journal.facts import Fact
from fengsui.review.papers.models import (
    Bulletin,
    DrawnList,
    RelayedWord,
    Share,
    ShareStep,
    SignedReview,
    TakenPaper,
)
from fengsui.standards.instants import from_ms

PROJECTION_VERSION = 1


def _chosen(fact: Fact, *names: str) -> dict[str, Any]:
    return {name: fact.fields[name] for name in names}


def apply_list_drawn(fact: Fact) -> int | None:
    DrawnList.objects.get_or_create(
        id=fact.entity(),
        defaults={
            **_chosen(fact, "callout_id", "called", "unanswered"),
            "place_code": fact.scope,
            "at": from_ms(fact.fields["at_ms"]),
        },
    )
    return None


def apply_taken(fact: Fact) -> int | None:
    names = (
        "number", "what", "callout_id", "format", "rows_count", "with_personal", "reason",
        "recipient", "actor_name",
    )  # fmt: skip
    TakenPaper.objects.get_or_create(
        id=fact.entity(),
        defaults={
            **_chosen(fact, *names),
            "place_code": fact.scope,
            "at": from_ms(fact.fields["at_ms"]),
            "taken_by": fact.actor,
            "taken_at": fact.at,
        },
    )
    return None


def apply_relayed(fact: Fact) -> int | None:
    personal = fact.personal or {"text": "", "group": ""}
    RelayedWord.objects.update_or_create(
        id=fact.entity(),
        defaults={
            **_chosen(fact, "callout_id", "call_id", "said", "client_id"),
            "text": personal["text"],
            "group": personal["group"],
            "place_code": fact.scope,
            "heard_at": from_ms(fact.fields["heard_at_ms"]),
            "recorded_by": fact.actor,
            "recorded_at": fact.at,
        },
    )
    return None


def apply_bulletin_issued(fact: Fact) -> int | None:
    names = (
        "alert_id", "callout_id", "year", "issue", "version", "kind", "numbers", "edited", "notes",
        "main_to", "copy_to", "reason", "late_reason", "exercise",
    )  # fmt: skip
    personal = fact.personal or {"sections": [], "contact": ""}
    # An erasure applies the same fact again, without its words.
    Bulletin.objects.update_or_create(
        id=fact.entity(),
        defaults={
            **_chosen(fact, *names),
            "sections": personal["sections"],
            "contact": personal["contact"],
            "place_code": fact.scope,
            "known_at": from_ms(fact.fields["known_at_ms"]),
            "issued_by": fact.actor,
            "issued_at": fact.at,
        },
    )
    return None


def apply_review_signed(fact: Fact) -> int | None:
    SignedReview.objects.get_or_create(
        id=fact.entity(),
        defaults={
            **_chosen(fact, "callout_id", "sha256", "figures", "recipient"),
            "fact_id": fact.id.hex(),
            "place_code": fact.scope,
            "made_by": fact.actor,
            "made_at": fact.at,
        },
    )
    return None


def apply_share_made(fact: Fact) -> int | None:
    names = (
        "callout_id", "alert_id", "token_hash", "code_hash", "parts", "recipient", "reason",
    )  # fmt: skip
    Share.objects.get_or_create(
        id=fact.entity(),
        defaults={
            **_chosen(fact, *names),
            "place_code": fact.scope,
            "expires_at": from_ms(fact.fields["expires_at_ms"]),
            "made_by": fact.actor,
            "made_at": fact.at,
        },
    )
    return None


def apply_share_step(fact: Fact, verb: str) -> int | None:
    ShareStep.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "share_id": fact.fields["share_id"],
            "verb": verb,
            "reason": fact.fields.get("reason", ""),
            "by": fact.actor,
            "at": fact.at,
        },
    )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "papers.list_drawn": apply_list_drawn,
    "papers.taken": apply_taken,
    "papers.relayed": apply_relayed,
    "papers.bulletin_issued": apply_bulletin_issued,
    "papers.review_signed": apply_review_signed,
    "papers.share_made": apply_share_made,
    "papers.share_withdrawn": partial(apply_share_step, verb="withdrawn"),
    "papers.share_opened": partial(apply_share_step, verb="opened"),
    "papers.share_refused": partial(apply_share_step, verb="refused"),
}
