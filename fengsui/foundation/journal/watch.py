"""The running check: the writer follows its own chains a little at a time and tells the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fengsui.foundation.journal import mending, signing
from fengsui.foundation.journal.checking import FeedChecker, Finding, Place, signature_finding
from fengsui.foundation.journal.models import Feed, StoredFact, Verification
from fengsui.foundation.journal.verify import key_of

# About 120 µs a fact, most of it the signature: a step stays under the writer's 10 ms. A fact of
# a hundred rows takes as long as eight others.
FACTS_PER_STEP = 64
BYTES_PER_STEP = 64_000
FACTS_PER_READ = 16
PASS_SECONDS = 3600
_STATE_VERIFIED, _STATE_BROKEN, _STATE_CHECKING = "verified", "broken", "checking"


@dataclass
class Watchman:
    """Follows the journal in arrival order; begins anew once an hour."""

    checkers: dict[int, FeedChecker] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    upto: int = 0
    facts: int = 0
    began: datetime | None = None
    told: tuple[str, int] | None = None

    def _check_signature(
        self, suite: int, public_key: bytes, message: bytes, signature: bytes, place: Place
    ) -> None:
        if not signing.SUITES[suite].is_valid(public_key, message, signature):
            self.findings.append(signature_finding(place))

    def step(self, now: datetime) -> bool:
        """Checks up to FACTS_PER_STEP facts of up to BYTES_PER_STEP; True if more are waiting."""
        if self.began is None or abs((now - self.began).total_seconds()) > PASS_SECONDS:
            self._begin(now)
        page = StoredFact.objects.filter(arrival__gt=self.upto).order_by("arrival")
        facts = size = 0
        for stored in page[:FACTS_PER_STEP].iterator(chunk_size=FACTS_PER_READ):
            self._check(stored)
            facts, size = facts + 1, size + len(stored.body)
            if size >= BYTES_PER_STEP:
                break
        is_waiting = facts == FACTS_PER_STEP or size >= BYTES_PER_STEP
        if not is_waiting:
            self._tell(now)
        return is_waiting

    def _begin(self, now: datetime) -> None:
        self.checkers.clear()
        self.findings.clear()
        self.upto = self.facts = 0
        self.began = now

    def _check(self, stored: StoredFact) -> None:
        checker = self.checkers.get(stored.feed_id)
        if checker is None:
            feed = Feed.objects.get(pk=stored.feed_id)
            checker = FeedChecker(key_of(feed), bytes(feed.feed_id), self._check_signature)
            self.checkers[stored.feed_id] = checker
        suite = signing.SUITES.get(checker.key.suite)
        fault = mending.stored_fault(stored, suite) if suite is not None else None
        if fault is not None:
            mending.note(stored, fault)
        signature = None if stored.signature is None else bytes(stored.signature)
        checker.fact(bytes(stored.header), bytes(stored.body), signature)
        checker.erased.clear()
        self.upto = stored.arrival
        self.facts += 1

    def _all_findings(self) -> list[Finding]:
        found = list(self.findings)
        for checker in self.checkers.values():
            found += checker.findings
        return found

    def _tell(self, now: datetime) -> None:
        """Writes the row for the screen, only where it says something new."""
        found = self._all_findings()
        state = _STATE_BROKEN if found else _STATE_VERIFIED
        if self.told == (state, self.facts):
            return
        self.told = (state, self.facts)
        first = found[0] if found else None
        Verification.objects.update_or_create(
            id=1,
            defaults={
                "state": state,
                "facts": self.facts,
                "upto": self.upto,
                "checked_at": now,
                "finding_zh": f"{first.place.seq}：{first.zh}"[:300] if first else "",
                "finding_en": f"{first.place.seq}: {first.en}"[:300] if first else "",
            },
        )


_watchman = Watchman()


def step(now: datetime) -> bool:
    """The job's step."""
    return _watchman.step(now)
