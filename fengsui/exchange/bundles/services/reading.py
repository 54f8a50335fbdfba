"""Read a bundle that somebody brought."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import IO, Any

from django.db.models import Max, Q

from fengsui.exchange.bundles import layout, queries, rules
from fengsui.exchange.bundles.errors import OF_FAULT, UNKNOWN_SENDER, WRONG_RECEIVER
from fengsui.exchange.bundles.facts import REFUSED
from fengsui.exchange.bundles.layout import BUNDLE_BYTES_MAX, BundleFaultError, Sealed
from fengsui.exchange.bundles.models import Passage
from fengsui.exchange.bundles.services.judging import Progress, Reading
from fengsui.exchange.bundles.states import Direction, ReadingState
from fengsui.exchange.neighbours import identity
from fengsui.exchange.neighbours.models import Neighbour
from fengsui.exchange.neighbours.queries import held_by
from fengsui.exchange.neighbours.services import note_vector
from fengsui.exchange.replication.sync import feed_of
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock, hlc
from fengsui.foundation.journal.models import Feed
from fengsui.foundation.journal.services import command, record

CARRIED_BY_LENGTH = 40
CARRIER_LENGTH = 80
_READ_BYTES = 1 << 20
_HEADS_PER_NOTE = 2_000
_BUNDLE_CARRIER = "bundle"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a bundle that was read. Counts are facts.

    `kept`: newer than this program; `held`: their author's certificate is not here yet; `gap`:
    facts before them are missing; `acknowledges`: of the facts that are here, how many its sender
    is now known to hold and was not known to hold before.
    """

    state: str
    digest: str
    sender_name: str
    sender_key: str
    created_ms: int
    facts: int
    judged: int
    taken: int
    kept: int
    known: int
    refused: int
    broken: int
    gap: int
    held: int
    not_for_us: int
    quarantined: int
    acknowledges: int
    is_older: bool  # a newer bundle of the same sender was read before
    is_repeated: bool  # this very file was read before
    pieces: int
    pieces_done: int


def open_bundle(viewer: Viewer, file: IO[bytes], carried_by: str) -> Sealed:
    """Checks a whole file before anything of it is read in.

    Raises bundles.not_a_bundle, .newer_version, .cut_short, .altered, .too_large, .wrong_receiver,
    .unknown_sender; each refusal of a bundle is recorded with who brought it.
    """
    queries.require_carrier(viewer, identity.own_scope())
    file.seek(0)
    try:
        sealed = layout.open_sealed(file, BUNDLE_BYTES_MAX)
    except BundleFaultError as error:
        _turn_away(viewer, file, error.fault, b"", carried_by)
        raise OF_FAULT[error.fault](detail=str(error)) from error
    bundle = sealed.bundle
    if bundle.receiver != identity.own_key().public:
        meant = identity.peer(bundle.receiver)
        _turn_away(viewer, file, "wrong_receiver", bundle.sender, carried_by)
        raise WRONG_RECEIVER(receiver=meant.name if meant else bundle.receiver.hex()[:16])
    if identity.peer(bundle.sender) is None:
        # Its certificate may be in the file itself, stated by a node that is known here.
        Reading(sealed, file, carrier_of(sealed, carried_by)).take_certificates()
    if identity.peer(bundle.sender) is None:
        _turn_away(viewer, file, "unknown_sender", bundle.sender, carried_by)
        raise UNKNOWN_SENDER(sender=f"{bundle.sender_name} {bundle.sender.hex()[:16]}")
    return sealed


def carrier_of(sealed: Sealed, carried_by: str) -> str:
    """Who is named in the quarantine for what is wrong with a fact of this file."""
    return f"{_BUNDLE_CARRIER} {sealed.bundle.sender_name} carried by {carried_by}"[:CARRIER_LENGTH]


def _turn_away(viewer: Viewer, file: IO[bytes], fault: str, sender: bytes, carried_by: str) -> None:
    file.seek(0)
    hashed = hashlib.sha256()
    size = 0
    while data := file.read(_READ_BYTES):
        hashed.update(data)
        size += len(data)
    note_refused(
        viewer=viewer,
        digest=hashed.digest(),
        size=size,
        fault=fault,
        sender=sender,
        carried_by=carried_by[:CARRIED_BY_LENGTH],
    )


@command
def note_refused(
    *, viewer: Viewer, digest: bytes, size: int, fault: str, sender: bytes, carried_by: str
) -> dict[str, Any]:
    """Records that a file was turned away and who brought it; once for each file."""
    found = Passage.objects.filter(direction=Direction.READ, digest=digest).first()
    if found is None:
        Passage.objects.create(
            direction=Direction.READ,
            digest=digest,
            state=ReadingState.REFUSED,
            node_key=sender,
            carried_by=carried_by,
            person_id=viewer.person_id,
            at=clock.now(),
            fault=fault,
        )
        record(
            REFUSED,
            fields={"fault": fault, "digest": digest, "size": size, "sender_key": sender},
            personal={"carried_by": carried_by},
            scope=identity.own_scope(),
            viewer=viewer,
        )
    return {"recorded": found is None}


def import_bundle(
    viewer: Viewer,
    file: IO[bytes],
    carried_by: str,
    *,
    pieces_max: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Reads a bundle in, piece by piece; each piece is durable before the next.

    A reading that was broken off, or had its `pieces_max`, goes on where it stopped when the same
    file is read again. Raises as `open_bundle` does.
    """
    sealed = open_bundle(viewer, file, carried_by)
    carrier = carrier_of(sealed, carried_by)
    begun = begin_reading(
        viewer=viewer,
        digest=sealed.digest,
        sender=sealed.bundle.sender,
        sender_name=sealed.bundle.sender_name,
        order=[
            sealed.bundle.created_ms,
            sealed.bundle.incarnation,
            sealed.bundle.clock,
        ],
        facts=sealed.bundle.facts,
        carried_by=carried_by[:CARRIED_BY_LENGTH],
    )
    acknowledges = _acknowledge(sealed, carrier, begun)
    reading = Reading(sealed, file, carrier)
    try:
        done = reading.go_on(begun["pieces_done"], pieces_max, progress)
    except BundleFaultError as error:
        # Its seal is the sender's own, so nobody altered it on the way.
        raise OF_FAULT[error.fault](detail=str(error)) from error
    tally = reading.tally
    state = _state(done, len(sealed.pieces), tally)
    note_reading(
        digest=sealed.digest,
        state=state,
        pieces_done=done,
        tally=[tally.taken + tally.kept, tally.known, tally.refused + tally.broken],
    )
    if state != ReadingState.READING:
        _note_level(sealed, carrier, begun["is_older"])
    return _report(sealed, tally, state, acknowledges, {**begun, "pieces_done": done})


def _state(done: int, pieces: int, tally: rules.Tally) -> ReadingState:
    if done < pieces:
        return ReadingState.READING
    return ReadingState.GAPS if tally.gap else ReadingState.DONE


def _report(
    sealed: Sealed,
    tally: rules.Tally,
    state: ReadingState,
    acknowledges: int,
    begun: dict[str, Any],
) -> Report:
    counts = asdict(tally)
    counts.pop("stopped")
    return Report(
        state=state.value,
        digest=sealed.digest.hex(),
        sender_name=sealed.bundle.sender_name,
        sender_key=sealed.bundle.sender.hex(),
        created_ms=sealed.bundle.created_ms,
        facts=sealed.bundle.facts,
        judged=tally.judged,
        quarantined=tally.refused + tally.broken,
        acknowledges=acknowledges,
        is_older=begun["is_older"],
        is_repeated=begun["is_repeated"],
        pieces=len(sealed.pieces),
        pieces_done=begun["pieces_done"],
        **counts,
    )


@command
def begin_reading(
    *,
    viewer: Viewer,
    digest: bytes,
    sender: bytes,
    sender_name: str,
    order: list[int],
    facts: int,
    carried_by: str,
) -> dict[str, Any]:
    """Takes down that a file is read. `order`: the sender's time in ms, incarnation, clock.

    Returns {"pieces_done", "is_older", "is_stale", "is_repeated"}.
    """
    read = Passage.objects.filter(direction=Direction.READ, node_key=sender).exclude(
        state=ReadingState.REFUSED
    )
    created_ms, incarnation, sender_clock = order
    known = Feed.objects.filter(public_key=sender).aggregate(last=Max("incarnation"))["last"] or 0
    told = read.aggregate(last=Max("incarnation"))["last"] or 0
    word = {
        "is_stale": incarnation < max(known, told),
        "is_older": read.filter(
            Q(incarnation__gt=incarnation) | Q(incarnation=incarnation, clock__gt=sender_clock)
        ).exists(),
    }
    found = read.filter(digest=digest).first()
    if found is not None:
        # A reading that is over begins again: what was missing before may be here by now.
        going_on = found.state == ReadingState.READING
        return {
            **word,
            "pieces_done": found.pieces_done if going_on else 0,
            "is_repeated": not going_on,
        }
    Passage.objects.create(
        direction=Direction.READ,
        digest=digest,
        state=ReadingState.READING,
        node_key=sender,
        node_name=sender_name[:80],
        carried_by=carried_by,
        person_id=viewer.person_id,
        at=clock.now(),
        created_ms=created_ms,
        incarnation=incarnation,
        clock=sender_clock,
        facts=facts,
    )
    return {**word, "pieces_done": 0, "is_repeated": False}


@command
def note_reading(
    *, digest: bytes, state: str, pieces_done: int, tally: list[int]
) -> dict[str, Any]:
    """How far a reading has come; `tally`: taken, known and refused facts of this turn."""
    row = Passage.objects.get(direction=Direction.READ, digest=digest)
    row.state, row.pieces_done = state, pieces_done
    row.taken += tally[0]
    row.known += tally[1]
    row.refused += tally[2]
    row.save(update_fields=["state", "pieces_done", "taken", "known", "refused"])
    return {"state": state}


# --- the acknowledgement --------------------------------------------------------------------


def _acknowledge(sealed: Sealed, carrier: str, begun: dict[str, Any]) -> int:
    """Takes down what the sender holds; returns by how many facts that is more than was known."""
    bundle = sealed.bundle
    before = {feed: seq for feed, (seq, _) in held_by(bundle.sender).items()}
    ours = {feed_of(head.key): head.seq for head in queries.heads()}
    newest = not begun["is_older"] and not _heard_since(bundle.sender, bundle.clock)
    noted = rules.heads_to_note(bundle.heads, before, is_stale=begun["is_stale"], is_newest=newest)
    for start in range(0, max(1, len(noted)), _HEADS_PER_NOTE):
        note_vector(
            public_key=bundle.sender,
            heads=[
                [list(head.key), head.seq, head.hash]
                for head in noted[start : start + _HEADS_PER_NOTE]
            ],
            carrier=carrier,
        )
    return sum(
        max(0, min(head.seq, ours[feed]) - before.get(feed, -1))
        for head in noted
        if (feed := feed_of(head.key)) in ours
    )


def _heard_since(sender: bytes, sender_clock: int) -> bool:
    """Whether a session has brought word from the sender after it wrote this bundle."""
    row = Neighbour.objects.filter(public_key=sender).first()
    if row is None or row.last_heard_at is None or row.last_carrier.startswith(_BUNDLE_CARRIER):
        return False
    return row.last_heard_at > hlc.to_time(sender_clock)


def _note_level(sealed: Sealed, carrier: str, is_older: bool) -> None:
    """Where its word covers all we have for it and we have all of its own, the two are level."""
    known = identity.known_scopes()
    peer = identity.peer(sealed.bundle.sender)
    if peer is None or is_older:
        return
    ours = rules.common_heads(queries.heads(), known, (identity.own_scope(), peer.scope))
    held = {feed: seq for feed, (seq, _) in held_by(sealed.bundle.sender).items()}
    if all(held.get(feed_of(head.key), -1) >= head.seq for head in ours):
        note_vector(public_key=sealed.bundle.sender, heads=[], carrier=carrier, is_level=True)
