"""Where the unanswered stand, and what is known of the tries by channel."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from fengsui.engines.calls.models import Answer, Attempt, Companion
from fengsui.engines.calls.queries.gates import callout, calls_in_sight
from fengsui.engines.calls.states import ARRIVED, FAILED_FOR_GOOD, FAILED_FOR_NOW
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock

_SUMS = ("tries", "beside", "handed_over", "delivered", "acknowledged", "failed")
_PARTY_OF_RUNG_ZH = {"holder": "A岗", "in_person": "派人上门"}


def by_rung(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> list[dict[str, Any]]:
    """How many of the unanswered stand on each rung, and how many answered from it."""
    found = callout(callout_id, viewer=viewer)
    moment = at or clock.now()
    calls = calls_in_sight(callout_id, viewer).filter(batch__added_at__lte=moment)
    if at is None or at >= clock.now():
        standing = calls.filter(ended_as="").values_list("rung").annotate(n=Count("id")).order_by()
    else:
        last = (
            Attempt.objects.filter(callout_id=callout_id, started_at__lte=moment)
            .filter(visible(viewer, Permission.SEE_CALLS, "call__place_code"))
            .filter(Q(call__answered_at__isnull=True) | Q(call__answered_at__gt=moment))
            .filter(Q(call__reached_at__isnull=True) | Q(call__reached_at__gt=moment))
            .values("call_id")
            .annotate(top=Max("rung"))
            .values_list("top", flat=True)
        )
        totals: dict[int, int] = defaultdict(int)
        for top in last.iterator(chunk_size=5000):
            totals[top] += 1
        standing = sorted(totals.items())  # type: ignore[assignment]
    answered = (
        Answer.objects.filter(call__callout_id=callout_id, answered_at__lte=moment)
        .filter(visible(viewer, Permission.SEE_CALLS, "call__place_code"))
        .values_list("rung")
        .annotate(n=Count("id"))
        .order_by()
    )
    waiting, said = dict(standing), dict(answered)
    return [
        {
            "rung": index,
            "who": rung["who"],
            "word_zh": rung.get("word_zh") or _PARTY_OF_RUNG_ZH.get(rung["who"], rung["who"]),
            "word_en": rung.get("word_en") or rung["who"],
            "unanswered": waiting.get(index, 0),
            "answers": said.get(index, 0),
        }
        for index, rung in enumerate(found.policy["rungs"])
    ]


def by_channel(
    callout_id: int, *, viewer: Viewer, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Phones by channel: what is known of them now, among those rung until `at`. Who was rung at
    the same moment as the person called is in all sums, and alone in `beside`."""
    moment = at or clock.now()
    failed = FAILED_FOR_GOOD | FAILED_FOR_NOW
    channels: dict[str, dict[str, Any]] = {}
    for model in (Attempt, Companion):
        rows = (
            model._default_manager.filter(callout_id=callout_id, started_at__lte=moment)
            .filter(visible(viewer, Permission.SEE_CALLS, "call__place_code"))
            .values_list("channel", "word")
            .annotate(n=Count("id"))
            .order_by("channel", "word")
        )
        for channel, word, number in rows:
            known = channels.setdefault(
                channel, {"channel": channel, **dict.fromkeys(_SUMS, 0), "words": {}}
            )
            known["tries"] += number
            known["beside"] += number if model is Companion else 0
            known["words"][word] = known["words"].get(word, 0) + number
            known["handed_over"] += number if word not in ("planned", "withdrawn") else 0
            known["delivered"] += number if word in ARRIVED else 0
            known["acknowledged"] += number if word == "acknowledged" else 0
            known["failed"] += number if word in failed else 0
    return list(channels.values())
