"""What the facts on a disk add up to. A function of the set of facts that apply, in any order.

Judging is the journal's (`judging.judge`, `standing.finding`), merging its `merging.merge`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from fengsui.foundation.journal import merging
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.standing import FOREVER_MS, REFUSED, Grant, Standing
from fengsui.standards.divisions import scope_prefix

DOUBTED_CLOCK = "-"  # sorts before every clock: a doubted value wins only where there is no other
NOBODY = Standing(())


class Picture:
    """The projection of one node. Kept whole by fact, so that a fact can be taken out again."""

    def __init__(self) -> None:
        self.applied: dict[bytes, Fact] = {}
        self.kept: dict[bytes, None] = {}  # of kinds this program does not know
        self.flagged: dict[bytes, str] = {}  # fact -> scope; its clock was far ahead
        self.doubted: dict[bytes, set[bytes]] = {}  # fact -> facts that doubt its clock
        self.scopes: dict[bytes, str] = {}  # by public key
        self.certificates = 0  # how often one came or changed
        self.standings: dict[bytes, Standing] = {}
        self.effects: dict[str, dict[bytes, Fact]] = {}
        self.calls: dict[tuple[bytes, int], set[bytes]] = {}  # SOS -> the facts that say so

    def copy(self) -> Picture:
        other = Picture()
        other.applied, other.kept = dict(self.applied), dict(self.kept)
        other.flagged = dict(self.flagged)
        other.doubted = {name: set(by) for name, by in self.doubted.items()}
        other.scopes, other.standings = dict(self.scopes), dict(self.standings)
        other.calls = {call: set(by) for call, by in self.calls.items()}
        other.effects = {name: dict(said) for name, said in self.effects.items()}
        return other

    def apply(self, fact: Fact) -> bytes | None:
        """Takes a fact in, any number of times. Returns the key whose standing it changed."""
        self.applied[fact.id] = fact
        fields = fact.fields
        match fact.kind:
            case "nodes.certified":
                return self._certified(fields)
            case "nodes.revoked":
                return self._revoked(fields)
            case "sim.clock_doubted":
                self.doubted.setdefault(fields["fact_id"], set()).add(fact.id)
            case "sim.sos":
                self.calls.setdefault((fact.feed, fact.seq), set()).add(fact.id)
            case "sim.relayed":
                self.calls.setdefault((fields["feed"], fields["seq"]), set()).add(fact.id)
            case "sim.effect":
                self.effects.setdefault(fields["effect"], {})[fact.id] = fact
        return None

    def drop(self, fact_id: bytes) -> None:
        """It turned out not to count."""
        fact = self.applied.pop(fact_id, None)
        if fact is None:
            return
        for by in (*self.doubted.values(), *self.calls.values()):
            by.discard(fact_id)
        if fact.kind == "sim.effect":
            self.effects[fact.fields["effect"]].pop(fact_id, None)

    def apply_certificate(self, fields: Any) -> None:
        """The root's, which no fact from above vouches for."""
        self._certified(fields)

    def _certified(self, fields: Any) -> bytes:
        key: bytes = fields["public_key"]
        self.certificates += 1
        grant = Grant(
            scope_prefix(fields["scope"]),
            None if fields["kinds"] is None else frozenset(fields["kinds"]),
            fields["not_before_ms"],
            fields["not_after_ms"] or FOREVER_MS,
        )
        standing = self.standings.get(key, NOBODY)
        if grant not in standing.grants:
            grants = tuple(sorted({*standing.grants, grant}, key=lambda one: -one.from_ms))
            self.standings[key] = replace(standing, grants=grants)
            newest = max(grants, key=lambda one: one.from_ms)
            if newest == grant:
                self.scopes[key] = fields["scope"]
        return key

    def _revoked(self, fields: Any) -> bytes:
        key: bytes = fields["public_key"]
        self.standings[key] = replace(
            self.standings.get(key, NOBODY),
            revoked_ms=fields["revoked_ms"],
            last_valid={bytes(feed): seq for feed, seq in fields["last_valid"]},
            unwitnessed=REFUSED,
        )
        return key

    def of_kind(self, name: str) -> Iterator[Fact]:
        return (fact for fact in self.applied.values() if fact.kind == name)

    def calls_for_help(self) -> set[tuple[bytes, int]]:
        """Each once, whether the telegram came, the fact, or both."""
        return {call for call, by in self.calls.items() if by}

    def rows(self, prefix: str, without: Collection[bytes] = ()) -> dict[str, tuple[Any, str]]:
        """Notes about places below a prefix: each field has the value said last by clock."""
        rows: dict[str, tuple[Any, str]] = {}
        for fact in self.of_kind("sim.note"):
            if not fact.scope.startswith(prefix) or fact.feed in without:
                continue
            name = f"{fact.scope}/{fact.fields['thing']}/{fact.fields['field']}"
            clock = merging.clock_of(fact)
            if self.doubted.get(fact.id):
                clock = DOUBTED_CLOCK + clock
            value, clocks = rows.get(name, (None, merging.NO_CLOCKS))
            won, clocks = merging.merge(clocks, clock, {"value": fact.fields["value"]})
            rows[name] = (won.get("value", value), clocks)
        return rows

    def digest(self, prefix: str, without: Collection[bytes]) -> str:
        """Of everything about the places below a prefix, but for feeds with two histories."""
        whole = hashlib.sha256()
        for name, (value, clocks) in sorted(self.rows(prefix, without).items()):
            whole.update(f"{name}={value}{clocks}\n".encode())
        for fact_id, fact in sorted(self.applied.items()):
            is_about_places = not fact.kind.startswith("nodes.") and fact.feed not in without
            if is_about_places and fact.scope.startswith(prefix):
                whole.update(fact_id)
        return whole.hexdigest()
