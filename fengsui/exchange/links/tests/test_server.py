"""Who may talk, and that nothing said once can be said again by somebody else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fengsui.exchange.links import envelopes, server
from fengsui.exchange.links.envelopes import Signer
from fengsui.exchange.neighbours import identity, queries
from fengsui.exchange.replication import messages
from fengsui.exchange.replication.messages import Hello
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import KnownNode
from tests.world import county as world

NONCE = bytes(16)
HELLO = messages.encode(Hello(b"somebody else", world.BAISHUI))


class Caller:
    """A node that calls the server under test."""

    def __init__(self, key: NodeKey | None = None) -> None:
        self.key = key or NodeKey.fresh()
        self.signer = Signer(self.key.suite.number, self.key.public, self.key.sign)
        self.session = b""
        self.counters = [0, 0]

    def opening(self, wants_manifest=False):
        return envelopes.open_body(
            self.signer, nonce=NONCE, now_ms=1, wants_manifest=wants_manifest
        )

    def open(self, at, **more):
        request = self.opening(**more)
        taken = at.take(request)
        if taken.status == server.OK:
            self.session = envelopes.read_welcome(taken.body, request).session
        return taken.status

    def talk(self, messages_=(), lane=0, counter=None):
        self.counters[lane] += 1
        return envelopes.talk_body(
            self.signer,
            session=self.session,
            lane=lane,
            counter=self.counters[lane] if counter is None else counter,
            now_ms=1,
            wait_ms=0,
            messages=list(messages_),
        )

    def say(self, at, *messages_, lane=0):
        return at.take(self.talk(messages_, lane)).status


@pytest.fixture
def county(node, monkeypatch):
    monkeypatch.setattr(identity, "own_key", lambda: node.key)
    monkeypatch.setattr(identity, "own_scope", lambda: world.COUNTY)
    return server.Server()


def known(caller, name="青石镇", scope=world.QINGSHI):
    journal.trust_node(
        viewer=node_viewer(), suite=1, public_key=caller.key.public, name=name, scope=scope
    )
    return caller


def test_a_known_node_opens_and_talks(county):
    caller = known(Caller())
    assert caller.open(county) == server.OK
    taken = county.take(caller.talk([HELLO]))
    assert taken.status == server.OK
    answer = envelopes.read_answer(county.answer(taken), taken.request)
    assert answer.public_key == county.signer.public_key
    assert answer.messages, "it has something to say at once"
    heard = {one["name"]: one for one in queries.nodes(node_viewer())}
    assert heard["青石镇"]["carrier"] == "session"


def test_what_a_peer_says_of_itself_does_not_count(county):
    caller = known(Caller())
    caller.open(county)
    caller.say(county, HELLO)
    (peer,) = county.shell.node.peers.values()
    assert (peer.name, peer.scope) == (caller.key.public, world.QINGSHI)


def test_a_stranger_is_refused_without_a_word(county):
    taken = county.take(Caller().opening())
    assert (taken.status, taken.body) == (server.REFUSED, b"")
    assert not county.may_knock(Caller().key.public)


def test_case_18_a_recorded_request_is_worth_nothing(county):
    caller = known(Caller())
    opening = caller.opening()
    assert caller.open(county) == server.OK
    said = caller.talk([HELLO])
    assert county.take(said).status == server.OK
    assert county.take(said).status == server.NO_SESSION, "said twice on one lane"
    for _ in range(20):
        assert county.take(opening).status == server.OK, "an empty promise"
    assert caller.say(county) == server.OK, "the session in use is not pushed out"
    older = caller.talk([HELLO], counter=1)
    assert county.take(older).status == server.NO_SESSION

    again = Caller(caller.key)
    assert again.open(county) == server.OK
    assert again.say(county) == server.OK
    assert caller.say(county) == server.NO_SESSION, "a new session ends the one before"


def test_case_18_a_stolen_key_is_out_as_soon_as_it_is_revoked(county):
    caller = known(Caller())
    caller.open(county)
    assert caller.say(county) == server.OK
    KnownNode.objects.filter(public_key=caller.key.public).delete()
    assert caller.say(county) == server.REFUSED
    assert county.shell.node.peers == {}


def test_lanes_count_for_themselves(county):
    caller = known(Caller())
    caller.open(county)
    assert [caller.say(county, lane=lane) for lane in (0, 1, 1, 0)] == [server.OK] * 4


def test_another_node_cannot_use_a_session(county):
    first, second = known(Caller()), known(Caller(), "白水乡", world.BAISHUI)
    first.open(county)
    second.open(county)
    second.session = first.session
    assert second.say(county) == server.NO_SESSION


def test_a_flood_is_slowed_and_others_are_served(county, monkeypatch):
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    noisy, quiet = known(Caller()), known(Caller(), "白水乡", world.BAISHUI)
    noisy.open(county)
    quiet.open(county)
    answers = [noisy.say(county) for _ in range(int(server.REQUESTS_AT_ONCE) + 100)]
    assert server.TOO_MANY in answers
    assert quiet.say(county) == server.OK


def test_the_manifest_names_what_the_peer_may_hold(county):
    world.build()
    county.shell.catch_up()
    caller = known(Caller())
    county.shell._look_at_known()
    request = caller.opening(wants_manifest=True)
    welcome = envelopes.read_welcome(county.take(request).body, request)
    lines = dict(welcome.manifest)
    assert lines
    held = {feed: head for feed, head in county.shell.node.heads.items() if feed in lines}
    assert all(head.seq == lines[feed] for feed, head in held.items())
    assert not any(head.key.audience.startswith("439901201") for head in held.values())


def test_when_the_disk_refuses_every_session_ends(county):
    caller = known(Caller())
    caller.open(county)
    assert caller.say(county) == server.OK
    county.shell.on_trouble("full")
    assert caller.say(county) == server.NO_SESSION
