"""What a set of changes did, read from its facts. For the services, which gate the set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fengsui.foundation.access.viewer import Permission, node_viewer
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import clock_of
from fengsui.foundation.journal.queries import facts_about
from fengsui.foundation.ledgers.models import ChangeSet
from fengsui.foundation.ledgers.queries.changesets import registers_by_name
from fengsui.foundation.ledgers.rules.undoing import Step, note_born, note_changed, note_state

COUNTED = ("created", "changed", "withdrawn", "restored")

Steps = Mapping[str, Mapping[Any, Step]]  # register -> key -> what was done to that row


def facts_of_set(cause: bytes) -> Iterable[Fact]:
    """The facts of a set in the order of their arrival."""
    after = 0
    while page := facts_about(
        node_viewer(), cause=cause, permission=Permission.SEE_PLACES, after=after
    ):
        yield from (one["fact"] for one in page)
        after = page[-1]["arrival"]


def steps_of_set(cause: bytes) -> Steps:
    """What a set did to each row of each register."""
    steps: dict[str, dict[Any, Step]] = {}
    for fact in facts_of_set(cause):
        for register in registers_by_name().values():
            _note(fact, register, steps.setdefault(register.name, {}))
    return {name: rows for name, rows in steps.items() if rows}


def _note(fact: Fact, register: Any, steps: dict[Any, Step]) -> None:
    kinds = register.kinds
    if fact.kind == kinds.changed.name:
        private = {item["key"]: item["before"] or {} for item in fact.items if item is not None}
        note_changed(steps, fact.fields["rows"], private)
    elif fact.kind == kinds.withdrawn.name:
        note_state(steps, fact.fields["keys"], was_withdrawn=False)
    elif fact.kind == kinds.restored.name:
        note_state(steps, fact.fields["keys"], was_withdrawn=True)
    else:
        note_born(steps, register.keys_born(fact) or ())


def clocks_of_set(change_set_id: int) -> set[str]:
    """The clocks of a set's facts, and of those that undid it, undid that, and so on."""
    clocks: set[str] = set()
    frontier = list(ChangeSet.objects.filter(pk=change_set_id))
    seen = {change_set_id}
    while frontier:
        for row in frontier:
            clocks |= {clock_of(fact) for fact in facts_of_set(bytes(row.fact_id))}
        later = ChangeSet.objects.filter(undoes__in=[row.pk for row in frontier])
        frontier = [row for row in later if row.pk not in seen]
        seen |= {row.pk for row in frontier}
    return clocks


def counts_of(cause: bytes) -> dict[str, int]:
    """How many rows a set registered, changed, withdrew and put back; each row counts once."""
    counts = dict.fromkeys(COUNTED, 0)
    for rows in steps_of_set(cause).values():
        for step in rows.values():
            if step.is_born:
                counts["created"] += 1
            elif step.was_withdrawn is not None:
                counts["restored" if step.was_withdrawn else "withdrawn"] += 1
            else:
                counts["changed"] += 1
    return counts
