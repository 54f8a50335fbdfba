"""Taking back a set of changes without touching what came later.

An undo is a set of changes itself, so it can be undone. It runs in pieces, each a command of its
own; one that was interrupted goes on where it stopped when it is asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command
from fengsui.foundation.ledgers.apply import Register
from fengsui.foundation.ledgers.errors import ALREADY_UNDONE, REASON_NEEDED
from fengsui.foundation.ledgers.facts import WITHDRAWN
from fengsui.foundation.ledgers.models import ChangeSet
from fengsui.foundation.ledgers.queries.changesets import (
    KEPT_SHOWN_MAX,
    gate_change_set,
    registers_by_name,
    undone_by,
)
from fengsui.foundation.ledgers.queries.registry import all_ledgers
from fengsui.foundation.ledgers.queries.shape import has
from fengsui.foundation.ledgers.queries.steps import clocks_of_set, steps_of_set
from fengsui.foundation.ledgers.rules import (
    REASON_LENGTH_MAX,
    REASON_LENGTH_MIN,
    ROWS_PER_COMMAND,
)
from fengsui.foundation.ledgers.rules.undoing import ERASED, Step, Taken, take_back
from fengsui.foundation.ledgers.services.changesets import close_change_set, open_change_set
from fengsui.foundation.ledgers.services.registers import change_rows, restore_rows, withdraw_rows
from fengsui.foundation.ledgers.states import ChangeSetKind

ROUNDS_MAX = 3  # a row that changes under the undo is looked at again so often, then left alone

_WHY = {
    "later": ("之后有人改过，没有动它", "somebody changed it later; it was left alone"),
    ERASED: ("原来的内容已按规定抹去", "what stood there before was erased"),
    "not_allowed": ("不在您的管辖范围", "outside your jurisdiction"),
}


def undo(*, viewer: Viewer, change_set_id: int, reason: str) -> dict[str, Any]:
    """Takes a set of changes back: registered rows are withdrawn, values put back, where nobody
    has touched them since.

    {"change_set_id", "undone": rows, "kept": [{"ledger", "id", "field", "zh", "en"}] (at most
    KEPT_SHOWN_MAX), "kept_count"}. Raises ledgers.already_undone, access.not_found.
    """
    reason = reason.strip()
    if not REASON_LENGTH_MIN <= len(reason) <= REASON_LENGTH_MAX:
        raise REASON_NEEDED(least=REASON_LENGTH_MIN, most=REASON_LENGTH_MAX)
    target = gate_change_set(change_set_id, viewer=viewer)
    require(viewer, Permission.EDIT_REGISTERS, target.place_code)
    cause = begin_undo(viewer=viewer, change_set_id=change_set_id, reason=reason)
    kept: list[dict[str, str]] = []
    undone = 0
    for name, steps in steps_of_set(bytes(target.fact_id)).items():
        register = registers_by_name()[name]
        done, left = _take_back_register(viewer, register, steps, change_set_id, reason, cause)
        undone += done
        kept += left
    counts = close_change_set(viewer=viewer, cause=cause, kept=len(kept))
    return {
        "change_set_id": _id_of(cause),
        "undone": sum(counts[one] for one in ("changed", "withdrawn", "restored")),
        "kept": kept[:KEPT_SHOWN_MAX],
        "kept_count": len(kept),
    }


def _id_of(cause: bytes) -> int:
    return ChangeSet.objects.values_list("pk", flat=True).get(fact_id=cause)


@command
def begin_undo(*, viewer: Viewer, change_set_id: int, reason: str) -> bytes:
    """Opens the undo of a set, or goes on with the one that was interrupted."""
    target = gate_change_set(change_set_id, viewer=viewer)
    if change_set_id in undone_by([change_set_id]):
        raise ALREADY_UNDONE()
    begun = ChangeSet.objects.filter(undoes=change_set_id, closed_at__isnull=True).first()
    if begun is not None:
        return bytes(begun.fact_id)
    return open_change_set(
        viewer=viewer,
        kind=ChangeSetKind.UNDO,
        title=f"撤销：{target.title}",
        ledger=target.ledger,
        scope=target.place_code,
        undoes=change_set_id,
        reason=reason,
    )


def _take_back_register(
    viewer: Viewer,
    register: Register,
    steps: Mapping[Any, Step],
    change_set_id: int,
    reason: str,
    cause: bytes,
) -> tuple[int, list[dict[str, str]]]:
    wanted = list(steps)
    kept: dict[Any, list[dict[str, str]]] = {}
    done = 0
    for _ in range(ROUNDS_MAX):
        own = clocks_of_set(change_set_id)
        again: list[Any] = []
        for start in range(0, len(wanted), ROWS_PER_COMMAND):
            keys = wanted[start : start + ROWS_PER_COMMAND]
            plan = []
            for key, clocks, taken in _plan(viewer, register, steps, keys, own):
                kept[key] = [_kept(register, key, name, why) for name, why in taken.kept.items()]
                if taken.is_anything:
                    plan.append([key, clocks, taken.withdraw, taken.restore, taken.put_back])
            if plan:
                answer = undo_piece(
                    viewer=viewer, register=register.name, plan=plan, reason=reason, cause=cause
                )
                done += answer["done"]
                again += answer["again"]
        wanted = again
        if not wanted:
            break
    return done, [one for rows in kept.values() for one in rows]


def _plan(
    viewer: Viewer,
    register: Register,
    steps: Mapping[Any, Step],
    keys: Sequence[Any],
    own: set[str],
) -> Iterator[tuple[Any, str, Taken]]:
    state = WITHDRAWN if has(register.model, WITHDRAWN) else "until_at"
    rows = register.model._default_manager.filter(pk__in=list(keys)).values(
        "pk", "field_clock", state, register.place
    )
    for row in rows:
        step = steps[row["pk"]]
        is_withdrawn = bool(row[state]) if state == WITHDRAWN else row[state] is not None
        taken = take_back(
            step,
            clocks=json.loads(row["field_clock"]),
            own=own,
            is_withdrawn=is_withdrawn,
            state_field=state,
        )
        if not viewer.may(Permission.EDIT_REGISTERS, row[register.place]):
            taken = Taken(kept={"": "not_allowed"})
        yield row["pk"], row["field_clock"], taken


@command
def undo_piece(
    *, viewer: Viewer, register: str, plan: Sequence[Sequence[Any]], reason: str, cause: bytes
) -> dict[str, Any]:
    """Part of an undo: [[key, clocks that were seen, withdraw?, restore?, {field: value}], ...].

    {"done": rows, "again": keys of rows that somebody has changed since they were looked at}.
    """
    found = registers_by_name()[register]
    now = dict(
        found.model._default_manager.filter(pk__in=[one[0] for one in plan]).values_list(
            "pk", "field_clock"
        )
    )
    still = [one for one in plan if now.get(one[0]) == one[1]]
    withdrawn = [one[0] for one in still if one[2]]
    restored = [one[0] for one in still if one[3]]
    put_back = [(one[0], one[4]) for one in still if one[4]]
    args: dict[str, Any] = {"viewer": viewer, "register": found, "cause": cause}
    withdraw_rows(keys=withdrawn, reason=reason, **args)
    restore_rows(keys=restored, reason=reason, **args)
    change_rows(changes=put_back, **args)
    return {
        "done": len(still),
        "again": [one[0] for one in plan if now.get(one[0]) not in (None, one[1])],
    }


def _kept(register: Register, key: Any, name: str, why: str) -> dict[str, str]:
    ledger = next((one for one in all_ledgers().values() if one.register is register), None)
    column = next(
        (one for one in (ledger.columns if ledger else ()) if one.attribute == name), None
    )
    zh, en = (column.zh, column.en) if column is not None else (name, name)
    words = _WHY[why]
    return {
        "ledger": ledger.name if ledger else register.name,
        "id": str(key),
        "field": column.name if column is not None else name,
        "zh": f"“{zh}”{words[0]}" if name else words[0],
        "en": f"{en}: {words[1]}" if name else words[1],
    }
