"""The reads of thin links: links and their queues, what was heard, facts that no slot has yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from fengsui.exchange.telegrams.errors import NO_SUCH_LINK
from fengsui.exchange.telegrams.models import Heard, Outgoing, OwedReceipt, ThinLink
from fengsui.exchange.telegrams.states import Kind, Standing
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.models import FactState, StoredFact
from fengsui.foundation.journal.stored import decode

ROWS_MAX = 500


def link(name: str) -> ThinLink:
    found = ThinLink.objects.filter(name=name).first()
    if found is None:
        raise NO_SUCH_LINK(name=name)
    return found


def links() -> list[ThinLink]:
    return list(ThinLink.objects.prefetch_related("peers").order_by("name"))


def has_something_to_send(name: str) -> bool:
    """Whether a slot of the link would be used now. Cheap: asked before every slot."""
    now = clock.now()
    due = Outgoing.objects.filter(
        peer__link__name=name, standing=Standing.QUEUED, not_before__lte=now
    )
    if due.exists():
        return True
    keys = ThinLink.objects.filter(name=name).values("peers__public_key")
    return OwedReceipt.objects.filter(public_key__in=keys).exists()


def queue_of(row: ThinLink) -> list[dict[str, Any]]:
    """How much waits on a link, by kind: {"kind", "waiting", "tried", "oldest_at"}."""
    rows = (
        Outgoing.objects.filter(peer__link=row, standing=Standing.QUEUED)
        .values("kind", "priority")
        .annotate(waiting=Count("id"), tried=Count("id", filter=Q(tries__gt=0)))
        .annotate(oldest_at=Min("queued_at"))
    )
    return [
        {name: one[name] for name in ("kind", "waiting", "tried", "oldest_at")}
        for one in rows.order_by("priority", "kind")
    ]


def heard(*, viewer: Viewer, kind: Kind | None = None, limit: int = ROWS_MAX) -> list[Heard]:
    """Telegrams and typed texts heard in the viewer's places, newest first."""
    rows = Heard.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    if kind is not None:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("-heard_at", "-id")[:limit])


def township_totals(*, viewer: Viewer) -> list[Heard]:
    """The newest sum of each township, evacuation and series.

    Shown beside the villages' own headcounts and never added to them.
    """
    newest: dict[tuple[Any, ...], Heard] = {}
    for row in heard(viewer=viewer, kind=Kind.TOTAL):
        key = (row.place_code, row.content.get("evacuation_id"), row.content.get("series"))
        if key not in newest or row.at > newest[key].at:
            newest[key] = row
    return list(newest.values())


def facts_to_tell(
    kinds: tuple[int, ...], *, after: int, until: int, limit: int
) -> list[tuple[int, Fact]]:
    """(arrival, fact) of applied facts of these kinds, in the order they were written here."""
    ledgers.show_open_rows()
    rows = StoredFact.objects.filter(
        kind__in=kinds, arrival__gt=after, arrival__lte=until, state=FactState.APPLIED
    ).order_by("arrival")
    found = ((stored.arrival, decode(stored)) for stored in rows[:limit])
    return [(arrival, fact) for arrival, fact in found if fact is not None]


def last_arrival() -> int:
    ledgers.show_open_rows()
    newest = StoredFact.objects.order_by("-arrival").values_list("arrival", flat=True).first()
    return newest or 0


def is_silent_since(row: ThinLink, moment: datetime) -> bool:
    return row.last_heard_at is None or row.last_heard_at < moment
