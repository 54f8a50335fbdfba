"""From a planned try to its outcome: claimed durably, sent elsewhere, told back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.apply.writing import milliseconds, stored, update_by_ids
from fengsui.engines.calls.facts import OUTCOMES_RECORDED
from fengsui.engines.calls.models import Dispatch
from fengsui.engines.calls.queries.by_key import among, chunks, select_among
from fengsui.engines.calls.services import companions
from fengsui.engines.calls.services.numbers import note_numbers
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import FAILED_FOR_GOOD, WORD_RANK, Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

CLAIMS_PER_STEP = 500
ROWS_PER_READ = 20
HEARD_S_MAX = 3600
_TRIES_WITH_PLACE = (
    "SELECT calls_attempt.id, plan_id, step, calls_attempt.callout_id, calls_partybatch.place_code"
    " FROM calls_attempt JOIN calls_call ON calls_call.id = call_id"
    " JOIN calls_partybatch ON calls_partybatch.id = batch_id WHERE "
)


@command
def claim_dispatches(*, viewer: Viewer, boot: str, limit: int = CLAIMS_PER_STEP) -> dict[str, Any]:
    """Marks owed tries as being dispatched by `boot`. Only when this is durable may they be sent.

    Tries whose call has ended meanwhile, or is driven by another node now, are withdrawn.
    Returns {"claimed": how many are to be sent, "more": whether others may be owed}.
    """
    owed, more = _until_enough(Dispatch.objects.filter(boot=""), limit)
    if not owed:
        return {"claimed": 0, "more": False}
    ids = [pk for row in owed for pk in waiting(row)]
    calls = dict(select_among("id, call_id", "calls_attempt", ids))
    ended = _not_ours(calls.values())
    withdrawn = [pk for pk in ids if calls.get(pk) in ended] if ended else []
    update_by_ids(
        "calls_dispatch",
        "boot = %s, claimed_at = %s",
        [boot, stored(clock.now())],
        [row.id for row in owed],
    )
    if withdrawn:
        store_outcomes([(pk, Word.WITHDRAWN.value, 0) for pk in withdrawn], viewer=viewer)
    return {"claimed": len(ids) - len(withdrawn), "more": more}


def _until_enough(found: Any, limit: int) -> tuple[list[Dispatch], bool]:
    """The oldest, with no more than `limit` tries among them but at least one row; and whether
    there are others."""
    rows: list[Dispatch] = []
    tries = 0
    # Read as they are needed: a row may stand for hundreds of tries, so a few are mostly enough.
    for row in found.order_by("owed_at", "id").iterator(chunk_size=ROWS_PER_READ):
        if rows and tries + row.count > limit:
            return rows, True
        rows.append(row)
        tries += row.count
    return rows, False


def waiting(row: Dispatch) -> list[int]:
    """The tries of which nothing is known yet."""
    offsets = rules.unpack_ordinals(bytes(row.waiting), limit=row.count)
    return [row.id + offset for offset in offsets]


def _not_ours(call_ids: Iterable[int]) -> set[int]:
    """Calls that have ended, or that another node has taken over."""
    over: set[int] = set()
    driver = this_driver()
    with connection.cursor() as cursor:
        for chunk in chunks(list(call_ids)):
            condition, bound = among(chunk)
            cursor.execute(
                f"SELECT id FROM calls_call WHERE {condition}"  # noqa: S608 - a key column
                " AND (ended_as <> '' OR driver <> %s)",
                [*bound, driver],
            )
            over.update(pk for (pk,) in cursor.fetchall())
    return over


@command
def forget_claims_of_the_dead(
    *, viewer: Viewer, boot: str, limit: int = CLAIMS_PER_STEP
) -> dict[str, Any]:
    """Tries that an earlier process was dispatching when it died: they may have been sent.

    Where the carrier can be asked, `boot` takes them on to ask it, and never sends them by that.
    Of the others nobody knows: for life the policy tries again, a held kind goes to a person.
    Returns {"unknown": n, "to_ask": [attempt ids], "more"}.
    """
    lost, more = _until_enough(Dispatch.objects.exclude(boot__in=("", boot)), limit)
    if not lost:
        return {"unknown": 0, "to_ask": [], "more": False}
    askable = channel_register.kinds_that_can_be_asked()
    asked = [row for row in lost if row.channel in askable]
    unknown = [pk for row in lost if row.channel not in askable for pk in waiting(row)]
    if unknown:
        store_outcomes([(pk, Word.UNKNOWN.value, 0) for pk in unknown], viewer=viewer)
    update_by_ids(
        "calls_dispatch",
        "boot = %s, claimed_at = %s",
        [boot, stored(clock.now())],
        [row.id for row in asked],
    )
    to_ask = [pk for row in asked for pk in waiting(row)]
    return {"unknown": len(unknown), "to_ask": to_ask, "more": more}


@command
def record_outcomes(*, viewer: Viewer, outcomes: list[list[Any]]) -> dict[str, int]:
    """What channels said of tries: [[attempt id, word, seconds heard], …]. Batched by township.

    Unknown tries and words are left out; a repeated or older word changes nothing.
    """
    known = [
        (int(pk), str(word), max(0, min(int(heard_s), HEARD_S_MAX)))
        for pk, word, heard_s in outcomes
        if word in WORD_RANK
    ]
    return {"recorded": store_outcomes(known, viewer=viewer)}


class Try(NamedTuple):
    """What an outcome needs to know of the try that it is of."""

    plan_id: int
    step: int
    callout_id: int
    place_code: str


def store_outcomes(outcomes: Sequence[tuple[int, str, int]], *, viewer: Viewer) -> int:
    """One fact per township for all outcomes; the owed effects are gone with it."""
    ids = sorted({pk for pk, _, _ in outcomes})
    tries = _tries(ids)
    now_ms = milliseconds(clock.now())
    groups: dict[str, dict[tuple[Any, ...], set[int]]] = defaultdict(lambda: defaultdict(set))
    about: dict[str, set[int]] = defaultdict(set)
    failed = [pk for pk, word, _ in outcomes if word in FAILED_FOR_GOOD or word == Word.UNKNOWN]
    # What cannot work must not wait out its patience; neither must what may not have left. Where
    # others ring for the same call at this moment, theirs is waited for.
    at_once = {pk: now_ms for pk in set(failed) - companions.still_ring(failed)} if failed else {}
    for pk, word, heard_s in outcomes:
        tried = tries.get(pk)
        if tried is None:
            continue
        key = (tried.plan_id, tried.step, word, heard_s, at_once.get(pk))
        groups[tried.place_code][key].add(pk - tried.plan_id)
        about[tried.place_code].add(tried.callout_id)
    count = 0
    for township in sorted(groups):
        told = sum(len(offsets) for offsets in groups[township].values())
        packed = [
            [*key, rules.pack_ordinals(sorted(offsets))]
            for key, offsets in groups[township].items()
        ]
        record(
            OUTCOMES_RECORDED,
            fields={"groups": packed, "count": told},
            scope=township,
            viewer=viewer,
            about=sorted(about[township]),
        )
        count += told
    if len(tries) < len(ids):
        count += companions.store_outcomes(
            [one for one in outcomes if one[0] not in tries], viewer=viewer
        )
    note_numbers(outcomes)
    _no_longer_owed(tries)
    for callout_id in {tried.callout_id for tried in tries.values()}:
        on_commit_notify(f"callout:{callout_id}", {"verb": "outcomes"})
    return count


def _tries(ids: Sequence[int]) -> dict[int, Try]:
    found: dict[int, Try] = {}
    with connection.cursor() as cursor:
        for chunk in chunks(ids):
            condition, bound = among(chunk, "calls_attempt.id")
            cursor.execute(_TRIES_WITH_PLACE + condition, bound)
            found |= {row[0]: Try(*row[1:]) for row in cursor.fetchall()}
    return found


def _no_longer_owed(tries: Mapping[int, Try]) -> None:
    """Takes tries whose outcome is known out of what is owed."""
    told: dict[int, set[int]] = defaultdict(set)
    for pk, tried in tries.items():
        told[tried.plan_id].add(pk)
    plans = sorted(told)
    rows = [row for some in chunks(plans) for row in Dispatch.objects.filter(plan_id__in=some)]
    done: list[int] = []
    for row in rows:
        before = waiting(row)
        left = [pk - row.id for pk in before if pk not in told[row.plan_id]]
        if not left:
            done.append(row.id)
        elif len(left) < len(before):
            row.waiting = rules.pack_ordinals(left)
            row.save(update_fields=["waiting"])
    for some in chunks(done):
        Dispatch.objects.filter(pk__in=some).delete()
