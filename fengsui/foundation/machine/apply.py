"""The facts of this app applied."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.foundation.machine.facts import CERTIFICATE_CARRIED
from fengsui.foundation.machine.models import CarriedCertificate


def apply_carried(fact: Fact) -> int | None:
    """The later one of two counts, in whatever order they come."""
    author = feed_key(fact.feed)
    node_key = fact.fields["node_key"]
    known = CarriedCertificate.objects.filter(node_key=node_key).first()
    if author is None or (known is not None and known.hlc >= fact.hlc):
        return None
    CarriedCertificate.objects.update_or_create(
        node_key=node_key,
        defaults={
            "author_key": author.public_key,
            "chain": fact.fields["chain"],
            "sealed_key": fact.fields["sealed_key"],
            "not_after_ms": fact.fields["not_after_ms"],
            "hlc": fact.hlc,
        },
    )
    return None


APPLY = {CERTIFICATE_CARRIED.name: apply_carried}
