"""The exchange with a real journal on one side: what it stores is what was sent, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fengsui.exchange.replication import events, sync
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.simulator import kinds
from fengsui.exchange.simulator.disks import Disk, Transaction
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import codec, queries, services
from fengsui.foundation.journal.models import Feed
from tests.simulation.feeds import Author

COUNTY, TOWNSHIP = "433126000000", "433126100000"
NOW = datetime(2026, 7, 16, 20, tzinfo=UTC)


class JournalSide:
    """Carries out what a node asks for on the journal of this process."""

    def heads(self) -> list[Head]:
        return [self.head(feed) for feed in Feed.objects.order_by("id")]

    def head(self, feed: Feed) -> Head:
        key = codec.FeedKey(
            feed.suite, bytes(feed.public_key), feed.incarnation, feed.fact_class, feed.audience
        )
        return Head(key, feed.head_seq, bytes(feed.head_hash))

    def store(self, key, facts):
        result = services.receive(feed=list(key), facts=[list(fact) for fact in facts], carrier="t")
        assert set(result["verdicts"]) <= {"taken", "kept"}, result
        return self.head(Feed.objects.get(feed_id=sync.feed_of(key)))

    def read(self, feed, after, facts_max):
        rows = queries.facts_of_feed(feed, after=after, limit=facts_max)
        return tuple((header, body, signature) for header, body, signature in rows)


class DiskSide:
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.heads, self.read = disk.heads, disk.read

    def store(self, key, facts):
        self.disk.append(Transaction(sync.feed_of(key), key, facts, 0))
        self.disk.sync()
        return self.disk.head(key)


def talk(nodes, sides, now, rounds=400):
    """Carries messages between two nodes, in order and whole, until both are silent."""
    queue = [(index, events.LinkUp("wire")) for index in (0, 1)]
    delivered = []
    for _ in range(rounds):
        if not queue:
            return delivered
        index, event = queue.pop(0)
        for action in nodes[index].step(event, now):
            match action:
                case events.Send(link, data):
                    queue.append((1 - index, events.MessageArrived(link, data)))
                case events.Load(link, feed, after, facts_max):
                    facts = sides[index].read(feed, after, facts_max)
                    queue.append((index, events.Loaded(link, feed, facts)))
                case events.Store(key, facts):
                    queue.append((index, events.OnDisk(sides[index].store(key, facts))))
                case events.Delivered():
                    delivered.append((index, action))
                case events.Report():
                    pytest.fail(f"{action}")
    pytest.fail("they never come to rest")


def test_a_township_hands_its_feeds_to_a_real_journal_and_again_nothing_moves(node, clock):
    township, disk = Author(5), Disk()
    tips = {}
    for number in range(40):
        kind = (kinds.NOTE, kinds.SOS, kinds.ORDER, kinds.BULK)[number % 4]
        key = township.key(kind)
        tips[key], facts = township.facts(3, kind=kind, tip=tips.get(key))
        DiskSide(disk).store(key, facts)
    services.trust_node(
        viewer=node_viewer(),
        suite=1,
        public_key=township.public,
        name="示例镇",
        scope=TOWNSHIP,
    )
    journal = JournalSide()
    known = {township.public: TOWNSHIP}
    known |= {head.key.public_key: COUNTY for head in journal.heads()}

    def meet():
        nodes = [
            sync.Node(name=b"county", scope=COUNTY, known=known, heads=journal.heads()),
            sync.Node(
                name=township.public,
                scope=TOWNSHIP,
                known=known,
                heads=disk.heads(),
            ),
        ]
        return talk(nodes, [journal, DiskSide(disk)], NOW)

    delivered = meet()

    sent = {name: feed.facts for name, feed in disk.feeds.items()
            if feed.key.public_key == township.public}  # fmt: skip
    for feed, facts in sent.items():
        assert journal.read(feed, -1, 10_000) == tuple(facts), "byte for byte"
        last = [each.seq for index, each in delivered if index == 1 and each.feed == feed]
        assert max(last) == len(facts) - 1, "the township knows what the county has on disk"

    heads = [(head.key, head.seq) for head in journal.heads()]
    assert meet() == []
    assert [(head.key, head.seq) for head in journal.heads()] == heads
