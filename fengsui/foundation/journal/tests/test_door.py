"""The door, by hand: one thread that looks now and then, and clients of every kind."""

import errno
import os
import queue
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import client, services, wire
from fengsui.foundation.journal import door as doors
from fengsui.foundation.journal.door import Call, Door

LONG = "长" * 400_000


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def door(tmp_path: Path, calls: list[Call]) -> Iterator[Door]:
    opened = Door(tmp_path / "writer.sock", calls.append, lambda: {"facts": 7})
    opened.open()
    yield opened
    opened.close()


def _line(tmp_path: Path, door: Door) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(5)
    line.connect(str(tmp_path / "writer.sock"))
    door.look()
    return line


def _asked(number: int, text: str = "") -> bytes:
    said = {"viewer": node_viewer("test"), "text": text}
    return wire.pack([wire.CALL, bytes([number]) * 16, False, "light", said])


def test_frames_come_in_pieces_and_several_at_once(
    tmp_path: Path, door: Door, calls: list[Call]
) -> None:
    with _line(tmp_path, door) as line:
        first = _asked(1)
        for start in range(0, len(first), 3):
            assert not calls
            line.sendall(first[start : start + 3])
            door.look()
        assert [call.command_id[0] for call in calls] == [1]
        line.sendall(_asked(2) + _asked(3) + _asked(4)[:9])
        door.look()
        assert [call.command_id[0] for call in calls] == [1, 2, 3]
        line.sendall(_asked(4)[9:])
        door.look()
        assert [call.command_id[0] for call in calls] == [1, 2, 3, 4]
        for call in calls:
            call.answer(wire.pack([wire.REPLY, call.command_id, True, None]))
        door.flush()
        assert [wire.read_frame(line)[1][0] for _ in calls] == [1, 2, 3, 4]


def test_who_reads_slowly_holds_up_nobody_and_misses_nothing(
    tmp_path: Path, door: Door, calls: list[Call]
) -> None:
    with _line(tmp_path, door) as slow, _line(tmp_path, door) as quick:
        slow.sendall(_asked(1))
        quick.sendall(_asked(2))
        door.look()
        for call in calls:
            text = LONG if call.command_id[0] == 1 else ""
            for _ in range(3):
                call.answer(wire.pack([wire.REPLY, call.command_id, True, text]))
        door.flush()
        assert [wire.read_frame(quick)[3] for _ in range(3)] == ["", "", ""]
        slow.setblocking(False)
        come = bytearray()
        frame = wire.pack([wire.REPLY, calls[0].command_id, True, LONG])
        while len(come) < 3 * len(frame):
            door.look()
            come += slow.recv(100_000)
        assert bytes(come) == frame * 3


def test_who_never_reads_is_sent_away(
    tmp_path: Path, door: Door, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "UNREAD_BYTES_MAX", 500_000)
    with _line(tmp_path, door) as line:
        line.sendall(_asked(1))
        door.look()
        calls[0].answer(wire.pack([wire.REPLY, calls[0].command_id, True, LONG]))
        door.flush()
        calls[0].answer(wire.pack([wire.REPLY, calls[0].command_id, True, LONG]))
        come = [line.recv(1_000_000)]
        while come[-1]:
            come.append(line.recv(1_000_000))
        assert len(b"".join(come)) < 2_000_000, "and then the line was closed"


def test_who_never_reads_is_sent_away_though_it_is_little_each_time(
    tmp_path: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that hangs hears of every commit of the night."""
    monkeypatch.setattr(doors, "UNREAD_BYTES_MAX", 500_000)
    with _line(tmp_path, door) as line:
        line.sendall(wire.pack([wire.SUBSCRIBE]))
        door.look()
        for _ in range(2_000):
            services.announce([("beacons", {"text": LONG[:1_000]})])
            door.flush()
        assert not door._clients


def test_who_has_gone_is_forgotten_and_what_they_asked_is_done(
    tmp_path: Path, door: Door, calls: list[Call]
) -> None:
    line = _line(tmp_path, door)
    line.sendall(wire.pack([wire.SUBSCRIBE]) + _asked(1))
    line.close()
    door.look()
    assert len(calls) == 1
    services.announce([("beacons", {})])
    calls[0].answer(wire.pack([wire.REPLY, calls[0].command_id, True, None]))
    door.look()


def test_who_listens_looks_for_themselves_only_once_they_miss_nothing_more(
    tmp_path: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that has just begun commits before it has read who wants to hear of it: whoever
    had looked at the tables by then heard of that a minute later, from the next comparison."""
    heard: queue.Queue[tuple[str, int]] = queue.Queue()
    monkeypatch.setattr(client.settings, "IS_WRITER", False)
    monkeypatch.setattr(client.place, "socket_path", lambda home: tmp_path / "writer.sock")
    failures = iter((True, False, False))

    def hear(topic: str, data: dict[str, Any]) -> None:
        heard.put((topic, len(door._subscribers)))
        if topic == client.SUBSCRIBED and next(failures):
            raise RuntimeError("the tables are locked")

    stop = client.subscribe(hear)
    while not door._subscribers:
        door.look(5.0)
    assert heard.get(timeout=5) == (client.SUBSCRIBED, 1)
    while door._subscribers:
        door.look(5.0)
    for _ in ("after it failed", "and after its line was lost"):
        while not door._subscribers:
            door.look(5.0)
        assert heard.get(timeout=5) == (client.SUBSCRIBED, 1)
        services.announce([("beacons", {"lit": 1})])
        door.flush()
        assert heard.get(timeout=5)[0] == "beacons"
        for each in tuple(door._clients):
            door._forget(each)
    stop()


def test_nonsense_closes_its_own_line_only(tmp_path: Path, door: Door, calls: list[Call]) -> None:
    with _line(tmp_path, door) as bad, _line(tmp_path, door) as good:
        bad.sendall(_asked(1) + wire.LENGTH.pack(3) + b"abc")
        good.sendall(wire.pack([wire.STATUS]) + wire.pack([wire.SUBSCRIBE]))
        door.look()
        services.announce([("beacons", {"lit": 1})])
        door.flush()
        assert bad.recv(10) == b""
        assert wire.read_frame(good) == [wire.STATUS, {"facts": 7}]
        assert wire.read_frame(good) == [wire.SUBSCRIBED]
        assert wire.read_frame(good) == [wire.NOTICE, "beacons", {"lit": 1}]
    assert len(calls) == 1


def test_a_long_frame_is_taken_in_over_several_looks(
    tmp_path: Path, door: Door, calls: list[Call]
) -> None:
    frame = _asked(1, LONG)
    with _line(tmp_path, door) as line:
        line.setblocking(False)
        sent = looks = 0
        while not calls:
            if sent < len(frame):
                sent += line.send(frame[sent : sent + 100_000])
            door.look()
            looks += 1
        assert looks > 5
        assert calls[0].arguments["text"] == LONG


def test_when_nobody_else_can_be_let_in_the_others_are_served(
    tmp_path: Path, door: Door, calls: list[Call], caplog: pytest.LogCaptureFixture
) -> None:
    class Full:
        def __init__(self, listening: socket.socket) -> None:
            self.listening = listening

        def accept(self) -> tuple[socket.socket, object]:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with _line(tmp_path, door) as line:
        listening = door._listening
        assert listening is not None
        door._listening = Full(listening)  # type: ignore[assignment]
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as waiting:
            waiting.connect(str(tmp_path / "writer.sock"))
            line.sendall(_asked(1))
            door.look()
            assert len(calls) == 1
            assert "nobody else can be let in" in caplog.text
            door._listening = listening
            waiting.sendall(_asked(2))
            door.look()
            assert len(calls) == 2
