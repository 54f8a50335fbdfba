"""Who was rung at the same moment as whom, and which tries at night do not count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.facts import FIELD_WORDS
from fengsui.engines.calls.models import CallParty, Companion, CompanionOwed, NightMark, StopOwed
from fengsui.engines.calls.queries.gates import calls_in_sight
from fengsui.engines.calls.queries.messages import contact_used
from fengsui.engines.calls.states import MAY_RING, ON_ITS_WAY, WORDS_EN, WORDS_ZH, Word
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.gateways.channels import Channel, Message

MESSAGES_MAX = 100


def rung_beside(call_ids: Iterable[int], *, viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    """Call id → who else was rung for it, the last try of each: still ringing, stopped, answered.

    [{"who", "who_zh", "who_en", "name", "word", "word_zh", "word_en", "is_ringing", "tries"}].
    Of calls in the viewer's sight.
    """
    seen = visible(viewer, Permission.SEE_CALLS, "call__place_code")
    rows = Companion.objects.filter(seen, call_id__in=list(call_ids)).order_by("step", "id")
    last: dict[tuple[int, str], tuple[Companion, int]] = {}
    for row in rows:
        before = last.get((row.call_id, row.who))
        last[row.call_id, row.who] = (row, before[1] + 1 if before else 1)
    names = dict(
        CallParty.objects.filter(pk__in=[row.party_id for row, _ in last.values()]).values_list(
            "id", "name"
        )
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for (call_id, who), (row, tries) in last.items():
        zh, en = FIELD_WORDS["who"].get(who, (who, who))
        found.setdefault(call_id, []).append(
            {
                "who": who,
                "who_zh": zh,
                "who_en": en,
                "name": names.get(row.party_id, ""),
                "word": row.word,
                "word_zh": WORDS_ZH.get(row.word, row.word).format(heard_s=row.heard_s),
                "word_en": WORDS_EN.get(row.word, row.word).format(heard_s=row.heard_s),
                "is_ringing": Word(row.word) in MAY_RING,
                "tries": tries,
            }
        )
    return found


def night_marked(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> dict[int, str]:
    """Call id → the channel of its last try that does not count as 叫应, among those in sight.

    A call is left out once a later try went by a channel that wakes a sleeper.
    """
    marks = NightMark.objects.filter(callout_id=callout_id, marked_at__lte=at or clock.now())
    seen = marks.filter(call__in=calls_in_sight(callout_id, viewer).values("id"))
    rows = seen.order_by("step").values_list("call_id", "channel", "step", "call__progress")
    return {
        call_id: channel
        for call_id, channel, step, progress in rows
        if progress < step + rules.TRY_STEP
    }


def not_counted_at_night(callout_id: int, *, viewer: Viewer, at: datetime | None = None) -> int:
    """How many people only had messages at night that wake nobody, and have not ended."""
    marks = NightMark.objects.filter(
        callout_id=callout_id, marked_at__lte=at or clock.now(), call__ended_as=""
    )
    seen = marks.filter(call__in=calls_in_sight(callout_id, viewer).values("id"))
    return seen.values("call_id").distinct().count()


def owed_companions(
    boot: str, *, viewer: Viewer, limit: int = MESSAGES_MAX
) -> list[tuple[Channel | None, Message]]:
    """Companions that `boot` has claimed, as messages with the channel each goes to."""
    if not viewer.is_node:
        return []
    owed = CompanionOwed.objects.filter(boot=boot).order_by("id").values_list("id", flat=True)
    return list(_messages(Companion.objects.filter(pk__in=list(owed[:limit])), clock.now()))


def companions_on_their_way(
    *, viewer: Viewer, driver: int
) -> Iterator[tuple[Channel | None, Message]]:
    """Those that a channel of the node `driver` took and that are not settled."""
    if viewer.is_node:
        words = [word.value for word in ON_ITS_WAY]
        yield from _messages(
            Companion.objects.filter(word__in=words, driver=driver, callout__state="open"), None
        )


def _messages(rows: Any, now: datetime | None) -> Iterator[tuple[Channel | None, Message]]:
    found = list(rows.select_related("callout").order_by("id"))
    parties = CallParty.objects.in_bulk({row.party_id for row in found})
    for row in found:
        channel = channel_register.channels(exercise=row.callout.exercise).get(row.channel)
        kinds = channel.contact_kinds if channel is not None else ()
        party = parties.get(row.party_id)
        contacts = party.contacts if party is not None else []
        rungs = row.callout.policy["rungs"]
        yield (
            channel,
            Message(
                reference=str(row.id),
                address=str((contact_used(contacts, kinds or ("phone",)) or {}).get("value", "")),
                person_id=row.person_id,
                person_name=party.name if party is not None else "",
                text=row.callout.text,
                level=row.callout.level,
                exercise=row.callout.exercise,
                rung=row.rung,
                try_number=row.try_number,
                patience_s=int(rungs[min(row.rung, len(rungs) - 1)]["patience_s"]),
                sent_at=now or row.started_at,
                effect_id=rules.effect_id(
                    callout_id=row.callout_id,
                    call_id=row.call_id,
                    channel=row.channel,
                    step=row.step,
                    who=row.who,
                ),
            ),
        )


def stops_owed(*, viewer: Viewer, limit: int = MESSAGES_MAX) -> list[tuple[int, Channel | None]]:
    """Tries whose phone is to stop ringing, with the channel that is to be told."""
    if not viewer.is_node:
        return []
    rows = StopOwed.objects.order_by("id").values_list("id", "channel", "exercise")[:limit]
    return [
        (pk, channel_register.channels(exercise=exercise).get(kind)) for pk, kind, exercise in rows
    ]
