"""The facts of a bundle, piece by piece before the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from fengsui.exchange.bundles import layout, queries, rules
from fengsui.exchange.bundles.columns import RawFact, Run
from fengsui.exchange.bundles.layout import Sealed
from fengsui.exchange.neighbours import identity
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.sync import feed_of
from fengsui.foundation.journal.services import receive

Progress = Callable[[int, int], None]  # facts done, facts in all


class Reading:
    """Puts the facts of one file before the journal."""

    def __init__(self, sealed: Sealed, file: IO[bytes], carrier: str) -> None:
        self.sealed = sealed
        self.file = file
        self.carrier = carrier
        self.tally = rules.Tally()
        self.waiting: dict[int, list[RawFact]] = {}  # no signature covers these yet

    def go_on(self, first: int, pieces_max: int | None, progress: Progress | None) -> int:
        """Reads on from a piece; returns how many pieces are done."""
        last = len(self.sealed.pieces)
        if pieces_max is not None:
            last = min(last, first + pieces_max)
        index = first
        # Not between a fact and the signature that covers it.
        while index < last or (self.waiting and index < len(self.sealed.pieces)):
            for run in layout.read_runs(self.sealed, self.file, index):
                self._take(run)
            index += 1
            if progress is not None:
                progress(self.tally.judged, self.sealed.bundle.facts)
        self.tally.gap += sum(len(facts) for facts in self.waiting.values())
        return index

    def take_certificates(self) -> None:
        """The feeds of certificates by authors that are known here; they come first in a file."""
        for index in range(len(self.sealed.pieces)):
            for run in layout.read_runs(self.sealed, self.file, index):
                key = self.sealed.bundle.ranges[run.range_index].key
                if not rules.may_certify(key):
                    return
                if key.public_key in identity.known_scopes():
                    self._take(run)

    def _take(self, run: Run) -> None:
        key = self.sealed.bundle.ranges[run.range_index].key
        if run.range_index in self.tally.stopped:
            self.tally.gap += len(run.facts)
            return
        author_scope = identity.known_scopes().get(key.public_key)
        if author_scope is not None and not may_hold(identity.own_scope(), key, author_scope):
            self.tally.not_for_us += len(run.facts)
            return
        facts = [*self.waiting.pop(run.range_index, []), *run.facts]
        while facts and facts[-1][2] is None:
            self.waiting.setdefault(run.range_index, []).insert(0, facts.pop())
        fresh = facts[self._known(run, len(facts)) :]
        self.tally.known += len(facts) - len(fresh)
        left = len(fresh)
        for turn in rules.cut(fresh, rules.FACTS_PER_TURN):
            left -= len(turn)
            verdicts = receive(
                feed=list(key), facts=[list(fact) for fact in turn], carrier=self.carrier
            )["verdicts"]
            self.tally.count(verdicts)
            if rules.STOPPING.intersection(verdicts):
                self.tally.stopped.add(run.range_index)
                self.tally.gap += left
                return

    def _known(self, run: Run, count: int) -> int:
        """How many of these are here already, but for the last: that one must be the same."""
        feed = feed_of(self.sealed.bundle.ranges[run.range_index].key)
        held = queries.head_seq(feed)
        first = run.start + len(run.facts) - count - len(self.waiting.get(run.range_index, []))
        return max(0, min(count, held - first))
