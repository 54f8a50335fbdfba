"""`fengsui up`: run this node until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import http.client
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from fengsui.config import logs, notify, tls, upgrading
from fengsui.config.home import home_folder
from fengsui.config.supervisor import Child, Supervisor

log = logging.getLogger("fengsui.up")
READY_SECONDS = 120.0
LOOK_SECONDS = 0.1
REAL_CHANNEL_VARIABLES = ("FENGSUI_SMTP_URL",)


class CannotStart(Exception):
    """Why not, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("up", help="运行本节点 / run this node until Ctrl-C")
    parser.add_argument("--demo", action="store_true", help="invented county, loopback only")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--https", action="store_true", help="用证书 / with a certificate")
    parser.add_argument("--hint-port", type=int, default=0, help="plain page that leads to HTTPS")


def run(args: argparse.Namespace) -> int:
    home = home_folder()
    logs.set_up("supervisor", home)
    try:
        upgrading.before_start(home)
        check(args.demo, args.host, args.port)
        secure = None
        if args.https or os.environ.get("FENGSUI_TLS_CERT"):
            secure = tls.find(home)
        with only_one(home):
            # Again, now that nobody else can: an upgrade may have ended since the first look.
            upgrading.check_is_current()
            is_well = supervise(args.demo, args.host, args.port, home, secure, args.hint_port)
        if not is_well:
            upgrading.take_back(home)
        return int(not is_well)
    except (CannotStart, upgrading.NotNowError, tls.NoCertificateError) as reason:
        sys.stderr.write(f"{reason}\n")
        return 1


def check(demo: bool, host: str, port: int) -> None:
    if demo and not is_loopback(host):
        raise CannotStart(
            "演示只在本机运行：--demo 时地址必须是 127.0.0.1。",
            "The demonstration stays on this machine: with --demo the host must be 127.0.0.1.",
        )
    real = [name for name in REAL_CHANNEL_VARIABLES if os.environ.get(name)]
    if demo and real:
        raise CannotStart(
            f"演示不得接通真实渠道：请先取消环境变量 {', '.join(real)}。",
            f"The demonstration may not reach real channels: unset {', '.join(real)} first.",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"无法使用 {host}:{port}（{error.strerror}）。可能已在运行；或换一个端口 --port。",
                f"Cannot use {host}:{port} ({error.strerror}). Is it running already? "
                "Otherwise choose another --port.",
            ) from error


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Two supervisors over one folder would fight over its one writer."""
    with (home / "up.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"本目录的节点已在运行：{home}", f"A node is already running in {home}"
            ) from error
        yield


def supervise(
    demo: bool,
    host: str,
    port: int,
    home: Path,
    secure: tls.Certificate | None = None,
    hint_port: int = 0,
) -> bool:
    """Runs until told to stop. False where a new release gave up because it did not get well."""
    environment = {"FENGSUI_HOME": str(home)} | ({"FENGSUI_DEMO": "1"} if demo else {})
    if not is_loopback(host):
        environment["FENGSUI_HOSTS"] = os.environ.get("FENGSUI_HOSTS", f"{host},127.0.0.1")
    if secure is not None:
        environment |= secure.environment(host)
    children = [
        Child("writer", ["writer"], {**environment, "FENGSUI_ROLE": "writer"}),
        Child("web", ["web", host, str(port)], environment),
    ]
    if has_upstream(home) and not demo:
        children.append(Child("link", ["link"], environment))
    if has_thin_links(home) and not demo:
        children.append(Child("thin", ["thin"], environment))
    if demo:
        children.append(Child("act", ["act", host, str(port)], environment))
    if not demo and not os.environ.get("FENGSUI_DATABASE_URL"):
        children.append(Child("backup", ["backup"], environment))
    if secure is not None and hint_port:
        address = f"https://{secure.names[0]}:{port}/"
        children.append(Child("hint", ["hint", host, str(hint_port), address], environment))
    make_tables(home, environment)
    supervisor = Supervisor(children, state_file=home / "processes.json")
    supervisor.start()
    try:
        if not wait_until_ready(supervisor, host, port, secure is not None, home):
            return supervisor.stopping.is_set()
        upgrading.after_start(home)
        notify.ready()
        announce(demo, host, port, environment)
        supervisor.watch()
    finally:
        supervisor.stop()
    return True


def make_tables(home: Path, environment: dict[str, str]) -> None:
    """Before a node's first start: no process is to look for tables that are not there yet."""
    if (home / "local.db").exists():
        return
    # The pipe stays open while it works: a child whose input closes has lost its supervisor.
    with subprocess.Popen(
        [sys.executable, "-m", "fengsui.config.processes", "migrate"],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
    ) as child:
        made = child.wait()
    if made != 0:
        raise CannotStart(
            "数据库建不起来，请看 logs/migrate.log。",
            "The databases could not be made; see logs/migrate.log.",
        )


def has_upstream(home: Path) -> bool:
    """Whether this node is told of one above it (`fengsui link add`)."""
    return bool(os.environ.get("FENGSUI_UPSTREAM")) or (home / "upstream.json").exists()


def has_thin_links(home: Path) -> bool:
    """Whether a terminal or radio hangs on this machine (`fengsui telegram link`)."""
    return (home / "thin_links.json").exists()


def wait_until_ready(
    supervisor: Supervisor, host: str, port: int, is_secure: bool, home: Path
) -> bool:
    """False where it was told to stop meanwhile, or where a new release is on trial too long."""
    started = time.monotonic()
    told = False
    while not supervisor.stopping.wait(LOOK_SECONDS):
        supervisor.look()
        if is_healthy(host, port, is_secure):
            return True
        if not told and time.monotonic() - started > READY_SECONDS:
            told = True
            log.error("not ready after %.0f s; see logs, or run: fengsui doctor", READY_SECONDS)
            if upgrading.is_on_trial(home):
                return False
    return False


def is_healthy(host: str, port: int, is_secure: bool = False) -> bool:
    reachable = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 - only compared
    connection = http.client.HTTPConnection(reachable, port, timeout=2)
    if is_secure:
        context = tls.looking_at_ourselves()
        connection = http.client.HTTPSConnection(reachable, port, timeout=2, context=context)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(demo: bool, host: str, port: int, environment: dict[str, str]) -> None:
    scheme = "https" if environment.get("FENGSUI_HTTPS") else "http"
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    say(f"\n烽燧 Fengsui  {address}\n")
    if not demo:
        return
    say("演示县，人员均为虚构。一次性登录链接（每个只能用一次，再次启动会给新的）：")
    say("An invented county. Sign-in links, each works once; starting again gives new ones:\n")
    for person in sign_in_links(environment):
        say(f"  {person['title']}  {person['name']}\n    {address}/link/{person['token']}")
    say("\n按 Ctrl-C 停止 / Ctrl-C stops it")


def sign_in_links(environment: dict[str, str]) -> list[dict[str, Any]]:
    finished = subprocess.run(
        [sys.executable, "-m", "fengsui.config.processes", "prepare"],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    if finished.returncode != 0:
        log.error("the demonstration could not be prepared; see logs/prepare.log")
        return []
    people: list[dict[str, Any]] = json.loads(finished.stdout)
    return people


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
