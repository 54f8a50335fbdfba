"""Planted bugs: each is one wrong line somewhere in a node, and the simulator must find it.

`python -m tests.simulation.bugs` prints in how many of 30 small seeds each is found, as the table
in `docs/interfaces/sync.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from fengsui.exchange.replication import events, sync
from fengsui.exchange.replication.intake import Intake, take_in
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.simulator import Station, World
from fengsui.exchange.simulator.people import People
from fengsui.exchange.simulator.pictures import NOBODY, Picture
from fengsui.exchange.simulator.suites import STUB_NUMBER, StubSuite
from fengsui.foundation.journal import codec, judging, merging, signing
from fengsui.foundation.journal.standing import Stated, finding

SEEDS = 30


# --- on links


class ReceiptBeforeDisk(sync.Node):
    def _facts(self, peer, feed, facts, now):
        actions = super()._facts(peer, feed, facts, now)
        for action in list(actions):
            if isinstance(action, events.Store):
                actions += self._on_disk(self.storing[feed][-1], now)
        return actions


class SentCountsAsDelivered(sync.Node):
    def _loaded(self, link, feed, facts, now):
        actions = super()._loaded(link, feed, facts, now)
        if actions:
            last = codec.decode_header(facts[-1][0]).seq
            actions.append(events.Delivered(self.peers[link].name, feed, last))
        return actions


def _unchecked(head, facts, *, drops_known):
    kept = []
    for raw in facts:
        header = codec.decode_header(raw[0])
        if drops_known and header.seq <= head.seq:
            continue
        kept.append(raw)
        head = Head(head.key, header.seq, signing.sha256(raw[0]))
    return Intake(tuple(kept), head)


class NoContiguityCheck(sync.Node):
    def judge(self, head, facts):
        return _unchecked(head, facts, drops_known=True)


class NoDuplicateCheck(sync.Node):
    def judge(self, head, facts):
        return _unchecked(head, facts, drops_known=False)

    def _facts(self, peer, feed, facts, now):
        self.storing.pop(feed, None)
        return super()._facts(peer, feed, facts, now)


class NoAudience(sync.Node):
    def may_give(self, scope, key):
        return True


class RemembersAcrossPowerCuts(sync.Node):
    reached: ClassVar[dict[tuple[int, bytes, bytes], int]] = {}

    def _facts(self, peer, feed, facts, now):
        actions = super()._facts(peer, feed, facts, now)
        for action in actions:
            if isinstance(action, events.Store):
                name = (id(self.suites), self.name, feed)
                self.reached[name] = self.storing[feed][-1].seq
        return actions

    def _reached(self, feed):
        return max(super()._reached(feed), self.reached.get((id(self.suites), self.name, feed), -1))


class GivesUpAfterOneFault(sync.Node):
    def _failed(self, peer, feed):
        held = self.heads.get(feed)
        if held is not None:
            self.known = {k: v for k, v in self.known.items() if k != held.key.public_key}
            self.shared.clear()
        return super()._failed(peer, feed)


class OneCursorByTime(sync.Node):
    """Remembers for each peer the latest time it was given, instead of a number per feed."""

    cursors: ClassVar[dict[tuple[int, bytes, bytes], int]] = {}

    def _loaded(self, link, feed, facts, now):
        peer = self.peers.get(link)
        if peer is None:
            return []
        name = (id(self.suites), self.name, peer.name)
        since = self.cursors.get(name, 0)
        fresh = tuple(raw for raw in facts if codec.decode_header(raw[0]).hlc > since)
        if fresh:
            self.cursors[name] = max(codec.decode_header(raw[0]).hlc for raw in fresh)
        return super()._loaded(link, feed, fresh, now)


class ResumesOneTooFar(sync.Node):
    def _reached(self, feed):
        reached = super()._reached(feed)
        return reached if reached < 0 else reached + 1


class NeverCompares(sync.Node):
    def _state(self, peer, digest, now):
        return [events.Level(peer.link, peer.name)]


class IgnoresTheBudget(sync.Node):
    def _new_peer(self, event, now):
        return super()._new_peer(replace(event, budget=None), now)


class OverlooksForks(sync.Node):
    def _dispute(self, peer, ours, now):
        return []


# --- power and disks


class SavedBeforeTheDisk(Station):
    def acknowledges_at_once(self):
        return True


class RestoredWithoutIncarnation(Station):
    def reason_for_new(self, seen):
        return None if self.disk.nonce else "first start"

    def reincarnate(self):
        return None


class ForgetsCallsInAPowerCut(Station):
    def calls_not_heard(self):
        return []


class CounterStartsAgain(Station):
    def reset(self):
        super().reset()
        self.disk.telegram_number = 0


class NewerKindsStayUnread(Station):
    def apply_kept(self):
        return None


# --- clocks


class NoDriftBound(Station):
    def clock_after(self, theirs):
        return max(self.hlc, theirs)


class ClockFromAllFactsAtBoot(Station):
    def clock_at_boot(self):
        stored = [
            codec.decode_header(raw[0]).hlc
            for feed in self.disk.feeds.values()
            for raw in feed.facts
        ]
        return max([self.disk.hlc, *stored])


class DoubtKeptToItself(Station):
    def doubt(self, fact_id, header):
        self.disk.picture.doubted.setdefault(fact_id, set()).add(b"own doubt")


class MergedByArrival(Station):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.disk.picture.__class__ = ArrivalPicture

    def switch_on(self):
        self.disk.picture.__class__ = ArrivalPicture
        super().switch_on()


class ArrivalPicture(Picture):
    def rows(self, prefix, without=()):
        rows: dict[str, tuple[Any, str]] = {}
        for fact in self.of_kind("sim.note"):
            if fact.scope.startswith(prefix) and fact.feed not in without:
                name = f"{fact.scope}/{fact.fields['thing']}/{fact.fields['field']}"
                rows[name] = (fact.fields["value"], merging.clock_of(fact))
        return rows


# --- rights


class NoRevocation(Station):
    def refuses(self, header, key):
        standing = self.disk.picture.standings.get(key.public_key, NOBODY)
        stated = Stated.of(header, key.fact_class)
        plain = replace(standing, revoked_ms=None)
        return finding(plain, stated, self.now_ms, of_the_node=False).reason


class JudgedAtTheFirstHopOnly(Station):
    def refuses(self, header, key):
        return None if self.index == 0 else super().refuses(header, key)


class NoPermittedKinds(Station):
    def refuses(self, header, key):
        standing = self.disk.picture.standings.get(key.public_key, NOBODY)
        anything = tuple(replace(grant, kinds=None) for grant in standing.grants)
        stated = Stated.of(header, key.fact_class)
        return finding(
            replace(standing, grants=anything), stated, self.now_ms, of_the_node=False
        ).reason


class NoClassOfKind(Station):
    def judge(self, arrived, key):
        kind = self.kinds.get(arrived.header.kind)
        if kind is not None:
            audience = codec.audience_of(kind, arrived.header.scope)
            key = key._replace(fact_class=int(kind.fact_class), audience=audience)
        return super().judge(arrived, key)


class RefusedFactBlocksTheFeed(Station):
    def receive(self, key, facts):
        for raw in facts:
            header = codec.decode_header(raw[0])
            if self.refuses(header, key):
                head = self.disk.head(key)
                return self.world.step(self, events.NotStored(head, "refused"))
        return super().receive(key, facts)


class NeverJudgesAgain(Station):
    def judge_again(self, author):
        return None


class AppliesWhatIsRefused(Station):
    def judge(self, arrived, key):
        judgement = super().judge(arrived, key)
        if judgement.verdict is not judging.Verdict.REFUSED:
            return judgement
        return judging.judge(
            arrived, key._replace(fact_class=self.kinds[arrived.header.kind].fact_class),
            kinds=self.kinds, node_scope="",
        )  # fmt: skip


class _Credulous(StubSuite):
    def is_valid(self, public_key, message, signature):
        return True


class StickWithoutSignatures(Station):
    def take_bundle(self, head, facts):
        return take_in(head, facts, {1: _Credulous(), STUB_NUMBER: _Credulous()}).facts


class StickOfAStranger(Station):
    def import_run(self, key, facts):
        if self.node is not None:
            intake = take_in(self.disk.head(key), facts, self.world.suites)
            if intake.facts and sync.feed_of(key) not in self.node.storing:
                self.receive(key, intake.facts)


# --- telegrams and effects


class TelegramBesideItsFact(Station):
    def count_of_calls(self):
        picture = self.disk.picture
        return len(list(picture.of_kind("sim.sos"))) + len(list(picture.of_kind("sim.relayed")))


class CallsWaitTheirTurn(Station):
    def next_telegram(self):
        return self.next_chatter() or super().next_telegram()


class TakeoverByNobody(People):
    def take_over(self, township, name):
        self.call(township, name, township.scope)


class SendsAgainAfterACrash(People):
    def ask_what_happened(self, station, name, scope):
        self.call(station, name, scope)


BUGS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "saved before the disk": {"station_class": SavedBeforeTheDisk},
    "receipt before the disk": {"node_class": ReceiptBeforeDisk},
    "sent counts as delivered": {"node_class": SentCountsAsDelivered},
    "one cursor by time instead of a number per feed": {"node_class": OneCursorByTime},
    "no contiguity check": {"node_class": NoContiguityCheck},
    "no duplicate check": {"node_class": NoDuplicateCheck},
    "a broken range is resumed one too far": {"node_class": ResumesOneTooFar},
    "the comparison after a break is left out": {"node_class": NeverCompares},
    "no audience": {"node_class": NoAudience},
    "remembers across power cuts what the disk did not keep": {
        "node_class": RemembersAcrossPowerCuts
    },
    "gives a feed up after one fault": {"node_class": GivesUpAfterOneFault},
    "the byte budget is ignored": {"node_class": IgnoresTheBudget},
    "a fork is overlooked": {"node_class": OverlooksForks},
    "restored without a new incarnation": {"station_class": RestoredWithoutIncarnation},
    "no drift bound": {"station_class": NoDriftBound},
    "the clock is taken from all stored facts at boot": {"station_class": ClockFromAllFactsAtBoot},
    "doubt of a clock is not shared": {"station_class": DoubtKeptToItself},
    "merged by arrival": {"station_class": MergedByArrival},
    "no revocation check": {"station_class": NoRevocation},
    "judged at the first hop only": {"station_class": JudgedAtTheFirstHopOnly},
    "the kinds of a certificate are not looked at": {"station_class": NoPermittedKinds},
    "the class of a kind is not looked at": {"station_class": NoClassOfKind},
    "a refused fact is applied all the same": {"station_class": AppliesWhatIsRefused},
    "a refused fact blocks its feed": {"station_class": RefusedFactBlocksTheFeed},
    "a late certificate changes nothing": {"station_class": NeverJudgesAgain},
    "kinds kept for a newer program stay unread": {"station_class": NewerKindsStayUnread},
    "a stick's signatures are not checked": {"station_class": StickWithoutSignatures},
    "a stick's authors are not checked": {"station_class": StickOfAStranger},
    "a telegram is counted beside its fact": {"station_class": TelegramBesideItsFact},
    "an SOS waits its turn": {"station_class": CallsWaitTheirTurn},
    "an SOS is forgotten in a power cut": {"station_class": ForgetsCallsInAPowerCut},
    "the counter of a link starts again": {"station_class": CounterStartsAgain},
    "taken over by nobody": {"people_class": TakeoverByNobody},
    "sent again after a crash": {"people_class": SendsAgainAfterACrash},
}


def finds(bug: str, seed: int) -> bool:
    """Whether this seed notices: a broken promise, or a node that falls over."""
    RemembersAcrossPowerCuts.reached.clear()
    OneCursorByTime.cursors.clear()
    try:
        return World(seed, **BUGS[bug]).run().verdict != "ok"
    except (AssertionError, LookupError, ValueError):
        return True


def main() -> None:
    chosen = sys.argv[1:] or list(BUGS)
    for bug in chosen:
        found = sum(finds(bug, seed) for seed in range(SEEDS))
        sys.stdout.write(f"| {bug} | {found} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
