"""The reads of the journal."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import cbor2
from django.conf import settings
from django.db.models import Max

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import client, hlc, mending, signing, timekeeping
from fengsui.foundation.journal import differences as values
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import Fact, FactKind, Words
from fengsui.foundation.journal.models import (
    About,
    Difference,
    FactState,
    Feed,
    NodeState,
    Quarantined,
    StoredFact,
    Verification,
)
from fengsui.foundation.journal.stored import decode

MAXIMUM_FACTS = 500

log = logging.getLogger("fengsui.journal")


def facts_about(
    viewer: Viewer,
    *,
    entity: int | Sequence[int] | None = None,
    cause: bytes | None = None,
    permission: Permission = Permission.SEE_ALERTS,
    after: int = 0,
    limit: int = MAXIMUM_FACTS,
    without: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Facts that speak of an entity or of any of several (or brought it into being), or follow
    from a cause; none of the kinds `without`.

    In arrival order. Each: {"arrival", "fact": Fact, "zh", "en"}; page on with after=arrival.
    """
    ledgers.show_open_rows()
    arrivals = sorted(_arrivals(entity, cause, after))
    left_out = [catalogue().by_name[name].number for name in without]
    limit = min(limit, MAXIMUM_FACTS)
    found: list[dict[str, Any]] = []
    for start in range(0, len(arrivals), MAXIMUM_FACTS):
        page = StoredFact.objects.filter(
            visible(viewer, permission, "scope"),
            arrival__in=arrivals[start : start + MAXIMUM_FACTS],
        ).exclude(state=FactState.NOT_APPLIED)
        if left_out:
            page = page.exclude(kind__in=left_out)
        for stored in page.order_by("arrival"):
            fact = decode(stored)
            if fact is not None:
                zh, en = sentences(fact)
                found.append({"arrival": stored.arrival, "fact": fact, "zh": zh, "en": en})
                if len(found) == limit:
                    return found
    return found


def facts_of(entities: Sequence[int]) -> Iterator[tuple[int, Fact]]:
    """(arrival, fact): every applied fact about these entities, in arrival order, for programs.

    Whoever shows something of them asks first what the viewer may see.
    """
    ledgers.show_open_rows()
    arrivals = sorted(_arrivals(entities, None, 0))
    for start in range(0, len(arrivals), MAXIMUM_FACTS):
        rows = StoredFact.objects.filter(arrival__in=arrivals[start : start + MAXIMUM_FACTS])
        for stored in rows.exclude(state=FactState.NOT_APPLIED).order_by("arrival"):
            fact = decode(stored)
            if fact is not None:
                yield stored.arrival, fact


def facts_of_kinds(
    names: Collection[str], *, since: int, at_from: datetime, at_until: datetime
) -> Iterator[tuple[int, Fact]]:
    """(arrival, fact): applied facts of these kinds from an arrival on, dated within a stretch of
    time, in arrival order. Reads every fact that came later, so give the latest arrival known."""
    ledgers.show_open_rows()
    numbers = [catalogue().by_name[name].number for name in names]
    rows = StoredFact.objects.filter(
        arrival__gte=since,
        kind__in=numbers,
        hlc__gte=hlc.of_time(at_from),
        hlc__lt=hlc.of_time(at_until + timedelta(milliseconds=1)),
    )
    rows = rows.exclude(state=FactState.NOT_APPLIED).order_by("arrival")
    for stored in rows.iterator(chunk_size=MAXIMUM_FACTS):
        fact = decode(stored)
        if fact is not None:
            yield stored.arrival, fact


def facts_by_id(fact_ids: Iterable[bytes]) -> dict[bytes, Fact]:
    """Facts by their ids, what is erased left out. For a caller that has gated what they are of."""
    ledgers.show_open_rows()
    stored = StoredFact.objects.filter(fact_id__in=list(set(fact_ids)))
    decoded = [decode(one) for one in stored.exclude(state=FactState.NOT_APPLIED)]
    return {fact.id: fact for fact in decoded if fact is not None}


def facts_of_request(viewer: Viewer, request_id: str) -> list[dict[str, Any]]:
    """What one web request to this machine led to, in arrival order; rows as in `facts_about`."""
    ledgers.show_open_rows()
    # Said again, since the index holds only the facts that have a request.
    rows = StoredFact.objects.filter(
        visible(viewer, Permission.VERIFY_RECORD, "scope"),
        request_id=request_id,
        request_id__gt="",
    )
    found = []
    for stored in rows.order_by("arrival")[:MAXIMUM_FACTS]:
        fact = decode(stored)
        if fact is not None:
            zh, en = sentences(fact)
            found.append({"arrival": stored.arrival, "fact": fact, "zh": zh, "en": en})
    return found


def _arrivals(entity: int | Sequence[int] | None, cause: bytes | None, after: int) -> set[int]:
    """One indexed search per way of being about something; an OR of them scans the journal."""
    later = StoredFact.objects.filter(arrival__gt=after)
    found: set[int] = set()
    for one in [entity] if isinstance(entity, int) else entity or ():
        # The id of a fact begins with the 63 bits of its first entity.
        low = (one << 1).to_bytes(8, "big") + bytes(8)
        high = (one << 1 | 1).to_bytes(8, "big") + b"\xff" * 8
        found.update(
            StoredFact.objects.filter(fact_id__gte=low, fact_id__lte=high).values_list(
                "arrival", flat=True
            )
        )
        about = About.objects.filter(entity=one, arrival__gt=after)
        found.update(about.values_list("arrival", flat=True))
    if cause is not None:
        found.update(later.filter(cause=cause).values_list("arrival", flat=True))
    return {arrival for arrival in found if arrival > after}


def kinds() -> Mapping[str, FactKind]:
    """Every kind of fact that this program knows, by name."""
    return catalogue().by_name


def sentences(fact: Fact) -> tuple[str, str]:
    """The timeline sentences of a fact in Chinese and English."""
    kind = catalogue().by_name[fact.kind]
    said = {**fact.fields, **(fact.personal or {})}
    zh, en = (
        _Shown(
            {
                name: _worded(kind.words.get(name), value, language)
                for name, value in said.items()
                if value is not None
            }
        )
        for language in (0, 1)
    )
    return (kind.zh or kind.name).format_map(zh), (kind.en or kind.name).format_map(en)


def _worded(words: Words | None, value: Any, language: int) -> Any:
    """A code as people say it; a list of codes as a list; anything else as it is."""
    if words is None:
        return value
    if isinstance(value, list):
        return ("、", ", ")[language].join(str(_worded(words, one, language)) for one in value)
    return words[value][language] if value in words else value


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def header_of(stored: StoredFact) -> Header:
    return Header(*cbor2.loads(bytes(stored.header)))


def differences(viewer: Viewer, *, settled: bool = False) -> list[dict[str, Any]]:
    """Fields that were written in two places without knowledge of each other, newest first.

    Each {"id", "entity", "what", "scope", "found_at", "kept", "other", "decision", "note"}; `kept`
    and `other` say {"fact_id", "value", "is_hidden", "actor", "at", "node", "zh", "en"}. Values
    are read from the facts, so an erased one is gone here too; personal ones are hidden from
    viewers who may not see households there.
    """
    ledgers.show_open_rows()
    rows = Difference.objects.filter(visible(viewer, Permission.SEE_PLACES, "scope"))
    rows = rows.exclude(decision="") if settled else rows.filter(decision="")
    found = []
    for row in rows.order_by("-found_at", "-id")[:MAXIMUM_FACTS]:
        may_see = viewer.may(Permission.SEE_HOUSEHOLDS, row.scope)
        found.append(
            {
                "id": row.pk,
                "entity": row.entity,
                "what": row.what,
                "scope": row.scope,
                "found_at": row.found_at,
                "kept": _said(row, bytes(row.kept_fact), may_see),
                "other": _said(row, bytes(row.other_fact), may_see),
                "decision": row.decision,
                "note": row.note,
                "settled_by": row.settled_by,
                "settled_at": row.settled_at,
            }
        )
    return found


def _said(row: Difference, fact_id: bytes, may_see_personal: bool) -> dict[str, Any]:
    """Who said what, when and at which node; the value None where it is hidden, gone or unknown."""
    said: dict[str, Any] = dict.fromkeys(("value", "actor", "at", "zh", "en"))
    said |= {"fact_id": fact_id, "node": b"", "is_hidden": False}
    stored = StoredFact.objects.select_related("feed").filter(fact_id=fact_id).first()
    fact = decode(stored) if stored is not None else None
    if stored is None or fact is None:
        return said
    kind = catalogue().by_name[fact.kind]
    is_personal = values.is_personal(
        fact, row.entity, row.what, items_are_personal=kind.item_is_personal
    )
    value = values.value_in(fact, row.entity, row.what)
    is_hidden = is_personal and not may_see_personal
    zh, en = sentences(fact) if not is_personal else ("", "")
    return said | {
        "value": None if is_hidden or values.is_missing(value) else value,
        "is_hidden": is_hidden,
        "actor": fact.actor,
        "at": fact.at,
        "node": bytes(stored.feed.public_key),
        "zh": zh,
        "en": en,
    }


def quarantined(viewer: Viewer, *, limit: int = MAXIMUM_FACTS) -> list[dict[str, Any]]:
    """What came from elsewhere and was refused or is held, newest first; not what it said.

    Each {"id", "received_at", "carrier", "reason", "author", "seq", "is_held"}. For those who
    verify the record somewhere: what was refused has no trustworthy place, and none is told.
    """
    if not viewer.scopes(Permission.VERIFY_RECORD):
        return []
    return [
        {
            "id": row.pk,
            "received_at": row.received_at,
            "carrier": row.carrier,
            "reason": row.reason,
            "author": None if row.author is None else bytes(row.author),
            "seq": row.seq,
            "is_held": row.author is not None,
        }
        for row in Quarantined.objects.order_by("-id")[: min(limit, MAXIMUM_FACTS)]
    ]


def verification(viewer: Viewer) -> dict[str, Any]:
    """How the running check of the journal stands: {"state", "facts", "checked_at", "zh", "en"}.

    Everybody may know whether the record is whole; where it is broken, those who verify it.
    """
    row = Verification.objects.filter(id=1).first() or Verification(id=1)
    may_see_where = bool(viewer.scopes(Permission.VERIFY_RECORD))
    return {
        "state": row.state,
        "facts": row.facts,
        "checked_at": row.checked_at,
        "zh": row.finding_zh if may_see_where else "",
        "en": row.finding_en if may_see_where else "",
    }


def incarnation() -> int:
    """Which incarnation of itself this node is in; 0 before it wrote anything."""
    return NodeState.objects.filter(id=1).values_list("incarnation", flat=True).first() or 0


def sound_heads() -> dict[bytes, tuple[int, bytes]]:
    """Feeds with a damaged fact: feed id → (number, header hash) of the last one before it."""
    return mending.sound_heads()


def writer_status() -> dict[str, Any]:
    """What the writer says of itself. Raises writer_away.

    In the writer's own process nobody is asked: a command that runs has a disk and a clock.
    """
    if settings.IS_WRITER:
        clock_plain = {**timekeeping.Timekeeper().plain(), "finding": ""}
        return {"storage": {"finding": ""}, "clock": clock_plain}
    return client.status()


# --- for talk between nodes -----------------------------------------------------------------


def newest_arrival() -> int:
    """The greatest arrival so far: as long as it stands, nothing that facts tell has changed."""
    return StoredFact.objects.aggregate(top=Max("arrival"))["top"] or 0


def feeds() -> list[dict[str, Any]]:
    """Every feed held here: {"feed_id", "key": [suite, key, incarnation, class, audience], "head"}.

    Sending nodes choose by audience what a neighbour gets; there is no filter inside a feed.
    A feed with a damaged fact ends before it, so that a neighbour sends a sound copy.
    """
    sound = mending.sound_heads()
    return [
        {
            "feed_id": bytes(feed.feed_id),
            "key": [
                feed.suite,
                bytes(feed.public_key),
                feed.incarnation,
                feed.fact_class,
                feed.audience,
            ],
            "head": sound.get(bytes(feed.feed_id), (feed.head_seq,))[0],
            "is_own": feed.is_own,
        }
        for feed in Feed.objects.order_by("id")
    ]


def feed_key(feed_id: bytes) -> FeedKey | None:
    """Whose feed it is: `Fact.feed` → suite, node key, incarnation, class, audience."""
    known = _FEED_KEYS.get(feed_id)
    if known is None:
        feed = Feed.objects.filter(feed_id=feed_id).first()
        if feed is None:
            return None
        key = (feed.suite, bytes(feed.public_key), feed.incarnation, feed.fact_class, feed.audience)
        # A feed's id commits to its key, so what was read once stays true.
        known = _FEED_KEYS[feed_id] = FeedKey(*key)
    return known


_FEED_KEYS: dict[bytes, FeedKey] = {}


def facts_of_feed(feed_id: bytes, *, after: int, limit: int = MAXIMUM_FACTS) -> list[list[Any]]:
    """[header, body, signature or None] in chain order after a number, verbatim.

    The list ends with a signed fact, so it may be longer than `limit` by what that takes; and
    before a fact whose bytes were damaged on this disk: that one is not passed on.
    """
    rows = StoredFact.objects.filter(feed__feed_id=feed_id, seq__gt=after).order_by("seq")
    signed = rows.filter(signature__isnull=False)
    end = signed.filter(seq__gte=after + limit).values_list("seq", flat=True).first()
    chosen = rows if end is None else rows.filter(seq__lte=end)
    columns = ("header", "body", "signature", "fact_id", "seq", "feed__suite")
    found: list[list[Any]] = []
    for header, body, signature, fact_id, seq, suite in chosen.values_list(*columns):
        digest = signing.SUITES[suite].digest
        if mending.fault_of(bytes(header), bytes(body), bytes(fact_id), seq, digest):
            log.error("fact %d of a feed is damaged and is not passed on", seq)
            while found and found[-1][2] is None:
                found.pop()
            break
        found.append([bytes(header), bytes(body), None if signature is None else bytes(signature)])
    return found
