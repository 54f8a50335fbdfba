"""The writer as a real process: one pen, one door, nothing acknowledged before it is durable."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.foundation.journal import place, wire
from tests.simulation.real_node import ROOT, RealNode, environment


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealNode]:
    with RealNode(tmp_path_factory.mktemp("node")) as node:
        yield node


def client(node: RealNode, script: str, role: str = "") -> str:
    """Runs a script in another process of the node; returns what it prints."""
    preamble = """
        import django; django.setup()
        from fengsui.foundation.access.problems import Problem
        from fengsui.foundation.access.viewer import node_viewer
        from fengsui.foundation.journal import client, queries, wire
        from tests.beacon import services as beacons
        V = node_viewer(); P = "433126101201"
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(preamble) + textwrap.dedent(script)],
        env=environment(node.home, role),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_command_from_another_process_and_its_refusal(running: RealNode) -> None:
    out = client(
        running,
        """
        lit = beacons.light(viewer=V, place_code=P, name="甲", watchers=["乙"])
        print(len(queries.facts_about(V, entity=lit["beacon_id"])))
        try:
            beacons.light(viewer=V, place_code=P, name="甲", height_metres=-4)
        except Problem as problem:
            print(problem.to_plain()["zh"], problem.kind.status)
        try:
            beacons.burn_down(viewer=V)
        except Problem as problem:
            print(problem.kind.code)
        try:
            client.call("os.system", {"command": "true"})
        except Problem as problem:
            print(problem.kind.code)
        """,
    )
    assert out.split("\n")[:-1] == [
        "1",
        "烽燧太低（-4 米）。 409",
        "journal.failed",
        "journal.unknown_command",
    ]


def test_the_request_id_reaches_the_writer_its_facts_and_its_log(running: RealNode) -> None:
    out = client(
        running,
        """
        from fengsui.foundation.access.viewer import node_viewer
        asked = node_viewer(request_id="0123456789abcdef")
        beacons.light(viewer=asked, place_code=P, name="甲")
        try:
            beacons.light(viewer=asked, place_code=P, name="甲", height_metres=-4)
        except Problem:
            pass
        for row in queries.facts_of_request(V, "0123456789abcdef"):
            print(row["zh"])
        """,
    )
    assert out == "点燃烽燧甲\n"
    log = (running.home / "logs/writer.log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["message"] for line in lines if line["request_id"] == "0123456789abcdef"] == [
        "tests.beacon.services.light: stored",
        "tests.beacon.services.light: beacon.too_low",
    ]


def test_other_processes_cannot_write(running: RealNode) -> None:
    out = client(
        running,
        """
        from django.db import connection, DatabaseError
        try:
            connection.cursor().execute("DELETE FROM journal_fact")
        except DatabaseError as error:
            print(error)
        """,
    )
    assert "readonly" in out or "read-only" in out


def test_a_second_writer_is_refused(running: RealNode) -> None:
    second = subprocess.Popen(
        [sys.executable, "-m", "fengsui.config.processes", "writer"],
        env=environment(running.home),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert second.stderr is not None
    assert second.stdin is not None
    with second.stderr, second.stdin:
        assert second.wait(30) == 1
        said = second.stderr.read().decode()
    assert running.process is not None
    assert f"process {running.process.pid}" in said


def test_a_repeated_command_is_done_once(running: RealNode) -> None:
    out = client(
        running,
        """
        name = "tests.beacon.services.light"
        arguments = {"viewer": V, "place_code": P, "name": "重"}
        first = client._call_once(b"r" * 16, False, name, arguments)
        client._connection.drop()
        second = client._call_once(b"r" * 16, True, name, arguments)
        third = client._call_once(b"s" * 16, True, name, arguments)
        print(first == second, first == third)
        """,
    )
    assert out.strip() == "True False"


def test_notices_arrive_and_the_door_reports(running: RealNode) -> None:
    out = client(
        running,
        """
        import queue
        heard = queue.Queue()
        client.subscribe(lambda topic, data: heard.put((topic, data)))
        print(heard.get(timeout=5)[0])
        lit = beacons.light(viewer=V, place_code=P, name="丁")
        print(heard.get(timeout=5) == ("beacons", {"beacon_id": lit["beacon_id"]}))
        status = client.status()
        print(status["facts"] > 0, status["clock"]["finding"] == "")
        """,
    )
    assert out.split() == ["subscribed", "True", "True", "True"]


def test_a_frame_that_is_too_large_or_senseless_closes_its_connection_only(
    running: RealNode,
) -> None:
    for data in (wire.LENGTH.pack(wire.MAXIMUM_FRAME_BYTES + 1), wire.LENGTH.pack(3) + b"abc"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as opened:
            opened.settimeout(5)
            opened.connect(str(place.socket_path(running.home)))
            opened.sendall(data)
            assert opened.recv(10) == b""
    assert client(running, "print(client.status()['process'])").strip().isdigit()


def test_a_thread_or_process_that_ends_leaves_no_line_open(running: RealNode) -> None:
    out = client(
        running,
        """
        import gc, os, sys, threading, warnings
        os.dup2(1, 2)
        warnings.simplefilter("always")
        def light():
            beacons.light(viewer=V, place_code=P, name="丙", watchers=["丁"])
        thread = threading.Thread(target=light)
        thread.start(); thread.join(); gc.collect()
        light()
        print("done", flush=True)
        """,
    )
    assert out == "done\n"


def test_the_socket_is_private(running: RealNode) -> None:
    assert (running.home / "writer.sock").stat().st_mode & 0o777 == 0o600


def test_a_long_home_gets_a_short_address(tmp_path: Path) -> None:
    home = tmp_path / ("很长的文件夹名" * 6)
    address = place.socket_path(home)
    assert len(os.fsencode(address)) <= 107
    assert address == place.socket_path(home)


def test_without_a_writer_the_caller_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from fengsui.foundation.access.problems import Problem
    from fengsui.foundation.journal import client as door

    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(door, "CALL_SECONDS", 0.05)
    with pytest.raises(Problem, match="writer_away"):
        door.call("anything", {})
