"""Who fell silent, and who was heard again."""

from __future__ import annotations

from django.db.models import Q

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.response.situation.models import ContactLoss
from fengsui.standards.instants import from_ms


def _author(fact: Fact) -> str:
    feed = feed_key(fact.feed)
    return feed.public_key.hex() if feed is not None else ""


def apply_contact_lost(fact: Fact) -> int | None:
    said = fact.fields
    last = said["last_heard_ms"]
    ContactLoss.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": said["place_code"],
            "alert_id": said["alert_id"],
            "last_heard_at": None if last is None else from_ms(last),
            "last_path": said["last_path"],
            "lost_at": fact.at,
            "node_key": _author(fact),
        },
    )
    return None


def apply_contact_regained(fact: Fact) -> int | None:
    loss = ContactLoss.objects.filter(id=fact.fields["loss_id"])
    if not loss.exists():
        return int(fact.fields["loss_id"])
    earlier = Q(regained_at=None) | Q(regained_at__gt=fact.at)
    loss.filter(earlier).update(regained_at=fact.at, regained_path=fact.fields["path"])
    return None
