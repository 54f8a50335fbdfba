"""What goes wrong: power, disks, lines, clocks, thieves, forgers, sticks in pockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengsui.exchange.replication import events
from fengsui.exchange.replication.messages import RawFact
from fengsui.exchange.simulator import kinds
from fengsui.exchange.simulator.stations import Station
from fengsui.foundation.journal import codec, hlc
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.nodes.facts import CERTIFIED, REVOKED

if TYPE_CHECKING:
    from fengsui.exchange.simulator.world import World

CUT_SECONDS = (900.0, 21_600.0)
CARRY_SECONDS = (600.0, 10_000.0)
TRUNCATED, SPOILT = 0.2, 0.1

Stick = list[tuple[FeedKey, tuple[RawFact, ...]]]


class Faults:
    """Draws all faults of a run in the beginning, and carries them out."""

    def __init__(self, world: World) -> None:
        self.world = world

    def plan(self) -> None:
        plan = self.world.plan
        counts = (
            (plan.power_cuts, self._some_crash),
            (plan.partitions, self._cut_line),
            (plan.restores, self._some_restore),
            (plan.clones, self._clone),
            (plan.revocations, self._steal),
            (plan.moves, self._move),
            (plan.forgeries, self._forge),
            (plan.bundles, self._carry_stick),
        )
        for count, happen in counts:
            for _ in range(count):
                when = self.world.dice.uniform(0.02, 0.95) * plan.seconds
                self.world.after(when, happen)
        for station in self.world.stations:
            if station.kinds is not kinds.CATALOGUE:
                self.world.after(self.world.dice.uniform(0.3, 0.9) * plan.seconds, station.upgrade)

    def _any(self) -> Station:
        return self.world.dice.choice(self.world.stations)

    # --- power and disks

    def _some_crash(self) -> None:
        self.crash(self._any())

    def crash(self, station: Station) -> None:
        if station.node is None or station.is_lost:
            return
        self.world.counts["power cuts"] += 1
        self._off(station)
        for transaction in station.disk.power_cut(self.world.dice):
            station.take_over(transaction)

    def cut_off(self, station: Station) -> None:
        """Power and line at once."""
        for line in self.world.carriers.of(station):
            line.cut_until = self.world.seconds + self.world.dice.uniform(*CUT_SECONDS)
        self.crash(station)

    def _off(self, station: Station) -> None:
        for line in self.world.carriers.of(station):
            self.world.carriers.down(line)
        station.switch_off()
        life = station.life

        def back() -> None:
            if station.node is None and station.life == life and not station.is_lost:
                station.switch_on()
                self.world.came_back(station)

        self.world.after(self.world.dice.uniform(5, self.world.plan.off_max), back)

    def _some_restore(self) -> None:
        """A copy is put by, and some time later the disk dies and the copy takes its place."""
        station = self._any()
        if station.node is None or station.is_lost:
            return
        station.backup = station.disk.copy()
        later = self.world.dice.uniform(0.05, 0.3) * self.world.plan.seconds
        self.world.after(later, self._restore, station)

    def _restore(self, station: Station) -> None:
        if station.node is None or station.backup is None or station.is_lost:
            return
        if self.world.is_calm:
            return
        self.world.counts["restores"] += 1
        self._off(station)
        station.disk, station.backup = station.backup, None
        self.world.oracle.excuse(station)

    def _clone(self) -> None:
        """Somebody copies a whole disk, and both machines run."""
        one = self.world.dice.choice(self.world.villages)
        if one.node is None or one.is_lost or one.disk.unsynced or self.world.is_tainted(one):
            return
        self.world.counts["clones"] += 1
        twin = Station(self.world, len(self.world.stations), one.scope, one.parent)
        twin.seed, twin.name, twin.sign = one.seed, one.name, one.sign
        twin.short_id = one.short_id
        twin.disk, twin.companion = one.disk.copy(), one.companion
        twin.kinds = one.kinds
        self.world.add_twin(one, twin)

    # --- lines

    def _cut_line(self) -> None:
        lines = list(self.world.carriers.lines.values())
        line = self.world.dice.choice(lines)
        line.cut_until = self.world.seconds + self.world.dice.uniform(*CUT_SECONDS)
        self.world.counts["partitions"] += 1
        self.world.carriers.down(line)

    # --- thieves and forgers

    def _steal(self) -> None:
        """A box is stolen and goes on writing; two hours later the county revokes its key."""
        world = self.world
        box, county = world.dice.choice(world.villages), world.stations[0]
        if world.is_tainted(box) or box.is_lost:
            return
        world.counts["thefts"] += 1
        world.stolen[box.index] = world.now_ms
        box.calls = []
        world.oracle.forget_calls_of(box.name)
        for _ in range(6):
            world.after(world.dice.uniform(0, 14_400), self._thief_writes, box)
        world.after(7_200, self._revoke, county, box, world.now_ms)

    def _thief_writes(self, box: Station) -> None:
        if box.node is None or self.world.is_calm:
            return
        back = self.world.dice.choice((0, 3_600_000))  # a thief backdates
        before = box.hlc
        box.hlc = hlc.of_time(box.now) - (back << hlc.COUNTER_BITS)
        box.write(kinds.NOTE, box.scope, {"thing": 0, "field": 0, "value": "贼"})
        box.hlc = max(before, box.hlc)
        transaction = box.disk.unsynced[-1]
        self.world.oracle.outlaws_in_the_end.update(
            (self.world.suite.digest(raw[0]), box.name) for raw in transaction.facts
        )

    def _revoke(self, county: Station, box: Station, stolen_ms: int) -> None:
        if county.node is None:
            self.world.after(600, self._revoke, county, box, stolen_ms)
            return
        last_valid = []
        for name, feed in county.disk.feeds.items():
            if feed.key.public_key == box.name:
                honest = [
                    seq for seq, raw in enumerate(feed.facts)
                    if self.world.suite.digest(raw[0]) not in self.world.oracle.outlaws_in_the_end
                ]  # fmt: skip
                first_bad = next((n for n, seq in enumerate(honest) if n != seq), len(honest))
                last_valid.append([name, first_bad - 1])
        county.write(
            REVOKED,
            box.scope,
            {
                "public_key": box.name, "name": "示意", "reason_code": "stolen", "reason": "被盗",
                "revoked_ms": stolen_ms, "last_valid": last_valid, "unwitnessed": "refused",
            },
        )  # fmt: skip

    def _forge(self) -> None:
        """A box that somebody has tampered with signs what it may not say."""
        world, dice = self.world, self.world.dice
        box = dice.choice(world.villages)
        if box.node is None or box.is_lost:
            return
        draw = dice.randrange(4)
        note = {"thing": 0, "field": 0, "value": "伪"}
        if draw == 0:
            elsewhere = dice.choice([one.scope for one in world.villages if one is not box])
            key = box.feed_key(kinds.NOTE, box.scope)
            box.write(kinds.NOTE, elsewhere, note, key=key)
        elif draw == 1:
            key = box.feed_key(kinds.NOTE, box.scope)
            box.write(kinds.SOS, box.scope, {"people": 1}, key=key)
        elif draw == 2:
            box.write(kinds.ORDER, box.scope, {"text": "全县撤离"})
        else:
            self._strangers_stick(box)
            return
        world.counts["forgeries"] += 1
        transaction = box.disk.unsynced[-1]
        world.oracle.outlaws.update(world.suite.digest(raw[0]) for raw in transaction.facts)

    def _strangers_stick(self, box: Station) -> None:
        """Facts of a key that nobody has certified, and facts whose signature is another's."""
        world = self.world
        world.counts["forgeries"] += 1
        seed = world.dice.randbytes(32)
        stranger = world.suite.public_key(seed)
        key = box.feed_key(kinds.NOTE, box.scope)._replace(public_key=stranger)
        receiver = world.stations[box.parent or 0]
        for victim, sign in ((key, world.suite.signer(seed)), (None, world.suite.signer(seed))):
            of = victim or key._replace(public_key=box.name)
            feed = world.feed_of(of)
            head = receiver.disk.head(of)
            raw, _ = kinds.make_fact(
                world.suite, of, feed, head, kinds.NOTE, hlc=hlc.of_time(world.now),
                scope=box.scope, fields={"thing": 0, "field": 0, "value": "伪"},
                dice=world.dice, sign=sign,
            )  # fmt: skip
            receiver.import_run(of, (raw,))

    # --- a village moves to another township

    def _move(self) -> None:
        world = self.world
        village = world.dice.choice(world.villages)
        county = world.stations[0]
        others = [one for one in world.townships if one.index != village.parent]
        if not others or world.is_tainted(village) or county.node is None or village.is_lost:
            return
        township = world.dice.choice(others)
        scope = f"{township.scope[:9]}{900 + village.index % 100}"
        world.counts["moves"] += 1
        county.write(CERTIFIED, scope, world.certificate(village, scope))

    # --- sticks

    def _carry_stick(self) -> None:
        """From one node to another one up or down its line of places, hours later, maybe spoilt."""
        world, dice = self.world, self.world.dice
        one = dice.choice(world.villages)
        line = [one, world.stations[one.parent or 0], world.stations[0]]
        source, target = dice.sample(line, 2)
        if source.node is None or source.is_lost or target.is_lost:
            return
        world.counts["sticks"] += 1
        stick = self._fill(source, target)
        if stick and dice.random() < TRUNCATED:
            del stick[dice.randrange(len(stick)) :]
        if stick and dice.random() < SPOILT:
            place = dice.randrange(len(stick))
            key, facts = stick[place]
            header, body, signature = facts[0]
            changed = bytearray(body)
            changed[dice.randrange(len(changed))] ^= 1
            stick[place] = (key, ((header, bytes(changed), signature), *facts[1:]))
        world.after(dice.uniform(*CARRY_SECONDS), self._plug_in, target, stick)

    def _fill(self, source: Station, target: Station) -> Stick:
        assert source.node is not None
        node = source.node
        return [
            (feed.key, tuple(feed.facts))
            for feed in source.disk.feeds.values()
            if feed.key.audience != codec.PUBLIC_AUDIENCE
            and node.may_give(target.scope, feed.key)
            and feed.facts
        ]

    def _plug_in(self, target: Station, stick: Stick) -> None:
        for key, facts in stick:
            target.import_run(key, facts)
        if target.node is not None:
            self.world.step(target, events.Tick())
